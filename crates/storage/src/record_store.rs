//! What every store of a record does, whatever it is made of. `testkit::store_contract` holds each to it.

use std::collections::BTreeMap;

use record::{ActId, Digest, Millis, Salt, Signature};

use crate::StoreError;

/// Bound of one small value, in bytes.
pub const MAX_META: usize = 64 * 1024;
/// Bound of a small value's key, in bytes.
pub(crate) const MAX_META_KEY: usize = 256;

/// An act as it stands in the record: what the leaf is made of, and the body where it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredAct {
    /// Position in the record, from 0.
    pub index: u64,
    /// The centre's time.
    pub time: Millis,
    /// The header's exact bytes.
    pub header: Vec<u8>,
    /// H(salt ‖ body).
    pub commitment: Digest,
    /// The author's signature.
    pub signature: Signature,
    /// Hash of the leaf in the Merkle tree.
    pub leaf_hash: Digest,
    /// The author's id of the act: the same id is the same act.
    pub act_id: ActId,
    /// The salt of the body's commitment.
    pub salt: Salt,
    /// The body's exact bytes; `None` is withheld or erased.
    pub body: Option<Vec<u8>>,
    /// Openings of the withholdable fields, by name; an erased one is not there any more.
    pub openings: BTreeMap<String, StoredOpening>,
}

/// The opening of one withholdable field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredOpening {
    /// The salt of the field's commitment.
    pub salt: Salt,
    /// The field's exact bytes.
    pub value: Vec<u8>,
}

/// A checkpoint the centre signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// Number of leaves it covers.
    pub size: u64,
    /// Root of the tree of that size.
    pub root: Digest,
    /// The signed note, without the witnesses' lines.
    pub note: String,
}

/// A log witness's line under a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCosignature {
    /// The witness's key name.
    pub witness: String,
    /// The signature line of the note.
    pub line: String,
}

/// The record of one evaluation, or the register. Every write is one durable transaction: after `Ok` it survives
/// kill -9 and power cut, after an error other than [`StoreError::Io`] nothing was changed.
pub trait RecordStore: Send {
    /// Appends `batch` if the record has exactly `expected_len` acts. The acts carry the indices that follow.
    ///
    /// # Errors
    /// `Conflict` with the real length; `NotConsecutive`; `DuplicateAct`, naming where the act stands; `Full`, `Io`.
    fn append(&mut self, expected_len: u64, batch: &[StoredAct]) -> Result<(), StoreError>;

    /// Number of acts.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn len(&self) -> Result<u64, StoreError>;

    /// Whether there is no act yet.
    ///
    /// # Errors
    /// As [`RecordStore::len`].
    fn is_empty(&self) -> Result<bool, StoreError> {
        Ok(self.len()? == 0)
    }

    /// Up to `limit` acts from index `from` on, in order. Beyond the end: none.
    ///
    /// # Errors
    /// `Damaged`, naming the row, if a stored act is not what was appended or is missing.
    fn read(&self, from: u64, limit: u32) -> Result<Vec<StoredAct>, StoreError>;

    /// Where an act of this id stands.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn find_act(&self, act_id: &ActId) -> Result<Option<u64>, StoreError>;

    /// Deletes an opening, value and salt (protocol.md 2). Says whether there was one; erasing twice is no error.
    ///
    /// # Errors
    /// `Full`, `Io`.
    fn erase_opening(&mut self, index: u64, name: &str) -> Result<bool, StoreError>;

    /// Keeps a checkpoint. The same size and root again is accepted and changes nothing: the first note stays.
    ///
    /// # Errors
    /// `TwoRoots`, `CheckpointAhead`, `CheckpointBehind`; `Full`, `Io`.
    fn put_checkpoint(&mut self, size: u64, root: &Digest, note: &str) -> Result<(), StoreError>;

    /// The newest checkpoint.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn latest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError>;

    /// The checkpoint of exactly this size.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn checkpoint_at(&self, size: u64) -> Result<Option<StoredCheckpoint>, StoreError>;

    /// Up to `limit` checkpoints of `from_size` or more, smallest first.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn checkpoints(&self, from_size: u64, limit: u32) -> Result<Vec<StoredCheckpoint>, StoreError>;

    /// Keeps a witness's line under the checkpoint of `size`; says whether it is new. A witness's first line
    /// stays: the audit reads when an act was first cosigned (protocol.md 2).
    ///
    /// # Errors
    /// `NoCheckpoint`; `Full`, `Io`.
    fn merge_cosignature(&mut self, size: u64, witness: &str, line: &str) -> Result<bool, StoreError>;

    /// The lines under the checkpoint of `size`, by witness name.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn cosignatures(&self, size: u64) -> Result<Vec<StoredCosignature>, StoreError>;

    /// Keeps a small value, at most [`MAX_META`] bytes, encrypted at rest.
    ///
    /// # Errors
    /// `TooLarge`; `Full`, `Io`.
    fn put_meta(&mut self, key: &str, value: &[u8]) -> Result<(), StoreError>;

    /// A small value.
    ///
    /// # Errors
    /// `Damaged`, `Io`.
    fn get_meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError>;
}

/// Refuses a batch that is empty or whose indices do not follow `expected_len`.
pub(crate) fn check_indices(expected_len: u64, batch: &[StoredAct]) -> Result<(), StoreError> {
    if batch.is_empty() {
        return Err(StoreError::NotConsecutive { position: 0 });
    }
    for (position, act) in batch.iter().enumerate() {
        if Some(act.index) != expected_len.checked_add(position as u64) {
            return Err(StoreError::NotConsecutive { position });
        }
    }
    Ok(())
}

/// What a new checkpoint must satisfy, given what is stored; `Ok(false)` if it is there already.
pub(crate) fn check_checkpoint(
    size: u64,
    root: &Digest,
    stored: Option<&Digest>,
    newest: Option<u64>,
    len: u64,
) -> Result<bool, StoreError> {
    match stored {
        Some(stored) if stored == root => return Ok(false),
        Some(_) => return Err(StoreError::TwoRoots { size }),
        None => {}
    }
    if size > len {
        return Err(StoreError::CheckpointAhead { size, len });
    }
    match newest {
        Some(newest) if size < newest => Err(StoreError::CheckpointBehind { size, newest }),
        _ => Ok(true),
    }
}

/// Refuses a small value beyond its bounds.
pub(crate) fn check_meta(key: &str, value: &[u8]) -> Result<(), StoreError> {
    if key.len() > MAX_META_KEY {
        return Err(StoreError::TooLarge {
            what: "the key of a small value",
            limit: MAX_META_KEY as u64,
        });
    }
    if value.len() > MAX_META {
        return Err(StoreError::TooLarge {
            what: "the small value",
            limit: MAX_META as u64,
        });
    }
    Ok(())
}
