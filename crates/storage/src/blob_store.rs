//! Blobs: what is too large for an act and is named by it with digest and exact size (protocol.md 1).

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use record::BlobRef;

use crate::StoreError;

/// Bound of one blob, in bytes: 512 MiB.
pub const MAX_BLOB: u64 = 512 * 1024 * 1024;

/// Keeps blobs by digest and size. Shared by all who upload and read at once. After `Ok` from a put the blob is
/// durable, so an act that names it may be admitted.
pub trait BlobStore: Send + Sync {
    /// Keeps what `source` gives, up to its end, without holding it in memory. Putting the same again is no error,
    /// and heals a copy that was damaged.
    ///
    /// # Errors
    /// `TooLarge` beyond [`MAX_BLOB`]; `Full`; `Io`, also from the source.
    fn put_from(&self, source: &mut dyn Read) -> Result<BlobRef, StoreError>;

    /// Writes the blob to `sink`. `Ok(false)` if it is not there. What was written before an error is not the blob.
    ///
    /// # Errors
    /// `Damaged`, naming it, if digest or size are not those of `blob`; `Io`, also from the sink.
    fn copy_to(&self, blob: &BlobRef, sink: &mut dyn Write) -> Result<bool, StoreError>;

    /// Whether the blob is there, whole by its size. Its digest is checked when it is read.
    ///
    /// # Errors
    /// `Io`.
    fn has(&self, blob: &BlobRef) -> Result<bool, StoreError>;

    /// Removes the blob; says whether it was there.
    ///
    /// # Errors
    /// `Io`.
    fn remove(&self, blob: &BlobRef) -> Result<bool, StoreError>;

    /// Keeps these bytes; as [`BlobStore::put_from`].
    ///
    /// # Errors
    /// As [`BlobStore::put_from`].
    fn put(&self, bytes: &[u8]) -> Result<BlobRef, StoreError> {
        self.put_from(&mut &*bytes)
    }

    /// The blob whole in memory; `None` if it is not there.
    ///
    /// # Errors
    /// As [`BlobStore::copy_to`].
    fn get(&self, blob: &BlobRef) -> Result<Option<Vec<u8>>, StoreError> {
        if !self.has(blob)? {
            return Ok(None);
        }
        let mut bytes = Vec::with_capacity(usize::try_from(blob.size.min(MAX_BLOB)).unwrap_or(0));
        let there = self.copy_to(blob, &mut bytes)?;
        Ok(there.then_some(bytes))
    }
}

pub(crate) fn too_large() -> StoreError {
    StoreError::TooLarge {
        what: "the blob",
        limit: MAX_BLOB,
    }
}

pub(crate) fn damaged(blob: &BlobRef) -> StoreError {
    StoreError::damaged(format!("blob {} of {} bytes", blob.digest, blob.size))
}

/// Blobs in memory, for tests and simulation.
#[derive(Debug, Default)]
pub struct MemoryBlobs {
    blobs: Mutex<BTreeMap<BlobRef, Vec<u8>>>,
}

impl MemoryBlobs {
    /// No blobs yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Flips a bit of a stored blob; says whether it was there and not empty.
    pub fn damage(&self, blob: &BlobRef) -> bool {
        match self.blobs().get_mut(blob).and_then(|bytes| bytes.first_mut()) {
            Some(byte) => {
                *byte ^= 1;
                true
            }
            None => false,
        }
    }

    /// Every blob there is. For searches.
    #[must_use]
    pub fn contents(&self) -> Vec<Vec<u8>> {
        self.blobs().values().cloned().collect()
    }

    fn blobs(&self) -> MutexGuard<'_, BTreeMap<BlobRef, Vec<u8>>> {
        // A panicking holder can't leave the map half changed.
        self.blobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl BlobStore for MemoryBlobs {
    fn put_from(&self, source: &mut dyn Read) -> Result<BlobRef, StoreError> {
        let mut bytes = Vec::new();
        source.take(MAX_BLOB + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_BLOB {
            return Err(too_large());
        }
        let blob = BlobRef::of(&bytes);
        self.blobs().insert(blob, bytes);
        Ok(blob)
    }

    fn copy_to(&self, blob: &BlobRef, sink: &mut dyn Write) -> Result<bool, StoreError> {
        let blobs = self.blobs();
        let Some(bytes) = blobs.get(blob) else {
            return Ok(false);
        };
        if !blob.matches(bytes) {
            return Err(damaged(blob));
        }
        sink.write_all(bytes)?;
        Ok(true)
    }

    fn has(&self, blob: &BlobRef) -> Result<bool, StoreError> {
        Ok(self.blobs().contains_key(blob))
    }

    fn remove(&self, blob: &BlobRef) -> Result<bool, StoreError> {
        Ok(self.blobs().remove(blob).is_some())
    }
}
