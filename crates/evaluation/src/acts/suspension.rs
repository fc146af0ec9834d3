//! Suspension of an evaluation (暂停封存): a supervisor stops it with a reason, and lets it go on again.

use super::reason;
use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::Role;
use crate::state::State;
use record::{Millis, PublicKey};
use serde::{Deserialize, Serialize};

/// Instance of both acts.
pub const SUSPENSION: &str = "suspension";

/// What goes on while an evaluation is suspended, and is not made stale by a suspension its author had not seen: the
/// law's deadline with the bids before it, the end of the suspension or of the evaluation, what supervision says, what
/// keeps work, and what repairs. Observations too. All else waits: it would advance the evaluation.
pub const GOES_ON: [&str; 15] = [
    "evaluation.resumed",
    "evaluation.ended",
    "warning.given",
    "mark.set",
    "draft.saved",
    "note.saved",
    "bid.submitted",
    "bid.replaced",
    "bid.withdrawn",
    "deadline.reached",
    "key.complained",
    "member.key_replaced",
    "witness.replacement_proposed",
    "witness.replaced",
    "recovered",
];

/// Payload of `evaluation.suspended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationSuspended {
    /// Why, 1 to 500 bytes.
    pub reason: String,
}

/// Payload of `evaluation.resumed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationResumed {
    /// Why it may go on, 1 to 500 bytes.
    pub reason: String,
}

/// A suspension that lasts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suspension {
    /// Index of the act.
    pub since: u64,
    /// Its centre time.
    pub time: Millis,
    /// The reason, as written.
    pub reason: String,
    /// The supervisor's key.
    pub by: PublicKey,
}

pub(super) fn suspended(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let payload: EvaluationSuspended = act.payload()?;
    state.party(&act.core().actor, &[Role::Supervisor])?;
    reason(&payload.reason)?;
    ensure(state.suspension.is_none(), Code::AlreadyDone, "is suspended")?;
    state.suspension = Some(Suspension {
        since: act.index(),
        time: act.time(),
        reason: payload.reason,
        by: act.core().actor,
    });
    state.last_suspended = Some(act.index());
    Ok(())
}

pub(super) fn resumed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let payload: EvaluationResumed = act.payload()?;
    state.party(&act.core().actor, &[Role::Supervisor])?;
    reason(&payload.reason)?;
    let suspension = state.suspension.as_ref();
    let since = suspension.ok_or_else(|| Refusal::new(Code::WrongStage, "is not suspended"))?;
    let lasted = act.time().saturating_sub(since.time);
    state.suspension = None;
    // Nobody could commit or reveal meanwhile: the window of a running draw is longer by that time.
    let running = |draw: &&mut crate::state::DrawState| draw.voided.is_none() && !draw.done;
    for draw in state.draws.values_mut().filter(running) {
        draw.suspended += lasted;
    }
    Ok(())
}
