//! Criteria trees: ids, scales, and that each leaf is decided in exactly one fitting stage.

use std::collections::{BTreeMap, BTreeSet};

use super::check_text;
use crate::decimal::Decimal;
use crate::exact::Exact;
use crate::finding::Finding;
use crate::formula::MAX_NODES;
use crate::ids::CriterionId;
use crate::rulebook::{Criterion, CriterionKind, Leaf, Rulebook, StageKind, Tier};

pub(super) fn check(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let mut ids = BTreeSet::new();
    for (index, root) in rulebook.criteria.iter().enumerate() {
        node(root, true, &format!("criteria[{index}]"), &mut ids, findings);
    }
    bounded(rulebook, findings);
    one_kind_a_tree(rulebook, findings);
    used_once(rulebook, findings);
}

/// As many nodes as a formula may have, groups counted.
fn bounded(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    fn size(criterion: &Criterion) -> usize {
        match &criterion.kind {
            CriterionKind::Group { criteria } => 1 + criteria.iter().map(size).sum::<usize>(),
            _ => 1,
        }
    }
    let mut count = 0;
    for (index, root) in rulebook.criteria.iter().enumerate() {
        count += size(root);
        if count > MAX_NODES {
            findings.push(Finding::error(
                "RB-4",
                format!("criteria[{index}]"),
                format!("评审因素最多 {MAX_NODES} 个节点，至此已有 {count} 个。"),
                format!("The criteria have at most {MAX_NODES} nodes; up to here there are {count}."),
            ));
            return;
        }
    }
}

fn node(
    criterion: &Criterion,
    is_root: bool,
    at: &str,
    ids: &mut BTreeSet<CriterionId>,
    findings: &mut Vec<Finding>,
) {
    if !ids.insert(criterion.id.clone()) {
        findings.push(Finding::error(
            "RB-4",
            format!("{at}.id"),
            format!("评审因素编号 {} 重复。", criterion.id),
            format!("Criterion id {} is used twice.", criterion.id),
        ));
    }
    check_text(&criterion.title, &format!("{at}.title"), findings);
    marks(criterion, is_root, at, findings);
    match &criterion.kind {
        CriterionKind::Group { criteria } => {
            if criteria.is_empty() {
                findings.push(scale_error(at, "空的分组。", "The group is empty."));
            }
            for (index, child) in criteria.iter().enumerate() {
                let at = format!("{at}.kind.group.criteria[{index}]");
                node(child, false, &at, ids, findings);
            }
        }
        CriterionKind::Range { min, max, step } => range(min, max, step, at, findings),
        CriterionKind::Fixed { values } => fixed(values, at, findings),
        CriterionKind::Tiers { tiers, step, missing } => tiered(tiers, step, missing.as_ref(), at, findings),
        CriterionKind::Computed { points, value } => {
            if !points.exact().is_positive() {
                findings.push(scale_error(
                    at,
                    "满分须大于零。",
                    "The most points are above zero.",
                ));
            }
            let at = format!("{at}.kind.computed.value");
            findings.extend(value.check_over_facts(&at));
        }
        CriterionKind::Price { points } => {
            if !points.exact().is_positive() {
                findings.push(scale_error(
                    at,
                    "价格分须大于零。",
                    "Price points are above zero.",
                ));
            }
        }
        CriterionKind::PassFail => {}
    }
}

fn scale_error(at: &str, zh: &str, en: &str) -> Finding {
    Finding::error("RB-4", format!("{at}.kind"), zh, en)
}

fn marks(criterion: &Criterion, is_root: bool, at: &str, findings: &mut Vec<Finding>) {
    let is_scored = criterion.kind.is_scored();
    if (criterion.objective || criterion.reason_required) && !is_scored {
        findings.push(Finding::error(
            "RB-4",
            at,
            "只有评分项可标为客观或须写理由。",
            "Only a scored leaf may be objective or need a reason.",
        ));
    }
    let is_price = matches!(criterion.kind, CriterionKind::Price { .. });
    if criterion
        .weight
        .as_ref()
        .is_some_and(|weight| is_price || !weight.exact().is_positive())
    {
        findings.push(Finding::error(
            "RB-4",
            format!("{at}.weight"),
            "权重须大于零；价格因素不设权重。",
            "A weight is above zero; a price criterion has none.",
        ));
    }
    let Some(minimum) = &criterion.minimum else {
        return;
    };
    let may_have = is_scored || matches!(criterion.kind, CriterionKind::Group { .. });
    if !(is_root || is_scored) || !may_have || minimum.exact().is_negative() {
        findings.push(Finding::error(
            "RB-4",
            format!("{at}.minimum"),
            "最低分只用于顶层评分块或评分项，且不为负。",
            "A minimum stands at a top scored node or a scored leaf, and is not negative.",
        ));
    } else if criterion
        .kind
        .most_in_all()
        .is_some_and(|most| minimum.exact() > most)
    {
        findings.push(Finding::error(
            "RB-4",
            format!("{at}.minimum"),
            "最低分高于满分，没有投标能达到。",
            "The minimum is above the most points: no bid can reach it.",
        ));
    }
}

fn range(min: &Decimal, max: &Decimal, step: &Decimal, at: &str, findings: &mut Vec<Finding>) {
    if min.exact().is_negative() || min >= max || !step.exact().is_positive() {
        findings.push(scale_error(
            at,
            "须 0 ≤ 最低分 < 最高分，且步长大于零。",
            "0 <= min < max, and the step is above zero.",
        ));
        return;
    }
    let steps = max
        .exact()
        .checked_sub(&min.exact())
        .and_then(|width| width.checked_div(&step.exact()));
    if !steps.is_ok_and(|steps| steps.is_whole()) {
        findings.push(scale_error(
            at,
            "最低分到最高分须为步长的整数倍。",
            "The step must lead from min to max in whole steps.",
        ));
    }
}

