//! The centre's time is held by the witnesses': an act that none of them saw within 60 s is named; a checkpoint
//! cosigned while it covers a time more than 5 s ahead is what no honest witness makes (protocol 2).

use super::{Applied, Findings};
use crate::anchors::Cosigned;
use crate::context::Context;
use record::SignedCheckpoint;

/// A later first cosignature is a note.
const LATE: u64 = 60_000;
/// How far a centre time may lie ahead of a witness's clock.
const AHEAD: u64 = 5_000;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    if context.witnesses.is_none() {
        return Applied::Not("no witness is known");
    }
    let checkpoints = context.checkpoints();
    let mut covered = 0;
    for (file, note) in checkpoints {
        let size = note.checkpoint().size;
        let Some(cosigned) = context.cosigned(note) else {
            continue;
        };
        ahead(context, findings, &cosigned, (file, note));
        let complete = cosigned.complete_at();
        for slot in context
            .slots
            .iter()
            .filter(|slot| (covered..size).contains(&slot.index))
        {
            let late = complete.and_then(|at| at.saturating_mul(1000).checked_sub(slot.time()));
            if let Some(late) = late.filter(|late| *late > LATE) {
                findings.note(
                    Some(slot.index),
                    None,
                    format!("first cosigned {} s after its centre time", late / 1000),
                );
            }
        }
        covered = covered.max(size);
    }
    Applied::Done
}

fn ahead(
    context: &Context<'_>,
    findings: &mut Findings,
    cosigned: &Cosigned,
    (file, note): (&str, &SignedCheckpoint),
) {
    let covered = context
        .slots
        .iter()
        .take_while(|slot| slot.index < note.checkpoint().size);
    let Some((index, latest)) = covered
        .map(|slot| (slot.index, slot.time()))
        .max_by_key(|(_, time)| *time)
    else {
        return;
    };
    for (name, seconds) in &cosigned.times {
        // A cosignature says whole seconds, so the clock may have been 999 ms further.
        let clock = seconds.saturating_mul(1000).saturating_add(999);
        if latest > clock.saturating_add(AHEAD) {
            let ahead = (latest - clock) / 1000;
            findings.both(
                index,
                file,
                format!("centre time lies {ahead} s ahead of {name}'s cosignature"),
            );
        }
    }
}
