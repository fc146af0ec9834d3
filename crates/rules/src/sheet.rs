//! Sheets 评分表: what one member decided for every bid of one stage, and what is missing or wrong in it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::rulebook::{Criterion, CriterionKind, Rulebook, Tier};
use crate::text::Text;

/// One decision. In JSON `"value"` is `"pass"`, `"fail"` or a decimal, beside an optional `"reason"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// The bid meets the criterion.
    Pass,
    /// It does not; the reason may not be empty in a finished sheet.
    Fail {
        /// Why.
        reason: String,
    },
    /// Points.
    Score {
        /// The points.
        value: Decimal,
        /// Why; empty: none given.
        reason: String,
    },
}

/// One cell of a sheet: `{"criterion":"T-01","value":"8.5","reason":"…"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "CellText", into = "CellText")]
#[schemars(with = "CellText")]
pub struct SheetCell {
    /// The criterion.
    pub criterion: CriterionId,
    /// The decision.
    pub cell: Cell,
}

/// What one member decided for one bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BidBlock {
    /// The bid's bidder.
    pub bidder: BidderId,
    /// The cells, one a criterion of the stage.
    pub cells: Vec<SheetCell>,
}

/// One member's sheet of one stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    /// The stage instance.
    pub stage: StageId,
    /// The roster line.
    pub line: Line,
    /// One block a bid.
    pub blocks: Vec<BidBlock>,
}

#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "SheetCell")]
struct CellText {
    criterion: CriterionId,
    value: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    reason: String,
}

impl SheetCell {
    /// A cell from its value, `pass`, `fail` or points, and its reason.
    ///
    /// # Errors
    /// In words: no decision, or a pass with a reason.
    pub(crate) fn read(criterion: CriterionId, value: &str, reason: &str) -> Result<Self, String> {
        Self::try_from(CellText {
            criterion,
            value: value.to_owned(),
            reason: reason.to_owned(),
        })
    }
}

impl TryFrom<CellText> for SheetCell {
    type Error = String;

    fn try_from(text: CellText) -> Result<Self, Self::Error> {
        let cell = match text.value.as_str() {
            "pass" if text.reason.is_empty() => Cell::Pass,
            "pass" => return Err("a pass has no reason".to_owned()),
            "fail" => Cell::Fail { reason: text.reason },
            value => Cell::Score {
                value: value
                    .parse()
                    .map_err(|error| format!("value `{value}`: {error}"))?,
                reason: text.reason,
            },
        };
        Ok(Self {
            criterion: text.criterion,
            cell,
        })
    }
}

impl From<SheetCell> for CellText {
    fn from(entry: SheetCell) -> Self {
        let (value, reason) = match entry.cell {
            Cell::Pass => ("pass".to_owned(), String::new()),
            Cell::Fail { reason } => ("fail".to_owned(), reason),
            Cell::Score { value, reason } => (value.to_string(), reason),
        };
        Self {
            criterion: entry.criterion,
            value,
            reason,
        }
    }
}

/// What may be wrong in a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum SheetFault {
    /// The rulebook has no such stage, nobody fills in a sheet there, or the sheet is of another stage.
    WrongStage,
    /// The bid is not evaluated in this stage.
    UnknownBidder,
    /// The criterion does not belong to this stage.
    UnknownCriterion,
    /// The bid or the cell is there twice.
    Duplicate,
    /// The cell is missing.
    Gap,
    /// In none of the tiers.
    OutOfTiers,
    /// A score where pass or fail belongs, or the other way round.
    WrongKind,
    /// Not between these bounds.
    OutOfRange {
        /// Lowest score.
        min: Decimal,
        /// Highest score.
        max: Decimal,
    },
    /// Not a whole number of steps above the lowest score.
    OffStep {
        /// The step.
        step: Decimal,
    },
    /// Not one of the fixed scores.
    NotOffered {
        /// The scores offered.
        values: Vec<Decimal>,
    },
    /// A fail, or a score of this criterion, needs a reason.
    ReasonMissing,
    /// The reason is too long.
    ReasonTooLong {
        /// The most bytes.
        max_bytes: u32,
    },
    /// The reason has a control character other than line feed and tab.
    ReasonCharacter,
}

/// One thing wrong in a sheet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetProblem {
    /// In which bid; none when the whole sheet is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bidder: Option<BidderId>,
    /// At which criterion; none when the whole block is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criterion: Option<CriterionId>,
    /// What.
    pub fault: SheetFault,
}

impl SheetProblem {
    /// The problem in words.
    pub fn text(&self) -> Text {
        fault_text(&self.fault)
    }
}

