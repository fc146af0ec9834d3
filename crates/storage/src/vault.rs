//! A client's vault: rows under text keys, encrypted under a data key that the token unwraps (protocol.md 3), and the
//! [`Outbox`] towards the centre. Everything is durable when the call returns.
//!
//! Each change takes the next **sequence** number, and a row is bound to its key and sequence. Values are padded
//! before they are sealed, so that a stolen disk does not tell a score by its length; keys of rows are in clear.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Transaction};

use crate::at_rest::{Place, Sealer};
use crate::database::{Database, Kind, from_sql, place_backup, to_sql};
use crate::outbox::{self, Outbox};
use crate::vault_export::Export;
use crate::{AtRestKey, KEY_LEN, StoreError};

/// Bound of one value or queue item, in bytes.
pub const MAX_VALUE: usize = 16 * 1024 * 1024;
/// Bound of a row's key, in bytes.
const MAX_KEY: usize = 1024;
/// Values are padded to a multiple of this many bytes.
const PADDING: usize = 256;

static KIND: Kind = Kind {
    name: "vault",
    application_id: 0x436f_7656, // "CovV"
    version: 1,
    schema: "
        CREATE TABLE counter (
            only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
            sequence INTEGER NOT NULL CHECK (sequence >= 0)
        ) STRICT;
        INSERT INTO counter (only_row, sequence) VALUES (1, 0);
        CREATE TABLE value (
            key TEXT PRIMARY KEY,
            sequence INTEGER NOT NULL UNIQUE,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE TABLE outbox (
            position INTEGER PRIMARY KEY,
            acknowledged INTEGER,
            sealed BLOB NOT NULL
        ) STRICT;
        CREATE INDEX outbox_waiting ON outbox (position) WHERE acknowledged IS NULL;",
    before_commit: "vault.before_commit",
    after_commit: "vault.after_commit",
};

/// One change; several are made at once or not at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Keeps `value` under `key`, in place of what was there.
    Put {
        /// The row's key, at most 1 KiB.
        key: String,
        /// At most [`MAX_VALUE`] bytes.
        value: Vec<u8>,
    },
    /// Removes the row, if there is one.
    Remove {
        /// The row's key.
        key: String,
    },
    /// Puts an item at the end of the outbox; its position is the sequence it gets.
    Enqueue {
        /// At most [`MAX_VALUE`] bytes.
        item: Vec<u8>,
    },
}

/// A row of the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VaultRow {
    /// Its key.
    pub key: String,
    /// The sequence number of the put that wrote it.
    pub sequence: u64,
    /// Its value.
    pub value: Vec<u8>,
}

/// The encrypted rows and the outbox of one client, in an SQLite file.
pub struct Vault {
    pub(crate) database: Database,
}

