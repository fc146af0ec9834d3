//! The acts of a holder.

use super::{missing, place};
use crate::acting::{Progress, act, signed};
use crate::author::PersonalKey;
use crate::checks::{DecryptPermit, ReleasePermit};
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::CeremonyState;
use evaluation::acts::bids::wrap_context;
use evaluation::acts::ceremony::{KeyAcknowledged, KeyComplained, KeyDealt, LOT_KEY};
use evaluation::acts::opening::{PartPartial, PartialReleased};
use evaluation::acts::rounds::ShareReleased;
use record::Digest;
use sealing::ceremony::{self, ComplaintFault, Deal, HolderShare, ReceiveFault, Receiver};
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};

fn found<'a>(desk: &'a Desk, instance: &str) -> Result<(&'a CeremonyState, u8), ClientError> {
    let ceremony = desk.replica.state().ceremony(instance);
    ceremony
        .and_then(|ceremony| Some((ceremony, place(desk, ceremony)?)))
        .ok_or_else(|| ClientError::check("您不是该密钥的持有人", "not a holder of this key"))
}

/// Deals shares of a new key to all holders, signed personally.
///
/// # Errors
/// Keys to which nothing can be encrypted; a wrong PIN; the line.
pub fn deal(desk: &mut Desk, instance: &str, personal: &PersonalKey) -> Result<Progress, ClientError> {
    let (ceremony, index) = found(desk, instance)?;
    let setting = ceremony.setting.clone();
    let keys: Vec<[u8; 65]> = setting
        .holders
        .iter()
        .map(|holder| holder.encryption_key.0)
        .collect();
    let deal = ceremony::deal(
        &setting.context.0,
        index,
        setting.quorum()?,
        &keys,
        &mut *desk.random,
    )
    .map_err(ClientError::technical)?;
    signed(desk, "key.dealt", instance, &KeyDealt { deal }, Some(personal))
}

/// Opens the shares dealt to this holder: acknowledges them all, or complains about the first that is wrong.
///
/// # Errors
/// A wrong PIN; deals that are not complete; the line.
pub fn acknowledge(
    desk: &mut Desk,
    instance: &str,
    encryption: &KeyFileProvider,
    pin: &Pin,
) -> Result<Progress, ClientError> {
    let (ceremony, index) = found(desk, instance)?;
    let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
    match share(desk, instance, index, encryption, pin) {
        Ok(_) => {
            let payload = KeyAcknowledged {
                deals: Digest(ceremony::deals_digest(&deals)),
            };
            act(desk, "key.acknowledged", instance, &payload)
        }
        Err(ReceiveFault::Complaint(complaint)) => {
            let fault = match complaint.fault {
                ComplaintFault::Undecryptable => "decrypt",
                _ => "share",
            };
            let payload = KeyComplained {
                dealer: complaint.dealer,
                fault: fault.to_owned(),
            };
            act(desk, "key.complained", instance, &payload)
        }
        Err(other) => Err(ClientError::technical(other)),
    }
}

/// The share, recomputed from the record; it is nowhere stored.
fn share(
    desk: &Desk,
    instance: &str,
    index: u8,
    encryption: &KeyFileProvider,
    pin: &Pin,
) -> Result<HolderShare, ReceiveFault> {
    let ceremony = desk
        .replica
        .state()
        .ceremony(instance)
        .ok_or(ReceiveFault::Dealers)?;
    let quorum = ceremony.setting.quorum().map_err(|_| ReceiveFault::Dealers)?;
    let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
    let public = encryption.public_key();
    let mut agree = |point: &[u8; 65]| encryption.agree(pin, point);
    let me = Receiver {
        holder: index,
        public: &public,
    };
    ceremony::receive_shares(&ceremony.setting.context.0, quorum, me, &deals, &mut agree)
}

/// Releases the share of a round: with enough of them its secret is public.
///
/// # Errors
/// A wrong PIN; the line.
pub fn release(
    desk: &mut Desk,
    permit: &ReleasePermit,
    personal: &PersonalKey,
    encryption: &KeyFileProvider,
    pin: &Pin,
) -> Result<Progress, ClientError> {
    let instance = permit.instance();
    let (_, index) = found(desk, instance)?;
    let share = share(desk, instance, index, encryption, pin).map_err(ClientError::technical)?;
    let payload = ShareReleased {
        share: Digest(share.reveal()),
    };
    storage::faultpoint::hit("holder.before_release");
    signed(desk, "share.released", instance, &payload, Some(personal))
}

/// Decrypts partially what is opened of a bid, with the proofs that it was done right.
///
/// # Errors
/// A wrong PIN; the line.
pub fn decrypt(
    desk: &mut Desk,
    permit: &DecryptPermit,
    personal: &PersonalKey,
    encryption: &KeyFileProvider,
    pin: &Pin,
) -> Result<Progress, ClientError> {
    let submission = permit.submission();
    let (_, index) = found(desk, LOT_KEY)?;
    let share = share(desk, LOT_KEY, index, encryption, pin).map_err(ClientError::technical)?;
    let mut partials = Vec::new();
    for part in missing(desk, permit.instance(), submission, index) {
        let state = desk.replica.state();
        let Some(found) = state.submissions().get(submission) else {
            continue;
        };
        let Some(sealed) = found.parts.get(&part) else {
            continue;
        };
        let context = wrap_context(state, submission, &part)?;
        let others = state.other_ephemerals(&sealed.wraps.ephemeral());
        let partial =
            sealing::bid::partial_for_wrap(&share, &context, &sealed.wraps, &others, &mut *desk.random)
                .map_err(ClientError::technical)?;
        partials.push(PartPartial { part, partial });
    }
    let payload = PartialReleased {
        submission: submission.to_owned(),
        partials,
    };
    signed(
        desk,
        "partial.released",
        permit.instance(),
        &payload,
        Some(personal),
    )
}
