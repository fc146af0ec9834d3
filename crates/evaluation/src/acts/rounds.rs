//! Sealed rounds: defined, closed, released, opened (protocol 4).

use super::ceremony::{HolderLine, check_setting, new_ceremony};
use crate::apply::{Act, Blobs};
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{BidderId, CodeName, Role};
use crate::state::{OpenedRound, RoundState, State};
use record::{Digest, Millis, PublicKey};
use rules::{StageActor, StageKind};
use sealing::ceremony::RoundSecret;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Payload of `round.defined`; the instance is the stage of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundDefined {
    /// Rulebook digest.
    pub rulebook: Digest,
    /// Criteria of the stage, in order.
    pub criteria: Vec<String>,
    /// Bidders still in play.
    pub bidders: Vec<BidderId>,
    /// Roster lines with their first evaluation keys, in order of code names.
    pub roster: Vec<RosterLine>,
    /// Holders in order.
    pub holders: Vec<HolderLine>,
    /// t.
    pub threshold: u8,
    /// When the clerk plans to close, centre time; tells people, forces nothing.
    pub planned_close: Millis,
    /// One padded sheet size for all, bytes.
    pub sheet_size: u32,
    /// What happens to superseded sheets and those of replaced members: `void`.
    pub superseded: String,
}

/// A roster line of a round.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RosterLine {
    /// Code name.
    pub line: CodeName,
    /// First evaluation key.
    pub key: PublicKey,
}

/// Payload of `round.closed`, by the leader.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundClosed {
    /// Every roster line with the sheet that counts.
    pub lines: Vec<ClosedLine>,
}

/// A roster line at the close.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosedLine {
    /// Code name.
    pub line: CodeName,
    /// Index of the sheet that counts; `None` for a recorded absence.
    pub sheet: Option<u64>,
}

/// Payload of `round.countersigned`, by clerk or supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundCountersigned {
    /// Act id of the close, 32 hex digits.
    pub closed: record::ActId,
}

/// Payload of `member.absent`, by the supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MemberAbsent {
    /// Code name.
    pub line: CodeName,
    /// Why.
    pub reason: String,
}

/// Payload of `share.released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShareReleased {
    /// The share, hex; public from now on.
    pub share: Digest,
}

/// Payload of `round.opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundOpened {
    /// The round's secret x with x·G = Y, hex.
    pub secret: Digest,
}

/// Payload of `signatures.checked`, by a custodian, right after the opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignaturesChecked {
    /// Lines whose personal signature holds.
    pub good: Vec<CodeName>,
    /// Lines whose personal signature does not.
    pub bad: Vec<CodeName>,
}

/// The padded size of every sheet of a round: blocks at their largest, salts, head, custody and signature.
pub fn sheet_size(book: &rules::Rulebook, stage: &rules::StageId, bidders: usize, custodians: usize) -> u32 {
    const HEAD: usize = 512;
    const CUSTODY_COPY: usize = 65 + 4096 + 16;
    let criteria: usize = book
        .stage_criteria(stage)
        .iter()
        .map(|c| c.id.as_str().len() + 3)
        .sum();
    let blocks = rules::padded_sheet_size(book, stage, bidders);
    let per_bid = bidders * (32 + 4 + 11 + 4 + 110);
    let size = blocks + HEAD + criteria + per_bid + 1 + custodians * CUSTODY_COPY;
    u32::try_from(size.next_multiple_of(1024)).unwrap_or(u32::MAX)
}

