//! Abnormal scores 畸高畸低: how far what one member gave lies from what the others gave.
//!
//! A finding names member, bid, criterion and the arithmetic, so that the member can be asked (87LING 64(4)). It never
//! changes a score, and [`evaluate`](crate::evaluate) does not read it.

mod agreement;
mod spread;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;
use crate::exact::{Exact, NumberError};
use crate::facts::Facts;
use crate::ids::{BidderId, CriterionId, Line};
use crate::rounding::Shown;
use crate::rulebook::Rulebook;
use crate::sheet::Cell;
use crate::text::Text;

/// From where on scores are noted. No law has a number (SC-9): the tender document says it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AbnormalThresholds {
    /// What a distance from the mean is measured in.
    pub measured_in: SpreadUnit,
    /// A distance from the mean of all members above this percentage is noted.
    pub notice: Decimal,
    /// Above this one the member is asked for the reason.
    pub warning: Decimal,
    /// A distance from the median above so many median absolute deviations is noted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub median_deviations: Option<Decimal>,
    /// Two members whose rank correlation over the bids is below this are noted, -1 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank_correlation: Option<Decimal>,
    /// A committee whose Kendall's W is below this is noted, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concordance: Option<Decimal>,
    /// A committee whose intraclass correlation is below this is noted, at most 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intraclass: Option<Decimal>,
}

/// What a distance from the mean is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SpreadUnit {
    /// Percent of the mean.
    Mean,
    /// Percent of the criterion's most points.
    MostPoints,
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AbnormalLevel {
    /// Somebody should look at it.
    Notice,
    /// The member is asked for the reason.
    Warning,
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Measure {
    /// Distance from the mean of all members.
    Spread {
        /// The member.
        line: Line,
        /// The bid.
        bidder: BidderId,
        /// The criterion.
        criterion: CriterionId,
    },
    /// Distance from the median, in median absolute deviations.
    MedianDeviation {
        /// The member.
        line: Line,
        /// The bid.
        bidder: BidderId,
        /// The criterion.
        criterion: CriterionId,
    },
    /// Spearman's rank correlation of two members' totals over the bids.
    RankCorrelation {
        /// One member.
        first: Line,
        /// The other.
        second: Line,
    },
    /// Kendall's coefficient of concordance W of all members' totals, ties corrected.
    Concordance,
    /// Intraclass correlation ICC(2,1) of all members' totals (Shrout and Fleiss, 1979).
    Intraclass,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AbnormalFinding {
    /// What was measured, of whom.
    pub measure: Measure,
    /// How much it weighs.
    pub level: AbnormalLevel,
    /// The value, as people read it.
    pub value: String,
    /// The threshold that it passed.
    pub threshold: Decimal,
    /// The arithmetic, with its numbers.
    pub arithmetic: String,
    /// In words.
    pub text: Text,
}

/// The scores that members gave, of the bids that all members scored whole.
struct Given {
    lines: Vec<Line>,
    bidders: Vec<BidderId>,
    /// By criterion, then by bid, then by member; with the criterion's most points and weight.
    scores: BTreeMap<CriterionId, Scale>,
}

struct Scale {
    title: Text,
    most: Exact,
    weight: Exact,
    /// Rows are bids, columns members.
    rows: Vec<Vec<Exact>>,
}

/// Everything that the thresholds of a rulebook note in the scores; nothing where it names none.
///
/// # Errors
/// [`NumberError::TooLarge`].
pub fn abnormal_scores(rulebook: &Rulebook, facts: &Facts) -> Result<Vec<AbnormalFinding>, NumberError> {
    let Some(thresholds) = &rulebook.abnormal else {
        return Ok(Vec::new());
    };
    let given = Given::read(rulebook, facts);
    if given.lines.len() < 2 || given.bidders.is_empty() {
        return Ok(Vec::new());
    }
    let mut findings = spread::findings(&given, thresholds)?;
    findings.extend(agreement::findings(&given, thresholds)?);
    Ok(findings)
}

impl Given {
    fn read(rulebook: &Rulebook, facts: &Facts) -> Self {
        let lines: BTreeSet<&Line> = facts.members.iter().collect();
        let mut cells: BTreeMap<(&CriterionId, &BidderId, &Line), &Decimal> = BTreeMap::new();
        for sheet in facts.sheets.iter().filter(|sheet| lines.contains(&sheet.line)) {
            for block in &sheet.blocks {
                for cell in &block.cells {
                    if let Cell::Score { value, .. } = &cell.cell {
                        cells.insert((&cell.criterion, &block.bidder, &sheet.line), value);
                    }
                }
            }
        }
        let leaves = rulebook.leaves();
        let leaves: Vec<_> = leaves
            .iter()
            .filter(|leaf| leaf.criterion.kind.is_given())
            .collect();
        let whole = |bidder: &&BidderId| {
            leaves.iter().all(|leaf| {
                lines
                    .iter()
                    .all(|line| cells.contains_key(&(&leaf.criterion.id, *bidder, *line)))
            })
        };
        let bidders: BTreeSet<&BidderId> = facts.bidders.iter().map(|bidder| &bidder.id).collect();
        let bidders: Vec<&BidderId> = bidders.into_iter().filter(whole).collect();
        let scores = leaves.iter().map(|leaf| {
            let id = &leaf.criterion.id;
            let row = |bidder: &&BidderId| {
                lines
                    .iter()
                    .map(|line| cells[&(id, *bidder, *line)].exact())
                    .collect()
            };
            let scale = Scale {
                title: leaf.criterion.title.clone(),
                most: leaf.criterion.kind.most_points().unwrap_or_else(Exact::zero),
                weight: leaf.weight.clone(),
                rows: bidders.iter().map(row).collect(),
            };
            (id.clone(), scale)
        });
        Self {
            scores: scores.collect(),
            lines: lines.into_iter().cloned().collect(),
            bidders: bidders.into_iter().cloned().collect(),
        }
    }

    /// Each member's weighted total of each bid; rows are bids.
    fn totals(&self) -> Result<Vec<Vec<Exact>>, NumberError> {
        let mut totals = vec![vec![Exact::zero(); self.lines.len()]; self.bidders.len()];
        for scale in self.scores.values() {
            for (sums, row) in totals.iter_mut().zip(&scale.rows) {
                for (sum, score) in sums.iter_mut().zip(row) {
                    *sum = sum.checked_add(&score.checked_mul(&scale.weight)?)?;
                }
            }
        }
        Ok(totals)
    }
}

fn read_out(value: &Exact) -> String {
    let Shown { text, approximate } = crate::rounding::shown(value, None);
    if approximate { format!("≈{text}") } else { text }
}

fn count(number: usize) -> Exact {
    Exact::from(u32::try_from(number).unwrap_or(u32::MAX))
}

fn mean(values: &[Exact]) -> Result<Exact, NumberError> {
    Exact::sum(values)?.checked_div(&count(values.len()))
}
