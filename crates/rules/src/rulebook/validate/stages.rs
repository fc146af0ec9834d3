//! Parts and stage instances.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::Finding;
use crate::rulebook::{Opened, PriceMethod, ReviewOrder, Rulebook, Stage, StageActor, StageKind};

pub(super) fn check(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    parts(rulebook, findings);
    ids_and_order(rulebook, findings);
    needed_kinds(rulebook, findings);
    openings(rulebook, findings);
    down_the_ranking(rulebook, findings);
    for (index, stage) in rulebook.stages.iter().enumerate() {
        criteria_fit_kind(stage, index, findings);
    }
}

fn parts(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let mut seen = BTreeSet::new();
    for (index, part) in rulebook.parts.iter().enumerate() {
        let at = format!("parts[{index}]");
        if !seen.insert(part.name) {
            findings.push(Finding::error(
                "RB-2",
                format!("{at}.name"),
                "同一部分只能列一次。",
                "A part is listed once.",
            ));
        }
        if let Opened::Stage(id) = &part.opened {
            let opens = rulebook.stage(id).is_some_and(|s| s.opens.contains(&part.name));
            if !opens {
                findings.push(Finding::error(
                    "RB-2",
                    format!("{at}.opened"),
                    format!("环节 {id} 不存在或未列出开启该部分。"),
                    format!("Stage {id} does not exist or does not open this part."),
                ));
            }
        }
    }
    if rulebook.parts.is_empty() {
        findings.push(Finding::error(
            "RB-2",
            "parts",
            "至少要有一个部分。",
            "A bid has at least one part.",
        ));
    }
}

fn openings(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    for (index, stage) in rulebook.stages.iter().enumerate() {
        let agreed = stage.opens.iter().all(|name| {
            rulebook
                .parts
                .iter()
                .any(|part| part.name == *name && part.opened == Opened::Stage(stage.id.clone()))
        });
        let unique: BTreeSet<_> = stage.opens.iter().collect();
        if !agreed || unique.len() != stage.opens.len() {
            findings.push(Finding::error(
                "RB-2",
                format!("stages[{index}].opens"),
                "开启的部分与 parts 所列不一致。",
                "The parts opened do not agree with `parts`.",
            ));
        }
    }
}

fn ids_and_order(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let mut counts: BTreeMap<StageKind, u32> = BTreeMap::new();
    let mut latest: BTreeMap<bool, (StageKind, bool)> = BTreeMap::new();
    for (index, stage) in rulebook.stages.iter().enumerate() {
        let number = counts.entry(stage.kind).or_insert(0);
        *number += 1;
        let expected = format!("{}/{number}", stage.kind.as_str());
        if stage.id.as_str() != expected {
            findings.push(Finding::error(
                "RB-3",
                format!("stages[{index}].id"),
                format!("环节编号应为 {expected}。"),
                format!("The stage id must be {expected}."),
            ));
        }
        let place = place(stage.kind, rulebook.rejection.order);
        // Scored stages and those of prices follow the others, not each other.
        let side = match stage.kind {
            StageKind::Scored => &[false][..],
            kind if kind.is_of_prices() => &[true][..],
            _ => &[false, true][..],
        };
        let early = side.iter().any(|side| latest.get(side) > Some(&place));
        for side in side {
            let before = latest.entry(*side).or_insert(place);
            *before = (*before).max(place);
        }
        if early {
            findings.push(Finding::error(
                "RB-3",
                format!("stages[{index}].kind"),
                "环节次序应为：资格审查、符合性审查、磋商谈判、最后报价、评分、开启报价、价格修正、异常低价、价格分、汇总；先评分后审查的，符合性审查在价格分之后。",
                "Stages come in the order qualification, conformity, negotiation, final_offers, scored, price_opening, price_correction, abnormal_price, price_points, summary; conformity after price_points where it goes down the ranking.",
            ));
        }
    }
}

