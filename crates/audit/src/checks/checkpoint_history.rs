//! Every earlier checkpoint that was kept is signed, cosigned by a quorum, and a beginning of this record: no history
//! that somebody was shown differs from the one archived.

use super::{Applied, Findings};
use crate::context::Context;
use crate::package::checkpoint_file;
use record::SignedCheckpoint;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    if context.history.is_empty() {
        return Applied::Not("no earlier checkpoint is kept");
    }
    for (file, note) in &context.history {
        let faults = match note {
            Ok(note) => faults(context, file, note),
            Err(fault) => vec![fault.clone()],
        };
        for fault in faults {
            findings.object(file, fault);
        }
    }
    Applied::Done
}

fn faults(context: &Context<'_>, file: &str, note: &SignedCheckpoint) -> Vec<String> {
    let mut faults = Vec::new();
    let checkpoint = note.checkpoint();
    if checkpoint.origin != record::origin_line(&context.package.manifest().origin) {
        faults.push("is of another record".to_owned());
    }
    if file != checkpoint_file(checkpoint.size) {
        faults.push(format!(
            "covers {} leaves, which its name does not say",
            checkpoint.size
        ));
    }
    if let Some(tree) = &context.tree {
        match tree.root_at(checkpoint.size) {
            Ok(root) if root == checkpoint.root => {}
            Ok(_) => faults.push("its root is not the record's at that size".to_owned()),
            Err(_) => faults.push(format!(
                "covers {} leaves, more than the package holds",
                checkpoint.size
            )),
        }
    }
    let last = context
        .checkpoint
        .as_ref()
        .ok()
        .map(|note| note.checkpoint().size);
    if last.is_some_and(|last| checkpoint.size >= last) {
        faults.push("is not earlier than checkpoint.note".to_owned());
    }
    if let Some(Err(fault)) = context.log_key().map(|key| note.verify_log(&key).map(drop)) {
        faults.push(fault.to_string());
    }
    if let Some(cosigned) = context.cosigned(note) {
        faults.extend(
            cosigned
                .bad
                .iter()
                .map(|name| format!("cosignature of {name} does not verify")),
        );
        if !cosigned.is_quorum() {
            faults.push(format!(
                "cosigned by {} witnesses, not by a quorum",
                cosigned.times.len()
            ));
        }
    }
    faults
}
