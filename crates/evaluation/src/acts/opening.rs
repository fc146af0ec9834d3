//! Opening sealed parts one by one (protocol 5; OPEN-1, OPEN-3, MIN-1).

use super::bids::wrap_context;
use super::ceremony::LOT_KEY;
use crate::apply::Act;
use crate::plan::{OPENING, parts_opened_at};
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, Role};
use crate::state::{BidPart, PartOutcome, State};
use record::BlobRef;
use sealing::curve::P256;
use sealing::proofs::Partial;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Payload of `opening.allowed`: clerk and supervisor let the opening go on although the first checkpoint over
/// the deadline was cosigned too late.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningAllowed {
    /// Reason, for the record.
    pub reason: String,
}

/// Payload of `opening.started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningStarted {
    /// The parts, as the rulebook names them for this instance.
    pub parts: Vec<String>,
}

/// Payload of `bid.unlocked`; the halves of the keys are attachments `key_<part>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BidUnlocked {
    /// Submission.
    pub submission: String,
    /// Parts whose half is given.
    pub parts: Vec<String>,
}

/// Payload of `partial.released`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartialReleased {
    /// Submission.
    pub submission: String,
    /// Partial decryptions of its parts, each with its proof.
    pub partials: Vec<PartPartial>,
}

/// A partial decryption of one part.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartPartial {
    /// Part.
    pub part: String,
    /// Partial decryption with Chaum-Pedersen proof.
    pub partial: Partial<P256>,
}

/// Payload of `part.opened`; the file key K is attachment `key`, the identity statement attachment `identity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartOpened {
    /// Submission.
    pub submission: String,
    /// Part.
    pub part: String,
    /// What came of it.
    pub outcome: Outcome,
}

/// Outcome of opening a part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    /// Opened: digest and size of the plaintext.
    Opened(BlobRef),
    /// Failed, for a reason of [`FAILURES`].
    Failed(String),
}

/// Why a part could not be opened: the bidder did not give its half; no half fits the committed key; the
/// container is damaged; the statement or the bidder's signature inside is wrong.
pub const FAILURES: [&str; 4] = ["not_unlocked", "key_mismatch", "damaged", "statement"];

/// Payload of `opening.recorded` (开标记录).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpeningRecorded {
    /// Every standing submission, in order.
    pub bids: Vec<RecordedBid>,
    /// How many distinct bidders the opened identities show.
    pub distinct: u32,
}

/// One line of the opening record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedBid {
    /// Submission.
    pub submission: String,
    /// Ordinal of the bidder; `None` when its identity could not be opened.
    pub bidder: Option<BidderId>,
}

pub(super) fn allowed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let allowed: OpeningAllowed = act.payload()?;
    let role = state
        .party(&act.core().actor, &[Role::Clerk, Role::Supervisor])?
        .role;
    ensure(
        !allowed.reason.trim().is_empty(),
        Code::Malformed,
        "a reason is needed",
    )?;
    ensure(
        state.deadline_reached.is_some(),
        Code::Early,
        "before the deadline",
    )?;
    ensure(
        !state.opening_allowed.contains(&role),
        Code::AlreadyDone,
        "has allowed",
    )?;
    state.opening_allowed.insert(role);
    Ok(())
}

pub(super) fn started(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let started: OpeningStarted = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let instance = act.core().instance.clone();
    let book = state.book()?;
    ensure(
        state.deadline_reached.is_some(),
        Code::Early,
        "before the deadline",
    )?;
    state.ceremony_key(LOT_KEY)?;
    ensure(
        !state.openings.contains_key(&instance),
        Code::AlreadyDone,
        "is being opened",
    )?;
    let parts = parts_opened_at(&book, &instance);
    ensure(
        !parts.is_empty() && started.parts == parts,
        Code::Rule,
        "parts differ from the rulebook's",
    )?;
    if instance == OPENING {
        // MIN-1: counted on standing submissions before any decryption.
        let standing = u32::try_from(state.standing().len()).unwrap_or(u32::MAX);
        let minimum = book.minimum_bidders.at_deadline;
        ensure(
            standing >= minimum,
            Code::TooFew,
            format!("{standing} submissions, {minimum} needed"),
        )?;
    } else {
        state.stage_may_start(&book, &instance)?;
    }
    let parts = parts
        .into_iter()
        .map(|name| BidPart {
            name: name.to_owned(),
        })
        .collect();
    state.openings.insert(instance, parts);
    Ok(())
}

/// The submission takes part in this opening and the part is one of it.
fn being_opened(state: &State, instance: &str, submission: &str, part: &str) -> Result<(), Refusal> {
    let parts = state
        .openings
        .get(instance)
        .ok_or_else(|| Refusal::new(Code::WrongStage, "nothing is opened here"))?;
    ensure(
        parts.iter().any(|p| p.name == part),
        Code::WrongStage,
        "part is not opened here",
    )?;
    let found = state.submission(submission)?;
    ensure(!found.withdrawn, Code::NotAllowed, "a withdrawn bid stays shut")?;
    ensure(
        !found.outcomes.contains_key(part),
        Code::AlreadyDone,
        "part has its outcome",
    )?;
    ensure(
        state
            .submissions_in_play(instance)
            .iter()
            .any(|id| id == submission),
        Code::NotAllowed,
        "the bid is no longer in play",
    )
}

