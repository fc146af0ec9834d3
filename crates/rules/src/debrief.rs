//! What one bidder is told of a result: its own numbers, and where it stands behind the winner. Of the others it
//! learns nothing (World Bank Procurement Regulations 5.81; Directive 2014/24/EU, article 55).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::derivation::Figure;
use crate::ids::{BidderId, CriterionId};
use crate::outcome::{BidderOutcome, Outcome, Standing};

/// What one bidder is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Debrief {
    /// The bidder.
    pub bidder: BidderId,
    /// Its own numbers, its rank or the ground of its rejection.
    pub own: BidderOutcome,
    /// How many bids are ranked.
    pub ranked: u32,
    /// The one that is first; none where several share the first rank, or none is ranked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<Winner>,
}

/// What every bidder learns of the winner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Winner {
    /// The bidder.
    pub bidder: BidderId,
    /// Its evaluated price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated_price: Option<Figure>,
    /// Its total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Figure>,
    /// The scores of its blocks: its relative advantages.
    pub blocks: BTreeMap<CriterionId, Figure>,
}

impl Outcome {
    /// What this bidder is told; none where it is not a bidder of the outcome.
    pub fn debrief(&self, bidder: &BidderId) -> Option<Debrief> {
        let own = self.bidders.get(bidder)?.clone();
        let mut first = self.ranking.iter().filter(|line| line.rank == 1);
        let winner = match (first.next(), first.next()) {
            (Some(line), None) => self.bidders.get(&line.bidder).map(|numbers| Winner {
                bidder: line.bidder.clone(),
                evaluated_price: numbers.evaluated_price.clone(),
                total: numbers.total.clone(),
                blocks: numbers.blocks.clone(),
            }),
            _ => None,
        };
        let ranked = self
            .bidders
            .values()
            .filter(|numbers| matches!(numbers.standing, Standing::Ranked(_)))
            .count();
        Some(Debrief {
            bidder: bidder.clone(),
            own,
            ranked: u32::try_from(ranked).unwrap_or(u32::MAX),
            winner,
        })
    }
}
