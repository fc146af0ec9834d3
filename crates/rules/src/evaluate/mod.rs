//! From rulebook and facts to the outcome, stage by stage.

mod brands;
mod case;
mod descent;
mod disclosed;
mod member_ranks;
mod members;
mod price;
mod ranking;
mod review;
mod scores;

use std::collections::{BTreeMap, BTreeSet};

use crate::count::{Moment, Stop, count_check};
use crate::derivation::{Derivation, Figure, StepFailed};
use crate::exact::NumberError;
use crate::facts::Facts;
use crate::finding::Finding;
use crate::formula::Failed;
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::outcome::{
    BidderOutcome, Ground, MemberRanks, Outcome, OutcomeFormat, Remark, Standing, VoteFinding,
};
use crate::rulebook::{ReviewOrder, Rulebook, StageKind};
use crate::sheet::SheetProblem;
use crate::text::Text;

use case::Case;
pub use case::MAX_CELLS;
use descent::Descent;
pub use disclosed::{Applied, DisclosedBid, apply_formula};
use ranking::Ranked;

/// Why facts cannot be evaluated. Nothing is guessed: what is missing is an error, not a zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// The rulebook has errors.
    #[error("errors in the rulebook: {}", .0.len())]
    RulebookRefused(Vec<Finding>),
    /// A bidder is listed twice.
    #[error("bidder {0} is listed twice")]
    DuplicateBidder(BidderId),
    /// A roster line is listed twice.
    #[error("roster line {0} is listed twice")]
    DuplicateMember(Line),
    /// No roster line counts.
    #[error("no member counts")]
    NoMembers,
    /// No more members than are left out.
    #[error("{members} members are too few for those that are left out")]
    TooFewMembers {
        /// Members that count.
        members: usize,
    },
    /// More places for scores than are kept at once.
    #[error("{bidders} bidders x {criteria} criteria x {members} members are more than {MAX_CELLS} cells")]
    TooManyCells {
        /// Bidders.
        bidders: usize,
        /// Leaf criteria.
        criteria: usize,
        /// Members that count.
        members: usize,
    },
    /// Two sheets of one line for one stage.
    #[error("line {line} has two sheets of {stage}")]
    DuplicateSheet {
        /// The stage.
        stage: StageId,
        /// The line.
        line: Line,
    },
    /// A sheet of a stage in which the committee fills in none.
    #[error("the committee fills in no sheet of {stage}")]
    SheetNotForeseen {
        /// The stage.
        stage: StageId,
    },
    /// A line that counts has no sheet.
    #[error("line {line} has no sheet of {stage}")]
    SheetMissing {
        /// The stage.
        stage: StageId,
        /// The line.
        line: Line,
    },
    /// A sheet is incomplete or wrong.
    #[error("problems in the sheet of line {line} for {stage}: {}", .problems.len())]
    SheetRefused {
        /// The stage.
        stage: StageId,
        /// The line.
        line: Line,
        /// What is wrong.
        problems: Vec<SheetProblem>,
    },
    /// A rejection names a stage that the rulebook does not have.
    #[error("bidder {bidder} is rejected in {stage}, which does not exist")]
    UnknownStage {
        /// The bidder.
        bidder: BidderId,
        /// The stage.
        stage: StageId,
    },
    /// A rejection without a reason.
    #[error("the rejection of bidder {0} has no reason")]
    ReasonMissing(BidderId),
    /// An attribute that no deduction names.
    #[error("no deduction names the attribute `{attribute}` of bidder {bidder}")]
    UnknownAttribute {
        /// The bidder.
        bidder: BidderId,
        /// The attribute.
        attribute: String,
    },
    /// The price of a bid that must be compared is not there.
    #[error("bidder {0} has no price")]
    PriceMissing(BidderId),
    /// A price of zero or below.
    #[error("the price of bidder {0} is not above zero")]
    PriceNotPositive(BidderId),
    /// The part of a price that a deduction is taken from is below zero or above the price.
    #[error("`{fact}` of bidder {bidder} is no part of its price")]
    PartOfPrice {
        /// The bidder.
        bidder: BidderId,
        /// The fact.
        fact: String,
    },
    /// A number that the formula reads is not known of a bid.
    #[error("bidder {bidder} has no `{fact}`, which the formula reads")]
    FactMissing {
        /// The bidder.
        bidder: BidderId,
        /// The fact.
        fact: String,
    },
    /// Points that are computed lie outside the scale of their criterion.
    #[error("the points of bidder {bidder} at {criterion} lie outside the scale")]
    OutOfScale {
        /// The bidder.
        bidder: BidderId,
        /// The criterion.
        criterion: CriterionId,
    },
    /// A drawn parameter has no value, or one that the rulebook does not let be drawn.
    #[error("the drawn parameter `{0}` has no value of its draw")]
    ParameterRefused(String),
    /// A value of a draw is given for something that is not drawn.
    #[error("`{0}` is not a drawn parameter of the formula; only those have a value of a draw")]
    NotDrawn(String),
    /// Points of the price or totals are given of some of the bids compared, not of all.
    #[error("points of the price, or totals, are given of some bids only")]
    GivenInPart,
    /// An agreed score is missing, or it is not one that the criterion lets be given.
    #[error("the agreed score of bidder {bidder} at {criterion} is missing or wrong")]
    ConsensusRefused {
        /// The bidder.
        bidder: BidderId,
        /// The criterion.
        criterion: CriterionId,
    },
    /// Agreed scores, though the rulebook takes each member's.
    #[error("the rulebook takes each member's scores, not agreed ones")]
    ConsensusNotForeseen,
    /// A draw, though the rulebook foresees none, or one that names a bidder twice or an unknown one.
    #[error("the draw is not foreseen by the rulebook or names wrong bidders")]
    DrawRefused,
    /// A number became too long.
    #[error("{node}: {cause}")]
    Number {
        /// The node that could not be computed.
        node: String,
        /// Why.
        cause: NumberError,
    },
}

