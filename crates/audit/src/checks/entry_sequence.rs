//! Entries stand from 0 without a gap, each under its own number, all of the record that the manifest names.

use super::{Applied, Findings};
use crate::context::{Context, entry_number};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    if context.slots.is_empty() {
        findings.object("entries/", "the package holds no entry");
    }
    for slot in &context.slots {
        if entry_number(&slot.file) != Some(slot.index) {
            findings.both(
                slot.index,
                &slot.file,
                "the file's number is not the entry's place",
            );
        }
        if let Some(entry) = slot.read().filter(|entry| entry.index != slot.index) {
            findings.both(
                slot.index,
                &slot.file,
                format!("says that its index is {}", entry.index),
            );
        }
        if slot
            .header()
            .is_some_and(|header| header.origin != context.package.manifest().origin)
        {
            findings.both(slot.index, &slot.file, "is of another record");
        }
    }
    Applied::Done
}