impl Vault {
    /// Opens the file at `path` with its data key, or makes it.
    ///
    /// # Errors
    /// `WrongKey`, `TooNew`, `Damaged`, `Busy`, `Full`, `Io`.
    pub fn open(path: &Path, data_key: &[u8; KEY_LEN]) -> Result<Self, StoreError> {
        let key = AtRestKey::from_bytes(*data_key);
        let vault = Self {
            database: Database::open(path, &key, &KIND)?,
        };
        let used: Option<i64> = vault.database.connection.query_row(
            "SELECT max(used) FROM (SELECT max(sequence) AS used FROM value
             UNION ALL SELECT max(position) FROM outbox)",
            [],
            |row| row.get(0),
        )?;
        match used {
            Some(used) if used > to_sql(vault.sequence()?)? => {
                Err(StoreError::damaged("vault counter (behind its rows)"))
            }
            _ => Ok(vault),
        }
    }

    /// The number of changes made so far, over the vault's life and those it was imported from.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    pub fn sequence(&self) -> Result<u64, StoreError> {
        sequence(&self.database.connection)
    }

    /// Opens the file again where an earlier `Io` left the outcome of a write unknown; else does nothing. What was
    /// committed is there, and writing may go on.
    ///
    /// # Errors
    /// `Io`, `Damaged`: it stays as it was.
    pub fn reopen(&mut self) -> Result<(), StoreError> {
        self.database.reopen()
    }

    /// Makes all changes in one durable step and returns the sequence number of each.
    ///
    /// # Errors
    /// `TooLarge`, `OutboxFull`; `Full`, `Io`. On any of them no change was made (`Io`: unknown, reopen).
    pub fn apply(&mut self, changes: &[Change]) -> Result<Vec<u64>, StoreError> {
        changes.iter().try_for_each(check_bounds)?;
        let added = changes
            .iter()
            .filter(|change| matches!(change, Change::Enqueue { .. }))
            .count();
        self.database.write(|transaction, sealer| {
            outbox::check_room(transaction, added as u64)?;
            changes
                .iter()
                .map(|change| make(transaction, sealer, change))
                .collect()
        })
    }

    /// Keeps one value; returns its sequence number.
    ///
    /// # Errors
    /// As [`Vault::apply`].
    pub fn put(&mut self, key: &str, value: &[u8]) -> Result<u64, StoreError> {
        self.apply_one(Change::Put {
            key: key.to_owned(),
            value: value.to_vec(),
        })
    }

    /// The value under `key`.
    ///
    /// # Errors
    /// `Damaged`, naming the row; `Io`.
    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let row: Option<(i64, Vec<u8>)> = self
            .database
            .connection
            .prepare_cached("SELECT sequence, sealed FROM value WHERE key = ?1")?
            .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        row.map(|(sequence, sealed)| open_row(&self.database.sealer, key, sequence, &sealed))
            .transpose()
            .map(|row| row.map(|row| row.value))
    }

    /// All rows whose key begins with `prefix`, by key.
    ///
    /// # Errors
    /// `Damaged`, naming the row; `Io`.
    pub fn list(&self, prefix: &str) -> Result<Vec<VaultRow>, StoreError> {
        list(&self.database.connection, &self.database.sealer, prefix)
    }

    /// Removes the row of `key`, if there is one; returns the change's sequence number.
    ///
    /// # Errors
    /// As [`Vault::apply`].
    pub fn remove(&mut self, key: &str) -> Result<u64, StoreError> {
        self.apply_one(Change::Remove { key: key.to_owned() })
    }

    /// Number of items of the outbox that wait to be acknowledged.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    pub fn waiting_count(&self) -> Result<u64, StoreError> {
        outbox::waiting_count(&self.database.connection)
    }

    /// The queue of what goes to the centre.
    pub fn outbox(&mut self) -> Outbox<'_> {
        Outbox { vault: self }
    }

    /// The whole vault **in clear**, for the caller to encrypt: rows and outbox in one order, so that two vaults of the
    /// same content and sequence give the same bytes (`vault_export.rs` tells the format).
    ///
    /// # Errors
    /// `Damaged`, naming the row; `Io`.
    pub fn export(&self) -> Result<Vec<u8>, StoreError> {
        let transaction = self.database.connection.unchecked_transaction()?;
        let sealer = &self.database.sealer;
        Ok(Export {
            sequence: sequence(&transaction)?,
            rows: list(&transaction, sealer, "")?,
            items: outbox::items(&transaction, sealer, 0, u32::MAX)?,
        }
        .to_bytes())
    }

    /// Replaces all that is in the vault by an export, sequence included.
    ///
    /// # Errors
    /// `Older` if the export's sequence is below this vault's; `Damaged` if the bytes are no export.
    pub fn import(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        let export = Export::from_bytes(bytes)?;
        self.database.write(|transaction, sealer| {
            let have = sequence(transaction)?;
            if export.sequence < have {
                return Err(StoreError::Older {
                    found: export.sequence,
                    have,
                });
            }
            transaction.execute_batch("DELETE FROM value; DELETE FROM outbox;")?;
            for row in &export.rows {
                insert(transaction, sealer, &row.key, row.sequence, &row.value)?;
            }
            for item in &export.items {
                outbox::insert(transaction, sealer, item)?;
            }
            set_sequence(transaction, export.sequence)
        })
    }

    /// Copies the vault, as of one moment, to the new file `path`; it opens with the same data key.
    ///
    /// # Errors
    /// `Exists`, `Full`, `Busy`, `Io`.
    pub fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        self.database.backup_to(path)
    }

    /// Puts a backup in the place of a lost vault and opens it.
    ///
    /// # Errors
    /// `Exists` if there is a file at `path`; as [`Vault::open`].
    pub fn restore(backup: &Path, path: &Path, data_key: &[u8; KEY_LEN]) -> Result<Self, StoreError> {
        place_backup(backup, path, |copy| {
            Self::open(copy, data_key)?.export().map(drop)
        })?;
        Self::open(path, data_key)
    }

    pub(crate) fn apply_one(&mut self, change: Change) -> Result<u64, StoreError> {
        let numbers = self.apply(&[change])?;
        numbers
            .first()
            .copied()
            .ok_or_else(|| StoreError::io("one change gave no number"))
    }
}

