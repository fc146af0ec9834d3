//! Commands of clerk, purchaser, holder, observers, site desk and verifier at an open seat.

use super::occupation::{Occupation, other_desk};
use super::open_seat::{Inside, OpenSeat};
use super::seat_file::{self, Post, SeatFile};
use super::view::View;
use crate::acting::Progress;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::expert::bidder_lines;
use crate::roles::observer::control;
use crate::roles::result::{Locator, derivation, result_view};
use crate::roles::timeline::{Covered, act_detail};
use crate::roles::verifier::VerifierSeat;
use crate::roles::{clerk, draw, holder, new_pc, observer, purchaser, site_desk};
use protocol::window::{
    ActDetail, ClerkView, Derivation, HallView, HolderView, ItemDecision, OperatorView, PackageReport,
    PackageView, Presence, PurchaserView, ResultView, SupervisorView, Timeline, TimelineQuery,
};
use sealing::provider::Pin;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What was asked for changed meanwhile; the window shows the new state and the person looks again.
fn done(progress: Progress) -> Result<(), ClientError> {
    match progress {
        Progress::Acted | Progress::Done => Ok(()),
        Progress::Waiting => Err(ClientError::check(
            "记录刚有变化，请重新查看",
            "the record changed meanwhile; look again",
        )),
    }
}

fn lock(verifier: &Mutex<VerifierSeat>) -> MutexGuard<'_, VerifierSeat> {
    verifier.lock().unwrap_or_else(PoisonError::into_inner)
}

fn nothing(zh: &str, en: &str) -> ClientError {
    ClientError::check(format!("没有{zh}"), format!("there is no {en}"))
}

