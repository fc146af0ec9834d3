//! A holder: deals, acknowledges or complains, releases and decrypts, each after its client's own checks.

use super::{Part, Progress, act, signed};
use crate::author::PersonalKey;
use crate::checks::{check_decrypt, check_release};
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::bids::wrap_context;
use evaluation::acts::ceremony::{KeyAcknowledged, KeyComplained, KeyDealt, LOT_KEY};
use evaluation::acts::opening::{PartPartial, PartialReleased};
use evaluation::acts::rounds::ShareReleased;
use record::Digest;
use sealing::ceremony::{self, ComplaintFault, Deal, HolderShare, ReceiveFault, Receiver};
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};

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
        let state = desk.replica.state();
        let me = desk.author.public();
        let instances: Vec<String> = state.ceremonies().keys().cloned().collect();
        for instance in instances {
            let Some(ceremony) = desk.replica.state().ceremony(&instance) else {
                continue;
            };
            let Some(index) = ceremony
                .setting
                .holders
                .iter()
                .find(|h| h.key == me)
                .map(|h| h.index)
            else {
                continue;
            };
            let step = self.ceremony(desk, &instance, index)?;
            if step != Progress::Waiting {
                return Ok(step);
            }
            let step = if instance == LOT_KEY {
                self.decrypt(desk, index)?
            } else {
                self.release(desk, &instance, index)?
            };
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
    fn ceremony(&self, desk: &mut Desk, instance: &str, index: u8) -> Result<Progress, ClientError> {
        let Some(ceremony) = desk.replica.state().ceremony(instance) else {
            return Ok(Progress::Waiting);
        };
        if ceremony.complaint.is_some() || ceremony.key.is_some() {
            return Ok(Progress::Waiting);
        }
        let setting = ceremony.setting.clone();
        if !ceremony.deals.contains_key(&index) {
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
            .map_err(|e| ClientError::Check(e.to_string()))?;
            return signed(
                desk,
                "key.dealt",
                instance,
                &KeyDealt { deal },
                Some(&self.personal),
            );
        }
        if ceremony.deals.len() < setting.holders.len() || ceremony.acknowledged.contains(&index) {
            return Ok(Progress::Waiting);
        }
        let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
        match self.share(desk, instance, index) {
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
            Err(other) => Err(ClientError::Check(other.to_string())),
        }
    }

    /// The share, recomputed from the record; it is nowhere stored.
    fn share(&self, desk: &Desk, instance: &str, index: u8) -> Result<HolderShare, ReceiveFault> {
        let ceremony = desk
            .replica
            .state()
            .ceremony(instance)
            .ok_or(ReceiveFault::Dealers)?;
        let quorum = ceremony.setting.quorum().map_err(|_| ReceiveFault::Dealers)?;
        let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
        let public = self.encryption.public_key();
        let mut agree = |point: &[u8; 65]| self.encryption.agree(&self.pin, point);
        let me = Receiver {
            holder: index,
            public: &public,
        };
        ceremony::receive_shares(&ceremony.setting.context.0, quorum, me, &deals, &mut agree)
    }

    fn release(&self, desk: &mut Desk, instance: &str, index: u8) -> Result<Progress, ClientError> {
        let Some(round) = desk.replica.state().round(instance) else {
            return Ok(Progress::Waiting);
        };
        if round.countersigned.is_none() || round.opened.is_some() || round.shares.contains_key(&index) {
            return Ok(Progress::Waiting);
        }
        // Cosignatures may still be on their way; anything else that fails is looked at again when the record grows.
        if check_release(&desk.replica, instance, desk.now()).is_err() {
            return Ok(Progress::Waiting);
        }
        let share = self
            .share(desk, instance, index)
            .map_err(|e| ClientError::Check(e.to_string()))?;
        let payload = ShareReleased {
            share: Digest(share.reveal()),
        };
        storage::faultpoint::hit("holder.before_release");
        signed(desk, "share.released", instance, &payload, Some(&self.personal))
    }

    fn decrypt(&self, desk: &mut Desk, index: u8) -> Result<Progress, ClientError> {
        let openings: Vec<(String, Vec<String>)> = desk
            .replica
            .state()
            .openings()
            .iter()
            .map(|(instance, parts)| {
                (
                    instance.clone(),
                    parts.iter().map(|part| part.name.clone()).collect(),
                )
            })
            .collect();
        for (instance, parts) in openings {
            for submission in desk.replica.state().submissions_in_play(&instance) {
                let wanted = self.missing(desk, &submission, &parts, index);
                if wanted.is_empty()
                    || check_decrypt(&desk.replica, &instance, &submission, desk.now()).is_err()
                {
                    continue;
                }
                return self.decrypt_one(desk, &instance, &submission, &wanted, index);
            }
        }
        Ok(Progress::Waiting)
    }

    fn missing(&self, desk: &Desk, submission: &str, parts: &[String], index: u8) -> Vec<String> {
        let Some(found) = desk.replica.state().submissions().get(submission) else {
            return Vec::new();
        };
        let missing = parts.iter().filter(|part| {
            let released = found
                .partials
                .get(*part)
                .is_some_and(|partials| partials.contains_key(&index));
            !released && !found.outcomes.contains_key(*part)
        });
        missing.cloned().collect()
    }

    fn decrypt_one(
        &self,
        desk: &mut Desk,
        instance: &str,
        submission: &str,
        parts: &[String],
        index: u8,
    ) -> Result<Progress, ClientError> {
        let share = self
            .share(desk, LOT_KEY, index)
            .map_err(|e| ClientError::Check(e.to_string()))?;
        let mut partials = Vec::new();
        for part in parts {
            let state = desk.replica.state();
            let Some(found) = state.submissions().get(submission) else {
                continue;
            };
            let Some(sealed) = found.parts.get(part) else {
                continue;
            };
            let context = wrap_context(state, submission, part)?;
            let others = state.other_ephemerals(&sealed.wraps.ephemeral());
            let partial =
                sealing::bid::partial_for_wrap(&share, &context, &sealed.wraps, &others, &mut *desk.random)
                    .map_err(|e| ClientError::Check(e.to_string()))?;
            partials.push(PartPartial {
                part: part.clone(),
                partial,
            });
        }
        let payload = PartialReleased {
            submission: submission.to_owned(),
            partials,
        };
        signed(desk, "partial.released", instance, &payload, Some(&self.personal))
    }
}
