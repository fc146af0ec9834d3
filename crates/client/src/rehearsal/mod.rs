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
mod maker;
mod observer;
mod purchaser;
mod scenario;
mod seat;
mod seats;
mod site_desk;
mod window;

pub use crate::roles::clerk::plan::{ClerkPlan, MemberPlan};
pub use authority::Authority;
pub use bidder::{BidderPart, Trouble, part_plaintext};
pub use booth::{BoothPart, Pace, Reconnect, SheetScript};
pub use cast::{BidderScript, Cast, MemberScript, Scenario};
pub use clerk::ClerkPart;
pub use custodian::CustodianPart;
pub use holder::HolderPart;
pub use observer::{ObserverPart, SuspensionDrill};
pub use purchaser::{PricePlan, PurchaserPart, QualificationPlan};
pub use seat::{Identity, KeyWithPin, Links, MemberKeys, Ports, Post, RandomOf, Seat, Seated, Sitter};
pub use site_desk::{PresentMember, SiteDeskPart};
pub use window::{Furnishing, Paper};

pub use crate::acting::Progress;

pub(crate) use crate::acting::{act, settle};
pub(crate) use crate::roles::joint::{allow_late_opening, end};

use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::{Party, Role};

/// A virtual person at a seat.
pub trait Part: Send {
    /// Takes the next step that the record asks of this seat.
    ///
    /// # Errors
    /// A refusal by own checks, or the line.
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError>;

    /// What is done at this seat while the evaluation is suspended: nothing, unless the seat says otherwise.
    ///
    /// # Errors
    /// As [`Part::step`].
    fn while_suspended(&mut self, _desk: &mut Desk) -> Result<Progress, ClientError> {
        Ok(Progress::Waiting)
    }
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
    let step = match desk.replica.state().suspended() {
        None => part.step(desk),
        Some(_) => part.while_suspended(desk),
    };
    match step {
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
