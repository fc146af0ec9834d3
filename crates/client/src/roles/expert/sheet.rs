//! The sheet of one round: its form from the record, its cells from the vault.
//!
//! The form is published by whoever holds the replica; the cells are read and written through a vault of their own, so
//! that writing a score never waits for the line.

use super::acts::{key_permit, seal_consequence};
use crate::desk::Desk;
use crate::drafts::{Cells, DraftCell, Pen};
use crate::error::ClientError;
use crate::roles::criteria;
use evaluation::{BidderId, CodeName};
use protocol::window::{
    BidderLine, CellInput, CellSaved, CellView, CheckLine, CheckState, Clause, CriterionKind, CriterionLine,
    Gap, NamedPage, SealReview, SheetView, Words,
};
use rules::{Cell, Criterion, Exact, StageId, cell_faults};
use std::collections::BTreeMap;

/// What a round asks of a member: everything about its sheet but what the member writes.
#[derive(Clone, Debug)]
pub struct Form {
    instance: String,
    title: Words,
    review: bool,
    criteria: Vec<(Criterion, Words)>,
    bidders: Vec<(BidderId, BidderLine)>,
    locked: Option<Words>,
    reason_max: u32,
    key: Vec<CheckLine>,
    key_holds: bool,
    pages: Vec<NamedPage>,
}

/// A text of the rulebook for windows.
pub(super) fn words(text: &rules::Text) -> Words {
    Words::new(text.zh.clone(), text.en.clone())
}

impl Form {
    /// The form of a defined round; `None` before it is defined. `names` gives what the seat may know of bidders.
    pub fn of(
        desk: &Desk,
        instance: &str,
        names: &BTreeMap<BidderId, BidderLine>,
        me: &CodeName,
    ) -> Option<Self> {
        let state = desk.replica.state();
        let (round, book) = (state.round(instance)?, state.rulebook()?);
        let id = StageId::new(instance).ok()?;
        let stage = book.stage(&id)?;
        let criteria = round.setting.criteria.iter().filter_map(|criterion| {
            let leaf = book.leaf(&rules::CriterionId::new(criterion.as_str()).ok()?)?;
            Some((leaf.criterion.clone(), words(&leaf.root.title)))
        });
        let bidders = round.setting.bidders.iter().map(|bidder| {
            let line = names.get(bidder).cloned().unwrap_or_else(|| BidderLine {
                bidder: bidder.to_string(),
                name: String::new(),
                rejected: None,
            });
            (bidder.clone(), line)
        });
        let checked = key_permit(desk, instance);
        Some(Self {
            instance: instance.to_owned(),
            title: crate::roles::titles::stage(stage.id.as_str()),
            review: stage.kind.is_pass_fail(),
            criteria: criteria.collect(),
            bidders: bidders.collect(),
            locked: super::view::locked(desk, instance, me),
            reason_max: book.limits.reason_max_bytes,
            key_holds: checked.is_ok(),
            key: vec![key_line(checked.err())],
            pages: Vec::new(),
        })
    }

    /// Pages that bids name, once their documents are here.
    pub fn with_pages(mut self, pages: Vec<NamedPage>) -> Self {
        self.pages = pages;
        self
    }

    /// Cells of the sheet.
    pub fn cells(&self) -> usize {
        self.criteria.len() * self.bidders.len()
    }

    /// The round.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// Pass or fail, no points.
    pub fn is_review(&self) -> bool {
        self.review
    }

    /// What locks it.
    pub fn locked(&self) -> Option<&Words> {
        self.locked.as_ref()
    }

    /// Whether this client has checked the round's key.
    pub fn key_holds(&self) -> bool {
        self.key_holds
    }
}

fn key_line(fault: Option<ClientError>) -> CheckLine {
    let what = Words::new(
        "本轮密钥：持有人、份额、证明、全体确认、评委绑定均由本机依据存证记录与本地信任锚独立核验",
        "Round key: holders, deals, proofs, acknowledgements and bindings, checked by this PC from the record and \
         local anchors",
    );
    match fault {
        None => CheckLine {
            what,
            state: CheckState::Passed,
            detail: Words::default(),
        },
        Some(fault) => CheckLine {
            what,
            state: CheckState::Waiting,
            detail: Words::same(fault.to_string()),
        },
    }
}

