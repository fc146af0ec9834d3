//! Supervisor and witness person: do every duty of an observer as soon as it is due.

use super::{Part, Progress};
use crate::author::PersonalKey;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::{draw, joint, observer};
use evaluation::Role;

/// An observer.
pub struct ObserverPart {
    /// Supervisor or witness person.
    pub role: Role,
    /// Signs countersignatures.
    pub personal: PersonalKey,
}

impl Part for ObserverPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        if let Some(line) = observer::unseen(desk, self.role).into_iter().next() {
            return observer::see_binding(desk, &line);
        }
        if self.role == Role::Supervisor {
            if let Some(step) = joint::allow_late_opening(desk, Role::Supervisor)? {
                return Ok(step);
            }
            if let Some(step) = joint::end(desk, Role::Supervisor)? {
                return Ok(step);
            }
            let step = draw::take_part(desk)?;
            if step != Progress::Waiting {
                return Ok(step);
            }
            if let Some(instance) = observer::uncountersigned(desk).into_iter().next() {
                return observer::countersign(desk, &instance, &self.personal);
            }
        }
        let finished = desk.replica.state().archived().is_some();
        Ok(if finished {
            Progress::Done
        } else {
            Progress::Waiting
        })
    }
}
