//! The review that goes down the ranking until enough bids passed (SC-13).

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::{EvaluateError, Progress};
use crate::count::{Moment, Stop, count_check};
use crate::ids::BidderId;
use crate::outcome::{Candidate, Ground, VoteFinding};
use crate::rulebook::{Stage, StageActor, StageKind};

/// What the review found.
#[derive(Debug, Default)]
pub(super) struct Descent {
    /// The bids that fell, with their grounds.
    pub(super) fallen: BTreeMap<BidderId, Ground>,
    /// Votes of the bids that were reviewed.
    pub(super) votes: Vec<VoteFinding>,
    /// Fewer passed than the rulebook needs.
    pub(super) stop: Option<Stop>,
    passed: BTreeSet<BidderId>,
}

impl Descent {
    /// Goes down the ranking. Where the base is computed anew after a rejection, so is the ranking, and the review
    /// goes on down the new one; who was reviewed once is not reviewed again.
    pub(super) fn of(case: &Case<'_>, until: u32) -> Result<Self, EvaluateError> {
        let mut descent = Self::default();
        loop {
            let mut progress = Progress::new(case, false);
            progress.descent.fallen.clone_from(&descent.fallen);
            if progress.reviews()?.is_some() {
                return Ok(Self::default());
            }
            let order = progress.ranked()?.order;
            let before = descent.fallen.len();
            descent.go_down(&progress, &order, until)?;
            if descent.fallen.len() == before || !case.rulebook.price.base_recomputed_after_rejection {
                let passed: Vec<BidderId> = descent.passed.iter().cloned().collect();
                let count = u32::try_from(progress.distinct(&passed)).unwrap_or(u32::MAX);
                if count < until {
                    descent.stop = count_check(case.rulebook, Moment::AfterConformity, count).err();
                }
                return Ok(descent);
            }
        }
    }

    /// Whole ranks: where several share the last one needed, all of them are reviewed.
    fn go_down(
        &mut self,
        progress: &Progress<'_>,
        order: &[Candidate],
        until: u32,
    ) -> Result<(), EvaluateError> {
        let mut passed = 0;
        for same_rank in order.chunk_by(|a, b| a.rank == b.rank) {
            if passed >= until {
                break;
            }
            for Candidate { bidder, .. } in same_rank {
                if !self.passed.contains(bidder) && !self.fallen.contains_key(bidder) {
                    match progress.review_alone(bidder, &mut self.votes)? {
                        Some(ground) => self.fallen.insert(bidder.clone(), ground).is_some(),
                        None => self.passed.insert(bidder.clone()),
                    };
                }
                passed += u32::from(self.passed.contains(bidder));
            }
        }
        Ok(())
    }
}

impl Progress<'_> {
    /// The conformity of one bid: recorded rejections, then the votes of each stage until it falls.
    fn review_alone(
        &self,
        bidder: &BidderId,
        votes: &mut Vec<VoteFinding>,
    ) -> Result<Option<Ground>, EvaluateError> {
        let rulebook = self.case.rulebook;
        let recorded = self
            .case
            .bidders
            .get(bidder)
            .and_then(|facts| facts.rejected.as_ref());
        if let Some(rejection) = recorded
            && rulebook
                .stage(&rejection.stage)
                .is_some_and(|stage| stage.kind == StageKind::Conformity)
        {
            return Ok(Some(Ground::Recorded {
                stage: rejection.stage.clone(),
                reason: rejection.reason.clone(),
            }));
        }
        let by_committee =
            |stage: &&Stage| stage.kind == StageKind::Conformity && stage.actor == StageActor::Committee;
        for stage in rulebook.stages.iter().filter(by_committee) {
            self.case.check_sheets(&stage.id, std::slice::from_ref(bidder))?;
            if let Some(ground) = self.vote_on(stage, bidder, votes) {
                return Ok(Some(ground));
            }
        }
        Ok(None)
    }
}
