//! The facts, checked and indexed so that the order they came in is gone.

use std::collections::{BTreeMap, BTreeSet};

use super::EvaluateError;
use crate::decimal::Decimal;
use crate::facts::{BidderFacts, Facts, Given};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::rulebook::{AggregationMethod, Criterion, CriterionKind, Rulebook, StageActor, TieKey, Unbroken};
use crate::sheet::{Cell, Sheet, SheetCell, SmallRange, cell_faults, check_sheet};

/// The most places for scores: bidders times leaf criteria times members.
pub const MAX_CELLS: usize = 1 << 25;

/// Checked facts beside their rulebook.
pub(super) struct Case<'a> {
    pub(super) rulebook: &'a Rulebook,
    pub(super) bidders: BTreeMap<BidderId, &'a BidderFacts>,
    pub(super) members: BTreeSet<Line>,
    pub(super) draw: &'a [BidderId],
    pub(super) parameters: &'a BTreeMap<String, Decimal>,
    sheets: BTreeMap<(&'a StageId, &'a Line), &'a Sheet>,
    cells: Cells<'a>,
    consensus: BTreeMap<(&'a BidderId, &'a CriterionId), &'a Cell>,
}

impl<'a> Case<'a> {
    pub(super) fn read(rulebook: &'a Rulebook, facts: &'a Facts) -> Result<Self, EvaluateError> {
        let members = read_members(rulebook, facts)?;
        let bidders = read_bidders(rulebook, facts)?;
        check_draw(rulebook, facts, &bidders)?;
        check_facts(rulebook, &bidders)?;
        let consensus = read_consensus(rulebook, facts, &bidders)?;
        let sheets = read_sheets(rulebook, facts, &members)?;
        let criteria = rulebook.leaves().len();
        let places = bidders.len().checked_mul(criteria);
        let places = places.and_then(|places| places.checked_mul(members.len()));
        if places.is_none_or(|places| places > MAX_CELLS) {
            return Err(EvaluateError::TooManyCells {
                bidders: bidders.len(),
                criteria,
                members: members.len(),
            });
        }
        let cells = Cells::read(rulebook, &bidders, &members, sheets.values().copied());
        Ok(Self {
            rulebook,
            bidders,
            members,
            draw: &facts.draw,
            parameters: &facts.parameters,
            sheets,
            cells,
            consensus,
        })
    }

