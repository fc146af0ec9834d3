//! The body is the one that was signed: salt and body give the commitment, and the header is the body's.

use super::{Applied, Findings};
use crate::context::Context;
use record::{Header, Leaf};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    for slot in &context.slots {
        let Some(entry) = slot.read() else { continue };
        let (
            Some(disclosed),
            Leaf::Header {
                header, commitment, ..
            },
        ) = (&entry.disclosed, &entry.leaf)
        else {
            continue;
        };
        if record::commit_body(&disclosed.salt, &disclosed.body) != *commitment {
            findings.both(
                slot.index,
                &slot.file,
                "salt and body do not give the commitment that was signed",
            );
        } else if slot.body().is_some_and(|body| Header::of(body) != *header) {
            findings.both(slot.index, &slot.file, "the header is not the header of the body");
        }
    }
    Applied::Done
}
