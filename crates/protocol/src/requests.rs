//! Bodies of the commands.

use evaluation::{CodeName, Role, SiteId};
use record::{ActId, BlobRef, Digest, Entry, Millis, Opening, Origin, PublicKey};
use serde::{Deserialize, Serialize};

/// An act is durable at this index. Not yet a receipt: that needs w cosignatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledged {
    /// Place in the record.
    pub index: u64,
    /// Centre time.
    pub time: Millis,
}

/// A blob is durable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredBlob {
    /// Digest and size.
    pub blob: BlobRef,
}

/// Proof that a log witness was replaced: with it a reader who holds only a checkpoint knows whose cosignatures count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacedWitness {
    /// The act `witness.replaced`, with its body.
    pub entry: Entry,
    /// Inclusion in the checkpoint.
    pub inclusion: Vec<Digest>,
    /// A checkpoint that w of the log witnesses who stay cosigned.
    pub note: String,
}

/// Proof that an act is in a cosigned record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The leaf, with the body it commits to.
    pub entry: Entry,
    /// Inclusion in the checkpoint.
    pub inclusion: Vec<Digest>,
    /// The cosigned checkpoint.
    pub note: String,
    /// Replacements of log witnesses before it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<ReplacedWitness>,
}

/// What a bidder's tool checks before it seals: the record from its first leaf to the ingest key, whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// Entries 0 … of the record, all up to the checkpoint.
    pub entries: Vec<Entry>,
    /// A cosigned checkpoint of exactly these entries.
    pub note: String,
    /// The rulebook, base64.
    pub rulebook: String,
    /// Checkpoints that confirm replacements of log witnesses among these entries, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub confirming: Vec<String>,
}

/// The lot's ingest key as the centre made it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IngestKey {
    /// Public key.
    pub key: PublicKey,
    /// Sealed backups: (custodian pseudonym, enc hex, ct hex).
    pub backups: Vec<(String, String, String)>,
}

/// What came of opening a part, for the clerk's own check and signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum PartKey {
    /// The file key; the plaintext lies at the centre as a blob.
    Opened {
        /// K, 64 hex digits.
        key: String,
        /// Digest and size of the plaintext.
        content: BlobRef,
    },
    /// It can't be opened, for a reason of the closed list.
    Failed {
        /// Reason.
        reason: String,
    },
}

/// A record the caller has a role in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordLine {
    /// Record.
    pub origin: Origin,
    /// Whether it is archived.
    pub archived: bool,
}

/// A cosignature line of a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosignature {
    /// Size of the checkpoint.
    pub size: u64,
    /// The note with the witness's cosignature.
    pub note: String,
}

/// Which parts are being opened, and the checkpoint that a bidder's act names as seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageDocument {
    /// (instance, parts) being opened.
    pub openings: Vec<(String, Vec<String>)>,
    /// Newest checkpoint that a bidder may name; before the deadline the one of the bundle.
    pub note: String,
    /// Whether the centre lacks bytes that acts name: who kept some asks which (`blobs_missing`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacking: bool,
}

/// Leaves that a client kept and returns after a restore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReturnedLeaves {
    /// Highest cosigned checkpoint the client holds.
    pub note: String,
    /// Newest checkpoint the client holds, signed by the log, whatever cosignatures it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest: Option<String>,
    /// How many `recovered` acts the client's copy holds: fewer than the centre's, and its newest leaves may be known
    /// to be lost.
    #[serde(default)]
    pub recoveries: u64,
    /// Replacements of log witnesses before it, in order: the centre may have lost them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<ReplacedWitness>,
    /// Leaves from the centre's present size on.
    pub leaves: Vec<LeafReturn>,
}

/// One leaf as kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeafReturn {
    /// The entry with all the client knows of it.
    pub entry: Entry,
}

/// Where a rebuild stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RestoreState {
    /// Leaves at the centre now.
    pub size: u64,
    /// Leaves that must come back: size of the highest cosigned checkpoint shown.
    pub needed: u64,
    /// Index of the first leaf whose body is still missing.
    pub missing: Option<u64>,
    /// Whether leaves are still taken; the record is read-only meanwhile.
    pub rebuilding: bool,
}

/// Most blobs named in one question.
pub const MAX_HELD: usize = 256;

/// Blobs that a client kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeldBlobs {
    /// At most [`MAX_HELD`].
    pub blobs: Vec<BlobRef>,
}

/// Those of them that acts name and the centre lacks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MissingBlobs {
    /// In the order of the question.
    pub blobs: Vec<BlobRef>,
}

/// Who is connected, as the centre's live channels show it now: kept in memory, never in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connections {
    /// Every key with a role, every enrolled booth PC and every drawn line; to a site operator those of the own site,
    /// without code names.
    pub seats: Vec<SeatConnection>,
}

/// One key or line, and whether it holds a live channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatConnection {
    /// Key; `None` for a line without an evaluation key.
    pub key: Option<PublicKey>,
    /// Booth, of booth PCs and lines.
    pub booth: Option<String>,
    /// Code name, of lines.
    pub line: Option<CodeName>,
    /// Site, where there is one.
    pub site: Option<SiteId>,
    /// Role; of a line its member's.
    pub role: Role,
    /// Whether a live channel is open.
    pub connected: bool,
    /// Since when, centre time; the start of the centre's process where it has not heard of the key since.
    pub since: Millis,
}

/// Most acts laid out in one [`ReplacementAsk`].
pub const MAX_PROPOSALS: usize = 4;

/// A new PC of a booth asks the site desk to put its key in the place of the old PC's (protocol 3). Kept in memory,
/// one a booth, never in the record: what counts is the act that the desk then signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacementAsk {
    /// Booth of the PC that asks.
    pub booth: String,
    /// One act for each desk of the site, of which one signs; at most [`MAX_PROPOSALS`].
    pub proposals: Vec<ReplacementProposal>,
}

/// An act `member.key_replaced` as the member laid it out and signed it personally; what it lacks is the desk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacementProposal {
    /// Key of the desk, the act's actor.
    pub desk: PublicKey,
    /// The exact bytes of the act's body, UTF-8.
    pub body: String,
    /// Opening of the attachment `personal`.
    pub personal: Opening,
}

/// The centre has taken it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacementTaken {
    /// Centre time since when the PC asks.
    pub since: Millis,
}

/// New PCs of a site that wait for its desk.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replacements {
    /// By booth; those laid out for the calling desk.
    pub asked: Vec<ReplacementAsked>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacementAsked {
    /// Booth.
    pub booth: String,
    /// Centre time since when it asks.
    pub since: Millis,
    /// The act.
    pub proposal: ReplacementProposal,
}

/// Inclusion of a record's creation and close in the register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterProof {
    /// Entries of the register about the record.
    pub entries: Vec<(Entry, Vec<Digest>)>,
    /// The register's checkpoint.
    pub note: String,
    /// Id of the act asked for, if any.
    pub act: Option<ActId>,
}