impl SheetFault {
    /// The fault in words.
    pub fn text(&self) -> Text {
        fault_text(self)
    }
}

fn fault_text(fault: &SheetFault) -> Text {
    match fault {
        SheetFault::WrongStage => Text::new("本环节没有这样的评分表。", "This stage has no such sheet."),
        SheetFault::UnknownBidder => Text::new(
            "该投标人不在本环节评审之列。",
            "This bid is not evaluated in this stage.",
        ),
        SheetFault::UnknownCriterion => Text::new(
            "该评审因素不属于本环节。",
            "This criterion does not belong to this stage.",
        ),
        SheetFault::Duplicate => Text::new("重复填写。", "Given twice."),
        SheetFault::Gap => Text::new("尚未填写。", "Not filled in yet."),
        SheetFault::WrongKind => Text::new(
            "此项应为通过或不通过，或应为分值。",
            "Pass or fail stands where a score belongs, or the other way round.",
        ),
        SheetFault::OutOfTiers => Text::new("分值不在任何一档之内。", "The score lies in none of the tiers."),
        SheetFault::OutOfRange { min, max } => Text::new(
            format!("分值须在 {min} 至 {max} 之间。"),
            format!("The score lies between {min} and {max}."),
        ),
        SheetFault::OffStep { step } => Text::new(
            format!("分值须按 {step} 递增。"),
            format!("The score goes in steps of {step}."),
        ),
        SheetFault::NotOffered { .. } => Text::new(
            "分值不在规定的分值之列。",
            "The score is not one of the fixed scores.",
        ),
        SheetFault::ReasonMissing => Text::new("须写明理由。", "A reason is needed."),
        SheetFault::ReasonTooLong { max_bytes } => Text::new(
            format!("理由超过 {max_bytes} 字节。"),
            format!("The reason is longer than {max_bytes} bytes."),
        ),
        SheetFault::ReasonCharacter => Text::new(
            "理由含有不可见的控制字符。",
            "The reason has a control character.",
        ),
    }
}

/// Everything missing or wrong in a sheet; empty: it is complete. `bidders` are the bids evaluated in
/// this stage, each of which needs every cell. The order of blocks and cells does not matter; problems
/// come in the order bidder, criterion of the stage.
pub fn validate_sheet(
    rulebook: &Rulebook,
    stage: &StageId,
    bidders: &[BidderId],
    sheet: &Sheet,
) -> Vec<SheetProblem> {
    let bidders: BTreeSet<BidderId> = bidders.iter().cloned().collect();
    check_sheet(rulebook, stage, &bidders, &bidders, sheet)
}

/// As [`validate_sheet`]; `known` bids may have cells, `needed` ones must.
pub(crate) fn check_sheet(
    rulebook: &Rulebook,
    stage: &StageId,
    known: &BTreeSet<BidderId>,
    needed: &BTreeSet<BidderId>,
    sheet: &Sheet,
) -> Vec<SheetProblem> {
    let has_sheets = rulebook.stage(stage).is_some_and(|s| s.kind.has_sheets());
    if !has_sheets || sheet.stage != *stage {
        return vec![problem(None, None, SheetFault::WrongStage)];
    }
    let mut problems = Vec::new();
    // What is computed has no cell.
    let mut criteria = rulebook.stage_criteria(stage);
    criteria.retain(|criterion| !matches!(criterion.kind, CriterionKind::Computed { .. }));
    let cells = index_cells(sheet, known, &criteria, &mut problems);
    for bidder in known {
        for criterion in &criteria {
            let found = match cells.get(&(bidder, &criterion.id)) {
                Some(cell) => cell_faults(cell, criterion, rulebook.limits.reason_max_bytes),
                None if needed.contains(bidder) => vec![SheetFault::Gap],
                None => Vec::new(),
            };
            for fault in found {
                problems.push(problem(Some(bidder), Some(&criterion.id), fault));
            }
        }
    }
    problems
}

fn problem(bidder: Option<&BidderId>, criterion: Option<&CriterionId>, fault: SheetFault) -> SheetProblem {
    SheetProblem {
        bidder: bidder.cloned(),
        criterion: criterion.cloned(),
        fault,
    }
}

type CellIndex<'a> = BTreeMap<(&'a BidderId, &'a CriterionId), &'a Cell>;