    /// The score that the members agreed on.
    pub(super) fn agreed(&self, bidder: &BidderId, criterion: &CriterionId) -> Option<&'a Decimal> {
        self.consensus
            .get(&(bidder, criterion))
            .copied()
            .and_then(score_of)
    }

    /// Refuses a sheet of this stage that is missing, wrong, or without a cell of a needed bid.
    pub(super) fn check_sheets(&self, stage: &StageId, needed: &[BidderId]) -> Result<(), EvaluateError> {
        if needed.is_empty() {
            return Ok(());
        }
        if self.members.is_empty() {
            return Err(EvaluateError::NoMembers);
        }
        if self.sheets_hold(stage, needed) {
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

    /// Whether every sheet of the stage is there and without a fault: the usual case, told without naming anything.
    fn sheets_hold(&self, stage: &StageId, needed: &[BidderId]) -> bool {
        let needed: BTreeSet<&BidderId> = needed.iter().collect();
        let all_there = self
            .members
            .iter()
            .all(|line| self.sheets.contains_key(&(stage, line)));
        if self.cells.odd || !all_there {
            return false;
        }
        let most = self.rulebook.limits.reason_max_bytes;
        let criteria = self.rulebook.stage_criteria(stage);
        let given = criteria
            .iter()
            .filter(|criterion| !matches!(criterion.kind, CriterionKind::Computed { .. }));
        let mut given =
            given.filter_map(|criterion| Some((*criterion, self.cells.criterion(&criterion.id)?)));
        given.all(|(criterion, place)| {
            let range = SmallRange::of(criterion);
            let holds = |cell: &Cell| {
                range.as_ref().is_some_and(|range| range.holds(cell))
                    || cell_faults(cell, criterion, most).is_empty()
            };
            self.bidders.keys().enumerate().all(|(at, bidder)| {
                let mut cells = self.cells.row(at, place).iter();
                cells.all(|cell| match cell {
                    Some(cell) => holds(cell),
                    None => !needed.contains(bidder),
                })
            })
        })
    }

    /// What is given of a bid instead of computed.
    pub(super) fn given(&self, bidder: &BidderId) -> &'a Given {
        let facts = self.bidders.get(bidder).copied();
        &facts.expect("asked of bids of the case alone").given
    }

    /// What the members have at a criterion of a bid, in the order of `members`.
    pub(super) fn cells(&self, bidder: &BidderId, criterion: &CriterionId) -> &[Option<&'a Cell>] {
        let place = self.cells.bidder(bidder).zip(self.cells.criterion(criterion));
        place.map_or(&[], |(bidder, criterion)| self.cells.row(bidder, criterion))
    }

    /// The place of a bid among all.
    pub(super) fn bidder_at(&self, bidder: &BidderId) -> Option<usize> {
        self.cells.bidder(bidder)
    }

    /// The place of a criterion among all leaves.
    pub(super) fn criterion_at(&self, criterion: &CriterionId) -> Option<usize> {
        self.cells.criterion(criterion)
    }

    /// As [`Case::cells`], by places: for sums over thousands of cells.
    pub(super) fn cells_at(&self, bidder: usize, criterion: usize) -> &[Option<&'a Cell>] {
        self.cells.row(bidder, criterion)
    }

    pub(super) fn cell(&self, line: &Line, bidder: &BidderId, criterion: &CriterionId) -> Option<&'a Cell> {
        let member = self.members.iter().position(|member| member == line)?;
        self.cells(bidder, criterion).get(member).copied().flatten()
    }

    pub(super) fn score(
        &self,
        line: &Line,
        bidder: &BidderId,
        criterion: &CriterionId,
    ) -> Option<&'a Decimal> {
        self.cell(line, bidder, criterion).and_then(score_of)
    }
}

/// The score in a cell; none in one of pass or fail.
pub(super) fn score_of(cell: &Cell) -> Option<&Decimal> {
    match cell {
        Cell::Score { value, .. } => Some(value),
        Cell::Pass | Cell::Fail { .. } => None,
    }
}

/// Every cell by its place. A criterion is decided in one stage only, so the stage is not part of the place.
struct Cells<'a> {
    /// By bidder, then criterion, then member.
    all: Vec<Option<&'a Cell>>,
    bidders: BTreeMap<BidderId, usize>,
    criteria: BTreeMap<&'a CriterionId, usize>,
    members: usize,
    /// Something of a sheet has no place, or two things have one.
    odd: bool,
}

impl<'a> Cells<'a> {
    fn read(
        rulebook: &'a Rulebook,
        bidders: &BTreeMap<BidderId, &'a BidderFacts>,
        members: &BTreeSet<Line>,
        sheets: impl Iterator<Item = &'a Sheet>,
    ) -> Self {
        let leaves = rulebook.leaves();
        let order: Vec<&'a CriterionId> = leaves.iter().map(|leaf| &leaf.criterion.id).collect();
        let criteria: BTreeMap<_, _> = order.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let members_at: BTreeMap<&Line, usize> =
            members.iter().enumerate().map(|(at, line)| (line, at)).collect();
        let mut cells = Self {
            all: vec![None; bidders.len() * order.len() * members.len()],
            bidders: bidders
                .keys()
                .enumerate()
                .map(|(at, id)| (id.clone(), at))
                .collect(),
            criteria,
            members: members.len(),
            odd: false,
        };
        let mut stages: Vec<Option<&StageId>> = vec![None; order.len()];
        for stage in &rulebook.stages {
            for at in stage.criteria.iter().filter_map(|id| cells.criterion(id)) {
                let computed = matches!(leaves[at].criterion.kind, CriterionKind::Computed { .. });
                stages[at] = (!computed).then_some(&stage.id);
            }
        }
        for sheet in sheets {
            let Some(member) = members_at.get(&sheet.line) else {
                continue;
            };
            let mut seen = BTreeSet::new();
            for block in &sheet.blocks {
                let bidder = cells.bidder(&block.bidder);
                cells.odd |= !bidder.is_some_and(|bidder| seen.insert(bidder));
                // Sheets mostly have the order of the rulebook: the next criterion is the likely one.
                let mut likely = 0;
                for entry in &block.cells {
                    let criterion = match order.get(likely) {
                        Some(id) if **id == entry.criterion => Some(likely),
                        _ => cells.criterion(&entry.criterion),
                    };
                    cells.odd |= criterion.and_then(|at| stages[at]) != Some(&sheet.stage);
                    cells.put(bidder.zip(criterion), *member, &entry.cell);
                    likely = criterion.map_or(0, |at| at + 1);
                }
            }
        }
        cells
    }

