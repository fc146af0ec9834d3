//! Warnings of a supervisor and marks of whoever watches. They change nothing that is allowed: they tell.

use super::reason;
use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{CodeName, Role};
use crate::state::State;
use record::{Millis, PublicKey};
use rules::Text;
use serde::{Deserialize, Serialize};

/// Instance of warnings and marks.
pub const SUPERVISION: &str = "supervision";

/// How many warnings the state keeps; older ones stand in the record.
pub const KEPT_WARNINGS: usize = 64;

/// Who may set a mark.
const MARKING: [Role; 4] = [
    Role::Supervisor,
    Role::WitnessPerson,
    Role::SiteOperator,
    Role::Technician,
];

/// The closed list of set phrases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phrase {
    /// Talk that does not belong to the review.
    LeaveTopic,
    /// Contact with others.
    Contact,
    /// A device that does not belong into the booth.
    Device,
    /// Silence.
    SilencePlease,
    /// Time.
    OnTime,
    /// The procedure.
    Procedure,
}

impl Phrase {
    /// Every phrase, in the order of windows.
    pub const ALL: [Phrase; 6] = [
        Phrase::LeaveTopic,
        Phrase::Contact,
        Phrase::Device,
        Phrase::SilencePlease,
        Phrase::OnTime,
        Phrase::Procedure,
    ];

    /// As it stands in acts.
    pub fn id(self) -> &'static str {
        match self {
            Phrase::LeaveTopic => "leave_topic",
            Phrase::Contact => "contact",
            Phrase::Device => "device",
            Phrase::SilencePlease => "silence_please",
            Phrase::OnTime => "on_time",
            Phrase::Procedure => "procedure",
        }
    }

    /// The phrase for people.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Phrase::LeaveTopic => (
                "请停止与评审无关的谈话。",
                "Please stop talking about what is not part of the review.",
            ),
            Phrase::Contact => (
                "评审期间不得与外界联系。",
                "Contact with the outside is not allowed during the review.",
            ),
            Phrase::Device => (
                "请交出与评审无关的电子设备。",
                "Please hand over devices that are not part of the review.",
            ),
            Phrase::SilencePlease => ("请保持安静。", "Silence, please."),
            Phrase::OnTime => ("请注意评审时间。", "Please mind the time."),
            Phrase::Procedure => ("请按评标程序操作。", "Please keep to the procedure."),
        };
        Text::new(zh.to_owned(), en.to_owned())
    }
}

/// Payload of `warning.given`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningGiven {
    /// Whom it concerns; `None` for the whole committee.
    pub line: Option<CodeName>,
    /// The set phrase.
    pub phrase: Phrase,
    /// Why, 1 to 500 bytes.
    pub reason: String,
}

/// Payload of `mark.set`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarkSet {
    /// The line it is about, if any; never together with a presence.
    pub line: Option<CodeName>,
    /// What was noticed: 1 to 500 bytes; beside a presence it may be empty.
    pub note: String,
    /// Presence of a member, by a site operator.
    pub presence: Option<PresenceMark>,
}

/// Presence of one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PresenceMark {
    /// Which member.
    pub member: Attendee,
    /// How.
    pub presence: Presence,
}

/// A member as a site desk knows it: by the ticket it handed out, before that by the seat.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Attendee {
    /// Ticket of a check-in at the own site.
    Ticket(String),
    /// Seat of the committee, while a member of its role is still due.
    Seat(u8),
}

/// Presence of a member at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Expected.
    Due,
    /// Late.
    Late,
    /// In the seat.
    InSeat,
    /// Short break.
    Break,
    /// At a meal.
    Meal,
    /// Over night.
    Overnight,
    /// Ill.
    Ill,
    /// Absent.
    Absent,
}

/// A warning as the state keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Index of the act.
    pub index: u64,
    /// Its centre time.
    pub time: Millis,
    /// What was said to whom.
    pub given: WarningGiven,
}

/// The newest presence of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attendance {
    /// How.
    pub presence: Presence,
    /// Index of the act.
    pub index: u64,
    /// Its centre time.
    pub time: Millis,
    /// The site operator's key.
    pub by: PublicKey,
}

fn known_line(state: &State, line: Option<&CodeName>) -> Result<(), Refusal> {
    let known = line.is_none_or(|line| state.committee.lines.contains_key(line));
    ensure(known, Code::NotFound, "no such line")
}

pub(super) fn warned(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let given: WarningGiven = act.payload()?;
    state.party(&act.core().actor, &[Role::Supervisor])?;
    reason(&given.reason)?;
    known_line(state, given.line.as_ref())?;
    if state.warnings.len() == KEPT_WARNINGS {
        state.warnings.pop_front();
    }
    state.warnings.push_back(Warning {
        index: act.index(),
        time: act.time(),
        given,
    });
    Ok(())
}

pub(super) fn marked(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let mark: MarkSet = act.payload()?;
    state.party(&act.core().actor, &MARKING)?;
    known_line(state, mark.line.as_ref())?;
    let Some(marked) = mark.presence else {
        return reason(&mark.note);
    };
    if !mark.note.is_empty() {
        reason(&mark.note)?;
    }
    ensure(
        mark.line.is_none(),
        Code::Malformed,
        "a presence names a member, not a line",
    )?;
    here(state, act, &marked.member)?;
    let attendance = Attendance {
        presence: marked.presence,
        index: act.index(),
        time: act.time(),
        by: act.core().actor,
    };
    state.presence.insert(marked.member, attendance);
    Ok(())
}

/// The actor keeps the desk at which this member checked in, or where the member of this seat may still come: which
/// site a seat is due at stands in its identity, which is no part of the fold.
fn here(state: &State, act: &Act<'_>, member: &Attendee) -> Result<(), Refusal> {
    let desk = state.party(&act.core().actor, &[Role::SiteOperator])?;
    let committee = &state.committee;
    match member {
        Attendee::Ticket(ticket) => {
            let checked_in = committee.tickets.get(ticket);
            let (_, site) = checked_in.ok_or_else(|| Refusal::new(Code::NotFound, "no such ticket"))?;
            ensure(
                desk.site.as_ref() == Some(site),
                Code::NotAllowed,
                "a member of another site",
            )
        }
        Attendee::Seat(seat) => {
            let seated = committee.seats.get(seat);
            let role = seated
                .ok_or_else(|| Refusal::new(Code::NotFound, "no such seat"))?
                .role;
            let seats = committee.seats.values().filter(|member| member.role == role);
            let tickets = committee.tickets.values().filter(|(of, _)| *of == role);
            ensure(
                tickets.count() < seats.count(),
                Code::WrongStage,
                "every member of this role has checked in: name the ticket",
            )
        }
    }
}
