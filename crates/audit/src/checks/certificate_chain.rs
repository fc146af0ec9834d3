//! Who holds a role, and which PC is a booth, is certified under the local CA roots at the time of the act.

use super::{Applied, Findings};
use crate::context::{Context, Slot};
use evaluation::acts::decode_chain;
use evaluation::acts::setup::{BoothEnrolled, RoleAssigned};
use evaluation::certificates::verify_chain;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some(anchors) = context.anchors else {
        return Applied::Not("no anchors are given");
    };
    let clerk = context.slots.first().zip(
        context
            .created
            .as_ref()
            .map(|created| created.clerk.certificate.clone()),
    );
    let roles = context
        .acts::<RoleAssigned>("role.assigned")
        .map(|(slot, role)| (slot, role.certificate));
    let booths = context
        .acts::<BoothEnrolled>("booth.enrolled")
        .map(|(slot, booth)| (slot, booth.certificate));
    let chains: Vec<(&Slot, Vec<String>)> = clerk.into_iter().chain(roles).chain(booths).collect();
    for (slot, chain) in chains {
        let verified =
            decode_chain(&chain).and_then(|chain| verify_chain(&chain, &anchors.ca_roots, slot.time()));
        if let Err(refusal) = verified {
            findings.act(slot.index, refusal.to_string());
        }
    }
    Applied::Done
}
