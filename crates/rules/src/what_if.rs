//! A rulebook tried out with made-up bids before anybody bids: what each would get, and how the points of one of them go
//! with its price.
//!
//! The numbers are those of [`evaluate`](crate::evaluate) on the same bids with their scores given. A rulebook that does
//! not hold yet is tried all the same, unless an error leaves nothing to compute.

use std::collections::{BTreeMap, BTreeSet};

use crate::count::{Moment, Stop, count_check};
use crate::decimal::Decimal;
use crate::evaluate::{EvaluateError, try_out};
use crate::exact::{Exact, NumberError};
use crate::facts::{BidderFacts, Facts, Given};
use crate::finding::Finding;
use crate::formula::ParameterSource;
use crate::ids::{BidderId, CriterionId};
use crate::outcome::{BidderOutcome, Outcome, Remark};
use crate::rounding::{Rounding, RoundingMode, shown};
use crate::rulebook::{PriceMethod, Rulebook, TieKey};
use crate::text::Text;

/// The most made-up bids.
pub const MAX_MADE_UP_BIDS: usize = 60;

/// The most prices of the even sweep of a curve.
pub const MAX_SAMPLES: usize = 200;

/// Errors of a rulebook that leave nothing to compute: scales, formula, roundings, deductions.
const INCOMPUTABLE: [&str; 4] = ["RB-4", "RB-6", "RB-7", "RB-9"];

/// A made-up bid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIfBid {
    /// Bid price.
    pub price: Decimal,
    /// Sum of the blocks; left aside where `blocks` has them.
    pub technical: Option<Decimal>,
    /// Scores of the blocks.
    pub blocks: BTreeMap<CriterionId, Decimal>,
    /// Attributes that give policy deductions.
    pub attributes: BTreeSet<String>,
    /// Numbers that the formula reads by `fact`.
    pub facts: BTreeMap<String, Decimal>,
}

/// What a made-up bid gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    /// Its id in remarks and reasons.
    pub bidder: BidderId,
    /// Its numbers, and its rank or why it falls.
    pub outcome: BidderOutcome,
}

/// A rulebook tried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WhatIf {
    /// The bids, in the order given.
    pub bids: Vec<Tried>,
    /// The base of the prices.
    pub base: Option<String>,
    /// What people must look at.
    pub remarks: Vec<Remark>,
    /// With so few bids the procedure would stop before anything is computed.
    pub short: Option<Stop>,
    /// The ranking goes by ranks that members give, which made-up scores do not have: ranks are by the other keys.
    pub by_members: bool,
}

/// Why a rulebook can't be tried out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// These errors leave nothing to compute.
    #[error("the rulebook can't be computed: {} errors", .0.len())]
    Incomputable(Vec<Finding>),
    /// No bid, or more than [`MAX_MADE_UP_BIDS`].
    #[error("{0} bids; 1 to {MAX_MADE_UP_BIDS} can be tried")]
    Bids(usize),
    /// The curve is asked of a bid that there is not.
    #[error("there is no bid number {0}")]
    NoSuchBid(usize),
    /// A bid, counted from 0, has no technical score.
    #[error("bid {0} has no technical score")]
    ScoreMissing(usize),
    /// As [`evaluate`](crate::evaluate) refuses.
    #[error(transparent)]
    Evaluate(#[from] EvaluateError),
}

/// What of a bid is asked before it can be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The most technical points; none where nothing is scored.
    pub technical: Option<String>,
    /// The blocks by themselves, where their sum is not enough.
    pub blocks: Vec<AskedBlock>,
    /// Attributes that give deductions.
    pub attributes: Vec<String>,
    /// Facts that are read.
    pub facts: Vec<String>,
    /// Parameters that are drawn.
    pub drawn: Vec<Drawn>,
    /// What the price gives.
    pub measure: CurveMeasure,
}

/// A block whose score is asked by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedBlock {
    /// The block.
    pub id: CriterionId,
    /// Its title.
    pub title: Text,
    /// Its most points.
    pub most: String,
}

