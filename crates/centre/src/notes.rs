//! A record's checkpoints: signed once a size, kept with their cosignatures, outdated by a quorum over a larger one.

use crate::error::CentreError;
use crate::record_core::RecordCore;
use audit::WitnessHistory;
use protocol::ReplacedWitness;
use record::{Checkpoint, Digest, SignedCheckpoint, origin_line, sign_checkpoint};
use storage::StoredCheckpoint;

impl RecordCore {
    /// Reads every checkpoint of the store anew.
    pub(crate) fn reload_notes(&mut self) -> Result<(), CentreError> {
        self.notes.clear();
        self.witnesses = None;
        self.follow_witnesses();
        self.quorum_size = 0;
        self.deadline_note = None;
        let mut from = 0;
        loop {
            let page = self.store.checkpoints(from, 512)?;
            let Some(last) = page.last().map(|checkpoint| checkpoint.size) else {
                break;
            };
            for checkpoint in page {
                let signed = self.stored_note(&checkpoint)?;
                self.keep_note(signed);
            }
            from = last + 1;
        }
        Ok(())
    }

    /// A checkpoint of the store with the cosignatures it has.
    pub(crate) fn stored_note(&self, checkpoint: &StoredCheckpoint) -> Result<SignedCheckpoint, CentreError> {
        let mut note = checkpoint.note.clone();
        for line in self.store.cosignatures(checkpoint.size)? {
            note.push_str(line.line.trim_end());
            note.push('\n');
        }
        SignedCheckpoint::parse(note.as_bytes())
            .map_err(|e| CentreError::Internal(format!("checkpoint {}: {e}", checkpoint.size)))
    }

    /// Keeps a note in memory, and drops the smaller ones that a quorum has outdated.
    pub(crate) fn keep_note(&mut self, note: SignedCheckpoint) {
        let size = note.checkpoint().size;
        self.follow_witnesses();
        let counted = self.witnesses.as_mut().map(|witnesses| witnesses.count(&note));
        let has_quorum = counted.is_some_and(|cosigned| cosigned.is_quorum());
        let over = self.state.deadline_reached().is_some_and(|index| size > index);
        // The same one again may have more cosignatures by now.
        let first = self
            .deadline_note
            .as_ref()
            .is_none_or(|known| size <= known.checkpoint().size);
        if has_quorum && over && first {
            self.deadline_note = Some(note.clone());
        }
        self.notes.insert(size, note);
        if has_quorum && size > self.quorum_size {
            self.quorum_size = size;
            self.notes.retain(|&kept, _| kept >= size);
        }
    }

    /// Takes over the record's log witnesses, and the replacements since.
    fn follow_witnesses(&mut self) {
        let Some(setting) = self.state.record() else {
            return;
        };
        let named = || WitnessHistory::named(&setting.witnesses, setting.quorum);
        self.witnesses
            .get_or_insert_with(named)
            .follow(self.state.witness_changes());
    }

    /// Whether w log witnesses in force for its size cosigned a checkpoint, one of them outside the centre.
    pub(crate) fn has_quorum(&self, note: &SignedCheckpoint) -> bool {
        self.witnesses
            .as_ref()
            .is_some_and(|witnesses| witnesses.cosigned(note).is_quorum())
    }

    /// Proofs of the replacements of log witnesses that hold for a checkpoint of this size.
    pub(crate) fn replaced_witnesses(&self, size: u64) -> Result<Vec<ReplacedWitness>, CentreError> {
        let confirming = self.witnesses.iter().flat_map(WitnessHistory::confirming);
        let proofs = confirming
            .filter(|(index, _)| *index < size)
            .map(|(index, note)| {
                let inclusion = self.state.tree().inclusion(index, note.checkpoint().size);
                let entry = self.entries.get(usize::try_from(index).unwrap_or(usize::MAX));
                let mut entry = entry.ok_or(CentreError::NotFound("act"))?.clone();
                entry.openings.clear();
                Ok(ReplacedWitness {
                    entry,
                    inclusion: inclusion.map_err(|e| CentreError::Internal(e.to_string()))?,
                    note: note.format(),
                })
            });
        proofs.collect()
    }

    /// The newest checkpoint; none for an empty record.
    pub(crate) fn newest_note(&self) -> Option<&SignedCheckpoint> {
        self.notes.values().next_back()
    }

    /// The largest checkpoint with w cosignatures.
    pub(crate) fn quorum_note(&self) -> Option<&SignedCheckpoint> {
        self.notes.get(&self.quorum_size)
    }

    /// A checkpoint signed by the log. Signing the same again gives the same bytes.
    pub(crate) fn signed(&self, size: u64, root: Digest) -> Result<SignedCheckpoint, CentreError> {
        let checkpoint = Checkpoint {
            origin: origin_line(&self.origin),
            size,
            root,
        };
        let sign = |message: &[u8]| self.keys.log.sign(message);
        sign_checkpoint(&checkpoint, &self.keys.log_verifier, sign)
            .map_err(|e| CentreError::Internal(e.to_string()))
    }

    /// Signs the head, unless a checkpoint of this size exists. No size is ever signed with two roots: the store
    /// refuses.
    pub(crate) fn ensure_checkpoint(&mut self) -> Result<(), CentreError> {
        let size = self.state.size();
        if self.stalled
            || size == 0
            || self.notes.contains_key(&size)
            || self.store.checkpoint_at(size)?.is_some()
        {
            return Ok(());
        }
        let root = self.state.root();
        let signed = self.signed(size, root)?;
        self.store.put_checkpoint(size, &root, &signed.format())?;
        self.keep_note(signed);
        Ok(())
    }
}
