//! Made-up bids as they were typed, tried by the rulebook; and the curve of one of them.

use super::{read, told};
use crate::roles::words;
use protocol::window::{CurveMeasure, CurveSample, MadeUpBid, PriceCurve, RulebookTried, TriedBid, Words};
use rules::{
    CriterionId, Curve, CurveMeasure as Measure, Decimal, EvaluateError, Figure, MAX_MADE_UP_BIDS,
    MAX_SAMPLES, Rulebook, Standing, WhatIf, WhatIfBid, WhatIfError, price_curve, what_if,
};
use std::collections::BTreeMap;

/// Bids as typed, with a line of the table each.
struct Typed {
    /// What stands in a line that can't be tried.
    problems: Vec<Option<Words>>,
    /// The lines that can: their numbers, and the bids.
    lines: Vec<usize>,
    bids: Vec<WhatIfBid>,
}

/// What made-up bids would get, and the curve of the bid in line `at`. A line that is not filled in is left out and says
/// so; drawn parameters without a value stand at their middle.
pub fn try_out(text: &str, bids: &[MadeUpBid], parameters: &[(String, String)], at: u32) -> RulebookTried {
    let mut tried = RulebookTried {
        bids: Vec::new(),
        base: None,
        notes: Vec::new(),
        problem: None,
        blocking: Vec::new(),
        curve: None,
    };
    let (book, spans) = match read(text) {
        Ok(read) => read,
        Err(problem) => {
            tried.problem = Some(Words::new(
                format!("第 {} 行有误，改正后才能试算。", problem.line),
                format!(
                    "Line {} does not read; nothing can be tried until it does.",
                    problem.line
                ),
            ));
            return tried;
        }
    };
    let typed = typed(&book, bids);
    let parameters = values(parameters);
    tried.bids = typed
        .problems
        .iter()
        .map(|problem| TriedBid {
            evaluated: None,
            points: None,
            total: None,
            rank: None,
            falls: None,
            problem: problem.clone(),
        })
        .collect();
    if typed.bids.is_empty() {
        tried.problem = Some(Words::new(
            "请至少填写一份完整的假设报价。",
            "Fill in one made-up bid at least.",
        ));
        return tried;
    }
    match what_if(&book, &typed.bids, &parameters) {
        Ok(found) => fill(&mut tried, &found, &typed),
        Err(error) => {
            tried.problem = Some(refusal(&error, &typed));
            if let WhatIfError::Incomputable(found) = &error {
                tried.blocking = found.iter().map(|finding| told(finding, &spans)).collect();
            }
            return tried;
        }
    }
    let at = usize::try_from(at).unwrap_or(usize::MAX);
    if let Some(place) = typed.lines.iter().position(|line| *line == at) {
        let curve = price_curve(&book, &typed.bids, &parameters, place, MAX_SAMPLES);
        tried.curve = curve.ok().map(|curve| drawn(&book, &typed, place, curve));
    }
    tried
}

fn values(typed: &[(String, String)]) -> BTreeMap<String, Decimal> {
    let values = typed.iter().take(MAX_MADE_UP_BIDS);
    let values = values.filter_map(|(name, value)| Some((name.clone(), value.trim().parse().ok()?)));
    values.collect()
}

fn typed(book: &Rulebook, bids: &[MadeUpBid]) -> Typed {
    let asked = rules::asked(book);
    let mut typed = Typed {
        problems: Vec::new(),
        lines: Vec::new(),
        bids: Vec::new(),
    };
    for (line, bid) in bids.iter().take(MAX_MADE_UP_BIDS).enumerate() {
        match of_line(&asked, bid) {
            Ok(bid) => {
                typed.problems.push(None);
                typed.lines.push(line);
                typed.bids.push(bid);
            }
            Err(problem) => typed.problems.push(Some(problem)),
        }
    }
    typed
}

fn of_line(asked: &rules::Asked, bid: &MadeUpBid) -> Result<WhatIfBid, Words> {
    let number = |text: &str| text.trim().parse::<Decimal>().ok();
    let price = number(&bid.price).filter(|price| price.exact().is_positive());
    let price = price.ok_or_else(|| Words::new("报价须为大于零的数", "The price is a number above zero"))?;
    let score = |text: &str| number(text).ok_or_else(|| Words::new("得分须为数字", "The score is a number"));
    let technical = match (&asked.technical, asked.blocks.is_empty()) {
        (Some(_), true) => Some(score(&bid.technical)?),
        _ => None,
    };
    let mut blocks = BTreeMap::new();
    for block in &asked.blocks {
        let own = bid.blocks.iter().find(|(id, _)| *id == block.id.as_str());
        let (id, text) = own.ok_or_else(|| Words::new("缺少分部得分", "The score of a block is missing"))?;
        let id = CriterionId::new(id.clone());
        let id = id.map_err(|_| Words::new("没有这个分部", "There is no such block"))?;
        blocks.insert(id, score(text)?);
    }
    let mut facts = BTreeMap::new();
    for fact in &asked.facts {
        let own = bid.facts.iter().find(|(name, _)| name == fact);
        let value = own.and_then(|(_, value)| number(value));
        let value =
            value.ok_or_else(|| Words::new(format!("须填写 {fact}"), format!("{fact} is missing")))?;
        facts.insert(fact.clone(), value);
    }
    let known = bid
        .attributes
        .iter()
        .filter(|attribute| asked.attributes.contains(attribute));
    Ok(WhatIfBid {
        price,
        technical,
        blocks,
        attributes: known.cloned().collect(),
        facts,
    })
}

