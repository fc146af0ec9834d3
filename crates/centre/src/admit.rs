//! What the centre checks of an act beside the fold: trust in certificates, personal signatures, durable blobs.
//! None of it is left to the centre alone: clients and audit repeat what concerns them.

use crate::blobs::BlobIndex;
use crate::error::CentreError;
use evaluation::acts::{binding, committee, decode_chain, setup};
use evaluation::certificates::verify_chain;
use evaluation::{Code, Refusal, State, catalogue, personal};
use record::{Millis, VerifiedAct};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::Arc;
use storage::BlobStore;

/// The certified keys of people by ticket, from the openings at check-in; kept beside the record.
pub(crate) type Identities = BTreeMap<String, record::PublicKey>;

/// Checks an act before the fold sees it.
///
/// # Errors
/// [`CentreError::Refused`] with the code.
pub(crate) fn check(
    state: &State,
    act: &VerifiedAct,
    time: Millis,
    roots: &[Vec<u8>],
    blobs: &Arc<dyn BlobStore>,
    identities: &Identities,
) -> Result<(), CentreError> {
    for (blob, _) in BlobIndex::named_by(act.core()) {
        if !blobs.has(&blob)? {
            return Err(Refusal::new(Code::Blob, format!("blob {} is not durable here", blob.digest)).into());
        }
    }
    chains(state, act, time, roots)?;
    if catalogue::find(&act.core().kind).is_some_and(|line| line.personal)
        && act.core().kind != "sheet.sealed"
    {
        personal_signature(state, act, time, roots, identities)?;
    }
    match act.core().kind.as_str() {
        "member.checked_in" | "key.bound" | "member.key_replaced" => {
            personal_signature(state, act, time, roots, identities)?
        }
        _ => {}
    }
    Ok(())
}

fn payload<T: DeserializeOwned>(act: &VerifiedAct) -> Result<T, Refusal> {
    serde_json::from_value(act.core().payload.clone())
        .map_err(|e| Refusal::new(Code::Malformed, e.to_string()))
}

/// Certificates that acts carry lead to the centre's own anchors: a foreign CA's holder is refused here, and
/// by every client again.
fn chains(state: &State, act: &VerifiedAct, time: Millis, roots: &[Vec<u8>]) -> Result<(), Refusal> {
    let chain = match act.core().kind.as_str() {
        "record.created" => payload::<setup::RecordCreated>(act)?.clerk.certificate,
        "role.assigned" => payload::<setup::RoleAssigned>(act)?.certificate,
        "booth.enrolled" => payload::<setup::BoothEnrolled>(act)?.certificate,
        _ => return Ok(()),
    };
    let trusted = verify_chain(&decode_chain(&chain)?, roots, time)?;
    let for_real = state.record().is_some_and(|setting| !setting.development);
    if for_real && trusted.subject().is_development() {
        return Err(Refusal::new(
            Code::Certificate,
            "a development certificate in a record for real",
        ));
    }
    Ok(())
}

fn personal_signature(
    state: &State,
    act: &VerifiedAct,
    time: Millis,
    roots: &[Vec<u8>],
    identities: &Identities,
) -> Result<(), Refusal> {
    let value = act
        .attachment(personal::ATTACHMENT)
        .ok_or_else(|| Refusal::new(Code::PersonalSignature, "its opening is not given"))?;
    let verified = personal::verify(act.core(), &act.body().core_digest(), value)?;
    verify_chain(verified.chain(), roots, time)?;
    let key = verified.subject().key;
    let refuse = |detail: &str| Err(Refusal::new(Code::PersonalSignature, detail.to_owned()));
    let expected = match act.core().kind.as_str() {
        "member.checked_in" => {
            let checked: committee::MemberCheckedIn = payload(act)?;
            if !verified.subject().has_role(checked.role) {
                return refuse("the certificate is of another role");
            }
            if identities
                .iter()
                .any(|(ticket, known)| *known == key && *ticket != checked.ticket)
            {
                return refuse("this person has a ticket already");
            }
            return Ok(()); // noted once the fold has admitted it: a refused check-in leaves nothing behind
        }
        "key.bound" => identities
            .get(&payload::<binding::KeyBound>(act)?.ticket)
            .copied(),
        "member.key_replaced" => {
            let line = payload::<binding::KeyReplaced>(act)?.line;
            state
                .committee()
                .lines
                .get(&line)
                .and_then(|line| identities.get(&line.ticket))
                .copied()
        }
        // Function parties sign with the key of their role; committee members with the key that checked in.
        _ => match state.line_of(&act.core().actor) {
            Some((_, line)) => identities.get(&line.ticket).copied(),
            None => Some(act.core().actor),
        },
    };
    if expected == Some(key) {
        Ok(())
    } else {
        refuse("signed by another person")
    }
}
