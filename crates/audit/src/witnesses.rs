//! Which log witnesses count for a checkpoint (protocol 2): a function of the record before it, and of whether the
//! replacements there are confirmed.
//!
//! A replacement at index i holds for checkpoints of more than i leaves. It is **confirmed** by a checkpoint over it
//! with w cosignatures of those who stay, one of them outside the centre; who leaves and who comes don't count
//! for that. Until then nothing but such a checkpoint counts beyond i; from then on the new set does, by itself: no
//! checkpoint is counted by witnesses of two sets. Without the confirmation w of the old set and w of the new one
//! could cosign two histories, nobody of them dishonest.

use crate::anchors::{Anchors, Cosigned, WitnessAnchor, WitnessSet};
use evaluation::acts::setup::WitnessLine;
use evaluation::acts::witnesses::{WitnessChange, WitnessReplaced};
use record::{
    Digest, Entry, SignedCheckpoint, VerifiedLeaf, VerifierKey, origin_line, verify_entry, verify_inclusion,
};

/// The log witnesses of a record over its length.
#[derive(Debug, Clone)]
pub struct WitnessHistory {
    /// Who may come in by a replacement; `None`: whoever the record names.
    known: Option<Vec<WitnessAnchor>>,
    terms: Vec<Term>,
    /// The checkpoints that confirmed the second term, the third, and so on.
    confirming: Vec<SignedCheckpoint>,
}

/// A set and from which size on it holds.
#[derive(Debug, Clone)]
struct Term {
    from: u64,
    set: WitnessSet,
    /// Those of the term before who stay: w of them confirm this one.
    rest: WitnessSet,
    /// The new witness, where it is not known locally.
    unknown: Option<String>,
}

/// A line as a witness; `None` when its key can't be read.
fn anchor_of(line: &WitnessLine) -> Option<WitnessAnchor> {
    Some(WitnessAnchor {
        name: line.name.clone(),
        key: line.key.parse().ok()?,
        organisation: line.organisation.clone(),
        outside: line.outside,
    })
}

impl WitnessHistory {
    fn new(known: Option<Vec<WitnessAnchor>>, first: WitnessSet) -> Self {
        let term = Term {
            from: 0,
            rest: first.clone(),
            set: first,
            unknown: None,
        };
        Self {
            known,
            terms: vec![term],
            confirming: Vec::new(),
        }
    }

    /// Begins with the anchors' witnesses; only anchored ones come in.
    pub fn anchored(anchors: &Anchors) -> Self {
        let all = anchors
            .witnesses
            .witnesses
            .iter()
            .chain(&anchors.further_witnesses);
        Self::new(Some(all.cloned().collect()), anchors.witnesses.clone())
    }

    /// Begins with the witnesses that a first act names, and takes whom the record names: the view of the centre, and
    /// of a verifier without anchors. A line whose key can't be read is no witness.
    pub fn named(witnesses: &[WitnessLine], quorum: u8) -> Self {
        let first = WitnessSet {
            witnesses: witnesses.iter().filter_map(anchor_of).collect(),
            quorum,
        };
        Self::new(None, first)
    }

    /// Takes the replacements of a record that are not in yet.
    pub fn follow(&mut self, changes: &[WitnessChange]) {
        for change in changes.iter().skip(self.terms.len() - 1) {
            self.replaced(change.index, &change.replaced, &change.by);
        }
    }

    /// Takes the replacement at an index; later than those taken before.
    pub fn replaced(&mut self, index: u64, replaced: &str, by: &WitnessLine) {
        let key = by.key.parse::<VerifierKey>().ok();
        let before = self.last();
        let stays = |w: &&WitnessAnchor| {
            w.name != replaced && Some(w.key.key()) != key.as_ref().map(VerifierKey::key)
        };
        let rest = WitnessSet {
            witnesses: before.set.witnesses.iter().filter(stays).cloned().collect(),
            quorum: before.set.quorum,
        };
        let new = anchor_of(by).filter(|new| self.known.as_ref().is_none_or(|known| known.contains(new)));
        let unknown = new.is_none().then(|| by.name.clone());
        let mut set = rest.clone();
        set.witnesses.extend(new);
        self.terms.push(Term {
            from: index + 1,
            set,
            rest,
            unknown,
        });
    }

    fn last(&self) -> &Term {
        self.terms.last().expect("there is always the first term")
    }

