//! An opened attachment is one that the body declares, with the value that was committed to.

use super::{Applied, Findings};
use crate::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let mut opened = false;
    for slot in &context.slots {
        let Some(entry) = slot.read() else { continue };
        for (name, opening) in &entry.openings {
            opened = true;
            let object = format!("{} {name}", slot.file);
            let declared = slot.body().and_then(|body| body.attachments.get(name));
            match declared {
                None => findings.both(slot.index, object, "no disclosed body declares this attachment"),
                Some(_) if opening.value.len() > record::act::MAX_ATTACHMENT => {
                    findings.both(slot.index, object, "longer than an attachment may be");
                }
                Some(commitment)
                    if record::commit_attachment(name, &opening.salt, &opening.value) != *commitment =>
                {
                    findings.both(slot.index, object, "does not match its commitment");
                }
                Some(_) => {}
            }
        }
    }
    if opened {
        Applied::Done
    } else {
        Applied::Not("no attachment is opened in this package")
    }
}
