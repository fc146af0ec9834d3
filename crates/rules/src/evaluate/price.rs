//! Prices: policy deductions, ceiling, the formula, totals.

use std::collections::{BTreeMap, BTreeSet};

use super::case::Case;
use super::scores::sum;
use super::{EvaluateError, Progress};
use crate::decimal::Decimal;
use crate::derivation::{Figure, Input, Sourced, Step};
use crate::exact::{Exact, NumberError};
use crate::facts::BidderFacts;
use crate::formula::{Bid, Computed, Formula, Lot, run};
use crate::ids::{BidderId, CriterionId};
use crate::outcome::Ground;
use crate::rounding::Rounding;
use crate::rulebook::{
    Deduction, DeductionCombination, PricesAboveCeiling, ReviewOrder, RoundingPlace, StageKind,
};
use crate::text::Text;

impl<'a> Progress<'a> {
    /// Price opening, correction, abnormal prices: what falls before prices become points.
    pub(super) fn review_prices(&mut self) -> Result<(), EvaluateError> {
        self.apply_recorded(StageKind::PriceOpening);
        self.check_ceiling()?;
        self.review(StageKind::PriceCorrection)?;
        self.review(StageKind::AbnormalPrice)?;
        self.keep_lowest_of_brand();
        Ok(())
    }

    /// The formula and totals.
    pub(super) fn apply_prices(&mut self) -> Result<(), EvaluateError> {
        let before = match self.case.rulebook.price.above_ceiling {
            PricesAboveCeiling::LeftOut => self.standing(),
            PricesAboveCeiling::InBase => {
                let above = self.rejected.iter();
                let above = above.filter(|(_, ground)| matches!(ground, Ground::AboveCeiling { .. }));
                let above = above.map(|(bidder, _)| bidder.clone());
                let both: BTreeSet<BidderId> = above.chain(self.standing()).collect();
                both.into_iter().collect()
            }
        };
        let rule = &self.case.rulebook.price;
        self.apply_recorded(StageKind::PricePoints);
        self.apply_recorded(StageKind::Summary);
        for (bidder, ground) in self.descent.fallen.clone() {
            self.rejected.entry(bidder).or_insert(ground);
        }
        let compared = if rule.base_recomputed_after_rejection {
            let above =
                |bidder: &BidderId| matches!(self.rejected.get(bidder), Some(Ground::AboveCeiling { .. }));
            before
                .into_iter()
                .filter(|bidder| !self.rejected.contains_key(bidder) || above(bidder))
                .collect()
        } else {
            before
        };
        for bidder in &compared {
            if self
                .case
                .bidders
                .get(bidder)
                .is_some_and(|facts| facts.price.is_some())
            {
                let price = self.evaluated_price(bidder)?;
                self.numbers.entry(bidder.clone()).or_default().evaluated_price = Some(price);
            }
        }
        let computed = self.run_formula(&compared)?;
        self.price_base = computed.base;
        for noted in computed.rejected {
            let ground = Ground::Condition {
                rule: noted.rule,
                reason: noted.text,
                condition: noted.condition,
                inputs: noted.inputs,
            };
            self.rejected.entry(noted.bidder).or_insert(ground);
        }
        for noted in computed.remarks {
            self.remark(&noted.rule, Some(&noted.bidder), None, noted.text);
        }
        let blocks: Vec<CriterionId> = self
            .case
            .rulebook
            .blocks()
            .into_iter()
            .map(|b| b.id.clone())
            .collect();
        let full = self.case.rulebook.price_points();
        // A bid that fell after the prices became points shows the ones it had.
        let shown = compared.iter().filter(|bidder| {
            let ground = self.rejected.get(*bidder);
            ground.is_none_or(|ground| self.fell_later(ground))
        });
        let shown: BTreeSet<BidderId> = shown.cloned().chain(self.standing()).collect();
        for bidder in shown {
            let points = computed.points.get(&bidder).cloned();
            let total = computed.totals.get(&bidder).cloned();
            self.points_and_total(&bidder, &blocks, full.as_ref(), points, total)?;
        }
        Ok(())
    }

    /// Whether a bid fell when its price was points already.
    fn fell_later(&self, ground: &Ground) -> bool {
        let (Ground::Recorded { stage, .. } | Ground::Vote { stage, .. }) = ground else {
            return false;
        };
        let kind = self.case.rulebook.stage(stage).map(|stage| stage.kind);
        let down = self.case.rulebook.rejection.order != ReviewOrder::BeforeScoring;
        matches!(kind, Some(StageKind::PricePoints | StageKind::Summary))
            || down && kind == Some(StageKind::Conformity)
    }