impl From<Failed> for EvaluateError {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Step(failed) => failed.into(),
            Failed::FactMissing { bidder, fact } => Self::FactMissing { bidder, fact },
            Failed::Parameter(name) => Self::ParameterRefused(name),
            Failed::NotDrawn(name) => Self::NotDrawn(name),
        }
    }
}

impl From<StepFailed> for EvaluateError {
    fn from(failed: StepFailed) -> Self {
        Self::Number {
            node: failed.node,
            cause: failed.cause,
        }
    }
}

/// The numbers of one bid so far.
#[derive(Debug, Default)]
struct Numbers {
    criteria: BTreeMap<CriterionId, Figure>,
    blocks: BTreeMap<CriterionId, Figure>,
    technical: Option<Figure>,
    evaluated_price: Option<Figure>,
    price_points: Option<Figure>,
    total: Option<Figure>,
    member_ranks: Option<MemberRanks>,
}

/// An evaluation in progress.
struct Progress<'a> {
    case: &'a Case<'a>,
    rejected: BTreeMap<BidderId, Ground>,
    /// What was found down the ranking, where the review goes there (SC-13).
    descent: Descent,
    numbers: BTreeMap<BidderId, Numbers>,
    votes: Vec<VoteFinding>,
    remarks: Vec<Remark>,
    price_base: Option<Figure>,
    derivation: Derivation,
}

/// Applies a rulebook to facts.
///
/// The order of bidders, members, sheets, blocks and cells changes nothing. Bids rejected before the
/// prices become points are in no base; later ones are, unless
/// `price.base_recomputed_after_rejection` (SC-13). When too few bidders are left (MIN-1, MIN-2) the
/// outcome says so in `stop` and goes no further.
///
/// # Errors
/// [`EvaluateError`]: a rulebook with errors, facts that contradict it, a missing sheet, cell or price.
pub fn evaluate(rulebook: &Rulebook, facts: &Facts) -> Result<Outcome, EvaluateError> {
    run(rulebook, facts, true)
}

