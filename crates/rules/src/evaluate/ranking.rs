//! Ranking, ties (R-TIE) and candidates (RES-1).

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{EvaluateError, Progress};
use crate::exact::Exact;
use crate::ids::BidderId;
use crate::outcome::{Candidate, TieBreak, TieNote};
use crate::rulebook::{TieKey, Unbroken};
use crate::text::Text;

/// The ranking and what follows from it.
#[derive(Default)]
pub(super) struct Ranked {
    pub(super) order: Vec<Candidate>,
    pub(super) candidates: Vec<Candidate>,
    pub(super) ties: Vec<TieNote>,
}

impl Progress<'_> {
    /// Where prices order the bids, all of them have one or none: one that is not there is not the lowest.
    pub(super) fn check_ranked_prices(&self) -> Result<(), EvaluateError> {
        let by_price = |key: &TieKey| {
            matches!(
                key,
                TieKey::PriceAsc | TieKey::PriceDesc | TieKey::EvaluatedPriceAsc
            )
        };
        if !self.case.rulebook.ranking.keys.iter().any(by_price) {
            return Ok(());
        }
        let has_price = |bidder: &BidderId| {
            let facts = self.case.bidders.get(bidder);
            facts.is_some_and(|facts| facts.price.is_some())
        };
        let (with, without): (Vec<BidderId>, Vec<BidderId>) =
            self.standing().into_iter().partition(has_price);
        match without.into_iter().next() {
            Some(first) if !with.is_empty() => Err(EvaluateError::PriceMissing(first)),
            _ => Ok(()),
        }
    }

    pub(super) fn rank(&mut self) -> Ranked {
        let keys = &self.case.rulebook.ranking.keys;
        let mut standing = self.standing();
        standing.sort_by(|a, b| self.by_keys(a, b, keys));
        let mut order: Vec<Candidate> = Vec::new();
        let draw = self.case.draw.iter().enumerate();
        let draw: BTreeMap<&BidderId, usize> = draw.map(|(place, bidder)| (bidder, place)).collect();
        for group in standing.chunk_by(|a, b| self.by_keys(a, b, keys).is_eq()) {
            let place = |index: usize| u32::try_from(index + 1).unwrap_or(u32::MAX);
            let first = order.len();
            let drawn = drawn(&draw, group);
            let shares_rank = drawn.is_none();
            for (index, bidder) in drawn.unwrap_or(group.to_vec()).into_iter().enumerate() {
                let rank = place(if shares_rank { first } else { first + index });
                order.push(Candidate { rank, bidder });
            }
        }
        let ties = order.windows(2).filter_map(|pair| self.tie(&pair[0], &pair[1]));
        let ties = ties.collect();
        let eligible = self.best_of_brand(&order);
        let mut candidates = self.candidates(&eligible);
        if self.case.rulebook.candidates.unranked {
            candidates.sort_by(|a, b| a.bidder.cmp(&b.bidder));
        }
        Ranked {
            order,
            candidates,
            ties,
        }
    }

    /// Best first; never an order that only the ordinals made.
    fn by_keys(&self, a: &BidderId, b: &BidderId, keys: &[TieKey]) -> Ordering {
        keys.iter()
            .map(|key| self.by_key(a, b, key))
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn by_key(&self, a: &BidderId, b: &BidderId, key: &TieKey) -> Ordering {
        if *key == TieKey::PlacesDesc {
            let places = |bidder: &BidderId| {
                let ranks = self.numbers.get(bidder)?.member_ranks.as_ref()?;
                Some(&ranks.places)
            };
            return places(b).cmp(&places(a));
        }
        let order = self.key_value(a, key).cmp(&self.key_value(b, key));
        match key {
            TieKey::ScoreDesc
            | TieKey::PriceDesc
            | TieKey::BlockDesc(_)
            | TieKey::TechnicalDesc
            | TieKey::FactDesc(_)
            | TieKey::PlacesDesc => order.reverse(),
            TieKey::PriceAsc | TieKey::EvaluatedPriceAsc | TieKey::RankSumAsc | TieKey::FactAsc(_) => order,
        }
    }

    fn key_value(&self, bidder: &BidderId, key: &TieKey) -> Option<Exact> {
        let numbers = self.numbers.get(bidder)?;
        let figure = match key {
            TieKey::PriceAsc | TieKey::PriceDesc => {
                let facts = self.case.bidders.get(bidder)?;
                return facts.price.as_ref().map(crate::Decimal::exact);
            }
            TieKey::FactDesc(fact) | TieKey::FactAsc(fact) => {
                let facts = self.case.bidders.get(bidder)?;
                return facts.facts.get(fact).map(crate::Decimal::exact);
            }
            TieKey::ScoreDesc => numbers.total.as_ref(),
            TieKey::TechnicalDesc => numbers.technical.as_ref(),
            TieKey::EvaluatedPriceAsc => numbers.evaluated_price.as_ref(),
            TieKey::BlockDesc(id) => numbers.blocks.get(id),
            TieKey::RankSumAsc => numbers.member_ranks.as_ref().map(|ranks| &ranks.sum),
            TieKey::PlacesDesc => None,
        };
        figure.map(|figure| figure.value.clone())
    }

    /// What decided between two neighbours with the same first key.
    fn tie(&self, first: &Candidate, second: &Candidate) -> Option<TieNote> {
        let ranking = &self.case.rulebook.ranking;
        let (a, b) = (&first.bidder, &second.bidder);
        let (head, tail) = ranking.keys.split_first()?;
        if self.by_key(a, b, head).is_ne() {
            return None;
        }
        let broken_by = tail.iter().find(|key| self.by_key(a, b, key).is_ne());
        let decided_by = match (broken_by, ranking.then) {
            (Some(key), _) => TieBreak::Key(key.clone()),
            (None, Unbroken::Tied) => TieBreak::Tied,
            (None, Unbroken::Draw) if first.rank != second.rank => TieBreak::Drawn,
            (None, Unbroken::Draw) => TieBreak::DrawNeeded,
        };
        Some(TieNote {
            first: a.clone(),
            second: b.clone(),
            decided_by,
        })
    }

    /// Whole ranks only: a tie that no longer fits is left to a decision outside, with a remark.
    fn candidates(&mut self, ranked: &[Candidate]) -> Vec<Candidate> {
        let max = self.case.rulebook.candidates.max as usize;
        let mut chosen = Vec::new();
        for same_rank in ranked.chunk_by(|a, b| a.rank == b.rank) {
            if chosen.len() + same_rank.len() > max {
                let straddles = chosen.len() < max;
                if straddles {
                    let text = Text::new(
                        "并列投标人超出候选人名额，须另行确定。",
                        "Tied bids exceed the places left for candidates; this must be decided.",
                    );
                    self.remark("RES-1", None, None, text);
                }
                break;
            }
            chosen.extend_from_slice(same_rank);
        }
        chosen
    }
}

/// Bids equal in every key, in the order drawn; none while the draw does not name them all.
fn drawn(draw: &BTreeMap<&BidderId, usize>, group: &[BidderId]) -> Option<Vec<BidderId>> {
    let mut places = Vec::new();
    for bidder in group {
        places.push((draw.get(bidder)?, bidder.clone()));
    }
    places.sort();
    Some(places.into_iter().map(|(_, bidder)| bidder).collect())
}
