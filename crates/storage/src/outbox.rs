//! The ordered queue of what a client still has to get acknowledged by the centre. An acknowledged item stays until
//! its evaluation is archived: a restored centre asks for it again (protocol.md 2, Restore).

use rusqlite::{Connection, Transaction};

use crate::StoreError;
use crate::at_rest::{Place, Sealer};
use crate::database::{from_sql, to_sql};
use crate::vault::{Change, Vault, next_sequence, pad, unpad};

/// Most items that may wait at a time: days offline at an act a minute.
pub const OUTBOX_BOUND: u64 = 16_384;

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxState {
    /// The centre has not acknowledged it.
    Waiting,
    /// It stands in the record.
    Acknowledged {
        /// Its index there.
        index: u64,
    },
}

/// An item of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxItem {
    /// Its place: the vault's sequence number of the enqueueing; the queue's order.
    pub position: u64,
    /// How far it is.
    pub state: OutboxState,
    /// What is to be sent.
    pub bytes: Vec<u8>,
}

/// The queue inside a [`Vault`]; what it says it did is durable.
pub struct Outbox<'v> {
    pub(crate) vault: &'v mut Vault,
}

impl Outbox<'_> {
    /// Puts an item at the end; returns its position. Together with other changes: [`Vault::apply`].
    ///
    /// # Errors
    /// `OutboxFull`, `TooLarge`, `Full`, `Io`.
    pub fn enqueue(&mut self, item: &[u8]) -> Result<u64, StoreError> {
        self.vault.apply_one(Change::Enqueue { item: item.to_vec() })
    }

    /// Up to `limit` waiting items, first in first.
    ///
    /// # Errors
    /// `Damaged`, naming the item; `Io`.
    pub fn waiting(&self, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        let database = &self.vault.database;
        let sql = "SELECT position, acknowledged, sealed FROM outbox
                   WHERE acknowledged IS NULL AND position >= ?1 ORDER BY position LIMIT ?2";
        select(&database.connection, &database.sealer, sql, 0, limit)
    }

    /// Up to `limit` items, acknowledged ones too, from `position` on.
    ///
    /// # Errors
    /// `Damaged`, naming the item; `Io`.
    pub fn items(&self, position: u64, limit: u32) -> Result<Vec<OutboxItem>, StoreError> {
        items(
            &self.vault.database.connection,
            &self.vault.database.sealer,
            position,
            limit,
        )
    }

    /// How far the item at `position` is; `None` if there is none.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    pub fn state(&self, position: u64) -> Result<Option<OutboxState>, StoreError> {
        Ok(self
            .items(position, 1)?
            .first()
            .filter(|item| item.position == position)
            .map(|item| item.state))
    }

    /// Number of waiting items.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    pub fn waiting_count(&self) -> Result<u64, StoreError> {
        waiting_count(&self.vault.database.connection)
    }

    /// Marks the item at `position` as standing in the record at `index`. The same again is no error.
    ///
    /// # Errors
    /// `Missing`; `Acknowledged` if it was acknowledged with another index; `Damaged`, `Full`, `Io`.
    pub fn acknowledge(&mut self, position: u64, index: u64) -> Result<(), StoreError> {
        self.vault.database.write(|transaction, sealer| {
            let item = items(transaction, sealer, position, 1)?
                .pop()
                .filter(|item| item.position == position)
                .ok_or_else(|| StoreError::Missing {
                    what: format!("outbox item {position}"),
                })?;
            match item.state {
                OutboxState::Acknowledged { index: first } if first == index => Ok(()),
                OutboxState::Acknowledged { index } => Err(StoreError::Acknowledged { index }),
                OutboxState::Waiting => {
                    next_sequence(transaction)?;
                    let state = OutboxState::Acknowledged { index };
                    insert(transaction, sealer, &OutboxItem { state, ..item })
                }
            }
        })
    }

    /// Puts an acknowledged item back among those that wait, at its old position: the record has lost it. A waiting
    /// one stays as it is.
    ///
    /// # Errors
    /// `Missing`, `OutboxFull`, `Damaged`, `Full`, `Io`.
    pub fn requeue(&mut self, position: u64) -> Result<(), StoreError> {
        self.vault.database.write(|transaction, sealer| {
            let item = items(transaction, sealer, position, 1)?
                .pop()
                .filter(|item| item.position == position)
                .ok_or_else(|| StoreError::Missing {
                    what: format!("outbox item {position}"),
                })?;
            if item.state == OutboxState::Waiting {
                return Ok(());
            }
            check_room(transaction, 1)?;
            next_sequence(transaction)?;
            let state = OutboxState::Waiting;
            insert(transaction, sealer, &OutboxItem { state, ..item })
        })
    }

    /// Forgets acknowledged items up to and including `position`; waiting ones stay. Returns how many went.
    ///
    /// # Errors
    /// `Full`, `Io`.
    pub fn forget_acknowledged(&mut self, position: u64) -> Result<u64, StoreError> {
        let position = to_sql(position)?;
        self.vault.database.write(|transaction, _| {
            next_sequence(transaction)?;
            let rows = transaction.execute(
                "DELETE FROM outbox WHERE position <= ?1 AND acknowledged IS NOT NULL",
                [position],
            )?;
            Ok(rows as u64)
        })
    }
}

