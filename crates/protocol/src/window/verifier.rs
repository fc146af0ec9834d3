//! The verifier's desk: a package, and no centre.

use super::common::{CheckState, Words};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum VerdictKind {
    /// Sound.
    Sound,
    /// Not sound.
    NotSound,
    /// Can't be read.
    Unusable,
    /// Consistent, origin not established.
    NoAnchors,
    /// Sound, unfinished.
    Unfinished,
}

/// A check of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditCheck {
    /// Name.
    pub name: String,
    /// Purpose.
    pub purpose: Words,
    /// Outcome.
    pub state: CheckState,
    /// Findings it has made, notes included.
    pub found: u64,
    /// Acts concerned, at most 200.
    pub entries: Vec<u64>,
}

/// A finding of the audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AuditFinding {
    /// Check.
    pub check: String,
    /// An error makes the package unsound; a note does not.
    pub error: bool,
    /// Act.
    pub index: Option<u64>,
    /// Object.
    pub object: Option<String>,
    /// What the check holds, which did not hold here or about which there is a note.
    pub purpose: Words,
    /// Detail in English, as the audit says it.
    pub detail: String,
}

/// A package, verified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PackageReport {
    /// File.
    pub path: String,
    /// Anchors file used; `null`: none.
    pub anchors: Option<String>,
    /// Verdict.
    pub verdict: VerdictKind,
    /// Exit code of the same verdict on the command line.
    pub code: u8,
    /// The verdict in a sentence.
    pub sentence: Words,
    /// Project and lot.
    pub lot: Option<Words>,
    /// `full` or `public`.
    pub profile: Option<String>,
    /// Record id, hex.
    pub origin: Option<String>,
    /// Acts.
    pub entries: u64,
    /// Rehearsal.
    pub development: bool,
    /// Ended without a result: the ground.
    pub ended: Option<Words>,
    /// Personal signatures: verified, under custody, lost.
    pub personal: (u64, u64, u64),
    /// Checks.
    pub checks: Vec<AuditCheck>,
    /// Findings, errors first, at most 1,000.
    pub findings: Vec<AuditFinding>,
    /// Whether a result can be shown.
    pub has_result: bool,
    /// Bytes of the file.
    pub size: u64,
    /// SHA-256 of the file, hex.
    pub digest: String,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(config, VerdictKind, AuditCheck, AuditFinding, PackageReport)
}
