//! Bids before the deadline enter the record together, at moments that depend on nothing but the clock, among cover
//! leaves that make every entry equally long: no seat, log witness or bidder can count bids from the size of the tree
//! (COM-16, protocol 5; `docs/adr/0012-cover-leaves.md`).
//!
//! What waits is in memory and not acknowledged: the bidder sends the same act again until it is.

use crate::error::CentreError;
use crate::record_core::RecordCore;
use crate::timers::CentreAct;
use crate::{admit, blobs::Stored};
use evaluation::acts::observations::{COVER, Cover, OBSERVATIONS};
use evaluation::{Act, Code, Refusal};
use record::{ActId, Entry, Leaf, Millis, Salt, Seen, Tree, VerifiedAct};
use sealing::Random;
use std::collections::BTreeMap;
use storage::StoredAct;

/// Leaves of one entry. More than this less one waiting acts make it the next multiple.
pub const LEAVES_PER_ENTRY: usize = 4;
/// Longest time between two entries: receipts of early bids wait so long.
pub(crate) const LONGEST_INTERVAL: Millis = 600_000;
/// Shortest time between two entries, reached just before the deadline.
pub(crate) const SHORTEST_INTERVAL: Millis = 2_000;
/// Times of entries are whole seconds, unless the leaf before is later: so a rebuilt centre finds them again.
const WHOLE: Millis = 1_000;
/// How far behind the leaf before it a lost entry is looked for.
const SEARCHED: Millis = 2 * LONGEST_INTERVAL;
/// Entries that the time left is divided into.
const INTERVALS_LEFT: Millis = 32;
/// Most acts that wait for an entry, and most refusals kept for their authors.
const MAX_WAITING: usize = 1024;

/// Time from one entry to the next, as a function of the time left to the deadline alone.
pub fn interval(left: Millis) -> Millis {
    (left / INTERVALS_LEFT).clamp(SHORTEST_INTERVAL, LONGEST_INTERVAL)
}

/// What waits for the next entry.
#[derive(Default)]
pub(crate) struct Waiting {
    /// Whether w log witnesses cosigned the lot key: bids before that would stand inside the bundle.
    open: bool,
    /// When the next entry is due; none before the first.
    next: Option<Millis>,
    /// Acts with the time at which they came, in order of arrival.
    acts: Vec<(Millis, VerifiedAct)>,
    /// Refusals at entry, until the author asks.
    refused: BTreeMap<ActId, Refusal>,
}

/// Whether an act of this type waits for an entry while bids are taken.
fn enters_with_cover(kind: &str) -> bool {
    matches!(kind, "bid.submitted" | "bid.replaced" | "bid.withdrawn")
}

impl RecordCore {
    /// Keeps a bidder's act for the next entry. `None` when it is to be decided at once: every act but these three,
    /// and one that is in the record already.
    pub(crate) fn keep_waiting(&mut self, act: &VerifiedAct, now: Millis) -> Option<CentreError> {
        let core = act.core();
        let deadline = self.state.record()?.deadline;
        if !enters_with_cover(&core.kind) {
            return None;
        }
        if self.restoring.is_some() || self.stalled {
            return Some(self.keep_for_rebuild(act, now));
        }
        match self.store.find_act(&core.id) {
            Ok(None) => {}
            Ok(Some(_)) => return None,
            Err(error) => return Some(error.into()),
        }
        if let Some(refusal) = self.waiting.refused.remove(&core.id) {
            return Some(refusal.into());
        }
        const UNTIL: CentreError = CentreError::Waiting("bids enter the record together: send again");
        if self
            .waiting
            .acts
            .iter()
            .any(|(_, known)| known.core().id == core.id)
        {
            return Some(UNTIL);
        }
        if self.state.deadline_reached().is_some() || now >= deadline {
            return Some(Refusal::new(Code::Late, "after the deadline").into());
        }
        if !self.submissions_open() {
            return Some(CentreError::Waiting("the lot key is not cosigned yet"));
        }
        if self.waiting.acts.len() >= MAX_WAITING {
            return Some(CentreError::Busy("too many acts wait for the next entry"));
        }
        if let Err(error) = self.would_admit(act, now) {
            return Some(error);
        }
        self.waiting.acts.push((now, act.clone()));
        Some(UNTIL)
    }

