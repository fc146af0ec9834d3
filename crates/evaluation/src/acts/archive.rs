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
    /// The record as it was reached again: at least the highest cosigned checkpoint shown.
    pub head: Seen,
    /// How many leaves came back from clients.
    pub rebuilt: u64,
    /// Openings of attachments that nobody had any more: `<index>/<name>`.
    pub lost: Vec<String>,
    /// Leaves that the centre had given out and that nobody gave back whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lost_leaves: Option<LostLeaves>,
}

/// Leaves above a recovered head that are gone; other leaves now have their places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostLeaves {
    /// Index of the first: the size of the recovered head.
    pub from: u64,
    /// Index behind the last that a signed checkpoint shows to have been there.
    pub to: u64,
}

/// What a `recovered` act says, for those who had seen more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// Index of the act.
    pub index: u64,
    /// Head that was reached again.
    pub head: Seen,
    /// Leaves that are gone.
    pub lost_leaves: Option<LostLeaves>,
}

pub(super) fn archived(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let archived: Archived = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        act.core().instance == ARCHIVE,
        Code::Malformed,
        "instance archive",
    )?;
    if state.ended.is_none() {
        ensure(state.report.is_some(), Code::WrongStage, "no report")?;
        let unsigned = state
            .committee
            .lines
            .keys()
            .find(|name| !state.signed.contains_key(*name));
        ensure(unsigned.is_none(), Code::WrongStage, "a member has not signed")?;
    }
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
    let lost_leaves = recovered.lost_leaves;
    let above = lost_leaves.is_none_or(|lost| lost.from == recovered.head.size && lost.from < lost.to);
    ensure(above, Code::Malformed, "lost leaves follow the recovered head")?;
    state.recoveries.push(Recovery {
        index: act.index(),
        head: recovered.head,
        lost_leaves,
    });
    Ok(())
}