    fn put(&mut self, place: Option<(usize, usize)>, member: usize, cell: &'a Cell) {
        let (criteria, members) = (self.criteria.len(), self.members);
        let place = place.and_then(|(bidder, criterion)| {
            self.all
                .get_mut((bidder * criteria + criterion) * members + member)
        });
        let taken = place.map(|place| place.replace(cell));
        self.odd |= !matches!(taken, Some(None));
    }

    fn bidder(&self, id: &BidderId) -> Option<usize> {
        self.bidders.get(id).copied()
    }

    fn criterion(&self, id: &CriterionId) -> Option<usize> {
        self.criteria.get(id).copied()
    }

    fn row(&self, bidder: usize, criterion: usize) -> &[Option<&'a Cell>] {
        let from = (bidder * self.criteria.len() + criterion) * self.members;
        self.all.get(from..from + self.members).unwrap_or(&[])
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
    let (low, high) = rulebook.aggregation.drop.ends();
    // One is left at least.
    if count > 0 && count <= low + high {
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

/// Facts by which bids are ranked are known of all of them.
fn check_facts(rulebook: &Rulebook, bidders: &BTreeMap<BidderId, &BidderFacts>) -> Result<(), EvaluateError> {
    for fact in rulebook.ranking.keys.iter().filter_map(TieKey::fact) {
        for bidder in bidders.values() {
            if bidder.rejected.is_none() && !bidder.facts.contains_key(fact) {
                return Err(EvaluateError::FactMissing {
                    bidder: bidder.id.clone(),
                    fact: fact.to_owned(),
                });
            }
        }
    }
    Ok(())
}

/// Agreed scores, each one that its criterion lets be given.
fn read_consensus<'a>(
    rulebook: &Rulebook,
    facts: &'a Facts,
    bidders: &BTreeMap<BidderId, &BidderFacts>,
) -> Result<BTreeMap<(&'a BidderId, &'a CriterionId), &'a Cell>, EvaluateError> {
    if rulebook.aggregation.method != AggregationMethod::Consensus {
        return match facts.consensus.is_empty() {
            true => Ok(BTreeMap::new()),
            false => Err(EvaluateError::ConsensusNotForeseen),
        };
    }
    let leaves = rulebook.leaves();
    let scales: BTreeMap<&CriterionId, &Criterion> = leaves
        .iter()
        .filter(|leaf| leaf.criterion.kind.is_given() && leaf.criterion.kind.is_scored())
        .map(|leaf| (&leaf.criterion.id, leaf.criterion))
        .collect();
    let mut agreed = BTreeMap::new();
    for block in &facts.consensus {
        for SheetCell { criterion, cell } in &block.cells {
            let scale = scales.get(criterion);
            let holds = scale
                .is_some_and(|scale| cell_faults(cell, scale, rulebook.limits.reason_max_bytes).is_empty());
            let once = agreed.insert((&block.bidder, criterion), cell).is_none();
            if !holds || !once || !bidders.contains_key(&block.bidder) {
                return Err(EvaluateError::ConsensusRefused {
                    bidder: block.bidder.clone(),
                    criterion: criterion.clone(),
                });
            }
        }
    }
    Ok(agreed)
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