/// Where a kind of stage stands among the others.
fn place(kind: StageKind, order: ReviewOrder) -> (StageKind, bool) {
    match (kind, order) {
        (StageKind::Conformity, ReviewOrder::DownTheRanking { .. }) => (StageKind::PricePoints, true),
        _ => (kind, false),
    }
}

fn down_the_ranking(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let ReviewOrder::DownTheRanking { until } = rulebook.rejection.order else {
        return;
    };
    let reviewed = rulebook.stages.iter().any(|s| s.kind == StageKind::Conformity);
    if until == 0 || !reviewed || until < rulebook.candidates.max {
        findings.push(Finding::error(
            "SC-13",
            "rejection.order",
            "按名次依次审查的，须设符合性审查环节，且通过家数不得少于候选人数。",
            "Reviewing down the ranking needs a conformity stage, and no fewer that pass than candidates.",
        ));
    }
}

fn needed_kinds(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let count = |kind| rulebook.stages.iter().filter(|s| s.kind == kind).count();
    for kind in [StageKind::PricePoints, StageKind::Summary] {
        if count(kind) != 1 {
            findings.push(Finding::error(
                "RB-3",
                "stages",
                format!("须有且只有一个 {} 环节。", kind.as_str()),
                format!("There is exactly one {} stage.", kind.as_str()),
            ));
        }
    }
    if rulebook.prices_first() && count(StageKind::Scored) > 0 {
        findings.push(Finding::warning(
            "R-PRICE",
            "stages",
            "报价在评分之前开启，评委评分时已知报价；宜先评分，再开启报价。",
            "Prices are opened before the scoring, and who scores knows them; better score first.",
        ));
    }
    let prices_later = matches!(rulebook.price.method, PriceMethod::Qcbs { .. });
    let missing = count(StageKind::PriceOpening) == 0 || count(StageKind::Scored) == 0;
    if prices_later && (missing || rulebook.prices_first()) {
        findings.push(Finding::error(
            "RB-3",
            "stages",
            "质量和费用综合评审须先评分，再开启报价。",
            "Quality and cost based selection scores first, then opens prices.",
        ));
    }
    let at_price_opening = |id| {
        rulebook
            .stage(id)
            .is_some_and(|s| s.kind == StageKind::PriceOpening)
    };
    for (index, part) in rulebook.parts.iter().enumerate() {
        let is_price = part.name == crate::rulebook::PartName::Price;
        let late_enough = matches!(&part.opened, Opened::Stage(id) if at_price_opening(id));
        if is_price && prices_later && !late_enough {
            findings.push(Finding::error(
                "RB-3",
                format!("parts[{index}].opened"),
                "质量和费用综合评审的报价部分须在开启报价环节开启。",
                "Under quality and cost based selection the price part is opened at a price_opening stage.",
            ));
        }
    }
}

fn criteria_fit_kind(stage: &Stage, index: usize, findings: &mut Vec<Finding>) {
    let decides = stage.kind.has_sheets() && !stage.kind.is_of_prices();
    let empty = stage.criteria.is_empty();
    let takes_none = !stage.kind.has_sheets() && stage.kind != StageKind::PricePoints;
    if (decides && empty) || (takes_none && !empty) {
        findings.push(Finding::error(
            "RB-5",
            format!("stages[{index}].criteria"),
            "审查和评分环节须列评审因素，其他环节除价格分外不得列。",
            "Review and scored stages list criteria; of the others only price_points may.",
        ));
    }
    if stage.blind && stage.kind != StageKind::Scored {
        findings.push(Finding::error(
            "RB-5",
            format!("stages[{index}].blind"),
            "只有评分环节可为暗标。",
            "Only a scored stage may be blind.",
        ));
    }
    let by_committee = matches!(stage.kind, StageKind::Conformity | StageKind::Scored);
    if by_committee && stage.actor != StageActor::Committee {
        findings.push(Finding::error(
            "COM-15",
            format!("stages[{index}].actor"),
            "符合性审查和评分由评标委员会进行。",
            "Conformity and scoring are the committee's.",
        ));
    }
}
