//! Personal signatures in custody: after their check at admission sealed to the custodians, in no log, projection or
//! delivery; the full archive package carries them (protocol 1, 7; `docs/formats/archive.md`, 7).

use crate::role::{PersonId, Role};
use crate::state::State;
use record::{Opening, Origin, PublicKey, Salt};
use sealing::provider::{Agree, KeyError};
use sealing::{Random, hpke};
use serde::{Deserialize, Serialize};

/// Format name.
pub const FORMAT: &str = "conclave.custody/1";

/// Greatest length of a custody file, in bytes.
pub const MAX_CUSTODY: usize = 64 * 1024 * 1024;

const INFO: &[u8] = b"conclave/act-custody/v1\0";
/// Length of the salt before the value.
const SALT: usize = 32;

/// One act's personal signature, sealed to each custodian. Canonical: this order of members, no white space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Custody {
    /// [`FORMAT`].
    pub format: String,
    /// Index of the act.
    pub index: u64,
    /// One copy a custodian, in the order of [`custodians`].
    pub copies: Vec<CustodyCopy>,
}

/// A copy for one custodian: HPKE of salt ‖ value of the attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CustodyCopy {
    /// The custodian's pseudonym.
    pub custodian: PersonId,
    /// Sealed to its encryption key.
    pub sealed: hpke::Sealed,
}

/// Why a personal signature does not come out of custody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CustodyFault {
    /// Not a custody file of the format.
    #[error("not a custody file: {0}")]
    Form(String),
    /// There is no copy for this custodian.
    #[error("no copy for this custodian")]
    Custodian,
    /// The copy does not open with the custodian's key for this act.
    #[error("the copy does not open")]
    Decryption,
    /// The custodian's own key did not do its part.
    #[error(transparent)]
    Key(KeyError),
}

/// Who keeps personal signatures now: pseudonym and HPKE key of each custodian enrolled, in key order.
pub fn custodians(state: &State) -> Vec<(PersonId, PublicKey)> {
    let custodians = state.with_role(Role::Custodian);
    custodians
        .filter_map(|party| Some((party.person.clone(), party.encryption_key?)))
        .collect()
}

/// HPKE info: the record and the act's place.
fn info(origin: &Origin, index: u64) -> Vec<u8> {
    [INFO, &origin.0, &index.to_be_bytes()].concat()
}

impl Custody {
    /// Seals an opening to every custodian enrolled; `None` while there is none.
    pub fn seal(state: &State, index: u64, opening: &Opening, random: &mut dyn Random) -> Option<Custody> {
        let info = info(&state.record()?.origin, index);
        let plaintext = [&opening.salt.0[..], &opening.value].concat();
        let copies: Option<Vec<CustodyCopy>> = custodians(state)
            .into_iter()
            .map(|(custodian, key)| {
                let sealed = hpke::seal(&key.0, &info, b"", &plaintext, random).ok()?;
                Some(CustodyCopy { custodian, sealed })
            })
            .collect();
        Some(Custody {
            format: FORMAT.to_owned(),
            index,
            copies: copies.filter(|copies| !copies.is_empty())?,
        })
    }

    /// The canonical bytes.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and integers always serialise")
    }

    /// Reads a custody file; one that is not canonical is refused.
    ///
    /// # Errors
    /// [`CustodyFault::Form`].
    pub fn parse(bytes: &[u8]) -> Result<Custody, CustodyFault> {
        let form = |fault: String| CustodyFault::Form(fault);
        let custody: Custody =
            record::strict::from_slice_within(bytes, MAX_CUSTODY).map_err(|e| form(e.to_string()))?;
        if custody.format != FORMAT {
            return Err(form(format!("format is not {FORMAT}")));
        }
        if custody.to_json_bytes() != bytes {
            return Err(form("not canonical".to_owned()));
        }
        Ok(custody)
    }

    /// Whether there is one copy for each of these custodians, in their order.
    pub fn is_for(&self, custodians: &[(PersonId, PublicKey)]) -> bool {
        let named = self.copies.iter().map(|copy| &copy.custodian);
        named.eq(custodians.iter().map(|(person, _)| person))
    }

    /// Opens the copy of a custodian, whose HPKE key is `public`, for the act at `index` of a record. What comes out is
    /// not compared with the act's commitment yet.
    ///
    /// # Errors
    /// [`CustodyFault`].
    pub fn open(
        &self,
        origin: &Origin,
        index: u64,
        custodian: &PersonId,
        public: &[u8; 65],
        agree: &mut Agree<'_>,
    ) -> Result<Opening, CustodyFault> {
        let copy = self.copies.iter().find(|copy| copy.custodian == *custodian);
        let hpke::Sealed { enc, ct } = &copy.ok_or(CustodyFault::Custodian)?.sealed;
        let shared = agree(enc).map_err(|fault| match fault {
            KeyError::Point => CustodyFault::Decryption,
            own => CustodyFault::Key(own),
        })?;
        let plaintext = hpke::open_with_shared(&shared, public, enc, &info(origin, index), b"", ct)
            .map_err(|_| CustodyFault::Decryption)?;
        let (salt, value) = plaintext
            .split_first_chunk::<SALT>()
            .ok_or(CustodyFault::Decryption)?;
        Ok(Opening {
            salt: Salt(*salt),
            value: value.to_vec(),
        })
    }
}
