//! The record store in memory: the same contract, with faults planned by the write they happen at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use record::{ActId, Digest};

use crate::StoreError;
use crate::record_store::{
    RecordStore, StoredAct, StoredCheckpoint, StoredCosignature, check_checkpoint, check_indices, check_meta,
};

/// What goes wrong at one write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `Io` is returned and nothing was stored.
    FailBeforeStore,
    /// `Io` is returned, yet everything was stored: the answer got lost.
    FailAfterStore,
    /// `Io` is returned; a first part of the batch reached the disk without its commit mark. Opening again
    /// throws it away, as a log's recovery does.
    Torn,
    /// `Full` is returned and nothing was stored; the store goes on.
    Full,
}

/// Faults by the number of the write, counted from 1 over the life of the disk. Refused writes count.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FaultPlan {
    at: BTreeMap<u64, Fault>,
}

impl FaultPlan {
    /// No faults.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds `fault` at the `write`-th write.
    #[must_use]
    pub fn at(mut self, write: u64, fault: Fault) -> Self {
        self.at.insert(write, fault);
        self
    }
}

#[derive(Debug, Clone, Default)]
struct State {
    acts: Vec<StoredAct>,
    by_id: BTreeMap<ActId, u64>,
    checkpoints: BTreeMap<u64, StoredCheckpoint>,
    cosignatures: BTreeMap<(u64, String), String>,
    meta: BTreeMap<String, Vec<u8>>,
}

#[derive(Debug, Default)]
struct Disk {
    /// What is committed.
    state: State,
    /// Rows of a torn batch, not committed.
    torn: Vec<StoredAct>,
    plan: FaultPlan,
    writes: u64,
    damaged: BTreeSet<(u64, String)>,
}

/// A record store whose disk is memory. [`MemoryRecordStore::reopen`] is what a restarted process does.
#[derive(Debug, Default)]
pub struct MemoryRecordStore {
    disk: Arc<Mutex<Disk>>,
    outcome_unknown: bool,
}

impl MemoryRecordStore {
    /// An empty store without faults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store with faults to come.
    #[must_use]
    pub fn with_faults(plan: FaultPlan) -> Self {
        let store = Self::new();
        store.disk().plan = plan;
        store
    }

    /// Replaces the faults to come; writes go on being counted.
    pub fn plan_faults(&self, plan: FaultPlan) {
        self.disk().plan = plan;
    }

    /// Writes counted so far.
    #[must_use]
    pub fn writes(&self) -> u64 {
        self.disk().writes
    }

    /// Another handle on the same disk, as a new process has it.
    #[must_use]
    pub fn reopen(&self) -> Self {
        self.disk().torn.clear();
        Self {
            disk: Arc::clone(&self.disk),
            outcome_unknown: false,
        }
    }

    /// A copy of the disk as it is now, on a disk of its own: an old backup, when it is put back later.
    #[must_use]
    pub fn snapshot(&self) -> Self {
        let copy = Self::new();
        copy.disk().state = self.disk().state.clone();
        copy
    }

    /// Every byte string that the disk holds: bodies, openings, notes and values beside the record. For searches.
    #[must_use]
    pub fn contents(&self) -> Vec<Vec<u8>> {
        let disk = self.disk();
        let acts = disk.state.acts.iter().flat_map(|act| {
            let openings = act.openings.values().map(|opening| opening.value.clone());
            act.body
                .iter()
                .cloned()
                .chain([act.header.clone()])
                .chain(openings)
                .collect::<Vec<_>>()
        });
        let notes = disk
            .state
            .checkpoints
            .values()
            .map(|checkpoint| checkpoint.note.clone().into_bytes());
        let cosignatures = disk
            .state
            .cosignatures
            .values()
            .map(|line| line.clone().into_bytes());
        acts.chain(notes)
            .chain(cosignatures)
            .chain(disk.state.meta.values().cloned())
            .collect()
    }

    /// Damages one field (`body`, `salt` or `header`) of a stored act: reading it fails from now on.
    pub fn damage(&self, index: u64, field: &str) {
        self.disk().damaged.insert((index, field.to_owned()));
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        // A panicking holder left the state whole: a write replaces it in one step.
        self.disk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One write: `change` works on a copy that becomes the state only if the plan lets it.
    fn write<T>(
        &mut self,
        batch: &[StoredAct],
        change: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.outcome_unknown {
            return Err(StoreError::io("an earlier commit failed; reopen the store"));
        }
        let mut disk = self.disk.lock().unwrap_or_else(PoisonError::into_inner);
        disk.writes += 1;
        let fault = disk.plan.at.get(&disk.writes).copied();
        if fault == Some(Fault::Full) {
            return Err(StoreError::Full);
        }
        if fault == Some(Fault::FailBeforeStore) {
            self.outcome_unknown = true;
            return Err(StoreError::io("planned fault before the store"));
        }
        let mut state = std::mem::take(&mut disk.state);
        let undo = (fault == Some(Fault::Torn)).then(|| state.clone());
        let done = change(&mut state);
        match (undo, &done) {
            (Some(before), Ok(_)) => {
                disk.state = before;
                disk.torn = batch[..batch.len().div_ceil(2)].to_vec();
                self.outcome_unknown = true;
                return Err(StoreError::io("planned fault in the middle of the store"));
            }
            (Some(before), Err(_)) => disk.state = before,
            (None, _) => disk.state = state,
        }
        if done.is_ok() && fault == Some(Fault::FailAfterStore) {
            self.outcome_unknown = true;
            return Err(StoreError::io("planned fault after the store"));
        }
        done
    }
}

impl Disk {
    fn check_damage(&self, index: u64) -> Result<(), StoreError> {
        let named = |(row, _): &&(u64, String)| *row == index;
        match self.damaged.iter().find(named) {
            Some((_, field)) => Err(StoreError::damaged(format!("act {index} {field}"))),
            None => Ok(()),
        }
    }
}

impl State {
    fn append(&mut self, expected_len: u64, batch: &[StoredAct]) -> Result<(), StoreError> {
        let len = self.acts.len() as u64;
        if len != expected_len {
            return Err(StoreError::Conflict { len });
        }
        let mut ids = BTreeMap::new();
        for act in batch {
            if let Some(index) = self.by_id.get(&act.act_id).or_else(|| ids.get(&act.act_id)) {
                return Err(StoreError::DuplicateAct { index: *index });
            }
            ids.insert(act.act_id, act.index);
        }
        self.by_id.append(&mut ids);
        self.acts.extend_from_slice(batch);
        Ok(())
    }

