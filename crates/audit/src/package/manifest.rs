use super::Profile;
use record::{BlobRef, Digest, Origin};
use serde::{Deserialize, Serialize};

/// Format name of the manifest.
pub(super) const FORMAT: &str = "conclave.package/1";

/// `manifest.json`: what the package holds. Canonical: this order of members, no white space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// `conclave.package/1`.
    pub format: String,
    /// Who the package is for.
    pub profile: Profile,
    /// The record.
    pub origin: Origin,
    /// Number of leaves; that of the final checkpoint.
    pub size: u64,
    /// Root over them; that of the final checkpoint.
    pub root: Digest,
    /// Every file but the manifest, ordered by name.
    pub files: Vec<FileLine>,
    /// What the profile withholds, ordered by index; empty in the full profile.
    pub withheld: Vec<WithheldLine>,
    /// Blobs named by disclosed acts that are not inside, ordered by digest.
    pub external: Vec<BlobRef>,
}

/// A file of the package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileLine {
    /// Name.
    pub name: String,
    /// SHA-256 of the content.
    pub digest: Digest,
    /// Its length in bytes.
    pub size: u64,
}

/// What is withheld of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WithheldLine {
    /// Index of the leaf.
    pub index: u64,
    /// `body`, or `opening:<name>` of each attachment that the body declares.
    pub what: Vec<String>,
}

impl Manifest {
    /// The canonical bytes.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings, numbers and lists always serialise")
    }
}
