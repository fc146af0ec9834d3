//! Sealed bids: submit, replace, withdraw, deadline (protocol 5).

use super::ceremony::LOT_KEY;
use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::state::{SealedPart, State, Submission};
use record::{BlobRef, Millis};
use sealing::bid::{self, PartId, WrapContext, Wraps};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Instance of the acts of bidders before the opening.
pub const BIDS: &str = "bids";

/// Most submissions of a lot, and the largest part.
const MAX_SUBMISSIONS: usize = 1024;
const MAX_PART: u64 = 8 * 1024 * 1024 * 1024;

/// Payload of `bid.submitted` and `bid.replaced`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidSubmitted {
    /// Random id, 32 hex digits.
    pub submission: String,
    /// The sealed parts.
    pub parts: Vec<PartSubmitted>,
}

/// One sealed part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartSubmitted {
    /// Name of the part.
    pub part: String,
    /// The sealed container.
    pub container: BlobRef,
    /// Its wrapped keys with the proof of knowledge of the ephemeral.
    pub wraps: Wraps,
}

/// Payload of `bid.withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidWithdrawn {
    /// Submission.
    pub submission: String,
}

/// Payload of `deadline.reached`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadlineReached {
    /// The deadline as fixed.
    pub deadline: Millis,
}

/// Context of a part's wraps: what every proof about it is bound to.
///
/// # Errors
/// [`Code::WrongStage`] before the lot key is complete.
pub fn wrap_context(state: &State, submission: &str, part: &str) -> Result<WrapContext, Refusal> {
    let setting = state.setting()?;
    let key = state.ceremony_key(LOT_KEY)?;
    let id = PartId {
        origin: setting.origin.0,
        submission: submission_id(submission)?,
        part: part.to_owned(),
    };
    Ok(WrapContext { id, y: key.y })
}

/// The 16 bytes of a submission id.
///
/// # Errors
/// [`Code::Malformed`] unless it is 32 lower-case hex digits.
pub fn submission_id(text: &str) -> Result<[u8; 16], Refusal> {
    let mut id = [0; 16];
    let lower = !text.bytes().any(|b| b.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut id) {
        Ok(()) if lower => Ok(id),
        _ => Err(Refusal::new(Code::Malformed, "submission id")),
    }
}

fn taking_bids(state: &State, act: &Act<'_>) -> Result<(), Refusal> {
    ensure(act.core().instance == BIDS, Code::Malformed, "instance bids")?;
    let deadline = state.setting()?.deadline;
    ensure(
        state.deadline_reached.is_none() && act.time() < deadline,
        Code::Late,
        "after the deadline",
    )
}

/// The parts that the rulebook names, each with its key wrap proven and no ephemeral used before.
fn check_parts(state: &State, submitted: &BidSubmitted) -> Result<BTreeMap<String, SealedPart>, Refusal> {
    let book = state.book()?;
    let wanted: BTreeSet<&str> = book
        .parts
        .iter()
        .map(|part| crate::plan::part_text(part.name))
        .collect();
    let given: BTreeSet<&str> = submitted.parts.iter().map(|part| part.part.as_str()).collect();
    ensure(
        wanted == given && given.len() == submitted.parts.len(),
        Code::Rule,
        "parts differ from the rulebook's",
    )?;
    let mut parts = BTreeMap::new();
    let mut fresh = BTreeSet::new();
    for part in &submitted.parts {
        ensure(
            (1..=MAX_PART).contains(&part.container.size),
            Code::Limit,
            "size of a part",
        )?;
        let context = wrap_context(state, &submitted.submission, &part.part)?;
        bid::check_wrap(&context, &part.wraps)
            .map_err(|fault| Refusal::new(Code::Proof, fault.to_string()))?;
        let ephemeral = part.wraps.ephemeral();
        let used = state.ephemerals.contains(&ephemeral) || !fresh.insert(ephemeral);
        ensure(
            !used,
            Code::EphemeralReused,
            "ephemeral key of a wrap occurred before",
        )?;
        parts.insert(
            part.part.clone(),
            SealedPart {
                container: part.container,
                wraps: part.wraps.clone(),
            },
        );
    }
    Ok(parts)
}

pub(super) fn submitted(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let submitted: BidSubmitted = act.payload()?;
    taking_bids(state, act)?;
    ensure(state.ingest.is_some(), Code::WrongStage, "no ingest key")?;
    ensure(
        state.submissions.len() < MAX_SUBMISSIONS,
        Code::Limit,
        "1,024 submissions at most",
    )?;
    ensure(
        !state.submissions.contains_key(&submitted.submission),
        Code::AlreadyDone,
        "submission exists",
    )?;
    let key = act.core().actor;
    let key_used = state.submissions.values().any(|s| s.key == key) || state.people.contains_key(&key);
    ensure(!key_used, Code::NotAllowed, "a submission key is used once")?;
    let parts = check_parts(state, &submitted)?;
    state
        .ephemerals
        .extend(parts.values().map(|part| part.wraps.ephemeral()));
    let submission = Submission {
        index: act.index(),
        first: act.index(),
        key,
        parts,
        withdrawn: false,
        unlocked: BTreeSet::new(),
        partials: BTreeMap::new(),
        outcomes: BTreeMap::new(),
        bidder: None,
    };
    state.submissions.insert(submitted.submission, submission);
    Ok(())
}

fn own(state: &State, act: &Act<'_>, id: &str) -> Result<(), Refusal> {
    let submission = state.submission(id)?;
    ensure(
        submission.key == act.core().actor,
        Code::NotAllowed,
        "not the key of this submission",
    )?;
    ensure(!submission.withdrawn, Code::AlreadyDone, "withdrawn")
}

pub(super) fn replaced(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let replaced: BidSubmitted = act.payload()?;
    taking_bids(state, act)?;
    own(state, act, &replaced.submission)?;
    let parts = check_parts(state, &replaced)?;
    state
        .ephemerals
        .extend(parts.values().map(|part| part.wraps.ephemeral()));
    if let Some(submission) = state.submissions.get_mut(&replaced.submission) {
        submission.index = act.index();
        submission.parts = parts;
    }
    Ok(())
}

pub(super) fn withdrawn(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let withdrawn: BidWithdrawn = act.payload()?;
    taking_bids(state, act)?;
    own(state, act, &withdrawn.submission)?;
    if let Some(submission) = state.submissions.get_mut(&withdrawn.submission) {
        submission.withdrawn = true;
    }
    Ok(())
}

pub(super) fn deadline_reached(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let reached: DeadlineReached = act.payload()?;
    ensure(act.core().instance == BIDS, Code::Malformed, "instance bids")?;
    let deadline = state.setting()?.deadline;
    ensure(reached.deadline == deadline, Code::Mismatch, "deadline differs")?;
    ensure(act.time() >= deadline, Code::Early, "before the deadline")?;
    ensure(
        state.deadline_reached.is_none(),
        Code::AlreadyDone,
        "deadline is recorded",
    )?;
    state.deadline_reached = Some(act.index());
    Ok(())
}
