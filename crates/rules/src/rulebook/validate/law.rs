//! What the regime's table demands.

use std::collections::BTreeMap;

use crate::exact::Exact;
use crate::finding::Finding;
use crate::rulebook::{
    AggregationMethod, CountedDays, CriterionKind, Drop, PriceMethod, Procedure, Rulebook, Stage, StageKind,
    Standstill, Subject, TieKey,
};
use crate::text::Text;

/// The most names in one finding.
const NAMED: usize = 12;

pub(super) fn check(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    minimum_counts(rulebook, findings);
    needed_stages(rulebook, findings);
    price_floor(rulebook, findings);
    drops(rulebook, findings);
    tie_order(rulebook, findings);
    candidates(rulebook, findings);
    qualification_scored(rulebook, findings);
    procedure(rulebook, findings);
    clauses(rulebook, findings);
    consensus(rulebook, findings);
    brands(rulebook, findings);
    days(rulebook, findings);
    awards(rulebook, findings);
}

fn minimum_counts(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let table = rulebook.law();
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
    let table = rulebook.law();
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

/// SC-1, with the weight of the price in percent; 财库〔2014〕214号 24 has a ceiling beside the floor.
fn price_floor(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let table = rulebook.law();
    let (floor, most) = match rulebook.subject {
        Subject::Goods => (table.price_floor_goods, table.price_most_goods),
        Subject::Services => (table.price_floor_services, table.price_most_services),
        Subject::Works => (0, 100),
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
    let Some(weight) = weight else {
        if floor > 0 && !rulebook.blocks().is_empty() {
            findings.push(Finding::warning(
                "SC-1",
                "price.method",
                format!("价格不占分值；除固定价格采购外，价格权重不得低于 {floor}%。"),
                format!("The price has no points; but for purchases at a fixed price its weight is at least {floor} %."),
            ));
        }
        return;
    };
    if weight < Exact::from(floor) {
        findings.push(Finding::error(
            "SC-1",
            at,
            format!("价格权重不得低于 {floor}%。"),
            format!("The price weight is at least {floor} %."),
        ));
    }
    if most < 100 && weight > Exact::from(most) {
        findings.push(Finding::error(
            "SC-1",
            at,
            format!("本采购方式的价格权重不得高于 {most}%。"),
            format!("In this procedure the price weight is at most {most} %."),
        ));
    }
}

fn drops(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let has_drop = rulebook.aggregation.drop != Drop::None;
    if has_drop && !rulebook.law().drop_allowed {
        findings.push(Finding::error(
            "SC-3",
            "aggregation.drop",
            "政府采购不得去掉最高分和最低分。",
            "Government procurement drops neither the highest nor the lowest.",
        ));
    }
    if rulebook.law().drop_allowed {
        return;
    }
    let written = match &rulebook.price.method {
        PriceMethod::MeanBase(settings) => {
            let drops = settings.drop_above.is_some();
            drops.then(|| "price.method.mean_base.drop_above".to_owned())
        }
        PriceMethod::DeviationTable(_) => {
            let trims = rulebook.formula().trims_prices().is_some();
            trims.then(|| "price.method.deviation_table.base".to_owned())
        }
        _ => {
            let step = rulebook.formula().trims_prices();
            step.map(|step| format!("price.method.formula.steps[{step}]"))
        }
    };
    if let Some(at) = written {
        findings.push(Finding::error(
            "SC-3",
            at,
            "政府采购不得去掉最高报价和最低报价。",
            "Government procurement drops neither the highest nor the lowest price.",
        ));
    }
}

fn tie_order(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let keys = &rulebook.ranking.keys;
    let wanted = rulebook.law().tie_keys;
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
    let law = rulebook.law();
    let least = law.fewest_candidates;
    if max < least || law.most_candidates.is_some_and(|most| max > most) {
        let (zh, en) = match law.most_candidates {
            Some(most) => (
                format!("{least} 至 {most} 名"),
                format!("{least} to {most} candidates"),
            ),
            None => (format!("{least} 名以上"), format!("at least {least} candidates")),
        };
        findings.push(Finding::error(
            "RES-1",
            "candidates.max",
            format!("候选人须为 {zh}。"),
            format!("There are {en}."),
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

/// What the procedure asks for beside its values (74号令, 214号文).
fn procedure(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    if rulebook.law().lowest_price_only && rulebook.gives_points() {
        findings.push(Finding::error(
            "F16",
            "price.method",
            "谈判和询价采用最低价成交，不得评分；要评分的，改用竞争性磋商或公开招标。",
            "In negotiations and inquiries the lowest price wins and nothing is scored; to score, use a consultation or an open tender.",
        ));
    }
    if rulebook.procedure == Procedure::Consultation
        && rulebook.law().tie_keys.len() > 1
        && !matches!(
            rulebook.price.method,
            PriceMethod::LowPriceFirst | PriceMethod::Formula(_) | PriceMethod::NoPrice
        )
    {
        findings.push(Finding::error(
            "F1",
            "price.method",
            "竞争性磋商的价格分统一采用低价优先法计算。",
            "In a consultation the points of the price follow low price first.",
        ));
    }
    let talks = rulebook.procedure.has_talks();
    for (index, stage) in rulebook.stages.iter().enumerate() {
        let of_talks = matches!(stage.kind, StageKind::Negotiation | StageKind::FinalOffers);
        if of_talks && !talks {
            findings.push(Finding::error(
                "VOTE-7",
                format!("stages[{index}].kind"),
                "本采购方式不得磋商、谈判或另行报价；只有竞争性磋商和竞争性谈判设此环节。",
                "This procedure has no talks and no second price; only consultations and negotiations have this stage.",
            ));
        }
    }
}

/// VOTE-8: a criterion that is not in the tender document may not be used, so it says where it stands.
fn clauses(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    if !rulebook.law().cites_clauses {
        return;
    }
    let mut missing: Vec<(String, Text)> = Vec::new();
    for leaf in rulebook.leaves() {
        let by_formula = matches!(leaf.criterion.kind, CriterionKind::Price { .. });
        let cited = leaf.criterion.clause.is_some() || leaf.root.clause.is_some();
        if !cited && !by_formula {
            let id = leaf.criterion.id.as_str();
            missing.push((format!("{}.clause", leaf.at), Text::new(id, id)));
        }
    }
    if rulebook.price.clause.is_none() && rulebook.price.method != PriceMethod::NoPrice {
        missing.push(("price.clause".to_owned(), Text::new("报价计算", "price")));
    }
    if rulebook.ranking.clause.is_none() {
        missing.push(("ranking.clause".to_owned(), Text::new("排序", "ranking")));
    }
    let Some((at, _)) = missing.first() else { return };
    let (zh, en): (Vec<&str>, Vec<&str>) = missing
        .iter()
        .take(NAMED)
        .map(|(_, name)| (name.zh.as_str(), name.en.as_str()))
        .unzip();
    let more = if missing.len() > NAMED { " …" } else { "" };
    findings.push(Finding::warning(
        "VOTE-8",
        at.clone(),
        format!(
            "{} 处未注明招标文件的条款、页码和原文：{}{more}",
            missing.len(),
            zh.join("、")
        ),
        format!(
            "{} places do not say where the tender document has them (clause, page, words): {}{more}",
            missing.len(),
            en.join(", ")
        ),
    ));
}

fn consensus(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    if rulebook.aggregation.method == AggregationMethod::Consensus && !rulebook.law().consensus_allowed {
        findings.push(Finding::error(
            "COM-17",
            "aggregation.method",
            "评委须独立评分，协商形成的评分无效。",
            "Members score alone here; scores that they agreed on are void.",
        ));
    }
}

fn brands(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let goods = rulebook.subject == Subject::Goods;
    if goods && rulebook.law().brand_counts_once && rulebook.same_brand.is_none() {
        findings.push(Finding::warning(
            "MIN-3",
            "same_brand",
            "货物采购中提供相同品牌产品的不同投标人按一家计算，评标办法宜写明。",
            "Several bids with goods of one brand count as one bidder; the rulebook had better say so.",
        ));
    }
}

fn days(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let law = rulebook.law();
    if let (Some(least), Some(days)) = (law.publication_days, rulebook.publication_days)
        && days < least
    {
        findings.push(Finding::error(
            "RES-2",
            "publication_days",
            format!("中标候选人公示不得少于 {least} 日。"),
            format!("The candidates are published for at least {least} days."),
        ));
    }
    let Some((least, rule)) = &law.standstill else {
        return;
    };
    match &rulebook.standstill {
        None => findings.push(Finding::warning(
            rule,
            "standstill",
            format!("未规定静默期；至少 {} 日。", least.days),
            format!("No standstill is written; it lasts at least {} days.", least.days),
        )),
        Some(written) if !long_enough(written, least) => findings.push(Finding::error(
            rule,
            "standstill",
            format!("静默期至少 {} 个{}。", least.days, counted(least.counted).0),
            format!(
                "The standstill lasts at least {} {}.",
                least.days,
                counted(least.counted).1
            ),
        )),
        Some(_) => {}
    }
}

/// Business days outlast as many calendar days; the other way round fourteen calendar days hold ten business days
/// only where no holiday falls among them, so they are not taken for enough.
fn long_enough(written: &Standstill, least: &Standstill) -> bool {
    let same_or_longer = written.counted == least.counted || written.counted == CountedDays::Business;
    same_or_longer && written.days >= least.days
}

fn counted(days: CountedDays) -> (&'static str, &'static str) {
    match days {
        CountedDays::Calendar => ("日历日", "calendar days"),
        CountedDays::Business => ("工作日", "business days"),
    }
}

fn awards(rulebook: &Rulebook, findings: &mut Vec<Finding>) {
    let Some(rule) = &rulebook.awards else { return };
    let in_turn = (1..=rule.of).contains(&rule.lot);
    if !in_turn || rule.most_wins == 0 || rule.most_wins > rule.of {
        findings.push(Finding::error(
            "RB-8",
            "awards",
            "标段序号须在 1 至标段总数之间，可中标段数亦然。",
            "The number of the lot, and the most lots one bidder may win, lie between 1 and the number of lots.",
        ));
    }
    let wanted = rule.of.saturating_add(2);
    if rule.most_wins == 1 && rule.of > 1 && rulebook.minimum_bidders.at_deadline < wanted {
        findings.push(Finding::warning(
            "MIN-4",
            "minimum_bidders.at_deadline",
            format!("兼投不兼中的 {} 个标段，宜有至少 {wanted} 家投标人。", rule.of),
            format!(
                "{} lots of which a bidder wins one want at least {wanted} bidders.",
                rule.of
            ),
        ));
    }
}
