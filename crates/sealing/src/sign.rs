//! ECDSA on P-256 with SHA-256 (FIPS 186-5), signatures as r ‖ s, 64 bytes.
//!
//! Signatures are deterministic (RFC 6979) and have a low s, and only such are accepted: a
//! signature has one form, so nobody can make a second valid one without the key.

use std::fmt;

use p256::ecdsa::{Signature, SigningKey, signature::Signer};
use p256::pkcs8::EncodePrivateKey;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

use crate::Random;
use crate::curve::{P256, SecretScalar};
use crate::secret::SecretVec;

/// A P-256 key pair that signs.
pub struct SigningKeyPair {
    secret: SecretScalar<P256>,
    key: SigningKey,
    public: [u8; 65],
}

/// The key pair made on the booth PC after check-in; it names a code name and no person.
pub type EvaluationKey = SigningKeyPair;

impl SigningKeyPair {
    /// A new key pair.
    pub fn generate(random: &mut dyn Random) -> Self {
        Self::from_secret(SecretScalar::random(random))
    }

    /// The key pair of a private scalar.
    pub fn from_secret(secret: SecretScalar<P256>) -> Self {
        let key = SigningKey::from_bytes(&(*secret.to_secret_bytes().expose()).into())
            .expect("a secret scalar is in range");
        let public = secret.public().to_bytes();
        SigningKeyPair { secret, key, public }
    }

    /// The public key, SEC1 uncompressed.
    pub fn public_key(&self) -> [u8; 65] {
        self.public
    }

    /// The private scalar, for ECDH and for storing under another key.
    pub fn secret(&self) -> &SecretScalar<P256> {
        &self.secret
    }

    /// Signs a message; r ‖ s, low s.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.key.sign(message);
        signature.normalize_s().to_bytes().into()
    }

    /// The private key as PKCS #8 DER with its public key inside, as TLS stacks want it.
    pub fn pkcs8(&self) -> SecretVec {
        let secret = p256::SecretKey::from(self.key.as_nonzero_scalar());
        let document = secret.to_pkcs8_der().expect("a P-256 key has a DER form");
        SecretVec::new(document.as_bytes().to_vec())
    }
}

impl fmt::Debug for SigningKeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeyPair({}, [secret])", hex::encode(self.public))
    }
}

/// Whether `signature` (r ‖ s, low s) is the key's over `message`. False also for a malformed key.
pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    signature.len() == 64
        && signature[32..] <= HALF_ORDER[..]
        && UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, public_key)
            .verify(message, signature)
            .is_ok()
}

/// The form of a signature with a low s, for tokens that return either; `None` when r or s is
/// out of range.
pub fn normalise(signature: &[u8; 64]) -> Option<[u8; 64]> {
    let signature = Signature::from_slice(signature).ok()?;
    Some(signature.normalize_s().to_bytes().into())
}

/// (order - 1) / 2 of P-256.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde,
    0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];
