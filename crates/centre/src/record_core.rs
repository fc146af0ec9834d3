//! One record: its state, its store, its log. The sequence here is the order of durability:
//!
//! 1. checks and fold in memory (`centre.before_append`): a crash loses acts nobody was told of;
//! 2. one durable append with expected position (`centre.after_commit`): the acts are in the record, unacknowledged;
//! 3. a checkpoint signed over the committed rows, kept by compare-and-swap (`centre.after_checkpoint`);
//! 4. acknowledgement (`centre.before_acknowledge`);
//! 5. notice to readers, by the shell (`centre.before_project`): they ask again, and what is projected for them is
//!    rebuilt at start by the same fold.

use crate::admit::{self, Identities};
use crate::blobs::{BlobIndex, Stored};
use crate::error::CentreError;
use crate::keys::CentreKeys;
use crate::observe::Observed;
use crate::submissions::Waiting;
use audit::WitnessHistory;
use evaluation::custody::Custody;
use evaluation::{Act, Code, Refusal, State, personal};
use protocol::Acknowledged;
use record::{BlobRef, Entry, Header, Millis, Opening, Origin, SignedCheckpoint, VerifiedAct, verify_entry};
use sealing::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use storage::{BlobStore, RecordStore, StoredAct, StoredOpening, faultpoint};

/// Most acts of one append.
pub const MAX_BATCH: usize = 256;

/// Acts whose personal signature observers must still see: kept as openings, encrypted at rest.
const SEEN_BY_OBSERVERS: [&str; 3] = ["member.checked_in", "key.bound", "member.key_replaced"];

/// What came of folding an entry of the store.
pub(crate) enum Folded {
    /// It counts.
    Done,
    /// A blob that the fold reads is not there.
    Lacking,
    /// The fold refuses it.
    Refused(Refusal),
}

pub(crate) struct RecordCore {
    pub(crate) origin: Origin,
    pub(crate) state: State,
    pub(crate) entries: Vec<Entry>,
    pub(crate) blob_index: BlobIndex,
    pub(crate) identities: Identities,
    pub(crate) store: Box<dyn RecordStore>,
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) keys: Arc<CentreKeys>,
    pub(crate) roots: Arc<Vec<Vec<u8>>>,
    /// Whose cosignatures count; none before the first act.
    pub(crate) witnesses: Option<WitnessHistory>,
    /// Checkpoints by size with the cosignatures they have; only those not yet outdated by a quorum.
    pub(crate) notes: BTreeMap<u64, SignedCheckpoint>,
    /// Size of the largest checkpoint with w cosignatures.
    pub(crate) quorum_size: u64,
    /// The first checkpoint with w cosignatures over `deadline.reached`: whoever comes late still learns from its times
    /// whether the deadline was kept (protocol 5).
    pub(crate) deadline_note: Option<SignedCheckpoint>,
    /// Record is read-only until leaves up to this size came back (protocol 2, Restore).
    pub(crate) restoring: Option<crate::restore::Restoring>,
    /// Blobs that acts of the store name and the blob store lacks.
    pub(crate) lacking: BTreeSet<BlobRef>,
    /// Sealed parts that no act names yet, and since when.
    pub(crate) unnamed: BTreeMap<BlobRef, Millis>,
    /// The store holds acts that can't be folded until such a blob is back: read-only.
    pub(crate) stalled: bool,
    /// The register has no procedure: its acts are the centre's own.
    pub(crate) is_register: bool,
    /// Bids that wait for their entry; in memory alone.
    pub(crate) waiting: Waiting,
    /// What the centre observed and has not written yet; in memory alone.
    pub(crate) observed: Observed,
}

impl RecordCore {
    /// Opens a record: replays the store by the same fold that admits acts.
    pub(crate) fn open(
        origin: Origin,
        store: Box<dyn RecordStore>,
        blobs: Arc<dyn BlobStore>,
        keys: Arc<CentreKeys>,
        roots: Arc<Vec<Vec<u8>>>,
        is_register: bool,
    ) -> Result<Self, CentreError> {
        let mut core = Self {
            origin,
            state: State::new(),
            entries: Vec::new(),
            blob_index: BlobIndex::default(),
            identities: Identities::new(),
            store,
            blobs,
            keys,
            roots,
            witnesses: None,
            notes: BTreeMap::new(),
            quorum_size: 0,
            deadline_note: None,
            restoring: None,
            lacking: BTreeSet::new(),
            unnamed: BTreeMap::new(),
            stalled: false,
            is_register,
            waiting: Waiting::default(),
            observed: Observed::default(),
        };
        core.reload()?;
        core.observed.started = !core.entries.is_empty();
        Ok(core)
    }