macro_rules! views {
    ($($(#[$doc:meta])+ $name:ident: $variant:ident -> $view:ty = $part:expr;)*) => {
        impl OpenSeat {$(
            $(#[$doc])+
            ///
            /// # Errors
            /// Another desk's seat; nothing that can be shown.
            pub fn $name(&self) -> Result<$view, ClientError> {
                match &self.shown()?.view {
                    View::$variant(view) => {
                        let part: fn(&_) -> $view = $part;
                        Ok(part(&**view))
                    }
                    View::Nothing => Err(ClientError::Format("nothing can be shown".to_owned())),
                    _ => Err(other_desk()),
                }
            }
        )*}
    };
}

views! {
    /// The clerk's desk.
    clerk_view: Clerk -> ClerkView = |view: &(ClerkView, HallView)| view.0.clone();
    /// The opening hall.
    hall: Clerk -> HallView = |view: &(ClerkView, HallView)| view.1.clone();
    /// The purchaser's desk.
    purchaser_view: Purchaser -> PurchaserView = |view: &PurchaserView| view.clone();
    /// The holder's desk.
    holder_view: Holder -> HolderView = |view: &HolderView| view.clone();
    /// The supervisor's desk.
    supervisor_view: Supervisor -> SupervisorView = |view: &SupervisorView| view.clone();
    /// The site operator's desk.
    operator_view: Operator -> OperatorView = |view: &OperatorView| view.clone();
}

impl OpenSeat {
    /// Reads a tender package and keeps it as chosen.
    ///
    /// # Errors
    /// Another desk's seat.
    pub fn check_package(&self, folder: String) -> Result<PackageView, ClientError> {
        self.act(move |bench| Ok(bench.occupation.clerk()?.package(Path::new(&folder))))
    }

    /// Takes the clerk's next step as offered.
    ///
    /// # Errors
    /// What is not offered; the line.
    pub fn clerk_step(&self, action: String) -> Result<(), ClientError> {
        self.act(move |bench| {
            bench.occupation.clerk()?.step(&mut bench.desk, &action)?;
            bench.desk.sync()?;
            Ok(())
        })
    }

    /// Saves the archive package beside the seat; its path.
    ///
    /// # Errors
    /// The line, the disk, a file that is there already.
    pub fn save_package(&self, profile: String) -> Result<String, ClientError> {
        let folder = self.workplace().join("packages");
        std::fs::create_dir_all(&folder).map_err(|e| ClientError::File(e.to_string()))?;
        let saved: PathBuf = self.run(move |bench| {
            bench.occupation.clerk()?;
            clerk::save_package(&bench.desk, &profile, &folder)
        })?;
        Ok(saved.display().to_string())
    }

    /// Keeps what the purchaser typed on one bidder.
    ///
    /// # Errors
    /// The vault.
    pub fn put_decision(&self, bidder: String, items: Vec<ItemDecision>) -> Result<(), ClientError> {
        self.act(move |bench| purchaser::put_decision(&mut bench.desk, &bidder, &items))
    }

    /// Decides on one bidder.
    ///
    /// # Errors
    /// The line; not the purchaser's turn.
    pub fn decide(&self, bidder: String, items: Vec<ItemDecision>) -> Result<(), ClientError> {
        self.act(move |bench| done(purchaser::decide(&mut bench.desk, &bidder, &items)?))
    }

    /// Does a holder's duty.
    ///
    /// # Errors
    /// A check that does not hold, a wrong PIN, the line.
    pub fn holder_do(&self, duty: String, pin: &str) -> Result<(), ClientError> {
        let personal = self.file()?.personal(pin)?;
        let Post::Holder(encryption) = &self.file()?.post else {
            return Err(other_desk());
        };
        let (encryption, pin) = (SeatFile::further(encryption)?, Pin::new(pin.to_owned()));
        self.act(move |bench| {
            done(holder::perform(
                &mut bench.desk,
                &duty,
                &personal,
                &encryption,
                &pin,
            )?)
        })
    }

    /// Does a duty of an observer, or a site desk's part in a draw.
    ///
    /// # Errors
    /// A check that does not hold, a wrong PIN, the line.
    pub fn observer_do(&self, duty: String, pin: &str) -> Result<(), ClientError> {
        let personal = if pin.is_empty() {
            None
        } else {
            Some(self.file()?.personal(pin)?)
        };
        let site_desk = matches!(self.file()?.post, Post::SiteDesk(_));
        self.act(move |bench| match site_desk {
            true => done(draw::take_part(&mut bench.desk)?),
            false => done(observer::perform(&mut bench.desk, &duty, personal.as_ref())?),
        })
    }

    /// An act of the supervisor that asks for no personal signature; the PIN shows that it is meant.
    fn supervise(
        &self,
        pin: Option<&str>,
        act: impl FnOnce(&mut Desk) -> Result<Progress, ClientError> + Send + 'static,
    ) -> Result<(), ClientError> {
        if !matches!(self.file()?.post, Post::Observer(_)) {
            return Err(other_desk());
        }
        if let Some(pin) = pin {
            self.file()?.unlock(&Pin::new(pin.to_owned()))?;
        }
        self.act(move |bench| done(act(&mut bench.desk)?))
    }

    /// Warns a member or all.
    ///
    /// # Errors
    /// No such member or phrase; the line.
    pub fn warn(&self, line: Option<String>, phrase: String, reason: String) -> Result<(), ClientError> {
        self.supervise(None, move |desk| {
            control::warn(desk, line.as_deref(), &phrase, &reason)
        })
    }

    /// Sets a mark in the record.
    ///
    /// # Errors
    /// No such member; the line.
    pub fn mark(&self, line: Option<String>, note: String) -> Result<(), ClientError> {
        self.supervise(None, move |desk| control::mark(desk, line.as_deref(), &note))
    }

    /// Suspends the evaluation.
    ///
    /// # Errors
    /// A wrong PIN; the line.
    pub fn pause(&self, reason: String, pin: &str) -> Result<(), ClientError> {
        self.supervise(Some(pin), move |desk| control::pause(desk, &reason))
    }

    /// Lets it go on.
    ///
    /// # Errors
    /// A wrong PIN; the line.
    pub fn resume(&self, reason: String, pin: &str) -> Result<(), ClientError> {
        self.supervise(Some(pin), move |desk| control::resume(desk, &reason))
    }

    /// Marks a member's presence.
    ///
    /// # Errors
    /// No such seat; the line.
    pub fn mark_presence(&self, seat: u32, presence: Presence, note: String) -> Result<(), ClientError> {
        self.act(move |bench| done(site_desk::mark_presence(&mut bench.desk, seat, presence, &note)?))
    }

    /// Checks a member in at the desk with the member's token; the ticket.
    ///
    /// # Errors
    /// A wrong PIN, another person's token, the line.
    pub fn check_in_member(&self, seat: u32, pin: &str) -> Result<String, ClientError> {
        let token = seat_file::token(self.workplace(), pin)?;
        let (personal, slip) = (token.personal, token.ticket);
        self.act(move |bench| site_desk::check_in(&mut bench.desk, seat, &personal, slip.as_deref()))
    }

    /// Confirms that the new PC in a booth takes the old one's place.
    ///
    /// # Errors
    /// Nothing is asked there, a check that does not hold, the line.
    pub fn confirm_replacement(&self, booth: String) -> Result<(), ClientError> {
        self.run(move |bench| {
            let Occupation::SiteDesk(_, asked) = &bench.occupation else {
                return Err(other_desk());
            };
            done(new_pc::confirm(&mut bench.desk, asked, &booth)?)
        })
    }

    /// A page of the time line, of the record or of the package that is open.
    ///
    /// # Errors
    /// The seat has ended.
    pub fn timeline(&self, query: TimelineQuery) -> Result<Timeline, ClientError> {
        if let Inside::Verifier(verifier) = self.inside() {
            return Ok(lock(verifier).timeline(&query));
        }
        self.run(move |bench| {
            bench
                .index
                .update(bench.desk.replica.entries(), bench.desk.replica.state());
            Ok(bench.index.page(&query, bench.desk.replica.cosigned_size()))
        })
    }

    /// One act, down to its signatures.
    ///
    /// # Errors
    /// There is no such act.
    pub fn act_detail(&self, at: u64) -> Result<ActDetail, ClientError> {
        if let Inside::Verifier(verifier) = self.inside() {
            return lock(verifier)
                .act_detail(at)
                .ok_or_else(|| nothing("这条记录", "such act"));
        }
        self.run(move |bench| {
            let replica = &bench.desk.replica;
            bench.index.update(replica.entries(), replica.state());
            let covered = Covered {
                state: replica.state(),
                witnessed: replica.cosigned_size(),
            };
            act_detail(&bench.index, replica.entries(), covered, at)
                .ok_or_else(|| nothing("这条记录", "such act"))
        })
    }

    /// The result.
    ///
    /// # Errors
    /// There is none yet.
    pub fn result(&self) -> Result<ResultView, ClientError> {
        if let Inside::Verifier(verifier) = self.inside() {
            return lock(verifier)
                .result()
                .ok_or_else(|| nothing("评审结果", "result"));
        }
        self.run(move |bench| {
            let state = bench.desk.replica.state();
            let (Some(book), Some(result)) = (state.rulebook(), state.result()) else {
                return Err(nothing("评审结果", "result"));
            };
            let names = bidder_lines(&bench.desk);
            let name_of = |bidder: &str| {
                let line = names.values().find(|line| line.bidder == bidder);
                line.map(|line| line.name.clone()).unwrap_or_default()
            };
            Ok(result_view(
                book,
                &result.outcome,
                &result.blob.digest.to_string(),
                &name_of,
            ))
        })
    }

    /// How a number of the result came about.
    ///
    /// # Errors
    /// There is no such number.
    pub fn derivation(&self, node: String) -> Result<Derivation, ClientError> {
        if let Inside::Verifier(verifier) = self.inside() {
            return lock(verifier)
                .derivation(&node)
                .ok_or_else(|| nothing("这个数", "such number"));
        }
        self.run(move |bench| {
            let replica = &bench.desk.replica;
            let result = replica
                .state()
                .result()
                .ok_or_else(|| nothing("评审结果", "result"))?;
            let locator = Locator::of(replica.entries());
            let found = derivation(&result.outcome, &node, &|source| locator.locate(source));
            found.ok_or_else(|| nothing("这个数", "such number"))
        })
    }

    /// Opens and verifies a package. It needs no centre.
    ///
    /// # Errors
    /// A file that can't be read; another desk's seat.
    pub fn open_package(&self, path: &str, anchors: Option<String>) -> Result<PackageReport, ClientError> {
        let Inside::Verifier(verifier) = self.inside() else {
            return Err(other_desk());
        };
        let anchors = anchors.map(PathBuf::from);
        lock(verifier).open_package(Path::new(path), anchors.as_deref(), &mut |_| {})
    }
}
