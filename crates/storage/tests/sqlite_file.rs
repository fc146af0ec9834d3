//! The SQLite file of a record: what it gives away, what it refuses, how it is copied.

use std::fs;
use std::path::{Path, PathBuf};

use conclave_storage::{AtRestKey, RecordStore, SqliteRecordStore, StoreError, Vault};
use proptest::prelude::*;
use testkit::store_contract::{act, acts};

fn key() -> AtRestKey {
    AtRestKey::from_bytes([1; 32])
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

/// A closed store of `len` acts and one checkpoint; its file.
fn stored(folder: &Path, len: u64) -> PathBuf {
    let path = folder.join("record.sqlite");
    let mut store = SqliteRecordStore::open(&path, &key()).expect("makes");
    store.append(0, &acts(0, len)).expect("appends");
    store
        .put_checkpoint(len, &record::Digest([1; 32]), "note")
        .expect("covers committed acts");
    path
}

fn raw(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).expect("an SQLite file")
}

fn damaged_row(answer: Result<impl Sized, StoreError>) -> String {
    match answer {
        Err(StoreError::Damaged { row }) => row,
        Err(other) => panic!("expected damage, got {other}"),
        Ok(_) => panic!("expected damage"),
    }
}

fn holds(path: &Path, part: &[u8]) -> bool {
    let bytes = fs::read(path).unwrap_or_default();
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn bodies_and_openings_are_not_in_the_file() {
    let folder = folder();
    let path = folder.path().join("record.sqlite");
    let mut store = SqliteRecordStore::open(&path, &key()).expect("makes");
    store.append(0, &acts(0, 4)).expect("appends");
    let log = folder.path().join("record.sqlite-wal");
    assert!(holds(&log, b"header 3"), "the search works: headers are in clear");
    assert!(!holds(&log, b"{\"n\":3}"));
    assert!(!holds(&log, b"value of 3"));
    assert!(!holds(&log, &act(3).salt.0));
    drop(store);
    assert!(holds(&path, b"header 3"));
    assert!(!holds(&path, b"{\"n\":3}"));
    assert!(!holds(&path, b"value of 3"));
    assert!(!holds(&path, &act(3).salt.0));
}

#[test]
#[cfg(unix)]
fn the_files_are_the_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("record.sqlite");
    let mut store = SqliteRecordStore::open(&path, &key()).expect("makes");
    store.append(0, &acts(0, 1)).expect("appends");
    for file in fs::read_dir(folder.path()).expect("a folder") {
        let file = file.expect("an entry");
        let mode = file.metadata().expect("a file").permissions().mode();
        assert_eq!(mode & 0o077, 0, "{:?}", file.file_name());
    }
}

#[test]
fn an_erased_opening_is_in_no_file_any_more() {
    let folder = folder();
    let path = folder.path().join("record.sqlite");
    let mut store = SqliteRecordStore::open(&path, &key()).expect("makes");
    store.append(0, &acts(0, 4)).expect("appends");
    let sealed: Vec<u8> = raw(&path)
        .query_row("SELECT value FROM opening WHERE position = 2", [], |row| {
            row.get(0)
        })
        .expect("the row is there");
    let log = folder.path().join("record.sqlite-wal");
    assert!(holds(&path, &sealed) || holds(&log, &sealed), "the search works");
    assert_eq!(store.erase_opening(2, "reason"), Ok(true));
    assert!(!holds(&path, &sealed) && !holds(&log, &sealed));
}

#[test]
fn a_newer_file_is_refused_and_left_alone() {
    let folder = folder();
    let path = stored(folder.path(), 2);
    raw(&path)
        .pragma_update(None, "user_version", 2)
        .expect("a pragma");
    let answer = SqliteRecordStore::open(&path, &key());
    assert_eq!(answer.err(), Some(StoreError::TooNew { found: 2, known: 1 }));
    raw(&path)
        .pragma_update(None, "user_version", 1)
        .expect("a pragma");
    let store = SqliteRecordStore::open(&path, &key()).expect("opens again");
    assert_eq!(store.read(0, 9), Ok(acts(0, 2)));
}

