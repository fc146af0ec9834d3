//! What is done at a seat, as its thread knows it.

use super::expert::Booth;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::clerk::ClerkSeat;
use crate::roles::expert::Form;
use crate::roles::observer::SeatPresence;
use crate::roles::{clerk, expert, holder, observer, purchaser, site_desk, titles};
use evaluation::Role;
use protocol::ReplacementAsked;
use protocol::window::{
    CheckLine, CheckState, ClerkView, ExpertView, HallView, HolderView, NamedPage, ObserverDuty, Offer,
    OperatorView, PurchaserView, SupervisorView, Words,
};
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

/// The read model of a desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum View {
    /// Nothing can be shown: the reason went to the log, and the status strip says what is safe.
    Nothing,
    /// Expert.
    Expert(Box<ExpertView>),
    /// Clerk, with the opening hall.
    Clerk(Box<(ClerkView, HallView)>),
    /// Purchaser.
    Purchaser(Box<PurchaserView>),
    /// Holder.
    Holder(Box<HolderView>),
    /// Supervisor or witness person.
    Supervisor(Box<SupervisorView>),
    /// Site operator.
    Operator(Box<OperatorView>),
}

impl View {
    /// Offers nothing that would have to be sent; what is refused already keeps its reason.
    pub(crate) fn withhold(&mut self, why: &Words) {
        let line = || CheckLine {
            what: Words::new("与中心的线路连通", "The line to the centre stands"),
            state: CheckState::Waiting,
            detail: why.clone(),
        };
        match self {
            View::Holder(view) => {
                for duty in &mut view.duties {
                    duty.ready = false;
                    duty.checks.push(line());
                }
            }
            View::Supervisor(view) => withhold_duties(&mut view.duties, line),
            View::Operator(view) => withhold_duties(&mut view.duties, line),
            _ => {}
        }
        let offers = match self {
            View::Nothing | View::Holder(_) => return,
            View::Expert(view) => &mut view.offers,
            View::Clerk(view) => &mut view.0.offers,
            View::Purchaser(view) => &mut view.offers,
            View::Supervisor(view) => &mut view.offers,
            View::Operator(view) => &mut view.offers,
        };
        for offer in offers {
            offer.why_not.get_or_insert_with(|| why.clone());
        }
    }

    /// What is asked of this person now, and whether it is this person's turn: a pause and a cut line are waited for.
    pub(crate) fn asked(&self, suspended: bool, cut: bool) -> (Words, bool) {
        let waits = matches!(self, View::Expert(_) | View::Clerk(_) | View::Purchaser(_));
        if suspended && waits {
            return (paused(), false);
        }
        let (mut asked, turn) = self.due();
        // It stands among facts, not in a sentence.
        asked.zh = asked.zh.trim_end_matches('。').to_owned();
        asked.en = asked.en.trim_end_matches('.').to_owned();
        let alone = matches!(self, View::Expert(view) if expert::goes_on_alone(view));
        if turn && cut && !alone {
            let zh = format!("线路恢复后：{}", asked.zh);
            return (
                Words::new(zh, format!("When the line is back: {}", asked.en)),
                false,
            );
        }
        (asked, turn)
    }

    fn due(&self) -> (Words, bool) {
        let turn = match self {
            View::Nothing => None,
            View::Expert(view) => return expert::asked(view),
            View::Clerk(view) => return clerk::asked(&view.0),
            View::Purchaser(view) => open(&view.offers).then(|| {
                Words::new(
                    "请对投标人作出资格审查决定",
                    "Decide on the bidders' qualification",
                )
            }),
            View::Holder(view) => {
                return from_duties(view.duties.iter().map(|duty| (&duty.title, duty.ready)));
            }
            View::Supervisor(view) => {
                return from_duties(view.duties.iter().map(|duty| (&duty.title, duty.ready)));
            }
            View::Operator(view) => match view.duties.iter().find(|duty| duty.ready) {
                Some(duty) => Some(duty.title.clone()),
                None if view.booths.iter().any(|booth| booth.replacement.is_some()) => Some(Words::new(
                    "请核实并确认更换电脑",
                    "Confirm the replacement of a PC",
                )),
                None => open(&view.offers).then(|| Words::new("请为到场评委签到", "Check the members in")),
            },
        };
        let waits = turn.is_none();
        (turn.unwrap_or_else(titles::nothing), !waits)
    }
}

fn withhold_duties(duties: &mut [ObserverDuty], line: impl Fn() -> CheckLine) {
    for duty in duties {
        duty.ready = false;
        duty.checks.push(line());
    }
}

/// While it is paused nobody but the supervisor can move it on.
fn paused() -> Words {
    Words::new("评标暂停，请等候恢复", "Paused; please wait")
}

fn open(offers: &[Offer]) -> bool {
    offers.iter().any(|offer| offer.why_not.is_none())
}

/// The first duty that can be done; one that is due while a check does not hold is not this person's turn.
fn from_duties<'a>(duties: impl Iterator<Item = (&'a Words, bool)> + Clone) -> (Words, bool) {
    let mut all = duties.clone();
    match all.find(|(_, ready)| *ready) {
        Some((title, _)) => (title.clone(), true),
        None if duties.count() > 0 => (
            Words::new(
                "有事待办，核对未全部通过",
                "A duty is due; not every check holds yet",
            ),
            false,
        ),
        None => (titles::nothing(), false),
    }
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
