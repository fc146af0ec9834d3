//! Drafts and sealed sheets (protocol 4.4, Drafts).

use super::rounds::{find, find_mut};
use crate::apply::{Act, Blobs};
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, CodeName};
use crate::state::{RoundState, State};
use record::{BlobRef, PublicKey};
use rules::{BidBlock, Cell, CriterionId, Line, Sheet, StageId};
use sealing::ceremony::RoundSecret;
use sealing::sheet::{self, SheetContext};
use serde::{Deserialize, Serialize};

/// Payload of `draft.saved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftSaved {
    /// Own code name.
    pub line: CodeName,
    /// Constant-size snapshot of the whole vault, encrypted to the expert's vault key.
    pub snapshot: BlobRef,
    /// Number of the snapshot, rising.
    pub number: u64,
    /// How many cells of the round have something in them: what supervisor and clerk may know of a sheet before it is
    /// opened (protocol 6). Acts made before this field existed have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filled: Option<FilledCells>,
}

/// A number of filled cells: five digits in every act, so that the length of the act tells nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FilledCells(u32);

impl FilledCells {
    /// The largest number that is told apart.
    pub const MAX: u32 = 99_999;

    /// A count; more than [`FilledCells::MAX`] stands as that.
    pub fn new(count: usize) -> Self {
        Self(u32::try_from(count).unwrap_or(Self::MAX).min(Self::MAX))
    }

    /// The count.
    pub fn count(self) -> u32 {
        self.0
    }
}

impl Serialize for FilledCells {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{:05}", self.0))
    }
}

impl<'de> Deserialize<'de> for FilledCells {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let five_digits = text.len() == 5 && text.bytes().all(|byte| byte.is_ascii_digit());
        let count = five_digits.then(|| text.parse().ok()).flatten();
        count
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom("a count of cells has five digits"))
    }
}

/// Payload of `sheet.sealed`. The act's signature by the evaluation key is the outer signature over the sealed bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetSealed {
    /// Own code name.
    pub line: CodeName,
    /// The sealed sheet.
    pub sheet: BlobRef,
}

pub(super) fn draft_saved(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let saved: DraftSaved = act.payload()?;
    let (name, _) = state.line(&act.core().actor)?;
    ensure(name == saved.line, Code::NotAllowed, "another's line")
}

pub(super) fn sealed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let sealed: SheetSealed = act.payload()?;
    let core = act.core();
    let (name, line) = state.line(&core.actor)?;
    ensure(name == sealed.line, Code::NotAllowed, "another's line")?;
    let device = line.binding.as_ref().map(|binding| binding.device);
    ensure(
        device == Some(core.device),
        Code::NotAllowed,
        "not the PC of the binding",
    )?;
    state.ceremony_key(&core.instance)?;
    let round = find(state, &core.instance)?;
    ensure(round.closed.is_none(), Code::Late, "the round is closed")?;
    ensure(
        round.setting.roster.iter().any(|r| r.line == name),
        Code::NotAllowed,
        "not on the roster of this round",
    )?;
    ensure(
        !round.absent.contains(&name),
        Code::NotAllowed,
        "recorded as absent",
    )?;
    let length = u64::try_from(sheet::blob_length(round.setting.sheet_size as usize)).unwrap_or(u64::MAX);
    ensure(
        sealed.sheet.size == length,
        Code::Limit,
        "the one padded size of the round",
    )?;
    let count = round.sheets.get(&name).map_or(0, Vec::len);
    ensure(count < 64, Code::Limit, "64 sheets of one line at most")?;
    let entry = (act.index(), sealed.sheet, core.actor);
    find_mut(state, &core.instance)?
        .sheets
        .entry(name)
        .or_default()
        .push(entry);
    Ok(())
}

/// The HPKE info of a line's sheet: what binds it to record, round, key and author.
///
/// # Errors
/// [`Code::WrongStage`] before the round's key is complete.
pub fn sheet_context(
    state: &State,
    instance: &str,
    line: &CodeName,
    evaluation_key: &PublicKey,
) -> Result<SheetContext, Refusal> {
    let setting = state.setting()?;
    let key = state.ceremony_key(instance)?;
    Ok(SheetContext {
        suite: sealing::Suite::P256,
        origin: setting.origin.0,
        instance: instance.to_owned(),
        y: key.y,
        line: line.as_str().to_owned(),
        evaluation_key: evaluation_key.0,
        rulebook: setting.rulebook.digest.0,
    })
}

