//! The embedded record store: one SQLite file a record.
//!
//! Bodies, salts, openings and small values are sealed, each bound to its table, row and field. An act's clear
//! columns are bound to its sealed salt, so that a change to any of them is found when the act is read.

use std::path::Path;

use record::{ActId, Digest};
use rusqlite::OptionalExtension;

use crate::database::{Database, Kind, place_backup, to_sql};
use crate::record_store::{
    RecordStore, StoredAct, StoredCheckpoint, StoredCosignature, check_checkpoint, check_indices, check_meta,
};
use crate::sqlite_rows::{
    checkpoint, checkpoint_at, find, insert, latest_checkpoint, length, meta_place, read_acts, read_openings,
};
use crate::{AtRestKey, StoreError, faultpoint};

static KIND: Kind = Kind {
    name: "record",
    application_id: 0x436f_7652, // "CovR"
    version: 1,
    schema: "
        CREATE TABLE act (
            position INTEGER PRIMARY KEY CHECK (position >= 0),
            time INTEGER NOT NULL,
            header BLOB NOT NULL,
            commitment BLOB NOT NULL,
            signature BLOB NOT NULL,
            leaf_hash BLOB NOT NULL,
            act_id BLOB NOT NULL UNIQUE,
            salt BLOB NOT NULL,
            body BLOB
        ) STRICT;
        CREATE TABLE opening (
            position INTEGER NOT NULL REFERENCES act (position),
            name TEXT NOT NULL,
            salt BLOB NOT NULL,
            value BLOB NOT NULL,
            UNIQUE (position, name)
        ) STRICT;
        CREATE TABLE checkpoint (
            size INTEGER PRIMARY KEY CHECK (size >= 0),
            root BLOB NOT NULL,
            note TEXT NOT NULL
        ) STRICT;
        CREATE TABLE cosignature (
            size INTEGER NOT NULL REFERENCES checkpoint (size),
            witness TEXT NOT NULL,
            line TEXT NOT NULL,
            UNIQUE (size, witness)
        ) STRICT;
        CREATE TABLE meta (
            key TEXT PRIMARY KEY,
            value BLOB NOT NULL
        ) STRICT;",
    before_commit: "store.before_commit",
    after_commit: "store.after_commit",
};

/// The record of one evaluation, or the register, in an SQLite file.
pub struct SqliteRecordStore {
    database: Database,
}

impl SqliteRecordStore {
    /// Opens the file at `path`, or makes it.
    ///
    /// # Errors
    /// `WrongKey`, `TooNew`, `Damaged` (also when a checkpoint covers acts that are not there), `Busy`, `Full`, `Io`.
    pub fn open(path: &Path, key: &AtRestKey) -> Result<Self, StoreError> {
        let store = Self {
            database: Database::open(path, key, &KIND)?,
        };
        let len = store.len()?;
        match store.latest_checkpoint()? {
            Some(newest) if newest.size > len => Err(StoreError::damaged(format!(
                "act {len} (missing; the newest checkpoint covers {})",
                newest.size
            ))),
            _ => Ok(store),
        }
    }

    /// Copies the store, as of one moment, to the new file `path`. Other handles' appends go on meanwhile.
    ///
    /// # Errors
    /// `Exists`, `Full`, `Busy`, `Io`.
    pub fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        self.database.backup_to(path)
    }

    /// Puts the backup file in the place of a lost store and opens it. Acts after the backup are missing; the centre
    /// stays read-only until they are rebuilt (protocol.md 2, Restore).
    ///
    /// # Errors
    /// `Exists` if there is a file at `path`; as [`SqliteRecordStore::open`].
    pub fn restore(backup: &Path, path: &Path, key: &AtRestKey) -> Result<Self, StoreError> {
        place_backup(backup, path, |copy| Self::open(copy, key)?.check())?;
        Self::open(path, key)
    }

    /// Reads every row and SQLite's own structure.
    ///
    /// # Errors
    /// `Damaged`, naming the first row that is.
    pub fn check(&self) -> Result<(), StoreError> {
        const STEP: u32 = 256;
        let text: String = self
            .database
            .connection
            .query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if text != "ok" {
            return Err(StoreError::damaged(format!("file ({text})")));
        }
        let len = self.len()?;
        let mut from = 0;
        while from < len {
            from += self.read(from, STEP)?.len() as u64;
        }
        Ok(())
    }
}

impl RecordStore for SqliteRecordStore {
    fn append(&mut self, expected_len: u64, batch: &[StoredAct]) -> Result<(), StoreError> {
        check_indices(expected_len, batch)?;
        self.database.write(|transaction, sealer| {
            let len = length(transaction)?;
            if len != expected_len {
                return Err(StoreError::Conflict { len });
            }
            batch.iter().try_for_each(|act| insert(transaction, sealer, act))
        })
    }

    fn len(&self) -> Result<u64, StoreError> {
        length(&self.database.connection)
    }

    fn read(&self, from: u64, limit: u32) -> Result<Vec<StoredAct>, StoreError> {
        // One read transaction: acts and openings of the same moment.
        let transaction = self.database.connection.unchecked_transaction()?;
        let len = length(&transaction)?;
        let until = from.saturating_add(u64::from(limit)).min(len);
        if from >= until {
            return Ok(Vec::new());
        }
        let sealer = &self.database.sealer;
        let mut acts = read_acts(&transaction, sealer, from, until)?;
        read_openings(&transaction, sealer, from, until, &mut acts)?;
        Ok(acts)
    }

