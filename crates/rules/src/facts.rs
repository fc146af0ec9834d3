//! What the record says about bids, members and sheets: the input of an evaluation beside the rulebook.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::sheet::{BidBlock, Sheet};

/// A rejection decided outside the sheets: by the purchaser at qualification, by a recorded motion, by a
/// bidder's refusal of a corrected price (R-PRICE), by an unproven low price (VOTE-6).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordedRejection {
    /// The stage in which it was decided. At `price_points` or `summary` the prices were points already
    /// (SC-13); before, the bid is not in the base.
    pub stage: StageId,
    /// Why; not empty.
    pub reason: String,
}

/// What is known about one bidder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BidderFacts {
    /// The bidder.
    pub id: BidderId,
    /// Its rejection outside the sheets, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<RecordedRejection>,
    /// Bid price after correction (R-PRICE), before policy deductions; in units of the rulebook's
    /// currency. Needed of every bid whose price is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// Attributes that give policy deductions; each named in the rulebook.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub attributes: BTreeSet<String>,
    /// The brand of the goods, where goods of one brand count once (MIN-3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Numbers that the formula reads by `fact`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, Decimal>,
    /// Numbers that are known instead of computed: of a published result whose sheets are not.
    #[serde(default, skip_serializing_if = "Given::is_empty")]
    pub given: Given,
}

/// Numbers of one bid that are given, not computed. An evaluation of this system gives none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    /// Means of criteria, in their own scales.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub criteria: BTreeMap<CriterionId, Decimal>,
    /// Scores of blocks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocks: BTreeMap<CriterionId, Decimal>,
    /// The technical score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technical: Option<Decimal>,
    /// The points of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_points: Option<Decimal>,
    /// The total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Decimal>,
}

impl Given {
    /// Whether nothing is given.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The facts of one evaluation. The order of bidders, members, sheets, blocks and cells means nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Facts {
    /// Distinct bidders whose bids stood at the deadline.
    pub bidders: Vec<BidderFacts>,
    /// The roster lines that count. A recorded absence is a line that is not here; sheets of other
    /// lines are left aside.
    pub members: Vec<Line>,
    /// The committee's sheets, at most one a line and stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sheets: Vec<Sheet>,
    /// The scores that the members agreed on, where the rulebook takes these: one block a bid.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub consensus: Vec<BidBlock>,
    /// Result of a recorded draw among bids equal in every key: bidders in the order drawn. Only where
    /// the rulebook foresees a draw.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub draw: Vec<BidderId>,
    /// Values of the drawn parameters of the formula, fixed before the opening.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Decimal>,
}
