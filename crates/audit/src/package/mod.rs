//! The archive package (归档包): one canonical tar. `docs/formats/archive.md`.

mod build;
pub mod disclosure;
mod lenient;
mod manifest;
mod register;

pub(crate) use build::entry_bytes;
pub use build::{BuildError, PackageParts, build};
pub use manifest::{FileLine, Manifest, WithheldLine};
pub use register::{Register, RegisterClosed, RegisterCreated, RegisterLine};

use record::{Digest, Entry, StrictError, TarError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Names in the package.
pub const MANIFEST: &str = "manifest.json";
/// The final checkpoint.
pub const CHECKPOINT: &str = "checkpoint.note";
/// The register's part.
pub const REGISTER: &str = "register.json";
/// The extract of the outcome, in the public profile.
pub const OUTCOME: &str = "outcome.json";
/// Directory of the entries.
pub const ENTRIES: &str = "entries/";
/// Directory of earlier checkpoints.
pub const CHECKPOINTS: &str = "checkpoints/";
/// Directory of blobs.
pub const BLOBS: &str = "blobs/";
/// Directory of personal signatures in custody, in the full profile.
pub const CUSTODY: &str = "custody/";

/// Greatest length of one entry file and of the register file, in bytes.
const MAX_ENTRY: usize = 4 * 1024 * 1024;
/// Greatest length of the manifest, in bytes.
const MAX_MANIFEST: usize = 64 * 1024 * 1024;

/// Name of the file of an entry.
pub fn entry_file(index: u64) -> String {
    format!("{ENTRIES}{index:08}.json")
}

/// Name of the file of an earlier checkpoint.
pub fn checkpoint_file(size: u64) -> String {
    format!("{CHECKPOINTS}{size:08}.note")
}

/// Name of the file with an act's personal signature in custody.
pub fn custody_file(index: u64) -> String {
    format!("{CUSTODY}{index:08}.json")
}

/// Name of the file of a blob.
pub fn blob_file(digest: &Digest) -> String {
    format!("{BLOBS}{digest}")
}

/// Who a package is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Regulator and court: every body; replayed.
    Full,
    /// Anybody: what [`disclosure::is_public`] names; checked as far as disclosed.
    Public,
}

/// Bounds of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of content.
    pub total: u64,
    /// Most files.
    pub files: usize,
}

/// 4 GiB in 100,000 files.
impl Default for Limits {
    fn default() -> Self {
        Limits {
            total: 4 << 30,
            files: 100_000,
        }
    }
}

/// Why bytes are no package at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// The tar can't be read: cut off, above the limits, or no tar.
    #[error("package: {0}")]
    Tar(#[from] TarError),
    /// There is no manifest.
    #[error("manifest.json is missing")]
    NoManifest,
    /// The manifest can't be read.
    #[error("manifest.json: {0}")]
    Manifest(#[from] StrictError),
    /// The manifest is of another format.
    #[error("manifest.json: format is not conclave.package/1")]
    Format,
}

/// A package that can be read; nothing in it is checked yet.
#[derive(Debug, Clone)]
pub struct Package {
    manifest: Manifest,
    files: BTreeMap<String, Vec<u8>>,
    slack: Option<TarError>,
}

/// Reads a package within `limits`.
///
/// A tar that is readable and not canonical is read all the same, so that its content can be judged;
/// [`Package::slack`] tells.
///
/// # Errors
/// [`Unusable`].
pub fn read(bytes: &[u8], limits: Limits) -> Result<Package, Unusable> {
    let (files, slack) = match record::tar::decode(bytes, limits.total, limits.files) {
        Ok(files) => (files, None),
        Err(fault @ TarError::NotCanonical { .. }) => (lenient::files(bytes, limits, &fault)?, Some(fault)),
        Err(fault) => return Err(fault.into()),
    };
    let bytes = files.get(MANIFEST).ok_or(Unusable::NoManifest)?;
    let manifest: Manifest = record::strict::from_slice_within(bytes, MAX_MANIFEST)?;
    if manifest.format != manifest::FORMAT {
        return Err(Unusable::Format);
    }
    Ok(Package {
        manifest,
        files,
        slack,
    })
}

impl Package {
    /// The manifest.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Who the package is for, as its manifest says.
    pub fn profile(&self) -> Profile {
        self.manifest.profile
    }

    /// Every file by name.
    pub fn files(&self) -> &BTreeMap<String, Vec<u8>> {
        &self.files
    }

    /// The content of a file.
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// What makes the tar not canonical.
    pub fn slack(&self) -> Option<&TarError> {
        self.slack.as_ref()
    }

    /// The files of a directory (name with the slash), in order.
    pub fn directory<'a>(&'a self, name: &'a str) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        self.files
            .range(name.to_owned()..)
            .take_while(move |(file, _)| file.starts_with(name))
            .map(|(file, bytes)| (file.as_str(), bytes.as_slice()))
    }

    /// The entries in order of their files, each with its file name; `Err` tells why a file is no entry.
    pub fn entries(&self) -> Vec<(String, Result<Entry, String>)> {
        let read = |bytes| record::strict::from_slice_within(bytes, MAX_ENTRY).map_err(|e| e.to_string());
        self.directory(ENTRIES)
            .map(|(file, bytes)| (file.to_owned(), read(bytes)))
            .collect()
    }

    /// The register's part; `Err` tells why it can't be read.
    ///
    /// # Errors
    /// What is wrong, with the byte.
    pub fn register(&self) -> Result<Register, String> {
        let bytes = self.file(REGISTER).ok_or_else(|| "missing".to_owned())?;
        record::strict::from_slice_within(bytes, MAX_ENTRY).map_err(|e| e.to_string())
    }
}
