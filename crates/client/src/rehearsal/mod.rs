//! Rehearsal (演练): virtual people who do at a seat what a person would, through the same desk, checks and link.
//!
//! A part looks at the verified record and takes its next step, if there is one; it remembers nothing that the record
//! or the vault does not say. So it can be killed at any moment and goes on. Demonstrations, drills before a real
//! evaluation, and tests use it.

mod authority;
mod bidder;
mod booth;
mod cast;
mod clerk;
mod custodian;
mod holder;
mod observer;
mod opening;
mod purchaser;
mod scenario;
mod seat;
mod site_desk;

pub use authority::Authority;
pub use bidder::{BidderPart, Trouble, part_plaintext};
pub use booth::{BoothPart, Pace, Reconnect, SheetScript};
pub use cast::{BidderScript, Cast, MemberScript, Scenario};
pub use clerk::{ClerkPart, ClerkPlan, MemberPlan};
pub use custodian::CustodianPart;
pub use holder::HolderPart;
pub use observer::ObserverPart;
pub use purchaser::{PricePlan, PurchaserPart, QualificationPlan};
pub use seat::{Identity, KeyWithPin, Links, MemberKeys, Ports, Post, RandomOf, Seat, Seated, Sitter};
pub use site_desk::{PresentMember, SiteDeskPart};

use crate::author::{Draft, PersonalKey};
use crate::checks::check_ending;
use crate::desk::{Desk, Sent};
use crate::error::ClientError;
use evaluation::acts::ending::{self, ENDING};
use evaluation::{Party, Role};
use serde::Serialize;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something was done; look again at once.
    Acted,
    /// Nothing to do until the record grows or time passes.
    Waiting,
    /// This seat has nothing more to do.
    Done,
}

/// A virtual person at a seat.
pub trait Part: Send {
    /// Takes the next step that the record asks of this seat.
    ///
    /// # Errors
    /// A refusal by own checks, or the line.
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError>;
}

/// One turn of a seat: catch up, send what waits, take a step. Passing trouble is waiting.
///
/// # Errors
/// What does not pass by itself: an unsound record, a check that refuses, a wrong PIN.
pub fn turn(desk: &mut Desk, part: &mut dyn Part) -> Result<Progress, ClientError> {
    let caught_up = desk.sync().and_then(|grew| Ok((grew, desk.flush()?)));
    match caught_up {
        // What waited stands in the record now, but not yet in the copy from which the next step is decided.
        Ok((_, flushed)) if flushed > 0 => return Ok(Progress::Acted),
        Ok(_) => {}
        // Before the first act there is nothing to catch up with; who makes it is told by its part.
        Err(ClientError::Centre(body)) if body.error == protocol::ErrorCode::NotFound => {}
        Err(error) if not_yet(&error) => return Ok(waiting(&error)),
        Err(error) => return Err(error),
    }
    if let Some(idle) = after_the_end(desk) {
        return Ok(idle);
    }
    match part.step(desk) {
        Err(error) if not_yet(&error) => Ok(waiting(&error)),
        other => other,
    }
}

/// Once an evaluation ended without a result, clerk and custodians alone have something to do.
fn after_the_end(desk: &Desk) -> Option<Progress> {
    let state = desk.replica.state();
    state.ended()?;
    let parties = state.parties(&desk.author.public());
    let goes_on = |party: &Party| matches!(party.role, Role::Clerk | Role::Custodian);
    if parties.iter().any(goes_on) {
        return None;
    }
    Some(match state.archived() {
        Some(_) => Progress::Done,
        None => Progress::Waiting,
    })
}

/// Clerk and supervisor end an evaluation that can't go on, on the ground that the record gives.
pub(crate) fn end(desk: &mut Desk, role: Role) -> Result<Option<Progress>, ClientError> {
    let state = desk.replica.state();
    let turn = role == Role::Clerk || state.ending().contains(&Role::Clerk);
    if !turn || state.ending().contains(&role) {
        return Ok(None);
    }
    let Some(ended) = ending::ground(state) else {
        return Ok(None);
    };
    check_ending(&desk.replica, &ended)?;
    act(desk, "evaluation.ended", ENDING, &ended).map(Some)
}

fn waiting(error: &ClientError) -> Progress {
    tracing::debug!(%error, "waiting");
    Progress::Waiting
}

/// The line, a busy or waiting centre, a record or a role that does not exist yet.
fn not_yet(error: &ClientError) -> bool {
    use protocol::ErrorCode::{NotFound, Unauthenticated};
    match error {
        ClientError::Centre(body) if matches!(body.error, NotFound | Unauthenticated) => true,
        other => other.is_passing(),
    }
}

/// An act without attachments; a refusal is an error, since a part acts only on what the record asks for.
pub(crate) fn act<T: Serialize>(
    desk: &mut Desk,
    kind: &str,
    instance: &str,
    payload: &T,
) -> Result<Progress, ClientError> {
    signed(desk, kind, instance, payload, None)
}

/// An act with a personal signature.
pub(crate) fn signed<T: Serialize>(
    desk: &mut Desk,
    kind: &str,
    instance: &str,
    payload: &T,
    personal: Option<&PersonalKey>,
) -> Result<Progress, ClientError> {
    settle(desk.act(Draft {
        kind,
        instance,
        payload,
        attachments: Vec::new(),
        personal,
    })?)
}

/// An act that became stale, or that another seat did first, is decided anew from the record.
pub(crate) fn settle(sent: Sent) -> Result<Progress, ClientError> {
    match sent {
        Sent::Acknowledged(_) => Ok(Progress::Acted),
        Sent::Refused(why)
            if ["C-106", "C-109", "C-111", "C-120", "C-122", "C-126"]
                .iter()
                .any(|code| why.starts_with(code)) =>
        {
            tracing::debug!(%why, "decided anew");
            Ok(Progress::Waiting)
        }
        Sent::Refused(why) => Err(ClientError::Check(format!("the centre refused: {why}"))),
    }
}

/// Clerk and supervisor let the opening go on when the witnesses' times came too late (protocol 5).
pub(crate) fn allow_late_opening(
    desk: &mut Desk,
    role: evaluation::Role,
) -> Result<Option<Progress>, ClientError> {
    let state = desk.replica.state();
    let decided = state.opening_allowed().contains(&role) || state.opening_recorded();
    if decided || crate::checks::deadline_kept(&desk.replica) != Some(false) {
        return Ok(None);
    }
    let reason = "截止时间的检查点会签晚于十秒，经核对各方时钟，同意继续开标。".to_owned();
    let payload = evaluation::acts::opening::OpeningAllowed { reason };
    act(desk, "opening.allowed", evaluation::plan::OPENING, &payload).map(Some)
}
