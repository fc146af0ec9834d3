//! The clerk: the path from the tender package to the archive.

pub mod acts;
pub mod hall;
mod offers;
mod opening;
mod package;
mod path;
pub mod plan;
mod view;
mod waits;

pub use package::save_package;
pub(crate) use path::{asked, goes_on_alone};
pub use plan::{ClerkPlan, MemberPlan};

use crate::desk::Desk;
use crate::error::ClientError;
use crate::rehearsal::{Progress, allow_late_opening, end};
use crate::tender_package::TenderPackage;
use evaluation::Role;
use protocol::window::{ClerkView, HallView, Offer, PackageView, Words};
use std::path::Path;

/// Most acts of one action: far above what a largest evaluation needs.
const MOST_ACTS: usize = 10_000;

/// A clerk's seat.
#[derive(Default)]
pub struct ClerkSeat {
    /// Plan beside the seat; without it there is nothing to create.
    pub plan: Option<ClerkPlan>,
    chosen: Chosen,
}

/// The tender package before the record is created.
#[derive(Default)]
enum Chosen {
    #[default]
    Nothing,
    /// The last one had errors.
    Faulty,
    /// It can be used.
    Package(Box<TenderPackage>),
}

impl Chosen {
    /// Why the record can't be created with it.
    fn why_not(&self) -> Option<Words> {
        match self {
            Self::Nothing => Some(Words::new(
                "请先选择与计划一致的招标文件包。",
                "Choose the tender package that fits the plan first.",
            )),
            Self::Faulty => Some(Words::new(
                "请修改错误后重新检查。",
                "Mend the errors and check again.",
            )),
            Self::Package(_) => None,
        }
    }
}

impl ClerkSeat {
    /// A seat with its plan.
    pub fn new(plan: Option<ClerkPlan>) -> Self {
        Self {
            plan,
            chosen: Chosen::Nothing,
        }
    }

    /// Reads a tender package and keeps it as the chosen one where it can be used.
    pub fn package(&mut self, folder: &Path) -> PackageView {
        let (view, package) = package::package(folder);
        self.chosen = package.map_or(Chosen::Faulty, |package| Chosen::Package(Box::new(package)));
        view
    }

    /// What the clerk's window shows.
    pub fn view(&self, desk: &Desk) -> ClerkView {
        view::view(self.plan.as_ref(), self.offers(desk), desk)
    }

    /// The opening hall.
    pub fn hall(&self, desk: &Desk) -> HallView {
        hall::hall(desk)
    }

    fn offers(&self, desk: &Desk) -> Vec<Offer> {
        offers::offers(self.plan.as_ref(), self.chosen.why_not(), desk)
    }

    fn offered(&self, desk: &Desk, action: &str) -> Option<Offer> {
        self.offers(desk).into_iter().find(|offer| offer.action == action)
    }

    /// Does what is offered under this name, and goes on as long as the same is offered: until everybody is enrolled,
    /// every part with enough partials is opened, every price entered.
    ///
    /// # Errors
    /// [`ClientError::Check`] where it is not offered; else as [`Desk::act`].
    pub fn step(&mut self, desk: &mut Desk, action: &str) -> Result<Progress, ClientError> {
        let offer = self.offered(desk, action).ok_or_else(|| {
            ClientError::check(
                format!("现在不能办理（{action}）"),
                format!("{action} is not offered now"),
            )
        })?;
        if let Some(why) = offer.why_not {
            return Err(ClientError::Check(why.clone()));
        }
        for _ in 0..MOST_ACTS {
            match self.once(desk, action)? {
                Progress::Acted => {}
                other => return Ok(other),
            }
            if action == "create_record" {
                return Ok(Progress::Acted); // the record is seen with the next catching up
            }
            desk.sync()?;
            let again = self
                .offered(desk, action)
                .is_some_and(|offer| offer.why_not.is_none());
            if !again {
                break;
            }
        }
        Ok(Progress::Acted)
    }

    fn once(&self, desk: &mut Desk, action: &str) -> Result<Progress, ClientError> {
        let done = |done: Option<Progress>| Ok(done.unwrap_or(Progress::Waiting));
        match action {
            "end_evaluation" => return done(end(desk, Role::Clerk)?),
            "allow_late_opening" => return done(allow_late_opening(desk, Role::Clerk)?),
            "archive" => return acts::archive(desk),
            "save_package" => {
                return Err(ClientError::check(
                    "归档包须存入文件夹",
                    "a package is saved into a folder",
                ));
            }
            _ => {}
        }
        let plan = self.plan.as_ref().ok_or_else(|| {
            ClientError::check("本席位旁没有项目计划文件", "there is no plan beside this seat")
        })?;
        match action {
            "create_record" => {
                let Chosen::Package(chosen) = &self.chosen else {
                    return Err(ClientError::check("尚未选择采购文件包", "no package is chosen"));
                };
                plan.check_package(chosen)?;
                acts::create(plan, desk)
            }
            "set_up" => done(acts::set_up(plan, desk)?),
            "define_lot_key" | "declare_ingest_key" => done(acts::lot_key(plan, desk)?),
            "seat_members" | "open_draw" => done(acts::committee(plan, desk)?),
            // What else is offered is the next act of the opening, or of the stage that is open.
            _ => match acts::opening(plan, desk)? {
                Some(progress) => Ok(progress),
                None => acts::stages(plan, desk),
            },
        }
    }
}
