//! Opening an SQLite file the one way all of ours are opened: durable, strict, versioned, under the right key.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, backup};

use crate::at_rest::{STORE_ID_LEN, Sealer, StoreId};
use crate::files::{create_new, remove_if_there, sync_parent, temporary_beside};
use crate::{AtRestKey, StoreError, disk_faults, faultpoint};

/// How long a writer waits for another one's commit before it says `Busy`.
const BUSY_WAIT: Duration = Duration::from_secs(5);

/// One kind of file.
pub(crate) struct Kind {
    /// Word for it in errors, and in its key's derivation.
    pub(crate) name: &'static str,
    /// `PRAGMA application_id`: a vault is not opened as a record.
    pub(crate) application_id: i32,
    /// `PRAGMA user_version`. Its one meaning: may an older binary open this? It is raised when, and only when,
    /// an older binary would read or write the file wrongly.
    pub(crate) version: i64,
    /// Statements that make an empty file of this version; without the table `store`.
    pub(crate) schema: &'static str,
    /// Fault points before and after each commit.
    pub(crate) before_commit: &'static str,
    pub(crate) after_commit: &'static str,
}

const STORE_TABLE: &str = "CREATE TABLE store (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    store_id BLOB NOT NULL,
    key_check BLOB NOT NULL
) STRICT;";

/// An open file with its sealer.
pub(crate) struct Database {
    pub(crate) connection: Connection,
    pub(crate) sealer: Sealer,
    kind: &'static Kind,
    path: PathBuf,
    /// Set when a commit failed in a way that leaves its outcome unknown: then only reopening tells.
    outcome_unknown: bool,
}

impl Database {
    /// Opens or makes the file.
    pub(crate) fn open(path: &Path, key: &AtRestKey, kind: &'static Kind) -> Result<Self, StoreError> {
        make_file(path)?;
        let mut connection = connect(path)?;
        // Before anything is written: a file from the future stays as it is.
        let fresh = is_fresh(&connection, kind)?;
        configure(&connection)?;
        if fresh {
            create_schema(&mut connection, key, kind)?;
        }
        let sealer = open_sealer(&connection, key, kind)?;
        Ok(Self {
            connection,
            sealer,
            kind,
            path: path.to_owned(),
            outcome_unknown: false,
        })
    }

    /// Opens the file again, under the same key, where an earlier commit left its outcome unknown.
    pub(crate) fn reopen(&mut self) -> Result<(), StoreError> {
        if !self.outcome_unknown {
            return Ok(());
        }
        let connection = connect(&self.path)?;
        if is_fresh(&connection, self.kind)? {
            return Err(StoreError::damaged("file (empty where it was not)"));
        }
        configure(&connection)?;
        self.connection = connection;
        self.outcome_unknown = false;
        Ok(())
    }

    /// One durable transaction. The write lock is taken first, so what `work` reads is what it changes.
    pub(crate) fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>, &Sealer) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.outcome_unknown {
            return Err(StoreError::io("an earlier commit failed; reopen the store"));
        }
        let transaction = Transaction::new(&mut self.connection, TransactionBehavior::Immediate)?;
        let done = work(&transaction, &self.sealer)?;
        faultpoint::hit(self.kind.before_commit);
        if let Some(fault) = disk_faults::at(&self.path) {
            drop(transaction);
            self.outcome_unknown = fault == disk_faults::DiskFault::Broken;
            return Err(fault.error());
        }
        if let Err(error) = transaction.commit() {
            let error = StoreError::from(error);
            self.outcome_unknown = matches!(error, StoreError::Io { .. });
            return Err(error);
        }
        faultpoint::hit(self.kind.after_commit);
        Ok(done)
    }

    /// Copies the whole file, as of one moment, to a new single file; writers are not stopped.
    pub(crate) fn backup_to(&self, path: &Path) -> Result<(), StoreError> {
        if path.try_exists()? {
            return Err(StoreError::exists(path));
        }
        let partial = temporary_beside(path);
        remove_database(&partial)?;
        create_new(&partial)?;
        copy_pages(&self.connection, &partial)?;
        std::fs::File::open(&partial)?.sync_all()?;
        std::fs::rename(&partial, path)?;
        sync_parent(path)
    }

    /// Empties the write-ahead log, so that what was deleted does not stay in it. Another reader may hold it; then
    /// the log is emptied at a later commit.
    pub(crate) fn empty_log(&self) -> Result<(), StoreError> {
        self.connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }
}

fn connect(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_WAIT)?;
    Ok(connection)
}

/// Puts a backup in the place of a lost file, after `check` has found its copy good. Refuses to overwrite a file.
pub(crate) fn place_backup(
    backup: &Path,
    path: &Path,
    check: impl FnOnce(&Path) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    if path.try_exists()? {
        return Err(StoreError::exists(path));
    }
    if !backup.try_exists()? {
        return Err(StoreError::Missing {
            what: format!("backup {}", backup.display()),
        });
    }
    // A log of the lost file must not be replayed onto the backup.
    remove_database(path)?;
    let partial = temporary_beside(path);
    remove_database(&partial)?;
    let mut target = create_new(&partial)?;
    std::io::copy(&mut std::fs::File::open(backup)?, &mut target)?;
    target.sync_all()?;
    if let Err(error) = check(&partial) {
        remove_database(&partial)?;
        return Err(error);
    }
    target.sync_all()?;
    std::fs::rename(&partial, path)?;
    sync_parent(path)
}

