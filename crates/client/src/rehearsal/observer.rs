//! Supervisor and witness person: do every duty of an observer as soon as it is due.

use super::{Part, Progress};
use crate::acting::act;
use crate::author::PersonalKey;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::{draw, joint, observer};
use evaluation::Role;
use evaluation::acts::supervision::{Phrase, SUPERVISION, WarningGiven};
use evaluation::acts::suspension::{EvaluationResumed, EvaluationSuspended, SUSPENSION};
use record::Millis;
use serde::{Deserialize, Serialize};

/// A drill: a supervisor suspends the evaluation once, in the middle of a round, warns, and resumes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SuspensionDrill {
    /// The round: suspended when the first sheet is sealed and others are not.
    pub round: String,
    /// How long it lasts at least, milliseconds.
    pub lasts: Millis,
}

/// An observer.
pub struct ObserverPart {
    /// Supervisor or witness person.
    pub role: Role,
    /// Signs countersignatures.
    pub personal: PersonalKey,
    /// Suspends in the middle of a round; a supervisor's only.
    pub drill: Option<SuspensionDrill>,
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
            if let Some(step) = self.suspend(desk)? {
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

    /// Warns the committee, and resumes what the drill suspended when its time is over.
    fn while_suspended(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let state = desk.replica.state();
        let (Some(suspension), Some(drill)) = (state.suspended(), &self.drill) else {
            return Ok(Progress::Waiting);
        };
        if suspension.by != desk.author.public() {
            return Ok(Progress::Waiting);
        }
        if state.warnings().all(|warning| warning.index < suspension.since) {
            let warning = WarningGiven {
                line: None,
                phrase: Phrase::SilencePlease,
                reason: "暂停期间请留在评标仓内。".to_owned(),
            };
            return act(desk, "warning.given", SUPERVISION, &warning);
        }
        if state.last_time().max(desk.now()) < suspension.time + drill.lasts {
            return Ok(Progress::Waiting);
        }
        let reason = "原因已消除，恢复评标。".to_owned();
        act(
            desk,
            "evaluation.resumed",
            SUSPENSION,
            &EvaluationResumed { reason },
        )
    }
}

impl ObserverPart {
    /// The drill's suspension, when its moment is there and it was not made yet.
    fn suspend(&self, desk: &mut Desk) -> Result<Option<Progress>, ClientError> {
        let state = desk.replica.state();
        let Some(drill) = self.drill.as_ref().filter(|_| state.last_suspended().is_none()) else {
            return Ok(None);
        };
        let midway = state.round(&drill.round).is_some_and(|round| {
            let sealed = round.sheets.len();
            round.closed.is_none() && sealed > 0 && sealed < round.setting.roster.len()
        });
        if !midway {
            return Ok(None);
        }
        let reason = "评标现场网络异常，暂停核查。".to_owned();
        act(
            desk,
            "evaluation.suspended",
            SUSPENSION,
            &EvaluationSuspended { reason },
        )
        .map(Some)
    }
}
