//! What the centre observes and signs. The fold never reads it: these types are for people and the audit's reader
//! (protocol 1).

use record::PublicKey;
use serde::{Deserialize, Serialize};

/// Instance of every observation.
pub const OBSERVATIONS: &str = "observations";

/// Type of a cover leaf.
pub const COVER: &str = "observation.cover";

/// Payload of `observation.refused`: acts of one actor, type and code since the last observation of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refused {
    /// Key of the author.
    pub actor: PublicKey,
    /// Type of the refused acts.
    pub kind: String,
    /// Refusal code, such as `C-104`.
    pub code: String,
    /// How many.
    pub count: u64,
}

/// Payload of `observation.health`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Health {
    /// `started`: the centre was started on this record.
    pub event: String,
    /// Version of the centre's software.
    pub version: String,
}

/// Payload of `observation.cover`: nothing. It makes entries of bids equally long (COM-16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cover {}