fn index_cells<'a>(
    sheet: &'a Sheet,
    known: &BTreeSet<BidderId>,
    criteria: &[&Criterion],
    problems: &mut Vec<SheetProblem>,
) -> CellIndex<'a> {
    let own: BTreeSet<&CriterionId> = criteria.iter().map(|c| &c.id).collect();
    let mut seen = BTreeSet::new();
    let mut cells = BTreeMap::new();
    let mut found = Vec::new();
    for block in &sheet.blocks {
        if !known.contains(&block.bidder) {
            found.push(problem(Some(&block.bidder), None, SheetFault::UnknownBidder));
        }
        if !seen.insert(&block.bidder) {
            found.push(problem(Some(&block.bidder), None, SheetFault::Duplicate));
        }
        for SheetCell { criterion, cell } in &block.cells {
            let place = Some(criterion);
            if !own.contains(criterion) {
                found.push(problem(Some(&block.bidder), place, SheetFault::UnknownCriterion));
            }
            if cells.insert((&block.bidder, criterion), cell).is_some() {
                found.push(problem(Some(&block.bidder), place, SheetFault::Duplicate));
            }
        }
    }
    found.sort_by(|a, b| (&a.bidder, &a.criterion).cmp(&(&b.bidder, &b.criterion)));
    problems.extend(found);
    cells
}

/// Everything wrong in one cell by itself; empty: it may stand in a finished sheet.
pub fn cell_faults(cell: &Cell, criterion: &Criterion, max_bytes: u32) -> Vec<SheetFault> {
    let pass_fail = criterion.kind == CriterionKind::PassFail;
    let (value_fault, reason, needs_reason) = match cell {
        Cell::Pass => ((!pass_fail).then_some(SheetFault::WrongKind), "", false),
        Cell::Fail { reason } => (
            (!pass_fail).then_some(SheetFault::WrongKind),
            reason.as_str(),
            true,
        ),
        Cell::Score { value, reason } => (
            score_fault(value, &criterion.kind),
            reason.as_str(),
            criterion.reason_required,
        ),
    };
    let mut faults: Vec<SheetFault> = value_fault.into_iter().collect();
    if needs_reason && reason.trim().is_empty() {
        faults.push(SheetFault::ReasonMissing);
    }
    if reason.len() > max_bytes as usize {
        faults.push(SheetFault::ReasonTooLong { max_bytes });
    }
    // Any other control character would take six bytes in JSON and break the padded size.
    if reason.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        faults.push(SheetFault::ReasonCharacter);
    }
    faults
}

/// A range in whole numbers, so that thousands of scores are checked at once.
pub(crate) struct SmallRange {
    scale: u32,
    min: i64,
    max: i64,
    step: i64,
}

impl SmallRange {
    /// None where the criterion has no range, or one of many digits, or wants reasons.
    pub(crate) fn of(criterion: &Criterion) -> Option<Self> {
        let CriterionKind::Range { min, max, step } = &criterion.kind else {
            return None;
        };
        if criterion.reason_required {
            return None;
        }
        let scale = min.places().max(max.places()).max(step.places());
        Some(Self {
            scale,
            min: min.small_at(scale)?,
            max: max.small_at(scale)?,
            step: step.small_at(scale).filter(|step| *step > 0)?,
        })
    }

    /// Whether the cell is a score of the range without a reason, and so without a fault. False says nothing.
    pub(crate) fn holds(&self, cell: &Cell) -> bool {
        let Cell::Score { value, reason } = cell else {
            return false;
        };
        let inside =
            |value: i64| self.min <= value && value <= self.max && (value - self.min) % self.step == 0;
        reason.is_empty() && value.small_at(self.scale).is_some_and(inside)
    }
}

fn score_fault(value: &Decimal, kind: &CriterionKind) -> Option<SheetFault> {
    match kind {
        CriterionKind::Range { min, max, step } => {
            if value < min || value > max {
                return Some(SheetFault::OutOfRange {
                    min: min.clone(),
                    max: max.clone(),
                });
            }
            (!value.is_on_step(min, step)).then(|| SheetFault::OffStep { step: step.clone() })
        }
        CriterionKind::Tiers { tiers, step, missing } => {
            if missing.as_ref() == Some(value) {
                return None;
            }
            let inside: Vec<&Tier> = tiers
                .iter()
                .filter(|tier| tier.min <= *value && *value <= tier.max)
                .collect();
            if inside.is_empty() {
                return Some(SheetFault::OutOfTiers);
            }
            let on_step = inside.iter().any(|tier| value.is_on_step(&tier.min, step));
            (!on_step).then(|| SheetFault::OffStep { step: step.clone() })
        }
        CriterionKind::Fixed { values } => (!values.contains(value)).then(|| SheetFault::NotOffered {
            values: values.clone(),
        }),
        _ => Some(SheetFault::WrongKind),
    }
}