fn kind(criterion: &Criterion) -> CriterionKind {
    criteria::kind(&criterion.kind).unwrap_or(CriterionKind::PassFail)
}

fn line(criterion: &Criterion, group: &Words) -> CriterionLine {
    CriterionLine {
        id: criterion.id.to_string(),
        group: group.clone(),
        title: words(&criterion.title),
        kind: kind(criterion),
        reason_required: criterion.reason_required,
        objective: criterion.objective,
        clause: criterion.clause.as_ref().map(|clause| Clause {
            clause: clause.clause.clone(),
            page: clause.page,
            quote: clause.quote.clone(),
        }),
    }
}

/// What is missing or wrong in a cell; `None`: it may be sealed.
fn gap(criterion: &Criterion, cell: &DraftCell, reason_max: u32) -> Option<Words> {
    let decided = cell.decided();
    let fault = match &decided {
        None if cell.value.is_some() => Some(rules::SheetFault::WrongKind),
        None => Some(rules::SheetFault::Gap),
        Some(decided) => cell_faults(decided, criterion, reason_max).into_iter().next(),
    };
    fault.map(|fault| words(&fault.text()))
}

/// The sheet as it stands.
///
/// # Errors
/// A damaged vault.
pub fn sheet(form: &Form, cells_of: &dyn Cells) -> Result<SheetView, ClientError> {
    let (mut cells, mut gaps) = (Vec::new(), Vec::new());
    for (bidder, _) in &form.bidders {
        for (criterion, _) in &form.criteria {
            let id = criterion.id.as_str();
            let cell = cells_of.cell(&form.instance, bidder, id)?;
            if let Some(what) = gap(criterion, &cell, form.reason_max) {
                gaps.push(Gap {
                    bidder: bidder.to_string(),
                    criterion: id.to_owned(),
                    what,
                });
            }
            if cell != DraftCell::default() {
                cells.push(CellView {
                    bidder: bidder.to_string(),
                    criterion: id.to_owned(),
                    value: cell.value,
                    reason: cell.reason,
                });
            }
        }
    }
    Ok(SheetView {
        instance: form.instance.clone(),
        title: form.title.clone(),
        bidders: form.bidders.iter().map(|(_, line)| line.clone()).collect(),
        criteria: form
            .criteria
            .iter()
            .map(|(criterion, group)| line(criterion, group))
            .collect(),
        cells,
        gaps,
        pages: form.pages.clone(),
        locked: form.locked.clone(),
        reason_max: form.reason_max,
    })
}

/// What the view says of own sheets without looking into them again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Cells with a value, by round.
    pub(super) filled: BTreeMap<String, u32>,
    /// Why nothing can be sealed; `None`: the disk takes everything.
    pub(super) refuses: Option<Words>,
}

impl Written {
    /// What the pen of who sits here has written into these forms.
    ///
    /// # Errors
    /// A damaged vault.
    pub fn of(forms: &[Form], pen: &Pen) -> Result<Self, ClientError> {
        let mut counted = BTreeMap::new();
        for form in forms {
            counted.insert(form.instance.clone(), filled(form, pen)?);
        }
        Ok(Self {
            filled: counted,
            refuses: refuses(pen),
        })
    }
}

/// How many cells have a value.
///
/// # Errors
/// A damaged vault.
fn filled(form: &Form, cells_of: &dyn Cells) -> Result<u32, ClientError> {
    let mut filled = 0;
    for (bidder, _) in &form.bidders {
        for (criterion, _) in &form.criteria {
            let cell = cells_of.cell(&form.instance, bidder, criterion.id.as_str())?;
            filled += u32::from(cell.value.is_some());
        }
    }
    Ok(filled)
}

