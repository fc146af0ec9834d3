//! Keys, certificates and acts of the tests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use conclave_audit::{Anchors, WitnessAnchor, WitnessSet};
use evaluation::personal;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use record::{
    ActId, Body, Core, DeviceId, Digest, Entry, KeyAlgorithm, Millis, Opening, Origin, PublicKey, Salt, Seen,
    Signature, SignedCheckpoint, Submission, Suite, Tree, VerifierKey, commit_attachment, commit_body,
    signing_input, verify_submission,
};
use sealing::ed25519::Ed25519Key;
use sealing::secret::SecretBytes;
use sealing::sign::SigningKeyPair;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A reproducible stream of bytes.
pub(crate) struct Counter(pub(crate) u64);

impl sealing::Random for Counter {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&Digest::of(&self.0.to_be_bytes()).0[..chunk.len()]);
        }
    }
}

/// A P-256 key with its certificate.
pub(crate) struct Identity {
    pub(crate) key: SigningKeyPair,
    pub(crate) person: String,
    pub(crate) organisation: String,
    pub(crate) certificate: Vec<String>,
}

impl Identity {
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey(self.key.public_key())
    }
}

/// A CA of the tests.
pub(crate) struct Ca {
    pub(crate) root: Vec<u8>,
    issuer: Issuer<'static, KeyPair>,
}

fn rcgen_key(key: &SigningKeyPair) -> KeyPair {
    let der = key.pkcs8().expose().to_vec();
    KeyPair::from_pkcs8_der_and_sign_algo(&der.as_slice().into(), &PKCS_ECDSA_P256_SHA256)
        .expect("a P-256 key")
}

impl Ca {
    pub(crate) fn new(seed: u64) -> Ca {
        let key = rcgen_key(&SigningKeyPair::generate(&mut Counter(seed)));
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "test root");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).expect("self-signed").der().to_vec();
        Ca {
            root,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn identity(&self, seed: u64, person: &str, organisation: &str, role: &str) -> Identity {
        let key = SigningKeyPair::generate(&mut Counter(seed));
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, person);
        params
            .distinguished_name
            .push(DnType::OrganizationName, organisation);
        params
            .distinguished_name
            .push(DnType::OrganizationalUnitName, role);
        let der = params
            .signed_by(&rcgen_key(&key), &self.issuer)
            .expect("signs")
            .der()
            .to_vec();
        Identity {
            key,
            person: person.to_owned(),
            organisation: organisation.to_owned(),
            certificate: vec![STANDARD.encode(der)],
        }
    }
}

/// A note key: log or witness.
pub(crate) struct NoteKey {
    pub(crate) key: Ed25519Key,
    pub(crate) verifier: VerifierKey,
}

impl NoteKey {
    pub(crate) fn new(seed: u8, name: &str, algorithm: KeyAlgorithm) -> NoteKey {
        let key = Ed25519Key::from_seed(SecretBytes::new([seed; 32]));
        let verifier = VerifierKey::new(name, algorithm, key.public()).expect("a key name");
        NoteKey { key, verifier }
    }
}

/// The centre's log, three witnesses and a CA.
pub(crate) struct Authorities {
    pub(crate) ca: Ca,
    pub(crate) log: NoteKey,
    pub(crate) witnesses: Vec<NoteKey>,
}

impl Authorities {
    pub(crate) fn new() -> Authorities {
        let witness = |n: u8| NoteKey::new(100 + n, &format!("witness-{n}"), KeyAlgorithm::Cosignature);
        Authorities {
            ca: Ca::new(1_000),
            log: NoteKey::new(1, "centre", KeyAlgorithm::LogEd25519),
            witnesses: (0..3).map(witness).collect(),
        }
    }

    pub(crate) fn anchors(&self) -> Anchors {
        let witness = |(n, key): (usize, &NoteKey)| WitnessAnchor {
            name: key.verifier.name().to_owned(),
            key: key.verifier.clone(),
            organisation: format!("witness organisation {n}"),
            outside: n == 0,
        };
        Anchors {
            ca_roots: vec![self.ca.root.clone()],
            log_key: self.log.verifier.clone(),
            register_key: self.log.verifier.clone(),
            witnesses: WitnessSet {
                witnesses: self.witnesses.iter().enumerate().map(witness).collect(),
                quorum: 2,
            },
            further_witnesses: Vec::new(),
        }
    }

