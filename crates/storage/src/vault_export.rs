//! The bytes of a whole vault. All numbers big endian:
//!
//! ```text
//! "CnclvVt1" ‖ sequence u64
//! ‖ rows u64  ‖ per row, by key:       sequence u64 ‖ key length u32 ‖ key ‖ value length u32 ‖ value
//! ‖ items u64 ‖ per item, by position: position u64 ‖ 0 | 1 ‖ index u64 (0 while waiting) ‖ length u32 ‖ bytes
//! ‖ SHA-256 of all before
//! ```
//! One content has one form: reading re-encodes and compares.

use record::Digest;

use crate::outbox::{OutboxItem, OutboxState};
use crate::{StoreError, VaultRow};

const MAGIC: &[u8; 8] = b"CnclvVt1";

/// A vault's whole content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Export {
    pub(crate) sequence: u64,
    /// By key, each once.
    pub(crate) rows: Vec<VaultRow>,
    /// By position, each once.
    pub(crate) items: Vec<OutboxItem>,
}

impl Export {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        put_number(&mut bytes, self.sequence);
        put_number(&mut bytes, self.rows.len() as u64);
        for row in &self.rows {
            put_number(&mut bytes, row.sequence);
            put_bytes(&mut bytes, row.key.as_bytes());
            put_bytes(&mut bytes, &row.value);
        }
        put_number(&mut bytes, self.items.len() as u64);
        for item in &self.items {
            put_number(&mut bytes, item.position);
            let (state, index) = match item.state {
                OutboxState::Waiting => (0, 0),
                OutboxState::Acknowledged { index } => (1, index),
            };
            bytes.push(state);
            put_number(&mut bytes, index);
            put_bytes(&mut bytes, &item.bytes);
        }
        let digest = Digest::of(&bytes);
        bytes.extend_from_slice(&digest.0);
        bytes
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = || StoreError::damaged("vault export");
        let (content, digest) = bytes.split_last_chunk::<32>().ok_or_else(damaged)?;
        if Digest::of(content).0 != *digest {
            return Err(damaged());
        }
        let export = parse(content).ok_or_else(damaged)?;
        if !export.is_ordered() || export.to_bytes() != bytes {
            return Err(damaged());
        }
        Ok(export)
    }

    fn is_ordered(&self) -> bool {
        let rows = self.rows.is_sorted_by(|a, b| a.key < b.key);
        let items = self.items.is_sorted_by(|a, b| a.position < b.position);
        let numbers = self.rows.iter().map(|row| row.sequence);
        let numbers = numbers.chain(self.items.iter().map(|item| item.position));
        rows && items && numbers.max().is_none_or(|greatest| greatest <= self.sequence)
    }
}

fn put_number(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_be_bytes());
}

fn put_bytes(bytes: &mut Vec<u8>, part: &[u8]) {
    // Values are bounded by MAX_VALUE when they are stored.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(part);
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_be_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(u32::from_be_bytes(self.take()?)).ok()?;
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }
}

fn parse(content: &[u8]) -> Option<Export> {
    let mut reader = Reader(content.strip_prefix(MAGIC)?);
    let sequence = reader.number()?;
    let mut rows = Vec::new();
    for _ in 0..reader.number()? {
        rows.push(VaultRow {
            sequence: reader.number()?,
            key: String::from_utf8(reader.bytes()?.to_vec()).ok()?,
            value: reader.bytes()?.to_vec(),
        });
    }
    let mut items = Vec::new();
    for _ in 0..reader.number()? {
        items.push(parse_item(&mut reader)?);
    }
    reader.0.is_empty().then_some(Export {
        sequence,
        rows,
        items,
    })
}

fn parse_item(reader: &mut Reader<'_>) -> Option<OutboxItem> {
    let position = reader.number()?;
    let [state] = reader.take()?;
    let index = reader.number()?;
    let state = match state {
        0 => OutboxState::Waiting,
        1 => OutboxState::Acknowledged { index },
        _ => return None,
    };
    Some(OutboxItem {
        position,
        state,
        bytes: reader.bytes()?.to_vec(),
    })
}