/// The outcome of [`evaluate`] with an empty derivation: for many tries of which only the numbers matter.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_numbers(rulebook: &Rulebook, facts: &Facts) -> Result<Outcome, EvaluateError> {
    run(rulebook, facts, false)
}

fn run(rulebook: &Rulebook, facts: &Facts, derived: bool) -> Result<Outcome, EvaluateError> {
    let case = accepted(rulebook, facts)?;
    let descent = match rulebook.rejection.order {
        ReviewOrder::BeforeScoring => Descent::default(),
        ReviewOrder::DownTheRanking { until } => Descent::of(&case, until)?,
    };
    let mut progress = Progress::new(&case, derived);
    progress.descent = descent;
    if let Some(stop) = progress.reviews()? {
        return Ok(progress.finish(Some(stop), Ranked::default()));
    }
    let ranked = progress.ranked()?;
    match progress.descent.stop.take() {
        Some(stop) => Ok(progress.finish(Some(stop), Ranked::default())),
        None => Ok(progress.finish(None, ranked)),
    }
}

/// Scores, prices and ranks of bids whose scores are given: no review, no count, nothing derived, and no look at the
/// errors of the rulebook, which the caller has judged.
pub(crate) fn try_out(rulebook: &Rulebook, facts: &Facts) -> Result<Outcome, EvaluateError> {
    let case = Case::read(rulebook, facts)?;
    let mut progress = Progress::new(&case, false);
    progress.score()?;
    progress.check_ceiling()?;
    progress.keep_lowest_of_brand();
    progress.apply_prices()?;
    progress.rank_by_members()?;
    let ranked = progress.rank();
    Ok(progress.finish(None, ranked))
}

/// The bids whose score lies below the minimum of a block, or below the technical minimum of `qcbs` (F8):
/// their prices are not opened. Computed by the steps of [`evaluate`], from facts that need no prices yet.
/// None when a count stops the procedure before scoring.
///
/// # Errors
/// As [`evaluate`]; so too while a sheet of a scored stage is missing.
pub fn below_minimum(rulebook: &Rulebook, facts: &Facts) -> Result<BTreeSet<BidderId>, EvaluateError> {
    let case = accepted(rulebook, facts)?;
    let mut progress = Progress::new(&case, false);
    if progress.reviews()?.is_some() {
        return Ok(BTreeSet::new());
    }
    if rulebook.prices_first() {
        progress.review_prices()?;
    }
    progress.score()?;
    let below = progress
        .rejected
        .into_iter()
        .filter(|(_, ground)| matches!(ground, Ground::BelowMinimum { .. }));
    Ok(below.map(|(bidder, _)| bidder).collect())
}

fn accepted<'a>(rulebook: &'a Rulebook, facts: &'a Facts) -> Result<Case<'a>, EvaluateError> {
    let errors = rulebook.errors();
    if !errors.is_empty() {
        return Err(EvaluateError::RulebookRefused(errors));
    }
    Case::read(rulebook, facts)
}

impl<'a> Progress<'a> {
    fn new(case: &'a Case<'a>, derived: bool) -> Self {
        Self {
            case,
            rejected: BTreeMap::new(),
            descent: Descent::default(),
            numbers: BTreeMap::new(),
            votes: Vec::new(),
            remarks: Vec::new(),
            price_base: None,
            derivation: Derivation::new(derived),
        }
    }
}

