//! A seat that is taken: its thread, and what can be read and written without it.

use super::PortsOf;
use super::bench::{Bench, OnChange, Worker};
use super::expert::{Booth, Hands, lock, taken};
use super::occupation::{Occupation, other_desk};
use super::published::Published;
use super::reading::{self, Reading, Shelf};
use super::seat_file::{self, Post, SeatFile};
use super::view::View;
use crate::author::{Author, device_of};
use crate::desk::{ClockOffset, Desk};
use crate::drafts::Pen;
use crate::error::ClientError;
use crate::library::Library;
use crate::rehearsal::Identity;
use crate::replica::Replica;
use crate::roles::clerk::ClerkSeat;
use crate::roles::expert;
use crate::roles::problem::ProblemCode;
use crate::roles::verifier::VerifierSeat;
use crate::vault_key;
use documents::Reader;
use evaluation::acts::committee::Ground;
use evaluation::{CodeName, Role};
use protocol::window::{
    self, CellInput, CellSaved, ClockFace, DocumentView, ExpertView, FindQuery, Found, PageText, SealReview,
    SheetView, Status,
};
use sealing::provider::Pin;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use time::OffsetDateTime;

/// A seat that is taken.
pub struct OpenSeat {
    workplace: PathBuf,
    inside: Inside,
}

/// What is behind the window.
pub(super) enum Inside {
    /// A desk of the seat file with its thread, and the vault for scores.
    Desk(Box<SeatFile>, Worker, Hands, Shelf),
    /// A verifier: no centre, no thread.
    Verifier(Box<Mutex<VerifierSeat>>),
    /// The editor of rulebooks: no centre, no thread, and its window holds the text.
    Rulebook,
}

impl OpenSeat {
    /// A verifier's seat: it needs no file, no key and no centre.
    pub(super) fn verifier(workplace: &Path) -> Self {
        Self {
            workplace: workplace.to_owned(),
            inside: Inside::Verifier(Box::new(Mutex::new(VerifierSeat::new()))),
        }
    }

    /// The seat of whoever edits rulebooks: no file, no key and no centre.
    pub(super) fn rulebook(workplace: &Path) -> Self {
        Self {
            workplace: workplace.to_owned(),
            inside: Inside::Rulebook,
        }
    }

    pub(super) fn open(
        workplace: &Path,
        file: SeatFile,
        pin: &str,
        ports: &PortsOf,
        reader: &Reader,
        changed: OnChange,
    ) -> Result<Self, ClientError> {
        let pin = Pin::new(file.device_pin.clone().unwrap_or_else(|| pin.to_owned()));
        let key = file.unlock(&pin)?;
        let anchors = file.anchors()?;
        let ports = ports(&file.centre, anchors.ca_roots.clone());
        let folder = workplace.join("kept").join(&file.seat);
        std::fs::create_dir_all(&folder).map_err(|e| ClientError::Format(e.to_string()))?;
        let mut random = (ports.random)(&file.seat);
        let data_key = vault_key::data_key(&folder, &file.provider()?, &pin, &mut *random)?;
        let vault = vault_key::vault(&folder, &data_key)?;
        let chain = evaluation::acts::decode_chain(&file.chain)?;
        let link = || ports.links.link(Identity::Key(&key, Some(&chain)));
        let (own, listening) = (link(), link());
        let mut replica = Replica::new(file.origin, anchors);
        let hands = Hands::default();
        let device = match &file.post {
            Post::Booth { device, .. } => *device,
            _ => device_of(&record::PublicKey(key.public_key())),
        };
        let occupation = match &file.post {
            Post::Booth {
                booth,
                device,
                cadence,
            } => {
                let links = ports.links.clone();
                let booth = Booth::new(
                    booth.clone(),
                    *device,
                    *cadence,
                    folder.clone(),
                    links,
                    hands.clone(),
                );
                Occupation::Expert(Box::new(booth))
            }
            Post::Clerk(plan) => Occupation::Clerk(Box::new(ClerkSeat::new(Some((**plan).clone())))),
            Post::Holder(_) => Occupation::Holder,
            Post::SiteDesk(_) => Occupation::SiteDesk(None, Vec::new()),
            Post::Observer(role) => Occupation::Observer(*role, None),
            Post::Purchaser => Occupation::Purchaser(Vec::new()),
        };
        if !matches!(file.post, Post::Booth { .. }) {
            replica.load(&vault, &*own)?;
        }
        let shelf = Shelf::default();
        let mut reading = Reading::new(shelf.clone(), reader.clone());
        let reads = matches!(
            file.post,
            Post::Clerk(_) | Post::Purchaser | Post::Observer(Role::Supervisor)
        );
        if reads {
            reading.open(&folder, &data_key, link(), file.origin, changed.clone())?;
        }
        let desk = Desk {
            link: own,
            replica,
            author: Author::new(key, device),
            vault,
            clock: (ports.clock)(),
            offset: ClockOffset::default(),
            random,
        };
        let worker = Worker::start(desk, occupation, reading, listening, changed);
        Ok(Self {
            workplace: workplace.to_owned(),
            inside: Inside::Desk(Box::new(file), worker, hands, shelf),
        })
    }

