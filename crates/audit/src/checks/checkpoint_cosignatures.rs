//! One key holder can't make a record: w distinct log witnesses, one of them outside the centre, cosigned its end.

use super::{Applied, Findings};
use crate::context::Context;
use crate::package::CHECKPOINT;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Ok(note) = &context.checkpoint else {
        return Applied::Not("checkpoint.note can't be read");
    };
    let Some(cosigned) = context.cosigned(note) else {
        findings.object(
            CHECKPOINT,
            "no witness is known: no anchors, and the first act names none",
        );
        return Applied::Done;
    };
    for name in &cosigned.bad {
        findings.object(CHECKPOINT, format!("cosignature of {name} does not verify"));
    }
    if !cosigned.is_quorum() {
        let got = cosigned.times.len();
        let outside = if cosigned.outside {
            "one outside"
        } else {
            "none outside"
        };
        let detail = format!(
            "{got} witnesses cosigned ({outside}), {} needed, one outside",
            cosigned.quorum()
        );
        findings.object(CHECKPOINT, detail);
    }
    Applied::Done
}
