//! The result of an evaluation, with the derivation of every number.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::count::Stop;
use crate::decimal::Decimal;
use crate::derivation::{Figure, Input, Node, NodeId};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::rulebook::TieKey;
use crate::text::Text;

/// The format of an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum OutcomeFormat {
    /// `conclave.outcome/1`.
    #[serde(rename = "conclave.outcome/1")]
    V1,
}

/// What the committee found about one bid and one pass or fail criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VoteResult {
    /// More than half of the members say pass.
    Passed,
    /// More than half of the members say fail (VOTE-2).
    Failed,
    /// Neither; the bid is not rejected (VOTE-3).
    NoMajority,
}

/// The votes on one bid and one criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VoteFinding {
    /// The stage.
    pub stage: StageId,
    /// The bid.
    pub bidder: BidderId,
    /// The criterion.
    pub criterion: CriterionId,
    /// Members that count.
    pub members: u32,
    /// How many of them say pass.
    pub pass: u32,
    /// Lines that say fail, ordered.
    pub fail: Vec<Line>,
    /// The result.
    pub result: VoteResult,
    /// The rule: `VOTE-2`, or `VOTE-3` without a majority.
    pub rule: String,
}

/// Why a bid is rejected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Ground {
    /// Decided outside the sheets.
    Recorded {
        /// The stage.
        stage: StageId,
        /// The reason given.
        reason: String,
    },
    /// More than half of the members found it failing (VOTE-2).
    Vote {
        /// The stage.
        stage: StageId,
        /// The criteria it fails, ordered.
        criteria: Vec<CriterionId>,
    },
    /// Below the minimum of a block, or of the whole technical score.
    BelowMinimum {
        /// The block; none for the technical score under `qcbs`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        block: Option<CriterionId>,
        /// The score reached.
        score: Figure,
        /// The minimum.
        minimum: Decimal,
    },
    /// A condition of the formula.
    Condition {
        /// The rule it stands for.
        rule: String,
        /// Why, in words.
        reason: Text,
        /// The condition, as the rulebook writes it.
        condition: String,
        /// What it read.
        inputs: Vec<Input>,
    },
    /// Another bid with goods of the same brand has a lower price (MIN-3).
    SameBrand {
        /// The rule.
        rule: String,
        /// The brand.
        brand: String,
        /// The bid that takes part.
        kept: BidderId,
    },
    /// Bid price above ceiling or budget (VOTE-4, VOTE-5).
    AboveCeiling {
        /// The rule.
        rule: String,
        /// The bid price.
        price: Decimal,
        /// The highest admissible price.
        limit: Decimal,
    },
}

impl Ground {
    /// The ground in words; criteria by their ids.
    pub fn text(&self) -> Text {
        match self {
            Self::Recorded { stage, reason } => Text::new(
                format!("{stage} 未通过：{reason}"),
                format!("failed at {stage}: {reason}"),
            ),
            Self::Vote { stage, criteria } => {
                let ids: Vec<String> = criteria.iter().map(ToString::to_string).collect();
                let ids = ids.join(", ");
                Text::new(
                    format!("{stage}：超过半数成员认定不通过：{ids}"),
                    format!("{stage}: failed by more than half of the members: {ids}"),
                )
            }
            Self::BelowMinimum { score, minimum, .. } => Text::new(
                format!("得分 {} 低于最低分 {minimum}", score.shown),
                format!("score {} below the minimum {minimum}", score.shown),
            ),
            Self::Condition { rule, reason, .. } => Text::new(
                format!("{}（{rule}）", reason.zh),
                format!("{} ({rule})", reason.en),
            ),
            Self::SameBrand { rule, brand, kept } => Text::new(
                format!("与 {kept} 品牌相同（{brand}），报价较高（{rule}）"),
                format!("same brand as {kept} ({brand}) at a higher price ({rule})"),
            ),
            Self::AboveCeiling { rule, price, limit } => Text::new(
                format!("报价 {price} 超过最高限价 {limit}（{rule}）"),
                format!("price {price} above the limit {limit} ({rule})"),
            ),
        }
    }
}