    /// Name of the seat on this PC.
    pub fn name(&self) -> &str {
        match &self.inside {
            Inside::Desk(file, ..) => &file.seat,
            Inside::Verifier(_) => seat_file::VERIFIER,
            Inside::Rulebook => seat_file::RULEBOOK,
        }
    }

    pub(super) fn workplace(&self) -> &Path {
        &self.workplace
    }

    /// The file of the seat.
    ///
    /// # Errors
    /// A verifier's seat has none.
    pub(super) fn file(&self) -> Result<&SeatFile, ClientError> {
        match &self.inside {
            Inside::Desk(file, ..) => Ok(file),
            Inside::Verifier(_) | Inside::Rulebook => Err(other_desk()),
        }
    }

    pub(super) fn inside(&self) -> &Inside {
        &self.inside
    }

    fn desk(&self) -> Result<(&Worker, &Hands), ClientError> {
        match &self.inside {
            Inside::Desk(_, worker, hands, _) => Ok((worker, hands)),
            Inside::Verifier(_) | Inside::Rulebook => Err(other_desk()),
        }
    }

    /// Runs a job on the seat's thread; one that changes what windows show is an act.
    pub(super) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Bench) -> Result<T, ClientError> + Send + 'static,
    ) -> Result<T, ClientError> {
        self.desk()?.0.run(job)
    }

    /// Runs a job that changes what windows show; they can see the change when it returns.
    pub(super) fn act<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Bench) -> Result<T, ClientError> + Send + 'static,
    ) -> Result<T, ClientError> {
        self.desk()?.0.act(job)
    }

    /// Everything that windows of this seat show now.
    ///
    /// # Errors
    /// A verifier's seat, which has no record of its own.
    pub fn shown(&self) -> Result<Arc<Published>, ClientError> {
        Ok(self.desk()?.0.shown())
    }

    /// The status strip.
    ///
    /// # Errors
    /// As [`OpenSeat::shown`].
    pub fn status(&self) -> Result<Status, ClientError> {
        Ok(self.shown()?.status.clone())
    }

    /// The expert's desk.
    ///
    /// # Errors
    /// Another desk's seat.
    pub fn expert_view(&self) -> Result<ExpertView, ClientError> {
        match &self.shown()?.view {
            View::Expert(view) => Ok((**view).clone()),
            _ => Err(other_desk()),
        }
    }

    fn library(&self) -> Result<Arc<Library>, ClientError> {
        let Inside::Desk(.., shelf) = &self.inside else {
            return Err(other_desk());
        };
        let library = reading::lock(shelf).clone();
        library.ok_or_else(|| ClientError::check("本机尚未开始阅读", "nobody reads here yet"))
    }

    /// Documents that may be read now.
    ///
    /// # Errors
    /// Nobody sits here.
    pub fn documents(&self) -> Result<window::Library, ClientError> {
        Ok(self.library()?.list())
    }

    /// Page sizes and outline.
    ///
    /// # Errors
    /// Not here yet, or not readable.
    pub fn document(&self, id: &str) -> Result<DocumentView, ClientError> {
        self.library()?.document(id)
    }

    /// Text of a page.
    ///
    /// # Errors
    /// As [`OpenSeat::document`].
    pub fn page_text(&self, id: &str, page: u32) -> Result<PageText, ClientError> {
        self.library()?.page_text(id, page)
    }

    /// Looks for words.
    ///
    /// # Errors
    /// Nobody sits here.
    pub fn find(&self, query: &FindQuery) -> Result<Found, ClientError> {
        Ok(self.library()?.find(query))
    }

    /// A picture of a page, PNG, with who looks, when, and at which evaluation burnt into its pixels.
    ///
    /// # Errors
    /// As [`OpenSeat::document`].
    pub fn picture(&self, id: &str, page: u32, width: u16) -> Result<Vec<u8>, ClientError> {
        let status = self.status()?;
        let who = status.me.code_name.unwrap_or(status.me.title.zh);
        let lines = [
            who,
            stamp(&status.clock),
            status.origin.chars().take(12).collect(),
        ];
        self.library()?.picture(id, page, width, &lines)
    }

    /// Takes the booth with ticket, token and PIN.
    ///
    /// # Errors
    /// No line, a wrong PIN, a ticket that was drawn elsewhere.
    pub fn check_in(&self, ticket: String, pin: &str) -> Result<(), ClientError> {
        let token = seat_file::token(&self.workplace, pin)?;
        self.act(move |bench| {
            let booth = bench.occupation.expert()?;
            match booth.check_in(&mut bench.desk, &ticket, token)? {
                Some(data_key) => bench.settle_in(&data_key),
                None => Ok(()),
            }
        })
    }

    /// At a new PC: asks the site desk to put it in the old one's place. Everything else follows by itself.
    ///
    /// # Errors
    /// No line, a wrong PIN, a ticket that was drawn elsewhere.
    pub fn ask_replacement(&self, ticket: String, pin: &str) -> Result<(), ClientError> {
        let token = seat_file::token(&self.workplace, pin)?;
        self.run(move |bench| {
            let booth = bench.occupation.expert()?;
            match booth.ask_replacement(&mut bench.desk, &ticket, token)? {
                Some(data_key) => bench.settle_in(&data_key),
                None => Ok(()),
            }
        })
    }

    /// Whether another PC took this one's place, as the centre's refusal tells.
    fn not_moved(&self) -> Result<(), ClientError> {
        let moved = ProblemCode::SeatMoved.as_str();
        let notices = &self.shown()?.status.notices;
        match notices.iter().any(|notice| notice.problem.code == moved) {
            true => Err(ClientError::SeatMoved),
            false => Ok(()),
        }
    }

    /// An act of the member who sits here, with the personal key that this PIN opens.
    fn personally(
        &self,
        pin: &str,
        act: impl FnOnce(&mut Desk, &Booth, &seat_file::Token, &CodeName) -> Result<(), ClientError>
        + Send
        + 'static,
    ) -> Result<(), ClientError> {
        self.not_moved()?;
        let token = seat_file::token(&self.workplace, pin)?;
        self.act(move |bench| {
            let booth = &*bench.occupation.expert()?;
            let name = booth.name()?;
            act(&mut bench.desk, booth, &token, &name)
        })
    }

    /// Signs the promise.
    ///
    /// # Errors
    /// No line, a wrong PIN.
    pub fn promise(&self, pin: &str) -> Result<(), ClientError> {
        self.personally(pin, |desk, _, token, name| {
            taken(expert::promise(desk, name, &token.personal)?)
        })
    }

    /// Votes for a leader.
    ///
    /// # Errors
    /// No line, no such member.
    pub fn vote_leader(&self, line: &str) -> Result<(), ClientError> {
        let leader =
            CodeName::new(line).ok_or_else(|| ClientError::check("没有这位成员", "no such member"))?;
        self.act(move |bench| {
            let booth = &*bench.occupation.expert()?;
            taken(expert::vote_leader(&mut bench.desk, &booth.name()?, &leader)?)
        })
    }

    /// Declares grounds to avoid: (bidder, kind of ground); none: free of conflicts.
    ///
    /// # Errors
    /// No line, a wrong PIN, no such bidder.
    pub fn declare_avoidance(&self, grounds: Vec<(String, String)>, pin: &str) -> Result<(), ClientError> {
        let grounds = grounds.into_iter().map(|(bidder, kind)| {
            let bidder = evaluation::BidderId::new(bidder);
            let bidder = bidder.ok_or_else(|| ClientError::check("没有这家投标人", "no such bidder"))?;
            Ok(Ground { bidder, kind })
        });
        let grounds = grounds.collect::<Result<Vec<_>, ClientError>>()?;
        self.personally(pin, |desk, _, token, name| {
            taken(expert::declare_avoidance(desk, name, grounds, &token.personal)?)
        })
    }

    fn form<T>(
        &self,
        instance: &str,
        with: impl FnOnce(&expert::Form, &mut Pen) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let shown = self.shown()?;
        let form = shown.forms.iter().find(|form| form.instance() == instance);
        let form = form.ok_or_else(|| ClientError::check("没有这一轮", "no such round"))?;
        let mut hands = lock(self.desk()?.1);
        let pen = hands
            .as_mut()
            .ok_or_else(|| ClientError::check("本机无人就座", "nobody sits here"))?;
        with(form, pen)
    }

    /// The sheet of a round.
    ///
    /// # Errors
    /// No such round, nobody sits here, a damaged vault.
    pub fn sheet(&self, instance: &str) -> Result<SheetView, ClientError> {
        self.form(instance, |form, pen| expert::sheet(form, pen))
    }

    /// Keeps a cell; the answer tells whether it is durable. It waits for the disk alone, never for the line. What the
    /// disk does not take now is kept in memory and written as soon as it does.
    ///
    /// # Errors
    /// What may not stand there; a damaged vault.
    pub fn put_cell(&self, cell: &CellInput) -> Result<CellSaved, ClientError> {
        self.not_moved()?;
        let saved = self.form(&cell.instance, |form, pen| expert::put_cell(form, pen, cell))?;
        self.desk()?.0.nudge();
        Ok(saved)
    }

    /// What is reviewed before sealing.
    ///
    /// # Errors
    /// As [`OpenSeat::sheet`].
    pub fn seal_review(&self, instance: &str) -> Result<SealReview, ClientError> {
        self.form(instance, |form, pen| expert::seal_review(form, pen))
    }

    /// Seals the sheet of a round.
    ///
    /// # Errors
    /// A gap, a key that this client can't check, a disk that takes nothing, no line, a wrong PIN.
    pub fn seal(&self, instance: String, pin: &str) -> Result<(), ClientError> {
        self.personally(pin, move |desk, booth, token, _| {
            booth.seal(desk, &instance, &token.personal)
        })
    }

    /// As leader, closes a round in which everybody sealed.
    ///
    /// # Errors
    /// Somebody has not sealed, no line, a wrong PIN.
    pub fn close_round(&self, instance: String, pin: &str) -> Result<(), ClientError> {
        self.personally(pin, move |desk, _, token, name| {
            match expert::close_round(desk, &instance, name, &token.personal)? {
                Some(sent) => taken(sent),
                None => Err(ClientError::check(
                    "本轮还不能关闭",
                    "the round can't be closed yet",
                )),
            }
        })
    }

    /// Signs the report, with a dissent or without.
    ///
    /// # Errors
    /// No report, no line, a wrong PIN.
    pub fn sign_report(&self, dissent: Option<String>, pin: &str) -> Result<(), ClientError> {
        self.personally(pin, move |desk, _, token, name| {
            taken(expert::sign_report(desk, name, dissent, &token.personal)?)
        })
    }
}

/// Date and time of the centre to ten minutes: a picture that is at hand serves for so long.
fn stamp(clock: &ClockFace) -> String {
    let local = clock.centre.saturating_add_signed(i64::from(clock.zone) * 60_000) / 600_000 * 600;
    let at = i64::try_from(local)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    at.map_or_else(String::new, |at| {
        format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
    })
}