/// The definition that state and rulebook give for a stage; what a clerk signs and every client recomputes.
///
/// # Errors
/// The refusal that tells why no round can be defined now.
pub fn definition(
    state: &State,
    instance: &str,
    holders: Vec<HolderLine>,
    threshold: u8,
    planned_close: Millis,
) -> Result<RoundDefined, Refusal> {
    let book = state.book()?;
    let stage = state.stage_may_start(&book, instance)?;
    let kind = matches!(stage.kind, StageKind::Conformity | StageKind::Scored);
    ensure(
        kind && stage.actor == StageActor::Committee,
        Code::WrongStage,
        "not a sealed round of the committee",
    )?;
    ensure(
        state.parts_done(instance),
        Code::WrongStage,
        "its parts are not opened",
    )?;
    let bidders = state.in_play();
    let mut roster = Vec::new();
    for (name, line) in &state.committee.lines {
        ensure(
            state.line_ready(line),
            Code::WrongStage,
            format!("{name} is not ready"),
        )?;
        let binding = line
            .binding
            .as_ref()
            .ok_or_else(|| Refusal::new(Code::WrongStage, "not bound"))?;
        roster.push(RosterLine {
            line: name.clone(),
            key: binding.first_key,
        });
    }
    ensure(
        !roster.is_empty() && state.committee.leader.is_some(),
        Code::WrongStage,
        "no committee or no leader",
    )?;
    let custodians = state.with_role(Role::Custodian).count();
    Ok(RoundDefined {
        rulebook: state.setting()?.rulebook.digest,
        criteria: stage.criteria.iter().map(|c| c.as_str().to_owned()).collect(),
        sheet_size: sheet_size(&book, &stage.id, bidders.len(), custodians),
        bidders,
        roster,
        holders,
        threshold,
        planned_close,
        superseded: "void".to_owned(),
    })
}

pub(super) fn defined(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let defined: RoundDefined = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let instance = act.core().instance.clone();
    ensure(
        !state.rounds.contains_key(&instance),
        Code::AlreadyDone,
        "the round is defined",
    )?;
    check_setting(state, &defined.holders, defined.threshold)?;
    let expected = definition(
        state,
        &instance,
        defined.holders.clone(),
        defined.threshold,
        defined.planned_close,
    )?;
    ensure(
        defined == expected,
        Code::Mismatch,
        "definition differs from plan and roster",
    )?;
    ensure(
        defined.planned_close > act.time(),
        Code::Malformed,
        "planned close lies behind",
    )?;
    let ceremony = new_ceremony(act, defined.holders.clone(), defined.threshold);
    state.ceremonies.insert(instance.clone(), ceremony);
    let round = RoundState {
        setting: defined,
        index: act.index(),
        sheets: BTreeMap::new(),
        absent: BTreeSet::new(),
        closed: None,
        countersigned: None,
        shares: BTreeMap::new(),
        opened: None,
    };
    state.rounds.insert(instance, round);
    Ok(())
}

pub(super) fn find<'a>(state: &'a State, instance: &str) -> Result<&'a RoundState, Refusal> {
    state
        .rounds
        .get(instance)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such round"))
}

pub(super) fn find_mut<'a>(state: &'a mut State, instance: &str) -> Result<&'a mut RoundState, Refusal> {
    state
        .rounds
        .get_mut(instance)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such round"))
}

pub(super) fn member_absent(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let absent: MemberAbsent = act.payload()?;
    state.party(&act.core().actor, &[Role::Supervisor])?;
    let instance = &act.core().instance;
    let round = find(state, instance)?;
    ensure(round.closed.is_none(), Code::WrongStage, "the round is closed")?;
    ensure(
        round.setting.roster.iter().any(|r| r.line == absent.line),
        Code::NotFound,
        "no such line",
    )?;
    ensure(
        !absent.reason.trim().is_empty(),
        Code::Malformed,
        "a reason is needed",
    )?;
    ensure(
        !round.sheets.contains_key(&absent.line),
        Code::WrongStage,
        "the line has sealed",
    )?;
    ensure(
        !round.absent.contains(&absent.line),
        Code::AlreadyDone,
        "recorded",
    )?;
    find_mut(state, instance)?.absent.insert(absent.line);
    Ok(())
}

/// The lines as they count at the close: the last sheet of each line, or its recorded absence (protocol 4.5, 4.6).
/// `None` while a line has neither.
pub fn closing_lines(round: &RoundState) -> Option<Vec<ClosedLine>> {
    let line = |roster: &RosterLine| {
        let sheet = round
            .sheets
            .get(&roster.line)
            .and_then(|sheets| sheets.last())
            .map(|(index, ..)| *index);
        let covered = sheet.is_some() || round.absent.contains(&roster.line);
        covered.then(|| ClosedLine {
            line: roster.line.clone(),
            sheet,
        })
    };
    round.setting.roster.iter().map(line).collect()
}

