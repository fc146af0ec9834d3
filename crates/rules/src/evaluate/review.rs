//! Pass or fail stages: votes of the committee, counted in integers (VOTE-2).

use super::{EvaluateError, Progress};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::outcome::{Ground, VoteFinding, VoteResult};
use crate::rulebook::{Stage, StageActor, StageKind};
use crate::sheet::Cell;

impl Progress<'_> {
    /// All stages of one pass or fail kind, in order.
    pub(super) fn review(&mut self, kind: StageKind) -> Result<(), EvaluateError> {
        self.apply_recorded(kind);
        let rulebook = self.case.rulebook;
        for stage in rulebook.stages.iter().filter(|stage| stage.kind == kind) {
            if stage.actor == StageActor::Committee && !stage.criteria.is_empty() {
                self.committee_review(stage)?;
            }
        }
        Ok(())
    }

    fn committee_review(&mut self, stage: &Stage) -> Result<(), EvaluateError> {
        let bidders = self.standing();
        self.case.check_sheets(&stage.id, &bidders)?;
        let mut votes = Vec::new();
        for bidder in bidders {
            if let Some(ground) = self.vote_on(stage, &bidder, &mut votes) {
                self.rejected.insert(bidder, ground);
            }
        }
        self.votes.extend(votes);
        Ok(())
    }

    /// The votes on every criterion of the stage; a ground where a majority says fail.
    pub(super) fn vote_on(
        &self,
        stage: &Stage,
        bidder: &BidderId,
        votes: &mut Vec<VoteFinding>,
    ) -> Option<Ground> {
        let mut failed: Vec<CriterionId> = Vec::new();
        for criterion in &stage.criteria {
            let finding = self.vote(&stage.id, bidder, criterion);
            if finding.result == VoteResult::Failed {
                failed.push(criterion.clone());
            }
            votes.push(finding);
        }
        failed.sort();
        (!failed.is_empty()).then(|| Ground::Vote {
            stage: stage.id.clone(),
            criteria: failed,
        })
    }

    fn vote(&self, stage: &StageId, bidder: &BidderId, criterion: &CriterionId) -> VoteFinding {
        let lines = &self.case.members;
        let fails = |line: &&Line| matches!(self.case.cell(line, bidder, criterion), Some(Cell::Fail { .. }));
        let fail: Vec<Line> = lines.iter().filter(fails).cloned().collect();
        let members = lines.len();
        // The sheets are complete, so who does not say fail says pass.
        let pass = members - fail.len();
        let result = if 2 * fail.len() > members {
            VoteResult::Failed
        } else if 2 * pass > members {
            VoteResult::Passed
        } else {
            VoteResult::NoMajority
        };
        let rule = match result {
            VoteResult::NoMajority => "VOTE-3",
            VoteResult::Passed | VoteResult::Failed => "VOTE-2",
        };
        let small = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        VoteFinding {
            stage: stage.clone(),
            bidder: bidder.clone(),
            criterion: criterion.clone(),
            members: small(members),
            pass: small(pass),
            fail,
            result,
            rule: rule.to_owned(),
        }
    }
}
