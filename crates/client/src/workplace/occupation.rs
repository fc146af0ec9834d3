//! What is done at a seat, as its thread knows it.

use super::expert::Booth;
use super::view::View;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::clerk::ClerkSeat;
use crate::roles::expert::Form;
use crate::roles::observer::SeatPresence;
use crate::roles::{holder, observer, purchaser, site_desk};
use evaluation::Role;
use protocol::ReplacementAsked;
use protocol::window::NamedPage;
use std::sync::Arc;
use storage::StoreError;

/// An occupation with what it keeps between looks.
pub(crate) enum Occupation {
    /// An expert's booth.
    Expert(Box<Booth>),
    /// The clerk.
    Clerk(Box<ClerkSeat>),
    /// The purchaser, with the pages that bids name.
    Purchaser(Vec<NamedPage>),
    /// A holder.
    Holder,
    /// Supervisor or witness person, with what the centre last told of links.
    Observer(Role, Option<Vec<SeatPresence>>),
    /// A site desk, with the same of its own site, and the new PCs that wait for it.
    SiteDesk(Option<Vec<SeatPresence>>, Vec<ReplacementAsked>),
}

impl Occupation {
    pub(crate) fn role(&self) -> Role {
        match self {
            Occupation::Expert(_) => Role::Expert,
            Occupation::Clerk(_) => Role::Clerk,
            Occupation::Purchaser(_) => Role::Purchaser,
            Occupation::Holder => Role::Holder,
            Occupation::Observer(role, _) => *role,
            Occupation::SiteDesk(..) => Role::SiteOperator,
        }
    }

    /// What needs nobody: snapshots at their cadence, a new PC's next step, and the questions who is connected and who
    /// waits. The data key, when a member sits down by it.
    pub(crate) fn chores(&mut self, desk: &mut Desk) -> Result<Option<[u8; 32]>, ClientError> {
        match self {
            Occupation::Expert(booth) => return booth.chores(desk),
            Occupation::Observer(_, presence) => *presence = connections(desk)?,
            Occupation::SiteDesk(presence, asked) => {
                *presence = connections(desk)?;
                *asked = match presence {
                    Some(_) => desk.link.replacement_list(&desk.replica.origin())?.asked,
                    None => Vec::new(),
                };
            }
            _ => {}
        }
        Ok(None)
    }

    pub(crate) fn view(&mut self, desk: &Desk) -> View {
        let view = match self {
            Occupation::Expert(booth) => booth.view(desk).map(|view| View::Expert(Box::new(view))),
            Occupation::Clerk(clerk) => Ok(View::Clerk(Box::new((clerk.view(desk), clerk.hall(desk))))),
            Occupation::Purchaser(pages) => purchaser::view(desk).map(|mut view| {
                view.pages.clone_from(pages);
                View::Purchaser(Box::new(view))
            }),
            Occupation::Holder => Ok(View::Holder(Box::new(holder::view(desk, desk.now())))),
            Occupation::Observer(_, presence) => Ok(View::Supervisor(Box::new(observer::view(
                desk,
                presence.as_deref(),
                desk.now(),
            )))),
            Occupation::SiteDesk(presence, asked) => {
                site_desk::view(desk, presence.as_deref(), asked).map(|view| View::Operator(Box::new(view)))
            }
        };
        view.unwrap_or_else(|error| {
            tracing::error!(%error, "nothing can be shown");
            View::Nothing
        })
    }

    /// Pages that bids name, for those who review.
    pub(crate) fn name_pages(&mut self, pages: Vec<NamedPage>) {
        match self {
            Occupation::Expert(booth) => booth.pages = pages,
            Occupation::Purchaser(kept) => *kept = pages,
            _ => {}
        }
    }

    pub(crate) fn forms(&self) -> Arc<Vec<Form>> {
        match self {
            Occupation::Expert(booth) => booth.forms.clone(),
            _ => Arc::default(),
        }
    }

    /// The expert's booth.
    ///
    /// # Errors
    /// [`ClientError::Check`] at another desk; so for the clerk below.
    pub(crate) fn expert(&mut self) -> Result<&mut Booth, ClientError> {
        match self {
            Occupation::Expert(booth) => Ok(booth),
            _ => Err(other_desk()),
        }
    }

    /// The clerk's seat.
    pub(crate) fn clerk(&mut self) -> Result<&mut ClerkSeat, ClientError> {
        match self {
            Occupation::Clerk(clerk) => Ok(clerk),
            _ => Err(other_desk()),
        }
    }

    fn sitting(&self) -> Option<&Booth> {
        match self {
            Occupation::Expert(booth) => Some(booth),
            _ => None,
        }
    }

    pub(crate) fn code_name(&self) -> Option<String> {
        let sitting = self.sitting()?.sitting.as_ref()?;
        Some(sitting.name.to_string())
    }

    pub(crate) fn booth(&self) -> Option<String> {
        self.sitting().map(|booth| booth.booth.clone())
    }

    /// Cells that are in memory alone, and why the disk does not take them.
    pub(crate) fn unwritten(&self) -> (usize, Option<StoreError>) {
        self.sitting().map_or((0, None), Booth::unwritten)
    }

    /// Tries again what the disk refused.
    pub(crate) fn retry(&self) {
        if let Some(booth) = self.sitting() {
            booth.retry();
        }
    }

    /// Cells written since the last snapshot left.
    pub(crate) fn unsaved(&self, desk: &Desk) -> u32 {
        match self.sitting() {
            Some(booth) if booth.sitting.is_some() => crate::drafts::unsaved(&desk.vault),
            _ => 0,
        }
    }

    pub(crate) fn cadence_seconds(&self) -> u32 {
        let every = self.sitting().map_or(0, |booth| booth.every);
        u32::try_from(every / 1000).unwrap_or(u32::MAX)
    }
}

/// Who is connected, as the centre tells it; nothing before the record knows this seat.
fn connections(desk: &Desk) -> Result<Option<Vec<SeatPresence>>, ClientError> {
    if desk.replica.state().parties(&desk.author.public()).is_empty() {
        return Ok(None);
    }
    let told = desk.link.presence(&desk.replica.origin())?;
    let seats = told.seats.into_iter().map(|seat| SeatPresence {
        booth: seat.booth,
        line: seat.line,
        connected: seat.connected,
        since: seat.since,
    });
    Ok(Some(seats.collect()))
}

/// A command of another desk.
pub(crate) fn other_desk() -> ClientError {
    ClientError::check("这不是本席位的操作", "this is another desk's command")
}
