//! The disclosed arithmetic of a public package: from the criterion means (or, over member totals, the block scores)
//! and the entered prices to blocks, evaluated prices, base, points, totals and ranks, under the disclosed rulebook.

use rules::{
    BidderId, BidderOutcome, DeductionCombination, DisclosedBid, Exact, Figure, Ground, MeanOver,
    NumberError, Outcome, RoundingPlace, Rulebook, Standing, TieKey, apply_formula,
};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// An entered price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnteredPrice {
    /// The amount.
    pub amount: Exact,
    /// Attributes for policy deductions.
    pub attributes: Vec<String>,
}

struct Disclosed<'a> {
    book: &'a Rulebook,
    outcome: &'a Outcome,
    prices: &'a BTreeMap<String, EnteredPrice>,
}

/// Recomputes what an outcome, or its extract, derives from its means; `prices` by bidder. Gives every number that
/// differs, in words; none when all hold. What members gave is not looked at: it may be withheld.
pub fn faults(book: &Rulebook, outcome: &Outcome, prices: &BTreeMap<String, EnteredPrice>) -> Vec<String> {
    Disclosed {
        book,
        outcome,
        prices,
    }
    .faults()
}

fn expect(
    faults: &mut Vec<String>,
    what: String,
    figure: Option<&Figure>,
    expected: Result<Exact, NumberError>,
) {
    match (figure, expected) {
        (Some(figure), Ok(expected)) if figure.value == expected => {}
        (None, _) => faults.push(format!("{what} is missing")),
        (Some(figure), Ok(expected)) => {
            faults.push(format!("{what} is {}, recomputed {expected}", figure.value))
        }
        (Some(_), Err(fault)) => faults.push(format!("{what}: {fault}")),
    }
}

