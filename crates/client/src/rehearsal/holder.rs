//! A holder: does what the record asks as soon as its client's own checks let it.

use super::{Part, Progress};
use crate::author::PersonalKey;
use crate::checks::{check_decrypt, check_release};
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::holder::{self, Duty};
use protocol::window::DutyKind;
use sealing::provider::{KeyFileProvider, Pin};

/// A holder.
pub struct HolderPart {
    /// Signs deals and releases.
    pub personal: PersonalKey,
    /// The HPKE key to which sub-shares are encrypted.
    pub encryption: KeyFileProvider,
    /// Its PIN.
    pub pin: Pin,
}

impl Part for HolderPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        for duty in holder::duties(desk) {
            let step = self.perform(desk, &duty)?;
            if step != Progress::Waiting {
                return Ok(step);
            }
        }
        let finished = desk.replica.state().archived().is_some();
        Ok(if finished {
            Progress::Done
        } else {
            Progress::Waiting
        })
    }
}

impl HolderPart {
    fn perform(&self, desk: &mut Desk, duty: &Duty) -> Result<Progress, ClientError> {
        let (encryption, pin) = (&self.encryption, &self.pin);
        let (instance, now) = (&duty.instance, desk.now());
        // Cosignatures may still be on their way; anything else that fails is looked at again when the record grows.
        match duty.kind {
            DutyKind::Deal => holder::deal(desk, instance, &self.personal),
            DutyKind::Acknowledge => holder::acknowledge(desk, instance, encryption, pin),
            DutyKind::Release => match check_release(&desk.replica, instance, now) {
                Ok(permit) => holder::release(desk, &permit, &self.personal, encryption, pin),
                Err(_) => Ok(Progress::Waiting),
            },
            DutyKind::Decrypt => {
                let submission = duty.submission.as_deref().unwrap_or_default();
                match check_decrypt(&desk.replica, instance, submission, now) {
                    Ok(permit) => holder::decrypt(desk, &permit, &self.personal, encryption, pin),
                    Err(_) => Ok(Progress::Waiting),
                }
            }
        }
    }
}