/// Opens the sheet of a line that counts. A fault of the sheet is the expert's own, provable, and blocks nobody.
pub(super) fn open_counted(
    state: &State,
    instance: &str,
    round: &RoundState,
    line: &CodeName,
    secret: &RoundSecret,
    blobs: &dyn Blobs,
) -> Result<Result<Sheet, String>, Refusal> {
    let (_, blob, key) = round
        .sheets
        .get(line)
        .and_then(|sheets| sheets.last())
        .ok_or_else(|| Refusal::new(Code::NotFound, "no sheet of this line"))?;
    let bytes = blobs
        .blob(blob)
        .ok_or_else(|| Refusal::new(Code::Blob, format!("sheet of {line}")))?;
    let context = sheet_context(state, instance, line, key)?;
    let opened = match sheet::open_sheet(secret, &context, &bytes, round.setting.sheet_size as usize) {
        Ok(opened) => opened,
        Err(fault) => return Ok(Err(fault.to_string())),
    };
    let book = state.book()?;
    if opened.head.criteria != round.setting.criteria {
        return Ok(Err("criteria of the head differ".to_owned()));
    }
    Ok(read_blocks(
        &book,
        instance,
        line,
        &round.setting.bidders,
        &opened.blocks,
    ))
}

/// Reads the opened blocks as a sheet and checks it against the rulebook.
pub fn read_blocks(
    book: &rules::Rulebook,
    instance: &str,
    line: &CodeName,
    bidders: &[BidderId],
    blocks: &[sheet::Block],
) -> Result<Sheet, String> {
    let mut read: Vec<BidBlock> = Vec::with_capacity(blocks.len());
    for block in blocks {
        let parsed: BidBlock = record::strict::from_slice(&block.bytes).map_err(|e| e.to_string())?;
        if parsed.bidder.as_str() != block.bidder {
            return Err("a block names another bidder".to_owned());
        }
        read.push(parsed);
    }
    let stage = StageId::new(instance).map_err(|e| e.to_string())?;
    let line = Line::new(line.as_str()).map_err(|e| e.to_string())?;
    let sheet = Sheet {
        stage: stage.clone(),
        line,
        blocks: read,
    };
    let bidders: Result<Vec<rules::BidderId>, _> =
        bidders.iter().map(|b| rules::BidderId::new(b.as_str())).collect();
    let bidders = bidders.map_err(|e| e.to_string())?;
    match rules::validate_sheet(book, &stage, &bidders, &sheet).first() {
        None => Ok(sheet),
        Some(problem) => Err(problem.text().en.clone()),
    }
}

/// Whether a sheet fails this bidder on this criterion.
pub(crate) fn is_fail(sheet: &Sheet, bidder: &BidderId, criterion: &CriterionId) -> bool {
    sheet
        .blocks
        .iter()
        .filter(|block| block.bidder.as_str() == bidder.as_str())
        .any(|block| {
            block
                .cells
                .iter()
                .any(|cell| cell.criterion == *criterion && matches!(cell.cell, Cell::Fail { .. }))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(filled: Option<serde_json::Value>) -> Result<DraftSaved, serde_json::Error> {
        let mut value = serde_json::json!({
            "line": "松",
            "snapshot": { "digest": record::Digest([7; 32]).to_string(), "size": 131_141 },
            "number": 3,
        });
        if let Some(filled) = filled {
            value["filled"] = filled;
        }
        serde_json::from_value(value)
    }

    #[test]
    fn an_act_is_as_long_with_one_cell_as_with_all() {
        let length = |count| {
            let mut act = saved(None).expect("an act of before");
            act.filled = Some(FilledCells::new(count));
            serde_json::to_vec(&act).expect("JSON").len()
        };
        assert_eq!(length(0), length(1));
        assert_eq!(length(1), length(31 * 400));
        assert_eq!(
            length(1),
            length(usize::MAX),
            "what is beyond the field is cut off at its largest"
        );
    }

    #[test]
    fn acts_without_a_count_are_read_and_other_widths_refused() {
        assert_eq!(saved(None).expect("an act of before").filled, None);
        let counted = saved(Some("00042".into())).expect("five digits");
        assert_eq!(counted.filled.map(FilledCells::count), Some(42));
        for wrong in ["42", "000042", "+0042", "     ", "0004２"] {
            saved(Some(wrong.into())).expect_err(wrong);
        }
        saved(Some(42.into())).expect_err("a number");
    }
}
