//! Keys and certificates of a rehearsal.

use super::authority::Authority;
use super::seat::KeyWithPin;
use crate::error::ClientError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evaluation::acts::setup::RoleAssigned;
use evaluation::{PersonId, Role, SiteId};
use record::{KeyAlgorithm, PublicKey, VerifierKey};
use sealing::Random;
use sealing::provider::{KeyFile, Pin, Purpose};
use std::num::NonZeroU32;

/// Makes keys, and certificates of one authority for them.
pub(super) struct Maker<'a> {
    pub(super) authority: Authority,
    pub(super) iterations: NonZeroU32,
    pub(super) random: &'a mut dyn Random,
    pub(super) count: u32,
}

/// A function seat.
pub(super) struct Made {
    pub(super) key: KeyWithPin,
    pub(super) public: [u8; 65],
    pub(super) person: PersonId,
    pub(super) chain: Vec<String>,
}

impl Maker<'_> {
    pub(super) fn key(&mut self, purpose: Purpose) -> Result<(KeyWithPin, Vec<u8>), ClientError> {
        let mut digits = [0; 4];
        self.random.fill(&mut digits);
        let pin = format!("{:08}", u32::from_be_bytes(digits) % 100_000_000);
        self.key_under(purpose, pin)
    }

    /// A key under a PIN that its person has already: one token holds both.
    fn key_under(&mut self, purpose: Purpose, pin: String) -> Result<(KeyWithPin, Vec<u8>), ClientError> {
        let file = KeyFile::create(purpose, &Pin::new(pin.clone()), self.iterations, self.random);
        let text = String::from_utf8(file.to_bytes()).map_err(|e| ClientError::Format(e.to_string()))?;
        Ok((KeyWithPin { file: text, pin }, file.public_bytes().to_vec()))
    }

    pub(super) fn p256(&mut self, purpose: Purpose) -> Result<(KeyWithPin, [u8; 65]), ClientError> {
        let made = self.key(purpose)?;
        Self::as_p256(made)
    }

    /// As [`Maker::key_under`], P-256.
    pub(super) fn p256_under(
        &mut self,
        purpose: Purpose,
        pin: &str,
    ) -> Result<(KeyWithPin, [u8; 65]), ClientError> {
        let made = self.key_under(purpose, pin.to_owned())?;
        Self::as_p256(made)
    }

    fn as_p256((key, public): (KeyWithPin, Vec<u8>)) -> Result<(KeyWithPin, [u8; 65]), ClientError> {
        let public = public
            .try_into()
            .map_err(|_| ClientError::Format("not a P-256 key".to_owned()))?;
        Ok((key, public))
    }

    /// A function seat: pseudonym, key, certificate that names nobody.
    pub(super) fn function(&mut self, role: Role, organisation: &str) -> Result<Made, ClientError> {
        self.count += 1;
        let person = format!("p-{:03}", self.count);
        let (key, public) = self.p256(Purpose::Function)?;
        let certificate = self.authority.certify(&person, organisation, role, &public)?;
        let person = PersonId::new(person).ok_or_else(|| ClientError::Format("person id".to_owned()))?;
        Ok(Made {
            key,
            public,
            person,
            chain: vec![STANDARD.encode(certificate)],
        })
    }
}

pub(super) fn assigned(
    made: &Made,
    role: Role,
    organisation: &str,
    site: Option<&SiteId>,
    encryption: Option<[u8; 65]>,
) -> RoleAssigned {
    RoleAssigned {
        person: made.person.clone(),
        role,
        organisation: organisation.to_owned(),
        site: site.cloned(),
        key: PublicKey(made.public),
        encryption_key: encryption.map(PublicKey),
        certificate: made.chain.clone(),
    }
}

pub(super) fn verifier(
    name: &str,
    algorithm: KeyAlgorithm,
    public: &[u8],
) -> Result<VerifierKey, ClientError> {
    let key = public
        .try_into()
        .map_err(|_| ClientError::Format("not an Ed25519 key".to_owned()))?;
    VerifierKey::new(name, algorithm, key).map_err(|e| ClientError::Format(e.to_string()))
}
