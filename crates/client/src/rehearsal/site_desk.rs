//! A site desk (主场/副场): checks members in, takes part in draws, replaces a member's PC.

use super::{Part, Progress, act, signed};
use crate::author::PersonalKey;
use crate::desk::Desk;
use crate::error::ClientError;
use evaluation::acts::committee::{COMMITTEE, MemberCheckedIn};
use evaluation::acts::draws::{DrawCommitted, DrawRevealed};
use evaluation::{Role, SiteId, draw};
use record::Digest;

/// A member who stands at the desk with the personal key.
pub struct PresentMember {
    /// Expert or tenderer's representative.
    pub role: Role,
    /// The ticket that the desk hands out.
    pub ticket: String,
    /// The personal key, brought along.
    pub personal: PersonalKey,
}

/// The desk of a site; also what a supervisor does in a draw, see [`super::ObserverPart`].
pub struct SiteDeskPart {
    /// The site.
    pub site: SiteId,
    /// Members present.
    pub members: Vec<PresentMember>,
}

impl Part for SiteDeskPart {
    fn step(&mut self, desk: &mut Desk) -> Result<Progress, ClientError> {
        let checked_in = own_check_ins(desk);
        tracing::debug!(
            checked_in,
            members = self.members.len(),
            size = desk.replica.state().committee().size,
            seats = desk.replica.state().committee().seats.len(),
            "desk"
        );
        if let Some(member) = self.members.get(checked_in) {
            let committee = desk.replica.state().committee();
            let seats = committee
                .seats
                .values()
                .filter(|seat| seat.role == member.role)
                .count();
            let present = committee
                .tickets
                .values()
                .filter(|(role, _)| *role == member.role)
                .count();
            if committee.is_complete() && present < seats {
                let payload = MemberCheckedIn {
                    site: self.site.clone(),
                    ticket: member.ticket.clone(),
                    role: member.role,
                };
                return signed(
                    desk,
                    "member.checked_in",
                    COMMITTEE,
                    &payload,
                    Some(&member.personal),
                );
            }
        }
        let step = take_part_in_draw(desk)?;
        let finished = desk.replica.state().archived().is_some();
        Ok(if step == Progress::Waiting && finished {
            Progress::Done
        } else {
            step
        })
    }
}

fn own_check_ins(desk: &Desk) -> usize {
    let me = desk.author.public();
    let own = desk.replica.entries().iter().filter(|entry| match &entry.leaf {
        record::Leaf::Header { header, .. } => header.kind == "member.checked_in" && header.actor == me,
        record::Leaf::Hash(_) => false,
    });
    own.count()
}

/// Commits to 32 random bytes kept in the vault, and reveals them once all parties have committed.
pub(super) fn take_part_in_draw(desk: &mut Desk) -> Result<Progress, ClientError> {
    let state = desk.replica.state();
    let instance = format!("draw/{}", state.draws_count());
    let Some(running) = state.draw(&instance).filter(|d| d.voided.is_none() && !d.done) else {
        return Ok(Progress::Waiting);
    };
    let me = desk.author.public();
    let Some(place) = running.setting.parties.iter().position(|party| *party == me) else {
        return Ok(Progress::Waiting);
    };
    let place = u8::try_from(place).map_err(|e| ClientError::Format(e.to_string()))?;
    let (committed, all, revealed) = (
        running.commitments.contains_key(&place),
        running.committed.is_some(),
        running.values.contains_key(&place),
    );
    let origin = desk.replica.origin();
    let row = format!("{instance}/value");
    if !committed {
        let value = match desk
            .vault
            .get(&row)?
            .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        {
            Some(value) => value,
            None => {
                let mut value = [0; 32];
                desk.random.fill(&mut value);
                desk.vault.put(&row, &value)?;
                value
            }
        };
        let payload = DrawCommitted {
            commitment: draw::commitment(&origin, &instance, place, &value),
        };
        return act(desk, "draw.committed", &instance, &payload);
    }
    if !all || revealed {
        return Ok(Progress::Waiting);
    }
    let value = desk
        .vault
        .get(&row)?
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let value =
        value.ok_or_else(|| ClientError::Check("the value committed to is not in the vault".to_owned()))?;
    act(
        desk,
        "draw.revealed",
        &instance,
        &DrawRevealed { value: Digest(value) },
    )
}
