//! No late bid came in: the first checkpoint that covers `deadline.reached` carries w cosignature times within
//! [deadline, deadline + 10 s], or clerk and supervisor allowed the opening before anything was decrypted (protocol 5).

use super::{Applied, Findings};
use crate::context::Context;
use evaluation::acts::bids::DeadlineReached;
use record::Millis;

/// Length of the window.
const WINDOW: Millis = 10_000;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let Some((slot, reached)) = context.acts::<DeadlineReached>("deadline.reached").next() else {
        return Applied::Not("the deadline is not reached in this record");
    };
    let covering = context.covering(slot.index);
    let judged = covering.and_then(|(file, note)| Some((file, context.cosigned(note)?)));
    let Some((file, cosigned)) = judged else {
        return Applied::Not("no checkpoint covers the deadline, or no witness is known");
    };
    // A cosignature says whole seconds: it counts when any moment of its second lies in the window.
    let until = reached.deadline.saturating_add(WINDOW);
    let inside = |seconds: u64| {
        let start = seconds.saturating_mul(1000);
        start <= until && start.saturating_add(999) >= reached.deadline
    };
    let in_time = cosigned
        .times
        .iter()
        .filter(|(_, seconds)| inside(*seconds))
        .count();
    if in_time >= usize::from(cosigned.quorum()) {
        return Applied::Done;
    }
    let missed = format!(
        "{in_time} witnesses saw the deadline within 10 s, {} needed",
        cosigned.quorum()
    );
    let Some(partial) = context
        .slots
        .iter()
        .find(|slot| slot.kind() == "partial.released")
    else {
        findings.note(
            Some(slot.index),
            Some(file.to_owned()),
            format!("{missed}; nothing is decrypted yet"),
        );
        return Applied::Done;
    };
    // Each of the two roles allows once, which replay holds.
    let allowed = context
        .slots
        .iter()
        .filter(|slot| slot.kind() == "opening.allowed" && slot.index < partial.index);
    if allowed.count() >= 2 {
        findings.note(
            Some(slot.index),
            Some(file.to_owned()),
            format!("{missed}; clerk and supervisor allowed it"),
        );
    } else {
        findings.both(
            slot.index,
            file,
            format!("{missed}, and bids were opened without a decision"),
        );
    }
    Applied::Done
}