    fn put_checkpoint(&mut self, size: u64, root: &Digest, note: &str) -> Result<(), StoreError> {
        let stored = self.checkpoints.get(&size).map(|stored| &stored.root);
        let newest = self.checkpoints.keys().next_back().copied();
        if check_checkpoint(size, root, stored, newest, self.acts.len() as u64)? {
            let checkpoint = StoredCheckpoint {
                size,
                root: *root,
                note: note.to_owned(),
            };
            self.checkpoints.insert(size, checkpoint);
        }
        Ok(())
    }

    fn merge_cosignature(&mut self, size: u64, witness: &str, line: &str) -> Result<bool, StoreError> {
        if !self.checkpoints.contains_key(&size) {
            return Err(StoreError::NoCheckpoint { size });
        }
        let key = (size, witness.to_owned());
        if self.cosignatures.contains_key(&key) {
            return Ok(false);
        }
        self.cosignatures.insert(key, line.to_owned());
        Ok(true)
    }

    fn erase_opening(&mut self, index: u64, name: &str) -> bool {
        usize::try_from(index)
            .ok()
            .and_then(|index| self.acts.get_mut(index))
            .is_some_and(|act| act.openings.remove(name).is_some())
    }
}

impl RecordStore for MemoryRecordStore {
    fn append(&mut self, expected_len: u64, batch: &[StoredAct]) -> Result<(), StoreError> {
        check_indices(expected_len, batch)?;
        self.write(batch, |state| state.append(expected_len, batch))
    }

    fn len(&self) -> Result<u64, StoreError> {
        Ok(self.disk().state.acts.len() as u64)
    }

    fn read(&self, from: u64, limit: u32) -> Result<Vec<StoredAct>, StoreError> {
        let disk = self.disk();
        let until = from
            .saturating_add(u64::from(limit))
            .min(disk.state.acts.len() as u64);
        (from..until).try_for_each(|index| disk.check_damage(index))?;
        let range = usize::try_from(from).unwrap_or(usize::MAX)..usize::try_from(until).unwrap_or(0);
        Ok(disk.state.acts.get(range).unwrap_or_default().to_vec())
    }

    fn find_act(&self, act_id: &ActId) -> Result<Option<u64>, StoreError> {
        Ok(self.disk().state.by_id.get(act_id).copied())
    }

    fn erase_opening(&mut self, index: u64, name: &str) -> Result<bool, StoreError> {
        self.write(&[], |state| Ok(state.erase_opening(index, name)))
    }

    fn put_checkpoint(&mut self, size: u64, root: &Digest, note: &str) -> Result<(), StoreError> {
        self.write(&[], |state| state.put_checkpoint(size, root, note))
    }

    fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(self.disk().state.checkpoints.values().next_back().cloned())
    }

    fn checkpoint_at(&self, size: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
        Ok(self.disk().state.checkpoints.get(&size).cloned())
    }

    fn checkpoints(&self, from_size: u64, limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let disk = self.disk();
        let from = disk.state.checkpoints.range(from_size..);
        Ok(from
            .map(|(_, checkpoint)| checkpoint.clone())
            .take(limit as usize)
            .collect())
    }

    fn merge_cosignature(&mut self, size: u64, witness: &str, line: &str) -> Result<bool, StoreError> {
        self.write(&[], |state| state.merge_cosignature(size, witness, line))
    }

    fn cosignatures(&self, size: u64) -> Result<Vec<StoredCosignature>, StoreError> {
        let disk = self.disk();
        let lines = disk.state.cosignatures.range((size, String::new())..);
        Ok(lines
            .take_while(|((of, _), _)| *of == size)
            .map(|((_, witness), line)| StoredCosignature {
                witness: witness.clone(),
                line: line.clone(),
            })
            .collect())
    }

    fn put_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        check_meta(key, value)?;
        self.write(&[], |state| {
            state.meta.insert(key.to_owned(), value.to_vec());
            Ok(())
        })
    }

    fn get_meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.disk().state.meta.get(key).cloned())
    }
}
