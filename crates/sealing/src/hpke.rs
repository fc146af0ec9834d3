//! HPKE (RFC 9180), base mode, one message a key: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256,
//! AES-256-GCM (KEM 0x0010, KDF 0x0001, AEAD 0x0002).
//!
//! Written out here rather than taken from a crate because the receiver's private operation may
//! happen elsewhere: in a token, or by partial decryptions of several holders. Both give the
//! x-coordinate of the shared point only ([`open_with_shared`]).

use hkdf::Hkdf;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Random;
use crate::bytes::{base64_vec, hex_array};
use crate::curve::{P256, Point, SecretScalar};
use crate::secret::SharedPoint;

/// Bytes a ciphertext is longer than its plaintext.
pub const TAG: usize = 16;

const KEM: &[u8] = b"KEM\x00\x10";
const AES_256: Aead = Aead {
    suite: b"HPKE\x00\x10\x00\x01\x00\x02",
    key_length: 32,
};

/// What the key schedule needs to know of the AEAD; a value, so that the schedule is also tested
/// on the vectors of RFC 9180 that exist for other AEADs only.
struct Aead {
    suite: &'static [u8],
    key_length: usize,
}

/// A message sealed to a public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sealed {
    /// The encapsulated key: the ephemeral public key, SEC1 uncompressed.
    #[serde(with = "hex_array")]
    pub enc: [u8; 65],
    /// Ciphertext and tag.
    #[serde(with = "base64_vec")]
    pub ct: Vec<u8>,
}

impl Sealed {
    /// enc ‖ ct.
    pub fn to_bytes(&self) -> Vec<u8> {
        [&self.enc[..], &self.ct].concat()
    }

    /// Splits enc ‖ ct; `None` when shorter than an empty message.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (enc, ct) = bytes.split_first_chunk::<65>()?;
        (ct.len() >= TAG).then(|| Sealed {
            enc: *enc,
            ct: ct.to_vec(),
        })
    }
}

/// Why a message can't be sealed or opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HpkeError {
    /// The recipient's public key is not a point of P-256.
    #[error("the recipient's public key is not a point of P-256")]
    PublicKey,
    /// The encapsulated key is not a point of P-256.
    #[error("the encapsulated key is not a point of P-256")]
    Encapsulation,
    /// Wrong key, wrong info, wrong associated data, or changed ciphertext.
    #[error("the message does not open")]
    Open,
}

/// Seals `plaintext` to `recipient`.
///
/// # Errors
/// [`HpkeError::PublicKey`].
pub fn seal(
    recipient: &[u8; 65],
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    random: &mut dyn Random,
) -> Result<Sealed, HpkeError> {
    seal_with_ephemeral(recipient, info, aad, plaintext, &SecretScalar::random(random))
}

/// Seals with a given ephemeral secret, for a sender that proves knowledge of it. An ephemeral
/// secret is used for one message only.
///
/// # Errors
/// [`HpkeError::PublicKey`].
pub fn seal_with_ephemeral(
    recipient: &[u8; 65],
    info: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    ephemeral: &SecretScalar<P256>,
) -> Result<Sealed, HpkeError> {
    let point = Point::<P256>::from_bytes(recipient).map_err(|_| HpkeError::PublicKey)?;
    let enc = ephemeral.public().to_bytes();
    let shared = ephemeral.agree(&point);
    let secret = kem_secret(&shared, &enc, recipient);
    let (key, nonce) = aead_key(&secret, info);
    // Room for the tag from the start: growing would leave a copy of the plaintext behind.
    let mut ct = Vec::with_capacity(plaintext.len() + TAG);
    ct.extend_from_slice(plaintext);
    key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut ct)
        .expect("messages are far below the limit of AES-GCM");
    Ok(Sealed { enc, ct })
}

/// Opens a message with the private key.
///
/// # Errors
/// [`HpkeError::Encapsulation`], [`HpkeError::Open`].
pub fn open(
    secret: &SecretScalar<P256>,
    enc: &[u8; 65],
    info: &[u8],
    aad: &[u8],
    ct: &[u8],
) -> Result<Vec<u8>, HpkeError> {
    let point = Point::from_bytes(enc).map_err(|_| HpkeError::Encapsulation)?;
    let recipient = secret.public().to_bytes();
    open_with_shared(&secret.agree(&point), &recipient, enc, info, aad, ct)
}

/// Opens a message with the x-coordinate of private key times `enc`, computed elsewhere.
///
/// # Errors
/// [`HpkeError::PublicKey`], [`HpkeError::Encapsulation`], [`HpkeError::Open`].
pub fn open_with_shared(
    shared: &SharedPoint,
    recipient: &[u8; 65],
    enc: &[u8; 65],
    info: &[u8],
    aad: &[u8],
    ct: &[u8],
) -> Result<Vec<u8>, HpkeError> {
    Point::<P256>::from_bytes(recipient).map_err(|_| HpkeError::PublicKey)?;
    Point::<P256>::from_bytes(enc).map_err(|_| HpkeError::Encapsulation)?;
    let secret = kem_secret(shared, enc, recipient);
    let (key, nonce) = aead_key(&secret, info);
    let mut plaintext = ct.to_vec();
    let length = key
        .open_in_place(nonce, Aad::from(aad), &mut plaintext)
        .map_err(|_| HpkeError::Open)?
        .len();
    plaintext.truncate(length);
    Ok(plaintext)
}

/// RFC 9180, 4.1: ExtractAndExpand.
fn kem_secret(shared: &SharedPoint, enc: &[u8], recipient: &[u8]) -> Zeroizing<Vec<u8>> {
    let prk = labelled_extract(KEM, b"", b"eae_prk", shared.expose());
    labelled_expand(KEM, &prk, b"shared_secret", &[enc, recipient].concat(), 32)
}