    /// Throws the projection away and folds the store again.
    pub(crate) fn reload(&mut self) -> Result<(), CentreError> {
        self.state = State::new();
        self.entries.clear();
        self.blob_index = BlobIndex::default();
        self.identities.clear();
        self.lacking.clear();
        self.unnamed = crate::bid_blobs::load(&*self.store)?.into_iter().collect();
        self.fold_store(true)?;
        self.reload_notes()?;
        self.ensure_checkpoint()?;
        if self.restoring.is_none() {
            self.restoring = crate::restore::Restoring::load(&*self.store)?;
        }
        Ok(())
    }

    /// Folds what the store holds beyond the projection, as far as blobs are there; notes the blobs that are not.
    pub(crate) fn fold_store(&mut self, anew: bool) -> Result<(), CentreError> {
        self.stalled = false;
        let length = self.store.len()?;
        let mut from = self.entries.len() as u64;
        while from < length {
            for stored in self.store.read(from, 512)? {
                let entry = entry_of(&stored)?;
                if anew {
                    self.note_lacking(&entry)?;
                }
                if !self.stalled {
                    match self.fold_stored(&entry)? {
                        Folded::Done => self.entries.push(entry),
                        Folded::Lacking => self.stalled = true,
                        Folded::Refused(refusal) => {
                            let place = format!("entry {} of the store: {refusal}", entry.index);
                            return Err(CentreError::Internal(place));
                        }
                    }
                }
                from += 1;
            }
        }
        Ok(())
    }

    /// Folds an entry at the end of the projection; whatever is not [`Folded::Done`] leaves it as it was.
    pub(crate) fn fold_stored(&mut self, entry: &Entry) -> Result<Folded, CentreError> {
        let damaged =
            |what: String| CentreError::Internal(format!("entry {} of the store: {what}", entry.index));
        let leaf = verify_entry(entry).map_err(|e| damaged(e.to_string()))?;
        let record::VerifiedLeaf::Full(act, ..) = &leaf else {
            self.state.pass_over(entry.leaf_hash(), Some(entry.time));
            return Ok(Folded::Done);
        };
        if self.is_register {
            self.state.pass_over(entry.leaf_hash(), Some(entry.time));
            return Ok(Folded::Done);
        }
        let folded = Act::new(act, entry.index, entry.time);
        match self.state.apply(&folded, &Stored(&self.blobs)) {
            Ok(()) => {}
            Err(refusal) if refusal.code == Code::Blob => return Ok(Folded::Lacking),
            Err(refusal) => return Ok(Folded::Refused(refusal)),
        }
        self.note_identity(act);
        self.note_blobs(act);
        Ok(Folded::Done)
    }

    fn note_identity(&mut self, act: &VerifiedAct) {
        if act.core().kind != "member.checked_in" {
            return;
        }
        let ticket = act
            .core()
            .payload
            .get("ticket")
            .and_then(|t| t.as_str())
            .map(str::to_owned);
        let verified = act
            .attachment(personal::ATTACHMENT)
            .and_then(|value| personal::verify(act.core(), &act.body().core_digest(), value).ok());
        if let (Some(ticket), Some(verified)) = (ticket, verified) {
            self.identities.insert(ticket, verified.subject().key);
        }
    }

    fn note_blobs(&mut self, act: &VerifiedAct) {
        let named = BlobIndex::named_by(act.core());
        for (blob, _) in &named {
            self.unnamed.remove(blob);
        }
        self.blob_index.add(named);
    }

    /// Admits a batch: the answer of each act, in order. On a store fault nothing of the batch is acknowledged and
    /// the projection is rebuilt from what the store really holds.
    pub(crate) fn commit(
        &mut self,
        batch: Vec<VerifiedAct>,
        now: Millis,
        random: &mut dyn Random,
    ) -> Vec<Result<Acknowledged, CentreError>> {
        if self.restoring.is_some() && !self.is_register {
            return batch
                .iter()
                .map(|_| Err(CentreError::Waiting("the record is being rebuilt")))
                .collect();
        }
        if self.stalled {
            return batch
                .iter()
                .map(|_| Err(CentreError::Waiting("bytes that acts name are missing")))
                .collect();
        }
        let mut answers = Vec::with_capacity(batch.len());
        let mut rows = Vec::new();
        let mut custody = Vec::new();
        let expected = self.state.size();
        for act in batch {
            let answer = self.decide(&act, now, &mut rows, &mut custody, random);
            answers.push(answer);
        }
        match self.make_durable(expected, &rows, custody) {
            Ok(()) => answers,
            Err(detail) => answers
                .into_iter()
                .map(|answer| answer.and_then(|_| Err(CentreError::Internal(detail.clone()))))
                .collect(),
        }
    }

