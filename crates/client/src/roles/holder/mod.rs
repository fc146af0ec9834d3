//! A holder: deals, acknowledges or complains, releases and decrypts, each after its client's own checks.

mod acts;
mod view;

pub use acts::{acknowledge, deal, decrypt, release};
pub use view::view;

use crate::acting::Progress;
use crate::author::PersonalKey;
use crate::checks::{
    Checklist, acknowledge_checks, check_decrypt, check_release, deal_checks, decrypt_checks, release_checks,
};
use crate::desk::Desk;
use crate::error::ClientError;
use crate::replica::Replica;
use evaluation::CeremonyState;
use evaluation::acts::ceremony::LOT_KEY;
use protocol::window::DutyKind;
use record::Millis;
use sealing::provider::{KeyFileProvider, Pin};
use std::fmt;

/// What the record asks of a holder now. It is named `KIND:INSTANCE[:SUBMISSION]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duty {
    /// Kind.
    pub kind: DutyKind,
    /// Instance of the key ceremony; of the opening, for a decryption.
    pub instance: String,
    /// The bid, for a decryption: all of its parts that are opened at the instance.
    pub submission: Option<String>,
}

impl fmt::Display for Duty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DutyKind::Deal => "deal",
            DutyKind::Acknowledge => "acknowledge",
            DutyKind::Decrypt => "decrypt",
            DutyKind::Release => "release",
        };
        write!(f, "{kind}:{}", self.instance)?;
        match &self.submission {
            Some(submission) => write!(f, ":{submission}"),
            None => Ok(()),
        }
    }
}

impl Duty {
    fn of(kind: DutyKind, instance: &str) -> Self {
        Self {
            kind,
            instance: instance.to_owned(),
            submission: None,
        }
    }

    /// What this client checks before it does the duty: shown to the person, and passed again when it is done.
    pub fn checks<'a>(&'a self, replica: &'a Replica, now: Millis) -> Checklist<'a> {
        match (self.kind, &self.submission) {
            (DutyKind::Deal, _) => deal_checks(replica, &self.instance),
            (DutyKind::Acknowledge, _) => acknowledge_checks(replica, &self.instance),
            (DutyKind::Decrypt, Some(submission)) => decrypt_checks(replica, &self.instance, submission, now),
            (DutyKind::Decrypt, None) => decrypt_checks(replica, &self.instance, "", now),
            (DutyKind::Release, _) => release_checks(replica, &self.instance, now),
        }
    }
}

/// This holder's index in a ceremony.
fn place(desk: &Desk, ceremony: &CeremonyState) -> Option<u8> {
    let me = desk.author.public();
    let holders = &ceremony.setting.holders;
    holders
        .iter()
        .find(|holder| holder.key == me)
        .map(|holder| holder.index)
}

/// What the record asks of this holder, in order of ceremonies. Whether it may be done is for the checks to say.
pub fn duties(desk: &Desk) -> Vec<Duty> {
    let mut duties = Vec::new();
    for (instance, ceremony) in desk.replica.state().ceremonies() {
        let Some(index) = place(desk, ceremony) else {
            continue;
        };
        duties.extend(in_ceremony(instance, ceremony, index));
        if instance == LOT_KEY {
            duties.extend(decryptions(desk, index));
        } else if release_due(desk, instance, index) {
            duties.push(Duty::of(DutyKind::Release, instance));
        }
    }
    duties
}

fn in_ceremony(instance: &str, ceremony: &CeremonyState, index: u8) -> Option<Duty> {
    if ceremony.complaint.is_some() || ceremony.key.is_some() {
        return None;
    }
    if !ceremony.deals.contains_key(&index) {
        return Some(Duty::of(DutyKind::Deal, instance));
    }
    let all_dealt = ceremony.deals.len() == ceremony.setting.holders.len();
    (all_dealt && !ceremony.acknowledged.contains(&index)).then(|| Duty::of(DutyKind::Acknowledge, instance))
}

fn release_due(desk: &Desk, instance: &str, index: u8) -> bool {
    desk.replica.state().round(instance).is_some_and(|round| {
        round.countersigned.is_some() && round.opened.is_none() && !round.shares.contains_key(&index)
    })
}

fn decryptions(desk: &Desk, index: u8) -> Vec<Duty> {
    let state = desk.replica.state();
    let mut duties = Vec::new();
    for instance in state.openings().keys() {
        for submission in state.submissions_in_play(instance) {
            if !missing(desk, instance, &submission, index).is_empty() {
                duties.push(Duty {
                    submission: Some(submission),
                    ..Duty::of(DutyKind::Decrypt, instance)
                });
            }
        }
    }
    duties
}

/// Parts of a bid that are opened at an instance and lack this holder's partial decryption.
fn missing(desk: &Desk, instance: &str, submission: &str, index: u8) -> Vec<String> {
    let state = desk.replica.state();
    let (Some(found), Some(parts)) = (state.submissions().get(submission), state.opening(instance)) else {
        return Vec::new();
    };
    let missing = parts.iter().filter(|part| {
        let released = found
            .partials
            .get(&part.name)
            .is_some_and(|partials| partials.contains_key(&index));
        !released && !found.outcomes.contains_key(&part.name)
    });
    missing.map(|part| part.name.clone()).collect()
}

/// Does a duty that is due, after all of its checks.
///
/// # Errors
/// [`ClientError::Check`] for a duty that is not due, and for the first check that does not hold; a wrong PIN; the
/// line.
pub fn perform(
    desk: &mut Desk,
    duty: &str,
    personal: &PersonalKey,
    encryption: &KeyFileProvider,
    pin: &Pin,
) -> Result<Progress, ClientError> {
    let due = duties(desk).into_iter().find(|due| due.to_string() == duty);
    let Some(due) = due else {
        return Err(ClientError::check(
            format!("现在不需要您办理（{duty}）"),
            format!("{duty} is not asked of this holder now"),
        ));
    };
    let now = desk.now();
    match due.kind {
        DutyKind::Deal => {
            due.checks(&desk.replica, now).pass()?;
            deal(desk, &due.instance, personal)
        }
        DutyKind::Acknowledge => {
            due.checks(&desk.replica, now).pass()?;
            acknowledge(desk, &due.instance, encryption, pin)
        }
        DutyKind::Release => {
            let permit = check_release(&desk.replica, &due.instance, now)?;
            release(desk, &permit, personal, encryption, pin)
        }
        DutyKind::Decrypt => {
            let submission = due.submission.unwrap_or_default();
            let permit = check_decrypt(&desk.replica, &due.instance, &submission, now)?;
            decrypt(desk, &permit, personal, encryption, pin)
        }
    }
}
