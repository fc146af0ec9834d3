//! Personal signatures (本人签名): over the act's core and the text that Rust renders again, by a certified key that
//! leads to the anchors; one person has one ticket, and one actor key is one person (protocol 1, 3). What is not opened
//! lies in custody or inside a sheet; with a custodian's key both are opened and checked the same way.

mod custody;
mod sheets;

use super::{Applied, Findings};
use crate::context::{Context, Slot};
use crate::package::CUSTODY;
use custody::Kept;
use evaluation::acts::binding::{KeyBound, KeyReplaced};
use evaluation::acts::committee::MemberCheckedIn;
use evaluation::certificates::{Subject, verify_chain};
use evaluation::personal;
use record::{Body, PublicKey};
use sheets::Sheets;
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
    let kept = Kept::read(context, findings);
    let sheets = Sheets::counted(context);
    let mut people = People::default();
    let mut any = kept.any();
    for slot in &context.slots {
        let Some(body) = slot.body() else { continue };
        let in_custody = kept.open(context, slot, body, findings);
        let signed = match slot.opening(personal::ATTACHMENT).or(in_custody.as_deref()) {
            Some(value) => Some(act(context, body, value)),
            None => sheets.open(context, slot, body, findings),
        };
        let Some(signed) = signed else { continue };
        any = true;
        let fault = match signed {
            Ok(subject) => people.meet(context, slot, &body.core.actor, &subject),
            Err(fault) => Some(fault),
        };
        match fault {
            None => findings.personal.verified += 1,
            Some(fault) => findings.act(slot.index, fault),
        }
    }
    summary(context, findings);
    if any {
        Applied::Done
    } else {
        Applied::Not("no personal signature is opened in this package")
    }
}

/// Who signed an act personally, or what is wrong with it.
fn act(context: &Context<'_>, body: &Body, value: &[u8]) -> Result<Subject, String> {
    let verified =
        personal::verify(&body.core, &body.core_digest(), value).map_err(|refusal| refusal.to_string())?;
    trusted(context, verified.chain(), body)?;
    Ok(verified.subject().clone())
}

/// The chain leads to the anchors, where there are some.
fn trusted(context: &Context<'_>, chain: &[Vec<u8>], body: &Body) -> Result<(), String> {
    let Some(anchors) = context.anchors else {
        return Ok(());
    };
    verify_chain(chain, &anchors.ca_roots, body.core.time)
        .map(|_| ())
        .map_err(|refusal| format!("personal certificate: {refusal}"))
}

/// What stays shut is said, not judged.
fn summary(context: &Context<'_>, findings: &mut Findings) {
    let shut = findings.personal.under_custody;
    let mut note = |text: String| findings.note(None, Some(CUSTODY.to_owned()), text);
    if shut > 0 {
        note(format!(
            "{shut} personal signatures are under custody: not opened"
        ));
    }
    let folded = context.folded.as_ref();
    if let (Some(custodian), Some(folded)) = (context.custodian, folded) {
        let known = folded.state.custodian_keys();
        if !known.iter().any(|key| key.0 == custodian.public) {
            note("the key given is no custodian's of this record".to_owned());
        }
    }
}

impl People {
    /// Takes in who signed an act; tells what contradicts earlier acts.
    fn meet(
        &mut self,
        context: &Context<'_>,
        slot: &Slot,
        actor: &PublicKey,
        subject: &Subject,
    ) -> Option<String> {
        let key = subject.key;
        if let Some(checked) = slot.payload::<MemberCheckedIn>("member.checked_in") {
            // The desk acts; the member signs.
            if !subject.has_role(checked.role) {
                return Some("the certificate is not for the role that checks in".to_owned());
            }
            return self.ticket(checked.ticket, key);
        }
        if let Some(replaced) = slot.payload::<KeyReplaced>("member.key_replaced") {
            self.by_actor.insert(replaced.new, key);
            let known = *self.lines.entry(replaced.line.to_string()).or_insert(key);
            return (known != key).then(|| "another person than the one whose key is replaced".to_owned());
        }
        if let Some(bound) = slot.payload::<KeyBound>("key.bound") {
            self.lines.insert(bound.line.to_string(), key);
            self.by_actor.insert(*actor, key);
            return self.ticket(bound.ticket, key);
        }
        let function = context
            .folded
            .as_ref()
            .is_some_and(|folded| !folded.state.parties(actor).is_empty());
        if function && key != *actor {
            return Some("another person than the one in the role".to_owned());
        }
        let known = *self.by_actor.entry(*actor).or_insert(key);
        (known != key).then(|| "another person than the one who signed earlier acts of this key".to_owned())
    }

    fn ticket(&mut self, ticket: String, key: PublicKey) -> Option<String> {
        let holder = *self.by_ticket.entry(ticket.clone()).or_insert(key);
        if holder != key {
            return Some("another person than the one who checked in with this ticket".to_owned());
        }
        let own = self.tickets.entry(key).or_insert_with(|| ticket.clone());
        (*own != ticket).then(|| "one person with two tickets".to_owned())
    }
}