#[test]
fn another_kind_of_file_is_refused() {
    let folder = folder();
    let record = stored(folder.path(), 2);
    assert_eq!(damaged_row(Vault::open(&record, &[1; 32])), "file (not a vault)");
    let vault = folder.path().join("vault");
    drop(Vault::open(&vault, &[1; 32]).expect("makes"));
    assert_eq!(
        damaged_row(SqliteRecordStore::open(&vault, &key())),
        "file (not a record)"
    );
    let text = folder.path().join("text");
    fs::write(&text, "x".repeat(5_000)).expect("writes");
    assert!(damaged_row(SqliteRecordStore::open(&text, &key())).starts_with("file ("));
    let other = folder.path().join("other");
    raw(&other).execute_batch("CREATE TABLE t (a)").expect("a table");
    assert_eq!(
        damaged_row(SqliteRecordStore::open(&other, &key())),
        "file (not a record)"
    );
}

#[test]
fn exchanged_rows_are_found() {
    let folder = folder();
    let path = stored(folder.path(), 4);
    let exchange = "UPDATE act SET body = CASE position WHEN 2 THEN (SELECT body FROM act WHERE position = 3)
                    ELSE (SELECT body FROM act WHERE position = 2) END WHERE position IN (2, 3)";
    assert_eq!(raw(&path).execute(exchange, []), Ok(2));
    let store = SqliteRecordStore::open(&path, &key()).expect("opens");
    assert_eq!(damaged_row(store.read(0, 9)), "act 2 body");
    assert_eq!(damaged_row(store.check()), "act 2 body");
}

#[test]
fn every_clear_column_is_bound_to_its_act() {
    for change in [
        "time = time + 1",
        "header = x'00'",
        "commitment = zeroblob(32)",
        "signature = zeroblob(64)",
        "leaf_hash = zeroblob(32)",
        "act_id = zeroblob(16)",
        "body = NULL",
    ] {
        let folder = folder();
        let path = stored(folder.path(), 4);
        let sql = format!("UPDATE act SET {change} WHERE position = 2");
        assert_eq!(raw(&path).execute(&sql, []), Ok(1));
        let store = SqliteRecordStore::open(&path, &key()).expect("opens");
        assert_eq!(damaged_row(store.read(0, 9)), "act 2 salt", "{change}");
    }
}

#[test]
fn the_check_finds_a_damaged_index_too() {
    let folder = folder();
    let path = stored(folder.path(), 12);
    let whole = fs::read(&path).expect("the closed file");
    let id = act(7).act_id.0;
    let places: Vec<usize> = (0..whole.len() - id.len())
        .filter(|place| whole[*place..].starts_with(&id))
        .collect();
    assert_eq!(places.len(), 2, "once in the table, once in its index");
    let mut rows = Vec::new();
    for place in places {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        fs::write(&path, &changed).expect("writes");
        let store = SqliteRecordStore::open(&path, &key()).expect("opens");
        rows.push(damaged_row(store.check()));
    }
    assert!(rows.iter().all(|row| row.starts_with("file (")), "{rows:?}");
}

#[test]
fn a_missing_act_is_found() {
    let folder = folder();
    let path = stored(folder.path(), 4);
    raw(&path)
        .execute_batch("PRAGMA foreign_keys=OFF; DELETE FROM act WHERE position = 2")
        .expect("deletes");
    let store = SqliteRecordStore::open(&path, &key()).expect("opens");
    assert_eq!(damaged_row(store.read(0, 9)), "act 2 (missing)");
}

#[test]
fn a_checkpoint_over_missing_acts_is_found_at_once() {
    let folder = folder();
    let path = stored(folder.path(), 4);
    raw(&path)
        .execute_batch("PRAGMA foreign_keys=OFF; DELETE FROM act WHERE position = 3")
        .expect("deletes");
    let row = damaged_row(SqliteRecordStore::open(&path, &key()));
    assert_eq!(row, "act 3 (missing; the newest checkpoint covers 4)");
}

