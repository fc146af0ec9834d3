//! The record was made under this centre: its first act names the anchored log key, witnesses and quorum.

use super::{Applied, Findings};
use crate::context::Context;

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
        let anchored = anchors.witnesses.witnesses.iter().any(|anchor| {
            anchor.name == line.name
                && anchor.key.to_string() == line.key
                && anchor.organisation == line.organisation
                && anchor.outside == line.outside
        });
        if !anchored {
            findings.act(
                0,
                format!("names the witness {}, which is not so in the anchors", line.name),
            );
        }
    }
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