/// Keeps a cell; the answer tells whether it is durable. A value that the criterion does not allow is refused; a reason
/// that is still missing is only said.
///
/// # Errors
/// [`ClientError::Check`] for what may not stand there or while the sheet is locked; the vault.
pub fn put_cell(form: &Form, pen: &mut Pen, input: &CellInput) -> Result<CellSaved, ClientError> {
    if let Some(locked) = &form.locked {
        return Err(ClientError::Check(locked.clone()));
    }
    let bidder = form
        .bidders
        .iter()
        .find(|(bidder, _)| bidder.as_str() == input.bidder);
    let (bidder, _) =
        bidder.ok_or_else(|| ClientError::check("本轮没有这份投标", "no such bid in this round"))?;
    let criterion = form
        .criteria
        .iter()
        .find(|(criterion, _)| criterion.id.as_str() == input.criterion);
    let (criterion, _) =
        criterion.ok_or_else(|| ClientError::check("本轮没有这项因素", "no such criterion in this round"))?;
    let cell = DraftCell {
        value: input.value.clone(),
        reason: input.reason.clone(),
    };
    if cell.value.is_some() {
        let decided = cell
            .decided()
            .ok_or_else(|| ClientError::check("这不是一个分值", "this is not a score"))?;
        let wrong = cell_faults(&decided, criterion, form.reason_max)
            .into_iter()
            .find(|fault| !matches!(fault, rules::SheetFault::ReasonMissing));
        if let Some(fault) = wrong {
            return Err(ClientError::Check(words(&fault.text())));
        }
    }
    let durable = pen.put(
        &form.instance,
        bidder,
        criterion.id.as_str(),
        &cell,
        form.reason_max,
    )?;
    Ok(CellSaved {
        durable,
        gap: gap(criterion, &cell, form.reason_max),
        cell: CellView {
            bidder: input.bidder.clone(),
            criterion: input.criterion.clone(),
            value: cell.value,
            reason: cell.reason,
        },
        filled: filled(form, pen)?,
        of: u32::try_from(form.cells()).unwrap_or(u32::MAX),
    })
}

/// Why nothing can be sealed while the disk takes nothing: what is signed must be kept first.
fn refuses(pen: &Pen) -> Option<Words> {
    (pen.unwritten() > 0 || pen.fault().is_some()).then(|| {
        Words::new(
            "本机磁盘暂时不能保存，密封内容须先存于本机；恢复后即可密封。",
            "The disk of this PC takes nothing now, and what is sealed must be kept here first; it can be sealed when \
             the disk is well again.",
        )
    })
}

/// Why the sheet can't be sealed now; `None`: it can.
fn why_not(form: &Form, pen: &Pen, gaps: usize) -> Option<Words> {
    if let Some(locked) = &form.locked {
        return Some(locked.clone());
    }
    if gaps > 0 {
        return Some(Words::new(
            format!("还有 {gaps} 项未完成。"),
            format!("{gaps} cells are not complete yet."),
        ));
    }
    if !form.key_holds {
        return Some(Words::new(
            "本机尚未完成对本轮密钥的核验，核验通过后即可密封。",
            "This PC has not finished checking the key of this round; it can be sealed when it has.",
        ));
    }
    refuses(pen)
}

/// What is looked over before sealing: the sheet, what is missing, what was checked of the key, own totals.
///
/// # Errors
/// A damaged vault.
pub fn seal_review(form: &Form, pen: &Pen) -> Result<SealReview, ClientError> {
    let view = sheet(form, pen)?;
    let mut totals = Vec::new();
    for (bidder, _) in form.bidders.iter().filter(|_| !form.review) {
        let mut total = Exact::zero();
        for (criterion, _) in &form.criteria {
            let cell = pen.cell(&form.instance, bidder, criterion.id.as_str())?;
            if let Some(Cell::Score { value, .. }) = cell.decided() {
                total = total
                    .checked_add(&value.exact())
                    .map_err(|e| ClientError::Format(e.to_string()))?;
            }
        }
        totals.push((bidder.to_string(), rules::shown(&total, None).text));
    }
    let why_not = why_not(form, pen, view.gaps.len());
    Ok(SealReview {
        sheet: view,
        checks: form.key.clone(),
        ready: why_not.is_none(),
        why_not,
        consequence: seal_consequence(),
        totals,
    })
}
