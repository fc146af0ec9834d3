//! Observations: what the centre saw and signs, which the fold never reads (protocol 1): refusals, at most so many an
//! actor a minute, and starts of the centre.

use crate::error::CentreError;
use crate::record_core::RecordCore;
use evaluation::acts::observations::{Health, OBSERVATIONS, Refused};
use evaluation::{Code, catalogue};
use record::{Millis, PublicKey, VerifiedAct};
use sealing::Random;
use serde::Serialize;
use std::collections::BTreeMap;

/// Most observations of one actor in a minute; what is more is counted, and written in the next.
pub(crate) const PER_ACTOR_AND_MINUTE: usize = 6;
const MINUTE: Millis = 60_000;
/// Most actors observed at a time, and most kinds of refusal of each.
const MAX_ACTORS: usize = 256;
const MAX_KINDS: usize = 64;

/// What was observed and is not written yet.
#[derive(Default)]
pub(crate) struct Observed {
    /// The centre was started on this record.
    pub(crate) started: bool,
    actors: BTreeMap<PublicKey, Actor>,
}

#[derive(Default)]
struct Actor {
    /// Begin of the minute in which observations are counted.
    minute: Millis,
    written: usize,
    /// Refusals by act type and code, with their number.
    refused: BTreeMap<(String, Code), u64>,
}

impl RecordCore {
    /// Notes that an act of somebody the record knows was refused. Strangers are not noted: they could fill it.
    pub(crate) fn note_refusal(&mut self, actor: &PublicKey, kind: &str, code: Code) {
        let bidder = self.state.submissions().values().any(|bid| bid.key == *actor);
        let known = bidder || self.state.line_of(actor).is_some() || !self.state.parties(actor).is_empty();
        let Some(kind) = catalogue::find(kind).map(|line| line.name).filter(|_| known) else {
            return;
        };
        let actors = &mut self.observed.actors;
        if actors.len() >= MAX_ACTORS && !actors.contains_key(actor) {
            return;
        }
        let refused = &mut actors.entry(*actor).or_default().refused;
        if refused.len() < MAX_KINDS || refused.contains_key(&(kind.to_owned(), code)) {
            *refused.entry((kind.to_owned(), code)).or_default() += 1;
        }
    }

    /// Writes what was observed; before the deadline it goes with the bids, as an observation about a bidder would
    /// count one.
    pub(crate) fn observe_due(
        &mut self,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<Vec<VerifiedAct>, CentreError> {
        let over = self.state.archived().is_some() || self.state.ended().is_some();
        let quiet = over || self.state.deadline_reached().is_none();
        if quiet || self.restoring.is_some() || self.stalled || self.is_register {
            return Ok(Vec::new());
        }
        self.observations(now, random)
    }

    /// Takes what may be written now.
    pub(crate) fn observations(
        &mut self,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<Vec<VerifiedAct>, CentreError> {
        let mut acts = Vec::new();
        if std::mem::take(&mut self.observed.started) {
            let health = Health {
                event: "started".to_owned(),
                version: env!("CARGO_PKG_VERSION").to_owned(),
            };
            acts.push(self.observation("observation.health", &health, now, random)?);
        }
        let mut refusals = Vec::new();
        for (actor, seen) in &mut self.observed.actors {
            if now >= seen.minute + MINUTE {
                (seen.minute, seen.written) = (now, 0);
            }
            while seen.written < PER_ACTOR_AND_MINUTE {
                let Some(((kind, code), count)) = seen.refused.pop_first() else {
                    break;
                };
                seen.written += 1;
                refusals.push(Refused {
                    actor: *actor,
                    kind,
                    code: code.as_str().to_owned(),
                    count,
                });
            }
        }
        self.observed
            .actors
            .retain(|_, seen| !seen.refused.is_empty() || now < seen.minute + MINUTE);
        for refused in refusals {
            acts.push(self.observation("observation.refused", &refused, now, random)?);
        }
        Ok(acts)
    }

    fn observation<T: Serialize>(
        &self,
        kind: &str,
        payload: &T,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<VerifiedAct, CentreError> {
        self.centre_act(kind, OBSERVATIONS, payload, now, random)
    }
}
