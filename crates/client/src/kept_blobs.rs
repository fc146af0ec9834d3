//! Blobs of own acts, kept in the vault until the evaluation is archived and given back to a centre that has lost
//! them (protocol 2, Restore).

use crate::desk::Desk;
use crate::error::ClientError;
use crate::link::Link;
use protocol::{ErrorCode, HeldBlobs, MAX_HELD};
use record::{BlobRef, Origin};
use std::collections::{BTreeMap, BTreeSet};
use storage::Change;

const PREFIX: &str = "blob/";
/// Largest blob that a vault keeps, bytes: 1 KiB below the bound of a row.
pub const MAX_KEPT: usize = storage::MAX_VALUE - 1024;

fn key(blob: &BlobRef) -> String {
    format!("{PREFIX}{}/{}", blob.digest, blob.size)
}

fn named(key: &str) -> Option<BlobRef> {
    let (digest, size) = key.strip_prefix(PREFIX)?.split_once('/')?;
    Some(BlobRef {
        digest: digest.parse().ok()?,
        size: size.parse().ok()?,
    })
}

/// Gives back those of the blobs that the centre lacks. Returns how many.
///
/// # Errors
/// The line.
pub fn return_blobs<'a>(
    link: &dyn Link,
    origin: &Origin,
    held: &[BlobRef],
    bytes: impl Fn(&BlobRef) -> Result<Option<std::borrow::Cow<'a, [u8]>>, ClientError>,
) -> Result<usize, ClientError> {
    let mut count = 0;
    for blobs in held.chunks(MAX_HELD) {
        let held = HeldBlobs {
            blobs: blobs.to_vec(),
        };
        for blob in link.blobs_missing(origin, &held)?.blobs {
            let Some(bytes) = bytes(&blob)? else { continue };
            match link.blob_return(origin, &bytes) {
                Ok(_) => count += 1,
                // Somebody else was faster.
                Err(ClientError::Centre(body)) if body.error == ErrorCode::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(count)
}

impl Desk {
    /// Keeps bytes that an own act names.
    ///
    /// # Errors
    /// The vault.
    pub fn keep_blob(&mut self, bytes: &[u8]) -> Result<BlobRef, ClientError> {
        let blob = BlobRef::of(bytes);
        if bytes.len() <= MAX_KEPT && self.vault.get(&key(&blob))?.is_none() {
            self.vault.put(&key(&blob), bytes)?;
        }
        Ok(blob)
    }

    /// Bytes kept here for an own act.
    pub(crate) fn kept_blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        self.vault.get(&key(blob)).ok().flatten()
    }

    /// What the centre lacks and this seat has: kept for own acts, or at hand from reading.
    pub(crate) fn return_kept_blobs(&mut self) -> Result<usize, ClientError> {
        let at_hand: BTreeMap<BlobRef, Vec<u8>> = self.replica.cached().into_iter().collect();
        let rows = self.vault.list(PREFIX)?;
        let kept = rows.iter().filter_map(|row| named(&row.key));
        let held: BTreeSet<BlobRef> = kept.chain(at_hand.keys().copied()).collect();
        let held: Vec<BlobRef> = held.into_iter().collect();
        return_blobs(&*self.link, &self.replica.origin(), &held, |blob| {
            match at_hand.get(blob) {
                Some(bytes) => Ok(Some(bytes.into())),
                None => Ok(self.vault.get(&key(blob))?.map(Into::into)),
            }
        })
    }

    /// Archived, and that under a quorum: what was kept for a restore is not needed any more.
    pub(crate) fn forget_blobs(&mut self) -> Result<(), ClientError> {
        let archived = self.replica.state().archived();
        if archived.is_none_or(|index| self.replica.cosigned_size() <= index) {
            return Ok(());
        }
        let rows = self.vault.list(PREFIX)?;
        let changes: Vec<Change> = rows
            .into_iter()
            .map(|row| Change::Remove { key: row.key })
            .collect();
        if !changes.is_empty() {
            self.vault.apply(&changes)?;
        }
        Ok(())
    }
}
