//! Sealed parts that no act names yet. Anybody can put them while bids are taken, so they are counted, and removed
//! when their time is over; a part that an act names is never removed.

use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::record_core::RecordCore;
use record::{BlobRef, Millis};
use std::sync::PoisonError;
use storage::RecordStore;

/// After a start nothing is removed for this long: a centre on an old copy of its disk hears first of the acts it has
/// lost (protocol 2, Restore).
const CARE: Millis = 3_600_000;
/// Parts of the list, each one small value beside the record.
const SHARDS: u8 = 16;

/// Bounds of sealed parts that no act names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BidBlobLimits {
    /// Most bytes of one record.
    pub unnamed_bytes: u64,
    /// How long one is kept.
    pub unnamed_age: Millis,
}

impl Default for BidBlobLimits {
    fn default() -> Self {
        Self {
            unnamed_bytes: 8 << 30,
            unnamed_age: 24 * 3_600_000,
        }
    }
}

fn shard(blob: &BlobRef) -> u8 {
    blob.digest.0[0] % SHARDS
}

fn key(shard: u8) -> String {
    format!("unnamed/{shard:02}")
}

/// The list as it was kept; who is named by now is not on it any more.
pub(crate) fn load(store: &dyn RecordStore) -> Result<Vec<(BlobRef, Millis)>, CentreError> {
    let mut unnamed = Vec::new();
    for shard in 0..SHARDS {
        if let Some(bytes) = store.get_meta(&key(shard))? {
            let kept: Vec<(BlobRef, Millis)> =
                serde_json::from_slice(&bytes).map_err(|e| CentreError::Internal(e.to_string()))?;
            unnamed.extend(kept);
        }
    }
    Ok(unnamed)
}

impl RecordCore {
    fn names(&self, blob: &BlobRef) -> bool {
        self.blob_index
            .find(&blob.digest)
            .is_some_and(|(known, _)| known == blob)
    }

    /// Takes a place for a part, durably and before its bytes are kept: after a crash none is forgotten.
    fn reserve_bid_blob(&mut self, blob: BlobRef, now: Millis, limit: u64) -> Result<(), CentreError> {
        if self.names(&blob) {
            return Ok(());
        }
        let others: u64 = self.unnamed.keys().filter(|b| **b != blob).map(|b| b.size).sum();
        if others.saturating_add(blob.size) > limit {
            return Err(CentreError::Quota("sealed parts that no act names yet"));
        }
        let before = self.unnamed.insert(blob, now);
        let kept = self.keep_unnamed(shard(&blob));
        if kept.is_err() && before.is_none() {
            self.unnamed.remove(&blob);
        }
        kept
    }

    fn keep_unnamed(&mut self, of: u8) -> Result<(), CentreError> {
        let list: Vec<(&BlobRef, &Millis)> = self
            .unnamed
            .iter()
            .filter(|(blob, _)| shard(blob) == of)
            .collect();
        let bytes = serde_json::to_vec(&list).map_err(|e| CentreError::Internal(e.to_string()))?;
        if bytes.len() > storage::MAX_META {
            return Err(CentreError::Quota("too many sealed parts that no act names yet"));
        }
        Ok(self.store.put_meta(&key(of), &bytes)?)
    }

    fn overdue(&self, now: Millis, age: Millis) -> Vec<BlobRef> {
        let overdue = self
            .unnamed
            .iter()
            .filter(|(_, since)| since.saturating_add(age) <= now);
        overdue.map(|(blob, _)| *blob).collect()
    }
}

impl Centre {
    /// Keeps a sealed part, while bids are taken.
    ///
    /// # Errors
    /// After the deadline; [`CentreError::Quota`]; store faults.
    pub fn bid_blob_put(
        &self,
        origin: &record::Origin,
        bytes: &[u8],
    ) -> Result<protocol::StoredBlob, CentreError> {
        let core = self.core(origin)?;
        {
            let mut core = lock(&core);
            let deadline = core.state.record().map(|r| r.deadline);
            let reached = core.state.deadline_reached().is_some();
            if reached || deadline.is_none_or(|deadline| self.now() >= deadline) {
                return Err(evaluation::Refusal::new(evaluation::Code::Late, "after the deadline").into());
            }
            core.reserve_bid_blob(BlobRef::of(bytes), self.now(), self.bid_blobs.unnamed_bytes)?;
        }
        Ok(protocol::StoredBlob {
            blob: self.blobs.put(bytes)?,
        })
    }

    /// Removes sealed parts whose time is over and that no act of any record names.
    pub(crate) fn sweep_bid_blobs(&self, now: Millis) -> Result<(), CentreError> {
        let age = self.bid_blobs.unnamed_age;
        let due = {
            let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
            let overdue = |core: &_| !lock(core).overdue(now, age).is_empty();
            records.values().any(|core| overdue(core))
        };
        if !due || now < self.opened.saturating_add(CARE) {
            return Ok(());
        }
        // A record that ended may name the same bytes.
        for origin in self.closed_origins() {
            self.core(&origin)?;
        }
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        // All at once: an act that is being admitted elsewhere may name the same bytes.
        let mut cores: Vec<_> = records.values().map(|core| lock(core)).collect();
        if cores.iter().any(|core| core.stalled || core.restoring.is_some()) {
            return Ok(());
        }
        for place in 0..cores.len() {
            for blob in cores[place].overdue(now, age) {
                if !cores.iter().any(|core| core.names(&blob)) {
                    self.blobs.remove(&blob)?;
                }
                cores[place].unnamed.remove(&blob);
                cores[place].keep_unnamed(shard(&blob))?;
            }
        }
        Ok(())
    }
}
