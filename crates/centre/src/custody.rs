//! Personal signatures after their check: kept encrypted to the custodians, in no log, projection or delivery
//! (protocol 1).

use evaluation::{Role, State};
use record::Opening;
use sealing::{Random, hpke};
use serde::{Deserialize, Serialize};

/// One act's personal signature, sealed to each custodian.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Custody {
    /// `conclave.custody/1`.
    pub(crate) format: String,
    /// Index of the act.
    pub(crate) index: u64,
    /// Copies, one a custodian.
    pub(crate) copies: Vec<Copy>,
}

/// A copy for one custodian: HPKE of salt ‖ value.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Copy {
    pub(crate) custodian: String,
    pub(crate) sealed: hpke::Sealed,
}

/// Name under which custody of an act is kept beside the record.
pub(crate) fn meta_key(index: u64) -> String {
    format!("custody/{index:08}")
}

/// HPKE info: the record and the act's place.
fn info(state: &State, index: u64) -> Vec<u8> {
    let origin = state.record().map(|r| r.origin.0).unwrap_or_default();
    [
        b"conclave/act-custody/v1\0".as_slice(),
        &origin,
        &index.to_be_bytes(),
    ]
    .concat()
}

/// Seals an opening to every custodian enrolled; `None` while there is none.
pub(crate) fn seal(state: &State, index: u64, opening: &Opening, random: &mut dyn Random) -> Option<Vec<u8>> {
    let info = info(state, index);
    let plaintext = [&opening.salt.0[..], &opening.value].concat();
    let mut copies = Vec::new();
    for custodian in state.with_role(Role::Custodian) {
        let key = custodian.encryption_key?;
        let sealed = hpke::seal(&key.0, &info, b"", &plaintext, random).ok()?;
        copies.push(Copy {
            custodian: custodian.person.to_string(),
            sealed,
        });
    }
    if copies.is_empty() {
        return None;
    }
    let custody = Custody {
        format: "conclave.custody/1".to_owned(),
        index,
        copies,
    };
    Some(serde_json::to_vec(&custody).expect("strings and integers always serialise"))
}
