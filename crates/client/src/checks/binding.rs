//! What an observer checks before it says that it saw a binding (protocol 3).

use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::certificates::verify_chain;
use evaluation::personal::{self, VerifiedPersonal};
use evaluation::{CodeName, Role};
use record::{Entry, PublicKey, VerifiedLeaf, verify_entry};

fn refuse<T>(what: impl Into<String>) -> Result<T, ClientError> {
    Err(ClientError::Check(what.into()))
}

fn signed(
    replica: &Replica,
    kind: &str,
    matches: impl Fn(&record::Core) -> bool,
) -> Option<VerifiedPersonal> {
    let person = |entry: &Entry| {
        let VerifiedLeaf::Full(act, ..) = verify_entry(entry).ok()? else {
            return None;
        };
        if act.core().kind != kind || !matches(act.core()) {
            return None;
        }
        personal::verify(
            act.core(),
            &act.body().core_digest(),
            act.attachment(personal::ATTACHMENT)?,
        )
        .ok()
    };
    replica.entries().iter().rev().find_map(person)
}

/// Certificate chain to the anchors, the same person at check-in and binding, role of the seat, and no second
/// ticket of that person.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_binding(replica: &Replica, line: &CodeName) -> Result<PublicKey, ClientError> {
    let state = replica.state();
    let Some(roster) = state.committee().lines.get(line) else {
        return refuse("no such line");
    };
    let Some(binding) = &roster.binding else {
        return refuse("the line is not bound");
    };
    let ticket = roster.ticket.as_str();
    let has_ticket =
        |core: &record::Core| core.payload.get("ticket").and_then(|t| t.as_str()) == Some(ticket);
    let Some(checked_in) = signed(replica, "member.checked_in", has_ticket) else {
        return refuse("the identity at check-in is not opened to this observer");
    };
    let bound = if binding.retired.is_empty() {
        signed(replica, "key.bound", |core| {
            core.actor == binding.key && has_ticket(core)
        })
    } else {
        let new = binding.key.to_string();
        signed(replica, "member.key_replaced", |core| {
            core.payload.get("new").and_then(|k| k.as_str()) == Some(&new)
        })
    };
    let Some(bound) = bound else {
        return refuse("the personal signature of the binding is not opened");
    };
    let time = state.last_time();
    if verify_chain(checked_in.chain(), &replica.anchors().ca_roots, time).is_err() {
        return refuse("the certificate is not under a local anchor");
    }
    if checked_in.subject().key != bound.subject().key {
        return refuse("another person bound the key than checked in");
    }
    let expert = matches!(roster.role, Role::Expert | Role::TendererRepresentative);
    if !expert || !checked_in.subject().has_role(roster.role) {
        return refuse("the certificate is of another role than the seat");
    }
    let same_person = |entry: &&Entry| {
        let Ok(VerifiedLeaf::Full(act, ..)) = verify_entry(entry) else {
            return false;
        };
        let Some(value) = act.attachment(personal::ATTACHMENT) else {
            return false;
        };
        act.core().kind == "member.checked_in"
            && personal::verify(act.core(), &act.body().core_digest(), value)
                .is_ok_and(|other| other.subject().key == checked_in.subject().key)
    };
    if replica.entries().iter().filter(same_person).count() != 1 {
        return refuse("the same person checked in twice");
    }
    Ok(binding.key)
}
