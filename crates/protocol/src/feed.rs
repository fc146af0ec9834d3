//! The feed of a record and of the log witnesses.

use record::{Digest, Entry, Millis};
use serde::{Deserialize, Serialize};

/// A page of the feed, or one line of the live channel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Items in order.
    pub items: Vec<FeedItem>,
    /// Opaque: hand it back to go on from here.
    pub cursor: String,
    /// Whether more is there already.
    pub more: bool,
    /// Whether the centre lacks bytes that acts name: who kept some asks which (`blobs_missing`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub lacking: bool,
    /// The centre's time at this answer: what a window shows as the clock, and by how much a PC's own is off. Nothing
    /// that a seat checks goes by it.
    #[serde(default)]
    pub time: Millis,
}

/// One item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FeedItem {
    /// The next leaf, with what the caller may know of it.
    Entry(Entry),
    /// An earlier leaf of which more may be known from here on.
    Reopened(Entry),
    /// A checkpoint with the cosignatures it has now.
    Checkpoint(Cosigned),
}

/// A checkpoint with its signatures, as a C2SP note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosigned {
    /// The note.
    pub note: String,
}

/// What a log witness needs to cosign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessPage {
    /// The newest checkpoint, signed by the log.
    pub note: String,
    /// Consistency from the size asked for; empty when that size is 0 or the same.
    pub consistency: Vec<Digest>,
    /// The last leaf, whose time must not lie ahead; `None` for an empty tree.
    pub last: Option<WitnessTail>,
}

/// The last leaf of a checkpoint: its time bounds all times before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessTail {
    /// Leaf data, hex: header ‖ centre time ‖ commitment.
    pub data: String,
    /// Inclusion of the last leaf.
    pub inclusion: Vec<Digest>,
}
