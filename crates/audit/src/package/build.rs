use super::{
    CHECKPOINT, FileLine, MANIFEST, Manifest, OUTCOME, Profile, REGISTER, Register, blob_file,
    checkpoint_file, custody_file, disclosure, entry_file, manifest,
};
use crate::blobs::{self, BlobKind, Named};
use evaluation::Blobs;
use evaluation::extract::OutcomeExtract;
use record::{BlobRef, Body, Digest, Entry, Leaf, SignedCheckpoint, TarError};
use std::collections::{BTreeMap, BTreeSet};

/// What a package is built from.
pub struct PackageParts<'a> {
    /// Every entry from index 0, with everything that the full profile may disclose.
    pub entries: Vec<Entry>,
    /// The final checkpoint with its cosignatures; covers all entries.
    pub checkpoint: SignedCheckpoint,
    /// Earlier checkpoints that a quorum cosigned.
    pub history: Vec<SignedCheckpoint>,
    /// The register's part.
    pub register: Register,
    /// Custody files by index of the act ([`evaluation::custody::Custody`]); the full profile carries them.
    pub custody: BTreeMap<u64, Vec<u8>>,
    /// Where the blobs are.
    pub blobs: &'a dyn Blobs,
    /// Blobs to leave outside, where their kind may be ([`BlobKind::may_be_external`]).
    pub external: BTreeSet<Digest>,
}

/// Why no package was built.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// No entry, or the first gives only a hash.
    #[error("the record has no first entry")]
    Empty,
    /// A blob is missing that must be inside.
    #[error("blob {0} is not at hand and may not be left out")]
    Blob(Digest),
    /// The outcome can't be read, so no extract can be made of it.
    #[error("the outcome can't be read: {0}")]
    Outcome(String),
    /// A file does not fit the tar.
    #[error(transparent)]
    Tar(#[from] TarError),
}

/// Builds a package. The same parts give the same bytes.
///
/// # Errors
/// [`BuildError`].
pub fn build(parts: &PackageParts<'_>, profile: Profile) -> Result<Vec<u8>, BuildError> {
    let Some(Leaf::Header { header, .. }) = parts.entries.first().map(|entry| &entry.leaf) else {
        return Err(BuildError::Empty);
    };
    let entries: Vec<Entry> = match profile {
        Profile::Full => parts.entries.clone(),
        Profile::Public => parts.entries.iter().map(disclosure::public_entry).collect(),
    };
    let mut files = fixed_files(parts, &entries);
    let external = blob_files(parts, profile, &entries, &mut files)?;
    if profile == Profile::Full {
        let custody = parts.custody.iter();
        files.extend(custody.map(|(index, bytes)| (custody_file(*index), bytes.clone())));
    }
    let withheld = match profile {
        Profile::Full => Vec::new(),
        Profile::Public => entries.iter().filter_map(disclosure::withheld).collect(),
    };
    let line = |(name, content): (&String, &Vec<u8>)| FileLine {
        name: name.clone(),
        digest: Digest::of(content),
        size: content.len() as u64,
    };
    let checkpoint = parts.checkpoint.checkpoint();
    let manifest = Manifest {
        format: manifest::FORMAT.to_owned(),
        profile,
        origin: header.origin,
        size: checkpoint.size,
        root: checkpoint.root,
        files: files.iter().map(line).collect(),
        withheld,
        external: external.into_iter().collect(),
    };
    files.insert(MANIFEST.to_owned(), manifest.to_json_bytes());
    Ok(record::tar::encode(&files)?)
}

fn fixed_files(parts: &PackageParts<'_>, entries: &[Entry]) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for (index, entry) in (0..).zip(entries) {
        files.insert(entry_file(index), entry_bytes(entry));
    }
    for note in &parts.history {
        files.insert(
            checkpoint_file(note.checkpoint().size),
            note.format().into_bytes(),
        );
    }
    files.insert(CHECKPOINT.to_owned(), parts.checkpoint.format().into_bytes());
    files.insert(REGISTER.to_owned(), parts.register.to_json_bytes());
    files
}

/// The canonical bytes of an entry's file.
pub(crate) fn entry_bytes(entry: &Entry) -> Vec<u8> {
    serde_json::to_vec(entry).expect("an entry has string keys and no foreign type")
}

/// Puts the blobs inside that belong there; gives those that stay outside.
fn blob_files(
    parts: &PackageParts<'_>,
    profile: Profile,
    entries: &[Entry],
    files: &mut BTreeMap<String, Vec<u8>>,
) -> Result<BTreeSet<BlobRef>, BuildError> {
    let mut external = BTreeSet::new();
    for Named { blob, what } in entries.iter().flat_map(named) {
        let hidden = profile == Profile::Public && matches!(what, BlobKind::Outcome | BlobKind::Report);
        if what == BlobKind::Outcome && profile == Profile::Public {
            files.insert(OUTCOME.to_owned(), outcome_extract(parts, &blob)?);
        }
        let outside = parts.external.contains(&blob.digest);
        let left_out = hidden || (outside && what.may_be_external(profile));
        let content = (!left_out)
            .then(|| parts.blobs.blob(&blob).filter(|content| blob.matches(content)))
            .flatten();
        match content {
            Some(content) => {
                files.insert(blob_file(&blob.digest), content);
            }
            None if what.may_be_external(profile) => {
                external.insert(blob);
            }
            None => return Err(BuildError::Blob(blob.digest)),
        }
    }
    // The same bytes may be named as something that must be inside.
    external.retain(|blob| !files.contains_key(&blob_file(&blob.digest)));
    Ok(external)
}

fn named(entry: &Entry) -> Vec<Named> {
    let body = entry
        .disclosed
        .as_ref()
        .and_then(|disclosed| Body::parse(&disclosed.body).ok());
    body.map_or_else(Vec::new, |body| blobs::named(&body.core))
}

fn outcome_extract(parts: &PackageParts<'_>, blob: &BlobRef) -> Result<Vec<u8>, BuildError> {
    let bytes = parts.blobs.blob(blob).ok_or(BuildError::Blob(blob.digest))?;
    let outcome: rules::Outcome =
        serde_json::from_slice(&bytes).map_err(|e| BuildError::Outcome(e.to_string()))?;
    Ok(OutcomeExtract::of(&outcome).to_json_bytes())
}
