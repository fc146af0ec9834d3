//! What a supervisor may do beside the duties: warn in set words, mark, pause, let it go on.

use super::role;
use crate::acting::{Progress, act};
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::supervision::{self, MarkSet, SUPERVISION, WarningGiven};
use evaluation::acts::suspension::{EvaluationResumed, EvaluationSuspended, SUSPENSION};
use evaluation::{CodeName, Role};
use protocol::window::{Offer, Phrase, Words};

/// Phrases for warnings: those of the act.
pub fn phrases() -> Vec<Phrase> {
    let phrase = |phrase: supervision::Phrase| {
        let text = phrase.text();
        Phrase {
            id: phrase.id().to_owned(),
            text: Words::new(text.zh, text.en),
        }
    };
    supervision::Phrase::ALL.into_iter().map(phrase).collect()
}

fn line_of(line: Option<&str>) -> Result<Option<CodeName>, ClientError> {
    line.map(|line| CodeName::new(line).ok_or_else(|| ClientError::check("没有这位成员", "no such member")))
        .transpose()
}

/// Warns one member, or all.
///
/// # Errors
/// [`ClientError::Check`] for a phrase or member that there is not; as [`Desk::act`].
pub fn warn(
    desk: &mut Desk,
    line: Option<&str>,
    phrase: &str,
    reason: &str,
) -> Result<Progress, ClientError> {
    let found = supervision::Phrase::ALL
        .into_iter()
        .find(|known| known.id() == phrase);
    let payload = WarningGiven {
        line: line_of(line)?,
        phrase: found.ok_or_else(|| ClientError::check("没有这条用语", "no such phrase"))?,
        reason: reason.to_owned(),
    };
    act(desk, "warning.given", SUPERVISION, &payload)
}

/// Sets a mark in the record.
///
/// # Errors
/// As [`warn`].
pub fn mark(desk: &mut Desk, line: Option<&str>, note: &str) -> Result<Progress, ClientError> {
    let payload = MarkSet {
        line: line_of(line)?,
        note: note.to_owned(),
        presence: None,
    };
    act(desk, "mark.set", SUPERVISION, &payload)
}

/// Suspends the evaluation.
///
/// # Errors
/// As [`Desk::act`].
pub fn pause(desk: &mut Desk, reason: &str) -> Result<Progress, ClientError> {
    let payload = EvaluationSuspended {
        reason: reason.to_owned(),
    };
    act(desk, "evaluation.suspended", SUSPENSION, &payload)
}

/// Lets it go on.
///
/// # Errors
/// As [`Desk::act`].
pub fn resume(desk: &mut Desk, reason: &str) -> Result<Progress, ClientError> {
    let payload = EvaluationResumed {
        reason: reason.to_owned(),
    };
    act(desk, "evaluation.resumed", SUSPENSION, &payload)
}

/// What is offered: to a supervisor warning, mark, and pause or resumption; to a witness person the mark.
pub(super) fn offers(desk: &Desk) -> Vec<Offer> {
    let state = desk.replica.state();
    if state.record().is_none() || state.ended().is_some() || state.archived().is_some() {
        return Vec::new();
    }
    let offer = |action: &str, consequence: Option<Words>| Offer {
        action: action.to_owned(),
        why_not: None,
        consequence,
    };
    let mut offers = vec![offer("mark", None)];
    if role(desk) == Role::Supervisor {
        offers.push(offer("warn", None));
        offers.push(match state.suspended() {
            None => offer(
                "pause",
                Some(Words::new(
                    "所有场所的评标立即停止推进，直至您恢复；已写内容继续保存。",
                    "The evaluation stands still at every site until you resume it; what is written is kept on.",
                )),
            ),
            Some(_) => offer(
                "resume",
                Some(Words::new(
                    "所有场所的评标继续；暂停期间准备的提交须重新操作。",
                    "The evaluation goes on at every site; what was prepared during the pause must be done anew.",
                )),
            ),
        });
    }
    offers
}

/// Where a pause would act: sites with their booths and members, what stops, and what goes on.
pub fn pause_effect(desk: &Desk) -> Vec<Words> {
    let state = desk.replica.state();
    let lines = &state.committee().lines;
    let mut words: Vec<Words> = state
        .sites()
        .iter()
        .map(|(id, site)| {
            let names: Vec<&str> = lines
                .iter()
                .filter(|(_, line)| line.site == *id)
                .map(|(name, _)| name.as_str())
                .collect();
            let (count, list) = (names.len(), names.join("、"));
            let organisation = &site.organisation;
            Words::new(
                format!("{id}（{organisation}）：{count} 名评委 {list}"),
                format!("{id} ({organisation}): {count} members {list}"),
            )
        })
        .collect();
    words.push(Words::new(
        "停止：提交、关闭、开启与一切新的决定。",
        "What stops: sealing, closing, opening, and every new decision.",
    ));
    words.push(Words::new(
        "继续：阅读、已写内容的保存与快照、存证和见证。",
        "What goes on: reading, keeping and snapshots of what is written, the record and its witnesses.",
    ));
    words
}
