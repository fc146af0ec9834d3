//! The clerk's window from the record.

use super::path;
use super::plan::ClerkPlan;
use crate::desk::Desk;
use crate::roles::{titles, words};
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::{CeremonyState, Role, RoundState, State};
use protocol::window::{
    ClerkView, CommitteeBoard, CommitteeLine, CommitteeSeat, DrawLine, Offer, PersonLine, ReportView,
    RoundBoard, SiteLine,
};
use rules::StageKind;

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(super) fn view(plan: Option<&ClerkPlan>, offers: Vec<Offer>, desk: &Desk) -> ClerkView {
    let state = desk.replica.state();
    ClerkView {
        steps: path::steps(state, &offers, plan.is_some()),
        sites: sites(plan, state),
        people: people(plan, state),
        lot_key: state.ceremony(LOT_KEY).map_or((0, 0, 0), ceremony),
        ingest_key: state.ingest_key().is_some(),
        deadline: state.record().map(|record| record.deadline),
        committee: committee(plan, desk),
        stage: state
            .rulebook()
            .filter(|_| state.opening_recorded())
            .and_then(|book| state.current_stage(book))
            .map(|stage| stage.id.as_str().to_owned()),
        qualification: (count(state.qualification().len()), count(state.bidders().len())),
        rounds: rounds(state),
        report: report(desk),
        archived: state.archived(),
        ended: state.ended().map(|ended| words::text(&ended.text())),
        offers,
    }
}

fn ceremony(ceremony: &CeremonyState) -> (u32, u32, u32) {
    (
        count(ceremony.deals.len()),
        count(ceremony.acknowledged.len()),
        count(ceremony.setting.holders.len()),
    )
}

fn sites(plan: Option<&ClerkPlan>, state: &State) -> Vec<SiteLine> {
    let planned = plan.map(|plan| plan.sites.as_slice()).unwrap_or_default();
    let lines = planned.iter().map(|site| SiteLine {
        site: site.site.as_str().to_owned(),
        host: site.host,
        organisation: site.organisation.clone(),
        booths: plan
            .map(|plan| plan.booths.as_slice())
            .unwrap_or_default()
            .iter()
            .filter(|booth| booth.site == site.site)
            .map(|booth| (booth.booth.clone(), !state.parties(&booth.key).is_empty()))
            .collect(),
        enrolled: state.sites().contains_key(&site.site),
    });
    lines.collect()
}

fn people(plan: Option<&ClerkPlan>, state: &State) -> Vec<PersonLine> {
    let Some(plan) = plan else { return Vec::new() };
    let everybody = std::iter::once(&plan.created.clerk).chain(&plan.roles);
    everybody
        .map(|line| PersonLine {
            person: line.person.as_str().to_owned(),
            role: titles::role(line.role),
            organisation: line.organisation.clone(),
            site: line.site.as_ref().map(|site| site.as_str().to_owned()),
            assigned: !state.parties(&line.key).is_empty(),
        })
        .collect()
}

fn committee(plan: Option<&ClerkPlan>, desk: &Desk) -> CommitteeBoard {
    let state = desk.replica.state();
    let committee = state.committee();
    let members = plan.map(|plan| plan.members.as_slice()).unwrap_or_default();
    let specialty = |seat: u8| {
        let member = members.iter().find(|member| member.seated.seat == seat);
        member
            .map(|member| member.seated.specialty.clone())
            .unwrap_or_default()
    };
    let seats = committee.seats.iter().map(|(seat, member)| CommitteeSeat {
        seat: u32::from(*seat),
        role: titles::member(state, member.role),
        specialty: specialty(*seat),
    });
    let lines = committee.lines.iter().map(|(name, line)| CommitteeLine {
        code_name: name.as_str().to_owned(),
        role: titles::member(state, line.role),
        site: line.site.as_str().to_owned(),
        booth: line.booth.clone(),
        bound: line.binding.is_some(),
        seen: line.binding.as_ref().is_some_and(|binding| {
            binding.seen.contains(&Role::WitnessPerson) && binding.seen.contains(&Role::Supervisor)
        }),
        promised: line.promised,
        clear: line.clear,
        leads: committee.leader.as_ref() == Some(name),
    });
    let instance = format!("draw/{}", state.draws_count());
    CommitteeBoard {
        seats: seats.collect(),
        size: u32::from(committee.size),
        checked_in: count(committee.tickets.len()),
        draw: state.draw(&instance).map(|draw| DrawLine {
            instance: instance.clone(),
            parties: count(draw.setting.parties.len()),
            committed: count(draw.commitments.len()),
            revealed: count(draw.values.len()),
            done: draw.done,
            voided: draw.voided.is_some(),
        }),
        lines: lines.collect(),
    }
}

fn rounds(state: &State) -> Vec<RoundBoard> {
    let Some(book) = state.rulebook() else {
        return Vec::new();
    };
    let stages = book
        .stages
        .iter()
        .filter(|stage| matches!(stage.kind, StageKind::Conformity | StageKind::Scored));
    stages.map(|stage| board(state, stage.id.as_str())).collect()
}

/// Counts and states alone: a board never holds a value of a sheet.
fn board(state: &State, instance: &str) -> RoundBoard {
    let round = state.round(instance);
    let has = |what: fn(&RoundState) -> bool| round.is_some_and(what);
    RoundBoard {
        instance: instance.to_owned(),
        title: titles::stage(instance),
        defined: round.is_some(),
        ceremony: state.ceremony(instance).map_or((0, 0, 0), ceremony),
        key: state
            .ceremony(instance)
            .is_some_and(|ceremony| ceremony.key.is_some()),
        lines: round.map(lines).unwrap_or_default(),
        closed: has(|round| round.closed.is_some()),
        countersigned: has(|round| round.countersigned.is_some()),
        shares: round.map_or((0, 0), |round| {
            (count(round.shares.len()), u32::from(round.setting.threshold))
        }),
        opened: has(|round| round.opened.is_some()),
    }
}

/// A sealed sheet is full; how far others have come, the record does not say.
fn lines(round: &RoundState) -> Vec<(String, u32, u32, bool)> {
    let cells = count(round.setting.criteria.len() * round.setting.bidders.len());
    let roster = round.setting.roster.iter();
    roster
        .map(|line| {
            let sealed = round.sheets.contains_key(&line.line);
            (
                line.line.as_str().to_owned(),
                if sealed { cells } else { 0 },
                cells,
                sealed,
            )
        })
        .collect()
}

fn report(desk: &Desk) -> Option<ReportView> {
    let state = desk.replica.state();
    let blob = state.report()?;
    let bytes = desk
        .kept_blob(blob)
        .or_else(|| desk.replica.blob(&crate::link::NoLine, blob).ok());
    let names = |dissenting: bool| {
        let lines = state.signed().iter();
        let lines = lines.filter(move |(_, dissent)| !dissenting || dissent.is_some());
        lines.map(|(line, _)| line.as_str().to_owned()).collect()
    };
    Some(ReportView {
        text: bytes
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default(),
        digest: blob.digest.to_string(),
        signed: names(false),
        dissents: names(true),
        mine: false,
    })
}
