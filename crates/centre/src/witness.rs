//! Log witnesses: what they need to cosign, and their cosignatures (protocol 2).

use crate::error::CentreError;
use crate::record_core::RecordCore;
use protocol::{Cosignature, WitnessPage, WitnessTail};
use record::{SignedCheckpoint, VerifierKey};

impl RecordCore {
    /// Whether this Ed25519 key is that of a log witness of the record now.
    pub(crate) fn is_log_witness(&self, key: &[u8; 32]) -> bool {
        let newest = self.witnesses.as_ref().map(|witnesses| witnesses.newest());
        newest.is_some_and(|set| set.witnesses.iter().any(|witness| witness.key.key() == key))
    }

    /// Whether it is, or was until its replacement: a cosignature may be on its way then.
    pub(crate) fn was_log_witness(&self, key: &[u8; 32]) -> bool {
        self.witnesses
            .as_ref()
            .is_some_and(|witnesses| witnesses.is_witness(key))
    }

    /// The newest checkpoint with consistency from `size`.
    pub(crate) fn witness_page(&self, size: u64) -> Result<WitnessPage, CentreError> {
        let note = self
            .newest_note()
            .ok_or(CentreError::NotFound("no checkpoint yet"))?;
        let newest = note.checkpoint().size;
        if size > newest {
            return Err(CentreError::Waiting(
                "the log witness has seen more than the centre holds",
            ));
        }
        let tree = self.state.tree();
        let internal = |e: record::MerkleError| CentreError::Internal(e.to_string());
        let consistency = if size == 0 {
            Vec::new()
        } else {
            tree.consistency(size, newest).map_err(internal)?
        };
        let last = newest
            .checked_sub(1)
            .and_then(|index| self.entries.get(usize::try_from(index).ok()?));
        let last = match last.and_then(record::Entry::leaf_data) {
            Some(data) => Some(WitnessTail {
                data: hex::encode(data),
                inclusion: tree.inclusion(newest - 1, newest).map_err(internal)?,
            }),
            None => None,
        };
        Ok(WitnessPage {
            note: note.format(),
            consistency,
            last,
        })
    }

    /// Takes a cosignature of a known checkpoint. Whether the quorum grew is the answer.
    pub(crate) fn cosign(&mut self, cosignature: &Cosignature) -> Result<bool, CentreError> {
        let bad = |e: record::NoteError| CentreError::BadRequest(e.to_string());
        let given = SignedCheckpoint::parse(cosignature.note.as_bytes()).map_err(bad)?;
        let size = given.checkpoint().size;
        let Some(known) = self.notes.get(&size) else {
            return Ok(false); // outdated by a larger checkpoint with a quorum
        };
        if known.text() != given.text() {
            return Err(CentreError::BadRequest(
                "another checkpoint of this size".to_owned(),
            ));
        }
        let witnesses = self.witnesses.as_ref().ok_or(CentreError::NotFound("record"))?;
        let in_force = witnesses.in_force(size).witnesses.iter();
        let keys: Vec<VerifierKey> = in_force.map(|witness| witness.key.clone()).collect();
        let mut added = Vec::new();
        for key in keys {
            if given.verify_cosignature(&key).is_ok() && known.verify_cosignature(&key).is_err() {
                let line = given
                    .signatures()
                    .iter()
                    .find(|s| s.name == key.name() && s.key_id == key.id());
                added.extend(line.map(|line| (key.name().to_owned(), line.clone())));
            }
        }
        let mut note = known.clone();
        for (name, line) in &added {
            storage::faultpoint::hit("centre.before_cosignature");
            self.store.merge_cosignature(size, name, &line.to_string())?;
        }
        note.merge(&given).map_err(bad)?;
        let before = self.quorum_size;
        if !added.is_empty() {
            self.keep_note(note);
        }
        Ok(self.quorum_size > before)
    }
}
