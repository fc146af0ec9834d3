//! Price method, deductions, rounding places, ranking keys.

use std::collections::BTreeSet;

use super::settings;
use crate::exact::{Exact, NumberError};
use crate::finding::Finding;
use crate::formula::Surroundings;
use crate::ids::CriterionId;
use crate::rounding::{MAX_PLACES, RoundingMode};
use crate::rulebook::{
    Aggregation, AggregationMethod, CriterionKind, DeductionCombination, Deductions, Drop, MeanOver,
    PriceMethod, RoundingPlace, RoundingPoint, Rulebook, TieKey,
};

pub(super) fn check(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    formula(rulebook, findings);
    settings::check(rulebook, findings);
    points_sum(rulebook, findings);
    if let PriceMethod::Qcbs {
        technical_weight,
        price_weight,
        technical_minimum,
    } = &rulebook.price.method
    {
        let weights = [technical_weight.exact(), price_weight.exact()];
        let at_one = Exact::sum(&weights).is_ok_and(|sum| sum == Exact::from(1));
        if !at_one || weights.iter().any(|w| !w.is_positive()) {
            findings.push(Finding::error(
                "SC-2",
                "price.method.qcbs",
                "技术权重与价格权重均须大于零，且合计恰为 1。",
                "Technical and price weight are above zero and sum exactly to 1.",
            ));
        }
        let minimum = technical_minimum.exact();
        if minimum.is_negative() || minimum > Exact::from(100) {
            findings.push(Finding::error(
                "RB-6",
                "price.method.qcbs.technical_minimum",
                "最低技术分须在 0 至 100 之间。",
                "The technical minimum lies between 0 and 100.",
            ));
        }
    }
    if let Some(deductions) = &rulebook.price.deductions {
        check_deductions(deductions, findings);
    }
    roundings(rulebook, findings);
    ranking(rulebook, findings);
    consensus(rulebook, findings);
}

/// An agreed score is one number: there is nothing to drop and no member's total.
fn consensus(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let Aggregation {
        method, over, drop, ..
    } = &rulebook.aggregation;
    let one_number = *over == MeanOver::Criterion && *drop == Drop::None;
    if *method == AggregationMethod::Consensus && !one_number {
        findings.push(Finding::error(
            "RB-7",
            "aggregation",
            "共识评分只有一个分值：按评审因素计（criterion），不去掉任何分值。",
            "An agreed score is one number: `over` is criterion and nothing is dropped.",
        ));
    }
}

/// The formula by itself, and that there is a price criterion where it gives points.
fn formula(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let formula = rulebook.formula();
    let leaves = rulebook.leaves();
    let count = leaves
        .iter()
        .filter(|leaf| matches!(leaf.criterion.kind, CriterionKind::Price { .. }))
        .count();
    let wanted = usize::from(formula.points.is_some() && formula.total.is_none() || formula.reads("full"));
    if count != wanted {
        findings.push(Finding::error(
            "RB-6",
            "criteria",
            format!("该价格方法要求恰有 {wanted} 个价格因素，实有 {count} 个。"),
            format!("This price method wants exactly {wanted} price criteria; there are {count}."),
        ));
    }
    let blocks = rulebook.blocks();
    let blocks: Vec<&CriterionId> = blocks.iter().map(|block| &block.id).collect();
    let around = Surroundings {
        has_ceiling: rulebook.ceiling.is_some(),
        has_budget: rulebook.budget.is_some(),
        has_points: count > 0,
        blocks: &blocks,
    };
    if matches!(rulebook.price.method, PriceMethod::Formula(_)) {
        findings.extend(formula.check(&around, "price.method.formula"));
        return;
    }
    // The steps of a named method stand nowhere in the rulebook, so the method is the place.
    let mut found = formula.check(&around, "price.method");
    for finding in &mut found {
        finding.at = "price.method".to_owned();
    }
    found.dedup();
    findings.extend(found);
}

/// All points together, weighted (SC-2).
fn points_sum(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let points: Result<Vec<Exact>, NumberError> = rulebook
        .leaves()
        .iter()
        .filter_map(|leaf| Some(leaf.criterion.kind.most_points()?.checked_mul(&leaf.weight)))
        .collect();
    let sum = points.and_then(|points| Exact::sum(&points));
    let wanted = rulebook.full_marks.exact();
    // Where nothing is scored, there is nothing to add up (F13, F16).
    let nothing = sum == Ok(Exact::zero()) && rulebook.formula().points.is_none();
    if sum != Ok(wanted) && !nothing {
        let sum = sum.map_or_else(|error| error.to_string(), |sum| sum.to_string());
        let full = &rulebook.full_marks;
        findings.push(Finding::error(
            "SC-2",
            "criteria",
            format!("各评审因素满分合计须恰为 {full}，现为 {sum}。"),
            format!("The highest scores of all criteria sum exactly to {full}; they sum to {sum}."),
        ));
    }
}