/// RFC 9180, 5.1: KeySchedule in base mode; key and base nonce.
fn key_schedule(aead: &Aead, secret: &[u8], info: &[u8]) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
    let suite = aead.suite;
    let psk_id_hash = labelled_extract(suite, b"", b"psk_id_hash", b"");
    let info_hash = labelled_extract(suite, b"", b"info_hash", info);
    let context = [&[0][..], &psk_id_hash, &info_hash].concat();
    let prk = labelled_extract(suite, secret, b"secret", b"");
    (
        labelled_expand(suite, &prk, b"key", &context, aead.key_length),
        labelled_expand(suite, &prk, b"base_nonce", &context, 12),
    )
}

fn aead_key(secret: &[u8], info: &[u8]) -> (LessSafeKey, Nonce) {
    let (key, nonce) = key_schedule(&AES_256, secret, info);
    let key = UnboundKey::new(&AES_256_GCM, &key).expect("the schedule makes a 32-byte key");
    let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("the schedule makes 12 bytes");
    (LessSafeKey::new(key), nonce)
}

fn labelled_extract(suite: &[u8], salt: &[u8], label: &[u8], ikm: &[u8]) -> Zeroizing<Vec<u8>> {
    let input = Zeroizing::new([b"HPKE-v1", suite, label, ikm].concat());
    Zeroizing::new(Hkdf::<Sha256>::extract(Some(salt), &input).0.to_vec())
}

fn labelled_expand(suite: &[u8], prk: &[u8], label: &[u8], info: &[u8], length: usize) -> Zeroizing<Vec<u8>> {
    let size = u16::try_from(length).expect("the schedule asks for at most 32 bytes");
    let input = [&size.to_be_bytes()[..], b"HPKE-v1", suite, label, info].concat();
    let mut out = Zeroizing::new(vec![0; length]);
    Hkdf::<Sha256>::from_prk(prk)
        .expect("a pseudo-random key of 32 bytes")
        .expand(&input, &mut out)
        .expect("at most 32 bytes");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> Vec<u8> {
        hex::decode(hex).expect("hex")
    }

    fn array<const N: usize>(hex: &str) -> [u8; N] {
        bytes(hex).try_into().expect("length")
    }

    struct Vector {
        aead: Aead,
        recipient_secret: &'static str,
        recipient: &'static str,
        enc: &'static str,
        shared_secret: &'static str,
        key: &'static str,
        base_nonce: &'static str,
    }

    const INFO: &str = "4f6465206f6e2061204772656369616e2055726e";

    /// RFC 9180, A.3.1: our KEM and KDF with AES-128-GCM.
    const A_3_1: Vector = Vector {
        aead: Aead {
            suite: b"HPKE\x00\x10\x00\x01\x00\x01",
            key_length: 16,
        },
        recipient_secret: "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2",
        recipient: "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a826a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0",
        enc: "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac98536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4",
        shared_secret: "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8",
        key: "868c066ef58aae6dc589b6cfdd18f97e",
        base_nonce: "4e0bc5018beba4bf004cca59",
    };

    /// The reference vectors of the RFC's authors (test-vectors.json): exactly our suite, which
    /// the RFC's appendix does not print.
    const REFERENCE: Vector = Vector {
        aead: AES_256,
        recipient_secret: "317f915db7bc629c48fe765587897e01e282d3e8445f79f27f65d031a88082b2",
        recipient: "04abc7e49a4c6b3566d77d0304addc6ed0e98512ffccf505e6a8e3eb25c685136f853148544876de76c0f2ef99cdc3a05ccf5ded7860c7c021238f9e2073d2356c",
        enc: "04c06b4f6bebc7bb495cb797ab753f911aff80aefb86fd8b6fcc35525f3ab5f03e0b21bd31a86c6048af3cb2d98e0d3bf01da5cc4c39ff5370d331a4f1f7d5a4e0",
        shared_secret: "48893fecd82f7c3456af6a42d8f56325d21e08c10fa81299986aaff54cde7b49",
        key: "ee16802a936d5f544771131900ee6973d0551de9e852ece2ef34bf0d5f9e1d1d",
        base_nonce: "9bc50980832a7b4b58c40161",
    };

    #[test]
    fn key_schedule_matches_the_published_vectors() {
        for vector in [A_3_1, REFERENCE] {
            let secret = SecretScalar::<P256>::from_bytes(&array(vector.recipient_secret)).expect("scalar");
            let recipient = secret.public().to_bytes();
            assert_eq!(recipient.to_vec(), bytes(vector.recipient));
            let enc = array::<65>(vector.enc);
            let shared = secret.agree(&Point::from_bytes(&enc).expect("point"));
            let kem = kem_secret(&shared, &enc, &recipient);
            assert_eq!(*kem, bytes(vector.shared_secret));
            let (key, nonce) = key_schedule(&vector.aead, &kem, &bytes(INFO));
            assert_eq!(*key, bytes(vector.key));
            assert_eq!(*nonce, bytes(vector.base_nonce));
        }
    }

    #[test]
    fn opens_the_reference_ciphertext() {
        let secret = SecretScalar::from_bytes(&array(REFERENCE.recipient_secret)).expect("scalar");
        let ct = bytes(
            "58c61a45059d0c5704560e9d88b564a8b63f1364b8d1fcb3c4c6ddc1d291742465e902cd216f8908da49f8f96f",
        );
        let aad = bytes("436f756e742d30");
        let plaintext = open(&secret, &array(REFERENCE.enc), &bytes(INFO), &aad, &ct);
        assert_eq!(plaintext.expect("opens"), b"Beauty is truth, truth beauty");
    }
}
