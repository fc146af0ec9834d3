//! Both record stores, held to the one contract.

use std::path::PathBuf;

use conclave_storage::{AtRestKey, MemoryRecordStore, SqliteRecordStore, StoreError};
use testkit::store_contract::{self, Bench, Field};

struct SqliteBench {
    folder: tempfile::TempDir,
}

impl SqliteBench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().expect("temporary folder"),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("record.sqlite")
    }
}

impl Bench for SqliteBench {
    type Store = SqliteRecordStore;

    fn open(&self) -> Result<SqliteRecordStore, StoreError> {
        SqliteRecordStore::open(&self.path(), &AtRestKey::from_bytes([1; 32]))
    }

    fn open_with_wrong_key(&self) -> Option<Result<SqliteRecordStore, StoreError>> {
        Some(SqliteRecordStore::open(
            &self.path(),
            &AtRestKey::from_bytes([2; 32]),
        ))
    }

    fn flip_bit(&self, index: u64, field: Field) {
        let connection = rusqlite::Connection::open(self.path()).expect("an SQLite file");
        let column = field.name();
        let read = format!("SELECT {column} FROM act WHERE position = {index}");
        let mut bytes: Vec<u8> = connection
            .query_row(&read, [], |row| row.get(0))
            .expect("the row is there");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0x10;
        let write = format!("UPDATE act SET {column} = ?1 WHERE position = {index}");
        assert_eq!(connection.execute(&write, [bytes]), Ok(1));
    }
}

struct MemoryBench(MemoryRecordStore);

impl Bench for MemoryBench {
    type Store = MemoryRecordStore;

    fn open(&self) -> Result<MemoryRecordStore, StoreError> {
        Ok(self.0.reopen())
    }

    fn open_with_wrong_key(&self) -> Option<Result<MemoryRecordStore, StoreError>> {
        None
    }

    fn flip_bit(&self, index: u64, field: Field) {
        self.0.damage(index, field.name());
    }
}

#[test]
fn the_sqlite_store_keeps_the_contract() {
    store_contract::run(SqliteBench::new);
}

#[test]
fn the_memory_store_keeps_the_contract() {
    store_contract::run(|| MemoryBench(MemoryRecordStore::new()));
}
