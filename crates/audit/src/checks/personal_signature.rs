//! Personal signatures (本人签名): over the act's core and the text that Rust renders again, by a certified key that
//! leads to the anchors; one person has one ticket, and one actor key is one person (protocol 1, 3).

use super::{Applied, Findings};
use crate::context::{Context, Slot};
use evaluation::acts::binding::{KeyBound, KeyReplaced};
use evaluation::acts::committee::MemberCheckedIn;
use evaluation::certificates::{Subject, verify_chain};
use evaluation::personal;
use record::PublicKey;
use std::collections::BTreeMap;

/// Certified keys met so far.
#[derive(Default)]
struct People {
    by_ticket: BTreeMap<String, PublicKey>,
    tickets: BTreeMap<PublicKey, String>,
    by_actor: BTreeMap<PublicKey, PublicKey>,
    lines: BTreeMap<String, PublicKey>,
}

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let mut people = People::default();
    let mut any = false;
    for slot in &context.slots {
        let (Some(body), Some(value)) = (slot.body(), slot.opening(personal::ATTACHMENT)) else {
            continue;
        };
        any = true;
        let verified = match personal::verify(&body.core, &body.core_digest(), value) {
            Ok(verified) => verified,
            Err(refusal) => {
                findings.act(slot.index, refusal.to_string());
                continue;
            }
        };
        if let Some(anchors) = context.anchors
            && let Err(refusal) = verify_chain(verified.chain(), &anchors.ca_roots, body.core.time)
        {
            findings.act(slot.index, format!("personal certificate: {refusal}"));
        }
        if let Some(fault) = people.meet(slot, &body.core.actor, verified.subject()) {
            findings.act(slot.index, fault);
        }
    }
    if any {
        Applied::Done
    } else {
        Applied::Not("no personal signature is opened in this package")
    }
}

impl People {
    /// Takes in who signed an act; tells what contradicts earlier acts.
    fn meet(&mut self, slot: &Slot, actor: &PublicKey, subject: &Subject) -> Option<&'static str> {
        let key = subject.key;
        if let Some(checked) = slot.payload::<MemberCheckedIn>("member.checked_in") {
            // The desk acts; the member signs.
            if !subject.has_role(checked.role) {
                return Some("the certificate is not for the role that checks in");
            }
            return self.ticket(checked.ticket, key);
        }
        if let Some(replaced) = slot.payload::<KeyReplaced>("member.key_replaced") {
            self.by_actor.insert(replaced.new, key);
            let known = *self.lines.entry(replaced.line.to_string()).or_insert(key);
            return (known != key).then_some("another person than the one whose key is replaced");
        }
        if let Some(bound) = slot.payload::<KeyBound>("key.bound") {
            self.lines.insert(bound.line.to_string(), key);
            self.by_actor.insert(*actor, key);
            return self.ticket(bound.ticket, key);
        }
        let known = *self.by_actor.entry(*actor).or_insert(key);
        (known != key).then_some("another person than the one who signed earlier acts of this key")
    }

    fn ticket(&mut self, ticket: String, key: PublicKey) -> Option<&'static str> {
        let holder = *self.by_ticket.entry(ticket.clone()).or_insert(key);
        if holder != key {
            return Some("another person than the one who checked in with this ticket");
        }
        let own = self.tickets.entry(key).or_insert_with(|| ticket.clone());
        (*own != ticket).then_some("one person with two tickets")
    }
}
