//! How scores and prices become a ranking: methods as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::criterion::Clause;
use crate::decimal::Decimal;
use crate::formula::{Between, Expression, Formula, Row};
use crate::ids::CriterionId;
use crate::rounding::{Rounding, RoundingMode};

/// How prices become points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PriceRule {
    /// The method.
    pub method: PriceMethod,
    /// Policy deductions, taken from the price before the base is formed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deductions: Option<Deductions>,
    /// SC-13: whether a bid rejected after the prices became points leaves the base.
    pub base_recomputed_after_rejection: bool,
    /// Whether a price above ceiling or budget, which falls in any case, is in the base.
    #[serde(default, skip_serializing_if = "PricesAboveCeiling::are_left_out")]
    pub above_ceiling: PricesAboveCeiling,
    /// Where the tender document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<Clause>,
}

/// Whether a price above ceiling or budget is in the statistics of the formula.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PricesAboveCeiling {
    /// In none of them.
    #[default]
    LeftOut,
    /// In all of them: the tender leaves out only what fails qualification (GZ-TENDER 44.5).
    InBase,
}

impl PricesAboveCeiling {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn are_left_out(&self) -> bool {
        *self == Self::LeftOut
    }
}

/// The price method: a named one with its settings, or a formula written out. Every one of them is a [`Formula`]
/// ([`PriceMethod::formula`]); p is the evaluated price, `full` the most points of the price criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PriceMethod {
    /// F1, F5, F6, F7 低价优先法; F9a, inverse: full x lowest p / p.
    LowPriceFirst,
    /// F2 偏差率: points by a table of the deviation from the base, in percent of the base.
    DeviationTable(DeviationTable),
    /// F3 参考价: between lowest price and median, at a drawn X; points fall per percent above and below.
    ReferencePrice(ReferencePrice),
    /// F4 平均价: the mean of the prices, lowered by a drawn float; points fall per percent above and below.
    MeanBase(MeanBase),
    /// F8, quality and cost based selection: Sf = 100 x Fm / F, S = St x T + Sf x P.
    Qcbs {
        /// T, a fraction of 1.
        technical_weight: Decimal,
        /// P, a fraction of 1; T + P = 1.
        price_weight: Decimal,
        /// Lowest St (0 to 100) with which the price is opened.
        technical_minimum: Decimal,
    },
    /// F8b, rated criteria: B = Clow / C x X x 100 + T / Thigh x (1 - X) x 100.
    RatedCriteria {
        /// X, a fraction of 1.
        price_weight: Decimal,
    },
    /// F9b, linear to the budget: full x (budget - p) / (budget - lowest p).
    LinearToBudget {
        /// A price below this percentage of the mean is noted as abnormally low.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        abnormal_below: Option<Decimal>,
    },
    /// F9c, corrected proportional: full x saving / the larger of `full_saving` and the largest saving.
    CorrectedProportional {
        /// The saving, in percent of the budget, that earns full points when nobody saves more.
        full_saving: Decimal,
    },
    /// F9d: points by a table of the price.
    PriceSteps {
        /// How a price between two rows is read.
        between: Between,
        /// The rows: price and points.
        rows: Vec<Row>,
    },
    /// F10, Japan's division: (base points + quality) x scale / price, truncated.
    Division {
        /// Points of a bid that meets the standard: 100.
        base_points: Decimal,
        /// What the quotient is multiplied with to be shown: 100000000.
        scale: Decimal,
        /// Digits after the point, the rest truncated (SC-12): 4.
        places: u32,
        /// Whether a bid falls whose value is below that of the base points at the ceiling; that needs a ceiling.
        standard_value: bool,
    },
    /// F11, Japan's addition: full x (1 - p / ceiling); below the survey price only half of what lies below it.
    Additive {
        /// The price below which a bid is surveyed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        survey_price: Option<Decimal>,
    },
    /// F12, South Africa: full x (1 - (p - lowest p) / lowest p), never below zero.
    ProportionAboveLowest,
    /// F13, Korea: the lowest price of those at or above a rate of the estimated price; others fall.
    FloorRate {
        /// The estimated price.
        estimated_price: Decimal,
        /// The rate, in percent.
        rate: Decimal,
    },
    /// No price item: a purchase at a fixed price (SC-1), or a comparison of quality alone.
    NoPrice,
    /// F16 经评审的最低投标价: the lowest evaluated price; no points.
    LowestPrice,
    /// A formula written out.
    Formula(Formula),
}