    /// While the record is rebuilt, a bidder's act is the body of a leaf that others hold as a bare hash.
    fn keep_for_rebuild(&mut self, act: &VerifiedAct, now: Millis) -> CentreError {
        let known = self
            .waiting
            .acts
            .iter()
            .any(|(_, kept)| kept.core().id == act.core().id);
        if !known && self.waiting.acts.len() >= MAX_WAITING {
            return CentreError::Busy("too many acts of bidders are kept for the rebuild");
        }
        if !known {
            self.waiting.acts.push((now, act.clone()));
        }
        CentreError::Waiting("the record is being rebuilt: send again")
    }

    /// Whether the act would be admitted as things stand; what waits before it may still change that.
    fn would_admit(&self, act: &VerifiedAct, now: Millis) -> Result<(), CentreError> {
        let time = now.max(self.entries.last().map_or(0, |entry| entry.time));
        admit::check(&self.state, act, time, &self.roots, &self.blobs, &self.identities)?;
        let folded = Act::new(act, self.state.size(), time);
        Ok(self.state.clone().apply(&folded, &Stored(&self.blobs))?)
    }

    fn submissions_open(&mut self) -> bool {
        if !self.waiting.open && self.state.ingest_key().is_some() {
            let bundle = self.entries.iter().position(|entry| match &entry.leaf {
                Leaf::Header { header, .. } => header.kind == "ingest_key.declared",
                Leaf::Hash(_) => false,
            });
            self.waiting.open = bundle.is_some_and(|place| self.quorum_size > place as u64);
        }
        self.waiting.open
    }

    /// Enters what waits, with cover, when it is due; at the deadline whatever came before it. Returns whether the
    /// record grew.
    pub(crate) fn enter_due(&mut self, now: Millis, random: &mut dyn Random) -> Result<bool, CentreError> {
        let Some(deadline) = self.state.record().map(|setting| setting.deadline) else {
            return Ok(false);
        };
        let over = self.state.deadline_reached().is_some() || self.state.archived().is_some();
        if over || self.restoring.is_some() || self.stalled || !self.submissions_open() {
            return Ok(false);
        }
        let first = now + interval(deadline.saturating_sub(now));
        let next = *self.waiting.next.get_or_insert(first);
        if now < next && now < deadline {
            return Ok(false);
        }
        self.enter(now, deadline, random)?;
        Ok(true)
    }