impl Disclosed<'_> {
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.outcome.rulebook_version != self.book.version {
            faults.push("is of another version of the rulebook".to_owned());
        }
        self.figures_stand_in_the_derivation(&mut faults);
        for (bidder, numbers) in &self.outcome.bidders {
            if !numbers.blocks.is_empty() {
                self.scores(bidder, numbers, &mut faults);
            }
            if numbers.evaluated_price.is_some() {
                let expected = self.evaluated_price(bidder);
                let what = format!("{bidder}: evaluated price");
                match expected {
                    Some(expected) => expect(&mut faults, what, numbers.evaluated_price.as_ref(), expected),
                    None => faults.push(format!("{bidder}: no price was entered")),
                }
            }
        }
        self.grounds(&mut faults);
        self.formula(&mut faults);
        self.ranks(&mut faults);
        faults
    }

    fn rounded(&self, place: RoundingPlace, exact: Result<Exact, NumberError>) -> Result<Exact, NumberError> {
        match self.book.aggregation.rounding_at(place) {
            Some(rounding) => rounding.apply(&exact?),
            None => exact,
        }
    }

    /// Every figure shows the value of the node it names.
    fn figures_stand_in_the_derivation(&self, faults: &mut Vec<String>) {
        for numbers in self.outcome.bidders.values() {
            let single = [
                &numbers.technical,
                &numbers.evaluated_price,
                &numbers.price_points,
                &numbers.total,
            ];
            let figures = numbers.criteria.values().chain(numbers.blocks.values());
            for figure in figures
                .chain(single.into_iter().flatten())
                .chain(&self.outcome.price_base)
            {
                let node = self.outcome.derivation.get(&figure.node);
                if !node.is_some_and(|node| node.value == figure.value && node.shown == figure.shown) {
                    faults.push(format!("{} differs from its derivation", figure.node));
                }
            }
        }
    }

    fn scores(&self, bidder: &BidderId, numbers: &BidderOutcome, faults: &mut Vec<String>) {
        let leaves = self.book.leaves();
        // Over member totals a block is the mean of what single lines gave, which is withheld.
        let from_means = self.book.aggregation.over == MeanOver::Criterion;
        for (block, score) in numbers.blocks.iter().filter(|_| from_means) {
            let inside = leaves.iter().filter(|leaf| leaf.root.id == *block);
            let weighted: Result<Vec<Exact>, NumberError> = inside
                .filter_map(|leaf| {
                    Some(
                        numbers
                            .criteria
                            .get(&leaf.criterion.id)?
                            .value
                            .checked_mul(&leaf.weight),
                    )
                })
                .collect();
            let sum = weighted.and_then(|weighted| Exact::sum(&weighted));
            let expected = self.rounded(RoundingPlace::BlockMean, sum);
            expect(faults, format!("{bidder}: block {block}"), Some(score), expected);
        }
        let sum = Exact::sum(numbers.blocks.values().map(|figure| &figure.value));
        expect(
            faults,
            format!("{bidder}: technical score"),
            numbers.technical.as_ref(),
            sum,
        );
    }

    fn evaluated_price(&self, bidder: &BidderId) -> Option<Result<Exact, NumberError>> {
        let EnteredPrice { amount, attributes } = self.prices.get(bidder.as_str())?;
        let rule = self.book.price.deductions.as_ref();
        let own = rule
            .into_iter()
            .flat_map(|rule| &rule.items)
            .filter(|item| attributes.contains(&item.attribute));
        let percents: Vec<Exact> = own.map(|item| item.percent.exact()).collect();
        let percent = match rule.map(|rule| rule.combine) {
            Some(DeductionCombination::Largest) => Ok(percents.into_iter().max().unwrap_or_else(Exact::zero)),
            _ => Exact::sum(&percents),
        };
        let hundred = Exact::from(100);
        let left = percent.and_then(|percent| hundred.checked_sub(&percent));
        let exact = left
            .and_then(|left| amount.checked_mul(&left))
            .and_then(|price| price.checked_div(&hundred));
        Some(self.rounded(RoundingPlace::EvaluatedPrice, exact))
    }

    /// A rejection for a number shows a number that rejects.
    fn grounds(&self, faults: &mut Vec<String>) {
        for (bidder, numbers) in &self.outcome.bidders {
            let holds = match &numbers.standing {
                Standing::Rejected(Ground::BelowMinimum { score, minimum, .. }) => {
                    score.value < minimum.exact()
                }
                Standing::Rejected(Ground::AboveCeiling { price, limit, .. }) => {
                    let entered = self.prices.get(bidder.as_str()).map(|price| &price.amount);
                    price > limit && entered == Some(&price.exact())
                }
                _ => true,
            };
            if !holds {
                faults.push(format!("{bidder}: the ground of its rejection does not hold"));
            }
        }
    }

    /// The formula over the bids compared: base, points of the price, totals, and who falls by a condition.
    fn formula(&self, faults: &mut Vec<String>) {
        let compared: Vec<DisclosedBid> = self
            .outcome
            .bidders
            .iter()
            .filter_map(|(bidder, numbers)| self.disclosed(bidder, numbers))
            .collect();
        if compared.is_empty() {
            if self.outcome.price_base.is_some() {
                faults.push("price base and evaluated prices don't belong together".to_owned());
            }
            return;
        }
        let applied = match apply_formula(self.book, &compared, &BTreeMap::new()) {
            Ok(applied) => applied,
            Err(fault) => return faults.push(format!("formula: {fault}")),
        };
        match (&self.outcome.price_base, applied.base) {
            (Some(base), Some(expected)) => {
                expect(faults, "price base".to_owned(), Some(base), Ok(expected));
            }
            (None, None) => {}
            _ => faults.push("price base and evaluated prices don't belong together".to_owned()),
        }
        for (bidder, numbers) in &self.outcome.bidders {
            if matches!(numbers.standing, Standing::Ranked(_)) {
                for (what, figure, expected) in [
                    ("price points", &numbers.price_points, applied.points.get(bidder)),
                    ("total", &numbers.total, applied.totals.get(bidder)),
                ] {
                    match expected {
                        Some(expected) => {
                            let what = format!("{bidder}: {what}");
                            expect(faults, what, figure.as_ref(), Ok(expected.clone()));
                        }
                        None if figure.is_some() => {
                            faults.push(format!("{bidder}: {what} that nothing gives"))
                        }
                        None => {}
                    }
                }
            }
            let by_condition = matches!(&numbers.standing, Standing::Rejected(Ground::Condition { .. }));
            let ranked = matches!(numbers.standing, Standing::Ranked(_));
            if by_condition && !applied.rejected.contains(bidder)
                || ranked && applied.rejected.contains(bidder)
            {
                faults.push(format!("{bidder}: the ground of its rejection does not hold"));
            }
        }
    }

    /// What is disclosed of a bid that is compared; none of one that is not.
    fn disclosed(&self, bidder: &BidderId, numbers: &BidderOutcome) -> Option<DisclosedBid> {
        let blocks = numbers.blocks.iter();
        Some(DisclosedBid {
            id: bidder.clone(),
            price: self.prices.get(bidder.as_str())?.amount.clone(),
            evaluated_price: numbers.evaluated_price.as_ref()?.value.clone(),
            technical: numbers.technical.as_ref().map(|figure| figure.value.clone()),
            blocks: blocks
                .map(|(id, figure)| (id.clone(), figure.value.clone()))
                .collect(),
            facts: BTreeMap::new(),
        })
    }

    /// Ranks follow the keys of the rulebook and are those of the ranking; candidates are its head.
    fn ranks(&self, faults: &mut Vec<String>) {
        let ranking = &self.outcome.ranking;
        let standing = self
            .outcome
            .bidders
            .iter()
            .filter_map(|(bidder, numbers)| match numbers.standing {
                Standing::Ranked(rank) => Some((bidder, rank)),
                _ => None,
            });
        let listed: BTreeMap<&BidderId, u32> = ranking.iter().map(|line| (&line.bidder, line.rank)).collect();
        if listed != standing.collect() || listed.len() != ranking.len() {
            faults.push("the ranking is not the bidders' ranks".to_owned());
        }
        for pair in ranking.windows(2) {
            let order = self.compare(&pair[0].bidder, &pair[1].bidder);
            let tied = pair[0].rank == pair[1].rank;
            if order == Ordering::Greater || (tied && order != Ordering::Equal) || pair[0].rank > pair[1].rank
            {
                faults.push(format!(
                    "{} stands before {} against the rulebook",
                    pair[0].bidder, pair[1].bidder
                ));
            }
        }
        let candidates = &self.outcome.candidates;
        let mut head = ranking[..candidates.len().min(ranking.len())].to_vec();
        if self.book.candidates.unranked {
            head.sort_by(|a, b| a.bidder.cmp(&b.bidder));
        }
        if head != *candidates || candidates.len() as u64 > u64::from(self.book.candidates.max) {
            faults.push("the candidates are not the head of the ranking".to_owned());
        }
    }

    fn compare(&self, a: &BidderId, b: &BidderId) -> Ordering {
        let places = |bidder: &BidderId| {
            let numbers = self.outcome.bidders.get(bidder)?;
            numbers.member_ranks.as_ref().map(|ranks| &ranks.places)
        };
        let by = |key: &TieKey| {
            let order = self.value(a, key).cmp(&self.value(b, key));
            match key {
                TieKey::PlacesDesc => places(b).cmp(&places(a)),
                TieKey::ScoreDesc
                | TieKey::PriceDesc
                | TieKey::BlockDesc(_)
                | TieKey::TechnicalDesc
                | TieKey::FactDesc(_) => order.reverse(),
                TieKey::PriceAsc | TieKey::EvaluatedPriceAsc | TieKey::RankSumAsc | TieKey::FactAsc(_) => {
                    order
                }
            }
        };
        self.book
            .ranking
            .keys
            .iter()
            .map(by)
            .find(|order| order.is_ne())
            .unwrap_or(Ordering::Equal)
    }

    fn value(&self, bidder: &BidderId, key: &TieKey) -> Option<&Exact> {
        let numbers = self.outcome.bidders.get(bidder)?;
        let figure = match key {
            TieKey::PriceAsc | TieKey::PriceDesc => {
                return self.prices.get(bidder.as_str()).map(|price| &price.amount);
            }
            TieKey::ScoreDesc => numbers.total.as_ref(),
            TieKey::EvaluatedPriceAsc => numbers.evaluated_price.as_ref(),
            TieKey::BlockDesc(id) => numbers.blocks.get(id),
            TieKey::RankSumAsc => numbers.member_ranks.as_ref().map(|ranks| &ranks.sum),
            TieKey::TechnicalDesc => numbers.technical.as_ref(),
            // No record has facts, so no rulebook that reads one is accepted.
            TieKey::PlacesDesc | TieKey::FactDesc(_) | TieKey::FactAsc(_) => None,
        };
        figure.map(|figure| &figure.value)
    }
}