/// F2: points by deviation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviationTable {
    /// The base; `mean_of(p)`.
    pub base: Expression,
    /// How the base is rounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rounding: Option<Rounding>,
    /// How the deviation in percent is rounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation_rounding: Option<Rounding>,
    /// How a deviation between two rows is read.
    pub between: Between,
    /// The rows: deviation in percent and points.
    pub rows: Vec<Row>,
}

/// How points fall with a deviation from a base, in percent of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slopes {
    /// Of a hundred points, how many fall for each percent above.
    pub above: Decimal,
    /// And for each percent below.
    pub below: Decimal,
    /// Whether only whole percents count; tender documents often leave it open, so it is said here.
    pub whole_percents: bool,
}

/// F3 (GZ-TENDER 45.2): ref = Ql + (Qh - Ql) / 100 x X.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferencePrice {
    /// Cost warning price: Ql is the higher of it and the lowest price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_warning: Option<Decimal>,
    /// Down to this percentage of ref a price has full points: 95.
    pub full_from: Decimal,
    /// How points fall above ref and below the band.
    pub slopes: Slopes,
    /// How ref is rounded: half up to 2 places.
    pub base_rounding: Rounding,
    /// MIN-6: when every price is at or above this percentage of the ceiling, a remark says that the tender fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fails_at: Option<Decimal>,
}

/// F4: base = mean of the prices x (1 - float).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MeanBase {
    /// One highest and one lowest price are left out when there are more bids than this; never without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_above: Option<u32>,
    /// The float, drawn before the opening: 0.0025 to 0.015.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub float: Option<DrawnRange>,
    /// How the base is rounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rounding: Option<Rounding>,
    /// How the deviation, a fraction of the base, is rounded: half up to 4 places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deviation_rounding: Option<Rounding>,
    /// How points fall.
    pub slopes: Slopes,
}

/// A number that is drawn, in whole steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawnRange {
    /// The lowest.
    pub from: Decimal,
    /// The highest.
    pub to: Decimal,
    /// The step.
    pub step: Decimal,
}

/// Policy deductions of the price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deductions {
    /// What a bidder with several attributes gets.
    pub combine: DeductionCombination,
    /// The deductions.
    pub items: Vec<Deduction>,
}

/// What a bidder with several attributes gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeductionCombination {
    /// Only the largest percentage.
    Largest,
    /// The sum of the percentages.
    Sum,
}

/// One policy deduction: evaluated price = price x (100 - percent) / 100, or price - part x percent / 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deduction {
    /// The attribute a bidder must have, `small_enterprise`.
    pub attribute: String,
    /// Percent of the price.
    pub percent: Decimal,
    /// The fact that says which part of the price it is taken from, in units of the currency; without, all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
}

/// How the members' scores become one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Aggregation {
    /// The statistic.
    pub method: AggregationMethod,
    /// What it is taken over.
    pub over: MeanOver,
    /// What is left out before.
    pub drop: Drop,
    /// Where numbers are rounded; nowhere else (SC-11).
    pub rounding: Vec<RoundingPoint>,
}

impl Aggregation {
    /// The rounding at a place; none when the rulebook names none there.
    pub fn rounding_at(&self, place: RoundingPlace) -> Option<Rounding> {
        self.rounding
            .iter()
            .find(|point| point.place == place && point.mode != RoundingMode::None)
            .map(|point| Rounding {
                mode: point.mode,
                places: point.places.unwrap_or_default(),
            })
    }
}

/// The statistic over members.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AggregationMethod {
    /// Arithmetic mean of all members.
    Mean,
    /// The middle value, or the mean of the two in the middle.
    Median,
    /// The sum over all members.
    Sum,
    /// The score that the members agreed on after each had scored alone; theirs stand beside it. Not where the law
    /// forbids it (COM-17).
    Consensus,
}

/// What the statistic is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MeanOver {
    /// Each criterion; the block is the sum of its criteria.
    Criterion,
    /// Each member's total of the block; the block is the mean of these.
    MemberTotal,
}

