//! The criteria table: what can be changed in it, and criteria added and taken out.

use super::spans::{Edit, Node, Spans};
use crate::error::ClientError;
use crate::roles::words;
use protocol::window::{CriterionCell, CriterionRow, FieldKind, Words};
use rules::{Criterion, CriterionKind, Exact, NumberError, Rulebook, StageKind, shown};
use std::collections::BTreeSet;

/// The criteria as they hang.
pub(super) fn lines(book: &Rulebook, spans: &Spans<'_>) -> Vec<CriterionRow> {
    let mut table = Table {
        spans,
        lines: Vec::new(),
    };
    for (index, criterion) in book.criteria.iter().enumerate() {
        table.add(criterion, &format!("/criteria/{index}"), 0, &Exact::from(1));
    }
    table.lines
}

/// Kind of a cell that may be changed, and whether it may be left out.
pub(super) fn kind_at(lines: &[CriterionRow], pointer: &str) -> Option<(FieldKind, bool)> {
    let is = |cell: &CriterionCell| cell.pointer.as_deref() == Some(pointer);
    lines.iter().find_map(|line| {
        let (zh, en) = &line.titles;
        if is(zh) || is(en) || is(&line.clause) {
            Some((FieldKind::Text, false))
        } else if is(&line.most) {
            Some((FieldKind::Decimal, false))
        } else if is(&line.weight) || is(&line.minimum) {
            Some((FieldKind::Decimal, true))
        } else if is(&line.objective) {
            Some((FieldKind::Choice, false))
        } else {
            None
        }
    })
}

struct Table<'s, 't> {
    spans: &'s Spans<'t>,
    lines: Vec<CriterionRow>,
}

impl Table<'_, '_> {
    fn add(&mut self, criterion: &Criterion, pointer: &str, depth: u32, above: &Exact) {
        let kind = &criterion.kind;
        let own = criterion
            .weight
            .as_ref()
            .map_or_else(|| Exact::from(1), |weight| weight.exact());
        let weight = above.checked_mul(&own);
        let cell = |name: &str, can: bool| CriterionCell {
            pointer: can.then(|| format!("{pointer}/{name}")),
            value: self.spans.plain_at(&format!("{pointer}/{name}")),
        };
        let most_at = match kind {
            CriterionKind::Range { .. } => Some("kind/range/max"),
            CriterionKind::Price { .. } => Some("kind/price/points"),
            CriterionKind::Computed { .. } => Some("kind/computed/points"),
            _ => None,
        };
        let is_top = depth == 0;
        let is_group = matches!(kind, CriterionKind::Group { .. });
        let scored = kind.is_scored() || is_group && has_scored(criterion);
        let line = CriterionRow {
            pointer: pointer.to_owned(),
            depth,
            id: criterion.id.to_string(),
            title: words::text(&criterion.title),
            titles: (cell("title/zh", true), cell("title/en", true)),
            kind: kind_words(kind),
            group: is_group,
            most: most_at.map_or_else(
                || CriterionCell {
                    pointer: None,
                    value: kind
                        .most_points()
                        .map_or_else(String::new, |most| shown(&most, None).text),
                },
                |at| cell(at, true),
            ),
            weight: cell("weight", scored),
            minimum: cell("minimum", kind.is_scored() || scored && is_top),
            objective: CriterionCell {
                pointer: kind.is_scored().then(|| format!("{pointer}/objective")),
                value: if kind.is_scored() {
                    criterion.objective.to_string()
                } else {
                    String::new()
                },
            },
            clause: cell("clause/clause", criterion.clause.is_some()),
            adds: weight
                .as_ref()
                .map_or_else(|_| String::new(), |weight| adds(criterion, weight)),
        };
        self.lines.push(line);
        if let (CriterionKind::Group { criteria }, Ok(weight)) = (kind, &weight) {
            for (index, child) in criteria.iter().enumerate() {
                self.add(
                    child,
                    &format!("{pointer}/kind/group/criteria/{index}"),
                    depth + 1,
                    weight,
                );
            }
        }
    }
}

fn has_scored(criterion: &Criterion) -> bool {
    match &criterion.kind {
        CriterionKind::Group { criteria } => criteria.iter().any(has_scored),
        kind => kind.is_scored(),
    }
}

/// The most that a node adds to the total, with the weights above and its own.
fn most(criterion: &Criterion, weight: &Exact) -> Result<Option<Exact>, NumberError> {
    let CriterionKind::Group { criteria } = &criterion.kind else {
        return criterion
            .kind
            .most_points()
            .map(|most| most.checked_mul(weight))
            .transpose();
    };
    let mut sum = None;
    for child in criteria {
        let own = child
            .weight
            .as_ref()
            .map_or_else(|| Exact::from(1), |weight| weight.exact());
        let Some(points) = most(child, &weight.checked_mul(&own)?)? else {
            continue;
        };
        sum = Some(match sum {
            None => points,
            Some(sum) => points.checked_add(&sum)?,
        });
    }
    Ok(sum)
}

fn adds(criterion: &Criterion, weight: &Exact) -> String {
    let most = most(criterion, weight).ok().flatten();
    most.map_or_else(String::new, |most| shown(&most, None).text)
}

/// The sum of all that criteria add.
pub(super) fn sum(book: &Rulebook) -> String {
    let points: Result<Vec<Exact>, NumberError> = book
        .leaves()
        .iter()
        .filter_map(|leaf| Some(leaf.criterion.kind.most_points()?.checked_mul(&leaf.weight)))
        .collect();
    let sum = points.and_then(|points| Exact::sum(&points));
    sum.map_or_else(|_| String::new(), |sum| shown(&sum, None).text)
}

