//! One act onto the state: the checks that hold for every act, then the act's own file.

use crate::acts;
use crate::acts::ending::AFTER_THE_END;
use crate::acts::suspension::GOES_ON;
use crate::catalogue::{self, ActType, Class, Status};
use crate::refusal::{Code, Refusal, ensure};
use crate::state::State;
use record::{BlobRef, Digest, Millis, VerifiedAct};
use serde::de::DeserializeOwned;

/// Longest life of an act: expiry minus claimed time.
pub const MAX_ACT_LIFE: Millis = 24 * 3_600_000;

/// How far a claimed time may lie ahead of the centre's.
pub const MAX_CLAIM_SKEW: Millis = 300_000;

/// Blobs named by admitted acts, by digest.
pub trait Blobs {
    /// The bytes, checked against digest and size; `None` when they are not at hand.
    fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>>;
}

/// A verified act at its place in the record.
#[derive(Clone, Copy)]
pub struct Act<'a> {
    verified: &'a VerifiedAct,
    index: u64,
    time: Millis,
}

impl<'a> Act<'a> {
    /// An act at index `index`, ordered by the centre at `time`.
    pub fn new(verified: &'a VerifiedAct, index: u64, time: Millis) -> Self {
        Self {
            verified,
            index,
            time,
        }
    }

    /// The act's core.
    pub fn core(&self) -> &'a record::Core {
        &self.verified.body().core
    }

    /// The verified act.
    pub fn verified(&self) -> &'a VerifiedAct {
        self.verified
    }

    /// Place in the record.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Centre time.
    pub fn time(&self) -> Millis {
        self.time
    }

    /// The payload as its type.
    pub(crate) fn payload<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_value(self.core().payload.clone())
            .map_err(|e| Refusal::new(Code::Malformed, format!("{}: {e}", self.core().kind)))
    }

    /// Leaf hash at this place.
    pub fn leaf_hash(&self) -> Digest {
        let mut data = self.verified.header().encode();
        data.extend_from_slice(&self.time.to_be_bytes());
        data.extend_from_slice(&self.verified.commitment().0);
        record::merkle::leaf_hash(&data)
    }
}

impl State {
    /// Folds one act. A refusal leaves the state as it was.
    ///
    /// # Errors
    /// A [`Refusal`] with its code.
    pub fn apply(&mut self, act: &Act<'_>, blobs: &dyn Blobs) -> Result<(), Refusal> {
        self.admissible(act)?;
        acts::apply(self, act, blobs)?;
        let core = act.core();
        let line = catalogue::find(&core.kind);
        if line.is_some_and(|l| l.defines) {
            self.control.insert(core.instance.clone(), act.index());
        }
        self.ids.insert(core.id);
        self.commitments.insert(*act.verified().commitment());
        self.last_time = act.time();
        self.tree.push(act.leaf_hash());
        Ok(())
    }

    /// Passes over a leaf whose body is withheld from us: it counts in the tree and changes nothing else.
    pub fn pass_over(&mut self, leaf_hash: Digest, time: Option<Millis>) {
        if let Some(time) = time {
            self.last_time = self.last_time.max(time);
        }
        self.withheld += 1;
        self.tree.push(leaf_hash);
    }

    fn admissible(&self, act: &Act<'_>) -> Result<(), Refusal> {
        let core = act.core();
        let line = catalogue::find(&core.kind).filter(|line| line.status == Status::Built);
        let line = line.ok_or_else(|| Refusal::new(Code::UnknownType, core.kind.clone()))?;
        ensure(
            act.index() == self.size(),
            Code::Malformed,
            "not at the end of the record",
        )?;
        ensure(
            act.time() >= self.last_time,
            Code::ClockBack,
            "centre time goes back",
        )?;
        if let Some(setting) = &self.record {
            ensure(core.origin == setting.origin, Code::Foreign, "record origin")?;
            ensure(core.suite == setting.suite, Code::Foreign, "suite")?;
        }
        ensure(self.archived.is_none(), Code::Finished, "archived")?;
        let observed = line.class == Class::Observation;
        ensure(
            self.ended.is_none() || observed || AFTER_THE_END.contains(&line.name),
            Code::Ended,
            "ended without a result",
        )?;
        ensure(!self.ids.contains(&core.id), Code::Replayed, "act id")?;
        ensure(
            !self.commitments.contains(act.verified().commitment()),
            Code::Replayed,
            "commitment",
        )?;
        self.in_time(act, line.offline)?;
        self.not_stale(act)?;
        self.not_suspended(act, line)?;
        if line.personal && core.kind != "sheet.sealed" {
            let declared = act
                .verified()
                .body()
                .attachments
                .contains_key(crate::personal::ATTACHMENT);
            ensure(
                declared,
                Code::PersonalSignature,
                "no personal signature is declared",
            )?;
        }
        if line.class != Class::Person {
            let centre = self.record.as_ref().map(|r| r.centre.act_key);
            ensure(
                centre == Some(core.actor),
                Code::NotAllowed,
                "only the centre makes this",
            )?;
        }
        Ok(())
    }

    /// What advances the evaluation waits while it is suspended. A suspension concerns every instance: what was decided
    /// without knowing of it, sheets sealed with the line cut included, is decided anew.
    fn not_suspended(&self, act: &Act<'_>, line: &ActType) -> Result<(), Refusal> {
        let goes_on = line.class == Class::Observation || GOES_ON.contains(&line.name);
        if goes_on || self.ended.is_some() {
            return Ok(());
        }
        // A second suspension is refused by its own file, as done already.
        let again = line.name == "evaluation.suspended";
        ensure(
            self.suspension.is_none() || again,
            Code::Suspended,
            "what advances the evaluation waits",
        )?;
        let unseen = self
            .last_suspended
            .is_some_and(|index| act.core().seen.size <= index);
        ensure(!unseen, Code::Stale, "older than the latest suspension")
    }

    fn in_time(&self, act: &Act<'_>, offline: bool) -> Result<(), Refusal> {
        let core = act.core();
        ensure(
            core.expires >= core.time,
            Code::Expired,
            "expires before it was made",
        )?;
        ensure(
            core.time <= act.time() + MAX_CLAIM_SKEW,
            Code::Expired,
            "claimed time lies ahead",
        )?;
        if offline {
            return Ok(()); // expires only with the close of its round, which the act's own file checks
        }
        ensure(
            core.expires - core.time <= MAX_ACT_LIFE,
            Code::Expired,
            "life longer than 24 h",
        )?;
        ensure(core.expires >= act.time(), Code::Expired, "expired")
    }

    fn not_stale(&self, act: &Act<'_>) -> Result<(), Refusal> {
        let core = act.core();
        let seen = &core.seen;
        ensure(
            seen.size <= self.size(),
            Code::ForkedHistory,
            "has seen more than there is",
        )?;
        let root = self.tree.root_at(seen.size).ok();
        ensure(root == Some(seen.root), Code::ForkedHistory, "seen root differs")?;
        match self.control.get(&core.instance) {
            Some(&index) => ensure(
                seen.size > index,
                Code::Stale,
                "older than the instance's latest control act",
            ),
            None => Ok(()),
        }
    }
}