    /// Enters what waits at once: before the process ends, since it would be lost.
    pub(crate) fn enter_before_close(
        &mut self,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<(), CentreError> {
        let deadline = self.state.record().map(|setting| setting.deadline);
        let Some(deadline) = deadline.filter(|_| !self.waiting.acts.is_empty()) else {
            return Ok(());
        };
        self.enter(now, deadline, random)
    }

    fn enter(&mut self, now: Millis, deadline: Millis, random: &mut dyn Random) -> Result<(), CentreError> {
        let waiting = std::mem::take(&mut self.waiting.acts);
        self.waiting.next = Some(now + interval(deadline.saturating_sub(now)));
        // What came before the deadline is entered at its time of arrival when the moment of entry is past it.
        let arrived = waiting.last().map_or(now, |(time, _)| *time);
        let time = if now < deadline { now } else { arrived };
        let time = time - time % WHOLE;
        let mut slots: Vec<Option<VerifiedAct>> = waiting.into_iter().map(|(_, act)| Some(act)).collect();
        slots.extend(self.observations(now, random)?.into_iter().map(Some));
        let full = (slots.len() / LEAVES_PER_ENTRY + 1) * LEAVES_PER_ENTRY;
        slots.resize_with(full - 1, || None);
        shuffle(&mut slots, random);
        let (mut rows, mut custody) = (Vec::new(), Vec::new());
        let expected = self.state.size();
        if let Err(error) = self.decide_entry(slots, time, &mut rows, &mut custody, random) {
            self.reload()?; // what was folded is in no store
            return Err(error);
        }
        self.make_durable(expected, &rows, custody)
            .map_err(CentreError::Internal)
    }

    fn decide_entry(
        &mut self,
        slots: Vec<Option<VerifiedAct>>,
        time: Millis,
        rows: &mut Vec<StoredAct>,
        custody: &mut Vec<(String, Vec<u8>)>,
        random: &mut dyn Random,
    ) -> Result<(), CentreError> {
        for slot in slots {
            let Some(act) = slot else {
                self.decide_cover(time, rows, custody, random)?;
                continue;
            };
            match self.decide(&act, time, rows, custody, random) {
                Err(CentreError::Refused(refusal)) if self.waiting.refused.len() < MAX_WAITING => {
                    self.waiting.refused.insert(act.core().id, refusal);
                }
                // The author sends again, and gets his answer then.
                Ok(_) | Err(_) => {}
            }
        }
        // The last leaf of an entry is always cover: log witnesses see its header.
        self.decide_cover(time, rows, custody, random)?;
        while !rows.len().is_multiple_of(LEAVES_PER_ENTRY) {
            self.decide_cover(time, rows, custody, random)?;
        }
        Ok(())
    }

    fn decide_cover(
        &mut self,
        time: Millis,
        rows: &mut Vec<StoredAct>,
        custody: &mut Vec<(String, Vec<u8>)>,
        random: &mut dyn Random,
    ) -> Result<(), CentreError> {
        let time = time.max(self.entries.last().map_or(0, |entry| entry.time));
        let cover = self.cover(self.state.size(), time)?;
        self.decide(&cover, time, rows, custody, random).map(drop)
    }

    /// The cover leaf of a place and time: the same for ever, so that a rebuilt centre makes it again.
    pub(crate) fn cover(&self, index: u64, time: Millis) -> Result<VerifiedAct, CentreError> {
        let place = [index.to_be_bytes(), time.to_be_bytes()].concat();
        let salt = self.keys.cover_mac(&self.origin, b"salt", &place);
        let id = self.keys.cover_mac(&self.origin, b"id", &place);
        let mut act_id = [0; 16];
        act_id.copy_from_slice(&id[..16]);
        let act = CentreAct {
            origin: self.origin,
            kind: COVER,
            instance: OBSERVATIONS,
            payload: &Cover {},
            seen: Seen {
                size: 0,
                root: Tree::new().root(),
            },
            time,
            id: ActId(act_id),
            salt: Salt(salt),
        };
        act.sign(&self.keys)
    }

    /// The whole leaf behind a bare hash, if it is cover of this centre or an act that a bidder sent again: the time of
    /// its entry is that of the leaf before it, or a later whole second.
    pub(crate) fn entered_behind(&self, bare: &Entry, before: Millis) -> Option<Entry> {
        if !matches!(bare.leaf, Leaf::Hash(_)) {
            return None;
        }
        let hash = bare.leaf_hash();
        let first = before - before % WHOLE;
        let seconds = (1..=SEARCHED / WHOLE).map(|second| first + second * WHOLE);
        std::iter::once(before).chain(seconds).find_map(|time| {
            let sent = self.waiting.acts.iter().map(|(_, act)| act);
            let bid = sent.clone().find(|act| act.leaf_hash(time) == hash);
            if let Some(act) = bid {
                return Some(act.entry(bare.index, time));
            }
            let cover = self.cover(bare.index, time).ok()?;
            (cover.leaf_hash(time) == hash).then(|| cover.entry(bare.index, time))
        })
    }
}

/// Fisher and Yates.
fn shuffle<T>(batch: &mut [T], random: &mut dyn Random) {
    for last in (1..batch.len()).rev() {
        let mut bytes = [0; 8];
        random.fill(&mut bytes);
        // A bias of 2^-50 for batches of a thousand.
        let other = u64::from_be_bytes(bytes) % (last as u64 + 1);
        batch.swap(
            last,
            usize::try_from(other).expect("at most the length of the batch"),
        );
    }
}
