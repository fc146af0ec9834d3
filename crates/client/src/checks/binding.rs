//! What an observer checks before it says that it saw a binding (protocol 3).

use super::list::{Checklist, Verdict, refuse, wait};
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::certificates::verify_chain;
use evaluation::personal::{self, VerifiedPersonal};
use evaluation::{Binding, CodeName, Line, Role};
use record::{Entry, PublicKey, VerifiedLeaf, verify_entry};

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
pub fn binding_checks<'a>(replica: &'a Replica, line: &'a CodeName) -> Checklist<'a> {
    Checklist::new()
        .with(
            "bound",
            "代号已绑定评标密钥",
            "The line is bound to an evaluation key",
            move || bound_line(replica, line).map(drop),
        )
        .with(
            "checked_in",
            "签到时的本人签名向本机公开并成立",
            "The personal signature at check-in is opened to this PC and holds",
            move || checked_in(replica, line).map(drop),
        )
        .with(
            "binding_signed",
            "绑定时的本人签名成立",
            "The personal signature of the binding holds",
            move || bound(replica, line).map(drop),
        )
        .with(
            "certificate",
            "证书出自本机信任的CA",
            "The certificate leads to a CA root of this PC",
            move || certificate(replica, line),
        )
        .with(
            "same_person",
            "绑定密钥的与签到的是同一人",
            "Who bound the key is who checked in",
            move || same_person(replica, line),
        )
        .with(
            "role",
            "证书的角色与席位相符",
            "The certificate is of the seat's role",
            move || right_role(replica, line),
        )
        .with(
            "once",
            "此人只签到一次",
            "The person checked in once",
            move || once(replica, line),
        )
}

/// [`binding_checks`], all of them: the key that was seen.
///
/// # Errors
/// [`ClientError::Check`].
pub fn check_binding(replica: &Replica, line: &CodeName) -> Result<PublicKey, ClientError> {
    binding_checks(replica, line).pass()?;
    let lines = &replica.state().committee().lines;
    let binding = lines.get(line).and_then(|line| line.binding.as_ref());
    binding
        .map(|binding| binding.key)
        .ok_or_else(|| ClientError::check("该代号尚未绑定电脑", "the line is not bound"))
}

fn bound_line<'a>(replica: &'a Replica, line: &CodeName) -> Verdict<(&'a Line, &'a Binding)> {
    let Some(roster) = replica.state().committee().lines.get(line) else {
        return refuse("没有这个代号", "no such line");
    };
    match &roster.binding {
        Some(binding) => Ok((roster, binding)),
        None => wait("该代号还没有绑定评标密钥", "the line is not bound"),
    }
}

fn of_ticket(ticket: &str) -> impl Fn(&record::Core) -> bool {
    move |core| core.payload.get("ticket").and_then(|t| t.as_str()) == Some(ticket)
}

fn checked_in(replica: &Replica, line: &CodeName) -> Verdict<VerifiedPersonal> {
    let (roster, _) = bound_line(replica, line)?;
    match signed(replica, "member.checked_in", of_ticket(&roster.ticket)) {
        Some(person) => Ok(person),
        None => refuse(
            "签到身份没有向本机公开",
            "the identity at check-in is not opened to this observer",
        ),
    }
}

fn bound(replica: &Replica, line: &CodeName) -> Verdict<VerifiedPersonal> {
    let (roster, binding) = bound_line(replica, line)?;
    let found = if binding.retired.is_empty() {
        let of_ticket = of_ticket(&roster.ticket);
        signed(replica, "key.bound", |core| {
            core.actor == binding.key && of_ticket(core)
        })
    } else {
        let new = binding.key.to_string();
        signed(replica, "member.key_replaced", |core| {
            core.payload.get("new").and_then(|k| k.as_str()) == Some(&new)
        })
    };
    match found {
        Some(person) => Ok(person),
        None => refuse(
            "绑定时的本人签名没有公开",
            "the personal signature of the binding is not opened",
        ),
    }
}

fn certificate(replica: &Replica, line: &CodeName) -> Verdict {
    let person = checked_in(replica, line)?;
    let time = replica.state().last_time();
    if verify_chain(person.chain(), &replica.anchors().ca_roots, time).is_err() {
        return refuse(
            "证书不出自本机信任的CA",
            "the certificate is not under a local anchor",
        );
    }
    Ok(())
}

fn same_person(replica: &Replica, line: &CodeName) -> Verdict {
    if checked_in(replica, line)?.subject().key != bound(replica, line)?.subject().key {
        return refuse(
            "绑定密钥的不是签到的人",
            "another person bound the key than checked in",
        );
    }
    Ok(())
}

fn right_role(replica: &Replica, line: &CodeName) -> Verdict {
    let (roster, _) = bound_line(replica, line)?;
    let member = matches!(roster.role, Role::Expert | Role::TendererRepresentative);
    if !member || !checked_in(replica, line)?.subject().has_role(roster.role) {
        return refuse(
            "证书的角色与席位不符",
            "the certificate is of another role than the seat",
        );
    }
    Ok(())
}

fn once(replica: &Replica, line: &CodeName) -> Verdict {
    let person = checked_in(replica, line)?;
    let same_person = |entry: &&Entry| {
        let Ok(VerifiedLeaf::Full(act, ..)) = verify_entry(entry) else {
            return false;
        };
        let Some(value) = act.attachment(personal::ATTACHMENT) else {
            return false;
        };
        act.core().kind == "member.checked_in"
            && personal::verify(act.core(), &act.body().core_digest(), value)
                .is_ok_and(|other| other.subject().key == person.subject().key)
    };
    if replica.entries().iter().filter(same_person).count() != 1 {
        return refuse("同一人签到了两次", "the same person checked in twice");
    }
    Ok(())
}
