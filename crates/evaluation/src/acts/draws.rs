//! Draws by commit and reveal of three parties of different organisations (protocol 1).

use crate::apply::Act;
use crate::draw::{self, Assigned};
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{CodeName, Role, SiteId};
use crate::state::{DrawState, Line, State};
use record::{Digest, Millis, PublicKey};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A reveal missing after so long voids the draw; the time of a suspension does not count.
pub const REVEAL_WINDOW: Millis = 5 * 60_000;

/// Payload of `draw.opened`; the instance is `draw/<n>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawOpened {
    /// The three parties: host-site operator, a guest-site operator, supervisor, in this order.
    pub parties: Vec<PublicKey>,
    /// Code names to be drawn from.
    pub code_names: Vec<CodeName>,
}

/// Payload of `draw.committed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawCommitted {
    /// Commitment to 32 random bytes.
    pub commitment: Digest,
}

/// Payload of `draw.revealed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawRevealed {
    /// The 32 bytes, hex.
    pub value: Digest,
}

/// Payload of `draw.voided`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawVoided {
    /// Parties (0-based) that did not reveal in time.
    pub missing: Vec<u8>,
}

/// Payload of `draw.result`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawResult {
    /// The assignment, recomputable from the reveals.
    pub assigned: Vec<Assigned>,
}

pub(super) fn opened(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let opened: DrawOpened = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let instance = act.core().instance.clone();
    let round = state.draws.len() + 1;
    ensure(
        instance == format!("draw/{round}"),
        Code::Malformed,
        "draws are numbered from draw/1",
    )?;
    let running = state.draws.values().any(|d| d.voided.is_none());
    ensure(!running, Code::AlreadyDone, "a draw is running or done")?;
    ensure(
        !state.committee.seats.is_empty() && state.committee.tickets.len() == state.committee.seats.len(),
        Code::WrongStage,
        "not every member has checked in",
    )?;
    parties(state, &opened.parties)?;
    let names: BTreeSet<&CodeName> = opened.code_names.iter().collect();
    let enough = names.len() == opened.code_names.len() && names.len() >= state.committee.tickets.len();
    ensure(
        enough && names.len() <= 64,
        Code::Limit,
        "distinct code names, one a member, 64 at most",
    )?;
    let state_of_draw = DrawState {
        setting: opened,
        opened: act.time(),
        commitments: BTreeMap::new(),
        committed: None,
        suspended: 0,
        values: BTreeMap::new(),
        voided: None,
        done: false,
    };
    state.draws.insert(instance, state_of_draw);
    Ok(())
}

/// Host-site operator, a guest-site operator, supervisor; three organisations.
fn parties(state: &State, keys: &[PublicKey]) -> Result<(), Refusal> {
    let [host, guest, supervisor] = keys else {
        return Err(Refusal::new(Code::Malformed, "three parties"));
    };
    let host = state.party(host, &[Role::SiteOperator])?;
    let guest = state.party(guest, &[Role::SiteOperator])?;
    let supervisor = state.party(supervisor, &[Role::Supervisor])?;
    let is_host = |site: &Option<SiteId>| {
        site.as_ref()
            .and_then(|s| state.sites.get(s))
            .is_some_and(|s| s.host)
    };
    ensure(
        is_host(&host.site) && !is_host(&guest.site),
        Code::Rule,
        "host-site operator, then a guest-site operator",
    )?;
    let organisations = BTreeSet::from([&host.organisation, &guest.organisation, &supervisor.organisation]);
    ensure(
        organisations.len() == 3,
        Code::Rule,
        "three different organisations",
    )
}

fn running<'a>(state: &'a State, instance: &str) -> Result<&'a DrawState, Refusal> {
    let draw = state
        .draws
        .get(instance)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such draw"))?;
    ensure(
        draw.voided.is_none() && !draw.done,
        Code::AlreadyDone,
        "the draw is void or done",
    )?;
    Ok(draw)
}

fn running_mut<'a>(state: &'a mut State, instance: &str) -> Result<&'a mut DrawState, Refusal> {
    state
        .draws
        .get_mut(instance)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such draw"))
}

fn place(draw: &DrawState, key: &PublicKey) -> Result<u8, Refusal> {
    let place = draw.setting.parties.iter().position(|party| party == key);
    place
        .and_then(|place| u8::try_from(place).ok())
        .ok_or_else(|| Refusal::new(Code::NotAllowed, "not a party of this draw"))
}

