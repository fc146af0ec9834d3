//! The record was made under this centre: its first act names the anchored log key, witnesses and quorum, and who
//! replaced a witness is anchored too.

use super::{Applied, Findings};
use crate::anchors::{Anchors, WitnessAnchor};
use crate::context::Context;
use evaluation::acts::setup::WitnessLine;
use evaluation::acts::witnesses::WitnessReplaced;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some(anchors) = context.anchors else {
        return Applied::Not("no anchors are given");
    };
    let Some(created) = &context.created else {
        findings.act(0, "the first act does not create a record");
        return Applied::Done;
    };
    if created.centre.log_key != anchors.log_key.to_string() {
        findings.act(
            0,
            format!(
                "names the log key {}, not that of the anchors",
                created.centre.log_key
            ),
        );
    }
    for line in &created.witnesses {
        if !anchors
            .witnesses
            .witnesses
            .iter()
            .any(|anchor| is_line(anchor, line))
        {
            findings.act(
                0,
                format!("names the witness {}, which is not so in the anchors", line.name),
            );
        }
    }
    replacements(context, anchors, findings);
    if created.quorum != anchors.witnesses.quorum {
        findings.act(
            0,
            format!(
                "wants {} witnesses, the anchors {}",
                created.quorum, anchors.witnesses.quorum
            ),
        );
    }
    Applied::Done
}

/// Who came in by a replacement is anchored as one of the first or further witnesses. One that was replaced again
/// counts for nothing, and stands in nobody's way.
fn replacements(context: &Context<'_>, anchors: &Anchors, findings: &mut Findings) {
    let all: Vec<_> = context.acts::<WitnessReplaced>("witness.replaced").collect();
    for (place, (slot, replaced)) in all.iter().enumerate() {
        let by = &replaced.by;
        let mut known = anchors
            .witnesses
            .witnesses
            .iter()
            .chain(&anchors.further_witnesses);
        if known.any(|anchor| is_line(anchor, by)) {
            continue;
        }
        let detail = format!(
            "brings in the witness {}, which is not so in the anchors",
            by.name
        );
        let gone = all[place + 1..]
            .iter()
            .any(|(_, later)| later.replaced == by.name);
        if gone {
            findings.note(Some(slot.index), None, detail);
        } else {
            findings.act(slot.index, detail);
        }
    }
}

fn is_line(anchor: &WitnessAnchor, line: &WitnessLine) -> bool {
    anchor.name == line.name
        && anchor.key.to_string() == line.key
        && anchor.organisation == line.organisation
        && anchor.outside == line.outside
}
