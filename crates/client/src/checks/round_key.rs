//! A key is used only when this client has seen its whole ceremony, under a cosigned checkpoint (protocol 4.3).

use super::{check_record, check_trust};
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::Role;
use evaluation::acts::ceremony::LOT_KEY;
use record::Digest;
use sealing::ceremony::{self, Deal, RoundKey};

/// A round key or lot key that this client checked itself.
#[derive(Clone, Debug)]
pub struct KeyPermit {
    instance: String,
    key: RoundKey,
}

impl KeyPermit {
    /// The key.
    pub fn key(&self) -> &RoundKey {
        &self.key
    }

    /// The instance it belongs to.
    pub fn instance(&self) -> &str {
        &self.instance
    }
}

fn refuse<T>(what: impl Into<String>) -> Result<T, ClientError> {
    Err(ClientError::Check(what.into()))
}

/// Checks definition, holders, deals, proofs, acknowledgements by all over the same deals, and (for a round) that
/// two observers saw every roster line's binding; recomputes Y from the deals; and asks for a cosigned checkpoint
/// that covers the last acknowledgement. A key the centre made up fails here, before anything is encrypted.
///
/// # Errors
/// [`ClientError::Check`] with the first thing that is wrong.
pub fn check_key(replica: &Replica, instance: &str) -> Result<KeyPermit, ClientError> {
    check_record(replica)?;
    let state = replica.state();
    check_trust(state, &replica.anchors().ca_roots)?;
    if let Some(index) = replica.hidden_control(&["", LOT_KEY, instance]) {
        return refuse(format!("leaf {index} is not opened to this client"));
    }
    let Some(ceremony) = state.ceremony(instance) else {
        return refuse("no ceremony is recorded");
    };
    if let Some((by, dealer)) = ceremony.complaint {
        return refuse(format!("holder {by} complained about holder {dealer}"));
    }
    let setting = &ceremony.setting;
    if ceremony.acknowledged.len() != setting.holders.len() {
        return refuse("not every holder has acknowledged the deals");
    }
    let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
    let key = ceremony::outcome(&setting.context.0, &deals, setting.quorum()?)
        .map_err(|fault| ClientError::Check(fault.to_string()))?;
    if ceremony.key.as_ref() != Some(&key) {
        return refuse("the recorded key is not that of the deals");
    }
    let last = last_acknowledgement(replica, instance)?;
    if replica.cosigned_size() <= last {
        return refuse("no checkpoint with enough cosignatures covers the ceremony yet");
    }
    if let Some(round) = state.round(instance) {
        roster_seen(replica, round)?;
    }
    Ok(KeyPermit {
        instance: instance.to_owned(),
        key,
    })
}

/// Every acknowledgement stands in the record as an act over the digest of all deals.
fn last_acknowledgement(replica: &Replica, instance: &str) -> Result<u64, ClientError> {
    let Some(ceremony) = replica.state().ceremony(instance) else {
        return refuse("no ceremony");
    };
    let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
    let digest = Digest(ceremony::deals_digest(&deals)).to_string();
    let mut last = 0;
    for holder in &ceremony.setting.holders {
        let entry = replica.find("key.acknowledged", instance, &holder.key);
        let Some(entry) = entry else {
            return refuse(format!("holder {} has not acknowledged", holder.index));
        };
        let body = entry
            .disclosed
            .as_ref()
            .and_then(|d| record::Body::parse(&d.body).ok());
        let over = body.and_then(|b| b.core.payload.get("deals")?.as_str().map(str::to_owned));
        if over.as_deref() != Some(digest.as_str()) {
            return refuse(format!("holder {} acknowledged other deals", holder.index));
        }
        last = last.max(entry.index);
    }
    Ok(last)
}

fn roster_seen(replica: &Replica, round: &evaluation::RoundState) -> Result<(), ClientError> {
    let committee = replica.state().committee();
    for roster in &round.setting.roster {
        let binding = committee
            .lines
            .get(&roster.line)
            .and_then(|line| line.binding.as_ref());
        let Some(binding) = binding else {
            return refuse(format!("{} is not bound", roster.line));
        };
        if binding.first_key != roster.key {
            return refuse(format!("{} is bound to another key", roster.line));
        }
        if !(binding.seen.contains(&Role::WitnessPerson) && binding.seen.contains(&Role::Supervisor)) {
            return refuse(format!(
                "the binding of {} was not seen by both observers",
                roster.line
            ));
        }
    }
    Ok(())
}