#[test]
fn a_log_without_its_database_is_not_thrown_away() {
    let folder = folder();
    let path = folder.path().join("record.sqlite");
    let mut store = SqliteRecordStore::open(&path, &key()).expect("makes");
    store.append(0, &acts(0, 4)).expect("appends");
    let log = folder.path().join("record.sqlite-wal");
    let bytes = fs::read(&log).expect("the log is there while the store is open");
    drop(store);
    fs::remove_file(&path).expect("removes");
    fs::write(&log, &bytes).expect("writes");
    assert_eq!(
        damaged_row(SqliteRecordStore::open(&path, &key())),
        "file (missing beside its log)"
    );
    assert_eq!(fs::read(&log).expect("still there"), bytes);
}

#[test]
fn a_backup_is_one_file_and_brings_all_back() {
    let folder = folder();
    let path = folder.path().join("record.sqlite");
    let backup = folder.path().join("backup");
    let mut store = SqliteRecordStore::open(&path, &key()).expect("makes");
    store.append(0, &acts(0, 50)).expect("appends");
    store.put_meta("k", b"v").expect("small");
    store.backup_to(&backup).expect("copies");
    store.append(50, &acts(50, 60)).expect("appends after the backup");
    assert!(matches!(store.backup_to(&backup), Err(StoreError::Exists { .. })));
    for suffix in ["-wal", "-shm", "-journal", ".partial"] {
        assert!(
            !folder.path().join(format!("backup{suffix}")).exists(),
            "{suffix}"
        );
    }
    let restored = folder.path().join("restored");
    let store = SqliteRecordStore::restore(&backup, &restored, &key()).expect("restores");
    assert_eq!(store.read(0, 100), Ok(acts(0, 50)));
    assert_eq!(store.get_meta("k"), Ok(Some(b"v".to_vec())));
    assert!(matches!(
        SqliteRecordStore::restore(&backup, &restored, &key()),
        Err(StoreError::Exists { .. })
    ));
}

#[test]
fn a_bad_backup_is_not_put_in_place() {
    let folder = folder();
    let path = stored(folder.path(), 4);
    let target = folder.path().join("restored");
    let wrong = AtRestKey::from_bytes([9; 32]);
    assert_eq!(
        SqliteRecordStore::restore(&path, &target, &wrong).err(),
        Some(StoreError::WrongKey)
    );
    raw(&path)
        .execute("UPDATE act SET body = x'00' WHERE position = 1", [])
        .expect("updates");
    assert_eq!(
        damaged_row(SqliteRecordStore::restore(&path, &target, &key())),
        "act 1 body"
    );
    let none = folder.path().join("none");
    assert!(matches!(
        SqliteRecordStore::restore(&none, &target, &key()),
        Err(StoreError::Missing { .. })
    ));
    assert!(!target.exists());
    assert!(!folder.path().join("restored.partial").exists());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Any byte of the file changed, or its end cut off: never a panic, and what passes the check is what was stored.
    #[test]
    fn a_damaged_file_never_passes_as_whole(place in 0usize..1_000_000, change in 1u8.., cut in prop::bool::weighted(0.2)) {
        let folder = folder();
        let path = stored(folder.path(), 12);
        let mut bytes = fs::read(&path).expect("the closed file");
        let place = place % bytes.len();
        if cut { bytes.truncate(place.max(1)) } else { bytes[place] ^= change }
        fs::write(&path, &bytes).expect("writes");
        if let Ok(store) = SqliteRecordStore::open(&path, &key())
            && store.check().is_ok()
        {
            prop_assert_eq!(store.read(0, 100), Ok(acts(0, 12)));
            prop_assert_eq!(store.find_act(&act(7).act_id), Ok(Some(7)));
        }
    }
}
