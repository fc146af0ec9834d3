//! Replacing a log witness (见证节点) that can't be reached (protocol 2): proposed by a supervisor, confirmed by a person
//! of another organisation. That w of the rest cosigned it stands outside the record, so whoever counts cosignatures
//! looks at that (`docs/formats/record.md`, 2).

use crate::acts::setup::WitnessLine;
use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{PersonId, Role};
use crate::state::State;
use record::{ActId, KeyAlgorithm, VerifierKey};
use serde::{Deserialize, Serialize};

/// Most replacements of one record.
const MAX_REPLACEMENTS: usize = 64;
/// Longest name, organisation and reason, in bytes.
const MAX_NAME: usize = 120;
const MAX_REASON: usize = 2_000;

/// Roles that confirm what a supervisor of another organisation proposes: people who answer for the procedure or for
/// a site. Holders, custodians and members have other duties; administrators run the machine that is watched.
const CONFIRMING: [Role; 4] = [
    Role::Supervisor,
    Role::WitnessPerson,
    Role::Clerk,
    Role::SiteOperator,
];

/// Payload of `witness.replacement_proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplacementProposed {
    /// Key name of the log witness that can't be reached.
    pub replaced: String,
    /// The one that takes its place.
    pub by: WitnessLine,
    /// Reason, for the record.
    pub reason: String,
}

/// Payload of `witness.replaced`. It repeats what was proposed, so that a reader who holds only this act knows the
/// witnesses after it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WitnessReplaced {
    /// The act that proposed it.
    pub proposal: ActId,
    /// As proposed.
    pub replaced: String,
    /// As proposed.
    pub by: WitnessLine,
}

/// A proposal that nobody confirmed yet.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// The proposing act.
    pub id: ActId,
    /// The supervisor.
    pub person: PersonId,
    /// The supervisor's organisation.
    pub organisation: String,
    /// What is proposed.
    pub payload: ReplacementProposed,
}

/// A replacement that stands in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WitnessChange {
    /// Index of `witness.replaced`: it holds for checkpoints of more leaves than this number.
    pub index: u64,
    /// Key name of the witness that left.
    pub replaced: String,
    /// The one that came.
    pub by: WitnessLine,
}

/// The log witnesses after one change.
pub fn changed(before: &[WitnessLine], replaced: &str, by: &WitnessLine) -> Vec<WitnessLine> {
    let rest = before.iter().filter(|line| line.name != replaced).cloned();
    rest.chain([by.clone()]).collect()
}

pub(super) fn proposed(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let payload: ReplacementProposed = act.payload()?;
    let core = act.core();
    let party = state.party(&core.actor, &[Role::Supervisor])?;
    let reason = payload.reason.trim();
    ensure(
        !reason.is_empty() && payload.reason.len() <= MAX_REASON,
        Code::Malformed,
        "a reason of at most 2,000 bytes is needed",
    )?;
    possible(state, &payload.replaced, &payload.by)?;
    state.replacement = Some(Proposal {
        id: core.id,
        person: party.person.clone(),
        organisation: party.organisation.clone(),
        payload,
    });
    Ok(())
}

pub(super) fn replaced(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let payload: WitnessReplaced = act.payload()?;
    let core = act.core();
    let party = state.party(&core.actor, &CONFIRMING)?;
    let proposal = state
        .replacement
        .as_ref()
        .ok_or_else(|| Refusal::new(Code::WrongStage, "no replacement is proposed"))?;
    ensure(
        party.organisation != proposal.organisation && party.person != proposal.person,
        Code::Rule,
        "a person of another organisation than the supervisor's confirms",
    )?;
    let same = payload.proposal == proposal.id
        && payload.replaced == proposal.payload.replaced
        && payload.by == proposal.payload.by;
    ensure(same, Code::Mismatch, "another replacement is proposed")?;
    possible(state, &payload.replaced, &payload.by)?;
    state.replacement = None;
    state.witness_changes.push(WitnessChange {
        index: act.index(),
        replaced: payload.replaced,
        by: payload.by,
    });
    Ok(())
}

/// The replaced one is a log witness, the new one is none, and the rest can cosign the change: w of them, one outside.
fn possible(state: &State, replaced: &str, by: &WitnessLine) -> Result<(), Refusal> {
    let quorum = usize::from(state.setting()?.quorum);
    let now = state.log_witnesses();
    ensure(
        state.witness_changes.len() < MAX_REPLACEMENTS,
        Code::Limit,
        "64 replacements at most",
    )?;
    ensure(
        now.iter().any(|line| line.name == replaced),
        Code::NotFound,
        "no such log witness",
    )?;
    let key = cosigning_key(by)?;
    let taken = now.iter().any(|line| {
        let known = line.key.parse::<VerifierKey>();
        line.name == by.name || known.is_ok_and(|known| known.key() == key.key())
    });
    ensure(!taken, Code::Rule, "log witnesses must differ")?;
    let rest = now.iter().filter(|line| line.name != replaced);
    ensure(
        rest.clone().count() >= quorum,
        Code::Rule,
        "fewer than w log witnesses remain to cosign the replacement",
    )?;
    ensure(
        rest.clone().any(|line| line.outside),
        Code::Rule,
        "none of the log witnesses that remain is outside the centre",
    )
}

/// The key of a line, which must be written as a cosignature key is.
fn cosigning_key(line: &WitnessLine) -> Result<VerifierKey, Refusal> {
    let malformed = |what: &str| Refusal::new(Code::Malformed, what);
    for text in [&line.name, &line.organisation] {
        if text.trim().is_empty() || text.len() > MAX_NAME {
            return Err(malformed("name and organisation: 1 to 120 bytes"));
        }
    }
    let key = line
        .key
        .parse::<VerifierKey>()
        .map_err(|_| malformed("not a verifier key"))?;
    if key.algorithm() != KeyAlgorithm::Cosignature || key.name() != line.name {
        return Err(malformed("not a cosignature key of that name"));
    }
    Ok(key)
}
