//! Receipts and the lot-key bundle: what bidders get over server-authenticated TLS (protocol 4.5, 5).

use crate::error::CentreError;
use crate::record_core::RecordCore;
use evaluation::Role;
use evaluation::access::{self, Leaf, Moment};
use evaluation::acts::ceremony::LOT_KEY;
use protocol::{Bundle, Receipt, StageDocument};
use record::{ActId, Entry, SignedCheckpoint};

impl RecordCore {
    /// Inclusion of an act in the largest checkpoint with w cosignatures. Without w there is no receipt.
    pub(crate) fn receipt(&self, act: &ActId) -> Result<Receipt, CentreError> {
        let index = self.store.find_act(act)?.ok_or(CentreError::NotFound("act"))?;
        let note = self.quorum_note().filter(|note| note.checkpoint().size > index);
        let note = note.ok_or(CentreError::Waiting("fewer than w cosignatures"))?;
        let inclusion = self
            .state
            .tree()
            .inclusion(index, note.checkpoint().size)
            .map_err(|e| CentreError::Internal(e.to_string()))?;
        let entry = self.entries.get(usize::try_from(index).unwrap_or(usize::MAX));
        let mut entry = entry.ok_or(CentreError::NotFound("act"))?.clone();
        entry.openings.clear();
        Ok(Receipt {
            entry,
            inclusion,
            note: note.format(),
            replaced: self.replaced_witnesses(note.checkpoint().size)?,
        })
    }

    /// The record up to the ingest key, whole, and on to the first checkpoint with w cosignatures that covers it:
    /// of what came in between only headers, of bids not even these (COM-16).
    pub(crate) fn bundle(&self) -> Result<Bundle, CentreError> {
        let end = self
            .entries
            .iter()
            .position(|entry| kind(entry) == Some("ingest_key.declared"));
        let end = end.ok_or(CentreError::Waiting("the lot key is not complete"))? + 1;
        let note = self.bundle_note(end as u64)?;
        let size = usize::try_from(note.checkpoint().size).unwrap_or(usize::MAX);
        let setting = self.state.record().ok_or(CentreError::NotFound("record"))?;
        let rulebook = self
            .blobs
            .get(&setting.rulebook)?
            .ok_or(CentreError::NotFound("rulebook"))?;
        let replaced = self.replaced_witnesses(note.checkpoint().size)?;
        let entries = self.entries.iter().take(size).enumerate();
        let entries = entries.map(|(place, entry)| if place < end { bare(entry) } else { outline(entry) });
        Ok(Bundle {
            entries: entries.collect(),
            note: note.format(),
            confirming: replaced.into_iter().map(|proof| proof.note).collect(),
            rulebook: base64::Engine::encode(&base64::engine::general_purpose::STANDARD, rulebook),
        })
    }

    /// The first checkpoint from this size on that a quorum cosigned, and that holds what confirms its replacements of
    /// log witnesses. It stays the first: a smaller one that it has
    /// outdated takes no more cosignatures.
    fn bundle_note(&self, from: u64) -> Result<SignedCheckpoint, CentreError> {
        let mut from = from;
        loop {
            let page = self.store.checkpoints(from, 64)?;
            let Some(last) = page.last().map(|checkpoint| checkpoint.size) else {
                return Err(CentreError::Waiting("fewer than w cosignatures on the lot key"));
            };
            for stored in page {
                let note = self.stored_note(&stored)?;
                if self.has_quorum(&note) && self.confirmed_within(stored.size) {
                    return Ok(note);
                }
            }
            from = last + 1;
        }
    }

    /// Whether the checkpoints that confirm replacements of log witnesses below a size don't lie above it: who holds
    /// only so many leaves can't hold the others against its tree.
    fn confirmed_within(&self, size: u64) -> bool {
        let mut confirming = self.witnesses.iter().flat_map(audit::WitnessHistory::confirming);
        confirming.all(|(index, note)| index >= size || note.checkpoint().size <= size)
    }

    /// What is being opened, and the checkpoint that a bidder names as seen: before the deadline that of the
    /// bundle, so that the size of the record tells nobody how many bids there are (COM-16).
    pub(crate) fn stage_document(&self) -> Result<StageDocument, CentreError> {
        // A bidder gives no half while the evaluation is suspended: its act would be refused, its half be known.
        let suspended = self.state.suspended().is_some();
        let openings = self.state.openings().iter().filter(|_| !suspended);
        let openings = openings
            .map(|(instance, parts)| {
                (
                    instance.clone(),
                    parts.iter().map(|part| part.name.clone()).collect(),
                )
            })
            .collect();
        let note = if self.state.deadline_reached().is_none() {
            self.bundle()?.note
        } else {
            let newest = self
                .newest_note()
                .ok_or(CentreError::NotFound("no checkpoint yet"))?;
            newest.format()
        };
        Ok(StageDocument {
            openings,
            note,
            lacking: !self.lacking.is_empty() || self.restoring.is_some(),
        })
    }
}

fn kind(entry: &Entry) -> Option<&str> {
    match &entry.leaf {
        record::Leaf::Header { header, .. } => Some(header.kind.as_str()),
        record::Leaf::Hash(_) => None,
    }
}

/// What follows the lot key: bodies only of what a client's check of the key reads.
fn outline(entry: &Entry) -> Entry {
    let record::Leaf::Header { header, .. } = &entry.leaf else {
        return entry.clone();
    };
    let open = bare(entry);
    let read = header.instance.is_empty() || header.instance == LOT_KEY;
    if read || open.disclosed.is_none() {
        open
    } else {
        open.withheld()
    }
}

/// As a bidder may see it: bodies that every holder may see, no openings; nothing of why an evaluation was suspended.
fn bare(entry: &Entry) -> Entry {
    let Some(kind) = kind(entry) else {
        return entry.clone();
    };
    if matches!(kind, "evaluation.suspended" | "evaluation.resumed") {
        return entry.withheld();
    }
    match access::grant(kind, Role::Holder, Moment::BeforeDeadline).leaf {
        Leaf::Body => Entry {
            openings: std::collections::BTreeMap::new(),
            ..entry.clone()
        },
        Leaf::Header => entry.withheld(),
        Leaf::Hash => entry.hash_only(),
    }
}
