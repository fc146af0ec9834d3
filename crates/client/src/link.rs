//! The link to the centre: the commands of the table, as one caller.

use crate::error::ClientError;
use protocol::{
    Acknowledged, Bundle, Connections, Cosignature, Feed, HeldBlobs, IngestKey, MissingBlobs, PartKey,
    Receipt, RecordLine, ReplacementAsk, ReplacementTaken, Replacements, RestoreState, ReturnedLeaves,
    StageDocument, StoredBlob, WitnessPage,
};
use record::{ActId, Digest, Origin, Submission};
use std::time::Duration;

/// Result of a call.
pub type Answer<T> = Result<T, ClientError>;

/// Calls to the centre. `http_link` makes them over TLS, the simulation in memory; controllers know neither.
pub trait Link: Send {
    /// Records this key has a role in.
    ///
    /// # Errors
    /// The line, or the centre's answer.
    fn record_list(&self) -> Answer<Vec<RecordLine>>;
    /// The first act of a record.
    ///
    /// # Errors
    /// As above.
    fn record_create(&self, act: &Submission) -> Answer<Acknowledged>;
    /// Rulebook and tender before the record exists.
    ///
    /// # Errors
    /// As above.
    fn setup_blob_put(&self, bytes: &[u8]) -> Answer<StoredBlob>;
    /// One act.
    ///
    /// # Errors
    /// As above.
    fn act_submit(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged>;
    /// The feed from a cursor; empty text from the beginning.
    ///
    /// # Errors
    /// As above.
    fn feed(&self, origin: &Origin, cursor: &str) -> Answer<Feed>;
    /// Waits until the feed may have grown, over the live channel; returns at once where nothing can grow.
    fn wait(&self, origin: &Origin, cursor: &str, at_most: Duration);
    /// Keeps bytes that an act will name.
    ///
    /// # Errors
    /// As above.
    fn blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob>;
    /// Bytes that an act names.
    ///
    /// # Errors
    /// As above.
    fn blob_get(&self, origin: &Origin, digest: &Digest) -> Answer<Vec<u8>>;
    /// The lot's ingest key.
    ///
    /// # Errors
    /// As above.
    fn ingest_key(&self, origin: &Origin) -> Answer<IngestKey>;
    /// Opens a part.
    ///
    /// # Errors
    /// As above.
    fn part_decrypt(&self, origin: &Origin, submission: &str, part: &str) -> Answer<PartKey>;
    /// Who is connected now; for supervisor, witness person, clerk and site operator.
    ///
    /// # Errors
    /// As above.
    fn presence(&self, origin: &Origin) -> Answer<Connections>;
    /// As a booth's new PC: asks the site desk to put its key in the place of the old one's.
    ///
    /// # Errors
    /// As above.
    fn replacement_ask(&self, origin: &Origin, ask: &ReplacementAsk) -> Answer<ReplacementTaken>;
    /// As a site desk: new PCs that wait for it.
    ///
    /// # Errors
    /// As above.
    fn replacement_list(&self, origin: &Origin) -> Answer<Replacements>;
    /// The archive package; profile `full` or `public`.
    ///
    /// # Errors
    /// As above.
    fn archive(&self, origin: &Origin, profile: &str) -> Answer<Vec<u8>>;
    /// Returns leaves after a restore.
    ///
    /// # Errors
    /// As above.
    fn leaves_return(&self, origin: &Origin, leaves: &ReturnedLeaves) -> Answer<RestoreState>;
    /// Which of the blobs that this client kept the centre lacks.
    ///
    /// # Errors
    /// As above.
    fn blobs_missing(&self, origin: &Origin, held: &HeldBlobs) -> Answer<MissingBlobs>;
    /// Returns a blob that the centre lacks.
    ///
    /// # Errors
    /// As above.
    fn blob_return(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob>;
    /// The lot-key bundle.
    ///
    /// # Errors
    /// As above.
    fn bundle(&self, origin: &Origin) -> Answer<Bundle>;
    /// Keeps a sealed part.
    ///
    /// # Errors
    /// As above.
    fn bid_blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob>;
    /// A bidder's act.
    ///
    /// # Errors
    /// As above.
    fn bid_act(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged>;
    /// A bidder's receipt.
    ///
    /// # Errors
    /// As above.
    fn bid_receipt(&self, origin: &Origin, act: &ActId) -> Answer<Receipt>;
    /// What is being opened.
    ///
    /// # Errors
    /// As above.
    fn bid_stage(&self, origin: &Origin) -> Answer<StageDocument>;
    /// Records whose log witness this is, with the size of their newest checkpoint; waits up to the time given for
    /// something new.
    ///
    /// # Errors
    /// As above.
    fn witness_heads(&self, at_most: Duration) -> Answer<Vec<(Origin, u64)>>;
    /// Newest checkpoint with consistency.
    ///
    /// # Errors
    /// As above.
    fn witness_page(&self, origin: &Origin, size: u64) -> Answer<WitnessPage>;
    /// A cosignature.
    ///
    /// # Errors
    /// As above.
    fn cosign(&self, origin: &Origin, cosignature: &Cosignature) -> Answer<bool>;
}

/// No line at all: for checks that work from what is at hand.
pub struct NoLine;

impl Link for NoLine {
    fn record_list(&self) -> Answer<Vec<RecordLine>> {
        Err(no_line())
    }
    fn record_create(&self, _act: &Submission) -> Answer<Acknowledged> {
        Err(no_line())
    }
    fn setup_blob_put(&self, _bytes: &[u8]) -> Answer<StoredBlob> {
        Err(no_line())
    }
    fn act_submit(&self, _origin: &Origin, _act: &Submission) -> Answer<Acknowledged> {
        Err(no_line())
    }
    fn feed(&self, _origin: &Origin, _cursor: &str) -> Answer<Feed> {
        Err(no_line())
    }
    fn wait(&self, _origin: &Origin, _cursor: &str, _at_most: Duration) {}
    fn blob_put(&self, _origin: &Origin, _bytes: &[u8]) -> Answer<StoredBlob> {
        Err(no_line())
    }
    fn blob_get(&self, _origin: &Origin, _digest: &Digest) -> Answer<Vec<u8>> {
        Err(no_line())
    }
    fn ingest_key(&self, _origin: &Origin) -> Answer<IngestKey> {
        Err(no_line())
    }
    fn part_decrypt(&self, _origin: &Origin, _submission: &str, _part: &str) -> Answer<PartKey> {
        Err(no_line())
    }
    fn presence(&self, _origin: &Origin) -> Answer<Connections> {
        Err(no_line())
    }
    fn replacement_ask(&self, _origin: &Origin, _ask: &ReplacementAsk) -> Answer<ReplacementTaken> {
        Err(no_line())
    }
    fn replacement_list(&self, _origin: &Origin) -> Answer<Replacements> {
        Err(no_line())
    }
    fn archive(&self, _origin: &Origin, _profile: &str) -> Answer<Vec<u8>> {
        Err(no_line())
    }
    fn leaves_return(&self, _origin: &Origin, _leaves: &ReturnedLeaves) -> Answer<RestoreState> {
        Err(no_line())
    }
    fn blobs_missing(&self, _origin: &Origin, _held: &HeldBlobs) -> Answer<MissingBlobs> {
        Err(no_line())
    }
    fn blob_return(&self, _origin: &Origin, _bytes: &[u8]) -> Answer<StoredBlob> {
        Err(no_line())
    }
    fn bundle(&self, _origin: &Origin) -> Answer<Bundle> {
        Err(no_line())
    }
    fn bid_blob_put(&self, _origin: &Origin, _bytes: &[u8]) -> Answer<StoredBlob> {
        Err(no_line())
    }
    fn bid_act(&self, _origin: &Origin, _act: &Submission) -> Answer<Acknowledged> {
        Err(no_line())
    }
    fn bid_receipt(&self, _origin: &Origin, _act: &ActId) -> Answer<Receipt> {
        Err(no_line())
    }
    fn bid_stage(&self, _origin: &Origin) -> Answer<StageDocument> {
        Err(no_line())
    }
    fn witness_heads(&self, _at_most: Duration) -> Answer<Vec<(Origin, u64)>> {
        Err(no_line())
    }
    fn witness_page(&self, _origin: &Origin, _size: u64) -> Answer<WitnessPage> {
        Err(no_line())
    }
    fn cosign(&self, _origin: &Origin, _cosignature: &Cosignature) -> Answer<bool> {
        Err(no_line())
    }
}

fn no_line() -> ClientError {
    ClientError::Line("no line".to_owned())
}
