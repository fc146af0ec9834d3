//! Centre acts: the deadline, overdue draws, drawn results. Each is recomputable from earlier acts; the centre
//! chooses only when, within what the fold allows.

use crate::error::CentreError;
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
    /// The centre acts that are due now.
    pub(crate) fn due(&self, now: Millis, random: &mut dyn Random) -> Result<Vec<VerifiedAct>, CentreError> {
        let mut due = Vec::new();
        let Some(setting) = self.state.record() else {
            return Ok(due);
        };
        if self.restoring.is_some() || self.state.archived().is_some() {
            return Ok(due);
        }
        if self.state.deadline_reached().is_none() && now >= setting.deadline {
            let payload = DeadlineReached {
                deadline: setting.deadline,
            };
            due.push(self.centre_act("deadline.reached", BIDS, &payload, now, random)?);
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
        let time = now.max(self.entries.last().map_or(0, |entry| entry.time));
        let seen = Seen {
            size: self.state.size(),
            root: self.state.root(),
        };
        sign_centre_act(
            &self.keys,
            self.origin,
            kind,
            instance,
            payload,
            seen,
            time,
            random,
        )
    }
}

/// Lays out and signs an act with the centre's act key.
#[expect(clippy::too_many_arguments, reason = "each is one field of the act")]
pub(crate) fn sign_centre_act<T: Serialize>(
    keys: &crate::keys::CentreKeys,
    origin: Origin,
    kind: &str,
    instance: &str,
    payload: &T,
    seen: Seen,
    time: Millis,
    random: &mut dyn Random,
) -> Result<VerifiedAct, CentreError> {
    let internal = |e: &dyn std::fmt::Display| CentreError::Internal(e.to_string());
    let mut id = [0; 16];
    random.fill(&mut id);
    let mut salt = [0; 32];
    random.fill(&mut salt);
    let salt = Salt(salt);
    let core = Core {
        suite: Suite::International,
        origin,
        id: ActId(id),
        actor: keys.act_public(),
        device: keys.device,
        kind: kind.to_owned(),
        instance: instance.to_owned(),
        payload: serde_json::to_value(payload).map_err(|e| internal(&e))?,
        seen,
        time,
        expires: time + 3_600_000,
    };
    let body = Body::new(core, BTreeMap::new()).map_err(|e| internal(&e))?;
    let header = Header::of(&body);
    let commitment = commit_body(&salt, &body.bytes);
    let signature = Signature(keys.act.sign(&signing_input(&header, &commitment)));
    let submission = Submission {
        body: body.bytes,
        salt,
        signature,
        openings: BTreeMap::new(),
    };
    verify_submission(&submission).map_err(|e| internal(&e))
}