fn copy_pages(from: &Connection, to: &Path) -> Result<(), StoreError> {
    let mut target = Connection::open_with_flags(to, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    {
        let backup = backup::Backup::new(from, &mut target)?;
        // All pages in one step: one moment, and no restart when a writer commits meanwhile.
        match backup.step(-1)? {
            backup::StepResult::Done => {}
            _ => return Err(StoreError::Busy),
        }
    }
    // The copied header asks for a log beside the file; a backup is one file.
    target.query_row("PRAGMA journal_mode=DELETE", [], |_| Ok(()))?;
    target.close().map_err(|(_, error)| error)?;
    Ok(())
}

fn remove_database(path: &Path) -> Result<(), StoreError> {
    for file in [
        path.to_path_buf(),
        beside(path, "-wal"),
        beside(path, "-shm"),
        beside(path, "-journal"),
    ] {
        remove_if_there(&file)?;
    }
    Ok(())
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_os_string();
    name.push(suffix);
    PathBuf::from(name)
}

/// Makes the empty file for its owner only (SQLite gives its log the same mode).
fn make_file(path: &Path) -> Result<(), StoreError> {
    if path.try_exists()? {
        return Ok(());
    }
    // SQLite would throw the log away, and acknowledged rows with it.
    if beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0) {
        return Err(StoreError::damaged("file (missing beside its log)"));
    }
    match create_new(path) {
        Ok(_) | Err(StoreError::Exists { .. }) => sync_parent(path),
        Err(error) => Err(error),
    }
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, StoreError> {
    Ok(connection.pragma_query_value(None, name, |row| row.get(0))?)
}

/// Whether the file is empty; refuses another kind and a newer version.
fn is_fresh(connection: &Connection, kind: &Kind) -> Result<bool, StoreError> {
    let found = pragma(connection, "user_version")?;
    let application_id = pragma(connection, "application_id")?;
    if found == 0 && application_id == 0 {
        let tables: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
        if tables == 0 {
            return Ok(true);
        }
    }
    if application_id != i64::from(kind.application_id) {
        return Err(StoreError::damaged(format!("file (not a {})", kind.name)));
    }
    if found > kind.version {
        return Err(StoreError::TooNew {
            found,
            known: kind.version,
        });
    }
    if found < 1 {
        return Err(StoreError::damaged(format!("file (schema {found})")));
    }
    Ok(false)
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::io(format!(
            "the file system does not allow a write-ahead log (mode {mode})"
        )));
    }
    connection.execute_batch(
        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA trusted_schema=OFF;
         PRAGMA secure_delete=ON; PRAGMA cell_size_check=ON;",
    )?;
    // 2 is FULL: a commit returns after the log is on the disk.
    match pragma(connection, "synchronous")? {
        2 => Ok(()),
        other => Err(StoreError::io(format!("synchronous is {other}, not FULL"))),
    }
}

fn create_schema(connection: &mut Connection, key: &AtRestKey, kind: &Kind) -> Result<(), StoreError> {
    let transaction = Transaction::new(connection, TransactionBehavior::Immediate)?;
    // Another process may have made it since.
    if !is_fresh(&transaction, kind)? {
        return Ok(());
    }
    let (_, stored) = Sealer::create(key, kind.name)?;
    transaction.execute_batch(STORE_TABLE)?;
    transaction.execute_batch(kind.schema)?;
    transaction.execute(
        "INSERT INTO store (only_row, store_id, key_check) VALUES (1, ?1, ?2)",
        (stored.id.as_slice(), &stored.check),
    )?;
    transaction.pragma_update(None, "application_id", kind.application_id)?;
    transaction.pragma_update(None, "user_version", kind.version)?;
    Ok(transaction.commit()?)
}

fn open_sealer(connection: &Connection, key: &AtRestKey, kind: &Kind) -> Result<Sealer, StoreError> {
    let row: Option<(Vec<u8>, Vec<u8>)> = connection
        .query_row(
            "SELECT store_id, key_check FROM store WHERE only_row = 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    let (id, check) = row.ok_or_else(|| StoreError::damaged(format!("{} key check", kind.name)))?;
    let id = <[u8; STORE_ID_LEN]>::try_from(id)
        .map_err(|_| StoreError::damaged(format!("{} key check", kind.name)))?;
    Sealer::open(key, kind.name, &StoreId { id, check })
}

/// A count or index as SQLite keeps it.
pub(crate) fn to_sql(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(|_| StoreError::TooLarge {
        what: "a number",
        limit: i64::MAX.unsigned_abs(),
    })
}

/// A count or index from a column; a negative one was not written by us.
pub(crate) fn from_sql(value: i64, row: impl FnOnce() -> String) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(|_| StoreError::Damaged { row: row() })
}
