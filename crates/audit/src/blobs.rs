//! The blobs that acts name. What is larger than 32 KiB is a blob; the act carries digest and size (protocol 1).

use evaluation::Blobs;
use evaluation::acts::bids::BidSubmitted;
use evaluation::acts::result::{ReportMade, ResultComputed};
use evaluation::acts::setup::RecordCreated;
use evaluation::acts::sheets::{DraftSaved, SheetSealed};
use record::{BlobRef, Core, Digest};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

use crate::package::{Package, Profile, blob_file};

/// A blob that an act names, and what it is to the act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// Digest and size.
    pub blob: BlobRef,
    /// What it is.
    pub what: BlobKind,
}

/// What a blob is to the act that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlobKind {
    /// The rulebook.
    Rulebook,
    /// Manifest of the tender package.
    Tender,
    /// A published document of the tender.
    Document,
    /// The sealed container of a bid's part.
    Container,
    /// A draft snapshot.
    Snapshot,
    /// A sealed sheet.
    Sheet,
    /// The canonical outcome.
    Outcome,
    /// The report.
    Report,
}

impl BlobKind {
    /// Whether a package of this profile may lack the blob and list it as external.
    ///
    /// Documents, snapshots and containers are large and many, so every profile may name them by digest only. The public profile
    /// shows no outcome (it names who gave which score) and no report.
    pub fn may_be_external(self, profile: Profile) -> bool {
        match self {
            BlobKind::Document | BlobKind::Container | BlobKind::Snapshot => true,
            BlobKind::Outcome | BlobKind::Report => profile == Profile::Public,
            BlobKind::Rulebook | BlobKind::Tender | BlobKind::Sheet => false,
        }
    }
}

fn payload<T: DeserializeOwned>(core: &Core) -> Option<T> {
    serde_json::from_value(core.payload.clone()).ok()
}

/// The blobs an act names, in the order it names them. Empty for types that name none and for payloads that are not
/// of their type.
///
/// The content of an opened part (`part.opened`) is none of them: it is what its container decrypts to.
pub fn named(core: &Core) -> Vec<Named> {
    let one = |blob: Option<BlobRef>, what| blob.map(|blob| Named { blob, what }).into_iter().collect();
    match core.kind.as_str() {
        "record.created" => payload::<RecordCreated>(core).map_or_else(Vec::new, |created| {
            let documents = created.documents.into_iter().map(|document| Named {
                blob: document.blob,
                what: BlobKind::Document,
            });
            let rulebook = Named {
                blob: created.rulebook,
                what: BlobKind::Rulebook,
            };
            let tender = Named {
                blob: created.tender,
                what: BlobKind::Tender,
            };
            [rulebook, tender].into_iter().chain(documents).collect()
        }),
        "bid.submitted" | "bid.replaced" => payload::<BidSubmitted>(core).map_or_else(Vec::new, |bid| {
            bid.parts
                .iter()
                .map(|part| Named {
                    blob: part.container,
                    what: BlobKind::Container,
                })
                .collect()
        }),
        "draft.saved" => one(
            payload::<DraftSaved>(core).map(|saved| saved.snapshot),
            BlobKind::Snapshot,
        ),
        "sheet.sealed" => one(
            payload::<SheetSealed>(core).map(|sealed| sealed.sheet),
            BlobKind::Sheet,
        ),
        "result.computed" => one(
            payload::<ResultComputed>(core).map(|result| result.outcome),
            BlobKind::Outcome,
        ),
        "report.made" => one(
            payload::<ReportMade>(core).map(|made| made.report),
            BlobKind::Report,
        ),
        _ => Vec::new(),
    }
}

/// The blobs an act names.
pub fn named_blobs(core: &Core) -> Vec<BlobRef> {
    named(core).into_iter().map(|named| named.blob).collect()
}

/// The external manifest: every blob that the record's acts name, once, ordered by digest, one a line:
/// 64 hex digits, a space, the size in decimal, a newline. `archived` carries its SHA-256 ([`manifest_digest`]).
pub fn external_manifest(blobs: &[BlobRef]) -> Vec<u8> {
    let distinct: BTreeSet<&BlobRef> = blobs.iter().collect();
    let lines: Vec<String> = distinct
        .iter()
        .map(|blob| format!("{} {}\n", blob.digest, blob.size))
        .collect();
    lines.concat().into_bytes()
}

/// SHA-256 of the external manifest: the `manifest` of `archived`.
pub fn manifest_digest(blobs: &[BlobRef]) -> Digest {
    Digest::of(&external_manifest(blobs))
}

/// The blobs of a package. A file that does not match digest and size is not the blob.
impl Blobs for Package {
    fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        let bytes = self.file(&blob_file(&blob.digest))?;
        blob.matches(bytes).then(|| bytes.to_vec())
    }
}
