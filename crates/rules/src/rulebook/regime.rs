//! The regimes, each a table of values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::method::TieKey;
use super::procedure::{CountedDays, Procedure, Standstill};
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
    /// Fewest candidates that the rulebook may name.
    pub fewest_candidates: u32,
    /// SC-1: floor of the price weight for goods, percent.
    pub price_floor_goods: u32,
    /// SC-1: floor of the price weight for services, percent.
    pub price_floor_services: u32,
    /// The most that the price may weigh for goods, percent.
    pub price_most_goods: u32,
    /// The most that the price may weigh for services, percent.
    pub price_most_services: u32,
    /// Whether the lowest price alone decides: nothing else may give points.
    pub lowest_price_only: bool,
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
    /// COM-1, COM-2: fewest members of a committee, always an odd number.
    pub least_members: u32,
    /// COM-3: fewest members where the budget reaches so many units of the currency.
    pub more_members: Option<(u32, u32)>,
    /// VOTE-8: whether every criterion must stand in the tender document.
    pub cites_clauses: bool,
    /// COM-17: whether members may agree on scores.
    pub consensus_allowed: bool,
    /// MIN-3: whether goods of one brand count as one bidder.
    pub brand_counts_once: bool,
    /// RES-2: fewest days of publication of the candidates.
    pub publication_days: Option<u32>,
    /// Least standstill, and the rule that says so.
    pub standstill: Option<(Standstill, &'static str)>,
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
    fewest_candidates: 1,
    price_floor_goods: 0,
    price_floor_services: 0,
    price_most_goods: 100,
    price_most_services: 100,
    lowest_price_only: false,
    drop_allowed: true,
    tie_keys: &[TieKey::ScoreDesc],
    qualification_actor: None,
    required_stages: &[],
    budget_binds: false,
    ceiling_rule: "ceiling",
    least_members: 1,
    more_members: None,
    cites_clauses: false,
    consensus_allowed: true,
    brand_counts_once: false,
    publication_days: None,
    standstill: None,
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
    least_members: 5,
    cites_clauses: true,
    consensus_allowed: false,
    publication_days: Some(3),
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
    fewest_candidates: 1,
    price_floor_goods: 30,
    price_floor_services: 10,
    drop_allowed: false,
    tie_keys: &[TieKey::ScoreDesc, TieKey::PriceAsc],
    qualification_actor: Some(StageActor::Purchaser),
    required_stages: &[StageKind::Qualification, StageKind::Conformity],
    budget_binds: true,
    ceiling_rule: "VOTE-5",
    least_members: 5,
    more_members: Some((10_000_000, 7)),
    cites_clauses: true,
    consensus_allowed: false,
    brand_counts_once: true,
    ..OPEN
};

/// 财库〔2014〕214号: 6 and 21 (three), 14 (three members), 24 (weights), 25 (at least three candidates, ties).
const CONSULTATION: RegimeTable = RegimeTable {
    most_candidates: None,
    fewest_candidates: 3,
    price_most_goods: 60,
    price_most_services: 30,
    qualification_actor: None,
    required_stages: &[
        StageKind::Conformity,
        StageKind::Negotiation,
        StageKind::FinalOffers,
    ],
    least_members: 3,
    more_members: None,
    brand_counts_once: false,
    ..PROCUREMENT
};

/// 财政部令第74号: 7 (three members), 27 and 33 (three), 35 (at least three candidates, lowest price first).
const NEGOTIATION: RegimeTable = RegimeTable {
    price_floor_goods: 0,
    price_floor_services: 0,
    price_most_goods: 100,
    price_most_services: 100,
    lowest_price_only: true,
    tie_keys: &[],
    ..CONSULTATION
};

/// 财政部令第74号: 46 (one price, not changed), 48.
const INQUIRY: RegimeTable = RegimeTable {
    required_stages: &[StageKind::Conformity],
    ..NEGOTIATION
};

const SMALL: RegimeTable = RegimeTable {
    most_candidates: Some(3),
    consensus_allowed: false,
    ..OPEN
};

/// Procurement Regulations for IPF Borrowers, 5.78 to 5.80: ten business days.
const WORLDBANK: RegimeTable = RegimeTable {
    standstill: Some((
        Standstill {
            days: 10,
            counted: CountedDays::Business,
        },
        "WB-5.80",
    )),
    ..OPEN
};

/// Directive 2007/66/EC, article 2a: ten calendar days after an electronic notice.
const EU: RegimeTable = RegimeTable {
    standstill: Some((
        Standstill {
            days: 10,
            counted: CountedDays::Calendar,
        },
        "EU-2A",
    )),
    ..OPEN
};

const OTHER: RegimeTable = RegimeTable {
    tie_keys: &[],
    ..OPEN
};

impl Regime {
    /// The values of this regime for a procedure.
    pub fn table(self, procedure: Procedure) -> &'static RegimeTable {
        match (self, procedure) {
            (Self::Bidding, _) => &BIDDING,
            (Self::Procurement, Procedure::Open | Procedure::Invited) => &PROCUREMENT,
            (Self::Procurement, Procedure::Consultation) => &CONSULTATION,
            (Self::Procurement, Procedure::Negotiation) => &NEGOTIATION,
            (Self::Procurement, Procedure::Inquiry) => &INQUIRY,
            (Self::Small, _) => &SMALL,
            (Self::Worldbank, _) => &WORLDBANK,
            (Self::Eu, _) => &EU,
            (Self::Other, _) => &OTHER,
        }
    }
}
