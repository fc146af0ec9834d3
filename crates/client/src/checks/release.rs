//! Before a holder's share or partial decryption leaves its client (protocol 4.7, 5).

use super::check_key;
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::Role;
use evaluation::acts::rounds::closing_lines;
use evaluation::plan::OPENING;
use record::{Entry, Leaf, Millis};

/// First checkpoint over the deadline must be cosigned within so long.
const DEADLINE_WINDOW: Millis = 10_000;

/// The client may release its share of this round.
#[derive(Debug)]
pub struct ReleasePermit {
    pub(crate) instance: String,
}

impl ReleasePermit {
    /// The round.
    pub fn instance(&self) -> &str {
        &self.instance
    }
}

/// The client may decrypt this submission partially.
#[derive(Debug)]
pub struct DecryptPermit {
    pub(crate) instance: String,
    pub(crate) submission: String,
}

impl DecryptPermit {
    /// Where the parts are opened.
    pub fn instance(&self) -> &str {
        &self.instance
    }

    /// The submission.
    pub fn submission(&self) -> &str {
        &self.submission
    }
}

fn refuse<T>(what: impl Into<String>) -> Result<T, ClientError> {
    Err(ClientError::Check(what.into()))
}

/// After an ending without a result nothing more is opened.
fn not_ended(replica: &Replica) -> Result<(), ClientError> {
    match replica.state().ended() {
        None => Ok(()),
        Some(_) => refuse("the evaluation ended without a result: what is shut stays shut"),
    }
}

fn index_of(replica: &Replica, kind: &str, instance: &str) -> Option<u64> {
    let found = replica
        .entries()
        .iter()
        .rev()
        .find(|entry: &&Entry| match &entry.leaf {
            Leaf::Header { header, .. } => header.kind == kind && header.instance == instance,
            Leaf::Hash(_) => false,
        });
    found.map(|entry| entry.index)
}

/// The evaluation has not ended; the key checks again, every roster line has its sheet or recorded absence, closed by the leader and countersigned,
/// all of it under a cosigned checkpoint; this client's own clock is not before the close.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_release(replica: &Replica, instance: &str, now: Millis) -> Result<ReleasePermit, ClientError> {
    not_ended(replica)?;
    check_key(replica, instance)?;
    let Some(round) = replica.state().round(instance) else {
        return refuse("no such round");
    };
    if closing_lines(round).is_none() {
        return refuse("a roster line has neither sheet nor recorded absence");
    }
    let Some((_, closed)) = round.closed else {
        return refuse("the round is not closed by the leader");
    };
    let Some(countersigned) = round.countersigned else {
        return refuse("the close is not countersigned");
    };
    for sheets in round.sheets.values() {
        if sheets.last().is_some_and(|(index, ..)| *index > closed) {
            return refuse("a sheet was taken after the close");
        }
    }
    if replica.cosigned_size() <= countersigned {
        return refuse("no checkpoint with enough cosignatures covers the close yet");
    }
    let time = replica
        .entries()
        .get(usize::try_from(countersigned).unwrap_or(usize::MAX))
        .map_or(0, |e| e.time);
    if now + evaluation::MAX_CLAIM_SKEW < time {
        return refuse("this client's clock is before the close");
    }
    Ok(ReleasePermit {
        instance: instance.to_owned(),
    })
}

/// The evaluation has not ended; the deadline has passed by this client's own clock; its first covering checkpoint was cosigned in time, or clerk and
/// supervisor allowed the opening; the submission stands and is not withdrawn; its parts are opened now.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_decrypt(
    replica: &Replica,
    instance: &str,
    submission: &str,
    now: Millis,
) -> Result<DecryptPermit, ClientError> {
    not_ended(replica)?;
    check_key(replica, evaluation::acts::ceremony::LOT_KEY)?;
    let state = replica.state();
    let Some(setting) = state.record() else {
        return refuse("no record");
    };
    let Some(deadline) = state.deadline_reached() else {
        return refuse("the deadline is not in the record");
    };
    if now < setting.deadline {
        return refuse("by this client's clock the deadline has not passed");
    }
    if let Some(index) = replica
        .entries()
        .iter()
        .find(|entry| matches!(entry.leaf, Leaf::Hash(_)))
        .map(|e| e.index)
    {
        return refuse(format!("leaf {index} is not opened to this client"));
    }
    let Some(started) = index_of(replica, "opening.started", instance) else {
        return refuse("nothing is opened here");
    };
    if replica.cosigned_size() <= started.max(deadline) {
        return refuse("no checkpoint with enough cosignatures covers the opening yet");
    }
    if instance == OPENING {
        deadline_in_time(replica)?;
    }
    let Some(found) = state.submissions().get(submission) else {
        return refuse("no such submission");
    };
    if found.withdrawn {
        return refuse("a withdrawn bid stays shut");
    }
    if found.index > deadline {
        return refuse("the submission came after the deadline");
    }
    if !state
        .submissions_in_play(instance)
        .iter()
        .any(|id| id == submission)
    {
        return refuse("the bid is no longer in play");
    }
    Ok(DecryptPermit {
        instance: instance.to_owned(),
        submission: submission.to_owned(),
    })
}

/// Whether w cosignature times of the first cosigned checkpoint over the deadline lie within [deadline, deadline +
/// 10 s] (protocol 5); `None` while no such checkpoint is known.
pub fn deadline_kept(replica: &Replica) -> Option<bool> {
    let deadline = replica.state().record()?.deadline;
    let cosigned = replica.cosignatures(replica.deadline_note()?);
    let window = deadline / 1000..=(deadline + DEADLINE_WINDOW).div_ceil(1000);
    let within = cosigned
        .times
        .iter()
        .filter(|(_, seconds)| window.contains(seconds))
        .count();
    Some(within >= usize::from(cosigned.quorum()))
}

/// The deadline was kept, or clerk and supervisor let the opening go on all the same.
fn deadline_in_time(replica: &Replica) -> Result<(), ClientError> {
    let allowed = replica.state().opening_allowed();
    if allowed.contains(&Role::Clerk) && allowed.contains(&Role::Supervisor) {
        return Ok(());
    }
    match deadline_kept(replica) {
        Some(true) => Ok(()),
        Some(false) => refuse(
            "the checkpoint over the deadline was not cosigned in time; clerk and supervisor must decide",
        ),
        None => refuse("no cosigned checkpoint over the deadline is known yet"),
    }
}
