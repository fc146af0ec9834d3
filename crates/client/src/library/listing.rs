//! The list: what is wanted, as far as it is here.

use super::shelf::{Kept, Reading};
use super::work::Failing;
use super::{Inner, State, WantedDocument, WantedKind, document_problem, problems, wanted};
use crate::tender_package::Tender;
use protocol::window::{DocumentLine, DocumentState, Words};
use record::BlobRef;
use std::collections::BTreeMap;

/// A document as listed, and the file behind it once that is here.
pub(super) struct Listed {
    pub(super) line: DocumentLine,
    pub(super) file: Option<BlobRef>,
}

impl Inner {
    /// Documents in order, each with its file once that is here.
    pub(super) fn listed(&self) -> Vec<Listed> {
        let titles = self.titles();
        let state = self.state();
        state
            .wanted
            .iter()
            .flat_map(|wanted| state.lines(wanted, &titles))
            .collect()
    }

    /// Titles of the tender's documents by file, from the manifest if it is here.
    fn titles(&self) -> BTreeMap<String, Words> {
        let manifest = {
            let state = self.state();
            let mut manifests = state
                .wanted
                .iter()
                .filter(|wanted| wanted.kind == WantedKind::Manifest);
            manifests
                .next()
                .filter(|wanted| state.kept.contains_key(&wanted.blob))
                .map(|wanted| wanted.blob)
        };
        let bytes = manifest.and_then(|manifest| self.file(&manifest).ok());
        let tender = bytes.and_then(|bytes| serde_json::from_slice::<Tender>(&bytes).ok());
        let lines = tender.into_iter().flat_map(|tender| tender.documents);
        lines
            .map(|line| (line.file, Words::new(line.title.zh, line.title.en)))
            .collect()
    }
}

impl State {
    fn lines(&self, wanted: &WantedDocument, titles: &BTreeMap<String, Words>) -> Vec<Listed> {
        match (&wanted.kind, self.kept.get(&wanted.blob)) {
            (WantedKind::Manifest, _) => Vec::new(),
            (WantedKind::Tender { file }, kept) => {
                let title = titles.get(file).cloned().unwrap_or_else(|| Words::same(file));
                let here = kept.is_some();
                vec![self.line(wanted, file, &wanted.blob, title, here)]
            }
            (WantedKind::Part { part, .. }, Some(Kept::Part(files))) => files
                .iter()
                .filter(|file| file.file != audit::statement::FILE)
                .map(|file| self.line(wanted, &file.file, &file.blob, wanted::part_words(part), true))
                .collect(),
            (WantedKind::Part { part, .. }, kept) => {
                let mut listed = self.line(wanted, "", &wanted.blob, wanted::part_words(part), false);
                if kept == Some(&Kept::Broken) {
                    listed.line.state = DocumentState::Unreadable {
                        problem: problems::broken_part(),
                    };
                }
                vec![listed]
            }
        }
    }

    fn line(&self, wanted: &WantedDocument, file: &str, blob: &BlobRef, title: Words, here: bool) -> Listed {
        let (bidder, part) = match &wanted.kind {
            WantedKind::Part { bidder, part } => (Some(bidder.clone()), Some(part.clone())),
            WantedKind::Manifest | WantedKind::Tender { .. } => (None, None),
        };
        let reading = self.read.get(blob).filter(|_| here);
        let pages = match reading {
            Some(Reading::Pages { sizes, .. }) => u32::try_from(sizes.len()).unwrap_or(u32::MAX),
            _ => 0,
        };
        let failing = self.failing.get(if here { blob } else { &wanted.blob });
        let state = match (reading, failing.and_then(Failing::problem)) {
            (Some(Reading::Pages { .. }), _) => DocumentState::Ready,
            (Some(Reading::Unreadable(error)), _) => DocumentState::Unreadable {
                problem: document_problem(error),
            },
            (None, Some(problem)) => DocumentState::Unreadable { problem },
            (None, None) if here || self.fetching == Some(wanted.blob) => DocumentState::Fetching,
            (None, None) => DocumentState::Waiting,
        };
        Listed {
            line: DocumentLine {
                id: wanted::document_id(&wanted.kind, file, blob),
                bidder,
                part,
                title,
                file: file.to_owned(),
                digest: blob.digest.to_string(),
                size: blob.size,
                pages,
                state,
            },
            file: here.then_some(*blob),
        }
    }
}