    fn find_act(&self, act_id: &ActId) -> Result<Option<u64>, StoreError> {
        find(&self.database.connection, act_id)
    }

    fn erase_opening(&mut self, index: u64, name: &str) -> Result<bool, StoreError> {
        let position = to_sql(index)?;
        let erased = self.database.write(|transaction, _| {
            let rows = transaction.execute(
                "DELETE FROM opening WHERE position = ?1 AND name = ?2",
                (position, name),
            )?;
            Ok(rows > 0)
        })?;
        if erased {
            self.database.empty_log()?;
        }
        Ok(erased)
    }

    fn put_checkpoint(&mut self, size: u64, root: &Digest, note: &str) -> Result<(), StoreError> {
        self.database.write(|transaction, _| {
            let stored = checkpoint_at(transaction, size)?.map(|stored| stored.root);
            let newest = latest_checkpoint(transaction)?.map(|newest| newest.size);
            let len = length(transaction)?;
            if check_checkpoint(size, root, stored.as_ref(), newest, len)? {
                transaction
                    .prepare_cached("INSERT INTO checkpoint (size, root, note) VALUES (?1, ?2, ?3)")?
                    .execute((to_sql(size)?, root.0.as_slice(), note))?;
            }
            Ok(())
        })?;
        faultpoint::hit("store.after_checkpoint");
        Ok(())
    }

    fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError> {
        latest_checkpoint(&self.database.connection)
    }

    fn checkpoint_at(&self, size: u64) -> Result<Option<StoredCheckpoint>, StoreError> {
        checkpoint_at(&self.database.connection, size)
    }

    fn checkpoints(&self, from_size: u64, limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let mut statement = self.database.connection.prepare_cached(
            "SELECT size, root, note FROM checkpoint WHERE size >= ?1 ORDER BY size LIMIT ?2",
        )?;
        let mut rows = statement.query((to_sql(from_size)?, limit))?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(checkpoint(row)?);
        }
        Ok(found)
    }

    fn merge_cosignature(&mut self, size: u64, witness: &str, line: &str) -> Result<bool, StoreError> {
        self.database.write(|transaction, _| {
            if checkpoint_at(transaction, size)?.is_none() {
                return Err(StoreError::NoCheckpoint { size });
            }
            let rows = transaction
                .prepare_cached(
                    "INSERT INTO cosignature (size, witness, line) VALUES (?1, ?2, ?3)
                     ON CONFLICT (size, witness) DO NOTHING",
                )?
                .execute((to_sql(size)?, witness, line))?;
            Ok(rows > 0)
        })
    }

    fn cosignatures(&self, size: u64) -> Result<Vec<StoredCosignature>, StoreError> {
        let mut statement = self
            .database
            .connection
            .prepare_cached("SELECT witness, line FROM cosignature WHERE size = ?1 ORDER BY witness")?;
        let mut rows = statement.query([to_sql(size)?])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            found.push(StoredCosignature {
                witness: row.get(0)?,
                line: row.get(1)?,
            });
        }
        Ok(found)
    }

    fn put_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError> {
        check_meta(key, value)?;
        self.database.write(|transaction, sealer| {
            let sealed = sealer.seal(&meta_place(key), value)?;
            transaction
                .prepare_cached(
                    "INSERT INTO meta (key, value) VALUES (?1, ?2)
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                )?
                .execute((key, sealed))?;
            Ok(())
        })
    }

    fn get_meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let sealed: Option<Vec<u8>> = self
            .database
            .connection
            .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
            .query_row([key], |row| row.get(0))
            .optional()?;
        sealed
            .map(|sealed| self.database.sealer.open_value(&meta_place(key), &sealed))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use record::{Salt, Signature};
    use std::collections::BTreeMap;

    fn act(index: u64) -> StoredAct {
        StoredAct {
            index,
            time: index,
            header: vec![0; 64],
            commitment: Digest([1; 32]),
            signature: Signature([2; 64]),
            leaf_hash: Digest([3; 32]),
            act_id: ActId(u128::from(index).to_be_bytes()),
            salt: Salt([4; 32]),
            body: Some(vec![5; 8_000]),
            openings: BTreeMap::new(),
        }
    }

    #[test]
    fn a_full_disk_stores_nothing_and_the_store_goes_on_when_there_is_room() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let key = AtRestKey::from_bytes([1; 32]);
        let mut store = SqliteRecordStore::open(&folder.path().join("r"), &key).expect("makes");
        let bound = |store: &SqliteRecordStore, pages: u32| {
            let sql = format!("PRAGMA max_page_count={pages}");
            store
                .database
                .connection
                .query_row(&sql, [], |_| Ok(()))
                .expect("a pragma");
        };
        bound(&store, 60);
        let mut len = 0;
        let error = loop {
            match store.append(len, &[act(len), act(len + 1)]) {
                Ok(()) => len += 2,
                Err(error) => break error,
            }
        };
        assert_eq!(error, StoreError::Full);
        assert!(len > 0, "some fitted");
        assert_eq!(store.len(), Ok(len), "of the refused batch nothing is there");
        bound(&store, 600);
        assert_eq!(store.append(len, &[act(len), act(len + 1)]), Ok(()));
        assert_eq!(store.check(), Ok(()));
    }
}
