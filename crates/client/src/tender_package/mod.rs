//! A tender package as a clerk brings it: a plain folder, read strictly, every fault named at once (`conclave.tender/1`,
//! `docs/formats/tender-package.md`).
//!
//! [`TenderPackage`] has no public constructor: who holds one has a folder without errors.

mod documents;
mod finding;
mod policy;
mod sites;
mod tender;

pub use finding::PackageFinding;
pub use policy::{Deadline, Policy};
pub use sites::{SiteLine, Sites};
pub use tender::{DocumentLine, Tender};

use finding::Findings;
use rules::Rulebook;
pub use rules::Severity;
use serde::de::DeserializeOwned;
use std::io::Read as _;
use std::path::Path;

/// Name of the manifest in the folder.
pub const MANIFEST: &str = "tender.json";
/// Greatest length of each of the three small files, in bytes.
const MAX_FILE: usize = 64 * 1024;
/// Greatest length of a rulebook, in bytes.
const MAX_RULEBOOK: usize = 1024 * 1024;

/// A tender package that was read and has no errors.
#[derive(Clone, Debug)]
pub struct TenderPackage {
    /// What the tender is.
    pub tender: Tender,
    /// The exact bytes of the manifest: the blob `tender` of the record.
    pub tender_bytes: Vec<u8>,
    /// How it is decided.
    pub rulebook: Rulebook,
    /// The exact bytes of the rulebook: the blob `rulebook` of the record.
    pub rulebook_bytes: Vec<u8>,
    /// How this evaluation is run.
    pub policy: Policy,
    /// Where.
    pub sites: Sites,
    /// What a person should look at; no errors.
    pub warnings: Vec<PackageFinding>,
}

impl TenderPackage {
    /// Reads and checks a folder: shapes, names, digests of the documents, the rulebook against its regime, and that
    /// the files fit each other.
    ///
    /// # Errors
    /// Every finding, errors and warnings, in the order of the files; at least one is an error.
    pub fn read(folder: &Path) -> Result<Self, Vec<PackageFinding>> {
        let mut found = Findings::default();
        let read = parts(folder, &mut found);
        match read {
            Some(package) if !found.has_errors() => Ok(Self {
                warnings: found.into_list(),
                ..package
            }),
            _ => Err(found.into_list()),
        }
    }
}

fn parts(folder: &Path, found: &mut Findings) -> Option<TenderPackage> {
    let (tender_bytes, tender): (_, Tender) = small_file(folder, MANIFEST, found)?;
    tender.check(found);
    documents::check(folder, &tender.documents, found);
    let policy = small_file::<Policy>(folder, &tender.policy, found);
    let sites = small_file::<Sites>(folder, &tender.sites, found);
    let rulebook = rulebook(folder, &tender, found);
    if let Some((_, policy)) = &policy {
        policy.check(&tender.policy, found);
    }
    if let Some((_, sites)) = &sites {
        sites.check(&tender.sites, found);
    }
    let (rulebook_bytes, rulebook) = rulebook?;
    let (_, policy) = policy?;
    let (_, sites) = sites?;
    Some(TenderPackage {
        tender,
        tender_bytes,
        rulebook,
        rulebook_bytes,
        policy,
        sites,
        warnings: Vec::new(),
    })
}

fn rulebook(folder: &Path, tender: &Tender, found: &mut Findings) -> Option<(Vec<u8>, Rulebook)> {
    let name = &tender.rulebook;
    let bytes = bytes(folder, name, MAX_RULEBOOK, found)?;
    let book = match Rulebook::parse(&bytes) {
        Ok(book) => book,
        Err(error) => {
            found.shape(name, &error.to_string());
            return None;
        }
    };
    for finding in book.validate() {
        found.of_rulebook(name, finding);
    }
    if book.regime != tender.regime {
        found.error(
            MANIFEST,
            "regime",
            "与评标办法中的采购制度不一致：改为评标办法所写的制度。",
            "differs from the rulebook's regime: write the one that the rulebook has.",
        );
    }
    Some((bytes, book))
}

fn small_file<T: DeserializeOwned>(folder: &Path, name: &str, found: &mut Findings) -> Option<(Vec<u8>, T)> {
    let bytes = bytes(folder, name, MAX_FILE, found)?;
    match record::strict::from_slice_within(&bytes, MAX_FILE) {
        Ok(value) => Some((bytes, value)),
        Err(error) => {
            found.shape(name, &error.to_string());
            None
        }
    }
}

/// The bytes of a file inside the folder; a link is not followed, a longer file is not read.
fn bytes(folder: &Path, name: &str, max: usize, found: &mut Findings) -> Option<Vec<u8>> {
    let mut file = documents::open(folder, name, found)?;
    let mut bytes = Vec::new();
    let read = file.by_ref().take(max as u64 + 1).read_to_end(&mut bytes);
    if let Err(error) = read {
        found.unreadable(name, &error);
        return None;
    }
    if bytes.len() > max {
        found.error(
            name,
            "",
            format!("文件超过 {max} 字节：请拆分或删减。"),
            format!("is longer than {max} bytes: shorten it."),
        );
        return None;
    }
    Some(bytes)
}

/// Whether a finding stops the set-up.
pub(crate) fn is_error(finding: &PackageFinding) -> bool {
    finding.severity == Severity::Error
}
