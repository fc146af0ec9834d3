//! Header and commitment are signed by the actor's key; that needs no body.

use super::{Applied, Findings};
use crate::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    for slot in &context.slots {
        // An act that holds was verified with its signature.
        let Some(entry) = slot.read().filter(|_| slot.act.is_none()) else {
            continue;
        };
        if let Err(fault) = record::verify_entry(&entry.withheld()) {
            findings.both(slot.index, &slot.file, fault.to_string());
        }
    }
    Applied::Done
}