fn check_bounds(change: &Change) -> Result<(), StoreError> {
    let (key, value) = match change {
        Change::Put { key, value } => (key.as_str(), value.as_slice()),
        Change::Remove { key } => (key.as_str(), [].as_slice()),
        Change::Enqueue { item } => ("", item.as_slice()),
    };
    if key.len() > MAX_KEY {
        return Err(StoreError::TooLarge {
            what: "the key of a vault row",
            limit: MAX_KEY as u64,
        });
    }
    if value.len() > MAX_VALUE {
        return Err(StoreError::TooLarge {
            what: "the vault value",
            limit: MAX_VALUE as u64,
        });
    }
    Ok(())
}

fn make(transaction: &Transaction<'_>, sealer: &Sealer, change: &Change) -> Result<u64, StoreError> {
    let number = next_sequence(transaction)?;
    match change {
        Change::Put { key, value } => insert(transaction, sealer, key, number, value)?,
        Change::Remove { key } => {
            transaction
                .prepare_cached("DELETE FROM value WHERE key = ?1")?
                .execute([key])?;
        }
        Change::Enqueue { item } => outbox::insert(
            transaction,
            sealer,
            &outbox::OutboxItem {
                position: number,
                state: outbox::OutboxState::Waiting,
                bytes: item.clone(),
            },
        )?,
    }
    Ok(number)
}

/// Takes the next number; every change does, so that two exports of one sequence are equal.
pub(crate) fn next_sequence(transaction: &Transaction<'_>) -> Result<u64, StoreError> {
    let next = sequence(transaction)?.saturating_add(1);
    set_sequence(transaction, next)?;
    Ok(next)
}

fn sequence(connection: &Connection) -> Result<u64, StoreError> {
    let stored: Option<i64> = connection
        .prepare_cached("SELECT sequence FROM counter WHERE only_row = 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let damaged = || StoreError::damaged("vault counter");
    from_sql(stored.ok_or_else(damaged)?, || "vault counter".to_owned())
}

fn set_sequence(transaction: &Transaction<'_>, sequence: u64) -> Result<(), StoreError> {
    transaction
        .prepare_cached("UPDATE counter SET sequence = ?1 WHERE only_row = 1")?
        .execute([to_sql(sequence)?])?;
    Ok(())
}

fn insert(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    key: &str,
    sequence: u64,
    value: &[u8],
) -> Result<(), StoreError> {
    let sealed = sealer.seal(&row_place(key, &sequence.to_be_bytes()), &pad(value))?;
    transaction
        .prepare_cached(
            "INSERT INTO value (key, sequence, sealed) VALUES (?1, ?2, ?3) ON CONFLICT (key)
             DO UPDATE SET sequence = excluded.sequence, sealed = excluded.sealed",
        )?
        .execute((key, to_sql(sequence)?, sealed))?;
    Ok(())
}

fn list(connection: &Connection, sealer: &Sealer, prefix: &str) -> Result<Vec<VaultRow>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT key, sequence, sealed FROM value WHERE key >= ?1 ORDER BY key")?;
    let mut rows = statement.query([prefix])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let key: String = row.get(0)?;
        // Keys are in byte order, so those of a prefix stand together.
        if !key.starts_with(prefix) {
            break;
        }
        found.push(open_row(sealer, &key, row.get(1)?, &row.get::<_, Vec<u8>>(2)?)?);
    }
    Ok(found)
}

fn open_row(sealer: &Sealer, key: &str, sequence: i64, sealed: &[u8]) -> Result<VaultRow, StoreError> {
    let sequence = from_sql(sequence, || format!("vault row {key}"))?;
    let bound = sequence.to_be_bytes();
    let place = row_place(key, &bound);
    let value =
        unpad(sealer.open_value(&place, sealed)?).ok_or_else(|| StoreError::damaged(place.to_string()))?;
    Ok(VaultRow {
        key: key.to_owned(),
        sequence,
        value,
    })
}

fn row_place<'a>(key: &'a str, sequence: &'a [u8]) -> Place<'a> {
    Place {
        table: "vault row",
        row: key,
        field: "value",
        bound: sequence,
    }
}

/// length (4, big endian) ‖ value ‖ zeros, to a multiple of [`PADDING`].
pub(crate) fn pad(value: &[u8]) -> Vec<u8> {
    // Bounds were checked: MAX_VALUE fits four bytes.
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    let mut padded = length.to_be_bytes().to_vec();
    padded.extend_from_slice(value);
    padded.resize(padded.len().next_multiple_of(PADDING), 0);
    padded
}

pub(crate) fn unpad(mut padded: Vec<u8>) -> Option<Vec<u8>> {
    let length = u32::from_be_bytes(*padded.first_chunk::<4>()?);
    let end = usize::try_from(length).ok()?.checked_add(4)?;
    if end > padded.len() {
        return None;
    }
    padded.truncate(end);
    padded.drain(..4);
    Some(padded)
}