/// Refuses what would take the waiting items over the bound.
pub(crate) fn check_room(connection: &Connection, added: u64) -> Result<(), StoreError> {
    if added > 0 && waiting_count(connection)?.saturating_add(added) > OUTBOX_BOUND {
        return Err(StoreError::OutboxFull { limit: OUTBOX_BOUND });
    }
    Ok(())
}

pub(crate) fn waiting_count(connection: &Connection) -> Result<u64, StoreError> {
    let count: i64 = connection
        .prepare_cached("SELECT count(*) FROM outbox WHERE acknowledged IS NULL")?
        .query_row([], |row| row.get(0))?;
    from_sql(count, || "outbox".to_owned())
}

/// Writes an item, in place of an earlier state of it.
pub(crate) fn insert(
    transaction: &Transaction<'_>,
    sealer: &Sealer,
    item: &OutboxItem,
) -> Result<(), StoreError> {
    let row = item.position.to_string();
    let sealed = sealer.seal(&place(&row, &bound(item.state)), &pad(&item.bytes))?;
    let acknowledged = match item.state {
        OutboxState::Waiting => None,
        OutboxState::Acknowledged { index } => Some(to_sql(index)?),
    };
    transaction
        .prepare_cached(
            "INSERT INTO outbox (position, acknowledged, sealed) VALUES (?1, ?2, ?3) ON CONFLICT (position)
             DO UPDATE SET acknowledged = excluded.acknowledged, sealed = excluded.sealed",
        )?
        .execute((to_sql(item.position)?, acknowledged, sealed))?;
    Ok(())
}

pub(crate) fn items(
    connection: &Connection,
    sealer: &Sealer,
    position: u64,
    limit: u32,
) -> Result<Vec<OutboxItem>, StoreError> {
    let sql = "SELECT position, acknowledged, sealed FROM outbox
               WHERE position >= ?1 ORDER BY position LIMIT ?2";
    select(connection, sealer, sql, to_sql(position)?, limit)
}

fn select(
    connection: &Connection,
    sealer: &Sealer,
    sql: &str,
    first: i64,
    limit: u32,
) -> Result<Vec<OutboxItem>, StoreError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((first, limit))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let position: i64 = row.get(0)?;
        let name = || format!("outbox item {position}");
        let state = match row.get::<_, Option<i64>>(1)? {
            None => OutboxState::Waiting,
            Some(index) => OutboxState::Acknowledged {
                index: from_sql(index, name)?,
            },
        };
        let text = position.to_string();
        let padded = sealer.open_value(&place(&text, &bound(state)), &row.get::<_, Vec<u8>>(2)?)?;
        found.push(OutboxItem {
            position: from_sql(position, name)?,
            state,
            bytes: unpad(padded).ok_or_else(|| StoreError::Damaged { row: name() })?,
        });
    }
    Ok(found)
}

/// The state an item is sealed with, so that it can't be changed from outside.
fn bound(state: OutboxState) -> Vec<u8> {
    match state {
        OutboxState::Waiting => vec![0],
        OutboxState::Acknowledged { index } => [&[1u8][..], &index.to_be_bytes()].concat(),
    }
}

fn place<'a>(row: &'a str, bound: &'a [u8]) -> Place<'a> {
    Place {
        table: "outbox item",
        row,
        field: "bytes",
        bound,
    }
}
