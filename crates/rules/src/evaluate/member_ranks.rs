//! Ranks that each member gives by the own totals: sums of ranks (F14) and places (F15).
//!
//! Their nodes are those of member totals, which a public extract leaves out; `+` stands in no id of a block.

use std::collections::BTreeMap;

use super::scores::{sum, weighted_sum};
use super::{EvaluateError, Progress};
use crate::derivation::{Figure, Input, Step};
use crate::exact::Exact;
use crate::ids::{BidderId, Line};
use crate::outcome::MemberRanks;
use crate::rulebook::{Leaf, TieKey};
use crate::text::Text;

impl Progress<'_> {
    /// Computed only where the ranking asks for it.
    pub(super) fn rank_by_members(&mut self) -> Result<(), EvaluateError> {
        let rulebook = self.case.rulebook;
        let asked = |key: &TieKey| matches!(key, TieKey::RankSumAsc | TieKey::PlacesDesc);
        let bidders = self.standing();
        if !rulebook.ranking.keys.iter().any(asked) || bidders.is_empty() {
            return Ok(());
        }
        if self.case.members.is_empty() {
            return Err(EvaluateError::NoMembers);
        }
        let leaves = rulebook.leaves();
        let scored: Vec<&Leaf<'_>> = leaves
            .iter()
            .filter(|leaf| leaf.criterion.kind.is_scored())
            .collect();
        let mut ranks: BTreeMap<BidderId, Vec<Figure>> = BTreeMap::new();
        let lines: Vec<Line> = self.case.members.iter().cloned().collect();
        for line in &lines {
            let mut totals = Vec::with_capacity(bidders.len());
            for bidder in &bidders {
                totals.push(self.member_total(line, bidder, &scored)?);
            }
            let mut sorted: Vec<&Exact> = totals.iter().map(|total| &total.value).collect();
            sorted.sort_by(|a, b| b.cmp(a));
            for (bidder, total) in bidders.iter().zip(&totals) {
                let better = sorted.partition_point(|other| **other > total.value);
                let rank = self.member_rank(line, bidder, total, better + 1)?;
                ranks.entry(bidder.clone()).or_default().push(rank);
            }
        }
        for (bidder, ranks) in ranks {
            let found = self.member_ranks(&bidder, &ranks, bidders.len())?;
            if let Some(numbers) = self.numbers.get_mut(&bidder) {
                numbers.member_ranks = Some(found);
            }
        }
        Ok(())
    }

    fn member_total(
        &mut self,
        line: &Line,
        bidder: &BidderId,
        scored: &[&Leaf<'_>],
    ) -> Result<Figure, EvaluateError> {
        let numbers = self.numbers.get(bidder).expect("a standing bid was scored");
        let mut terms = Vec::new();
        let one = Exact::from(1);
        for leaf in scored {
            let id = &leaf.criterion.id;
            let symbol = format!("x{}", terms.len() + 1);
            let input = match (self.case.score(line, bidder, id), numbers.criteria.get(id)) {
                (Some(score), _) => {
                    Input::given(symbol, format!("sheet/{line}/{bidder}/{id}"), score.exact())
                }
                (None, Some(computed)) => Input::node(symbol, computed),
                (None, None) => {
                    return Err(EvaluateError::FactMissing {
                        bidder: bidder.clone(),
                        fact: id.to_string(),
                    });
                }
            };
            terms.push((input, &leaf.weight));
        }
        if let Some(points) = &numbers.price_points {
            terms.push((Input::node("P", points), &one));
        }
        let step = weighted_sum(
            format!("{bidder}:member_total:+all:{line}"),
            Text::new(format!("评委 {line} 的总分"), format!("total of member {line}")),
            terms,
            None,
        );
        Ok(self.derivation.write(step)?)
    }

    fn member_rank(
        &mut self,
        line: &Line,
        bidder: &BidderId,
        total: &Figure,
        rank: usize,
    ) -> Result<Figure, EvaluateError> {
        let step = Step {
            id: format!("{bidder}:member_total:+rank:{line}"),
            label: Text::new(format!("评委 {line} 的名次"), format!("rank by member {line}")),
            formula: "1 + bids with a higher total".to_owned(),
            inputs: vec![Input::node("total", total)],
            exact: Ok(Exact::from(u32::try_from(rank).unwrap_or(u32::MAX))),
            rounding: None,
        };
        Ok(self.derivation.write(step)?)
    }

    fn member_ranks(
        &mut self,
        bidder: &BidderId,
        ranks: &[Figure],
        bids: usize,
    ) -> Result<MemberRanks, EvaluateError> {
        let step = sum(
            format!("{bidder}:rank_sum"),
            Text::new("名次和", "sum of the ranks"),
            ranks.iter().map(Some),
            None,
        );
        let mut places = vec![0; bids];
        for rank in ranks.iter().filter_map(|rank| rank.value.to_u32()) {
            if let Some(place) = places.get_mut(rank as usize - 1) {
                *place += 1;
            }
        }
        Ok(MemberRanks {
            places,
            sum: self.derivation.write(step)?,
        })
    }
}
