//! Drafts of an expert's sheets: in the vault at once, at the centre in constant-size snapshots at a fixed cadence
//! (protocol 4, Drafts).

mod cadence;
mod pen;

pub use cadence::{Cadence, DEFAULT_CADENCE};
pub use pen::Pen;

use crate::author::Draft;
use crate::desk::{Desk, Sent};
use crate::error::ClientError;
use evaluation::acts::sheets::{DraftSaved, FilledCells};
use evaluation::{BidderId, CodeName, State};
use record::{Entry, Leaf};
use rules::{BidBlock, Cell, SheetCell};
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};
use sealing::{Random, hpke};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::{Change, Vault};

/// Least size of the padded plaintext of a snapshot, bytes; every larger one is a multiple of half of it.
pub const LEAST_SNAPSHOT: usize = 128 * 1024;
/// What stands around the plaintext in a snapshot blob: count, encapsulated key, tag.
const AROUND: usize = 4 + 65 + hpke::TAG;

const FORMAT: &str = "conclave.drafts/3";
const PREFIX: &str = "draft/";
const NUMBER: &str = "draft-number";
const SENT: &str = "draft-sent";

/// What a snapshot holds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    format: String,
    number: u64,
    rows: BTreeMap<String, DraftCell>,
}

/// Size of the padded plaintext of every snapshot, bytes: room for the largest drafts of all rounds defined so far.
/// Whoever reads the record can say it, so it tells nothing of what anybody wrote.
pub fn snapshot_size(state: &State) -> usize {
    let frame = r#"{"format":"conclave.drafts/3","number":18446744073709551615,"rows":{}}"#.len() + 4;
    let rounds = state.rounds().iter().map(|(instance, round)| {
        let setting = &round.setting;
        let keys = setting
            .criteria
            .iter()
            .map(|criterion| PREFIX.len() + instance.len() + criterion.len() + r#""//":,"#.len())
            .sum::<usize>();
        let bidders = setting.bidders.len();
        setting.sheet_size as usize + bidders * (keys + rules::MAX_BIDDER_BYTES * setting.criteria.len())
    });
    let largest = frame + rounds.sum::<usize>();
    largest.next_multiple_of(LEAST_SNAPSHOT / 2).max(LEAST_SNAPSHOT)
}

fn row(instance: &str, bidder: &BidderId, criterion: &str) -> String {
    format!("{PREFIX}{instance}/{bidder}/{criterion}")
}

/// A cell as written so far: a reason may stand before its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftCell {
    /// `pass`, `fail`, a decimal, or nothing yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
}

impl DraftCell {
    /// The draft of a decided cell.
    pub fn of(cell: &Cell) -> Self {
        let (value, reason) = match cell {
            Cell::Pass => ("pass".to_owned(), String::new()),
            Cell::Fail { reason } => ("fail".to_owned(), reason.clone()),
            Cell::Score { value, reason } => (value.to_string(), reason.clone()),
        };
        Self {
            value: Some(value),
            reason,
        }
    }

    /// The decision, if there is one that can be read as such.
    pub fn decided(&self) -> Option<Cell> {
        let reason = self.reason.clone();
        match self.value.as_deref()? {
            "pass" => Some(Cell::Pass),
            "fail" => Some(Cell::Fail { reason }),
            value => Some(Cell::Score {
                value: value.parse().ok()?,
                reason,
            }),
        }
    }
}

/// Longest value of a cell, bytes: what a decided cell may take in a sheet.
const MAX_VALUE: usize = rules::MAX_DECIMAL_BYTES;

/// Writes one decided cell; durable when it returns.
///
/// # Errors
/// As [`put_draft`].
pub fn put(
    vault: &mut Vault,
    instance: &str,
    bidder: &BidderId,
    cell: &SheetCell,
    reason_max_bytes: u32,
) -> Result<(), ClientError> {
    let draft = DraftCell::of(&cell.cell);
    put_draft(
        vault,
        instance,
        bidder,
        cell.criterion.as_str(),
        &draft,
        reason_max_bytes,
    )
}

