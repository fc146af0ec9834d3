//! Bodies of requests, bounded. What is refused is read to a bound and thrown away, so that the caller reads the
//! answer instead of a broken connection.

use crate::answers::Failure;
use axum::body::{Body, HttpBody as _};
use futures_util::StreamExt as _;
use protocol::ErrorCode;
use record::Digest;
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Most bytes thrown away after a refusal, and the time for it.
const MAX_DRAIN: usize = 16 << 20;
const DRAIN_TIME: Duration = Duration::from_secs(5);
/// Bytes of a permit of the memory for blobs.
const PERMIT: usize = 4096;

/// Memory for blobs on their way, as permits of 4 KiB.
#[derive(Debug)]
pub(crate) struct BlobMemory(Semaphore);

impl BlobMemory {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Semaphore::new((bytes / PERMIT).clamp(1, Semaphore::MAX_PERMITS)))
    }
}

/// A blob in memory, and its share of the bound.
pub(crate) struct Blob<'a> {
    pub(crate) bytes: Vec<u8>,
    share: Option<SemaphorePermit<'a>>,
}

impl<'a> Blob<'a> {
    /// The bytes, and the share to hold as long as they are used.
    pub(crate) fn parts(self) -> (Vec<u8>, Option<SemaphorePermit<'a>>) {
        (self.bytes, self.share)
    }
}

/// The body of a command that takes none.
pub(crate) async fn none(body: Body) -> Result<(), Failure> {
    collect(body, 0, None).await.map(drop)
}

/// Reads and parses a JSON body.
pub(crate) async fn json<T: DeserializeOwned>(body: Body, limit: usize) -> Result<T, Failure> {
    let bytes = collect(body, limit, None).await?.bytes;
    serde_json::from_slice(&bytes).map_err(|error| {
        // The parser's message may quote the body; its place does not.
        let place = format!(
            "not the JSON of this command: line {} column {}",
            error.line(),
            error.column()
        );
        Failure::new(ErrorCode::BadRequest, &place)
    })
}

/// Reads a blob whose digest the path names.
pub(crate) async fn blob<'a>(
    body: Body,
    limit: usize,
    digest: Digest,
    memory: &'a BlobMemory,
) -> Result<Blob<'a>, Failure> {
    let blob = collect(body, limit, Some(memory)).await?;
    if Digest::of(&blob.bytes) == digest {
        Ok(blob)
    } else {
        Err(Failure::new(
            ErrorCode::BadRequest,
            "the bytes are not those of the digest",
        ))
    }
}

async fn collect<'a>(body: Body, limit: usize, memory: Option<&'a BlobMemory>) -> Result<Blob<'a>, Failure> {
    if body.size_hint().lower() > limit as u64 {
        drain(body).await;
        return Err(Failure::too_large());
    }
    let mut blob = Blob {
        bytes: Vec::new(),
        share: None,
    };
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| Failure::new(ErrorCode::BadRequest, "the body broke off"))?;
        let failure = if blob.bytes.len() + chunk.len() > limit {
            Some(Failure::too_large())
        } else if let Some(memory) = memory {
            grow(&mut blob, chunk.len(), memory).err()
        } else {
            None
        };
        if let Some(failure) = failure {
            drop(blob);
            drain(Body::from_stream(stream)).await;
            return Err(failure);
        }
        blob.bytes.extend_from_slice(&chunk);
    }
    Ok(blob)
}

/// Takes as many further permits as the grown blob needs; nobody waits for them, so nobody can hold others up by
/// sending slowly.
fn grow<'a>(blob: &mut Blob<'a>, by: usize, memory: &'a BlobMemory) -> Result<(), Failure> {
    let held = blob.share.as_ref().map_or(0, SemaphorePermit::num_permits);
    let needed = (blob.bytes.len() + by).div_ceil(PERMIT).saturating_sub(held);
    let busy = || Failure::new(ErrorCode::Busy, "too many blobs at once");
    let count = u32::try_from(needed).map_err(|_| busy())?;
    let more = memory.0.try_acquire_many(count).map_err(|_| busy())?;
    match &mut blob.share {
        Some(share) => share.merge(more),
        None => blob.share = Some(more),
    }
    Ok(())
}

/// Throws a body away, to a bound.
pub(crate) async fn drain(body: Body) {
    let mut stream = body.into_data_stream();
    let mut left = MAX_DRAIN;
    let reading = async {
        while let Some(Ok(chunk)) = stream.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // A caller that is slower than this sees a broken connection.
    let _ = tokio::time::timeout(DRAIN_TIME, reading).await;
}
