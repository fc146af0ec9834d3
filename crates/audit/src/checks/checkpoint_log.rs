//! The final checkpoint is the centre's: signed by the anchored log key, about this record.

use super::{Applied, Findings};
use crate::context::Context;
use crate::package::CHECKPOINT;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Ok(note) = &context.checkpoint else {
        return Applied::Not("checkpoint.note can't be read");
    };
    if note.checkpoint().origin != record::origin_line(&context.package.manifest().origin) {
        findings.object(CHECKPOINT, "is of another record");
    }
    match context.log_key() {
        Some(key) => {
            if let Err(fault) = note.verify_log(&key) {
                findings.object(CHECKPOINT, fault.to_string());
            }
        }
        None => findings.object(
            CHECKPOINT,
            "no log key is known: no anchors, and the first act names none",
        ),
    }
    Applied::Done
}