/// A parameter that is drawn before the opening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drawn {
    /// Its name.
    pub name: String,
    /// What it is.
    pub label: Text,
    /// The lowest.
    pub from: Decimal,
    /// The highest.
    pub to: Decimal,
    /// The step.
    pub step: Decimal,
    /// What is taken while nobody says otherwise: the lower middle.
    pub middle: Decimal,
}

/// What a curve shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CurveMeasure {
    /// The points of the price.
    Points,
    /// The total, where the formula gives no points by themselves.
    Total,
    /// Neither: bids are compared by their prices.
    None,
}

/// What one bid would get at a price, all others standing as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurvePoint {
    /// The price.
    pub price: Decimal,
    /// Points or total; none where the bid falls.
    pub value: Option<String>,
    /// Its rank; none where the bid falls.
    pub rank: Option<u32>,
    /// Why it falls.
    pub falls: Option<Text>,
}

/// The points of one bid by its price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Curve {
    /// What is shown.
    pub measure: CurveMeasure,
    /// By ascending price.
    pub points: Vec<CurvePoint>,
    /// The base with the price that the bid has now.
    pub base: Option<Decimal>,
}

impl Rulebook {
    /// The errors for which it can't be tried out.
    fn incomputable(&self) -> Vec<Finding> {
        let mut errors = self.errors();
        errors.retain(|error| INCOMPUTABLE.contains(&error.rule.as_str()));
        errors
    }
}

/// What of each bid must be said.
pub fn asked(rulebook: &Rulebook) -> Asked {
    let formula = rulebook.formula();
    let blocks = rulebook.blocks();
    let by_itself = |id: &CriterionId| {
        let keys = rulebook.ranking.keys.iter();
        let in_key = keys
            .clone()
            .any(|key| matches!(key, TieKey::BlockDesc(block) if block == id));
        in_key || formula.reads_block(id)
    };
    let minima = blocks.iter().any(|block| block.minimum.is_some());
    let apart = blocks.len() > 1 && (minima || blocks.iter().any(|block| by_itself(&block.id)));
    let drawn = formula.parameters.iter().filter_map(|parameter| {
        let ParameterSource::Drawn { from, to, step } = &parameter.from else {
            return None;
        };
        Some(Drawn {
            name: parameter.name.clone(),
            label: parameter.label.clone(),
            middle: middle(from, to, step).unwrap_or_else(|| from.clone()),
            from: from.clone(),
            to: to.clone(),
            step: step.clone(),
        })
    });
    let deductions = rulebook.price.deductions.iter();
    Asked {
        technical: (!blocks.is_empty()).then(|| shown(&most_technical(rulebook, None), None).text),
        blocks: blocks
            .iter()
            .filter(|_| apart)
            .map(|block| AskedBlock {
                id: block.id.clone(),
                title: block.title.clone(),
                most: shown(&most_technical(rulebook, Some(&block.id)), None).text,
            })
            .collect(),
        attributes: deductions
            .flat_map(|deductions| &deductions.items)
            .map(|item| item.attribute.clone())
            .collect(),
        facts: rulebook.facts().into_iter().collect(),
        drawn: drawn.collect(),
        measure: measure(rulebook),
    }
}

fn measure(rulebook: &Rulebook) -> CurveMeasure {
    let formula = rulebook.formula();
    match (formula.points, formula.total) {
        (Some(_), _) => CurveMeasure::Points,
        (None, Some(_)) => CurveMeasure::Total,
        (None, None) => CurveMeasure::None,
    }
}

/// The most points of all blocks, or of one; nought where they are too long to add up.
fn most_technical(rulebook: &Rulebook, block: Option<&CriterionId>) -> Exact {
    let leaves = rulebook.leaves();
    let scored = leaves
        .iter()
        .filter(|leaf| leaf.criterion.kind.is_scored() && block.is_none_or(|id| leaf.root.id == *id));
    let points: Result<Vec<Exact>, NumberError> = scored
        .filter_map(|leaf| Some(leaf.criterion.kind.most_points()?.checked_mul(&leaf.weight)))
        .collect();
    points
        .and_then(|points| Exact::sum(&points))
        .unwrap_or_else(|_| Exact::zero())
}

