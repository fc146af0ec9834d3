//! `archived` ends the record: it is the last act, carries the head before it, and the digest of the external manifest
//! over every blob that the record names.

use super::{Applied, Findings};
use crate::blobs::{manifest_digest, named_blobs};
use crate::context::Context;
use evaluation::acts::archive::Archived;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some(slot) = context.slots.iter().find(|slot| slot.kind() == "archived") else {
        return Applied::Not("the record is not archived");
    };
    if slot.index + 1 != context.slots.len() as u64 {
        findings.act(slot.index + 1, "follows the act that archives the record");
    }
    let Some(archived) = slot.payload::<Archived>("archived") else {
        return Applied::Not("the archiving act can't be read");
    };
    let head = context.tree.as_ref().and_then(|tree| {
        Some(record::Seen {
            size: slot.index,
            root: tree.root_at(slot.index).ok()?,
        })
    });
    if head.is_some_and(|head| head != archived.head) {
        findings.act(slot.index, "carries another head than the one before it");
    }
    if context.is_full() {
        let before = context.slots.iter().filter(|other| other.index < slot.index);
        let blobs: Vec<_> = before
            .filter_map(|other| other.core())
            .flat_map(named_blobs)
            .collect();
        if manifest_digest(&blobs) != archived.manifest {
            findings.act(
                slot.index,
                "carries another digest than that of the blobs which the record names",
            );
        }
    }
    Applied::Done
}
