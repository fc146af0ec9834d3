//! The centre can order and delay, but its time never goes back (protocol 1).

use super::{Applied, Findings};
use crate::context::Context;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let mut latest = 0;
    for slot in context.slots.iter().filter(|slot| slot.header().is_some()) {
        let time = slot.time();
        if time < latest {
            findings.act(slot.index, format!("centre time {time} lies before {latest}"));
        }
        latest = latest.max(time);
    }
    Applied::Done
}
