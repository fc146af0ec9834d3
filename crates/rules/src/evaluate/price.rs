//! Prices: policy deductions, ceiling, base, points, totals.

use super::scores::sum;
use super::{EvaluateError, Progress};
use crate::decimal::Decimal;
use crate::derivation::{Figure, Input, Step};
use crate::exact::{Exact, NumberError};
use crate::facts::BidderFacts;
use crate::ids::BidderId;
use crate::outcome::Ground;
use crate::rounding::Rounding;
use crate::rulebook::{Deduction, DeductionCombination, PriceMethod, RoundingPlace, StageKind};
use crate::text::Text;

impl Progress<'_> {
    /// Price opening, price points, totals.
    pub(super) fn apply_prices(&mut self) -> Result<(), EvaluateError> {
        self.apply_recorded(StageKind::PriceOpening);
        self.check_ceiling()?;
        let before = self.standing();
        self.apply_recorded(StageKind::PricePoints);
        self.apply_recorded(StageKind::Summary);
        let standing = self.standing();
        let in_base = if self.case.rulebook.price.base_recomputed_after_rejection {
            standing.clone()
        } else {
            before
        };
        for bidder in &in_base {
            let price = self.evaluated_price(bidder)?;
            if let Some(numbers) = self.numbers.get_mut(bidder) {
                numbers.evaluated_price = Some(price);
            }
        }
        let Some(base) = self.write_base(&in_base)? else {
            return Ok(());
        };
        for bidder in &standing {
            self.points_and_total(bidder, &base)?;
        }
        self.price_base = Some(base);
        Ok(())
    }

    /// VOTE-4, VOTE-5: the bid price itself is compared, not the one after deductions.
    fn check_ceiling(&mut self) -> Result<(), EvaluateError> {
        let rulebook = self.case.rulebook;
        let table = rulebook.regime.table();
        let budget = rulebook.budget.as_ref().filter(|_| table.budget_binds);
        let limit = rulebook.ceiling.iter().chain(budget).min();
        for bidder in self.standing() {
            let price = self.price(&bidder)?.clone();
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
        let mut formula = "p".to_owned();
        let mut exact = Ok(price);
        if !deductions.is_empty() {
            let symbols: String = (1..=deductions.len()).map(|n| format!(" - d{n}")).collect();
            formula = format!("p x (100{symbols}) / 100");
            let percents: Vec<Exact> = deductions.iter().map(|d| d.percent.exact()).collect();
            exact = exact.and_then(|price| deduct(&price, &percents));
            for (index, item) in deductions.iter().enumerate() {
                let source = format!("rulebook/price.deductions/{}", item.attribute);
                let symbol = format!("d{}", index + 1);
                inputs.push(Input::given(symbol, source, item.percent.exact()));
            }
        }
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

    fn write_base(&mut self, in_base: &[BidderId]) -> Result<Option<Figure>, EvaluateError> {
        let prices: Vec<Input> = in_base
            .iter()
            .filter_map(|id| {
                let price = self.numbers.get(id)?.evaluated_price.as_ref()?;
                Some(Input::node(format!("p_{id}"), price))
            })
            .collect();
        let Some(lowest) = prices.iter().map(Input::value).min().cloned() else {
            return Ok(None);
        };
        let symbols: Vec<&str> = prices.iter().map(Input::symbol).collect();
        let step = Step {
            id: "price_base".to_owned(),
            label: Text::new("评标基准价", "price base"),
            formula: format!("min({})", symbols.join(", ")),
            exact: Ok(lowest),
            inputs: prices,
            rounding: None,
        };
        Ok(Some(self.derivation.write(step)?))
    }

    fn points_and_total(&mut self, bidder: &BidderId, base: &Figure) -> Result<(), EvaluateError> {
        let points = self.price_points(bidder, base)?;
        let total = self.total(bidder, &points)?;
        if let Some(numbers) = self.numbers.get_mut(bidder) {
            numbers.price_points = Some(points);
            numbers.total = Some(total);
        }
        Ok(())
    }

    fn price_points(&mut self, bidder: &BidderId, base: &Figure) -> Result<Figure, EvaluateError> {
        let rulebook = self.case.rulebook;
        let (label, most, source, place) = match &rulebook.price.method {
            PriceMethod::LowPriceFirst => (
                Text::new("价格分", "price points"),
                rulebook
                    .price_points()
                    .expect("validate wants one price criterion"),
                "rulebook/criteria/price",
                RoundingPlace::PricePoints,
            ),
            PriceMethod::Qcbs { .. } => (
                Text::new("财务得分 Sf", "financial score Sf"),
                Exact::from(100),
                "rulebook/price.method/qcbs",
                RoundingPlace::FinancialScore,
            ),
        };
        let numbers = self.numbers.get(bidder);
        let price = numbers
            .and_then(|numbers| numbers.evaluated_price.as_ref())
            .expect("every standing bid is in the base");
        let step = Step {
            id: format!("{bidder}:price_points"),
            label,
            formula: "base / p x max".to_owned(),
            exact: ratio_to_base(&base.value, &price.value, &most),
            inputs: vec![
                Input::node("base", base),
                Input::node("p", price),
                Input::given("max", source, most),
            ],
            rounding: self.rounding(place),
        };
        Ok(self.derivation.write(step)?)
    }

    fn total(&mut self, bidder: &BidderId, points: &Figure) -> Result<Figure, EvaluateError> {
        let rulebook = self.case.rulebook;
        let numbers = self.numbers.get(bidder).expect("a standing bid was scored");
        let id = format!("{bidder}:total");
        let label = Text::new("总得分", "total");
        let rounding = self.rounding(RoundingPlace::Total);
        let step = match &rulebook.price.method {
            PriceMethod::LowPriceFirst => {
                let blocks = rulebook.blocks();
                let parts = blocks.iter().map(|block| numbers.blocks.get(&block.id));
                sum(id, label, parts.chain([Some(points)]), rounding)
            }
            PriceMethod::Qcbs {
                technical_weight,
                price_weight,
                ..
            } => {
                let technical = numbers.technical.as_ref().expect("a standing bid was scored");
                let weights = (technical_weight.exact(), price_weight.exact());
                Step {
                    id,
                    label,
                    formula: "St x T + Sf x P".to_owned(),
                    exact: weighted(&technical.value, &points.value, &weights),
                    inputs: vec![
                        Input::node("St", technical),
                        Input::node("Sf", points),
                        Input::given("T", "rulebook/price.method/qcbs/technical_weight", weights.0),
                        Input::given("P", "rulebook/price.method/qcbs/price_weight", weights.1),
                    ],
                    rounding,
                }
            }
        };
        Ok(self.derivation.write(step)?)
    }

    fn rounding(&self, place: RoundingPlace) -> Option<Rounding> {
        self.case.rulebook.aggregation.rounding_at(place)
    }
}

/// F1, F8: `base / price x most`.
fn ratio_to_base(base: &Exact, price: &Exact, most: &Exact) -> Result<Exact, NumberError> {
    base.checked_div(price)?.checked_mul(most)
}

/// F8: `St x T + Sf x P`.
fn weighted(technical: &Exact, financial: &Exact, weights: &(Exact, Exact)) -> Result<Exact, NumberError> {
    let technical = technical.checked_mul(&weights.0)?;
    technical.checked_add(&financial.checked_mul(&weights.1)?)
}

fn deduct(price: &Exact, percents: &[Exact]) -> Result<Exact, NumberError> {
    let hundred = Exact::from(100);
    let left = hundred.checked_sub(&Exact::sum(percents)?)?;
    price.checked_mul(&left)?.checked_div(&hundred)
}
