//! A key is used only when this client has seen its whole ceremony, under a cosigned checkpoint (protocol 4.3).

use super::list::{Checklist, Verdict, refuse, wait};
use super::{record_checks, trust_checks};
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::{CeremonyState, Role};
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

/// Checks definition, holders, deals, proofs, acknowledgements by all over the same deals, and (for a round) that
/// two observers saw every roster line's binding; recomputes Y from the deals; and asks for a cosigned checkpoint
/// that covers the last acknowledgement. A key the centre made up fails here, before anything is encrypted.
pub fn key_checks<'a>(replica: &'a Replica, instance: &'a str) -> Checklist<'a> {
    deal_checks(replica, instance)
        .with(
            "acknowledged",
            "所有持有人都确认了份额",
            "Every holder has acknowledged the shares",
            move || acknowledged(replica, instance).map(drop),
        )
        .with(
            "key_recomputed",
            "本机由份额重新算出的密钥与记录一致",
            "The key recomputed here from the shares is the recorded one",
            move || recomputed(replica, instance),
        )
        .with(
            "same_deals",
            "所有持有人确认的是同一组份额",
            "All holders acknowledged the same shares",
            move || last_acknowledgement(replica, instance).map(drop),
        )
        .with(
            "ceremony_witnessed",
            "密钥生成过程已由足够的见证节点会签",
            "Enough log witnesses cosigned the making of the key",
            move || witnessed(replica, instance),
        )
        .with(
            "bindings_seen",
            "名册上每把评标密钥都经见证和监督核验",
            "Witness person and supervisor saw every evaluation key of the roster",
            move || {
                replica
                    .state()
                    .round(instance)
                    .map_or(Ok(()), |round| roster_seen(replica, round))
            },
        )
}

/// Before shares of a new key are dealt: the record is the anchored one, everybody's certificate is, nothing of the
/// ceremony is hidden, and it is not stopped.
pub fn deal_checks<'a>(replica: &'a Replica, instance: &'a str) -> Checklist<'a> {
    record_checks(replica)
        .and(trust_checks(replica.state(), &replica.anchors().ca_roots))
        .with(
            "control_leaves",
            "与本密钥有关的控制记录全部向本机公开",
            "Every control act of this key is opened to this PC",
            move || opened(replica, instance),
        )
        .with(
            "no_complaint",
            "没有持有人对份额提出异议",
            "No holder complained about a share",
            move || no_complaint(replica, instance),
        )
}

/// Before shares are opened and acknowledged: as [`deal_checks`], and every holder has dealt.
pub fn acknowledge_checks<'a>(replica: &'a Replica, instance: &'a str) -> Checklist<'a> {
    deal_checks(replica, instance).with(
        "all_dealt",
        "每位持有人都已分发份额",
        "Every holder has dealt",
        move || {
            let ceremony = recorded(replica, instance)?;
            if ceremony.deals.len() != ceremony.setting.holders.len() {
                return wait("还有持有人没有分发份额", "not every holder has dealt");
            }
            Ok(())
        },
    )
}

/// [`key_checks`], all of them; the key may be used.
///
/// # Errors
/// [`ClientError::Check`] with the first thing that is wrong.
pub fn check_key(replica: &Replica, instance: &str) -> Result<KeyPermit, ClientError> {
    key_checks(replica, instance).pass()?;
    let key = replica.state().ceremony(instance).and_then(|c| c.key.clone());
    Ok(KeyPermit {
        instance: instance.to_owned(),
        key: key.ok_or_else(|| ClientError::check("记录中没有密钥生成仪式", "no ceremony is recorded"))?,
    })
}

fn opened(replica: &Replica, instance: &str) -> Verdict {
    match replica.hidden_control(&["", LOT_KEY, instance]) {
        Some(index) => refuse(
            format!("第 {index} 条记录没有向本机公开"),
            format!("leaf {index} is not opened to this client"),
        ),
        None => Ok(()),
    }
}

