//! Supervisor and witness person: see every booth, its progress without values, and what needs a look; see bindings,
//! countersign closes, take part in draws.

mod alerts;
pub mod control;
mod duties;
mod wall;

pub use duties::{countersign, perform, see_binding, uncountersigned, unseen};

use crate::desk::Desk;
use evaluation::{CodeName, Role};
use protocol::window::{SeatLink, SupervisorView};
use record::Millis;

/// What the centre tells of one seat's link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeatPresence {
    /// The booth PC.
    pub booth: Option<String>,
    /// The roster line, where an evaluation key is connected.
    pub line: Option<CodeName>,
    /// A live channel stands.
    pub connected: bool,
    /// Since then it stands, or none does; centre time.
    pub since: Millis,
}

/// The link of a booth and of who sits there: connected if one of both is.
pub fn link_of(presence: Option<&[SeatPresence]>, booth: &str, line: Option<&CodeName>) -> SeatLink {
    let Some(presence) = presence else {
        return SeatLink::Unknown;
    };
    let of_seat = |seat: &&SeatPresence| {
        seat.booth.as_deref() == Some(booth) || (line.is_some() && seat.line.as_ref() == line)
    };
    let seats: Vec<&SeatPresence> = presence.iter().filter(of_seat).collect();
    if seats.iter().any(|seat| seat.connected) {
        return SeatLink::Connected;
    }
    match seats.iter().map(|seat| seat.since).max() {
        Some(since) => SeatLink::Lost { since },
        None => SeatLink::Never,
    }
}

/// The role in which this seat observes; supervisor before the record assigns one.
pub fn role(desk: &Desk) -> Role {
    let parties = desk.replica.state().parties(&desk.author.public());
    let witness = parties.iter().any(|party| party.role == Role::WitnessPerson);
    let supervisor = parties.iter().any(|party| party.role == Role::Supervisor);
    if witness && !supervisor {
        Role::WitnessPerson
    } else {
        Role::Supervisor
    }
}

/// The window of a supervisor or witness person at `now` of this PC's clock; `presence` is what the centre tells of
/// links, where it was asked. A witness person receives no counts of cells (protocol 6).
pub fn view(desk: &Desk, presence: Option<&[SeatPresence]>, now: Millis) -> SupervisorView {
    let counts = wall::counts(&desk.replica);
    let mut booths = wall::tiles(desk, presence, &counts);
    let alerts = alerts::alerts(desk, presence, now);
    wall::raise(&mut booths, &alerts);
    SupervisorView {
        booths,
        alerts: alerts.into_iter().map(|found| found.alert).collect(),
        board: wall::board(desk, &counts),
        duties: duties::duties(desk),
        phrases: control::phrases(),
        pause_effect: control::pause_effect(desk),
        offers: control::offers(desk),
    }
}
