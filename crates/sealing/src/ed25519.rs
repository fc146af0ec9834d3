//! Ed25519 (RFC 8032) for log and witness keys.

use std::fmt;

use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use crate::Random;
use crate::secret::SecretBytes;

/// A log or witness key. The expanded key inside the signing library is not wiped on drop; the
/// seed is.
pub struct Ed25519Key {
    seed: SecretBytes<32>,
    pair: Ed25519KeyPair,
}

impl Ed25519Key {
    /// A new key.
    pub fn generate(random: &mut dyn Random) -> Self {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        Self::from_seed(SecretBytes::new(seed))
    }

    /// The key of a 32-byte seed (RFC 8032, 5.1.5).
    pub fn from_seed(seed: SecretBytes<32>) -> Self {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(seed.expose()).expect("every 32 bytes are a seed of Ed25519");
        Ed25519Key { seed, pair }
    }

    /// The seed, for storing under another key.
    pub fn seed(&self) -> &SecretBytes<32> {
        &self.seed
    }

    /// The public key.
    pub fn public(&self) -> [u8; 32] {
        self.pair
            .public_key()
            .as_ref()
            .try_into()
            .expect("an Ed25519 public key has 32 bytes")
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair
            .sign(message)
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature has 64 bytes")
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ed25519Key({}, [secret])", hex::encode(self.public()))
    }
}

/// Whether `signature` is the key's over `message`.
pub fn verify(public_key: &[u8; 32], message: &[u8], signature: &[u8]) -> bool {
    UnparsedPublicKey::new(&ED25519, public_key)
        .verify(message, signature)
        .is_ok()
}