fn recorded<'a>(replica: &'a Replica, instance: &str) -> Verdict<&'a CeremonyState> {
    match replica.state().ceremony(instance) {
        Some(ceremony) => Ok(ceremony),
        None => wait("记录中还没有密钥生成", "no ceremony is recorded"),
    }
}

fn no_complaint(replica: &Replica, instance: &str) -> Verdict {
    match recorded(replica, instance)?.complaint {
        Some((by, dealer)) => refuse(
            format!("持有人 {by} 对持有人 {dealer} 的份额提出异议"),
            format!("holder {by} complained about holder {dealer}"),
        ),
        None => Ok(()),
    }
}

fn acknowledged<'a>(replica: &'a Replica, instance: &str) -> Verdict<&'a CeremonyState> {
    let ceremony = recorded(replica, instance)?;
    if ceremony.acknowledged.len() != ceremony.setting.holders.len() {
        return wait(
            "还有持有人没有确认份额",
            "not every holder has acknowledged the deals",
        );
    }
    Ok(ceremony)
}

fn recomputed(replica: &Replica, instance: &str) -> Verdict {
    let ceremony = acknowledged(replica, instance)?;
    let setting = &ceremony.setting;
    let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
    let quorum = match setting.quorum() {
        Ok(quorum) => quorum,
        Err(fault) => return refuse("持有人数与门限不合规定", fault.to_string()),
    };
    match ceremony::outcome(&setting.context.0, &deals, quorum) {
        Ok(key) if ceremony.key.as_ref() == Some(&key) => Ok(()),
        Ok(_) => refuse(
            "记录中的密钥与份额算出的不一致",
            "the recorded key is not that of the deals",
        ),
        Err(fault) => refuse("份额的证明不成立", fault.to_string()),
    }
}

/// Every acknowledgement stands in the record as an act over the digest of all deals.
fn last_acknowledgement(replica: &Replica, instance: &str) -> Verdict<u64> {
    let ceremony = recorded(replica, instance)?;
    let deals: Vec<Deal> = ceremony.deals.values().cloned().collect();
    let digest = Digest(ceremony::deals_digest(&deals)).to_string();
    let mut last = 0;
    for holder in &ceremony.setting.holders {
        let entry = replica.find("key.acknowledged", instance, &holder.key);
        let Some(entry) = entry else {
            return wait(
                format!("持有人 {} 还没有确认", holder.index),
                format!("holder {} has not acknowledged", holder.index),
            );
        };
        let body = entry
            .disclosed
            .as_ref()
            .and_then(|d| record::Body::parse(&d.body).ok());
        let over = body.and_then(|b| b.core.payload.get("deals")?.as_str().map(str::to_owned));
        if over.as_deref() != Some(digest.as_str()) {
            return refuse(
                format!("持有人 {} 确认的是另一组份额", holder.index),
                format!("holder {} acknowledged other deals", holder.index),
            );
        }
        last = last.max(entry.index);
    }
    Ok(last)
}

fn witnessed(replica: &Replica, instance: &str) -> Verdict {
    if replica.cosigned_size() <= last_acknowledgement(replica, instance)? {
        return wait(
            "覆盖密钥生成的检查点还没有足够的会签",
            "no checkpoint with enough cosignatures covers the ceremony yet",
        );
    }
    Ok(())
}

fn roster_seen(replica: &Replica, round: &evaluation::RoundState) -> Verdict {
    let committee = replica.state().committee();
    for roster in &round.setting.roster {
        let binding = committee
            .lines
            .get(&roster.line)
            .and_then(|line| line.binding.as_ref());
        let name = &roster.line;
        let Some(binding) = binding else {
            return refuse(format!("{name} 没有绑定评标密钥"), format!("{name} is not bound"));
        };
        if binding.first_key != roster.key {
            return refuse(
                format!("{name} 绑定的是另一把密钥"),
                format!("{name} is bound to another key"),
            );
        }
        if !(binding.seen.contains(&Role::WitnessPerson) && binding.seen.contains(&Role::Supervisor)) {
            return refuse(
                format!("{name} 的绑定没有经两方核验"),
                format!("the binding of {name} was not seen by both observers"),
            );
        }
    }
    Ok(())
}
