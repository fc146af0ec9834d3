//! How an act of a seat is made, and what came of it.

use crate::author::{Draft, PersonalKey};
use crate::desk::{Desk, Sent};
use crate::error::ClientError;
use serde::Serialize;

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Something was done; look again at once.
    Acted,
    /// Nothing to do until the record grows or time passes.
    Waiting,
    /// This seat has nothing more to do.
    Done,
}

/// An act without attachments; a refusal is an error, since a seat acts only on what the record asks for.
pub fn act<T: Serialize>(
    desk: &mut Desk,
    kind: &str,
    instance: &str,
    payload: &T,
) -> Result<Progress, ClientError> {
    signed(desk, kind, instance, payload, None)
}

/// An act with a personal signature.
pub fn signed<T: Serialize>(
    desk: &mut Desk,
    kind: &str,
    instance: &str,
    payload: &T,
    personal: Option<&PersonalKey>,
) -> Result<Progress, ClientError> {
    settle(desk.act(Draft {
        kind,
        instance,
        payload,
        attachments: Vec::new(),
        personal,
    })?)
}

/// An act that became stale, or that another seat did first, is decided anew from the record.
pub fn settle(sent: Sent) -> Result<Progress, ClientError> {
    match sent {
        Sent::Acknowledged(_) => Ok(Progress::Acted),
        Sent::Refused(why)
            if ["C-106", "C-109", "C-111", "C-120", "C-122", "C-126", "C-127"]
                .iter()
                .any(|code| why.starts_with(code)) =>
        {
            tracing::debug!(%why, "decided anew");
            Ok(Progress::Waiting)
        }
        Sent::Refused(why) => Err(ClientError::Declined(why)),
    }
}
