//! The committee: seats, check-in, promise, avoidance, leader (COM-1 to COM-9).

use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, CodeName, Role, SiteId};
use crate::state::{Line, Member, State};
use record::Digest;
use rules::{Regime, Rulebook};
use serde::{Deserialize, Serialize};

/// Instance of the acts that form the committee.
pub const COMMITTEE: &str = "committee";

/// Payload of `member.seated`; who it is stands in attachment `identity`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberSeated {
    /// Seat, from 1.
    pub seat: u8,
    /// Size of the committee: the same in every seat's act.
    pub of: u8,
    /// Expert or tenderer's representative.
    pub role: Role,
    /// Specialty code of the draw.
    pub specialty: String,
}

/// Payload of `member.checked_in`; the personal signature is attachment `personal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberCheckedIn {
    /// Site whose desk checks in.
    pub site: SiteId,
    /// Random ticket, 32 hex digits.
    pub ticket: String,
    /// Expert or tenderer's representative.
    pub role: Role,
}

/// Payload of `promise.made`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromiseMade {
    /// Own code name.
    pub line: CodeName,
}

/// Payload of `avoidance.declared`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AvoidanceDeclared {
    /// Own code name.
    pub line: CodeName,
    /// Digest of the bidder list that was shown.
    pub bidders: Digest,
    /// Grounds to stand aside.
    pub grounds: Vec<Ground>,
}

/// A ground to stand aside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ground {
    /// Bidder concerned.
    pub bidder: BidderId,
    /// Kind, of the closed list [`GROUNDS`].
    pub kind: String,
}

/// Kinds of grounds (招标投标法 37; 87号令 47, with its regulations).
pub const GROUNDS: [&str; 5] = ["kinship", "employment", "shareholding", "supervision", "interest"];

/// Payload of `leader.voted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeaderVoted {
    /// Own code name.
    pub line: CodeName,
    /// The member voted for.
    pub leader: CodeName,
}

fn is_member(role: Role) -> bool {
    matches!(role, Role::Expert | Role::TendererRepresentative)
}

/// Digest over the bidder list an expert sees before declaring avoidance: ordinals with their submissions.
pub fn bidder_list_digest(state: &State) -> Digest {
    let text: Vec<String> = state
        .bidders()
        .iter()
        .map(|(bidder, submission)| format!("{bidder}={submission}\n"))
        .collect();
    Digest::tagged("conclave/bidders/v1", &[text.concat().as_bytes()])
}

pub(super) fn seated(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let seated: MemberSeated = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    ensure(
        act.core().instance == COMMITTEE,
        Code::Malformed,
        "instance committee",
    )?;
    ensure(is_member(seated.role), Code::Malformed, "role of a member")?;
    ensure(
        act.verified().body().attachments.contains_key("identity"),
        Code::Malformed,
        "identity is an attachment",
    )?;
    let next = state.committee.seats.len() + 1;
    ensure(
        usize::from(seated.seat) == next && next <= 31,
        Code::Limit,
        "seats are numbered from 1, 31 at most",
    )?;
    ensure(
        state.committee.tickets.is_empty(),
        Code::WrongStage,
        "check-in has begun",
    )?;
    let size = state.committee.size;
    ensure(
        size == 0 || size == seated.of,
        Code::Mismatch,
        "another size of the committee",
    )?;
    ensure(
        seated.seat <= seated.of,
        Code::Limit,
        "more seats than the committee has",
    )?;
    state.committee.size = seated.of;
    state
        .committee
        .seats
        .insert(seated.seat, Member { role: seated.role });
    Ok(())
}

/// COM-1 to COM-4: size odd and as large as the law asks for, experts at least two thirds.
fn composed(state: &State) -> Result<(), Refusal> {
    let size = state.committee.seats.len();
    ensure(
        state.committee.is_complete(),
        Code::WrongStage,
        "not every seat is filled",
    )?;
    ensure(
        state.committee.is_complete(),
        Code::WrongStage,
        "not every seat is filled",
    )?;
    let experts = state
        .committee
        .seats
        .values()
        .filter(|member| member.role == Role::Expert)
        .count();
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let book = state.book()?;
    if matches!(book.regime, Regime::Bidding | Regime::Procurement) {
        let least = book.least_members();
        ensure(
            rules::committee_size_ok(number(size), least),
            Code::Rule,
            format!("COM-1/COM-2/COM-3: committee of {least} or more, odd"),
        )?;
        let share = rules::expert_share_ok(number(experts), number(size));
        ensure(share, Code::Rule, "COM-1/COM-4: experts at least two thirds")?;
    }
    ensure(size >= 3, Code::Rule, "committee of three or more")
}

