//! Records that ended: archived under a quorum, and in the register. A start does not replay them (protocol 2, bounds);
//! one is opened when somebody asks for it.

use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::record_core::RecordCore;
use record::{Origin, PublicKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use storage::RecordStore;

const META: &str = "closed";

/// What is kept beside an ended record, so that nobody has to replay it to say whose it is.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    /// Keys with a role in it.
    keys: BTreeSet<PublicKey>,
}

/// Keys with a role in the record, if it ended.
pub(crate) fn load(store: &dyn RecordStore) -> Result<Option<BTreeSet<PublicKey>>, CentreError> {
    let Some(bytes) = store.get_meta(META)? else {
        return Ok(None);
    };
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| CentreError::Internal(e.to_string()))?;
    Ok(Some(kept.keys))
}

impl RecordCore {
    fn has_ended(&self) -> bool {
        let archived = self.state.archived();
        archived.is_some_and(|index| self.quorum_size > index) && !self.stalled && self.lacking.is_empty()
    }

    fn note_end(&mut self) -> Result<(), CentreError> {
        if self.store.get_meta(META)?.is_some() {
            return Ok(());
        }
        let kept = Kept {
            keys: self.state.keys(),
        };
        let bytes = serde_json::to_vec(&kept).map_err(|e| CentreError::Internal(e.to_string()))?;
        Ok(self.store.put_meta(META, &bytes)?)
    }
}

impl Centre {
    /// Notes the end of a record once a quorum covers its last act; not before the register has it.
    pub(crate) fn settle_end(&self, core: &Mutex<RecordCore>) -> Result<(), CentreError> {
        if !lock(core).has_ended() {
            return Ok(());
        }
        self.settle_register()?;
        lock(core).note_end()
    }

    /// A record that ended, replayed for whoever asks for it; from then on it is at hand.
    pub(crate) fn open_closed(&self, origin: &Origin) -> Result<Arc<Mutex<RecordCore>>, CentreError> {
        let mut closed = self.closed.write().unwrap_or_else(PoisonError::into_inner);
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(core) = records.get(origin) {
            return Ok(core.clone()); // somebody else was faster
        }
        drop(records);
        if !closed.contains_key(origin) {
            return Err(CentreError::NotFound("record"));
        }
        let core = Arc::new(Mutex::new(self.replayed(origin)?));
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        records.insert(*origin, core.clone());
        closed.remove(origin);
        Ok(core)
    }

    /// How many records are replayed and in memory.
    pub fn at_hand(&self) -> usize {
        self.open_origins().len()
    }

    /// Records that ended and were not asked for since the start.
    pub(crate) fn closed_origins(&self) -> Vec<Origin> {
        let closed = self.closed.read().unwrap_or_else(PoisonError::into_inner);
        closed.keys().copied().collect()
    }
}
