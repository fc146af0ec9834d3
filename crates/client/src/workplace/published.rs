//! What a seat shows: made on the seat's thread after every change, read by windows at any time.

use super::occupation::Occupation;
use super::view::View;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::expert::Form;
use crate::roles::problem::problem_of;
use crate::roles::titles;
use crate::workplace::troubles::Troubles;
use evaluation::Role;
use protocol::window::{
    ClockFace, Kept, Line, Me, Problem, RecordingState, Safety, Status, Suspended, Warning, Words,
};
use record::{Leaf, Millis};
use std::sync::Arc;

/// The line as the seat's thread knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LineState {
    /// Not tried yet.
    Starting,
    /// The centre answers.
    Connected,
    /// No answer since then, by the centre's clock.
    Cut(Millis),
    /// The record is not sound.
    Stopped(String),
}

/// A snapshot of all that windows of this seat show.
#[derive(Clone)]
pub struct Published {
    /// Status strip.
    pub status: Status,
    /// The desk.
    pub view: View,
    /// Forms of the rounds, for an expert.
    pub(crate) forms: Arc<Vec<Form>>,
}

/// Minutes east of UTC of the centre's zone: China's.
const ZONE: i32 = 480;

impl Published {
    pub(crate) fn of(
        desk: &Desk,
        occupation: &mut Occupation,
        line: &LineState,
        troubles: &Troubles,
        revision: u64,
    ) -> Self {
        let mut view = occupation.view(desk);
        let state = desk.replica.state();
        let suspended = state.suspended().is_some();
        let line = line_words(line);
        let (asked, my_turn) = view.told(suspended, &line);
        let stage = state.rulebook().and_then(|book| state.current_stage(book));
        let skew = desk.offset.millis();
        let status = Status {
            revision,
            origin: desk.replica.origin().to_string(),
            lot: state
                .rulebook()
                .map(|book| Words::new(book.lot.name.zh.clone(), book.lot.name.en.clone())),
            development: state.record().is_some_and(|record| record.development),
            stage: stage.map(|stage| stage.id.to_string()),
            stage_title: stage_title(desk, stage),
            asked,
            my_turn,
            suspended: state.suspended().map(|suspension| Suspended {
                since: suspension.time,
                reason: suspension.reason.clone(),
                by: Words::new("监督人员", "Supervisor"),
            }),
            recording: RecordingState::ActsOnly,
            line,
            safety: safety(desk, occupation),
            clock: ClockFace {
                centre: desk.centre_now(),
                zone: ZONE,
                skew,
            },
            me: me(desk, occupation),
            warnings: warnings(desk, occupation),
            notices: troubles.notices(desk, occupation),
        };
        Self {
            status,
            view,
            forms: occupation.forms(),
        }
    }

    /// Whether a window would show something else; the passing of time alone is not told.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let timeless = |status: &Status| {
            let mut status = status.clone();
            status.revision = 0;
            status.clock.centre = 0;
            // A clock that wanders by less than a second is the same clock.
            status.clock.skew /= 1000;
            status
        };
        self.view != other.view || timeless(&self.status) != timeless(&other.status)
    }
}

/// Warnings that concern this seat, newest first.
fn warnings(desk: &Desk, occupation: &Occupation) -> Vec<Warning> {
    let own = occupation.code_name();
    let member = matches!(occupation.role(), Role::Expert);
    let concerns = |line: Option<&str>| !member || line.is_none() || line == own.as_deref();
    let state = desk.replica.state();
    let given = state
        .warnings()
        .rev()
        .filter(|warning| concerns(warning.given.line.as_ref().map(evaluation::CodeName::as_str)));
    given
        .take(16)
        .map(|warning| {
            let text = warning.given.phrase.text();
            Warning {
                index: warning.index,
                time: warning.time,
                line: warning.given.line.as_ref().map(ToString::to_string),
                phrase: Words::new(text.zh, text.en),
                reason: warning.given.reason.clone(),
            }
        })
        .collect()
}

fn stage_title(desk: &Desk, stage: Option<&rules::Stage>) -> Words {
    let state = desk.replica.state();
    if state.archived().is_some() {
        return Words::new("已归档", "Archived");
    }
    if state.ended().is_some() {
        return Words::new("已终止", "Ended");
    }
    if state.record().is_none() {
        return Words::new("尚未建立", "Not created yet");
    }
    if state.deadline_reached().is_none() {
        return Words::new("投标", "Bidding");
    }
    if !state.opening_recorded() {
        return Words::new("开标", "Opening");
    }
    match stage {
        Some(stage) => titles::stage(stage.id.as_str()),
        None if state.report().is_some() && state.signed().len() == state.committee().lines.len() => {
            Words::new("归档", "Archive")
        }
        None => Words::new("评标报告", "Report"),
    }
}

fn line_words(line: &LineState) -> Line {
    match line {
        LineState::Starting => Line::Starting,
        LineState::Connected => Line::Connected,
        LineState::Cut(since) => Line::Cut { since: *since },
        LineState::Stopped(why) => Line::Stopped { why: unsound(why) },
    }
}

fn unsound(why: &str) -> Problem {
    problem_of(&ClientError::Unsound(why.to_owned()))
}

/// The least safe of what this seat made and has not forgotten.
fn safety(desk: &Desk, occupation: &Occupation) -> Safety {
    let waiting = desk.vault.waiting_count().unwrap_or(0);
    let unsaved = occupation.unsaved(desk);
    let (unwritten, _) = occupation.unwritten();
    let me = desk.author.public();
    let own = desk
        .replica
        .entries()
        .iter()
        .rev()
        .find(|entry| match &entry.leaf {
            Leaf::Header { header, .. } => header.actor == me,
            Leaf::Hash(_) => false,
        });
    let kept = if waiting > 0 || unsaved > 0 || unwritten > 0 {
        Kept::Here
    } else if own.is_none_or(|entry| entry.index < desk.replica.cosigned_size()) {
        Kept::Witnessed
    } else {
        Kept::AtCentre
    };
    let snapshot = desk
        .replica
        .entries()
        .iter()
        .rev()
        .find(|entry| match &entry.leaf {
            Leaf::Header { header, .. } => header.kind == "draft.saved" && header.actor == me,
            Leaf::Hash(_) => false,
        });
    Safety {
        kept,
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        unsaved,
        unwritten: u32::try_from(unwritten).unwrap_or(u32::MAX),
        snapshot: snapshot.map(|entry| entry.time),
        cadence: occupation.cadence_seconds(),
    }
}

fn me(desk: &Desk, occupation: &Occupation) -> Me {
    let state = desk.replica.state();
    let party = state.parties(&desk.author.public()).first();
    let role = occupation.role();
    let title = titles::role(role);
    let site = party
        .and_then(|party| party.site.as_ref())
        .and_then(|site| state.sites().get(site));
    Me {
        role: role.name().to_owned(),
        title,
        code_name: occupation.code_name(),
        site: site.map(|site| Words::same(site.organisation.clone())),
        booth: occupation.booth(),
        organisation: party.map(|party| party.organisation.clone()),
    }
}
