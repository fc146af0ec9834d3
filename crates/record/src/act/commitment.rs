use super::{ActError, Header, MAX_ATTACHMENT};
use crate::{
    base64_bytes,
    ids::{Digest, PublicKey, Salt, Signature, Suite},
};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const SIGNING_TAG: &[u8] = b"conclave/act/v1\0";
const PERSONAL_TAG: &[u8] = b"conclave/personal/v1\0";

/// Order n of the P-256 group (SEC 2, 2.4.2; FIPS 186-4 D.1.2.3), big-endian.
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// (n - 1) / 2, the greatest low s.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde,
    0x73, 0x7d, 0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

/// The value of an attachment and the salt that hid it. Erasing both erases the attachment; the commitment
/// stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// The author's random salt.
    pub salt: Salt,
    /// The value; base64 in JSON. At most 32 KiB.
    #[serde(with = "base64_bytes")]
    pub value: Vec<u8>,
}

/// Commitment of a body: SHA-256(`"conclave/body/v1"` ‖ 0x00 ‖ salt ‖ body).
pub fn commit_body(salt: &Salt, body: &[u8]) -> Digest {
    Digest::tagged("conclave/body/v1", &[&salt.0, body])
}

/// Commitment of an attachment: SHA-256(`"conclave/attachment/v1"` ‖ 0x00 ‖ length of the name, one byte ‖
/// name ‖ salt ‖ value).
///
/// Names have at most 24 bytes; what is longer is in no body, and here counts as 255.
pub fn commit_attachment(name: &str, salt: &Salt, value: &[u8]) -> Digest {
    let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
    Digest::tagged(
        "conclave/attachment/v1",
        &[&[length], name.as_bytes(), &salt.0, value],
    )
}

/// What the actor signs: `"conclave/act/v1"` ‖ 0x00 ‖ header ‖ commitment of the body. Without the centre's
/// time, which the actor can't know.
pub fn signing_input(header: &Header, commitment: &Digest) -> Vec<u8> {
    [SIGNING_TAG, &header.encode(), &commitment.0].concat()
}

/// What a personal signature covers: `"conclave/personal/v1"` ‖ 0x00 ‖ core digest
/// ([`super::Body::core_digest`]) ‖ SHA-256 of the zh-CN text the person read, in UTF-8.
pub fn personal_signing_input(core_digest: &Digest, text: &str) -> Vec<u8> {
    [PERSONAL_TAG, &core_digest.0, &Digest::of(text.as_bytes()).0].concat()
}

/// The low form of a P-256 signature: s, or n - s where s is above (n - 1) / 2. Both verify; only the low is
/// accepted.
///
/// A signature with s outside 1..n, which verifies under no key, is returned as it is.
pub fn low_s(signature: &Signature) -> Signature {
    let mut out = *signature;
    let s = &mut out.0[32..];
    if *s > HALF_ORDER[..] && *s < ORDER[..] {
        let mut borrow = false;
        for (digit, order) in s.iter_mut().zip(ORDER).rev() {
            let (difference, under) = order.overflowing_sub(*digit);
            let (difference, under_again) = difference.overflowing_sub(u8::from(borrow));
            *digit = difference;
            borrow = under || under_again;
        }
    }
    out
}

pub(super) fn verify_signature(
    header: &Header,
    commitment: &Digest,
    signature: &Signature,
) -> Result<(), ActError> {
    if header.suite != Suite::International {
        return Err(ActError::UnsupportedSuite(header.suite));
    }
    verify_p256(&header.actor, &signing_input(header, commitment), signature)
}

fn verify_p256(key: &PublicKey, message: &[u8], signature: &Signature) -> Result<(), ActError> {
    if signature.0[32..] > HALF_ORDER[..] {
        return Err(ActError::HighS);
    }
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.0)
        .verify(message, &signature.0)
        .map_err(|_| ActError::Signature)
}

pub(super) fn verify_openings(
    declared: &BTreeMap<String, Digest>,
    openings: &BTreeMap<String, Opening>,
) -> Result<(), ActError> {
    for (name, Opening { salt, value }) in openings {
        let commitment = declared
            .get(name)
            .ok_or_else(|| ActError::UndeclaredOpening(name.clone()))?;
        if value.len() > MAX_ATTACHMENT {
            return Err(ActError::OpeningTooLarge {
                name: name.clone(),
                size: value.len(),
            });
        }
        if commit_attachment(name, salt, value) != *commitment {
            return Err(ActError::OpeningMismatch(name.clone()));
        }
    }
    Ok(())
}
