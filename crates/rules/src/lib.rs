//! How this tender is decided: rulebook, bids and sheets in, result with its derivation out.
//!
//! Pure: no clock, no random source, no floating point. A [`Rulebook`] is read strictly
//! ([`Rulebook::parse`]), checked against the law of its regime ([`Rulebook::validate`]) and applied to
//! [`Facts`] by [`evaluate`]. Numbers are [`Decimal`]s where people write them and [`Exact`] rationals in
//! between; they are rounded only where the rulebook says. Rule ids such as `SC-1` in findings and docs
//! are those of the law table.

mod committee;
mod count;
mod decimal;
mod derivation;
mod evaluate;
mod exact;
mod facts;
mod finding;
mod ids;
mod outcome;
mod padding;
mod rounding;
mod rulebook;
mod sheet;
mod text;

pub use committee::{committee_size_ok, expert_share_ok};
pub use count::{Moment, Stop, count_check};
pub use decimal::{Decimal, DecimalError, MAX_DECIMAL_BYTES, MAX_DIGITS};
pub use derivation::{Figure, Input, Node, NodeId};
pub use evaluate::{EvaluateError, below_minimum, evaluate};
pub use exact::{Exact, MAX_BITS, NumberError};
pub use facts::{BidderFacts, Facts, RecordedRejection};
pub use finding::{Finding, Severity};
pub use ids::{BidderId, CriterionId, IdError, Line, MAX_BIDDER_BYTES, MAX_ID_BYTES, StageId};
pub use outcome::{
    BidderOutcome, Candidate, Ground, Outcome, OutcomeFormat, Remark, Standing, TieBreak, TieNote,
    VoteFinding, VoteResult,
};
pub use padding::{PADDING_UNIT, padded_sheet_size};
pub use rounding::{MAX_PLACES, Rounding, RoundingMode, Shown, shown};
pub use rulebook::{
    Aggregation, AggregationMethod, Candidates, Clause, Criterion, CriterionKind, Deduction,
    DeductionCombination, Deductions, Drop, Leaf, Limits, Lot, MAX_RULEBOOK_BYTES, Majority, MeanOver,
    MinimumBidders, Opened, Part, PartName, PriceMethod, PriceRule, Ranking, Regime, RegimeTable, Rejection,
    RoundingPlace, RoundingPoint, Rulebook, RulebookError, RulebookFormat, Stage, StageActor, StageKind,
    Subject, TieKey, Unbroken,
};
pub use sheet::{BidBlock, Cell, Sheet, SheetCell, SheetFault, SheetProblem, cell_faults, validate_sheet};
pub use text::Text;
