//! The stage plan as the rulebook gives it: what is open now, who is still in, what must be done first.

use crate::acts::result::facts;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::BidderId;
use crate::state::{PartOutcome, State};
use rules::{Moment, Opened, PartName, Stage, StageKind, Stop, count_check};
use std::collections::BTreeSet;

/// Instance at which the parts named `at_opening` are opened.
pub const OPENING: &str = "opening";

/// A part's name as it stands in acts.
pub fn part_text(part: PartName) -> &'static str {
    match part {
        PartName::Opening => "opening",
        PartName::Qualification => "qualification",
        PartName::Commercial => "commercial",
        PartName::Technical => "technical",
        PartName::Price => "price",
    }
}

/// The parts that are opened at an instance (`opening` or a stage id), in order of the rulebook.
pub fn parts_opened_at(book: &rules::Rulebook, instance: &str) -> Vec<&'static str> {
    book.parts
        .iter()
        .filter(|part| match &part.opened {
            Opened::AtOpening => instance == OPENING,
            Opened::Stage(id) => id.as_str() == instance,
        })
        .map(|part| part_text(part.name))
        .collect()
}

impl State {
    /// The stage of this id, with the stages before it.
    pub(crate) fn stage<'a>(
        &self,
        book: &'a rules::Rulebook,
        id: &str,
    ) -> Result<(&'a Stage, &'a [Stage]), Refusal> {
        let place = book
            .stages
            .iter()
            .position(|stage| stage.id.as_str() == id)
            .ok_or_else(|| Refusal::new(Code::NotFound, "no such stage in the plan"))?;
        Ok((&book.stages[place], &book.stages[..place]))
    }

    /// Bidders that are still in: identity opened, no part failed, not rejected in a finished review, and, once
    /// every scored round is open, not below a minimum of the rulebook (F8: their prices stay shut).
    pub fn in_play(&self) -> Vec<BidderId> {
        let mut left = self.past_review();
        if self.minimum_applies() {
            // When the rules refuse what the rounds hold, nobody is left: no price is opened on doubt.
            let below = self.below_minimum();
            left.retain(|bidder| {
                below
                    .as_ref()
                    .is_some_and(|below| !below.contains(bidder.as_str()))
            });
        }
        left
    }

    /// Whether the rulebook has a minimum and every scored round is open.
    fn minimum_applies(&self) -> bool {
        let Some(book) = self.rulebook.as_deref().filter(|book| book.has_minimum()) else {
            return false;
        };
        let mut scored = book.stages.iter().filter(|stage| stage.kind == StageKind::Scored);
        scored.all(|stage| self.stage_done(stage))
    }

    /// Ids of the bidders below a minimum of the rulebook; `None` while a scored round is shut, where the rulebook has
    /// no minimum, and where the rules refuse what the rounds hold.
    pub fn below_minimum(&self) -> Option<BTreeSet<String>> {
        let book = self.rulebook.as_deref().filter(|_| self.minimum_applies())?;
        let below = rules::below_minimum(book, &facts(self).ok()?).ok()?;
        Some(below.iter().map(|bidder| bidder.as_str().to_owned()).collect())
    }

    /// Whether enough bids passed the reviews for a stage of this kind (MIN-2). One below a minimum of the scores
    /// counts: it was still in competition.
    pub(crate) fn enough_left(&self, book: &rules::Rulebook, kind: StageKind) -> Result<(), Stop> {
        let left = u32::try_from(self.past_review().len()).unwrap_or(u32::MAX);
        count_check(book, moment_before(kind), left)
    }

    /// Bidders whose identity is opened, without a failed part, and not rejected in a finished review.
    fn past_review(&self) -> Vec<BidderId> {
        self.bidders
            .iter()
            .filter(|(bidder, submission)| {
                let failed = self.submissions.get(*submission).is_some_and(|s| {
                    s.outcomes
                        .values()
                        .any(|outcome| matches!(outcome, PartOutcome::Failed(_)))
                });
                !failed && !self.unqualified(bidder) && !self.rejected(bidder)
            })
            .map(|(bidder, _)| bidder.clone())
            .collect()
    }

    /// Whether the purchaser's finished review failed this bidder on any item.
    pub fn unqualified(&self, bidder: &BidderId) -> bool {
        self.qualification
            .get(bidder)
            .is_some_and(|items| items.values().any(Option::is_some))
    }

    /// Whether more than half of all members failed this bidder on one item of an opened review round (VOTE-2).
    pub fn rejected(&self, bidder: &BidderId) -> bool {
        let Some(book) = &self.rulebook else { return false };
        let members = self.committee.lines.len();
        book.stages
            .iter()
            .filter(|stage| stage.kind == StageKind::Conformity)
            .any(|stage| {
                let opened = self
                    .rounds
                    .get(stage.id.as_str())
                    .and_then(|round| round.opened.as_ref());
                let Some(opened) = opened else { return false };
                stage.criteria.iter().any(|criterion| {
                    let fails = opened
                        .sheets
                        .values()
                        .filter_map(|sheet| sheet.as_ref().ok())
                        .filter(|sheet| crate::acts::sheets::is_fail(sheet, bidder, criterion))
                        .count();
                    2 * fails > members
                })
            })
    }

    /// Whether all parts opened at this instance have an outcome for every bid that is in play.
    pub fn parts_done(&self, instance: &str) -> bool {
        let Some(book) = &self.rulebook else { return false };
        let parts = parts_opened_at(book, instance);
        if parts.is_empty() {
            return true;
        }
        if !self.openings.contains_key(instance) {
            return false;
        }
        self.submissions_in_play(instance)
            .iter()
            .filter_map(|id| self.submissions.get(id))
            .all(|submission| parts.iter().all(|part| submission.outcomes.contains_key(*part)))
    }

    /// Submissions whose parts are opened at this instance: all standing ones at the opening, later those in play.
    pub fn submissions_in_play(&self, instance: &str) -> Vec<String> {
        if instance == OPENING {
            self.standing().into_iter().map(|(id, _)| id.clone()).collect()
        } else {
            let in_play = self.in_play();
            in_play
                .iter()
                .filter_map(|bidder| self.bidders.get(bidder))
                .cloned()
                .collect()
        }
    }

    /// Whether a stage of the plan is finished.
    pub fn stage_done(&self, stage: &Stage) -> bool {
        let id = stage.id.as_str();
        match stage.kind {
            StageKind::Qualification => self.stages_closed.contains(id),
            StageKind::Conformity | StageKind::Scored => {
                self.rounds.get(id).is_some_and(|round| round.opened.is_some())
            }
            StageKind::PriceOpening => self.parts_done(id),
            StageKind::PricePoints => {
                let in_play = self.in_play();
                !in_play.is_empty() && in_play.iter().all(|bidder| self.prices.contains_key(bidder))
            }
            StageKind::Summary => self.result.is_some(),
            // No rulebook with these is accepted.
            StageKind::Negotiation
            | StageKind::FinalOffers
            | StageKind::PriceCorrection
            | StageKind::AbnormalPrice => false,
        }
    }

    /// The stage that the plan asks for now; `None` when all are done.
    pub fn current_stage<'a>(&self, book: &'a rules::Rulebook) -> Option<&'a Stage> {
        book.stages.iter().find(|stage| !self.stage_done(stage))
    }

    /// Every stage before it is done, the opening record stands, and enough bidders are left (MIN-2).
    pub(crate) fn stage_may_start<'a>(
        &self,
        book: &'a rules::Rulebook,
        id: &str,
    ) -> Result<&'a Stage, Refusal> {
        let (stage, before) = self.stage(book, id)?;
        ensure(self.opening_recorded, Code::WrongStage, "no opening record yet")?;
        let open = before.iter().find(|earlier| !self.stage_done(earlier));
        if let Some(earlier) = open {
            return Err(Refusal::new(
                Code::WrongStage,
                format!("{} is not finished", earlier.id),
            ));
        }
        self.enough_left(book, stage.kind)
            .map_err(|stop| Refusal::new(Code::TooFew, stop.to_string()))?;
        ensure(
            !self.in_play().is_empty(),
            Code::TooFew,
            "no bid reaches the minimum of the rulebook",
        )?;
        Ok(stage)
    }
}

fn moment_before(kind: StageKind) -> Moment {
    match kind {
        StageKind::Qualification => Moment::AtDeadline,
        StageKind::Conformity => Moment::AfterQualification,
        _ => Moment::AfterConformity,
    }
}
