//! What clerk and supervisor decide together: that a late opening goes on, that an evaluation ends without a result.

use crate::acting::{Progress, act};
use crate::checks::{check_ending, deadline_kept};
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::Role;
use evaluation::acts::ending::{self, ENDING, EvaluationEnded};
use evaluation::acts::opening::OpeningAllowed;
use evaluation::plan::OPENING;

/// The ground on which this role is asked to end the evaluation now. The clerk says it first.
pub fn ending_due(desk: &Desk, role: Role) -> Option<EvaluationEnded> {
    let state = desk.replica.state();
    let turn = role == Role::Clerk || state.ending().contains(&Role::Clerk);
    if !turn || state.ending().contains(&role) {
        return None;
    }
    ending::ground(state)
}

/// Ends an evaluation that can't go on, on the ground that the record gives; `None` when there is none.
///
/// # Errors
/// A ground that the identities opened here contradict; the line.
pub fn end(desk: &mut Desk, role: Role) -> Result<Option<Progress>, ClientError> {
    let Some(ended) = ending_due(desk, role) else {
        return Ok(None);
    };
    check_ending(&desk.replica, &ended)?;
    act(desk, "evaluation.ended", ENDING, &ended).map(Some)
}

/// Whether this role is asked to let the opening go on although the witnesses' times came too late (protocol 5).
pub fn late_opening_due(desk: &Desk, role: Role) -> bool {
    let state = desk.replica.state();
    let decided = state.opening_allowed().contains(&role) || state.opening_recorded();
    !decided && deadline_kept(&desk.replica) == Some(false)
}

/// Lets the opening go on; `None` when nobody asks for it.
///
/// # Errors
/// The line.
pub fn allow_late_opening(desk: &mut Desk, role: Role) -> Result<Option<Progress>, ClientError> {
    if !late_opening_due(desk, role) {
        return Ok(None);
    }
    let reason = "截止时间的检查点会签晚于十秒，经核对各方时钟，同意继续开标。".to_owned();
    act(desk, "opening.allowed", OPENING, &OpeningAllowed { reason }).map(Some)
}