pub(super) fn committed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let committed: DrawCommitted = act.payload()?;
    let instance = &act.core().instance;
    let draw = running(state, instance)?;
    let place = place(draw, &act.core().actor)?;
    ensure(
        !draw.commitments.contains_key(&place),
        Code::AlreadyDone,
        "has committed",
    )?;
    let copied = draw
        .commitments
        .values()
        .any(|other| *other == committed.commitment);
    ensure(!copied, Code::Rule, "the commitment of another party")?;
    let draw = running_mut(state, instance)?;
    draw.commitments.insert(place, committed.commitment);
    if draw.commitments.len() == draw.setting.parties.len() {
        draw.committed = Some(act.time());
        draw.suspended = 0;
    }
    Ok(())
}

pub(super) fn revealed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let revealed: DrawRevealed = act.payload()?;
    let instance = &act.core().instance;
    let origin = act.core().origin;
    let draw = running(state, instance)?;
    let place = place(draw, &act.core().actor)?;
    ensure(
        draw.committed.is_some(),
        Code::WrongStage,
        "not all parties have committed",
    )?;
    ensure(
        !draw.values.contains_key(&place),
        Code::AlreadyDone,
        "has revealed",
    )?;
    let expected = draw::commitment(&origin, instance, place, &revealed.value.0);
    ensure(
        draw.commitments.get(&place) == Some(&expected),
        Code::Mismatch,
        "does not open the commitment",
    )?;
    running_mut(state, instance)?
        .values
        .insert(place, revealed.value.0);
    Ok(())
}

/// The parties that have not revealed although the window is over; `None` while it is not void. Not asked while the
/// evaluation is suspended.
pub fn overdue(draw: &DrawState, time: Millis) -> Option<Vec<u8>> {
    if draw.voided.is_some() || draw.done {
        return None;
    }
    let (since, given): (Millis, BTreeSet<u8>) = match draw.committed {
        Some(since) => (since, draw.values.keys().copied().collect()),
        None => (draw.opened, draw.commitments.keys().copied().collect()),
    };
    let parties = u8::try_from(draw.setting.parties.len()).unwrap_or(u8::MAX);
    let missing: Vec<u8> = (0..parties).filter(|party| !given.contains(party)).collect();
    (time >= since + draw.suspended + REVEAL_WINDOW && !missing.is_empty()).then_some(missing)
}

pub(super) fn voided(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let voided: DrawVoided = act.payload()?;
    let instance = &act.core().instance;
    let draw = running(state, instance)?;
    let missing = overdue(draw, act.time()).ok_or_else(|| Refusal::new(Code::Early, "nobody is overdue"))?;
    ensure(voided.missing == missing, Code::Mismatch, "others are overdue")?;
    running_mut(state, instance)?.voided = Some(missing);
    Ok(())
}

/// The assignment that the revealed values give; `None` while a value is missing.
pub fn recompute(state: &State, instance: &str) -> Option<Vec<Assigned>> {
    let draw = state.draw(instance)?;
    if draw.values.len() != draw.setting.parties.len() {
        return None;
    }
    let seed = draw::seed(&state.record()?.origin, instance, &draw.values);
    let tickets = state
        .committee
        .tickets
        .iter()
        .map(|(t, (_, site))| (t.clone(), site.clone()))
        .collect();
    let booths = state
        .with_role(Role::Booth)
        .filter_map(|party| Some((party.booth.clone()?, party.site.clone()?)))
        .collect();
    draw::assign(seed, &tickets, &draw.setting.code_names, &booths)
}

pub(super) fn result(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let result: DrawResult = act.payload()?;
    let instance = &act.core().instance;
    running(state, instance)?;
    let expected = recompute(state, instance).ok_or_else(|| {
        Refusal::new(
            Code::WrongStage,
            "a value is missing, or a site has too few booths",
        )
    })?;
    ensure(
        result.assigned == expected,
        Code::Mismatch,
        "differs from the recomputation",
    )?;
    for assigned in &expected {
        let (role, site) = state
            .committee
            .tickets
            .get(&assigned.ticket)
            .cloned()
            .ok_or_else(|| Refusal::new(Code::NotFound, "no such ticket"))?;
        let line = Line {
            ticket: assigned.ticket.clone(),
            role,
            booth: assigned.booth.clone(),
            site,
            binding: None,
            promised: false,
            clear: None,
            leader_vote: None,
        };
        state.committee.lines.insert(assigned.line.clone(), line);
    }
    running_mut(state, instance)?.done = true;
    Ok(())
}
