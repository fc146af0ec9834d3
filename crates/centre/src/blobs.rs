//! Which act names which blob, and who may read it.

use crate::principal::Standing;
use evaluation::acts::{bids::BidSubmitted, opening::Outcome, opening::PartOpened, result, sheets};
use evaluation::{Blobs, CodeName, Role, State, access};
use record::{BlobRef, Core, Digest};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::BlobStore;

/// What a blob is, by the act that names it.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Rulebook, tender and its documents, outcome, report: everybody in the record.
    Common,
    /// Sealed container of a part.
    Container,
    /// Plaintext of an opened part.
    Part(String),
    /// Sealed sheet of a round.
    Sheet { instance: String, line: CodeName },
    /// Vault snapshot of a line.
    Draft(CodeName),
}

/// Blobs named by admitted acts.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlobIndex(BTreeMap<Digest, (BlobRef, Kind)>);

impl BlobIndex {
    pub(crate) fn find(&self, digest: &Digest) -> Option<&(BlobRef, Kind)> {
        self.0.get(digest)
    }

    /// Every blob named, by digest.
    pub(crate) fn all(&self) -> impl Iterator<Item = &BlobRef> {
        self.0.values().map(|(blob, _)| blob)
    }

    /// Blobs that an act names; they must be durable before the act is admitted.
    pub(crate) fn named_by(core: &Core) -> Vec<(BlobRef, Kind)> {
        fn read<T: DeserializeOwned>(core: &Core) -> Option<T> {
            serde_json::from_value(core.payload.clone()).ok()
        }
        match core.kind.as_str() {
            "record.created" => read::<evaluation::acts::setup::RecordCreated>(core).map(|p| {
                let documents = p.documents.into_iter().map(|document| document.blob);
                let common = [p.rulebook, p.tender].into_iter().chain(documents);
                common.map(|blob| (blob, Kind::Common)).collect()
            }),
            "bid.submitted" | "bid.replaced" => read::<BidSubmitted>(core).map(|p| {
                p.parts
                    .into_iter()
                    .map(|part| (part.container, Kind::Container))
                    .collect()
            }),
            "part.opened" => read::<PartOpened>(core).and_then(|p| match p.outcome {
                Outcome::Opened(content) => Some(vec![(content, Kind::Part(p.part))]),
                Outcome::Failed(_) => None,
            }),
            "draft.saved" => {
                read::<sheets::DraftSaved>(core).map(|p| vec![(p.snapshot, Kind::Draft(p.line))])
            }
            "sheet.sealed" => read::<sheets::SheetSealed>(core).map(|p| {
                vec![(
                    p.sheet,
                    Kind::Sheet {
                        instance: core.instance.clone(),
                        line: p.line,
                    },
                )]
            }),
            "result.computed" => {
                read::<result::ResultComputed>(core).map(|p| vec![(p.outcome, Kind::Common)])
            }
            "report.made" => read::<result::ReportMade>(core).map(|p| vec![(p.report, Kind::Common)]),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// What everybody may read stays so: a bid that names a published document as its container hides nothing.
    pub(crate) fn add(&mut self, named: Vec<(BlobRef, Kind)>) {
        for (blob, kind) in named {
            let known = self.0.get(&blob.digest);
            if !known.is_some_and(|(_, known)| matches!(known, Kind::Common)) {
                self.0.insert(blob.digest, (blob, kind));
            }
        }
    }
}

/// Whether a caller may read a blob now (protocol 6).
pub(crate) fn may_read(state: &State, standing: &Standing, kind: &Kind) -> bool {
    match kind {
        Kind::Common => standing.is_known(),
        Kind::Container => standing.has(Role::Clerk) || standing.has(Role::Audit),
        Kind::Part(part) => standing
            .roles
            .iter()
            .any(|role| access::may_read_part(*role, part)),
        Kind::Sheet { instance, line } => {
            let open = state
                .round(instance)
                .is_some_and(|round| round.opened.is_some() || shares_suffice(state, instance));
            standing.line.as_ref() == Some(line) || (open && standing.is_known())
        }
        Kind::Draft(line) => standing.line.as_ref() == Some(line),
    }
}

/// From the t-th share on the secret is public anyway, and whoever opens the round needs the sheets.
fn shares_suffice(state: &State, instance: &str) -> bool {
    let threshold = state.ceremony(instance).map_or(u8::MAX, |c| c.setting.threshold);
    state
        .round(instance)
        .is_some_and(|round| round.shares.len() >= usize::from(threshold))
}

/// The blob store as the fold reads it.
pub(crate) struct Stored<'a>(pub(crate) &'a Arc<dyn BlobStore>);

impl Blobs for Stored<'_> {
    fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        self.0.get(blob).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_document_stays_readable_when_a_bid_names_it_too() {
        let document = BlobRef::of(b"the tender");
        let mut index = BlobIndex::default();
        index.add(vec![(document, Kind::Common)]);
        index.add(vec![(document, Kind::Container)]);
        let found = index.find(&document.digest).map(|(_, kind)| kind);
        assert!(matches!(found, Some(Kind::Common)), "{found:?}");
        let bid = BlobRef::of(b"a bid");
        index.add(vec![(bid, Kind::Container)]);
        let found = index.find(&bid.digest).map(|(_, kind)| kind);
        assert!(matches!(found, Some(Kind::Container)), "{found:?}");
    }
}
