//! A site desk (主场/副场): checks members in, and takes part in draws.

use super::{Part, Progress};
use crate::author::PersonalKey;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::{draw, site_desk};
use evaluation::{Role, SiteId};

/// A member who stands at the desk with the personal key.
pub struct PresentMember {
    /// Expert or tenderer's representative.
    pub role: Role,
    /// The ticket that the desk hands out.
    pub ticket: String,
    /// The personal key, brought along.
    pub personal: PersonalKey,
}

/// The desk of a site.
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
                return site_desk::hand_out(desk, &self.site, member.role, &member.ticket, &member.personal);
            }
        }
        let step = draw::take_part(desk)?;
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