    /// A checkpoint over the tree's first `size` leaves, cosigned by the first `count` witnesses at `seconds`.
    pub(crate) fn checkpoint(
        &self,
        origin: &Origin,
        tree: &Tree,
        size: u64,
        count: usize,
        seconds: u64,
    ) -> SignedCheckpoint {
        let root = tree.root_at(size).expect("the tree is at least so large");
        let checkpoint = record::Checkpoint {
            origin: record::origin_line(origin),
            size,
            root,
        };
        let sign = |message: &[u8]| self.log.key.sign(message);
        let mut note = record::sign_checkpoint(&checkpoint, &self.log.verifier, sign).expect("signs");
        for witness in &self.witnesses[..count] {
            note.cosign(&witness.verifier, seconds, |message| witness.key.sign(message))
                .expect("cosigns");
        }
        note
    }
}

/// An act to be written.
pub(crate) struct Draft<'a> {
    pub(crate) kind: &'a str,
    pub(crate) instance: &'a str,
    pub(crate) key: &'a SigningKeyPair,
    pub(crate) payload: Value,
    pub(crate) attachments: Vec<(&'a str, Vec<u8>)>,
    /// Who signs personally.
    pub(crate) personal: Option<&'a Identity>,
    pub(crate) time: Millis,
}

/// A record that grows.
pub(crate) struct Log {
    pub(crate) origin: Origin,
    pub(crate) tree: Tree,
    pub(crate) entries: Vec<Entry>,
}

impl Log {
    pub(crate) fn new(origin: Origin) -> Log {
        Log {
            origin,
            tree: Tree::new(),
            entries: Vec::new(),
        }
    }

    /// Signs a draft and appends it at its time.
    pub(crate) fn append(&mut self, draft: Draft<'_>) {
        let index = self.tree.size();
        let core = Core {
            suite: Suite::International,
            origin: self.origin,
            id: ActId(
                Digest::of(&index.to_be_bytes()).0[..16]
                    .try_into()
                    .expect("16 bytes"),
            ),
            actor: PublicKey(draft.key.public_key()),
            device: DeviceId([7; 16]),
            kind: draft.kind.to_owned(),
            instance: draft.instance.to_owned(),
            payload: draft.payload,
            seen: Seen {
                size: self.tree.size(),
                root: self.tree.root(),
            },
            time: draft.time,
            expires: draft.time + 60_000,
        };
        let mut values = draft.attachments;
        if let Some(person) = draft.personal {
            let bare = Body::new(core.clone(), BTreeMap::new()).expect("a body");
            values.push((personal::ATTACHMENT, personal_signature(&bare, person)));
        }
        let salt = |name: &str| Salt(Digest::tagged("test salt", &[&index.to_be_bytes(), name.as_bytes()]).0);
        let openings: BTreeMap<String, Opening> = values
            .into_iter()
            .map(|(name, value)| {
                (
                    name.to_owned(),
                    Opening {
                        salt: salt(name),
                        value,
                    },
                )
            })
            .collect();
        let commitments = openings
            .iter()
            .map(|(name, o)| (name.clone(), commit_attachment(name, &o.salt, &o.value)))
            .collect();
        let body = Body::new(core, commitments).expect("a body");
        let salt = salt("");
        let commitment = commit_body(&salt, &body.bytes);
        let signature = Signature(
            draft
                .key
                .sign(&signing_input(&record::Header::of(&body), &commitment)),
        );
        let submission = Submission {
            body: body.bytes,
            salt,
            signature,
            openings,
        };
        let act = verify_submission(&submission).expect("the act holds");
        self.tree.push(act.leaf_hash(draft.time));
        self.entries.push(act.entry(index, draft.time));
    }
}

fn personal_signature(body: &Body, person: &Identity) -> Vec<u8> {
    let text = personal::text(&body.core).expect("the type has a text");
    let message = personal::message(&body.core_digest(), &text);
    let value = json!({
        "format": "conclave.personal/1",
        "template": personal::template(&body.core.kind),
        "certificate": person.certificate,
        "signature": hex::encode(person.key.sign(&message)),
    });
    value.to_string().into_bytes()
}
