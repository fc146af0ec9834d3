//! Acts come in as batches, are committed, and what is due by the clock is made before and after them.

use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::principal::Principal;
use crate::record_core::RecordCore;
use crate::submit::may_submit;
use protocol::Acknowledged;
use record::{Origin, Submission, VerifiedAct, verify_submission};
use std::sync::Mutex;

impl Centre {
    /// Admits acts of one record as a batch; the shell collects what waits (group commit).
    ///
    /// # Errors
    /// One answer an act.
    pub fn act_batch(
        &self,
        origin: &Origin,
        batch: Vec<(Principal, VerifiedAct)>,
    ) -> Vec<Result<Acknowledged, CentreError>> {
        let core = match self.core(origin) {
            Ok(core) => core,
            Err(_) => {
                return batch
                    .iter()
                    .map(|_| Err(CentreError::NotFound("record")))
                    .collect();
            }
        };
        let mut answers: Vec<Option<Result<Acknowledged, CentreError>>> = Vec::with_capacity(batch.len());
        let mut allowed = Vec::new();
        let now = self.now();
        {
            let mut core = lock(&core);
            for (principal, act) in batch {
                let passed = may_submit(&core, &principal, &act);
                match passed.err().or_else(|| core.keep_waiting(&act, now)) {
                    None => {
                        allowed.push(act);
                        answers.push(None);
                    }
                    Some(error) => answers.push(Some(Err(error))),
                }
            }
        }
        let archived = allowed.iter().any(|act| act.core().kind == "archived");
        let mut committed = self.commit(&core, allowed).into_iter();
        let answers: Vec<_> = answers
            .into_iter()
            .map(|answer| {
                answer.unwrap_or_else(|| {
                    committed
                        .next()
                        .unwrap_or(Err(CentreError::Internal("no answer".to_owned())))
                })
            })
            .collect();
        if archived && self.settle_register().is_err() {
            // Healed at the next start or archive: the act itself is durable and acknowledged.
            tracing::warn!(record = %origin, "the register could not be written");
        }
        answers
    }

    /// Admits one act.
    ///
    /// # Errors
    /// As decided.
    pub fn act_submit(
        &self,
        principal: &Principal,
        origin: &Origin,
        submission: &Submission,
    ) -> Result<Acknowledged, CentreError> {
        let act = verify_submission(submission).map_err(|e| CentreError::BadRequest(e.to_string()))?;
        let mut answers = self.act_batch(origin, vec![(*principal, act)]);
        answers
            .pop()
            .unwrap_or(Err(CentreError::Internal("no answer".to_owned())))
    }

    pub(crate) fn commit(
        &self,
        core: &Mutex<RecordCore>,
        batch: Vec<VerifiedAct>,
    ) -> Vec<Result<Acknowledged, CentreError>> {
        let now = self.now();
        let mut core = lock(core);
        self.with_random(|random| {
            // What is due by the clock comes before what was brought later.
            if let Err(error) = core.make_due(now, random) {
                tracing::warn!(%error, "centre acts that are due could not be made");
            }
            let actors: Vec<_> = batch
                .iter()
                .map(|act| (act.core().actor, act.core().kind.clone()))
                .collect();
            let answers = core.commit(batch, now, random);
            for ((actor, kind), answer) in actors.iter().zip(&answers) {
                if let Err(CentreError::Refused(refusal)) = answer {
                    core.note_refusal(actor, kind, refusal.code);
                }
            }
            // A reveal may have completed a draw: its result follows at once.
            if let Err(error) = core.make_due(now, random) {
                tracing::warn!(%error, "centre acts that are due could not be made");
            }
            answers
        })
    }

    /// Centre acts that are due: the deadline, overdue draws. Returns whether any record grew.
    ///
    /// # Errors
    /// Store faults.
    pub fn tick(&self) -> Result<bool, CentreError> {
        let now = self.now();
        let mut grew = false;
        for origin in self.open_origins() {
            let core = self.core(&origin)?;
            let mut core = lock(&core);
            grew |= self.with_random(|random| -> Result<bool, CentreError> {
                let settled = core.settle_restore(now, random)?;
                let made = core.make_due(now, random)?;
                let observed = core.observe_due(now, random)?;
                let any = settled || made || !observed.is_empty();
                for answer in core.commit(observed, now, random) {
                    answer?;
                }
                Ok(any)
            })?;
        }
        self.sweep_bid_blobs(now)?;
        Ok(grew)
    }

    /// Before the process ends: bids that wait for their entry are entered, since they are in memory alone.
    ///
    /// # Errors
    /// Store faults.
    pub fn close(&self) -> Result<(), CentreError> {
        let now = self.now();
        for origin in self.open_origins() {
            let core = self.core(&origin)?;
            let mut core = lock(&core);
            self.with_random(|random| core.enter_before_close(now, random))?;
        }
        Ok(())
    }
}
