//! Evaluation keys: bound to roster lines, seen by two observers, replaced with the PC (protocol 3).

use super::committee::{COMMITTEE, line_mut};
use crate::apply::Act;
use crate::refusal::{Code, Refusal, ensure};
use crate::role::{CodeName, Role};
use crate::state::{Binding, State};
use record::{DeviceId, PublicKey, Signature};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Payload of `key.bound`: made on the booth PC by the evaluation key itself; attachment `personal`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyBound {
    /// Ticket of the check-in.
    pub ticket: String,
    /// Drawn code name.
    pub line: CodeName,
    /// Drawn booth.
    pub booth: String,
}

/// Payload of `binding.seen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BindingSeen {
    /// The line.
    pub line: CodeName,
    /// The evaluation key whose certificate chain, seat and uniqueness were checked.
    pub key: PublicKey,
}

/// Payload of `member.key_replaced`: the site desk's act; attachment `personal` is the member's own signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyReplaced {
    /// The line.
    pub line: CodeName,
    /// The key that is refused from now on.
    pub old: PublicKey,
    /// The new evaluation key.
    pub new: PublicKey,
    /// The new PC.
    pub device: DeviceId,
    /// Proof that the new PC holds the new key: its signature over [`possession`].
    pub possession: Signature,
}

/// What the new key signs to prove possession.
pub fn possession(origin: &record::Origin, line: &CodeName, old: &PublicKey, new: &PublicKey) -> Vec<u8> {
    [
        b"conclave/key-replaced/v1\0".as_slice(),
        &origin.0,
        line.as_str().as_bytes(),
        &[0],
        &old.0,
        &new.0,
    ]
    .concat()
}

fn key_is_new(state: &State, key: &PublicKey) -> Result<(), Refusal> {
    let used = state.people.contains_key(key)
        || state.submissions.values().any(|s| s.key == *key)
        || state.committee.lines.values().any(|line| {
            line.binding
                .as_ref()
                .is_some_and(|b| b.key == *key || b.retired.contains(key))
        });
    ensure(!used, Code::AlreadyDone, "the key is in use")
}

pub(super) fn bound(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let bound: KeyBound = act.payload()?;
    let core = act.core();
    ensure(core.instance == COMMITTEE, Code::Malformed, "instance committee")?;
    let line = state
        .committee
        .lines
        .get(&bound.line)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such line"))?;
    ensure(
        line.ticket == bound.ticket && line.booth == bound.booth,
        Code::Mismatch,
        "ticket or booth was not drawn so",
    )?;
    ensure(line.binding.is_none(), Code::AlreadyDone, "line is bound")?;
    key_is_new(state, &core.actor)?;
    ensure(
        act.verified().body().attachments.contains_key("personal"),
        Code::PersonalSignature,
        "no personal signature",
    )?;
    let binding = Binding {
        key: core.actor,
        first_key: core.actor,
        device: core.device,
        since: act.index(),
        seen: BTreeSet::new(),
        retired: Vec::new(),
    };
    line_mut(state, &bound.line)?.binding = Some(binding);
    Ok(())
}

pub(super) fn seen(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let seen: BindingSeen = act.payload()?;
    let observer = state
        .party(&act.core().actor, &[Role::WitnessPerson, Role::Supervisor])?
        .clone();
    let line = state
        .committee
        .lines
        .get(&seen.line)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such line"))?;
    let at_site = observer.role == Role::Supervisor || observer.site.as_ref() == Some(&line.site);
    ensure(at_site, Code::NotAllowed, "the witness person of another site")?;
    let binding = line
        .binding
        .as_ref()
        .ok_or_else(|| Refusal::new(Code::WrongStage, "line is not bound"))?;
    ensure(binding.key == seen.key, Code::Mismatch, "another key is bound")?;
    ensure(
        !binding.seen.contains(&observer.role),
        Code::AlreadyDone,
        "seen in this role",
    )?;
    if let Some(binding) = line_mut(state, &seen.line)?.binding.as_mut() {
        binding.seen.insert(observer.role);
    }
    Ok(())
}

pub(super) fn key_replaced(state: &mut State, act: &Act<'_>) -> Result<(), Refusal> {
    let replaced: KeyReplaced = act.payload()?;
    let desk = state.party(&act.core().actor, &[Role::SiteOperator])?.clone();
    let line = state
        .committee
        .lines
        .get(&replaced.line)
        .ok_or_else(|| Refusal::new(Code::NotFound, "no such line"))?;
    ensure(
        desk.site.as_ref() == Some(&line.site),
        Code::NotAllowed,
        "desk of another site",
    )?;
    let binding = line
        .binding
        .clone()
        .ok_or_else(|| Refusal::new(Code::WrongStage, "line is not bound"))?;
    ensure(
        binding.key == replaced.old,
        Code::Mismatch,
        "another key is bound",
    )?;
    key_is_new(state, &replaced.new)?;
    let declared = act.verified().body().attachments.contains_key("personal");
    ensure(
        declared,
        Code::PersonalSignature,
        "no personal signature of the member",
    )?;
    let message = possession(&act.core().origin, &replaced.line, &replaced.old, &replaced.new);
    let proven = sealing::sign::verify(&replaced.new.0, &message, &replaced.possession.0);
    ensure(proven, Code::Proof, "the new key is not proven")?;
    let mut retired = binding.retired;
    retired.push(binding.key);
    let binding = Binding {
        key: replaced.new,
        first_key: binding.first_key,
        device: replaced.device,
        since: act.index(),
        seen: BTreeSet::new(),
        retired,
    };
    line_mut(state, &replaced.line)?.binding = Some(binding);
    Ok(())
}
