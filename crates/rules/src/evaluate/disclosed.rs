//! The formula applied to numbers that are disclosed, for whoever recomputes a result without its sheets.

use std::collections::BTreeMap;

use super::EvaluateError;
use crate::decimal::Decimal;
use crate::derivation::{Derivation, Sourced};
use crate::exact::Exact;
use crate::formula::{Bid, Lot, run};
use crate::ids::{BidderId, CriterionId};
use crate::rulebook::{RoundingPlace, Rulebook};

/// The numbers of one bid that is compared, as they are disclosed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DisclosedBid {
    /// The bidder.
    pub id: BidderId,
    /// Bid price before policy deductions.
    pub price: Exact,
    /// Price after policy deductions.
    pub evaluated_price: Exact,
    /// Sum of the blocks, where something is scored.
    pub technical: Option<Exact>,
    /// Scores of the blocks.
    pub blocks: BTreeMap<CriterionId, Exact>,
    /// Numbers that the formula reads by `fact`.
    pub facts: BTreeMap<String, Decimal>,
}

/// What the formula makes of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// The base of the prices.
    pub base: Option<Exact>,
    /// Points of the price.
    pub points: BTreeMap<BidderId, Exact>,
    /// Totals.
    pub totals: BTreeMap<BidderId, Exact>,
    /// Bids that a condition takes out.
    pub rejected: Vec<BidderId>,
}

/// Applies the formula of a rulebook to the bids that are compared.
///
/// # Errors
/// [`EvaluateError::RulebookRefused`], [`EvaluateError::Number`], [`EvaluateError::FactMissing`],
/// [`EvaluateError::ParameterRefused`], [`EvaluateError::NotDrawn`].
pub fn apply_formula(
    rulebook: &Rulebook,
    bids: &[DisclosedBid],
    parameters: &BTreeMap<String, Decimal>,
) -> Result<Applied, EvaluateError> {
    // Only a formula that was checked can be run.
    let errors = rulebook.errors();
    if !errors.is_empty() {
        return Err(EvaluateError::RulebookRefused(errors));
    }
    let formula = rulebook.formula();
    let amount =
        |name, amount: &Option<Decimal>| Some((name, Sourced::given(amount.as_ref()?.exact(), name)));
    let lot: Lot = [
        amount("ceiling", &rulebook.ceiling),
        amount("budget", &rulebook.budget),
    ]
    .into_iter()
    .chain([rulebook
        .price_points()
        .map(|points| ("full", Sourced::given(points, "full")))])
    .flatten()
    .collect();
    let compared: Vec<Bid<'_>> = bids.iter().map(bid).collect();
    let mut derivation = Derivation::new(false);
    let computed = run(&formula, lot, &compared, parameters, &mut derivation)?;
    let mut applied = Applied {
        base: computed.base.map(|figure| figure.value),
        points: values(computed.points),
        totals: values(computed.totals),
        rejected: computed.rejected.into_iter().map(|noted| noted.bidder).collect(),
    };
    let sums = formula.total.is_none() && rulebook.gives_points();
    for bid in bids.iter().filter(|_| sums) {
        let total =
            total(rulebook, bid, applied.points.get(&bid.id)).map_err(|cause| EvaluateError::Number {
                node: format!("{}:total", bid.id),
                cause,
            })?;
        applied.totals.insert(bid.id.clone(), total);
    }
    Ok(applied)
}

fn values(figures: BTreeMap<BidderId, crate::Figure>) -> BTreeMap<BidderId, Exact> {
    figures
        .into_iter()
        .map(|(id, figure)| (id, figure.value))
        .collect()
}

fn bid(bid: &DisclosedBid) -> Bid<'_> {
    let given = |value: &Exact, source: &str| Sourced::given(value.clone(), source.to_owned());
    let mut numbers = BTreeMap::from([
        ("price", given(&bid.price, "price")),
        ("p", given(&bid.evaluated_price, "p")),
    ]);
    numbers.extend(
        bid.technical
            .iter()
            .map(|technical| ("technical", given(technical, "technical"))),
    );
    let blocks = bid.blocks.iter();
    Bid {
        id: bid.id.clone(),
        numbers,
        blocks: blocks
            .map(|(id, score)| (id.clone(), given(score, id.as_str())))
            .collect(),
        facts: &bid.facts,
    }
}

fn total(
    rulebook: &Rulebook,
    bid: &DisclosedBid,
    points: Option<&Exact>,
) -> Result<Exact, crate::NumberError> {
    let sum = Exact::sum(bid.blocks.values().chain(points))?;
    match rulebook.aggregation.rounding_at(RoundingPlace::Total) {
        Some(rounding) => rounding.apply(&sum),
        None => Ok(sum),
    }
}
