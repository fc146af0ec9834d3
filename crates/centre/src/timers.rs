//! Centre acts: the deadline, overdue draws, drawn results. Each is recomputable from earlier acts; the centre
//! chooses only when, within what the fold allows.

use crate::error::CentreError;
use crate::keys::CentreKeys;
use crate::record_core::RecordCore;
use evaluation::acts::bids::{BIDS, DeadlineReached};
use evaluation::acts::draws::{self, DrawResult, DrawVoided};
use record::{
    ActId, Body, Core, Header, Millis, Origin, Salt, Seen, Signature, Submission, Suite, VerifiedAct,
    commit_body, signing_input, verify_submission,
};
use sealing::Random;
use serde::Serialize;
use std::collections::BTreeMap;

impl RecordCore {
    /// Enters bids that wait and makes the centre acts that are due. Returns whether the record grew.
    pub(crate) fn make_due(&mut self, now: Millis, random: &mut dyn Random) -> Result<bool, CentreError> {
        let entered = self.enter_due(now, random)?;
        let due = self.due(now, random)?;
        let any = entered || !due.is_empty();
        for answer in self.commit(due, now, random) {
            answer?;
        }
        Ok(any)
    }

    /// The centre acts that are due now.
    fn due(&self, now: Millis, random: &mut dyn Random) -> Result<Vec<VerifiedAct>, CentreError> {
        let mut due = Vec::new();
        let Some(setting) = self.state.record() else {
            return Ok(due);
        };
        let over = self.state.archived().is_some() || self.state.ended().is_some();
        if self.restoring.is_some() || self.stalled || over {
            return Ok(due);
        }
        if self.state.deadline_reached().is_none() && now >= setting.deadline {
            let payload = DeadlineReached {
                deadline: setting.deadline,
            };
            due.push(self.centre_act("deadline.reached", BIDS, &payload, now, random)?);
        }
        if self.state.suspended().is_some() {
            return Ok(due); // nobody can commit or reveal: windows of draws stand still
        }
        let newest = format!("draw/{}", self.state.draws_count());
        if let Some(draw) = self.state.draw(&newest) {
            if let Some(missing) = draws::overdue(draw, now) {
                due.push(self.centre_act("draw.voided", &newest, &DrawVoided { missing }, now, random)?);
            } else if let Some(assigned) = (!draw.done && draw.voided.is_none())
                .then(|| draws::recompute(&self.state, &newest))
                .flatten()
            {
                let payload = DrawResult { assigned };
                due.push(self.centre_act("draw.result", &newest, &payload, now, random)?);
            }
        }
        Ok(due)
    }

    /// An act signed by the centre.
    pub(crate) fn centre_act<T: Serialize>(
        &self,
        kind: &str,
        instance: &str,
        payload: &T,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<VerifiedAct, CentreError> {
        let (id, salt) = drawn(random);
        let act = CentreAct {
            origin: self.origin,
            kind,
            instance,
            payload,
            seen: Seen {
                size: self.state.size(),
                root: self.state.root(),
            },
            time: now.max(self.entries.last().map_or(0, |entry| entry.time)),
            id,
            salt,
        };
        act.sign(&self.keys)
    }
}

/// Act id and salt by chance.
fn drawn(random: &mut dyn Random) -> (ActId, Salt) {
    let (mut id, mut salt) = ([0; 16], [0; 32]);
    random.fill(&mut id);
    random.fill(&mut salt);
    (ActId(id), Salt(salt))
}

/// An act before the centre signs it.
pub(crate) struct CentreAct<'a, T> {
    pub(crate) origin: Origin,
    pub(crate) kind: &'a str,
    pub(crate) instance: &'a str,
    pub(crate) payload: &'a T,
    pub(crate) seen: Seen,
    pub(crate) time: Millis,
    pub(crate) id: ActId,
    pub(crate) salt: Salt,
}

impl<T: Serialize> CentreAct<'_, T> {
    /// Lays out and signs with the centre's act key.
    pub(crate) fn sign(self, keys: &CentreKeys) -> Result<VerifiedAct, CentreError> {
        let internal = |e: &dyn std::fmt::Display| CentreError::Internal(e.to_string());
        let core = Core {
            suite: Suite::International,
            origin: self.origin,
            id: self.id,
            actor: keys.act_public(),
            device: keys.device,
            kind: self.kind.to_owned(),
            instance: self.instance.to_owned(),
            payload: serde_json::to_value(self.payload).map_err(|e| internal(&e))?,
            seen: self.seen,
            time: self.time,
            expires: self.time + 3_600_000,
        };
        let body = Body::new(core, BTreeMap::new()).map_err(|e| internal(&e))?;
        let header = Header::of(&body);
        let commitment = commit_body(&self.salt, &body.bytes);
        let signature = Signature(keys.act.sign(&signing_input(&header, &commitment)));
        let submission = Submission {
            body: body.bytes,
            salt: self.salt,
            signature,
            openings: BTreeMap::new(),
        };
        verify_submission(&submission).map_err(|e| internal(&e))
    }
}
