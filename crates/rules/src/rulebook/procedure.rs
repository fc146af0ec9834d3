//! The procedure by which a lot is bought; beside the regime it decides which values the law demands.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bidders come to a lot and make their offers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Procedure {
    /// 公开招标: anybody may bid; one price, sealed.
    #[default]
    Open,
    /// 邀请招标: those invited bid; one price, sealed.
    Invited,
    /// 竞争性磋商 (财库〔2014〕214号): talks, then sealed final offers, scored.
    Consultation,
    /// 竞争性谈判 (财政部令第74号): talks, then sealed final offers; the lowest one that conforms.
    Negotiation,
    /// 询价 (财政部令第74号): one price that can't be changed; the lowest one that conforms.
    Inquiry,
}

impl Procedure {
    /// Whether the committee talks with each bidder before the final offers.
    pub fn has_talks(self) -> bool {
        matches!(self, Self::Consultation | Self::Negotiation)
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    pub(super) fn is_open(&self) -> bool {
        *self == Self::Open
    }
}

/// One brand, one bidder (MIN-3, 87号令 31): what happens to several bids with goods of the same brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SameBrand {
    /// They count as one bidder. Where points are given the best of them may be a candidate; where the lowest
    /// price decides, only the lowest of them takes part.
    CountsOnce,
}

/// The days in which nothing is signed after the bidders were told (standstill).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Standstill {
    /// How many.
    pub days: u32,
    /// Which days are counted.
    pub counted: CountedDays,
}

/// Which days are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CountedDays {
    /// Every day.
    Calendar,
    /// Business days.
    Business,
}

/// Awards across the lots of one project (兼投不兼中): lots are awarded in the order of their numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AwardRule {
    /// Number of this lot, from 1: its turn.
    pub lot: u32,
    /// Lots of the project.
    pub of: u32,
    /// The most lots that one bidder may win.
    pub most_wins: u32,
    /// What happens to a lot whose candidates have all won as many as they may.
    pub when_none_left: NoneLeft,
}

/// What happens to a lot whose candidates have all won as many lots as they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoneLeft {
    /// It is not awarded.
    NoAward,
    /// Its first candidate wins it all the same.
    FirstCandidate,
}
