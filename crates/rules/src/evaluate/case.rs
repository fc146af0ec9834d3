//! The facts, checked and indexed so that the order they came in is gone.

use std::collections::{BTreeMap, BTreeSet};

use super::EvaluateError;
use crate::decimal::Decimal;
use crate::facts::{BidderFacts, Facts};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::rulebook::{Drop, Rulebook, StageActor, Unbroken};
use crate::sheet::{Cell, Sheet, check_sheet};

/// The fewest members of whom one high and one low can be dropped.
const FEWEST_FOR_DROP: usize = 3;

/// Checked facts beside their rulebook.
pub(super) struct Case<'a> {
    pub(super) rulebook: &'a Rulebook,
    pub(super) bidders: BTreeMap<BidderId, &'a BidderFacts>,
    pub(super) members: BTreeSet<Line>,
    pub(super) draw: &'a [BidderId],
    sheets: BTreeMap<(&'a StageId, &'a Line), &'a Sheet>,
    // A criterion is decided in one stage only, so the stage is not part of the key.
    cells: BTreeMap<(&'a Line, &'a BidderId, &'a CriterionId), &'a Cell>,
}

impl<'a> Case<'a> {
    pub(super) fn read(rulebook: &'a Rulebook, facts: &'a Facts) -> Result<Self, EvaluateError> {
        let members = read_members(rulebook, facts)?;
        let bidders = read_bidders(rulebook, facts)?;
        check_draw(rulebook, facts, &bidders)?;
        let sheets = read_sheets(rulebook, facts, &members)?;
        let mut cells = BTreeMap::new();
        for sheet in sheets.values() {
            for block in &sheet.blocks {
                for entry in &block.cells {
                    cells.insert((&sheet.line, &block.bidder, &entry.criterion), &entry.cell);
                }
            }
        }
        Ok(Self {
            rulebook,
            bidders,
            members,
            draw: &facts.draw,
            sheets,
            cells,
        })
    }

    /// Refuses a sheet of this stage that is missing, wrong, or without a cell of a needed bid.
    pub(super) fn check_sheets(&self, stage: &StageId, needed: &[BidderId]) -> Result<(), EvaluateError> {
        if needed.is_empty() {
            return Ok(());
        }
        let needed: BTreeSet<BidderId> = needed.iter().cloned().collect();
        let known: BTreeSet<BidderId> = self.bidders.keys().cloned().collect();
        for line in &self.members {
            let Some(sheet) = self.sheets.get(&(stage, line)) else {
                return Err(EvaluateError::SheetMissing {
                    stage: stage.clone(),
                    line: line.clone(),
                });
            };
            let problems = check_sheet(self.rulebook, stage, &known, &needed, sheet);
            if !problems.is_empty() {
                return Err(EvaluateError::SheetRefused {
                    stage: stage.clone(),
                    line: line.clone(),
                    problems,
                });
            }
        }
        Ok(())
    }

    pub(super) fn cell(&self, line: &Line, bidder: &BidderId, criterion: &CriterionId) -> Option<&Cell> {
        self.cells.get(&(line, bidder, criterion)).copied()
    }

    pub(super) fn score(&self, line: &Line, bidder: &BidderId, criterion: &CriterionId) -> Option<&Decimal> {
        match self.cell(line, bidder, criterion) {
            Some(Cell::Score { value, .. }) => Some(value),
            _ => None,
        }
    }
}

fn read_members(rulebook: &Rulebook, facts: &Facts) -> Result<BTreeSet<Line>, EvaluateError> {
    let mut members = BTreeSet::new();
    for line in &facts.members {
        if !members.insert(line.clone()) {
            return Err(EvaluateError::DuplicateMember(line.clone()));
        }
    }
    let count = members.len();
    if count == 0 {
        return Err(EvaluateError::NoMembers);
    }
    if rulebook.aggregation.drop == Drop::OneHighOneLow && count < FEWEST_FOR_DROP {
        return Err(EvaluateError::TooFewMembers { members: count });
    }
    Ok(members)
}

fn read_bidders<'a>(
    rulebook: &Rulebook,
    facts: &'a Facts,
) -> Result<BTreeMap<BidderId, &'a BidderFacts>, EvaluateError> {
    let mut bidders = BTreeMap::new();
    for bidder in &facts.bidders {
        if bidders.insert(bidder.id.clone(), bidder).is_some() {
            return Err(EvaluateError::DuplicateBidder(bidder.id.clone()));
        }
    }
    // In the order of ids, so that the first error does not depend on the order given.
    for bidder in bidders.values() {
        check_bidder(rulebook, bidder)?;
    }
    Ok(bidders)
}

fn check_bidder(rulebook: &Rulebook, bidder: &BidderFacts) -> Result<(), EvaluateError> {
    if let Some(rejection) = &bidder.rejected {
        if rulebook.stage(&rejection.stage).is_none() {
            return Err(EvaluateError::UnknownStage {
                bidder: bidder.id.clone(),
                stage: rejection.stage.clone(),
            });
        }
        if rejection.reason.trim().is_empty() {
            return Err(EvaluateError::ReasonMissing(bidder.id.clone()));
        }
    }
    let price = bidder.price.as_ref();
    if price.is_some_and(|price| !price.exact().is_positive()) {
        return Err(EvaluateError::PriceNotPositive(bidder.id.clone()));
    }
    let items = rulebook.price.deductions.as_ref().map(|d| &d.items);
    for attribute in &bidder.attributes {
        let named = items.is_some_and(|items| items.iter().any(|i| i.attribute == *attribute));
        if !named {
            return Err(EvaluateError::UnknownAttribute {
                bidder: bidder.id.clone(),
                attribute: attribute.clone(),
            });
        }
    }
    Ok(())
}

fn check_draw(
    rulebook: &Rulebook,
    facts: &Facts,
    bidders: &BTreeMap<BidderId, &BidderFacts>,
) -> Result<(), EvaluateError> {
    let distinct: BTreeSet<&BidderId> = facts.draw.iter().collect();
    let foreseen = facts.draw.is_empty() || rulebook.ranking.then == Unbroken::Draw;
    let known = distinct.iter().all(|id| bidders.contains_key(*id));
    if foreseen && known && distinct.len() == facts.draw.len() {
        Ok(())
    } else {
        Err(EvaluateError::DrawRefused)
    }
}

fn read_sheets<'a>(
    rulebook: &Rulebook,
    facts: &'a Facts,
    members: &BTreeSet<Line>,
) -> Result<BTreeMap<(&'a StageId, &'a Line), &'a Sheet>, EvaluateError> {
    let mut counted: Vec<&Sheet> = facts
        .sheets
        .iter()
        .filter(|sheet| members.contains(&sheet.line))
        .collect();
    counted.sort_by_key(|sheet| (&sheet.stage, &sheet.line));
    let mut sheets = BTreeMap::new();
    for sheet in counted {
        let foreseen = rulebook
            .stage(&sheet.stage)
            .is_some_and(|s| s.kind.has_sheets() && s.actor == StageActor::Committee);
        if !foreseen {
            return Err(EvaluateError::SheetNotForeseen {
                stage: sheet.stage.clone(),
            });
        }
        if sheets.insert((&sheet.stage, &sheet.line), sheet).is_some() {
            return Err(EvaluateError::DuplicateSheet {
                stage: sheet.stage.clone(),
                line: sheet.line.clone(),
            });
        }
    }
    Ok(sheets)
}