/// Writes one cell as it stands; durable when it returns. A reason beyond the rulebook's limit is refused while it is
/// typed: with it the drafts might outgrow their snapshot, and a snapshot that does not come tells of it. A cell with
/// nothing in it is forgotten.
///
/// # Errors
/// [`ClientError::Check`] for such a reason; the vault.
pub fn put_draft(
    vault: &mut Vault,
    instance: &str,
    bidder: &BidderId,
    criterion: &str,
    cell: &DraftCell,
    reason_max_bytes: u32,
) -> Result<(), ClientError> {
    check_draft(cell, reason_max_bytes)?;
    vault.apply(&[written(row(instance, bidder, criterion), cell)?])?;
    Ok(())
}

/// What may stand in a cell at all.
fn check_draft(cell: &DraftCell, reason_max_bytes: u32) -> Result<(), ClientError> {
    let control = |c: char| c.is_control() && c != '\n' && c != '\t';
    if cell.reason.len() > reason_max_bytes as usize || cell.reason.contains(control) {
        return Err(ClientError::check(
            format!("理由最多 {reason_max_bytes} 字节，且不含控制字符"),
            format!("a reason has at most {reason_max_bytes} bytes and no control characters"),
        ));
    }
    if cell.value.as_ref().is_some_and(|value| value.len() > MAX_VALUE) {
        return Err(ClientError::check(
            format!("分值最多 {MAX_VALUE} 字节"),
            format!("a value has at most {MAX_VALUE} bytes"),
        ));
    }
    Ok(())
}

/// The change that writes a cell.
fn written(key: String, cell: &DraftCell) -> Result<Change, ClientError> {
    if *cell == DraftCell::default() {
        return Ok(Change::Remove { key });
    }
    let value = serde_json::to_vec(cell).map_err(|e| ClientError::Format(e.to_string()))?;
    Ok(Change::Put { key, value })
}

/// Where cells are read: a vault, or a vault with what is not written into it yet.
pub trait Cells {
    /// A cell as it stands; empty where nothing was written.
    ///
    /// # Errors
    /// A damaged vault.
    fn cell(&self, instance: &str, bidder: &BidderId, criterion: &str) -> Result<DraftCell, ClientError>;
}

impl Cells for Vault {
    fn cell(&self, instance: &str, bidder: &BidderId, criterion: &str) -> Result<DraftCell, ClientError> {
        draft(self, instance, bidder, criterion)
    }
}

/// A cell as it stands; empty where nothing was written.
///
/// # Errors
/// A damaged vault.
pub fn draft(
    vault: &Vault,
    instance: &str,
    bidder: &BidderId,
    criterion: &str,
) -> Result<DraftCell, ClientError> {
    match vault.get(&row(instance, bidder, criterion))? {
        None => Ok(DraftCell::default()),
        Some(bytes) => serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string())),
    }
}

/// The block of one bid as drafted, in the order of `criteria`; cells not yet filled are missing.
///
/// # Errors
/// A damaged vault.
pub fn block(
    vault: &Vault,
    instance: &str,
    bidder: &BidderId,
    criteria: &[String],
) -> Result<BidBlock, ClientError> {
    let mut cells = Vec::new();
    for criterion in criteria {
        if let Some(cell) = draft(vault, instance, bidder, criterion)?.decided() {
            let criterion = rules::CriterionId::new(criterion.as_str())
                .map_err(|e| ClientError::Format(e.to_string()))?;
            cells.push(SheetCell { criterion, cell });
        }
    }
    let bidder = rules::BidderId::new(bidder.as_str()).map_err(|e| ClientError::Format(e.to_string()))?;
    Ok(BidBlock { bidder, cells })
}

