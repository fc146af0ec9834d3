//! The regimes, each a table of values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::method::TieKey;
use super::stage::{MinimumBidders, StageActor, StageKind};

/// The law a tender follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// 招投标.
    Bidding,
    /// 政府采购.
    Procurement,
    /// 限额以下.
    Small,
    /// World Bank.
    Worldbank,
    /// European Union.
    Eu,
    /// Any other: nothing is demanded beyond the format.
    Other,
}

/// What a regime demands of a rulebook. Source: `domain` law table, ids at the fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegimeTable {
    /// MIN-1, MIN-2: lowest admissible values of `minimum_bidders`.
    pub minimum_bidders: MinimumBidders,
    /// The rule that `minimum_bidders` stands for.
    pub minimum_rule: &'static str,
    /// MIN-2, MIN-5: the rule by which a procedure stops when a review leaves no bid at all.
    pub none_left_rule: &'static str,
    /// RES-1: most candidates.
    pub most_candidates: Option<u32>,
    /// SC-1: floor of the price weight for goods, percent.
    pub price_floor_goods: u32,
    /// SC-1: floor of the price weight for services, percent.
    pub price_floor_services: u32,
    /// SC-3: whether highest and lowest values may be dropped.
    pub drop_allowed: bool,
    /// R-TIE: the keys a ranking must begin with.
    pub tie_keys: &'static [TieKey],
    /// COM-15: who reviews qualification, where the law says.
    pub qualification_actor: Option<StageActor>,
    /// COM-15: kinds of stage that must be there.
    pub required_stages: &'static [StageKind],
    /// VOTE-5: whether a price above the budget is invalid even without a ceiling.
    pub budget_binds: bool,
    /// VOTE-4, VOTE-5: the rule by which a price above the ceiling is invalid.
    pub ceiling_rule: &'static str,
}

const ONE: MinimumBidders = MinimumBidders {
    at_deadline: 1,
    after_qualification: 1,
    after_conformity: 1,
};

const OPEN: RegimeTable = RegimeTable {
    minimum_bidders: ONE,
    minimum_rule: "minimum_bidders",
    none_left_rule: "minimum_bidders",
    most_candidates: None,
    price_floor_goods: 0,
    price_floor_services: 0,
    drop_allowed: true,
    tie_keys: &[TieKey::ScoreDesc],
    qualification_actor: None,
    required_stages: &[],
    budget_binds: false,
    ceiling_rule: "ceiling",
};

const BIDDING: RegimeTable = RegimeTable {
    minimum_bidders: MinimumBidders {
        at_deadline: 3,
        ..ONE
    },
    minimum_rule: "MIN-1",
    none_left_rule: "MIN-5",
    most_candidates: Some(3),
    ceiling_rule: "VOTE-4",
    ..OPEN
};

const PROCUREMENT: RegimeTable = RegimeTable {
    minimum_bidders: MinimumBidders {
        at_deadline: 3,
        after_qualification: 3,
        after_conformity: 3,
    },
    minimum_rule: "MIN-2",
    none_left_rule: "MIN-2",
    most_candidates: Some(3),
    price_floor_goods: 30,
    price_floor_services: 10,
    drop_allowed: false,
    tie_keys: &[TieKey::ScoreDesc, TieKey::PriceAsc],
    qualification_actor: Some(StageActor::Purchaser),
    required_stages: &[StageKind::Qualification, StageKind::Conformity],
    budget_binds: true,
    ceiling_rule: "VOTE-5",
};

const SMALL: RegimeTable = RegimeTable {
    most_candidates: Some(3),
    ..OPEN
};

const OTHER: RegimeTable = RegimeTable {
    tie_keys: &[],
    ..OPEN
};

impl Regime {
    /// The values of this regime.
    pub fn table(self) -> &'static RegimeTable {
        match self {
            Self::Bidding => &BIDDING,
            Self::Procurement => &PROCUREMENT,
            Self::Small => &SMALL,
            Self::Worldbank | Self::Eu => &OPEN,
            Self::Other => &OTHER,
        }
    }
}
