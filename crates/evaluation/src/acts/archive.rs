//! The end of a record, and its recovery after a restore (protocol 2, 7).

use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::Role;
use crate::state::State;
use record::{Digest, Seen};
use serde::{Deserialize, Serialize};

/// Instance of the archiving act.
pub const ARCHIVE: &str = "archive";

/// Payload of `archived`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Archived {
    /// The head before this act.
    pub head: Seen,
    /// Digest of the external manifest: every blob that the record names.
    pub manifest: Digest,
}

/// Payload of `recovered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recovered {
    /// The highest cosigned checkpoint that was reached again.
    pub head: Seen,
    /// How many leaves came back from clients.
    pub rebuilt: u64,
    /// Openings of attachments that nobody had any more: `<index>/<name>`.
    pub lost: Vec<String>,
}

pub(super) fn archived(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let archived: Archived = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        act.core().instance == ARCHIVE,
        Code::Malformed,
        "instance archive",
    )?;
    ensure(state.report.is_some(), Code::WrongStage, "no report")?;
    let unsigned = state
        .committee
        .lines
        .keys()
        .find(|name| !state.signed.contains_key(*name));
    ensure(unsigned.is_none(), Code::WrongStage, "a member has not signed")?;
    let head = Seen {
        size: state.size(),
        root: state.root(),
    };
    ensure(archived.head == head, Code::Mismatch, "head differs")?;
    state.archived = Some(act.index());
    Ok(())
}

pub(super) fn recovered(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let recovered: Recovered = act.payload()?;
    let root = state.tree.root_at(recovered.head.size).ok();
    ensure(
        root == Some(recovered.head.root),
        Code::ForkedHistory,
        "recovered head differs",
    )?;
    ensure(
        recovered.rebuilt <= recovered.head.size,
        Code::Malformed,
        "more rebuilt than there is",
    )?;
    ensure(recovered.lost.len() <= 1024, Code::Limit, "1,024 losses at most")?;
    state.recovered += 1;
    Ok(())
}