/// Makes the next snapshot: filled-cell count in the open, everything else encrypted to the expert's vault key.
/// `size` is that of [`snapshot_size`].
///
/// # Errors
/// The vault; more drafts than a snapshot holds.
pub fn snapshot(
    vault: &mut Vault,
    size: usize,
    vault_key: &[u8; 65],
    random: &mut dyn Random,
) -> Result<(u64, Vec<u8>), ClientError> {
    let number = next_number(vault)?;
    let mut rows = BTreeMap::new();
    for row in vault.list(PREFIX)? {
        if let Some(value) = vault.get(&row.key)? {
            let cell: DraftCell =
                serde_json::from_slice(&value).map_err(|e| ClientError::Format(e.to_string()))?;
            rows.insert(row.key, cell);
        }
    }
    let filled = rows.values().filter(|cell| cell.value.is_some()).count();
    let count = u32::try_from(filled).unwrap_or(u32::MAX);
    let content = Rows {
        format: FORMAT.to_owned(),
        number,
        rows,
    };
    let json = serde_json::to_vec(&content).map_err(|e| ClientError::Format(e.to_string()))?;
    if json.len() + 4 > size {
        return Err(ClientError::check(
            "草稿超出备份的大小",
            "the drafts are larger than a snapshot",
        ));
    }
    let length = u32::try_from(json.len()).map_err(|e| ClientError::Format(e.to_string()))?;
    let mut plain = length.to_be_bytes().to_vec();
    plain.extend_from_slice(&json);
    plain.resize(size, 0);
    let sealed = hpke::seal(vault_key, &info(number), b"", &plain, random)
        .map_err(|e| ClientError::Format(e.to_string()))?;
    Ok((number, [&count.to_be_bytes()[..], &sealed.to_bytes()].concat()))
}

fn info(number: u64) -> Vec<u8> {
    [b"conclave/drafts/v1\0".as_slice(), &number.to_be_bytes()].concat()
}

fn next_number(vault: &mut Vault) -> Result<u64, ClientError> {
    let last = vault
        .get(NUMBER)?
        .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
        .map_or(0, u64::from_be_bytes);
    vault.put(NUMBER, &(last + 1).to_be_bytes())?;
    Ok(last + 1)
}

/// Makes a snapshot, keeps it at the centre and says so in an act, out of turn.
///
/// # Errors
/// As [`Desk::act`].
pub fn save(
    desk: &mut Desk,
    line: &CodeName,
    instance: &str,
    vault_key: &[u8; 65],
) -> Result<Sent, ClientError> {
    let saved = upload(desk, line, instance, vault_key)?;
    announce(desk, instance, &saved)
}

/// Makes a snapshot and keeps it at the centre.
fn upload(
    desk: &mut Desk,
    line: &CodeName,
    instance: &str,
    vault_key: &[u8; 65],
) -> Result<DraftSaved, ClientError> {
    let filled = FilledCells::new(desk.vault.list(&format!("{PREFIX}{instance}/"))?.len());
    let size = snapshot_size(desk.replica.state());
    let (number, bytes) = snapshot(&mut desk.vault, size, vault_key, &mut *desk.random)?;
    let base = sequence_of(&desk.vault, NUMBER);
    let snapshot = desk.blob(&bytes)?;
    desk.vault.put(SENT, &base.to_be_bytes())?;
    Ok(DraftSaved {
        line: line.clone(),
        snapshot,
        number,
        filled: Some(filled),
    })
}

/// Sequence of the change that wrote a row; 0 where there is none.
fn sequence_of(vault: &Vault, key: &str) -> u64 {
    let rows = vault.list(key).unwrap_or_default();
    rows.iter()
        .find(|row| row.key == key)
        .map_or(0, |row| row.sequence)
}

/// Cells written since the last snapshot left this PC; a damaged vault counts none and is told elsewhere.
pub fn unsaved(vault: &Vault) -> u32 {
    let sent = vault.get(SENT).ok().flatten();
    let base = sent
        .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok())
        .map_or(0, u64::from_be_bytes);
    let rows = vault.list(PREFIX).unwrap_or_default();
    let newer = rows.iter().filter(|row| row.sequence > base).count();
    u32::try_from(newer).unwrap_or(u32::MAX)
}

