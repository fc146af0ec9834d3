//! Before a holder's share or partial decryption leaves its client (protocol 4.7, 5).

use super::list::{Checklist, Verdict, refuse, wait};
use super::{check_not_suspended, key_checks, record_checks};
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::acts::rounds::closing_lines;
use evaluation::plan::OPENING;
use evaluation::{Role, RoundState, Submission};
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

/// After an ending without a result nothing more is opened.
fn not_ended(replica: &Replica) -> Verdict {
    match replica.state().ended() {
        None => Ok(()),
        Some(_) => refuse(
            "评标已无结果终止：未开启的不再开启",
            "the evaluation ended without a result: what is shut stays shut",
        ),
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

fn going_on(replica: &Replica) -> Checklist<'_> {
    Checklist::new()
        .with(
            "not_ended",
            "评标没有终止",
            "The evaluation has not ended",
            || not_ended(replica),
        )
        .with(
            "not_suspended",
            "评标没有暂停",
            "The evaluation is not paused",
            || not_suspended(replica),
        )
}

/// While the evaluation is suspended nothing leaves this client: the centre would refuse the act, and know the share
/// all the same.
fn not_suspended(replica: &Replica) -> Verdict {
    check_not_suspended(replica).or_else(|_| {
        wait(
            "评标已暂停：等待监督人员恢复",
            "the evaluation is paused: wait until the supervisor resumes it",
        )
    })
}

/// The evaluation has not ended; the key checks again, every roster line has its sheet or recorded absence, closed by
/// the leader and countersigned, all of it under a cosigned checkpoint; this client's own clock is not before the close.
pub fn release_checks<'a>(replica: &'a Replica, instance: &'a str, now: Millis) -> Checklist<'a> {
    going_on(replica)
        .and(key_checks(replica, instance))
        .and(lines_closed(replica, instance))
        .with(
            "countersigned",
            "关闭已由经办或监督复核签署",
            "Clerk or supervisor countersigned the close",
            move || countersigned(replica, instance).map(drop),
        )
        .with(
            "close_witnessed",
            "关闭已由足够的见证节点会签",
            "Enough log witnesses cosigned the close",
            move || close_witnessed(replica, instance),
        )
        .with(
            "clock",
            "本机时钟不早于关闭时间",
            "This PC's clock is not before the close",
            move || clock_after_close(replica, instance, now),
        )
}

/// Before the close of a round is countersigned: the record is the anchored one, every line has sealed or is recorded
/// as absent, the leader closed, and nothing was taken after it.
pub fn close_checks<'a>(replica: &'a Replica, instance: &'a str) -> Checklist<'a> {
    going_on(replica)
        .and(record_checks(replica))
        .and(lines_closed(replica, instance))
}

fn lines_closed<'a>(replica: &'a Replica, instance: &'a str) -> Checklist<'a> {
    Checklist::new()
        .with(
            "lines_complete",
            "名册上每个代号都已密封提交，或已认定缺席",
            "Every line of the roster has sealed, or is recorded as absent",
            move || lines_complete(replica, instance),
        )
        .with(
            "closed",
            "组长已关闭本轮",
            "The leader closed the round",
            move || closed(replica, instance).map(drop),
        )
        .with(
            "no_late_sheet",
            "关闭之后没有收下评分表",
            "No sheet was taken after the close",
            move || no_late_sheet(replica, instance),
        )
}

/// [`release_checks`], all of them.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_release(replica: &Replica, instance: &str, now: Millis) -> Result<ReleasePermit, ClientError> {
    release_checks(replica, instance, now).pass()?;
    Ok(ReleasePermit {
        instance: instance.to_owned(),
    })
}

fn round<'a>(replica: &'a Replica, instance: &str) -> Verdict<&'a RoundState> {
    match replica.state().round(instance) {
        Some(round) => Ok(round),
        None => wait("没有这一轮", "no such round"),
    }
}

fn lines_complete(replica: &Replica, instance: &str) -> Verdict {
    if closing_lines(round(replica, instance)?).is_none() {
        return wait(
            "还有代号既没有密封提交，也没有认定缺席",
            "a roster line has neither sheet nor recorded absence",
        );
    }
    Ok(())
}

fn closed(replica: &Replica, instance: &str) -> Verdict<u64> {
    match round(replica, instance)?.closed {
        Some((_, index)) => Ok(index),
        None => wait("组长还没有关闭本轮", "the round is not closed by the leader"),
    }
}

fn countersigned(replica: &Replica, instance: &str) -> Verdict<u64> {
    match round(replica, instance)?.countersigned {
        Some(index) => Ok(index),
        None => wait("关闭还没有复核签署", "the close is not countersigned"),
    }
}

fn no_late_sheet(replica: &Replica, instance: &str) -> Verdict {
    let closed = closed(replica, instance)?;
    for sheets in round(replica, instance)?.sheets.values() {
        if sheets.last().is_some_and(|(index, ..)| *index > closed) {
            return refuse("关闭之后又收下了评分表", "a sheet was taken after the close");
        }
    }
    Ok(())
}

fn close_witnessed(replica: &Replica, instance: &str) -> Verdict {
    if replica.cosigned_size() <= countersigned(replica, instance)? {
        return wait(
            "覆盖关闭的检查点还没有足够的会签",
            "no checkpoint with enough cosignatures covers the close yet",
        );
    }
    Ok(())
}

fn clock_after_close(replica: &Replica, instance: &str, now: Millis) -> Verdict {
    let index = countersigned(replica, instance)?;
    let time = replica
        .entries()
        .get(usize::try_from(index).unwrap_or(usize::MAX))
        .map_or(0, |e| e.time);
    if now + evaluation::MAX_CLAIM_SKEW < time {
        return refuse("本机时钟早于关闭时间", "this client's clock is before the close");
    }
    Ok(())
}