/// Where a bid stands at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Standing {
    /// Ranked; bids that share a rank are tied, and the next rank is left out (1, 1, 3).
    Ranked(u32),
    /// Rejected.
    Rejected(Ground),
    /// Still standing when the procedure stopped.
    Stopped,
}

/// The numbers of one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BidderOutcome {
    /// Rank or ground of rejection.
    pub standing: Standing,
    /// Mean of each scored criterion over the members that count.
    pub criteria: BTreeMap<CriterionId, Figure>,
    /// Score of each block.
    pub blocks: BTreeMap<CriterionId, Figure>,
    /// Sum of the blocks (St under `qcbs`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technical: Option<Figure>,
    /// Price after policy deductions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated_price: Option<Figure>,
    /// Points of the price; under `qcbs` the financial score Sf, 0 to 100.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_points: Option<Figure>,
    /// The total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Figure>,
    /// Ranks by the members' own totals, where the ranking asks for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member_ranks: Option<MemberRanks>,
}

/// Ranks that the members give by their own totals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberRanks {
    /// Sum of the ranks (F14).
    pub sum: Figure,
    /// How many members put the bid first, second, ... (F15).
    pub places: Vec<u32>,
}

/// A candidate 中标候选人.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Candidate {
    /// The rank.
    pub rank: u32,
    /// The bidder.
    pub bidder: BidderId,
}

/// What put one of two bids with the same score first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum TieBreak {
    /// A later key of the ranking.
    Key(TieKey),
    /// The recorded draw.
    Drawn,
    /// Nothing: they share a rank.
    Tied,
    /// Nothing yet: they share a rank until a draw is recorded.
    DrawNeeded,
}

/// Two neighbours of the ranking that are equal in its first key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TieNote {
    /// The bid that stands first; of two that share a rank, the one with the lower ordinal.
    pub first: BidderId,
    /// The one behind it.
    pub second: BidderId,
    /// What decided.
    pub decided_by: TieBreak,
}

/// Something a person must look at; it changes no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Remark {
    /// The rule: `SC-6` members differ on an objective item, `RES-1` a tie that no longer fits the
    /// candidates, `MIN-3` a brand that is named already, `SC-2` points of the price outside their scale,
    /// `consensus` an agreed score outside the members' own, `MIN-5` no bid is left.
    pub rule: String,
    /// The bid meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bidder: Option<BidderId>,
    /// The criterion meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<CriterionId>,
    /// In words.
    pub text: Text,
}

/// The result. Two computations from the same rulebook and facts give the same bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outcome {
    /// Always `conclave.outcome/1`.
    pub format: OutcomeFormat,
    /// Version of the rulebook.
    pub rulebook_version: u32,
    /// Too few bidders: nothing after this count was computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// Votes of the committee's pass or fail stages, in the order stage, bidder, criterion.
    pub votes: Vec<VoteFinding>,
    /// Every bidder.
    pub bidders: BTreeMap<BidderId, BidderOutcome>,
    /// The base of the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_base: Option<Figure>,
    /// Ranked bidders, best first; of bids that share a rank the lower ordinal first.
    pub ranking: Vec<Candidate>,
    /// The candidates, best first; in the order of their ordinals where they are named without an order.
    pub candidates: Vec<Candidate>,
    /// Ties in the first key, best first.
    pub ties: Vec<TieNote>,
    /// What a person must look at.
    pub remarks: Vec<Remark>,
    /// The derivation of every number, by node id.
    pub derivation: BTreeMap<NodeId, Node>,
}

impl Outcome {
    /// Canonical JSON: no white space, fields in declared order, maps ordered by key.
    pub fn to_json_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings, integers and string-keyed maps always serialise")
    }
}