    /// The witness that came last and is not known locally; it counts for nothing.
    pub fn unknown(&self) -> Option<&str> {
        self.last().unknown.as_deref()
    }

    /// The witnesses whose cosignatures a checkpoint of this size takes, confirmed or not.
    pub fn in_force(&self, size: u64) -> &WitnessSet {
        &self.terms[self.term(size)].set
    }

    /// The witnesses now.
    pub fn newest(&self) -> &WitnessSet {
        &self.last().set
    }

    /// Whether this key is or was that of a witness.
    pub fn is_witness(&self, key: &[u8; 32]) -> bool {
        let all = self.terms.iter().flat_map(|term| &term.set.witnesses);
        all.into_iter().any(|witness| witness.key.key() == key)
    }

    fn term(&self, size: u64) -> usize {
        let begun = self.terms.iter().take_while(|term| term.from <= size).count();
        begun.saturating_sub(1)
    }

    /// How many terms after the first are confirmed once this checkpoint is known.
    fn confirmed_by(&self, note: &SignedCheckpoint) -> usize {
        let size = note.checkpoint().size;
        let open = self.terms.iter().skip(self.confirming.len() + 1);
        let new = open.take_while(|term| term.from <= size && term.rest.cosigned(note).is_quorum());
        self.confirming.len() + new.count()
    }

    /// Judges the cosignatures of a checkpoint by the set in force for its size. That the log signed it and that it is
    /// of this record's tree is the caller's to see.
    pub fn cosigned(&self, note: &SignedCheckpoint) -> Cosigned {
        let term = self.term(note.checkpoint().size);
        let confirmed = self.confirmed_by(note);
        if term <= confirmed {
            self.terms[term].set.cosigned(note)
        } else {
            // Not confirmed: the first who were to confirm and did not are what is missing.
            self.terms[confirmed + 1].rest.cosigned(note)
        }
    }

    /// As [`WitnessHistory::cosigned`], and keeps the checkpoint if it confirms a replacement.
    pub fn count(&mut self, note: &SignedCheckpoint) -> Cosigned {
        while self.confirming.len() < self.confirmed_by(note) {
            self.confirming.push(note.clone());
        }
        self.cosigned(note)
    }

    /// Confirmed replacements in order: index of the act, and the checkpoint that confirmed it.
    pub fn confirming(&self) -> impl Iterator<Item = (u64, &SignedCheckpoint)> {
        let terms = self.terms.iter().skip(1).map(|term| term.from - 1);
        terms.zip(&self.confirming)
    }

    /// Takes a replacement from its proof, for who does not hold the record: the act, and its inclusion in a checkpoint
    /// that confirms it. Those who stay cosigned a record that holds the act; that the people in it were the right
    /// ones only the fold tells.
    ///
    /// # Errors
    /// What of it does not hold.
    pub fn prove(
        &mut self,
        log_key: &VerifierKey,
        entry: &Entry,
        inclusion: &[Digest],
        note: &SignedCheckpoint,
    ) -> Result<(), String> {
        let leaf = verify_entry(entry).map_err(|e| e.to_string())?;
        let VerifiedLeaf::Full(act, index, _) = leaf else {
            return Err("the act is not opened".to_owned());
        };
        let core = act.core();
        let taken = self.terms.iter().skip(1).any(|term| term.from == index + 1);
        if core.kind != "witness.replaced" || (index < self.last().from && !taken) {
            return Err("not the next replacement of a log witness".to_owned());
        }
        let checkpoint = note.verify_log(log_key).map_err(|e| e.to_string())?;
        if checkpoint.origin != origin_line(&core.origin) {
            return Err("checkpoint of another record".to_owned());
        }
        let leaf = entry.leaf_hash();
        verify_inclusion(&leaf, index, checkpoint.size, inclusion, &checkpoint.root)
            .map_err(|e| e.to_string())?;
        let payload: WitnessReplaced =
            serde_json::from_value(core.payload.clone()).map_err(|e| e.to_string())?;
        let mut longer = self.clone();
        if !taken {
            longer.replaced(index, &payload.replaced, &payload.by);
        }
        longer.count(note);
        if longer.term(index + 1) > longer.confirming.len() {
            return Err("not cosigned by enough of the log witnesses that stay".to_owned());
        }
        *self = longer;
        Ok(())
    }
}
