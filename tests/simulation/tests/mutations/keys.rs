//! Every key of an evaluation, and what an attacker who holds some of them signs again.

use crate::mutations::parcel::{Parcel, body};
use client::rehearsal::{KeyWithPin, Post, Seated};
use conclave_simulation::{Seeded, World};
use evaluation::certificates::Subject;
use evaluation::custody::Custody;
use evaluation::personal::{self, PersonalSignature};
use record::{
    Body, Checkpoint, Core, Entry, KeyAlgorithm, Leaf, Opening, PublicKey, Salt, Signature, SignedCheckpoint,
    Tree, VerifierKey, commit_attachment, signing_input,
};
use sealing::Random as _;
use sealing::ed25519::Ed25519Key;
use sealing::sign::SigningKeyPair;
use std::collections::{BTreeMap, BTreeSet};

pub(crate) struct NoteKey {
    pub(crate) key: Ed25519Key,
    pub(crate) verifier: VerifierKey,
}

impl NoteKey {
    pub(crate) fn new(key: Ed25519Key, name: &str, algorithm: KeyAlgorithm) -> NoteKey {
        let verifier = VerifierKey::new(name, algorithm, key.public()).expect("a key name");
        NoteKey { key, verifier }
    }
}

/// Keys of acts, certified persons and notes.
pub(crate) struct Keys {
    pub(crate) actors: BTreeMap<PublicKey, SigningKeyPair>,
    /// The centre's key of acts.
    pub(crate) centre: PublicKey,
    pub(crate) log: NoteKey,
    pub(crate) witnesses: Vec<NoteKey>,
}

impl Keys {
    /// Takes everybody's keys out of a world after its run; those of bidders come out of their seeded source again.
    pub(crate) fn of(world: &World, seed: u64, parcel: &Parcel) -> Keys {
        let unlock = |key: &KeyWithPin| key.unlock().expect("the seat's PIN");
        let mut pairs = vec![unlock(&world.cast.act)];
        let centre = PublicKey(pairs[0].public_key());
        let mut witnesses = Vec::new();
        for seat in &world.cast.seats {
            match &seat.post {
                Post::LogWitness { name } => {
                    let key = seat.key.unlock_ed25519().expect("the witness's PIN");
                    witnesses.push(NoteKey::new(key, name, KeyAlgorithm::Cosignature));
                    continue;
                }
                Post::SiteDesk { members, .. } => {
                    pairs.extend(members.iter().map(|member| unlock(&member.key)))
                }
                _ => {}
            }
            pairs.push(unlock(&seat.key));
            let mut random = Seeded::new(seed, &seat.name);
            let drawn = (0..4).map(|_| {
                let key = SigningKeyPair::generate(&mut random.clone());
                random.fill(&mut [0; 32]);
                key
            });
            pairs.extend(drawn);
        }
        let authors = world.seats.values().filter_map(|seated| match seated {
            Seated::Desk(desk, _) => Some(desk.author.key().secret().to_secret_bytes()),
            _ => None,
        });
        let scalars =
            authors.map(|bytes| sealing::curve::SecretScalar::from_bytes(bytes.expose()).expect("a scalar"));
        pairs.extend(scalars.map(SigningKeyPair::from_secret));
        let keys = Keys {
            actors: pairs
                .into_iter()
                .map(|pair| (PublicKey(pair.public_key()), pair))
                .collect(),
            centre,
            log: NoteKey::new(
                world.cast.log.unlock_ed25519().expect("the log's PIN"),
                "centre.rehearsal",
                KeyAlgorithm::LogEd25519,
            ),
            witnesses,
        };
        for entry in &parcel.entries {
            let actor = body(entry).expect("full").core.actor;
            assert!(
                keys.actors.contains_key(&actor),
                "key of act {} is not at hand",
                entry.index
            );
        }
        keys
    }

