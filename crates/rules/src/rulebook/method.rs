//! How scores and prices become a ranking: methods as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
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
}

/// The price method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PriceMethod {
    /// F1 低价优先法: points = min(p) / p x points of the price criterion.
    LowPriceFirst,
    /// F8, quality and cost based selection: Sf = 100 x Fm / F, S = St x T + Sf x P.
    Qcbs {
        /// T, a fraction of 1.
        technical_weight: Decimal,
        /// P, a fraction of 1; T + P = 1.
        price_weight: Decimal,
        /// Lowest St (0 to 100) with which the price is opened.
        technical_minimum: Decimal,
    },
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

/// One policy deduction: evaluated price = price x (100 - percent) / 100.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Deduction {
    /// The attribute a bidder must have, `small_enterprise`.
    pub attribute: String,
    /// Percent of the price.
    pub percent: Decimal,
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

/// What is left out before the mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Drop {
    /// Nothing.
    None,
    /// One highest and one lowest value.
    OneHighOneLow,
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
    /// Points of the price; only with `low_price_first`.
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

/// How many candidates are named, ranked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidates {
    /// The most candidates (RES-1).
    pub max: u32,
}

/// Limits of what members write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The longest reason, bytes of UTF-8.
    pub reason_max_bytes: u32,
}
