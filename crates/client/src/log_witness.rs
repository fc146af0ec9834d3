//! A log witness (见证节点): cosigns what is consistent with everything it has cosigned, and nothing that lies ahead
//! of its clock (protocol 2). It keeps its own memory; the centre's word counts for nothing.

use crate::error::ClientError;
use crate::link::Link;
use crate::ports::Clock;
use protocol::Cosignature;
use record::{
    Checkpoint, Millis, Origin, SignedCheckpoint, VerifierKey, origin_line, verify_consistency,
    verify_inclusion,
};
use sealing::ed25519::Ed25519Key;
use std::time::Duration;
use storage::{Change, Vault, faultpoint};

/// How far ahead of the witness's clock a covered centre time may lie.
const AHEAD: Millis = 5_000;

/// A log witness.
pub struct LogWitness {
    /// The link, authenticated with the cosigning key.
    pub link: Box<dyn Link>,
    /// What was cosigned: one row a record. Durable before a cosignature leaves.
    pub memory: Vault,
    /// The anchored key of the centre's log.
    pub log_key: VerifierKey,
    /// The cosigning key.
    pub key: Ed25519Key,
    /// Its name and public part.
    pub verifier: VerifierKey,
    /// Own clock.
    pub clock: Box<dyn Clock>,
}

impl LogWitness {
    /// One round over all records. Returns how many checkpoints were cosigned.
    ///
    /// # Errors
    /// The line; [`ClientError::Unsound`] for two histories, after which nothing of that centre is cosigned.
    pub fn round(&mut self, at_most: Duration) -> Result<usize, ClientError> {
        let mut cosigned = 0;
        for (origin, size) in self.link.witness_heads(at_most)? {
            if size > self.remembered(&origin)?.map_or(0, |c| c.size) || self.undelivered(&origin)? {
                cosigned += usize::from(self.cosign(&origin)?);
            }
        }
        Ok(cosigned)
    }

    /// The newest checkpoint of a record that this witness has cosigned.
    ///
    /// # Errors
    /// A damaged memory.
    pub fn remembered(&self, origin: &Origin) -> Result<Option<Checkpoint>, ClientError> {
        let Some(bytes) = self.memory.get(&row(origin))? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.parse()
            .map(Some)
            .map_err(|e: record::NoteError| ClientError::Format(e.to_string()))
    }

    /// Whether the newest cosignature may not have reached the centre: it is given again, over the same checkpoint.
    fn undelivered(&self, origin: &Origin) -> Result<bool, ClientError> {
        Ok(self.memory.get(&undelivered(origin))?.is_some())
    }

    fn cosign(&mut self, origin: &Origin) -> Result<bool, ClientError> {
        let before = self.remembered(origin)?;
        let old = before.as_ref().map_or(0, |checkpoint| checkpoint.size);
        let page = self.link.witness_page(origin, old)?;
        let unsound = |what: String| ClientError::Unsound(what);
        let mut note = SignedCheckpoint::parse(page.note.as_bytes()).map_err(|e| unsound(e.to_string()))?;
        let checkpoint = note
            .verify_log(&self.log_key)
            .map_err(|e| unsound(e.to_string()))?
            .clone();
        if checkpoint.origin != origin_line(origin) {
            return Err(unsound("checkpoint of another record".to_owned()));
        }
        if let Some(before) = &before {
            verify_consistency(
                before.size,
                &before.root,
                checkpoint.size,
                &checkpoint.root,
                &page.consistency,
            )
            .map_err(|e| unsound(format!("two histories of {origin} at {}: {e}", before.size)))?;
        }
        let now = self.clock.now();
        if note.verify_cosignature(&self.verifier).is_ok() {
            self.memory.remove(&undelivered(origin))?; // it had arrived; only the answer was lost
            return Ok(false);
        }
        if last_time(&page, &checkpoint).map_err(unsound)? > now + AHEAD {
            return Ok(false); // the centre's clock is ahead; asked again later
        }
        let row_of_checkpoint = Change::Put {
            key: row(origin),
            value: checkpoint.to_string().into_bytes(),
        };
        let mark = Change::Put {
            key: undelivered(origin),
            value: Vec::new(),
        };
        self.memory.apply(&[row_of_checkpoint, mark])?;
        faultpoint::hit("witness.before_cosign");
        let key = &self.key;
        note.cosign(&self.verifier, now / 1000, |message| key.sign(message))
            .map_err(|e| ClientError::Format(e.to_string()))?;
        let cosignature = Cosignature {
            size: checkpoint.size,
            note: note.format(),
        };
        self.link.cosign(origin, &cosignature)?;
        self.memory.remove(&undelivered(origin))?;
        faultpoint::hit("witness.after_cosign");
        Ok(true)
    }
}

fn undelivered(origin: &Origin) -> String {
    format!("undelivered/{origin}")
}

fn row(origin: &Origin) -> String {
    format!("cosigned/{origin}")
}

/// Centre time of the last leaf, proven to be in the checkpoint; times never go back, so it bounds all.
fn last_time(page: &protocol::WitnessPage, checkpoint: &Checkpoint) -> Result<Millis, String> {
    let Some(last) = &page.last else {
        return Err("the last leaf is missing".to_owned());
    };
    let data = hex::decode(&last.data).map_err(|e| e.to_string())?;
    let index = checkpoint.size.checked_sub(1).ok_or("empty checkpoint")?;
    let leaf = record::leaf_hash(&data);
    verify_inclusion(&leaf, index, checkpoint.size, &last.inclusion, &checkpoint.root)
        .map_err(|e| e.to_string())?;
    // Leaf data ends in time (8 bytes) and commitment (32 bytes).
    let tail: [u8; 40] = data.last_chunk::<40>().copied().ok_or("short leaf")?;
    Ok(tail[..8]
        .iter()
        .fold(0, |time, byte| time << 8 | u64::from(*byte)))
}
