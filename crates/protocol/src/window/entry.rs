//! The way in: which seat this PC is, and the PIN.

use super::common::Words;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The window that a seat works in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Desk {
    /// Expert or tenderer's representative in a booth.
    Expert,
    /// Clerk.
    Clerk,
    /// Purchaser.
    Purchaser,
    /// Holder.
    Holder,
    /// Supervisor or witness person.
    Supervisor,
    /// Site operator.
    Operator,
    /// Verifier: needs no centre.
    Verifier,
    /// Editor of rulebooks: needs no centre.
    Rulebook,
}

/// A seat that may be taken on this PC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SeatLine {
    /// Name of the seat on this PC.
    pub seat: String,
    /// Its window.
    pub desk: Desk,
    /// Role, site or booth, in words.
    pub title: Words,
    /// Organisation or site.
    pub place: Words,
    /// Whether a PIN opens it; a booth's PC key opens without.
    pub needs_pin: bool,
}

/// What this PC is set up for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Workplace {
    /// Seats, at most 64.
    pub seats: Vec<SeatLine>,
    /// The centre's address, for the phone.
    pub centre: String,
    /// Keys are encrypted files, for rehearsals only.
    pub development: bool,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(config, Desk, SeatLine, Workplace)
}