fn kind_words(kind: &CriterionKind) -> Words {
    match kind {
        CriterionKind::Group { .. } => Words::new("分组", "Group"),
        CriterionKind::PassFail => Words::new("符合性", "Pass or fail"),
        CriterionKind::Range { min, max, step } => Words::new(
            format!("{min} 至 {max}，步长 {step}"),
            format!("{min} to {max}, step {step}"),
        ),
        CriterionKind::Fixed { values } => {
            let all: Vec<String> = values.iter().map(ToString::to_string).collect();
            Words::new(
                format!("取其一：{}", all.join("、")),
                format!("One of {}", all.join(", ")),
            )
        }
        CriterionKind::Tiers { tiers, .. } => {
            Words::new(format!("分 {} 档", tiers.len()), format!("{} tiers", tiers.len()))
        }
        CriterionKind::Computed { .. } => Words::new("按数据计算", "Computed"),
        CriterionKind::Price { .. } => Words::new("价格分", "Price points"),
    }
}

/// A criterion added behind the last one of the list at `pointer` (`/criteria`, or that of a group), and to the stage
/// that decides its kind.
pub(super) fn added(
    book: &Rulebook,
    spans: &Spans<'_>,
    pointer: &str,
    kind: &str,
) -> Result<Vec<Edit>, ClientError> {
    let (stages, kind): (&[StageKind], _) = match kind {
        "pass_fail" => (
            &[StageKind::Conformity, StageKind::Qualification],
            "\"pass_fail\"".to_owned(),
        ),
        "range" => (
            &[StageKind::Scored],
            "{\n    \"range\": { \"min\": \"0\", \"max\": \"10\", \"step\": \"1\" }\n  }".to_owned(),
        ),
        "fixed" => (
            &[StageKind::Scored],
            "{\n    \"fixed\": { \"values\": [\"0\", \"5\", \"10\"] }\n  }".to_owned(),
        ),
        _ => {
            return Err(ClientError::check(
                "没有这种评审因素",
                "there is no such kind of criterion",
            ));
        }
    };
    let missing = || ClientError::check("此处不能增加评审因素", "no criterion can be added there");
    let array = spans.at(pointer).ok_or_else(missing)?;
    let id = unused(
        &book.criteria,
        if stages[0] == StageKind::Scored { "N" } else { "C" },
    );
    let raw = format!(
        "{{\n  \"id\": \"{id}\",\n  \"title\": {{\n    \"zh\": \"新评审因素\",\n    \"en\": \"New criterion\"\n  }},\n  \"kind\": {kind}\n}}"
    );
    let mut edits = vec![spans.push(array, &raw).ok_or_else(missing)?];
    let wanted = stages
        .iter()
        .find_map(|kind| book.stages.iter().position(|stage| stage.kind == *kind));
    if let Some(stage) = wanted {
        let list = spans.at(&format!("/stages/{stage}/criteria"));
        let id = format!("\"{id}\"");
        let edit = match list {
            Some(list) => spans.push(list, &id),
            None => spans.put(&format!("/stages/{stage}/criteria"), &format!("[{id}]")),
        };
        edits.extend(edit);
    }
    Ok(edits)
}

fn unused(criteria: &[Criterion], letter: &str) -> String {
    let mut ids = BTreeSet::new();
    collect(criteria, &mut ids);
    let free = (1..)
        .map(|n| format!("{letter}-{n:02}"))
        .find(|id| !ids.contains(id));
    free.unwrap_or_else(|| letter.to_owned())
}

fn collect(criteria: &[Criterion], ids: &mut BTreeSet<String>) {
    for criterion in criteria {
        ids.insert(criterion.id.to_string());
        if let CriterionKind::Group { criteria } = &criterion.kind {
            collect(criteria, ids);
        }
    }
}

/// A criterion taken out, with what hangs below it, and out of the stages that decide it.
pub(super) fn removed(spans: &Spans<'_>, pointer: &str) -> Result<Vec<String>, ClientError> {
    let missing = || ClientError::check("没有这个评审因素", "there is no such criterion");
    let node = spans
        .at(pointer)
        .filter(|_| pointer.starts_with("/criteria/"))
        .ok_or_else(missing)?;
    let mut ids = BTreeSet::new();
    below(spans, node, &mut ids);
    let mut pointers = vec![pointer.to_owned()];
    let stages = spans.at("/stages").map_or(0, |stages| spans.items(stages).len());
    for stage in 0..stages {
        let list = format!("/stages/{stage}/criteria");
        let items = spans.at(&list).map_or(&[][..], |list| spans.items(list));
        for (index, item) in items.iter().enumerate() {
            if ids.contains(&spans.plain(item)) {
                pointers.push(format!("{list}/{index}"));
            }
        }
    }
    Ok(pointers)
}

fn below(spans: &Spans<'_>, node: &Node, ids: &mut BTreeSet<String>) {
    for (key, value) in spans.members(node) {
        if key == "id" {
            ids.insert(spans.plain(value));
        }
        if key == "kind" {
            for (_, group) in spans.members(value) {
                for (_, list) in spans.members(group) {
                    spans
                        .items(list)
                        .iter()
                        .for_each(|child| below(spans, child, ids));
                }
            }
        }
    }
}