    /// The formula over the bids compared; not where points or totals are given.
    fn run_formula(&mut self, compared: &[BidderId]) -> Result<Computed, EvaluateError> {
        let formula = self.case.rulebook.formula();
        let given = compared.iter().filter(|bidder| {
            let given = self.case.given(bidder);
            given.total.is_some() || given.price_points.is_some()
        });
        let given = given.count();
        if compared.is_empty() || given == compared.len() {
            return Ok(Computed::default());
        }
        if given > 0 {
            return Err(EvaluateError::GivenInPart);
        }
        let mut bids = Vec::with_capacity(compared.len());
        for bidder in compared {
            bids.push(self.bid(bidder, &formula)?);
        }
        Ok(run(
            &formula,
            self.lot(),
            &bids,
            self.case.parameters,
            &mut self.derivation,
        )?)
    }

    fn lot(&self) -> Lot {
        let rulebook = self.case.rulebook;
        let amounts = [
            ("ceiling", &rulebook.ceiling, "rulebook/ceiling"),
            ("budget", &rulebook.budget, "rulebook/budget"),
        ];
        let amounts = amounts.into_iter().filter_map(|(name, amount, source)| {
            Some((name, Sourced::given(amount.as_ref()?.exact(), source)))
        });
        let full = rulebook
            .price_points()
            .map(|points| ("full", Sourced::given(points, "rulebook/criteria/price")));
        amounts.chain(full).collect()
    }

