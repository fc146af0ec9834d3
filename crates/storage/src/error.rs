//! What a store can answer instead of doing its work.

use std::io;
use std::path::Path;

/// Why a store refused or could not do what was asked: a closed list, each with what is safe to do next.
///
/// After [`StoreError::Io`] from a write the outcome is **unknown**: the caller reopens the store and
/// asks `len` and `find_act` before it repeats anything. After every other error nothing was changed.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreError {
    /// The record has another length than the writer expected; somebody else appended.
    #[error("the record has {len} acts, not the number the writer expected")]
    Conflict {
        /// Length of the record now.
        len: u64,
    },
    /// An act of this id is already in the record (protocol.md 1, idempotence).
    #[error("the act is already in the record at index {index}")]
    DuplicateAct {
        /// Where it stands; `u64::MAX` never occurs. Within one batch: the index of its first occurrence.
        index: u64,
    },
    /// The acts of a batch do not carry the indices that follow the expected length, or the batch is empty.
    #[error("the batch's act at position {position} does not carry the index that follows")]
    NotConsecutive {
        /// Position within the batch.
        position: usize,
    },
    /// A checkpoint of this size with another root exists. No size is ever signed twice (protocol.md 2).
    #[error("a checkpoint of size {size} with another root exists already")]
    TwoRoots {
        /// The size in question.
        size: u64,
    },
    /// A checkpoint may cover committed rows only.
    #[error("a checkpoint of size {size} would cover more than the {len} committed acts")]
    CheckpointAhead {
        /// Size asked for.
        size: u64,
        /// Committed length.
        len: u64,
    },
    /// A checkpoint may not be smaller than the newest one.
    #[error("a checkpoint of size {size} is older than the newest, of size {newest}")]
    CheckpointBehind {
        /// Size asked for.
        size: u64,
        /// Size of the newest checkpoint.
        newest: u64,
    },
    /// There is no checkpoint of this size to add a cosignature to.
    #[error("there is no checkpoint of size {size}")]
    NoCheckpoint {
        /// The size in question.
        size: u64,
    },
    /// There is no act, queue item or file of that place.
    #[error("there is no {what}")]
    Missing {
        /// What was named.
        what: String,
    },
    /// The item was acknowledged before, with another index.
    #[error("the item is acknowledged already, at index {index}")]
    Acknowledged {
        /// The index first acknowledged.
        index: u64,
    },
    /// More bytes than the bound allows.
    #[error("{what} is larger than the bound of {limit} bytes")]
    TooLarge {
        /// What was too large.
        what: &'static str,
        /// The bound in bytes.
        limit: u64,
    },
    /// The outbox holds as many waiting items as it may.
    #[error("the outbox already holds {limit} waiting items")]
    OutboxFull {
        /// The bound, in items.
        limit: u64,
    },
    /// The disk, the quota or the page bound is used up. Nothing was stored; free space and repeat.
    #[error("the disk is full; nothing was stored")]
    Full,
    /// The disk may be read only. Nothing was stored; make it writable and repeat.
    #[error("the disk can't be written; nothing was stored")]
    ReadOnly,
    /// Another process holds the store.
    #[error("another process holds the store")]
    Busy,
    /// Stored bytes are not what was written; the row is named. Restore it from a backup or from clients.
    #[error("stored data is damaged: {row}")]
    Damaged {
        /// Table and key, blob digest, or the part of the file.
        row: String,
    },
    /// The key given is not the one this store was made with.
    #[error("the at-rest key is not the one this store was made with")]
    WrongKey,
    /// The file was written by a newer version that older ones may not open.
    #[error("the file has schema {found}; this version knows up to {known}")]
    TooNew {
        /// `user_version` of the file.
        found: i64,
        /// The newest this binary knows.
        known: i64,
    },
    /// The import is older than what the vault holds (protocol.md 4, Drafts).
    #[error("the snapshot has sequence {found}, the vault already has {have}")]
    Older {
        /// Sequence of the snapshot.
        found: u64,
        /// Sequence of the vault.
        have: u64,
    },
    /// The target file exists and would be overwritten.
    #[error("{path} exists already")]
    Exists {
        /// The file in question.
        path: String,
    },
    /// A file readable by others than its owner was given as a key file.
    #[error("the key file {path} may be read by others than its owner")]
    KeyFileOpen {
        /// The file in question.
        path: String,
    },
    /// The operating system refused; the outcome of a write is unknown.
    #[error("input/output failed: {text}")]
    Io {
        /// What the system said.
        text: String,
    },
}

impl StoreError {
    pub(crate) fn damaged(row: impl Into<String>) -> Self {
        Self::Damaged { row: row.into() }
    }

    pub(crate) fn io(text: impl Into<String>) -> Self {
        Self::Io { text: text.into() }
    }

    /// Whether the disk is the reason, so that the same write may succeed later: full, read-only, not answering, or
    /// held by another process.
    #[must_use]
    pub fn is_of_the_disk(&self) -> bool {
        matches!(self, Self::Full | Self::ReadOnly | Self::Busy | Self::Io { .. })
    }

    pub(crate) fn exists(path: &Path) -> Self {
        Self::Exists {
            path: path.display().to_string(),
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::io(error.to_string()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match &error {
            rusqlite::Error::SqliteFailure(failure, _)
            | rusqlite::Error::SqlInputError { error: failure, .. } => match failure.code {
                ErrorCode::DiskFull => Self::Full,
                ErrorCode::ReadOnly => Self::ReadOnly,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::Busy,
                ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
                    Self::damaged(format!("file ({error})"))
                }
                // A schema that is there by its version but does not answer our statements.
                ErrorCode::Unknown => Self::damaged(format!("schema ({error})")),
                _ => Self::io(error.to_string()),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::damaged(format!("column ({error})")),
            _ => Self::io(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_full_disk_is_said_as_such() {
        // ENOSPC and EDQUOT by number, and a real one from the system.
        assert_eq!(
            StoreError::from(io::Error::from_raw_os_error(28)),
            StoreError::Full
        );
        assert_eq!(
            StoreError::from(io::Error::from_raw_os_error(122)),
            StoreError::Full
        );
        let mut full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("linux has /dev/full");
        let error = full.write_all(b"x").expect_err("the device is always full");
        assert_eq!(StoreError::from(error), StoreError::Full);
        // EROFS.
        assert_eq!(
            StoreError::from(io::Error::from_raw_os_error(30)),
            StoreError::ReadOnly
        );
        assert!(matches!(
            StoreError::from(io::Error::from_raw_os_error(5)),
            StoreError::Io { .. }
        ));
    }
}
