//! The clerk: set-up, lot key, opening, committee, rounds, result, report, archive, one after the other.

use super::{Part, Progress};
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::clerk::acts;
use crate::roles::clerk::plan::ClerkPlan;
use evaluation::Role;

/// The clerk.
pub struct ClerkPart {
    /// Plan.
    pub plan: ClerkPlan,
}

impl Part for ClerkPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        if desk.replica.state().record().is_none() {
            return acts::create(&self.plan, desk);
        }
        if desk.replica.state().ended().is_some() {
            return acts::archive(desk);
        }
        if let Some(done) = acts::set_up(&self.plan, desk)? {
            return Ok(done);
        }
        if let Some(done) = acts::lot_key(&self.plan, desk)? {
            return Ok(done);
        }
        if let Some(done) = super::end(desk, Role::Clerk)? {
            return Ok(done);
        }
        if let Some(done) = acts::committee(&self.plan, desk)? {
            return Ok(done);
        }
        if desk.replica.state().deadline_reached().is_none() {
            return Ok(Progress::Waiting);
        }
        if let Some(done) = super::allow_late_opening(desk, Role::Clerk)? {
            return Ok(done);
        }
        if let Some(done) = acts::opening(&self.plan, desk)? {
            return Ok(done);
        }
        acts::stages(&self.plan, desk)
    }
}