pub(super) fn unlocked(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let unlocked: BidUnlocked = act.payload()?;
    let submission = state.submission(&unlocked.submission)?;
    ensure(
        submission.key == act.core().actor,
        Code::NotAllowed,
        "not the key of this submission",
    )?;
    ensure(!unlocked.parts.is_empty(), Code::Malformed, "no part")?;
    for part in &unlocked.parts {
        being_opened(state, &act.core().instance, &unlocked.submission, part)?;
        let name = format!("key_{part}");
        let declared = act.verified().body().attachments.contains_key(&name);
        ensure(declared, Code::Malformed, "the half of the key is an attachment")?;
    }
    if let Some(submission) = state.submissions.get_mut(&unlocked.submission) {
        submission.unlocked.extend(unlocked.parts);
    }
    Ok(())
}

pub(super) fn partial_released(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let released: PartialReleased = act.payload()?;
    let holder = state.holder(LOT_KEY, &act.core().actor)?;
    let key = state.ceremony_key(LOT_KEY)?;
    let submission = state.submission(&released.submission)?;
    ensure(!released.partials.is_empty(), Code::Malformed, "no part")?;
    let mut parts = BTreeSet::new();
    for PartPartial { part, partial } in &released.partials {
        being_opened(state, &act.core().instance, &released.submission, part)?;
        ensure(parts.insert(part), Code::Malformed, "a part twice")?;
        let done = submission
            .partials
            .get(part)
            .is_some_and(|known| known.contains_key(&holder));
        ensure(!done, Code::AlreadyDone, "has released this part")?;
        let sealed = submission
            .parts
            .get(part)
            .ok_or_else(|| Refusal::new(Code::NotFound, "no such part"))?;
        ensure(
            partial.holder == holder,
            Code::NotAllowed,
            "partial of another holder",
        )?;
        let context = wrap_context(state, &released.submission, part)?;
        sealing::bid::check_partial_for_wrap(key, &context, &sealed.wraps, partial)
            .map_err(|fault| Refusal::new(Code::Proof, fault.to_string()))?;
    }
    if let Some(submission) = state.submissions.get_mut(&released.submission) {
        for PartPartial { part, partial } in released.partials {
            submission
                .partials
                .entry(part)
                .or_default()
                .insert(holder, partial);
        }
    }
    Ok(())
}

pub(super) fn part_opened(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let opened: PartOpened = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    being_opened(state, &act.core().instance, &opened.submission, &opened.part)?;
    let submission = state.submission(&opened.submission)?;
    let threshold = usize::from(
        state
            .ceremonies
            .get(LOT_KEY)
            .map_or(u8::MAX, |c| c.setting.threshold),
    );
    let partials = submission
        .partials
        .get(&opened.part)
        .map_or(0, std::collections::BTreeMap::len);
    let attachments = &act.verified().body().attachments;
    let outcome = match opened.outcome {
        Outcome::Opened(content) => {
            ensure(
                partials >= threshold,
                Code::WrongStage,
                "fewer than t partial decryptions",
            )?;
            ensure(
                attachments.contains_key("key"),
                Code::Malformed,
                "the file key is an attachment",
            )?;
            let named = opened.part != "opening" || attachments.contains_key("identity");
            ensure(named, Code::Malformed, "the identity statement is an attachment")?;
            PartOutcome::Opened(content)
        }
        Outcome::Failed(reason) => {
            ensure(
                FAILURES.contains(&reason.as_str()),
                Code::Malformed,
                "reason of a failure",
            )?;
            let fair = partials >= threshold || reason == "not_unlocked";
            ensure(fair, Code::WrongStage, "fewer than t partial decryptions")?;
            ensure(
                reason != "not_unlocked" || !submission.unlocked.contains(&opened.part),
                Code::Mismatch,
                "the bidder gave its half",
            )?;
            PartOutcome::Failed(reason)
        }
    };
    if let Some(submission) = state.submissions.get_mut(&opened.submission) {
        submission.outcomes.insert(opened.part, outcome);
    }
    Ok(())
}

pub(super) fn recorded(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let recorded: OpeningRecorded = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        act.core().instance == OPENING,
        Code::Malformed,
        "instance opening",
    )?;
    ensure(
        state.distinct.is_none(),
        Code::AlreadyDone,
        "the opening record stands",
    )?;
    ensure(
        state.parts_done(OPENING),
        Code::WrongStage,
        "not every bid has its outcome",
    )?;
    let standing: Vec<&String> = state.standing().into_iter().map(|(id, _)| id).collect();
    let listed: Vec<&String> = recorded.bids.iter().map(|bid| &bid.submission).collect();
    ensure(
        standing == listed,
        Code::Mismatch,
        "every standing submission, in order",
    )?;
    let mut next = 1u32;
    for bid in &recorded.bids {
        let failed = state
            .submission(&bid.submission)?
            .outcomes
            .values()
            .any(|o| matches!(o, PartOutcome::Failed(_)));
        let expected = (!failed).then(|| format!("B{next}"));
        ensure(
            bid.bidder.as_ref().map(BidderId::as_str) == expected.as_deref(),
            Code::Mismatch,
            "ordinals are B1, B2, … over the opened bids",
        )?;
        next += u32::from(!failed);
    }
    ensure(
        recorded.distinct < next,
        Code::Mismatch,
        "more distinct bidders than bids",
    )?;
    let minimum = state.book()?.minimum_bidders.at_deadline;
    for bid in recorded.bids {
        if let Some(bidder) = bid.bidder {
            if let Some(submission) = state.submissions.get_mut(&bid.submission) {
                submission.bidder = Some(bidder.clone());
            }
            state.bidders.insert(bidder, bid.submission);
        }
    }
    // MIN-1 again, on distinct bidders: with fewer the record stands, no stage can start, and the evaluation can be
    // ended.
    state.distinct = Some(recorded.distinct);
    state.opening_recorded = recorded.distinct >= minimum;
    Ok(())
}