    /// Signs an entry with its actor's key. False when the key is not there.
    pub(crate) fn sign(&self, entry: &mut Entry) -> bool {
        let Leaf::Header {
            header,
            commitment,
            signature,
        } = &mut entry.leaf
        else {
            return false;
        };
        match self.actors.get(&header.actor) {
            Some(key) => {
                *signature = Signature(key.sign(&signing_input(header, commitment)));
                true
            }
            None => false,
        }
    }

    /// A checkpoint of the log over the first leaves, cosigned by witnesses at their times.
    pub(crate) fn checkpoint(&self, parcel: &Parcel, size: u64, cosigned: &[(usize, u64)]) -> String {
        let root = parcel.tree().root_at(size).expect("so many leaves");
        let checkpoint = Checkpoint {
            origin: record::origin_line(&parcel.manifest.origin),
            size,
            root,
        };
        let sign = |message: &[u8]| self.log.key.sign(message);
        let mut note = record::sign_checkpoint(&checkpoint, &self.log.verifier, sign).expect("signs");
        for (witness, seconds) in cosigned {
            let witness = &self.witnesses[*witness];
            note.cosign(&witness.verifier, *seconds, |message| witness.key.sign(message))
                .expect("cosigns");
        }
        note.format()
    }

    /// Who cosigned a note, and when.
    pub(crate) fn cosigned(&self, note: &str) -> Vec<(usize, u64)> {
        let note = SignedCheckpoint::parse(note.as_bytes()).expect("a note");
        let times = self.witnesses.iter().enumerate();
        times
            .filter_map(|(n, witness)| Some((n, note.verify_cosignature(&witness.verifier).ok()?)))
            .collect()
    }

    /// All notes anew over the entries as they are, cosigned by whom and when they were.
    pub(crate) fn renew_notes(&self, parcel: &mut Parcel) {
        let size = parcel.len();
        parcel.history.retain(|kept, _| *kept < size);
        for (kept, note) in parcel.history.clone() {
            let renewed = self.checkpoint(parcel, kept, &self.cosigned(&note));
            parcel.history.insert(kept, renewed);
        }
        parcel.checkpoint = self.checkpoint(parcel, size, &self.cosigned(&parcel.checkpoint));
        self.renew_register(parcel);
    }

    /// The register anew: about the first leaf and the head of the entries as they are.
    pub(crate) fn renew_register(&self, parcel: &mut Parcel) {
        let tree = parcel.tree();
        let lines = parcel.register.entries.iter_mut();
        let mut register = Tree::new();
        let mut entries = Vec::new();
        for line in lines {
            let mut body = body(&line.entry).expect("disclosed");
            let mut payload = body.core.payload.clone();
            if body.core.kind == "register.record_created" {
                payload["first_leaf"] = serde_json::json!(tree.leaf(0).expect("a leaf"));
            } else {
                payload["size"] = serde_json::json!(tree.size());
                payload["root"] = serde_json::json!(tree.root());
            }
            body = Body::new(Core { payload, ..body.core }, body.attachments).expect("a body");
            crate::mutations::parcel::set_body(&mut line.entry, &body);
            self.sign(&mut line.entry);
            register.push(line.entry.leaf_hash());
            entries.push(line.entry.clone());
        }
        // A register of nothing but these lines: that is the smallest that a forger can make.
        for (index, line) in (0..).zip(&mut parcel.register.entries) {
            line.entry.index = index;
            line.inclusion = register.inclusion(index, register.size()).expect("a leaf");
        }
        let old = parcel.register.checkpoint.checkpoint().clone();
        let checkpoint = Checkpoint {
            size: register.size(),
            root: register.root(),
            ..old
        };
        let sign = |message: &[u8]| self.log.key.sign(message);
        parcel.register.checkpoint =
            record::sign_checkpoint(&checkpoint, &self.log.verifier, sign).expect("signs");
    }