impl Progress<'_> {
    /// Deadline, qualification and conformity, each with its count; what goes down the ranking comes later.
    fn reviews(&mut self) -> Result<Option<Stop>, EvaluateError> {
        if let Some(stop) = self.count(Moment::AtDeadline) {
            return Ok(Some(stop));
        }
        self.review(StageKind::Qualification)?;
        if let Some(stop) = self.count(Moment::AfterQualification) {
            return Ok(Some(stop));
        }
        if self.case.rulebook.rejection.order == ReviewOrder::BeforeScoring {
            self.review(StageKind::Conformity)?;
            if let Some(stop) = self.count(Moment::AfterConformity) {
                return Ok(Some(stop));
            }
        }
        self.apply_recorded(StageKind::Negotiation);
        self.apply_recorded(StageKind::FinalOffers);
        Ok(None)
    }

    /// Scores, prices and the ranking of those that the reviews left.
    fn ranked(&mut self) -> Result<Ranked, EvaluateError> {
        // Where prices are opened first, what falls there is not scored.
        let prices_first = self.case.rulebook.prices_first();
        if prices_first {
            self.review_prices()?;
        }
        self.score()?;
        if !prices_first {
            self.review_prices()?;
        }
        self.apply_prices()?;
        self.rank_by_members()?;
        self.check_ranked_prices()?;
        Ok(self.rank())
    }

    fn count(&self, moment: Moment) -> Option<Stop> {
        let count = u32::try_from(self.distinct(&self.standing())).unwrap_or(u32::MAX);
        count_check(self.case.rulebook, moment, count).err()
    }

    fn standing(&self) -> Vec<BidderId> {
        let all = self.case.bidders.keys();
        all.filter(|id| !self.rejected.contains_key(*id))
            .cloned()
            .collect()
    }

    /// Takes over the rejections recorded in stages of this kind.
    fn apply_recorded(&mut self, kind: StageKind) {
        for (id, facts) in &self.case.bidders {
            let Some(rejection) = &facts.rejected else {
                continue;
            };
            let stage = self.case.rulebook.stage(&rejection.stage);
            if stage.is_some_and(|stage| stage.kind == kind) {
                let ground = Ground::Recorded {
                    stage: rejection.stage.clone(),
                    reason: rejection.reason.clone(),
                };
                self.rejected.entry(id.clone()).or_insert(ground);
            }
        }
    }

    fn remark(&mut self, rule: &str, bidder: Option<&BidderId>, criterion: Option<&CriterionId>, text: Text) {
        self.remarks.push(Remark {
            rule: rule.to_owned(),
            bidder: bidder.cloned(),
            criterion: criterion.cloned(),
            text,
        });
    }

    fn finish(mut self, stop: Option<Stop>, ranked: Ranked) -> Outcome {
        if stop.is_none() && ranked.order.is_empty() {
            self.remark(
                "MIN-5",
                None,
                None,
                Text::new("所有投标均被否决。", "Every bid is rejected."),
            );
        }
        let ranks: BTreeMap<&BidderId, u32> = ranked.order.iter().map(|c| (&c.bidder, c.rank)).collect();
        let mut bidders = BTreeMap::new();
        for id in self.case.bidders.keys() {
            let numbers = self.numbers.remove(id).unwrap_or_default();
            let standing = match (self.rejected.remove(id), ranks.get(id)) {
                (Some(ground), _) => Standing::Rejected(ground),
                (None, Some(rank)) => Standing::Ranked(*rank),
                (None, None) => Standing::Stopped,
            };
            bidders.insert(id.clone(), numbers.into_outcome(standing));
        }
        Outcome {
            format: OutcomeFormat::V1,
            rulebook_version: self.case.rulebook.version,
            stop,
            votes: votes(self.votes, self.descent.votes),
            bidders,
            price_base: self.price_base,
            ranking: ranked.order,
            candidates: ranked.candidates,
            ties: ranked.ties,
            remarks: self.remarks,
            derivation: self.derivation.into_nodes(),
        }
    }
}

/// In the order stage, bidder, criterion.
fn votes(before: Vec<VoteFinding>, mut down: Vec<VoteFinding>) -> Vec<VoteFinding> {
    down.sort_by(|a, b| (&a.stage, &a.bidder).cmp(&(&b.stage, &b.bidder)));
    before.into_iter().chain(down).collect()
}

impl Numbers {
    fn into_outcome(self, standing: Standing) -> BidderOutcome {
        BidderOutcome {
            standing,
            criteria: self.criteria,
            blocks: self.blocks,
            technical: self.technical,
            evaluated_price: self.evaluated_price,
            price_points: self.price_points,
            total: self.total,
            member_ranks: self.member_ranks,
        }
    }
}