fn middle(from: &Decimal, to: &Decimal, step: &Decimal) -> Option<Decimal> {
    let width = to.exact().checked_sub(&from.exact()).ok()?;
    let steps = width.checked_div(&step.exact()).ok()?;
    let half = steps.checked_div(&Exact::from(2)).ok()?;
    let whole = Rounding {
        mode: RoundingMode::Down,
        places: 0,
    };
    let above = whole.apply(&half).ok()?.checked_mul(&step.exact()).ok()?;
    decimal(
        &from.exact().checked_add(&above).ok()?,
        from.places().max(step.places()),
    )
}

fn decimal(value: &Exact, places: u32) -> Option<Decimal> {
    let rounding = Rounding {
        mode: RoundingMode::HalfUp,
        places,
    };
    shown(&rounding.apply(value).ok()?, Some(rounding))
        .text
        .parse()
        .ok()
}

/// Five bids to begin with, around ceiling, budget or what else says how dear it is.
pub fn made_up(rulebook: &Rulebook) -> Vec<WhatIfBid> {
    let by_method = match &rulebook.price.method {
        PriceMethod::FloorRate { estimated_price, .. } => Some(estimated_price.clone()),
        PriceMethod::PriceSteps { rows, .. } => rows.last().map(|row| row.at.clone()),
        _ => None,
    };
    let binding = rulebook.ceiling.iter().chain(&rulebook.budget).min();
    let top = binding.cloned().or(by_method).map(|top| top.exact());
    let top = top
        .filter(Exact::is_positive)
        .unwrap_or_else(|| Exact::from(100_000));
    let asked = asked(rulebook);
    let share = |of: &Exact, percent: u32, places: u32| {
        let share = of.checked_mul(&Exact::from(percent)).ok()?;
        decimal(&share.checked_div(&Exact::from(100)).ok()?, places)
    };
    let bids = [(96, 88), (91, 82), (87, 90), (82, 78), (76, 80)].into_iter();
    let bids = bids.filter_map(|(price, score)| {
        let technical = most_technical(rulebook, None);
        let blocks = asked.blocks.iter().filter_map(|block| {
            let most = most_technical(rulebook, Some(&block.id));
            Some((block.id.clone(), share(&most, score, 1)?))
        });
        Some(WhatIfBid {
            price: share(&top, price, 0)
                .filter(|price| price.exact().is_positive())
                .or_else(|| share(&top, price, 4))?,
            technical: asked.technical.as_ref().and_then(|_| share(&technical, score, 1)),
            blocks: blocks.collect(),
            attributes: BTreeSet::new(),
            facts: asked
                .facts
                .iter()
                .filter_map(|fact| Some((fact.clone(), "1".parse().ok()?)))
                .collect(),
        })
    });
    bids.collect()
}

/// What each made-up bid would get. Parameters that are drawn and not given stand at their middle.
///
/// # Errors
/// [`WhatIfError`]: errors of the rulebook that leave nothing to compute; bids that lack what is asked.
pub fn what_if(
    rulebook: &Rulebook,
    bids: &[WhatIfBid],
    parameters: &BTreeMap<String, Decimal>,
) -> Result<WhatIf, WhatIfError> {
    let trial = Trial::new(rulebook, bids, parameters)?;
    let outcome = try_out(&trial.rulebook, &trial.facts)?;
    let count = u32::try_from(bids.len()).unwrap_or(u32::MAX);
    let mut found = outcome.bidders;
    let ids = trial.facts.bidders.iter().map(|bidder| bidder.id.clone());
    Ok(WhatIf {
        bids: ids
            .filter_map(|id| {
                let outcome = found.remove(&id)?;
                Some(Tried { bidder: id, outcome })
            })
            .collect(),
        base: outcome.price_base.map(|base| base.shown),
        remarks: outcome.remarks,
        short: count_check(rulebook, Moment::AtDeadline, count).err(),
        by_members: trial.by_members,
    })
}