    /// Appends what was decided. On a store fault the projection is rebuilt from what the store really holds, and
    /// the answer says what failed: nobody of the batch is told success.
    pub(crate) fn make_durable(
        &mut self,
        expected: u64,
        rows: &[StoredAct],
        custody: Vec<(String, Vec<u8>)>,
    ) -> Result<(), String> {
        if rows.is_empty() {
            return Ok(());
        }
        faultpoint::hit("centre.before_append");
        if let Err(error) = self.persist(expected, rows, custody) {
            let failed = error.to_string();
            let reloaded = self.reload();
            return Err(reloaded.err().map_or(failed, |e| e.to_string()));
        }
        faultpoint::hit("centre.before_acknowledge");
        Ok(())
    }

    fn persist(
        &mut self,
        expected: u64,
        rows: &[StoredAct],
        custody: Vec<(String, Vec<u8>)>,
    ) -> Result<(), CentreError> {
        for (key, value) in custody {
            self.store.put_meta(&key, &value)?;
        }
        self.store.append(expected, rows)?;
        faultpoint::hit("centre.after_commit");
        self.ensure_checkpoint()?;
        faultpoint::hit("centre.after_checkpoint");
        Ok(())
    }

    /// One act: idempotent by its id, checked, folded, and laid out as a row.
    pub(crate) fn decide(
        &mut self,
        act: &VerifiedAct,
        now: Millis,
        rows: &mut Vec<StoredAct>,
        custody: &mut Vec<(String, Vec<u8>)>,
        random: &mut dyn Random,
    ) -> Result<Acknowledged, CentreError> {
        if let Some(index) = self.store.find_act(&act.core().id)? {
            let known = self.entries.get(usize::try_from(index).unwrap_or(usize::MAX));
            return match known {
                Some(entry) if commitment_of(entry) == Some(*act.commitment()) => Ok(Acknowledged {
                    index,
                    time: entry.time,
                }),
                _ => Err(Refusal::new(Code::Replayed, "another act has this id").into()),
            };
        }
        let time = now.max(self.entries.last().map_or(0, |entry| entry.time));
        let index = self.state.size();
        if self.is_register {
            self.state.pass_over(act.leaf_hash(time), Some(time));
        } else {
            admit::check(&self.state, act, time, &self.roots, &self.blobs, &self.identities)?;
            self.state
                .apply(&Act::new(act, index, time), &Stored(&self.blobs))?;
            self.note_identity(act);
        }
        let mut entry = act.entry(index, time);
        custody.extend(self.put_in_custody(&mut entry, &act.core().kind, random));
        rows.push(row_of(&entry, act));
        self.note_blobs(act);
        self.entries.push(entry);
        Ok(Acknowledged { index, time })
    }

    /// Takes a personal signature out of an entry, sealed to the custodians, unless observers must still see it.
    pub(crate) fn put_in_custody(
        &self,
        entry: &mut Entry,
        kind: &str,
        random: &mut dyn Random,
    ) -> Option<(String, Vec<u8>)> {
        if SEEN_BY_OBSERVERS.contains(&kind) {
            return None;
        }
        let opening = entry.openings.get(personal::ATTACHMENT)?;
        let sealed = Custody::seal(&self.state, entry.index, opening, random)?;
        entry.openings.remove(personal::ATTACHMENT);
        Some((custody_key(entry.index), sealed.to_json_bytes()))
    }
}

/// Name under which custody of an act is kept beside the record.
pub(crate) fn custody_key(index: u64) -> String {
    format!("custody/{index:08}")
}

fn commitment_of(entry: &Entry) -> Option<record::Digest> {
    match &entry.leaf {
        record::Leaf::Header { commitment, .. } => Some(*commitment),
        record::Leaf::Hash(_) => None,
    }
}

pub(crate) fn row_of(entry: &Entry, act: &VerifiedAct) -> StoredAct {
    StoredAct {
        index: entry.index,
        time: entry.time,
        header: act.header().encode(),
        commitment: *act.commitment(),
        signature: *act.signature(),
        leaf_hash: entry.leaf_hash(),
        act_id: act.core().id,
        salt: *act.salt(),
        body: Some(act.body().bytes.clone()),
        openings: entry
            .openings
            .iter()
            .map(|(name, opening)| {
                (
                    name.clone(),
                    StoredOpening {
                        salt: opening.salt,
                        value: opening.value.clone(),
                    },
                )
            })
            .collect(),
    }
}

fn entry_of(stored: &StoredAct) -> Result<Entry, CentreError> {
    let header = Header::decode(&stored.header).map_err(|e| CentreError::Internal(e.to_string()))?;
    Ok(Entry {
        index: stored.index,
        time: stored.time,
        leaf: record::Leaf::Header {
            header,
            commitment: stored.commitment,
            signature: stored.signature,
        },
        disclosed: stored.body.clone().map(|body| record::Disclosed {
            salt: stored.salt,
            body,
        }),
        openings: stored
            .openings
            .iter()
            .map(|(name, opening)| {
                (
                    name.clone(),
                    Opening {
                        salt: opening.salt,
                        value: opening.value.clone(),
                    },
                )
            })
            .collect(),
    })
}