    /// Writes a record again as the holder of every key: `change` sees each act before it is signed, and drops it by
    /// giving false; what acts have seen, the head that `archived` carries and every signature follow.
    pub(crate) fn rewrite(
        &self,
        base: &Parcel,
        mut change: impl FnMut(u64, &mut Draft, &Tree) -> bool,
    ) -> Parcel {
        let mut tree = Tree::new();
        let mut gone = BTreeSet::new();
        let mut blobs = Vec::new();
        let mut parcel = Parcel {
            entries: Vec::new(),
            custody: BTreeMap::new(),
            ..base.clone()
        };
        for (index, entry) in (0..).zip(&base.entries) {
            let old = body(entry).expect("full");
            let mut draft = Draft {
                core: old.core.clone(),
                openings: entry.openings.clone(),
                commitments: old.attachments.clone(),
                time: entry.time,
                person: None,
            };
            let before = gone.range(..draft.core.seen.size).count() as u64;
            draft.core.seen.size -= before;
            draft.core.seen.root = tree.root_at(draft.core.seen.size).expect("seen");
            if draft.core.kind == "archived" {
                draft.core.payload["head"] = serde_json::json!({"size": tree.size(), "root": tree.root()});
                draft.core.payload["manifest"] = serde_json::json!(audit::blobs::manifest_digest(&blobs));
            }
            if !change(index, &mut draft, &tree) {
                gone.insert(index);
                continue;
            }
            blobs.extend(audit::named_blobs(&draft.core));
            let entry = self.written(entry, &old, draft);
            if let Some(kept) = base.custody.get(&index) {
                let mut custody = Custody::parse(kept).expect("a custody file");
                custody.index = tree.size();
                parcel.custody.insert(tree.size(), custody.to_json_bytes());
            }
            tree.push(entry.leaf_hash());
            parcel.entries.push(entry);
        }
        parcel
    }

    fn written(&self, entry: &Entry, old: &Body, mut draft: Draft) -> Entry {
        let mut entry = Entry {
            time: draft.time,
            openings: BTreeMap::new(),
            ..entry.clone()
        };
        let bare = Body::new(draft.core.clone(), BTreeMap::new()).expect("a body");
        if bare.core_bytes != old.core_bytes || draft.person.is_some() {
            self.sign_personally(&bare, &mut draft);
        }
        for (name, opening) in &draft.openings {
            draft.commitments.insert(
                name.clone(),
                commit_attachment(name, &opening.salt, &opening.value),
            );
        }
        let body = Body::new(draft.core, draft.commitments).expect("a body");
        entry.openings = draft.openings;
        if body.bytes != old.bytes {
            crate::mutations::parcel::set_body(&mut entry, &body);
            assert!(self.sign(&mut entry), "every key is at hand");
        }
        entry
    }

    /// An opened personal signature follows the core; one by another person is opened.
    fn sign_personally(&self, bare: &Body, draft: &mut Draft) {
        let opened = draft
            .openings
            .get(personal::ATTACHMENT)
            .map(|opening| opening.value.clone());
        let chain = match (draft.person.take(), opened) {
            (Some(chain), _) => chain,
            (None, Some(value)) => {
                serde_json::from_slice::<PersonalSignature>(&value)
                    .expect("a personal signature")
                    .certificate
            }
            (None, None) => return,
        };
        let mut value = PersonalSignature {
            format: PersonalSignature::FORMAT.to_owned(),
            template: personal::template(&bare.core.kind),
            certificate: chain,
            signature: Signature([0; 64]),
        };
        let subject = Subject::read(&value.chain().expect("base64")[0]).expect("a certificate");
        let text = personal::text(&bare.core).expect("a text");
        let key = self
            .actors
            .get(&subject.key)
            .expect("every member's key is at hand");
        value.signature = Signature(key.sign(&personal::message(&bare.core_digest(), &text)));
        let value = serde_json::to_vec(&value).expect("JSON");
        draft.openings.insert(
            personal::ATTACHMENT.to_owned(),
            Opening {
                salt: Salt([7; 32]),
                value,
            },
        );
    }
}

/// An act about to be signed.
pub(crate) struct Draft {
    pub(crate) core: Core,
    pub(crate) openings: BTreeMap<String, Opening>,
    pub(crate) commitments: BTreeMap<String, record::Digest>,
    pub(crate) time: u64,
    /// Certificate chain of another person who signs personally.
    pub(crate) person: Option<Vec<String>>,
}