fn fill(tried: &mut RulebookTried, found: &WhatIf, typed: &Typed) {
    let shown = |figure: &Option<Figure>| figure.as_ref().map(|figure| figure.shown.clone());
    for (line, bid) in typed.lines.iter().zip(&found.bids) {
        let Some(place) = tried.bids.get_mut(*line) else {
            continue;
        };
        place.evaluated = shown(&bid.outcome.evaluated_price);
        place.points = shown(&bid.outcome.price_points);
        place.total = shown(&bid.outcome.total);
        match &bid.outcome.standing {
            Standing::Ranked(rank) => place.rank = Some(*rank),
            Standing::Rejected(ground) => place.falls = Some(words::text(&ground.text())),
            Standing::Stopped => {}
        }
    }
    tried.base.clone_from(&found.base);
    if let Some(stop) = &found.short {
        tried.notes.push(Words::new(
            format!(
                "只有 {} 家，少于最少 {} 家，实际开标时程序会停止。",
                stop.count, stop.minimum
            ),
            format!(
                "Only {} bids; with fewer than {} the real procedure would stop.",
                stop.count, stop.minimum
            ),
        ));
    }
    if found.by_members {
        tried.notes.push(Words::new(
            "该办法按成员名次排序，试算没有成员评分，名次只按其余次序排列。",
            "The ranking goes by the members' own ranks; made-up bids have none, so ranks are by what is left of the order.",
        ));
    }
    for remark in &found.remarks {
        let line = remark.bidder.as_ref().and_then(|bidder| {
            let place = found.bids.iter().position(|bid| bid.bidder == *bidder)?;
            typed.lines.get(place).map(|line| line + 1)
        });
        tried.notes.push(match line {
            Some(line) => Words::new(
                format!("第 {line} 家：{}", remark.text.zh),
                format!("Bid {line}: {}", remark.text.en),
            ),
            None => words::text(&remark.text),
        });
    }
}

fn refusal(error: &WhatIfError, typed: &Typed) -> Words {
    let line = |place: usize| typed.lines.get(place).map_or(place, |line| *line) + 1;
    match error {
        WhatIfError::Incomputable(_) => Words::new(
            "有下列错误，无法计算；改正后自动试算。",
            "Nothing can be computed with these errors; it is tried again once they are mended.",
        ),
        WhatIfError::ScoreMissing(place) => Words::new(
            format!("第 {} 家没有技术得分。", line(*place)),
            format!("Bid {} has no technical score.", line(*place)),
        ),
        WhatIfError::Bids(_) | WhatIfError::NoSuchBid(_) => Words::new(
            format!("可试 1 至 {MAX_MADE_UP_BIDS} 家。"),
            format!("1 to {MAX_MADE_UP_BIDS} bids can be tried."),
        ),
        WhatIfError::Evaluate(EvaluateError::ParameterRefused(_)) => Words::new(
            "抽取参数的取值不在抽取范围内。",
            "The value of a drawn parameter is none that can be drawn.",
        ),
        WhatIfError::Evaluate(EvaluateError::Number { .. }) => Words::new(
            "按这些数值无法算出结果：有除以零或过长的数。",
            "These numbers have no result: something is divided by zero, or too long.",
        ),
        WhatIfError::Evaluate(error) => Words::new(
            "按这些数值无法计算。".to_owned(),
            format!("It can't be computed: {error}."),
        ),
    }
}

fn drawn(book: &Rulebook, typed: &Typed, place: usize, curve: Curve) -> PriceCurve {
    let line = |place: usize| u32::try_from(typed.lines[place]).unwrap_or(u32::MAX);
    let others = typed.bids.iter().enumerate().filter(|(other, _)| *other != place);
    PriceCurve {
        bid: line(place),
        measure: match curve.measure {
            Measure::Points => CurveMeasure::Points,
            Measure::Total => CurveMeasure::Total,
            Measure::None => CurveMeasure::None,
        },
        samples: curve
            .points
            .into_iter()
            .map(|point| CurveSample {
                price: point.price.to_string(),
                value: point.value,
                rank: point.rank,
                falls: point.falls.map(|falls| words::text(&falls)),
            })
            .collect(),
        base: curve.base.map(|base| base.to_string()),
        ceiling: book.ceiling.as_ref().map(ToString::to_string),
        budget: book.budget.as_ref().map(ToString::to_string),
        own: typed.bids[place].price.to_string(),
        others: others
            .map(|(other, bid)| (line(other), bid.price.to_string()))
            .collect(),
    }
}
