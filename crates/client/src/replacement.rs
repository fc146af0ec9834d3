//! Replacing a log witness that can't be reached: a supervisor proposes, a person of another organisation confirms
//! (protocol 2). Neither signs for a witness that is not anchored here: it would count for nothing at this seat.

use crate::author::Draft;
use crate::desk::{Desk, Sent};
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::acts::setup::WitnessLine;
use evaluation::acts::witnesses::{ReplacementProposed, WitnessReplaced};
use record::VerifierKey;
use serde::Serialize;

/// Proposes that `by` takes the place of the log witness `replaced` (key name).
///
/// # Errors
/// [`ClientError::UnknownWitness`] when the new one is not anchored here; the line.
pub fn propose(desk: &mut Desk, replaced: &str, by: &WitnessLine, reason: &str) -> Result<Sent, ClientError> {
    check_anchored(&desk.replica, by)?;
    let payload = ReplacementProposed {
        replaced: replaced.to_owned(),
        by: by.clone(),
        reason: reason.to_owned(),
    };
    act(desk, "witness.replacement_proposed", &payload)
}

/// Confirms what a supervisor of another organisation proposed.
///
/// # Errors
/// [`ClientError::Check`] when nothing is proposed, [`ClientError::UnknownWitness`] when the new one is not anchored
/// here; the line.
pub fn confirm(desk: &mut Desk) -> Result<Sent, ClientError> {
    let proposal = desk.replica.state().witness_proposal().cloned();
    let proposal =
        proposal.ok_or_else(|| ClientError::check("没有人提议更换", "no replacement is proposed"))?;
    check_anchored(&desk.replica, &proposal.payload.by)?;
    let payload = WitnessReplaced {
        proposal: proposal.id,
        replaced: proposal.payload.replaced,
        by: proposal.payload.by,
    };
    act(desk, "witness.replaced", &payload)
}

fn act<T: Serialize>(desk: &mut Desk, kind: &str, payload: &T) -> Result<Sent, ClientError> {
    desk.act(Draft {
        kind,
        instance: "",
        payload,
        attachments: Vec::new(),
        personal: None,
    })
}

/// The line is that of a log witness of the local anchors.
fn check_anchored(replica: &Replica, line: &WitnessLine) -> Result<(), ClientError> {
    let anchors = replica.anchors();
    let mut all = anchors
        .witnesses
        .witnesses
        .iter()
        .chain(&anchors.further_witnesses);
    let known = all.any(|anchor| {
        let key = line.key.parse::<VerifierKey>();
        anchor.name == line.name
            && key.is_ok_and(|key| key == anchor.key)
            && anchor.organisation == line.organisation
            && anchor.outside == line.outside
    });
    if known {
        Ok(())
    } else {
        Err(ClientError::UnknownWitness(line.name.clone()))
    }
}
