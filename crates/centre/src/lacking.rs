//! Blobs that acts name and the blob store has lost: who kept them gives them back (protocol 2, Restore). Digest and
//! size stand in the act, so it does not matter who brings the bytes.

use crate::blobs::BlobIndex;
use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::record_core::RecordCore;
use protocol::{HeldBlobs, MissingBlobs, StoredBlob};
use record::{BlobRef, Body, Digest, Entry, Millis, Origin};
use sealing::Random;
use std::sync::PoisonError;

impl RecordCore {
    /// Notes what this entry names and the blob store has not.
    pub(crate) fn note_lacking(&mut self, entry: &Entry) -> Result<(), CentreError> {
        let body = entry.disclosed.as_ref().and_then(|d| Body::parse(&d.body).ok());
        let Some(body) = body.filter(|_| !self.is_register) else {
            return Ok(());
        };
        for (blob, _) in BlobIndex::named_by(&body.core) {
            if !self.blobs.has(&blob)? {
                self.lacking.insert(blob);
            }
        }
        Ok(())
    }

    /// Those of the blobs held that are lacking here.
    pub(crate) fn lacking_of(&self, held: &[BlobRef]) -> Vec<BlobRef> {
        let lacking = held.iter().filter(|blob| self.lacking.contains(blob));
        lacking.copied().collect()
    }

    /// Whether a blob of this digest is lacking.
    pub(crate) fn lacks(&self, digest: &Digest) -> bool {
        self.lacking.iter().any(|blob| blob.digest == *digest)
    }

    /// A blob is back: what waited for it goes on.
    pub(crate) fn blob_came(
        &mut self,
        blob: &BlobRef,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<(), CentreError> {
        self.lacking.remove(blob);
        if !self.stalled {
            return Ok(());
        }
        self.fold_store(false)?;
        self.reload_notes()?;
        self.ensure_checkpoint()?;
        self.rebuild(now, random)
    }
}

impl Centre {
    /// Which of the blobs that a client kept are named by acts and lacking here.
    ///
    /// # Errors
    /// More than [`protocol::MAX_HELD`].
    pub fn blobs_missing(&self, origin: &Origin, held: &HeldBlobs) -> Result<MissingBlobs, CentreError> {
        if held.blobs.len() > protocol::MAX_HELD {
            return Err(CentreError::BadRequest("256 blobs at most".to_owned()));
        }
        let core = self.core(origin)?;
        let blobs = lock(&core).lacking_of(&held.blobs);
        Ok(MissingBlobs { blobs })
    }

    /// Whether a blob of this digest may be returned: asked before its bytes are read.
    ///
    /// # Errors
    /// [`CentreError::NotFound`] when no act names it, or it is here.
    pub fn blob_lacking(&self, origin: &Origin, digest: &Digest) -> Result<(), CentreError> {
        let core = self.core(origin)?;
        let lacks = lock(&core).lacks(digest);
        lacks
            .then_some(())
            .ok_or(CentreError::NotFound("no such blob is lacking"))
    }

    /// Takes back bytes that an act names and the centre has lost.
    ///
    /// # Errors
    /// As [`Centre::blob_lacking`]; store faults.
    pub fn blob_return(&self, origin: &Origin, bytes: &[u8]) -> Result<StoredBlob, CentreError> {
        let blob = BlobRef::of(bytes);
        let core = self.core(origin)?;
        if lock(&core).lacking_of(&[blob]).is_empty() {
            return Err(CentreError::NotFound("no such blob is lacking"));
        }
        self.blobs.put(bytes)?;
        let now = self.now();
        // Blobs are shared by all records.
        for core in self
            .records
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .values()
        {
            let mut core = lock(core);
            if core.lacking.contains(&blob) {
                self.with_random(|random| core.blob_came(&blob, now, random))?;
            }
        }
        self.settle_register()?;
        Ok(StoredBlob { blob })
    }
}
