//! Where things are kept: the record of an evaluation, its blobs, a client's vault.
//!
//! | module | holds |
//! |---|---|
//! | [`record_store`] | the trait [`RecordStore`]: acts, checkpoints, cosignatures, small state |
//! | [`sqlite_record`] | the embedded store: SQLite, WAL, synchronous=FULL, encrypted at rest |
//! | [`memory_record`] | the same in memory, with planned faults, for simulation |
//! | [`blob_store`] | the trait [`BlobStore`] and its form in memory |
//! | [`directory_blobs`] | blobs as encrypted files in a folder |
//! | [`vault`], [`outbox`] | a client's encrypted rows and its queue towards the centre |
//! | [`faultpoint`] | points at which a development process may be made to die |
//! | [`disk_faults`] | disks that a test finds full, read-only or broken |
//!
//! What a call acknowledged survives kill -9 and power cut (promise 3). Bodies, salts, openings, blobs and vault
//! rows are encrypted under a key kept elsewhere; headers, commitments, signatures and row keys are not.

mod at_rest;
pub mod blob_store;
mod database;
pub mod directory_blobs;
pub mod disk_faults;
mod error;
pub mod faultpoint;
mod files;
pub mod memory_record;
pub mod outbox;
pub mod record_store;
pub mod sqlite_record;
mod sqlite_rows;
pub mod vault;
mod vault_export;

pub use at_rest::{AtRestKey, KEY_LEN};
pub use blob_store::{BlobStore, MAX_BLOB, MemoryBlobs};
pub use directory_blobs::DirectoryBlobs;
pub use error::StoreError;
pub use memory_record::{Fault, FaultPlan, MemoryRecordStore};
pub use outbox::{OUTBOX_BOUND, Outbox, OutboxItem, OutboxState};
pub use record_store::{
    MAX_META, RecordStore, StoredAct, StoredCheckpoint, StoredCosignature, StoredOpening,
};
pub use sqlite_record::SqliteRecordStore;
pub use vault::{Change, MAX_VALUE, Vault, VaultRow};