fn announce(desk: &mut Desk, instance: &str, payload: &DraftSaved) -> Result<Sent, ClientError> {
    desk.act(Draft {
        kind: "draft.saved",
        instance,
        payload,
        attachments: Vec::new(),
        personal: None,
    })
}

/// What a replacement PC found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Number of the snapshot.
    pub number: u64,
    /// Centre time at which it was kept: what was typed since is lost with the old disk.
    pub kept_at: u64,
    /// Cells restored.
    pub cells: usize,
}

/// Restores the newest snapshot of a line that a cosigned checkpoint covers; an older one is refused.
///
/// # Errors
/// [`ClientError::Check`] when the centre offers less than it has acknowledged; wrong PIN.
pub fn restore(
    desk: &mut Desk,
    line: &CodeName,
    vault_key: &KeyFileProvider,
    pin: &Pin,
) -> Result<Option<Restored>, ClientError> {
    let cosigned = desk.replica.cosigned_size();
    let mut newest: Option<(u64, u64, DraftSaved)> = None;
    for entry in desk
        .replica
        .entries()
        .iter()
        .filter(|entry| entry.index < cosigned)
    {
        let Some(saved) = draft_of(entry).filter(|saved| saved.line == *line) else {
            continue;
        };
        if newest
            .as_ref()
            .is_none_or(|(_, _, known)| saved.number > known.number)
        {
            newest = Some((entry.index, entry.time, saved));
        }
    }
    let Some((_, kept_at, saved)) = newest else {
        return Ok(None);
    };
    let bytes = desk
        .link
        .blob_get(&desk.replica.origin(), &saved.snapshot.digest)?;
    if bytes.len() <= AROUND || record::Digest::of(&bytes) != saved.snapshot.digest {
        return Err(ClientError::check(
            "收到的备份不是记录中最新的一份",
            "the snapshot offered is not the newest one in the record",
        ));
    }
    let sealed =
        hpke::Sealed::from_bytes(&bytes[4..]).ok_or_else(|| ClientError::Format("snapshot".to_owned()))?;
    let shared = vault_key.agree(pin, &sealed.enc)?;
    let plain = hpke::open_with_shared(
        &shared,
        &vault_key.public_key(),
        &sealed.enc,
        &info(saved.number),
        b"",
        &sealed.ct,
    )
    .map_err(|e| ClientError::check(format!("备份：{e}"), format!("snapshot: {e}")))?;
    let rows = read_rows(&plain)?;
    if rows.number != saved.number {
        return Err(ClientError::check(
            "备份的编号与其行为不一致",
            "the snapshot has another number than its act",
        ));
    }
    let cells = rows.rows.len();
    let mut changes = Vec::new();
    for (key, cell) in rows.rows {
        let value = serde_json::to_vec(&cell).map_err(|e| ClientError::Format(e.to_string()))?;
        changes.push(Change::Put { key, value });
    }
    changes.push(Change::Put {
        key: NUMBER.to_owned(),
        value: saved.number.to_be_bytes().to_vec(),
    });
    desk.vault.apply(&changes)?;
    Ok(Some(Restored {
        number: saved.number,
        kept_at,
        cells,
    }))
}

fn draft_of(entry: &Entry) -> Option<DraftSaved> {
    let Leaf::Header { header, .. } = &entry.leaf else {
        return None;
    };
    let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
    (header.kind == "draft.saved")
        .then(|| serde_json::from_value(body.core.payload).ok())
        .flatten()
}

fn read_rows(plain: &[u8]) -> Result<Rows, ClientError> {
    let format = || ClientError::Format("snapshot".to_owned());
    let (length, rest) = plain.split_first_chunk::<4>().ok_or_else(format)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| format())?;
    let json = rest.get(..length).ok_or_else(format)?;
    serde_json::from_slice(json).map_err(|e| ClientError::Format(e.to_string()))
}