/// What bid number `at` would get at each price of an even sweep of at most `samples`, all others standing as they are.
/// The prices of the others, base, ceiling and budget are among the prices tried: there the curve may bend.
///
/// # Errors
/// As [`what_if`]; [`WhatIfError::NoSuchBid`].
pub fn price_curve(
    rulebook: &Rulebook,
    bids: &[WhatIfBid],
    parameters: &BTreeMap<String, Decimal>,
    at: usize,
    samples: usize,
) -> Result<Curve, WhatIfError> {
    let mut trial = Trial::new(rulebook, bids, parameters)?;
    if at >= bids.len() {
        return Err(WhatIfError::NoSuchBid(at));
    }
    let now = try_out(&trial.rulebook, &trial.facts)?;
    let base = now.price_base.and_then(|base| decimal(&base.value, places(bids)));
    let measure = measure(rulebook);
    let mut points = Vec::new();
    for price in prices(rulebook, bids, base.as_ref(), samples.clamp(2, MAX_SAMPLES)) {
        trial.facts.bidders[at].price = Some(price.clone());
        let outcome = try_out(&trial.rulebook, &trial.facts)?;
        points.push(point(outcome, &trial.facts.bidders[at].id, price, measure));
    }
    Ok(Curve {
        measure,
        points,
        base,
    })
}

fn point(mut outcome: Outcome, bidder: &BidderId, price: Decimal, measure: CurveMeasure) -> CurvePoint {
    use crate::outcome::Standing;
    let found = outcome.bidders.remove(bidder);
    let standing = found.as_ref().map(|found| &found.standing);
    let (rank, falls) = match standing {
        Some(Standing::Ranked(rank)) => (Some(*rank), None),
        Some(Standing::Rejected(ground)) => (None, Some(ground.text())),
        Some(Standing::Stopped) | None => (None, None),
    };
    let figure = found.filter(|_| rank.is_some()).and_then(|found| match measure {
        CurveMeasure::Points => found.price_points,
        CurveMeasure::Total => found.total,
        CurveMeasure::None => None,
    });
    CurvePoint {
        price,
        value: figure.map(|figure| figure.shown),
        rank,
        falls,
    }
}

/// Digits after the point that prices have, two at least.
fn places(bids: &[WhatIfBid]) -> u32 {
    bids.iter()
        .map(|bid| bid.price.places())
        .max()
        .unwrap_or(0)
        .max(2)
}

/// The prices tried: a sweep from a fifth below the lowest to a tenth above the highest price, ceilings that lie near
/// among them, and every price at which the curve may bend.
fn prices(
    rulebook: &Rulebook,
    bids: &[WhatIfBid],
    base: Option<&Decimal>,
    samples: usize,
) -> BTreeSet<Decimal> {
    let own: Vec<&Decimal> = bids.iter().map(|bid| &bid.price).collect();
    let (Some(lowest), Some(highest)) = (own.iter().min(), own.iter().max()) else {
        return BTreeSet::new();
    };
    let percent = |of: &Decimal, percent: u32| {
        let part = of.exact().checked_mul(&Exact::from(percent)).ok()?;
        part.checked_div(&Exact::from(100)).ok()
    };
    let near = percent(highest, 150);
    let limits: Vec<&Decimal> = rulebook
        .ceiling
        .iter()
        .chain(&rulebook.budget)
        .filter(|limit| near.as_ref().is_some_and(|near| limit.exact() <= *near))
        .collect();
    let top = limits.iter().copied().chain([*highest]).max().unwrap_or(highest);
    let mut found: BTreeSet<Decimal> = own.iter().map(|price| (*price).clone()).collect();
    found.extend(limits.iter().map(|limit| (*limit).clone()));
    found.extend(base.cloned());
    found.retain(|price| price.exact().is_positive());
    let ends = percent(lowest, 80).zip(percent(top, 110));
    found.extend(
        ends.into_iter()
            .flat_map(|(from, to)| sweep(&from, &to, places(bids), samples)),
    );
    found
}

