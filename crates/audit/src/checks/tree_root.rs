//! The leaves are those of the final checkpoint: nothing was changed, added, moved or cut off.

use super::{Applied, Findings};
use crate::context::Context;
use crate::package::CHECKPOINT;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let checkpoint = match &context.checkpoint {
        Ok(note) => note.checkpoint(),
        Err(fault) => {
            findings.object(CHECKPOINT, fault);
            return Applied::Done;
        }
    };
    let Some(tree) = &context.tree else {
        return Applied::Not("an entry can't be read");
    };
    if tree.size() != checkpoint.size {
        findings.object(
            CHECKPOINT,
            format!(
                "covers {} leaves, the package holds {}",
                checkpoint.size,
                tree.size()
            ),
        );
    } else if tree.root() != checkpoint.root {
        findings.object(
            CHECKPOINT,
            format!(
                "root {} differs from the leaves' {}",
                checkpoint.root,
                tree.root()
            ),
        );
    }
    Applied::Done
}