pub(super) fn closed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let closed: RoundClosed = act.payload()?;
    let (name, _) = state.line(&act.core().actor)?;
    ensure(
        state.committee.leader.as_ref() == Some(&name),
        Code::NotAllowed,
        "the leader closes",
    )?;
    let instance = &act.core().instance;
    let round = find(state, instance)?;
    ensure(round.closed.is_none(), Code::AlreadyDone, "the round is closed")?;
    let lines = closing_lines(round).ok_or_else(|| Refusal::new(Code::WrongStage, "a line has no sheet"))?;
    ensure(closed.lines == lines, Code::Mismatch, "other sheets count")?;
    ensure(
        lines.iter().any(|line| line.sheet.is_some()),
        Code::WrongStage,
        "nobody has sealed",
    )?;
    find_mut(state, instance)?.closed = Some((act.core().id, act.index()));
    Ok(())
}

pub(super) fn countersigned(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let countersigned: RoundCountersigned = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk, Role::Supervisor])?;
    let instance = &act.core().instance;
    let round = find(state, instance)?;
    let closed = round
        .closed
        .ok_or_else(|| Refusal::new(Code::WrongStage, "not closed by the leader"))?;
    ensure(closed.0 == countersigned.closed, Code::Mismatch, "another close")?;
    ensure(round.countersigned.is_none(), Code::AlreadyDone, "countersigned")?;
    find_mut(state, instance)?.countersigned = Some(act.index());
    Ok(())
}

pub(super) fn share_released(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let released: ShareReleased = act.payload()?;
    let instance = &act.core().instance;
    let holder = state.holder(instance, &act.core().actor)?;
    let round = find(state, instance)?;
    ensure(
        round.countersigned.is_some(),
        Code::Early,
        "the round is not closed and countersigned",
    )?;
    ensure(round.opened.is_none(), Code::AlreadyDone, "the round is open")?;
    ensure(
        !round.shares.contains_key(&holder),
        Code::AlreadyDone,
        "has released",
    )?;
    // A bad share is recorded and named by everybody who combines; it does not block (protocol 4.7).
    find_mut(state, instance)?.shares.insert(holder, released.share.0);
    Ok(())
}

pub(super) fn opened(state: &mut State, act: &Act<'_>, blobs: &dyn Blobs) -> Result<(), Refusal> {
    let opened: RoundOpened = act.payload()?;
    state.party(&act.core().actor, &[Role::Clerk])?;
    let instance = &act.core().instance;
    let round = find(state, instance)?;
    ensure(round.opened.is_none(), Code::AlreadyDone, "the round is open")?;
    let key = state.ceremony_key(instance)?;
    let shares: Vec<(u8, [u8; 32])> = round
        .shares
        .iter()
        .map(|(holder, share)| (*holder, *share))
        .collect();
    let combined = sealing::ceremony::combine(key, &shares)
        .map_err(|fault| Refusal::new(Code::WrongStage, fault.to_string()))?;
    ensure(
        combined.secret.reveal() == opened.secret.0,
        Code::Mismatch,
        "x differs from the shares",
    )?;
    let secret = RoundSecret::from_published(&opened.secret.0, &key.y)
        .map_err(|_| Refusal::new(Code::Proof, "x·G differs from Y"))?;
    let mut sheets = BTreeMap::new();
    for line in closing_lines(round).unwrap_or_default() {
        if line.sheet.is_some() {
            let sheet = super::sheets::open_counted(state, instance, round, &line.line, &secret, blobs)?;
            sheets.insert(line.line, sheet);
        }
    }
    find_mut(state, instance)?.opened = Some(OpenedRound {
        x: opened.secret.0,
        sheets,
    });
    Ok(())
}

pub(super) fn signatures_checked(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let checked: SignaturesChecked = act.payload()?;
    state.party(&act.core().actor, &[Role::Custodian])?;
    let round = find(state, &act.core().instance)?;
    let opened = round
        .opened
        .as_ref()
        .ok_or_else(|| Refusal::new(Code::Early, "the round is not open"))?;
    let named: BTreeSet<&CodeName> = checked.good.iter().chain(&checked.bad).collect();
    let sealed: BTreeSet<&CodeName> = opened.sheets.keys().collect();
    ensure(named == sealed, Code::Mismatch, "every sealed line, once")
}