fn sweep(from: &Exact, to: &Exact, places: u32, samples: usize) -> Vec<Decimal> {
    let last = u32::try_from(samples.saturating_sub(1))
        .unwrap_or(u32::MAX)
        .max(1);
    let Ok(width) = to.checked_sub(from) else {
        return Vec::new();
    };
    // Whole amounts where they are fine enough: nobody bids 812,345.67 in a picture.
    let coarse = width
        .checked_div(&Exact::from(last))
        .is_ok_and(|step| step >= Exact::from(10));
    let finer = width < Exact::from(1);
    let places = match (coarse, finer) {
        (true, _) => 0,
        (_, true) => places + 4,
        _ => places,
    };
    let price = |index: u32| {
        let part = width.checked_mul(&Exact::from(index)).ok()?;
        let above = part.checked_div(&Exact::from(last)).ok()?;
        decimal(&from.checked_add(&above).ok()?, places)
    };
    (0..=last)
        .filter_map(price)
        .filter(|price| price.exact().is_positive())
        .collect()
}

/// Rulebook and facts as they are tried.
struct Trial {
    rulebook: Rulebook,
    facts: Facts,
    by_members: bool,
}

impl Trial {
    fn new(
        rulebook: &Rulebook,
        bids: &[WhatIfBid],
        parameters: &BTreeMap<String, Decimal>,
    ) -> Result<Self, WhatIfError> {
        let errors = rulebook.incomputable();
        if !errors.is_empty() {
            return Err(WhatIfError::Incomputable(errors));
        }
        if bids.is_empty() || bids.len() > MAX_MADE_UP_BIDS {
            return Err(WhatIfError::Bids(bids.len()));
        }
        let asked = asked(rulebook);
        let blocks = rulebook.blocks();
        let mut bidders = Vec::with_capacity(bids.len());
        for (index, bid) in bids.iter().enumerate() {
            let ordinal = u32::try_from(index + 1).unwrap_or(u32::MAX);
            let id = BidderId::from_ordinal(ordinal).expect("ordinals from 1 are ids");
            let mut given = Given::default();
            match (&asked.blocks[..], &blocks[..]) {
                (_, []) => {}
                ([], [only]) => {
                    let score = bid.technical.clone().ok_or(WhatIfError::ScoreMissing(index))?;
                    given.blocks.insert(only.id.clone(), score);
                }
                ([], _) => {
                    given.technical = Some(bid.technical.clone().ok_or(WhatIfError::ScoreMissing(index))?);
                }
                (apart, _) => {
                    for block in apart {
                        let score = bid.blocks.get(&block.id).cloned();
                        given
                            .blocks
                            .insert(block.id.clone(), score.ok_or(WhatIfError::ScoreMissing(index))?);
                    }
                }
            }
            bidders.push(BidderFacts {
                id,
                rejected: None,
                price: Some(bid.price.clone()),
                attributes: bid.attributes.clone(),
                brand: None,
                facts: bid.facts.clone(),
                given,
            });
        }
        let middles = asked.drawn.into_iter().map(|drawn| (drawn.name, drawn.middle));
        let mut values: BTreeMap<String, Decimal> = middles.collect();
        for (name, value) in parameters {
            values.entry(name.clone()).and_modify(|own| *own = value.clone());
        }
        let mut rulebook = rulebook.clone();
        let keys = &mut rulebook.ranking.keys;
        let all = keys.len();
        keys.retain(|key| !matches!(key, TieKey::RankSumAsc | TieKey::PlacesDesc));
        Ok(Self {
            by_members: keys.len() < all,
            rulebook,
            facts: Facts {
                bidders,
                members: Vec::new(),
                sheets: Vec::new(),
                consensus: Vec::new(),
                draw: Vec::new(),
                parameters: values,
            },
        })
    }
}