pub(super) fn checked_in(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let checked: MemberCheckedIn = act.payload()?;
    ensure(
        act.core().instance == COMMITTEE,
        Code::Malformed,
        "instance committee",
    )?;
    let desk = state.party(&act.core().actor, &[Role::SiteOperator])?;
    ensure(
        desk.site.as_ref() == Some(&checked.site),
        Code::NotAllowed,
        "desk of another site",
    )?;
    super::bids::submission_id(&checked.ticket)?;
    ensure(
        act.verified().body().attachments.contains_key("personal"),
        Code::PersonalSignature,
        "identity missing",
    )?;
    composed(state)?;
    ensure(
        !state.committee.tickets.contains_key(&checked.ticket),
        Code::AlreadyDone,
        "ticket is used",
    )?;
    let seats = state
        .committee
        .seats
        .values()
        .filter(|member| member.role == checked.role)
        .count();
    let present = state
        .committee
        .tickets
        .values()
        .filter(|(role, _)| *role == checked.role)
        .count();
    ensure(present < seats, Code::NotAllowed, "no seat of this kind is free")?;
    state
        .committee
        .tickets
        .insert(checked.ticket, (checked.role, checked.site));
    Ok(())
}

pub(super) fn promised(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let promise: PromiseMade = act.payload()?;
    let (name, line) = state.line(&act.core().actor)?;
    ensure(name == promise.line, Code::NotAllowed, "another's line")?;
    ensure(!line.promised, Code::AlreadyDone, "promised")?;
    line_mut(state, &name)?.promised = true;
    Ok(())
}

pub(super) fn avoidance_declared(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let declared: AvoidanceDeclared = act.payload()?;
    let (name, line) = state.line(&act.core().actor)?;
    ensure(name == declared.line, Code::NotAllowed, "another's line")?;
    ensure(line.promised, Code::WrongStage, "the promise comes first")?;
    ensure(
        state.opening_recorded,
        Code::WrongStage,
        "the bidders are not known yet",
    )?;
    ensure(line.clear.is_none(), Code::AlreadyDone, "declared")?;
    ensure(
        declared.bidders == bidder_list_digest(state),
        Code::Mismatch,
        "another bidder list was shown",
    )?;
    for ground in &declared.grounds {
        ensure(
            state.bidders.contains_key(&ground.bidder),
            Code::NotFound,
            "no such bidder",
        )?;
        ensure(
            GROUNDS.contains(&ground.kind.as_str()),
            Code::Malformed,
            "kind of ground",
        )?;
    }
    line_mut(state, &name)?.clear = Some(declared.grounds.is_empty());
    Ok(())
}

/// Whether a member may be elected leader: in public procurement not the purchaser's representative (COM-7).
#[must_use]
pub fn may_lead(book: &Rulebook, member: &Line) -> bool {
    member.role != Role::TendererRepresentative || book.regime != Regime::Procurement
}

pub(super) fn leader_voted(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let voted: LeaderVoted = act.payload()?;
    let (name, line) = state.line(&act.core().actor)?;
    ensure(name == voted.line, Code::NotAllowed, "another's line")?;
    ensure(line.leader_vote.is_none(), Code::AlreadyDone, "voted")?;
    ensure(line.promised, Code::WrongStage, "the promise comes first")?;
    let candidate = state
        .committee
        .lines
        .get(&voted.leader)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such line"))?;
    ensure(
        may_lead(&*state.book()?, candidate),
        Code::Rule,
        "COM-7: the purchaser's representative may not lead",
    )?;
    line_mut(state, &name)?.leader_vote = Some(voted.leader.clone());
    let votes = state
        .committee
        .lines
        .values()
        .filter(|l| l.leader_vote.as_ref() == Some(&voted.leader))
        .count();
    if 2 * votes > state.committee.lines.len() {
        state.committee.leader = Some(voted.leader);
    }
    Ok(())
}

pub(super) fn line_mut<'a>(
    state: &'a mut State,
    name: &CodeName,
) -> Result<&'a mut crate::state::Line, Refusal> {
    state
        .committee
        .lines
        .get_mut(name)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such line"))
}
