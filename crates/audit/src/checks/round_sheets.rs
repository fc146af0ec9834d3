//! Names the sheets that did not open or broke the rulebook, and what custodians found. A sheet's fault is its
//! author's and blocks nobody (protocol 4), so these are notes; that counted sheets open with x is replay's.

use super::{Applied, Findings};
use crate::context::Context;
use evaluation::acts::rounds::SignaturesChecked;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some(folded) = &context.folded else {
        return Applied::Not("a public package opens no sheet");
    };
    let mut any = false;
    for slot in context.slots.iter().filter(|slot| slot.kind() == "round.opened") {
        let instance = slot.header().map_or("", |header| header.instance.as_str());
        let Some(opened) = folded
            .state
            .round(instance)
            .and_then(|round| round.opened.as_ref())
        else {
            continue;
        };
        any = true;
        for (line, sheet) in &opened.sheets {
            if let Err(fault) = sheet {
                let object = Some(format!("{instance}/{line}"));
                findings.note(
                    Some(slot.index),
                    object,
                    format!("the sheet does not count: {fault}"),
                );
            }
        }
    }
    for (slot, checked) in context.acts::<SignaturesChecked>("signatures.checked") {
        for line in checked.bad {
            findings.note(
                Some(slot.index),
                Some(line.to_string()),
                "a custodian found its personal signature wrong",
            );
        }
    }
    if any {
        Applied::Done
    } else {
        Applied::Not("no round was opened")
    }
}
