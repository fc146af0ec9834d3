//! A package taken apart, and packed again with everything recomputed that takes no key.

use audit::package::{
    FileLine, Manifest, Profile, Register, blob_file, checkpoint_file, custody_file, disclosure, entry_file,
};
use record::{Body, Digest, Entry, Header, Leaf, SignedCheckpoint, Tree, commit_body};
use std::collections::BTreeMap;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// A package in its parts.
#[derive(Clone)]
pub(crate) struct Parcel {
    /// Profile, origin and external blobs; files, size, root and what is withheld are recomputed.
    pub(crate) manifest: Manifest,
    pub(crate) entries: Vec<Entry>,
    pub(crate) checkpoint: String,
    pub(crate) history: BTreeMap<u64, String>,
    pub(crate) register: Register,
    pub(crate) blobs: BTreeMap<Digest, Vec<u8>>,
    pub(crate) outcome: Option<Vec<u8>>,
    /// Custody files by the index in their name.
    pub(crate) custody: BTreeMap<u64, Vec<u8>>,
    /// Files that replace those of the parts, or come besides.
    pub(crate) extra: Files,
    /// Bytes after the end of the tar.
    pub(crate) slack: usize,
}

pub(crate) fn files(package: &[u8]) -> Files {
    record::tar::decode(package, u64::MAX, usize::MAX).expect("a canonical tar")
}

fn json<T: serde::de::DeserializeOwned>(files: &Files, name: &str) -> T {
    serde_json::from_slice(&files[name]).expect("a file of the format")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

impl Parcel {
    pub(crate) fn read(package: &[u8]) -> Parcel {
        let files = files(package);
        let under = |folder: &'static str| files.iter().filter(move |(name, _)| name.starts_with(folder));
        let number = |name: &str| name["checkpoints/".len()..][..8].parse().expect("a number");
        Parcel {
            manifest: json(&files, "manifest.json"),
            entries: under("entries/").map(|(name, _)| json(&files, name)).collect(),
            checkpoint: text(&files["checkpoint.note"]),
            history: under("checkpoints/")
                .map(|(name, note)| (number(name), text(note)))
                .collect(),
            register: json(&files, "register.json"),
            blobs: under("blobs/")
                .map(|(_, bytes)| (Digest::of(bytes), bytes.clone()))
                .collect(),
            outcome: files.get("outcome.json").cloned(),
            custody: under("custody/")
                .map(|(name, bytes)| {
                    (
                        name["custody/".len()..][..8].parse().expect("a number"),
                        bytes.clone(),
                    )
                })
                .collect(),
            extra: Files::new(),
            slack: 0,
        }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.manifest.profile == Profile::Full
    }

    pub(crate) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(crate) fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        for entry in &self.entries {
            tree.push(entry.leaf_hash());
        }
        tree
    }

    /// The entry at an index.
    pub(crate) fn entry(&mut self, index: u64) -> &mut Entry {
        let index = usize::try_from(index).expect("small");
        &mut self.entries[index]
    }

    /// Indexes of entries that a predicate takes.
    pub(crate) fn which(&self, takes: impl Fn(&Entry) -> bool) -> Vec<u64> {
        (0..)
            .zip(&self.entries)
            .filter(|(_, entry)| takes(entry))
            .map(|(index, _)| index)
            .collect()
    }

    pub(crate) fn of_kind(&self, wanted: &str) -> Vec<u64> {
        self.which(|entry| kind(entry) == wanted)
    }

    /// The package: entries numbered anew, manifest and tar made anew.
    pub(crate) fn pack(&self) -> Vec<u8> {
        let mut files: Files = self
            .blobs
            .iter()
            .map(|(digest, bytes)| (blob_file(digest), bytes.clone()))
            .collect();
        let mut withheld = Vec::new();
        for (index, entry) in (0..).zip(&self.entries) {
            let entry = Entry {
                index,
                ..entry.clone()
            };
            withheld.extend(disclosure::withheld(&entry).filter(|_| !self.is_full()));
            files.insert(entry_file(index), serde_json::to_vec(&entry).expect("JSON"));
        }
        files.extend(
            self.history
                .iter()
                .map(|(size, note)| (checkpoint_file(*size), note.clone().into_bytes())),
        );
        files.insert("checkpoint.note".to_owned(), self.checkpoint.clone().into_bytes());
        files.insert("register.json".to_owned(), self.register.to_json_bytes());
        files.extend(
            self.outcome
                .iter()
                .map(|bytes| ("outcome.json".to_owned(), bytes.clone())),
        );
        files.extend(
            self.custody
                .iter()
                .map(|(index, bytes)| (custody_file(*index), bytes.clone())),
        );
        files.extend(self.extra.clone());
        let line = |(name, content): (&String, &Vec<u8>)| FileLine {
            name: name.clone(),
            digest: Digest::of(content),
            size: content.len() as u64,
        };
        let note = SignedCheckpoint::parse(self.checkpoint.as_bytes());
        let head = note.map_or((self.manifest.size, self.manifest.root), |note| {
            (note.checkpoint().size, note.checkpoint().root)
        });
        let manifest = Manifest {
            size: head.0,
            root: head.1,
            files: files.iter().map(line).collect(),
            withheld,
            ..self.manifest.clone()
        };
        files.insert("manifest.json".to_owned(), manifest.to_json_bytes());
        let mut bytes = record::tar::encode(&files).expect("a tar");
        bytes.resize(bytes.len() + self.slack, 0);
        bytes
    }

    /// Writes size and root of the entries into the text of the final checkpoint; its signatures stay.
    pub(crate) fn retell_checkpoint(&mut self) {
        let tree = self.tree();
        let old = SignedCheckpoint::parse(self.checkpoint.as_bytes()).expect("a note");
        let checkpoint = record::Checkpoint {
            size: tree.size(),
            root: tree.root(),
            ..old.checkpoint().clone()
        };
        self.checkpoint = self.checkpoint.replacen(old.text(), &checkpoint.to_string(), 1);
    }
}

pub(crate) fn kind(entry: &Entry) -> &str {
    match &entry.leaf {
        Leaf::Header { header, .. } => &header.kind,
        Leaf::Hash(_) => "",
    }
}

/// The body of an entry that discloses one.
pub(crate) fn body(entry: &Entry) -> Option<Body> {
    entry
        .disclosed
        .as_ref()
        .map(|disclosed| Body::parse(&disclosed.body).expect("a body"))
}

/// Puts a body into an entry: header and commitment made anew, the signature left as it is.
pub(crate) fn set_body(entry: &mut Entry, body: &Body) {
    let disclosed = entry.disclosed.as_mut().expect("disclosed");
    disclosed.body.clone_from(&body.bytes);
    if let Leaf::Header {
        header, commitment, ..
    } = &mut entry.leaf
    {
        *header = Header::of(body);
        *commitment = commit_body(&disclosed.salt, &body.bytes);
    }
}

/// The signature of an entry.
pub(crate) fn signature(entry: &mut Entry) -> &mut record::Signature {
    match &mut entry.leaf {
        Leaf::Header { signature, .. } => signature,
        Leaf::Hash(_) => panic!("a package shows headers"),
    }
}