    /// What the formula may read of a bid.
    fn bid(&self, bidder: &BidderId, formula: &Formula) -> Result<Bid<'a>, EvaluateError> {
        let case: &'a Case<'a> = self.case;
        let facts = case.bidders.get(bidder).copied().expect("a bid of the case");
        let numbers = self.numbers.get(bidder);
        let mut known = BTreeMap::new();
        if formula.reads("p") || formula.reads("price") {
            let price = self.price(bidder)?;
            known.insert(
                "price",
                Sourced::given(price.exact(), format!("facts/{bidder}/price")),
            );
        }
        if let Some(price) = numbers.and_then(|numbers| numbers.evaluated_price.as_ref()) {
            known.insert("p", Sourced::node(price));
        }
        if let Some(technical) = numbers.and_then(|numbers| numbers.technical.as_ref()) {
            known.insert("technical", Sourced::node(technical));
        }
        let blocks = numbers.into_iter().flat_map(|numbers| &numbers.blocks);
        Ok(Bid {
            id: bidder.clone(),
            numbers: known,
            blocks: blocks
                .map(|(id, score)| (id.clone(), Sourced::node(score)))
                .collect(),
            facts: &facts.facts,
        })
    }

    /// VOTE-4, VOTE-5: the bid price itself is compared, not the one after deductions.
    pub(super) fn check_ceiling(&mut self) -> Result<(), EvaluateError> {
        let rulebook = self.case.rulebook;
        let table = rulebook.law();
        let budget = rulebook.budget.as_ref().filter(|_| table.budget_binds);
        let limit = rulebook.ceiling.iter().chain(budget).min();
        for bidder in self.standing() {
            let price = self
                .case
                .bidders
                .get(&bidder)
                .and_then(|facts| facts.price.clone());
            let Some(price) = price else { continue };
            let Some(limit) = limit.filter(|limit| price > **limit) else {
                continue;
            };
            let ground = Ground::AboveCeiling {
                rule: table.ceiling_rule.to_owned(),
                price,
                limit: limit.clone(),
            };
            self.rejected.insert(bidder, ground);
        }
        Ok(())
    }

    fn price(&self, bidder: &BidderId) -> Result<&Decimal, EvaluateError> {
        let facts = self.case.bidders.get(bidder);
        facts
            .and_then(|facts| facts.price.as_ref())
            .ok_or_else(|| EvaluateError::PriceMissing(bidder.clone()))
    }

    fn evaluated_price(&mut self, bidder: &BidderId) -> Result<Figure, EvaluateError> {
        let price = self.price(bidder)?.exact();
        let deductions = self.deductions(bidder);
        let mut inputs = vec![Input::given("p", format!("facts/{bidder}/price"), price.clone())];
        let (mut whole, mut parts) = (String::new(), String::new());
        let mut exact = Ok(price.clone());
        for (index, item) in deductions.iter().enumerate() {
            let symbol = format!("d{}", index + 1);
            let percent = item.percent.exact();
            let source = format!("rulebook/price.deductions/{}", item.attribute);
            inputs.push(Input::given(symbol.clone(), source, percent.clone()));
            let from = match &item.of {
                None => {
                    whole += &format!(" - {symbol}");
                    price.clone()
                }
                Some(fact) => {
                    let part = self.part(bidder, fact, &price)?;
                    let part_symbol = format!("f{}", index + 1);
                    parts += &format!(" - {part_symbol} x {symbol} / 100");
                    let source = format!("facts/{bidder}/facts/{fact}");
                    inputs.push(Input::given(part_symbol, source, part.clone()));
                    part
                }
            };
            exact = exact.and_then(|left| left.checked_sub(&share(&from, &percent)?));
        }
        let formula = match whole.is_empty() {
            true => format!("p{parts}"),
            false => format!("p x (100{whole}) / 100{parts}"),
        };
        let step = Step {
            id: format!("{bidder}:evaluated_price"),
            label: Text::new("评审价", "evaluated price"),
            formula,
            inputs,
            exact,
            rounding: self.rounding(RoundingPlace::EvaluatedPrice),
        };
        Ok(self.derivation.write(step)?)
    }

    /// The part of a price that a deduction is taken from: no more than the price itself.
    fn part(&self, bidder: &BidderId, fact: &str, price: &Exact) -> Result<Exact, EvaluateError> {
        let known = &self.case.bidders.get(bidder).expect("a bid of the case").facts;
        let part = known.get(fact).ok_or_else(|| EvaluateError::FactMissing {
            bidder: bidder.clone(),
            fact: fact.to_owned(),
        })?;
        let part = part.exact();
        if part.is_negative() || part > *price {
            return Err(EvaluateError::PartOfPrice {
                bidder: bidder.clone(),
                fact: fact.to_owned(),
            });
        }
        Ok(part)
    }

    /// The deductions a bidder gets, in the order of the rulebook.
    fn deductions(&self, bidder: &BidderId) -> Vec<Deduction> {
        let facts: Option<&BidderFacts> = self.case.bidders.get(bidder).copied();
        let (Some(facts), Some(rule)) = (facts, &self.case.rulebook.price.deductions) else {
            return Vec::new();
        };
        let own = rule.items.iter();
        let own = own.filter(|item| facts.attributes.contains(&item.attribute));
        match rule.combine {
            DeductionCombination::Sum => own.cloned().collect(),
            DeductionCombination::Largest => {
                // Of equal ones the first, so that the derivation does not waver.
                let largest = own.rev().max_by(|a, b| a.percent.cmp(&b.percent));
                largest.into_iter().cloned().collect()
            }
        }
    }

    fn points_and_total(
        &mut self,
        bidder: &BidderId,
        blocks: &[CriterionId],
        full: Option<&Exact>,
        points: Option<Figure>,
        total: Option<Figure>,
    ) -> Result<(), EvaluateError> {
        let given = self.case.given(bidder);
        let points = match &given.price_points {
            Some(points) => {
                let node = format!("{bidder}:price_points");
                let source = format!("facts/{bidder}/given/price_points");
                Some(self.take_given(node, Text::new("价格分", "price points"), points, source)?)
            }
            None => points,
        };
        let total = match (&given.total, total) {
            (Some(total), _) => {
                let node = format!("{bidder}:total");
                let source = format!("facts/{bidder}/given/total");
                Some(self.take_given(node, total_label(), total, source)?)
            }
            (None, Some(total)) => Some(total),
            (None, None) => self.sum_total(bidder, blocks, points.as_ref())?,
        };
        if let (Some(points), Some(full)) = (&points, full)
            && (points.value.is_negative() || points.value > *full)
        {
            let text = Text::new(
                format!("价格分 {} 超出 0 至 {full} 的范围。", points.shown),
                format!("Points of the price, {}, lie outside 0 to {full}.", points.shown),
            );
            self.remark("SC-2", Some(bidder), None, text);
        }
        if let Some(numbers) = self.numbers.get_mut(bidder) {
            numbers.price_points = points;
            numbers.total = total;
        }
        Ok(())
    }

    /// Blocks and points of the price together; none where nothing gives points (F13, F16).
    fn sum_total(
        &mut self,
        bidder: &BidderId,
        blocks: &[CriterionId],
        points: Option<&Figure>,
    ) -> Result<Option<Figure>, EvaluateError> {
        if blocks.is_empty() && points.is_none() {
            return Ok(None);
        }
        let numbers = self.numbers.get(bidder).expect("a standing bid was scored");
        let scores: Vec<Option<&Figure>> = if numbers.blocks.len() == blocks.len() {
            blocks.iter().map(|block| numbers.blocks.get(block)).collect()
        } else {
            vec![numbers.technical.as_ref()]
        };
        let parts = scores.into_iter().chain([points]);
        let step = sum(
            format!("{bidder}:total"),
            total_label(),
            parts,
            self.rounding(RoundingPlace::Total),
        );
        Ok(Some(self.derivation.write(step)?))
    }

    fn rounding(&self, place: RoundingPlace) -> Option<Rounding> {
        self.case.rulebook.aggregation.rounding_at(place)
    }
}

fn total_label() -> Text {
    Text::new("总得分", "total")
}

fn share(of: &Exact, percent: &Exact) -> Result<Exact, NumberError> {
    of.checked_mul(percent)?.checked_div(&Exact::from(100))
}
