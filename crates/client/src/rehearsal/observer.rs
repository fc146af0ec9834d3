//! Supervisor and witness person: see bindings; the supervisor takes part in draws and countersigns closes.

use super::site_desk::take_part_in_draw;
use super::{Part, Progress, act, signed};
use crate::author::PersonalKey;
use crate::checks::check_binding;
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::binding::BindingSeen;
use evaluation::acts::committee::COMMITTEE;
use evaluation::acts::rounds::RoundCountersigned;
use evaluation::{CodeName, Role};

/// An observer.
pub struct ObserverPart {
    /// Supervisor or witness person.
    pub role: Role,
    /// Signs countersignatures.
    pub personal: PersonalKey,
}

impl Part for ObserverPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        if let Some(line) = self.unseen(desk) {
            let key = check_binding(&desk.replica, &line)?;
            return act(desk, "binding.seen", COMMITTEE, &BindingSeen { line, key });
        }
        if self.role == Role::Supervisor {
            if let Some(step) = super::allow_late_opening(desk, Role::Supervisor)? {
                return Ok(step);
            }
            if let Some(step) = super::end(desk, Role::Supervisor)? {
                return Ok(step);
            }
            let step = take_part_in_draw(desk)?;
            if step != Progress::Waiting {
                return Ok(step);
            }
            let rounds = desk.replica.state().rounds();
            let waiting = rounds.iter().find_map(|(instance, round)| {
                let closed = round.closed?;
                round
                    .countersigned
                    .is_none()
                    .then(|| (instance.clone(), closed.0))
            });
            if let Some((instance, closed)) = waiting {
                let payload = RoundCountersigned { closed };
                return signed(
                    desk,
                    "round.countersigned",
                    &instance,
                    &payload,
                    Some(&self.personal),
                );
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

impl ObserverPart {
    /// A bound line that this observer has to see and has not.
    fn unseen(&self, desk: &Desk) -> Option<CodeName> {
        let state = desk.replica.state();
        let own_site = state
            .parties(&desk.author.public())
            .iter()
            .find_map(|party| party.site.clone());
        let found = state.committee().lines.iter().find(|(_, line)| {
            let mine = self.role == Role::Supervisor || own_site.as_ref() == Some(&line.site);
            mine && line
                .binding
                .as_ref()
                .is_some_and(|binding| !binding.seen.contains(&self.role))
        });
        found.map(|(name, _)| name.clone())
    }
}
