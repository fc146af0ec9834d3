//! What the regime's table demands.

use std::collections::BTreeMap;

use crate::exact::Exact;
use crate::finding::Finding;
use crate::rulebook::{Drop, PriceMethod, Rulebook, Stage, StageKind, Subject, TieKey};

pub(super) fn check(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    minimum_counts(rulebook, findings);
    needed_stages(rulebook, findings);
    price_floor(rulebook, findings);
    drops(rulebook, findings);
    tie_order(rulebook, findings);
    candidates(rulebook, findings);
    qualification_scored(rulebook, findings);
}

fn minimum_counts(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let table = rulebook.regime.table();
    let (have, least) = (&rulebook.minimum_bidders, &table.minimum_bidders);
    for (name, have, least) in [
        ("at_deadline", have.at_deadline, least.at_deadline),
        (
            "after_qualification",
            have.after_qualification,
            least.after_qualification,
        ),
        ("after_conformity", have.after_conformity, least.after_conformity),
    ] {
        if have < least {
            findings.push(Finding::error(
                table.minimum_rule,
                format!("minimum_bidders.{name}"),
                format!("不得少于 {least} 家。"),
                format!("Not below {least} bidders."),
            ));
        }
    }
}

fn needed_stages(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let table = rulebook.regime.table();
    for kind in table.required_stages {
        if !rulebook.stages.iter().any(|stage| stage.kind == *kind) {
            findings.push(Finding::error(
                "COM-15",
                "stages",
                format!("缺少 {} 环节。", kind.as_str()),
                format!("There is no {} stage.", kind.as_str()),
            ));
        }
    }
    let Some(actor) = table.qualification_actor else {
        return;
    };
    let wrong = |stage: &Stage| stage.kind == StageKind::Qualification && stage.actor != actor;
    for (index, stage) in rulebook.stages.iter().enumerate() {
        if wrong(stage) {
            findings.push(Finding::error(
                "COM-15",
                format!("stages[{index}].actor"),
                "政府采购的资格审查由采购人或代理机构进行。",
                "Under government procurement the purchaser reviews qualification.",
            ));
        }
    }
}

/// SC-1, with the weight of the price in percent.
fn price_floor(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let table = rulebook.regime.table();
    let floor = match rulebook.subject {
        Subject::Goods => table.price_floor_goods,
        Subject::Services => table.price_floor_services,
        Subject::Works => 0,
    };
    let hundred = Exact::from(100);
    let (weight, at) = match &rulebook.price.method {
        PriceMethod::Qcbs { price_weight, .. } | PriceMethod::RatedCriteria { price_weight } => {
            let at = match &rulebook.price.method {
                PriceMethod::Qcbs { .. } => "price.method.qcbs.price_weight",
                _ => "price.method.rated_criteria.price_weight",
            };
            (price_weight.exact().checked_mul(&hundred).ok(), at)
        }
        _ => {
            let share = |points: Exact| {
                points
                    .checked_mul(&hundred)?
                    .checked_div(&rulebook.full_marks.exact())
            };
            (
                rulebook.price_points().and_then(|points| share(points).ok()),
                "criteria",
            )
        }
    };
    if weight.is_some_and(|weight| weight < Exact::from(floor)) {
        findings.push(Finding::error(
            "SC-1",
            at,
            format!("价格权重不得低于 {floor}%。"),
            format!("The price weight is at least {floor} %."),
        ));
    }
}

fn drops(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let has_drop = rulebook.aggregation.drop != Drop::None;
    if has_drop && !rulebook.regime.table().drop_allowed {
        findings.push(Finding::error(
            "SC-3",
            "aggregation.drop",
            "政府采购不得去掉最高分和最低分。",
            "Government procurement drops neither the highest nor the lowest.",
        ));
    }
}

fn tie_order(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let keys = &rulebook.ranking.keys;
    let wanted = rulebook.regime.table().tie_keys;
    // Where nothing gives points, the price orders (R-TIE, lowest price).
    let scored = rulebook.gives_points();
    let fits = match keys.first() {
        Some(TieKey::PriceAsc | TieKey::EvaluatedPriceAsc) if !scored => true,
        Some(TieKey::RankSumAsc | TieKey::PlacesDesc) => wanted.is_empty(),
        _ => scored && keys.starts_with(wanted),
    };
    if !fits {
        findings.push(Finding::error(
            "R-TIE",
            "ranking.keys",
            "排序须先按得分由高到低；政府采购得分相同的，再按投标报价由低到高。",
            "Order by score, highest first; under government procurement then by bid price, lowest first.",
        ));
    }
}

fn candidates(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let max = rulebook.candidates.max;
    let most = rulebook.regime.table().most_candidates.unwrap_or(u32::MAX);
    if max == 0 || max > most {
        findings.push(Finding::error(
            "RES-1",
            "candidates.max",
            "中标候选人为 1 至 3 名。",
            "There are 1 to 3 candidates.",
        ));
    }
}

/// VOTE-9, as far as equal titles show it; a person must judge the rest.
fn qualification_scored(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let conditions: BTreeMap<&str, &Stage> = rulebook
        .stages
        .iter()
        .filter(|stage| stage.kind == StageKind::Qualification)
        .flat_map(|stage| {
            let criteria = rulebook.stage_criteria(&stage.id);
            criteria.into_iter().map(move |c| (c.title.zh.as_str(), stage))
        })
        .collect();
    for leaf in rulebook.leaves() {
        let title = leaf.criterion.title.zh.as_str();
        if leaf.criterion.kind.is_scored() && conditions.contains_key(title) {
            findings.push(Finding::warning(
                "VOTE-9",
                leaf.at,
                "评分项与资格条件同名：资格条件不得作为评审因素。",
                "A scored criterion has the title of a qualification condition, which may not be scored.",
            ));
        }
    }
}
