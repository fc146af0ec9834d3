use super::NoteError;
use crate::{base64_bytes, ids::Digest};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// What a verifier key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// Notes themselves, Ed25519; type byte 0x01. The log's key.
    LogEd25519,
    /// Cosignatures with time, Ed25519; type byte 0x04. A witness's key.
    Cosignature,
}

impl KeyAlgorithm {
    fn byte(self) -> u8 {
        match self {
            KeyAlgorithm::LogEd25519 => 0x01,
            KeyAlgorithm::Cosignature => 0x04,
        }
    }
}

/// A key that verifies notes. As text, and in JSON: `name+id+base64(type byte ‖ key)`, the id in hex.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VerifierKey {
    name: String,
    algorithm: KeyAlgorithm,
    key: [u8; 32],
}

/// Key names: not empty, no Unicode white space, no control characters, no `+` (c2sp.org/signed-note).
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name
            .chars()
            .any(|character| character.is_whitespace() || character.is_control() || character == '+')
}

impl VerifierKey {
    /// A key with its name.
    pub fn new(name: &str, algorithm: KeyAlgorithm, key: [u8; 32]) -> Result<VerifierKey, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Name(name.to_owned()));
        }
        Ok(VerifierKey {
            name: name.to_owned(),
            algorithm,
            key,
        })
    }

    /// Name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    /// The Ed25519 public key.
    pub fn key(&self) -> &[u8; 32] {
        &self.key
    }

    /// Id of the key: the first four bytes of SHA-256(name ‖ newline ‖ type byte ‖ key).
    pub fn id(&self) -> [u8; 4] {
        let digest = Digest::of_parts(&[self.name.as_bytes(), b"\n", &[self.algorithm.byte()], &self.key]);
        let [first, second, third, fourth, ..] = digest.0;
        [first, second, third, fourth]
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&[self.algorithm.byte()][..], &self.key].concat();
        write!(
            f,
            "{}+{}+{}",
            self.name,
            hex::encode(self.id()),
            base64_bytes::encode(&material)
        )
    }
}

impl FromStr for VerifierKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<VerifierKey, NoteError> {
        let fault = NoteError::VerifierKey;
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(fault("not name+id+key"));
        };
        let material = base64_bytes::decode(material).ok_or(fault("key is not canonical base64"))?;
        let (algorithm, key) = match material.split_first() {
            Some((0x01, key)) => (KeyAlgorithm::LogEd25519, key),
            Some((0x04, key)) => (KeyAlgorithm::Cosignature, key),
            _ => return Err(fault("key type is not 0x01 or 0x04")),
        };
        let key = key.try_into().map_err(|_| fault("key is not 32 bytes"))?;
        let key = VerifierKey::new(name, algorithm, key)?;
        if hex::encode(key.id()) != id {
            return Err(fault("key id does not belong to name and key"));
        }
        Ok(key)
    }
}

impl Serialize for VerifierKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for VerifierKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}
