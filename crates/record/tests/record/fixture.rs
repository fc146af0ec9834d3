//! Fixed keys and one act, from which the tests and the vectors are made.

use conclave_record::{
    ActId, Body, Core, DeviceId, Digest, Header, KeyAlgorithm, Opening, Origin, PublicKey, Salt, Seen,
    Signature, Submission, Suite, VerifierKey, commit_attachment, commit_body, low_s, signing_input,
};
use p256::ecdsa::{SigningKey, signature::Signer};
use ring::signature::{Ed25519KeyPair, KeyPair};
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) const ACTOR_SECRET: [u8; 32] = [0x11; 32];
pub(crate) const PERSON_SECRET: [u8; 32] = [0x22; 32];
pub(crate) const LOG_SEED: [u8; 32] = [0x33; 32];
pub(crate) const WITNESS_SEED: [u8; 32] = [0x44; 32];
pub(crate) const BODY_SALT: Salt = Salt([0x55; 32]);
pub(crate) const NOTE_SALT: Salt = Salt([0x66; 32]);
pub(crate) const CENTRE_TIME: u64 = 1_767_225_600_123;

pub(crate) fn public_key(secret: [u8; 32]) -> PublicKey {
    let key = SigningKey::from_slice(&secret).expect("a constant below the group order");
    let point = key.verifying_key().to_sec1_point(false);
    PublicKey(
        point
            .as_bytes()
            .try_into()
            .expect("an uncompressed P-256 point has 65 bytes"),
    )
}

/// RFC 6979, so the same bytes each time; s as it comes.
pub(crate) fn sign_any_s(secret: [u8; 32], message: &[u8]) -> Signature {
    let key = SigningKey::from_slice(&secret).expect("a constant below the group order");
    let signature: p256::ecdsa::Signature = key.sign(message);
    Signature(signature.to_bytes().into())
}

pub(crate) fn sign(secret: [u8; 32], message: &[u8]) -> Signature {
    low_s(&sign_any_s(secret, message))
}

pub(crate) fn core() -> Core {
    Core {
        suite: Suite::International,
        origin: Origin([0xa0; 16]),
        id: ActId([0xa1; 16]),
        actor: public_key(ACTOR_SECRET),
        device: DeviceId([0xa2; 16]),
        kind: "round.sealed".into(),
        instance: "technical/1".into(),
        payload: json!({ "note": "评分表", "size": 16_384 }),
        seen: Seen {
            size: 7,
            root: Digest::of(b"seen"),
        },
        time: 1_767_225_600_000,
        expires: 1_767_229_200_000,
    }
}

pub(crate) fn openings(values: &[(&str, Salt, &[u8])]) -> BTreeMap<String, Opening> {
    let opening = |(name, salt, value): &(&str, Salt, &[u8])| {
        (
            (*name).to_owned(),
            Opening {
                salt: *salt,
                value: value.to_vec(),
            },
        )
    };
    values.iter().map(opening).collect()
}

/// A correctly signed submission of this core with these attachments, all opened.
pub(crate) fn submission(core: Core, openings: BTreeMap<String, Opening>) -> Submission {
    let commitments = openings
        .iter()
        .map(|(name, opening)| {
            (
                name.clone(),
                commit_attachment(name, &opening.salt, &opening.value),
            )
        })
        .collect();
    let body = Body::new(core, commitments).expect("the fixture's core is allowed");
    let commitment = commit_body(&BODY_SALT, &body.bytes);
    let signature = sign(ACTOR_SECRET, &signing_input(&Header::of(&body), &commitment));
    Submission {
        body: body.bytes,
        salt: BODY_SALT,
        signature,
        openings,
    }
}

pub(crate) fn standard_submission() -> Submission {
    submission(
        core(),
        openings(&[("note", NOTE_SALT, b"only for the custodians")]),
    )
}

pub(crate) struct NoteKey {
    pub(crate) pair: Ed25519KeyPair,
    pub(crate) key: VerifierKey,
}

impl NoteKey {
    pub(crate) fn new(name: &str, algorithm: KeyAlgorithm, seed: [u8; 32]) -> NoteKey {
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).expect("any 32 bytes are a seed");
        let public = pair
            .public_key()
            .as_ref()
            .try_into()
            .expect("an Ed25519 key has 32 bytes");
        NoteKey {
            pair,
            key: VerifierKey::new(name, algorithm, public).expect("an allowed name"),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.pair
            .sign(message)
            .as_ref()
            .try_into()
            .expect("an Ed25519 signature has 64 bytes")
    }
}

pub(crate) fn log_key() -> NoteKey {
    NoteKey::new("centre.example/log", KeyAlgorithm::LogEd25519, LOG_SEED)
}

pub(crate) fn witness_key() -> NoteKey {
    NoteKey::new("site-b.example/witness", KeyAlgorithm::Cosignature, WITNESS_SEED)
}