fn tiered(tiers: &[Tier], step: &Decimal, missing: Option<&Decimal>, at: &str, findings: &mut Vec<Finding>) {
    for (index, tier) in tiers.iter().enumerate() {
        check_text(
            &tier.name,
            &format!("{at}.kind.tiers.tiers[{index}].name"),
            findings,
        );
        range(&tier.min, &tier.max, step, at, findings);
    }
    let mut sorted: Vec<&Tier> = tiers.iter().collect();
    sorted.sort_by(|a, b| a.min.cmp(&b.min));
    let overlap = sorted.windows(2).any(|pair| pair[0].max > pair[1].min);
    if let Some(pair) = sorted.windows(2).find(|pair| pair[0].max == pair[1].min) {
        let (zh, en) = (&pair[1].name.zh, &pair[1].name.en);
        findings.push(Finding::warning(
            "RB-4",
            format!("{at}.kind"),
            format!(
                "分值 {} 同属两档（{} 和 {zh}），招标文件宜写明归属。",
                pair[1].min, pair[0].name.zh
            ),
            format!(
                "A score of {} lies in two tiers ({} and {en}); the tender document had better say in which.",
                pair[1].min, pair[0].name.en
            ),
        ));
    }
    if tiers.is_empty() || overlap || missing.is_some_and(|missing| missing.exact().is_negative()) {
        findings.push(scale_error(
            at,
            "档次至少一个，互不重叠；缺项得分不为负。",
            "There is a tier at least; tiers do not overlap; the score of what is missing is not negative.",
        ));
    }
}

fn fixed(values: &[Decimal], at: &str, findings: &mut Vec<Finding>) {
    let distinct: BTreeSet<&Decimal> = values.iter().collect();
    let negative = values.iter().any(|value| value.exact().is_negative());
    if distinct.len() != values.len() || values.len() < 2 || negative {
        findings.push(scale_error(
            at,
            "固定分值至少两个，互不相同，且不为负。",
            "At least two fixed values, all different, none negative.",
        ));
    }
}

fn one_kind_a_tree(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let mut kinds: BTreeMap<&CriterionId, BTreeSet<StageKind>> = BTreeMap::new();
    for leaf in rulebook.leaves() {
        let sorts = kinds.entry(&leaf.root.id).or_default();
        let is_price = matches!(leaf.criterion.kind, CriterionKind::Price { .. });
        if is_price && leaf.criterion.weight.is_none() && leaf.weight != Exact::from(1) {
            findings.push(Finding::error(
                "RB-4",
                leaf.at.clone(),
                "价格因素上层的分组也不设权重。",
                "A group above a price criterion has no weight either.",
            ));
        }
        sorts.insert(match &leaf.criterion.kind {
            CriterionKind::PassFail => StageKind::Conformity,
            CriterionKind::Price { .. } => StageKind::PricePoints,
            _ => StageKind::Scored,
        });
    }
    for (index, root) in rulebook.criteria.iter().enumerate() {
        if kinds.get(&root.id).is_some_and(|sorts| sorts.len() > 1) {
            findings.push(Finding::error(
                "RB-4",
                format!("criteria[{index}]"),
                "同一顶层块内不得混有通过制、评分和价格因素。",
                "One tree holds only pass_fail, only scored, or only price leaves.",
            ));
        }
        let has_scored = kinds
            .get(&root.id)
            .is_some_and(|sorts| sorts.contains(&StageKind::Scored));
        if root.minimum.is_some() && !has_scored {
            findings.push(Finding::error(
                "RB-4",
                format!("criteria[{index}].minimum"),
                "最低分只用于评分块。",
                "A minimum stands at a scored block.",
            ));
        }
    }
}

fn used_once(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let leaves = rulebook.leaves();
    let by_id: BTreeMap<&CriterionId, &Leaf<'_>> =
        leaves.iter().map(|leaf| (&leaf.criterion.id, leaf)).collect();
    let mut used = BTreeSet::new();
    for (index, stage) in rulebook.stages.iter().enumerate() {
        for (place, id) in stage.criteria.iter().enumerate() {
            let at = format!("stages[{index}].criteria[{place}]");
            let fits = by_id
                .get(id)
                .is_some_and(|leaf| fits_stage(&leaf.criterion.kind, stage.kind));
            if !fits {
                findings.push(Finding::error(
                    "RB-5",
                    at,
                    format!("{id} 不是本类环节可用的末级评审因素。"),
                    format!("{id} is not a leaf criterion that a stage of this kind decides."),
                ));
            } else if !used.insert(id) {
                findings.push(Finding::error(
                    "RB-5",
                    at,
                    format!("{id} 被使用两次。"),
                    format!("{id} is used twice."),
                ));
            }
        }
    }
    for leaf in &leaves {
        if !used.contains(&leaf.criterion.id) {
            findings.push(Finding::error(
                "RB-5",
                leaf.at.clone(),
                format!("没有环节使用 {}。", leaf.criterion.id),
                format!("No stage decides {}.", leaf.criterion.id),
            ));
        }
    }
}

fn fits_stage(kind: &CriterionKind, stage: StageKind) -> bool {
    match kind {
        CriterionKind::Group { .. } => false,
        CriterionKind::PassFail => stage.is_pass_fail(),
        CriterionKind::Range { .. }
        | CriterionKind::Fixed { .. }
        | CriterionKind::Tiers { .. }
        | CriterionKind::Computed { .. } => stage == StageKind::Scored,
        CriterionKind::Price { .. } => stage == StageKind::PricePoints,
    }
}