/// The evaluation has not ended; the deadline has passed by this client's own clock; its first covering checkpoint was
/// cosigned in time, or clerk and supervisor allowed the opening; the submission stands and is not withdrawn; its parts
/// are opened now.
pub fn decrypt_checks<'a>(
    replica: &'a Replica,
    instance: &'a str,
    submission: &'a str,
    now: Millis,
) -> Checklist<'a> {
    let list = going_on(replica)
        .and(key_checks(replica, LOT_KEY))
        .with(
            "deadline_recorded",
            "投标截止已记录",
            "The deadline is in the record",
            move || deadline(replica).map(drop),
        )
        .with(
            "deadline_passed",
            "按本机时钟投标截止时间已过",
            "By this PC's clock the deadline has passed",
            move || deadline_passed(replica, now),
        )
        .with(
            "nothing_hidden",
            "截止前的每条记录都已向本机公开",
            "Every act of the bidding is opened to this PC",
            move || nothing_hidden(replica),
        )
        .with(
            "opening_witnessed",
            "开启已开始，并由足够的见证节点会签",
            "The opening has started, and enough log witnesses cosigned it",
            move || opening_witnessed(replica, instance),
        );
    let list = if instance == OPENING {
        list.with(
            "deadline_in_time",
            "截止时的检查点及时会签，或经办与监督已同意继续",
            "The checkpoint over the deadline was cosigned in time, or clerk and supervisor let it go on",
            move || deadline_in_time(replica),
        )
    } else {
        list
    };
    list.with(
        "not_withdrawn",
        "该投标没有撤回",
        "The bid is not withdrawn",
        move || not_withdrawn(replica, submission),
    )
    .with(
        "before_deadline",
        "该投标在截止前递交",
        "The bid came before the deadline",
        move || before_deadline(replica, submission),
    )
    .with(
        "in_play",
        "该投标仍在评审范围内",
        "The bid is in play",
        move || in_play(replica, instance, submission),
    )
}

/// [`decrypt_checks`], all of them.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_decrypt(
    replica: &Replica,
    instance: &str,
    submission: &str,
    now: Millis,
) -> Result<DecryptPermit, ClientError> {
    decrypt_checks(replica, instance, submission, now).pass()?;
    Ok(DecryptPermit {
        instance: instance.to_owned(),
        submission: submission.to_owned(),
    })
}

fn deadline(replica: &Replica) -> Verdict<u64> {
    match replica.state().deadline_reached() {
        Some(index) => Ok(index),
        None => wait("记录中还没有投标截止", "the deadline is not in the record"),
    }
}

fn deadline_passed(replica: &Replica, now: Millis) -> Verdict {
    let Some(setting) = replica.state().record() else {
        return wait("没有存证记录", "no record");
    };
    if now < setting.deadline {
        return refuse(
            "按本机时钟，投标截止时间未到",
            "by this client's clock the deadline has not passed",
        );
    }
    Ok(())
}

fn nothing_hidden(replica: &Replica) -> Verdict {
    let hidden = replica
        .entries()
        .iter()
        .find(|entry| matches!(entry.leaf, Leaf::Hash(_)));
    match hidden.map(|entry| entry.index) {
        Some(index) => refuse(
            format!("第 {index} 条记录没有向本机公开"),
            format!("leaf {index} is not opened to this client"),
        ),
        None => Ok(()),
    }
}

fn opening_witnessed(replica: &Replica, instance: &str) -> Verdict {
    let Some(started) = index_of(replica, "opening.started", instance) else {
        return wait("这里还没有开始开启", "nothing is opened here");
    };
    if replica.cosigned_size() <= started.max(deadline(replica)?) {
        return wait(
            "覆盖开启的检查点还没有足够的会签",
            "no checkpoint with enough cosignatures covers the opening yet",
        );
    }
    Ok(())
}

fn find<'a>(replica: &'a Replica, submission: &str) -> Verdict<&'a Submission> {
    match replica.state().submissions().get(submission) {
        Some(found) => Ok(found),
        None => refuse("没有这份投标", "no such submission"),
    }
}

fn not_withdrawn(replica: &Replica, submission: &str) -> Verdict {
    if find(replica, submission)?.withdrawn {
        return refuse("已撤回的投标不予开启", "a withdrawn bid stays shut");
    }
    Ok(())
}

fn before_deadline(replica: &Replica, submission: &str) -> Verdict {
    if find(replica, submission)?.index > deadline(replica)? {
        return refuse("该投标在截止之后递交", "the submission came after the deadline");
    }
    Ok(())
}

fn in_play(replica: &Replica, instance: &str, submission: &str) -> Verdict {
    let left = replica.state().submissions_in_play(instance);
    if !left.iter().any(|id| id == submission) {
        return refuse("该投标已不在评审范围内", "the bid is no longer in play");
    }
    Ok(())
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
fn deadline_in_time(replica: &Replica) -> Verdict {
    let allowed = replica.state().opening_allowed();
    if allowed.contains(&Role::Clerk) && allowed.contains(&Role::Supervisor) {
        return Ok(());
    }
    match deadline_kept(replica) {
        Some(true) => Ok(()),
        Some(false) => refuse(
            "截止时的检查点会签晚了，须由经办与监督决定",
            "the checkpoint over the deadline was not cosigned in time; clerk and supervisor must decide",
        ),
        None => wait(
            "还没有覆盖截止时间的会签检查点",
            "no cosigned checkpoint over the deadline is known yet",
        ),
    }
}