/// What is left out before the statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Drop {
    /// Nothing.
    None,
    /// One highest and one lowest value.
    OneHighOneLow,
    /// So many of either end.
    Ends {
        /// Lowest values.
        low: u32,
        /// Highest values.
        high: u32,
    },
}

impl Drop {
    /// How many lowest and how many highest values are left out.
    pub fn ends(self) -> (usize, usize) {
        match self {
            Self::None => (0, 0),
            Self::OneHighOneLow => (1, 1),
            Self::Ends { low, high } => (low as usize, high as usize),
        }
    }
}

/// A place where a rulebook may round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingPlace {
    /// A member's total of a block; only with `over` = `member_total`.
    MemberTotal,
    /// Mean of a criterion; only with `over` = `criterion`.
    CriterionMean,
    /// Score of a block.
    BlockMean,
    /// Price after policy deductions.
    EvaluatedPrice,
    /// Points of the price; only with a named method that gives points and computes no total of its own.
    PricePoints,
    /// Financial score Sf; only with `qcbs`.
    FinancialScore,
    /// Total of a bid.
    Total,
}

/// One rounding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoundingPoint {
    /// Where; each place at most once.
    #[serde(rename = "where")]
    pub place: RoundingPlace,
    /// The mode.
    pub mode: RoundingMode,
    /// Digits after the point; absent with mode `none`, required with every other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub places: Option<u32>,
}

/// When the committee rejects a bid in a pass or fail stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rejection {
    /// The majority needed.
    pub majority: Majority,
    /// When bids are reviewed for conformity (SC-13).
    #[serde(default, skip_serializing_if = "ReviewOrder::is_before_scoring")]
    pub order: ReviewOrder,
}

/// When bids are reviewed for conformity (SC-13).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ReviewOrder {
    /// All of them, before any is scored.
    #[default]
    BeforeScoring,
    /// After the prices became points, down the ranking until so many passed; lower ranks move up.
    DownTheRanking {
        /// How many must pass.
        until: u32,
    },
}

impl ReviewOrder {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_before_scoring(&self) -> bool {
        *self == Self::BeforeScoring
    }
}

/// A majority.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Majority {
    /// More than half of all members that count, not of the votes cast (VOTE-2).
    MoreThanHalfOfMembers,
}

/// Order of the ranking (R-TIE).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// The keys, first the one that counts most.
    pub keys: Vec<TieKey>,
    /// What happens to bids equal in every key.
    pub then: Unbroken,
    /// Where the tender document says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<Clause>,
}

/// One key of the ranking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TieKey {
    /// Total, highest first.
    ScoreDesc,
    /// Bid price before policy deductions, lowest first.
    PriceAsc,
    /// Bid price before policy deductions, highest first.
    PriceDesc,
    /// Price after policy deductions, lowest first.
    EvaluatedPriceAsc,
    /// Score of this block, highest first.
    BlockDesc(CriterionId),
    /// Sum of the blocks, highest first.
    TechnicalDesc,
    /// A number known of the bid (`fact`), highest first.
    FactDesc(String),
    /// A number known of the bid (`fact`), lowest first.
    FactAsc(String),
    /// Sum of the ranks that the members' own totals give, lowest first (F14).
    RankSumAsc,
    /// Most first places by the members' own totals, then most second places, and so on (F15).
    PlacesDesc,
}

impl TieKey {
    /// The fact that it reads.
    pub fn fact(&self) -> Option<&str> {
        match self {
            Self::FactDesc(fact) | Self::FactAsc(fact) => Some(fact),
            _ => None,
        }
    }
}

/// What happens to bids equal in every key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unbroken {
    /// They share a rank.
    Tied,
    /// A draw, recorded elsewhere, orders them.
    Draw,
}

/// How many candidates are named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidates {
    /// The most candidates (RES-1).
    pub max: u32,
    /// They are named without an order, and the tenderer chooses (评定分离).
    #[serde(default, skip_serializing_if = "super::criterion::is_false")]
    pub unranked: bool,
}

/// Limits of what members write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The longest reason, bytes of UTF-8.
    pub reason_max_bytes: u32,
}