fn check_deductions(deductions: &Deductions, findings: &mut Vec<Finding>) {
    let hundred = Exact::from(100);
    let mut attributes = BTreeSet::new();
    for (index, item) in deductions.items.iter().enumerate() {
        let percent = item.percent.exact();
        let named = !item.attribute.trim().is_empty() && attributes.insert(&item.attribute);
        if !named || !percent.is_positive() || percent >= hundred {
            findings.push(Finding::error(
                "RB-9",
                format!("price.deductions.items[{index}]"),
                "扣除比例须大于 0 且小于 100，属性名不得为空或重复。",
                "A deduction is above 0 and below 100 percent; attributes are named and differ.",
            ));
        }
    }
    let percents: Vec<Exact> = deductions.items.iter().map(|i| i.percent.exact()).collect();
    let too_much = Exact::sum(&percents).is_ok_and(|sum| sum >= hundred);
    if deductions.combine == DeductionCombination::Sum && too_much {
        findings.push(Finding::error(
            "RB-9",
            "price.deductions",
            "扣除比例合计须小于 100。",
            "The deductions sum to less than 100 percent.",
        ));
    }
}

fn roundings(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let mut places = BTreeSet::new();
    for (index, point) in rulebook.aggregation.rounding.iter().enumerate() {
        let at = format!("aggregation.rounding[{index}]");
        if !places.insert(point.place) {
            findings.push(Finding::error(
                "RB-7",
                format!("{at}.where"),
                "同一处只能规定一次舍入。",
                "A place is rounded once.",
            ));
        }
        if !has_fitting_places(point) {
            findings.push(Finding::error(
                "RB-7",
                format!("{at}.places"),
                format!("舍入方式为 none 时不写位数，其他方式须写 0 至 {MAX_PLACES} 位。"),
                format!("Mode none has no places; every other has 0 to {MAX_PLACES}."),
            ));
        }
        if !place_occurs(rulebook, point.place) {
            findings.push(Finding::error(
                "RB-7",
                format!("{at}.where"),
                "按本评标办法，此处没有可舍入的数。",
                "Under this rulebook there is no number at this place.",
            ));
        }
    }
}

fn has_fitting_places(point: &RoundingPoint) -> bool {
    match point.mode {
        RoundingMode::None => point.places.is_none(),
        _ => point.places.is_some_and(|places| places <= MAX_PLACES),
    }
}

fn place_occurs(rulebook: &Rulebook, place: RoundingPlace) -> bool {
    let over = rulebook.aggregation.over;
    // A formula that is written out rounds in its steps.
    let (points, total) = match &rulebook.price.method {
        PriceMethod::Formula(formula) => (false, formula.total.is_none()),
        // It truncates by its own `places`.
        PriceMethod::Division { .. } => (false, false),
        method => (method.formula().points.is_some(), true),
    };
    let financial = matches!(rulebook.price.method, PriceMethod::Qcbs { .. });
    match place {
        RoundingPlace::MemberTotal => over == MeanOver::MemberTotal,
        RoundingPlace::CriterionMean => over == MeanOver::Criterion,
        RoundingPlace::PricePoints => points && !financial,
        RoundingPlace::FinancialScore => financial,
        RoundingPlace::Total => total && rulebook.gives_points(),
        RoundingPlace::BlockMean | RoundingPlace::EvaluatedPrice => true,
    }
}

fn ranking(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let blocks = rulebook.blocks();
    if rulebook.ranking.keys.is_empty() {
        findings.push(Finding::error(
            "RB-8",
            "ranking.keys",
            "须至少写明一项排序依据。",
            "There is one key at least.",
        ));
    }
    let given = rulebook
        .leaves()
        .iter()
        .any(|leaf| leaf.criterion.kind.is_given());
    for (index, key) in rulebook.ranking.keys.iter().enumerate() {
        if matches!(key, TieKey::RankSumAsc | TieKey::PlacesDesc) && !given {
            findings.push(Finding::error(
                "RB-8",
                format!("ranking.keys[{index}]"),
                "各评委的排序须有由评委打分的评审因素。",
                "Ranks of the members need a criterion that members score.",
            ));
        }
        let repeated = rulebook.ranking.keys[..index].contains(key);
        let unknown = match key {
            TieKey::BlockDesc(id) => !blocks.iter().any(|block| block.id == *id),
            TieKey::TechnicalDesc => blocks.is_empty(),
            TieKey::FactDesc(fact) | TieKey::FactAsc(fact) => fact.trim().is_empty(),
            _ => false,
        };
        if repeated || unknown {
            findings.push(Finding::error(
                "RB-8",
                format!("ranking.keys[{index}]"),
                "排序依据重复，或所指评分块或事实不存在。",
                "The key is repeated, or names no scored block or no fact.",
            ));
        }
    }
}
