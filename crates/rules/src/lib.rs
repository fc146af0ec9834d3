//! How this tender is decided: rulebook, bids and sheets in, result with its derivation out.
//!
//! Pure: no clock, no random source, no floating point. A [`Rulebook`] is read strictly
//! ([`Rulebook::parse`]), checked against the law of its regime ([`Rulebook::validate`]) and applied to
//! [`Facts`] by [`evaluate`]. Numbers are [`Decimal`]s where people write them and [`Exact`] rationals in
//! between; they are rounded only where the rulebook says. Rule ids such as `SC-1` in findings and docs
//! are those of the law table.

mod awards;
mod case;
mod committee;
mod conditions;
mod correction;
mod count;
mod debrief;
mod decimal;
mod derivation;
mod evaluate;
mod exact;
mod explain;
mod facts;
mod finding;
mod formula;
mod ids;
mod outcome;
mod padding;
mod rounding;
mod rulebook;
mod scrutiny;
mod sheet;
mod templates;
mod text;
mod what_if;

pub use awards::{Award, AwardError, LotCandidates, PassedOver, award_lots};
pub use case::{Case, CaseFormat, Difference, Expected, ExpectedBidder, MAX_CASE_BIDDERS, MAX_CASE_BYTES};
pub use committee::{committee_size_ok, expert_share_ok};
pub use conditions::{
    AppliedThreshold, Citation, Condition, ConditionFinding, ConditionKind, ConditionRule, ConditionRules,
    ConditionRulesFormat, Conditions, ConditionsError, ConditionsFormat, ConditionsReview, Decision,
    MAX_CONDITION_BYTES, MAX_CONDITION_RULES_BYTES, MAX_CONDITIONS, MAX_CONDITIONS_BYTES, MAX_PHRASE_BYTES,
    MAX_REVIEW_BYTES, Phrase, PhraseError, PhraseGroup, RecordedFinding, Repeats, ReviewFormat, ReviewRecord,
    ReviewedCondition, RulesUsed, Threshold, Unsettled, unsettled,
};
pub use correction::{
    Correction, CorrectionError, CorrectionGround, CorrectionProposal, CorrectionRules, PricedLine,
    StatedPrices, propose_correction,
};
pub use count::{Moment, Stop, count_check};
pub use debrief::{Debrief, Winner};
pub use decimal::{Decimal, DecimalError, MAX_DECIMAL_BYTES, MAX_DIGITS};
pub use derivation::{Figure, Input, Node, NodeId, Source, Symbol};
pub use evaluate::{
    Applied, DisclosedBid, EvaluateError, MAX_CELLS, apply_formula, below_minimum, evaluate, evaluate_numbers,
};
pub use exact::{Exact, MAX_BITS, NumberError};
pub use explain::{TableLine, Tongue};
pub use facts::{BidderFacts, Facts, Given, RecordedRejection};
pub use finding::{Finding, Severity};
pub use formula::{
    Between, Expression, ExpressionError, Formula, MAX_EXPRESSION_BYTES, MAX_NODES, MAX_STEPS, Parameter,
    ParameterSource, Row, Step, Table,
};
pub use ids::{BidderId, CriterionId, IdError, Line, MAX_BIDDER_BYTES, MAX_ID_BYTES, StageId};
pub use outcome::{
    BidderOutcome, Candidate, Ground, MemberRanks, Outcome, OutcomeFormat, Remark, Standing, TieBreak,
    TieNote, VoteFinding, VoteResult,
};
pub use padding::{PADDING_UNIT, padded_sheet_size};
pub use rounding::{MAX_PLACES, Rounding, RoundingMode, Shown, shown};
pub use rulebook::{
    Aggregation, AggregationMethod, AwardRule, Candidates, Clause, CountedDays, Criterion, CriterionKind,
    Deduction, DeductionCombination, Deductions, DeviationTable, DrawnRange, Drop, Leaf, Limits, Lot,
    MAX_RULEBOOK_BYTES, Majority, MeanBase, MeanOver, MinimumBidders, NoneLeft, Opened, Part, PartName,
    PriceMethod, PriceRule, PricesAboveCeiling, Procedure, Ranking, ReferencePrice, Regime, RegimeTable,
    Rejection, ReviewOrder, RoundingPlace, RoundingPoint, Rulebook, RulebookError, RulebookFormat, SameBrand,
    Slopes, Stage, StageActor, StageKind, Standstill, Subject, TieKey, Tier, Unbroken,
};
pub use scrutiny::{
    AbnormalFinding, AbnormalLevel, AbnormalThresholds, Measure, SpreadUnit, abnormal_scores,
};
pub use sheet::{BidBlock, Cell, Sheet, SheetCell, SheetFault, SheetProblem, cell_faults, validate_sheet};
pub use templates::{template, template_text, templates};
pub use text::Text;
pub use what_if::{
    Asked, AskedBlock, Curve, CurveMeasure, CurvePoint, Drawn, MAX_MADE_UP_BIDS, MAX_SAMPLES, Tried, WhatIf,
    WhatIfBid, WhatIfError, asked, made_up, price_curve, what_if,
};
