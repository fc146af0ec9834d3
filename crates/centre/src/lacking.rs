//! Blobs that acts name and the blob store has lost: who kept them gives them back (protocol 2, Restore). Digest and
//! size stand in the act, so it does not matter who brings the bytes.

use crate::blobs::BlobIndex;
use crate::error::CentreError;
use crate::record_core::RecordCore;
use record::{BlobRef, Body, Digest, Entry, Millis};
use sealing::Random;

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
