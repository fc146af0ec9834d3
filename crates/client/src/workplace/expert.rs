//! The booth PC behind the expert's window: who sits here, the forms of the rounds, the cadence of the snapshots.

use crate::author::{Author, PersonalKey};
use crate::checks::check_key;
use crate::desk::{Desk, Sent};
use crate::drafts::{Cadence, Pen};
use crate::error::ClientError;
use crate::rehearsal::{Identity, Links};
use crate::roles::expert::{self, Form, Written};
use crate::roles::new_pc::{self, WentBack};
use crate::workplace::moving::{Moving, Opened};
use crate::workplace::seat_file::Token;
use evaluation::CodeName;
use protocol::window::{ExpertView, NamedPage};
use protocol::{ErrorBody, ErrorCode};
use record::{DeviceId, PublicKey};
use sealing::provider::KeyProvider;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use storage::StoreError;

/// The pen of who sits here, so that neither reading nor writing a score waits for the line.
pub(crate) type Hands = Arc<Mutex<Option<Pen>>>;

/// A booth PC.
pub(crate) struct Booth {
    pub(crate) booth: String,
    pub(crate) device: DeviceId,
    pub(crate) cadence: Cadence,
    pub(crate) every: u64,
    pub(crate) folder: PathBuf,
    pub(crate) links: Arc<dyn Links>,
    pub(crate) hands: Hands,
    pub(crate) sitting: Option<Sitting>,
    /// A new PC on its way into the place of the old one.
    pub(super) moving: Option<Moving>,
    /// The seat is another PC's by now, as the last one found who wanted to take it here.
    pub(super) foreign: bool,
    /// What this PC went back to, where it took another one's place.
    pub(super) back: Option<WentBack>,
    pub(crate) forms: Arc<Vec<Form>>,
    pub(crate) pages: Vec<NamedPage>,
    at: (u64, usize),
}

/// Who sits here.
pub(crate) struct Sitting {
    pub(crate) name: CodeName,
    pub(super) vault_key: [u8; 65],
}

impl Booth {
    pub(crate) fn new(
        booth: String,
        device: DeviceId,
        every: u64,
        folder: PathBuf,
        links: Arc<dyn Links>,
        hands: Hands,
    ) -> Self {
        Self {
            booth,
            device,
            cadence: Cadence::new(every),
            every,
            folder,
            links,
            hands,
            sitting: None,
            moving: None,
            foreign: false,
            back: None,
            forms: Arc::default(),
            pages: Vec::new(),
            at: (0, 0),
        }
    }

    /// Takes the seat: the ticket must be the one drawn to this booth, the token opens the vault and signs the binding.
    /// After a restart the same ticket and PIN open the same vault. The data key, once the member sits here; a new PC
    /// goes back to its snapshot first.
    pub(crate) fn check_in(
        &mut self,
        desk: &mut Desk,
        ticket: &str,
        token: Token,
    ) -> Result<Option<[u8; 32]>, ClientError> {
        let name = self.line_of_ticket(desk, ticket)?;
        let Opened {
            data_key,
            mut vault,
            key,
        } = self.unlock(desk, &token)?;
        let new = PublicKey(key.public_key());
        let bound = |desk: &Desk| {
            let line = desk.replica.state().committee().lines.get(&name);
            line.and_then(|line| line.binding.clone())
        };
        if bound(desk).is_none() {
            let own = expert::evaluation_key(&mut vault, &mut *desk.random)?;
            let author = Author::new(own, self.device);
            taken(expert::bind(desk, &author, &self.booth, &name, &token.personal)?)?;
            desk.sync()?;
        }
        let mut went_back = None;
        if let Some(binding) = bound(desk) {
            self.foreign = binding.key != new;
            if binding.retired.contains(&new) {
                return Err(ClientError::SeatMoved);
            }
            if self.foreign {
                return Err(ClientError::check(
                    "该代号已绑定另一台电脑，须由场所管理员更换",
                    "this line is bound to another PC: the site desk replaces the key",
                ));
            }
            went_back = new_pc::went_back(&vault, &new)?;
            if !binding.retired.is_empty() && went_back.is_none() {
                return self.resume(desk, name, data_key, new, token);
            }
        }
        desk.vault = vault;
        let link = self.links.link(Identity::Key(&key, None));
        expert::take_over(desk, key, self.device, link);
        self.sit(name, data_key, token.vault.public_key(), went_back)?;
        Ok(Some(data_key))
    }

    /// Forms are made anew at the next look.
    pub(super) fn look_anew(&mut self) {
        self.at = (0, 0);
    }

    /// The name, once somebody sits here.
    pub(crate) fn name(&self) -> Result<CodeName, ClientError> {
        let sitting = self.sitting.as_ref();
        sitting
            .map(|sitting| sitting.name.clone())
            .ok_or_else(|| ClientError::check("本机无人就座", "nobody sits here"))
    }

    /// Accepts rounds whose key holds, and keeps the snapshots at their cadence; takes the next step of a new PC. The
    /// data key, when that seats a member.
    pub(crate) fn chores(&mut self, desk: &mut Desk) -> Result<Option<[u8; 32]>, ClientError> {
        let Some(sitting) = &self.sitting else {
            return self.follow(desk);
        };
        let rounds = desk.replica.state().rounds().iter();
        let open = rounds.filter(|(_, round)| round.closed.is_none());
        let open: Vec<String> = open.map(|(instance, _)| instance.clone()).collect();
        for instance in open {
            if !self.cadence.is_accepted(&desk.vault, &instance)? {
                if check_key(&desk.replica, &instance).is_err() {
                    continue;
                }
                let now = desk.centre_now();
                self.cadence.accept(&mut desk.vault, &instance, now)?;
            }
            self.cadence
                .keep(desk, &sitting.name, &instance, &sitting.vault_key)?;
        }
        Ok(None)
    }

    /// Forms are made anew when the record grew or was cosigned further.
    fn renew_forms(&mut self, desk: &Desk) {
        let at = (
            desk.replica.state().size() + desk.replica.cosigned_size(),
            self.pages.len(),
        );
        let Some(sitting) = self.sitting.as_ref().filter(|_| at != self.at) else {
            return;
        };
        let names = expert::bidder_lines(desk);
        let instances = desk.replica.state().rounds().keys();
        let forms = instances.filter_map(|instance| Form::of(desk, instance, &names, &sitting.name));
        let pages = |form: Form| form.with_pages(self.pages.clone());
        self.forms = Arc::new(forms.map(pages).collect());
        self.at = at;
    }

    pub(crate) fn view(&mut self, desk: &Desk) -> Result<ExpertView, ClientError> {
        self.renew_forms(desk);
        let drawn = expert::line_of_booth(desk, &self.booth);
        let bound = drawn.as_ref().is_some_and(|(_, bound)| *bound);
        let drawn = drawn.map(|(name, _)| name);
        let seated = self.sitting.is_some();
        // The pen is held for the counting alone: what else is shown may wait for the line.
        let written = match lock(&self.hands).as_ref().filter(|_| seated) {
            Some(pen) => Written::of(&self.forms, pen)?,
            None => Written::default(),
        };
        let mut view = expert::view(desk, drawn.as_ref(), seated, &self.forms, &written);
        self.show_move(bound, &mut view);
        Ok(view)
    }

    /// Cells that are in memory alone, and why the disk does not take them.
    pub(crate) fn unwritten(&self) -> (usize, Option<StoreError>) {
        let hands = lock(&self.hands);
        hands
            .as_ref()
            .map_or((0, None), |pen| (pen.unwritten(), pen.fault().cloned()))
    }

    /// Tries again what the disk refused.
    pub(crate) fn retry(&self) {
        if let Some(pen) = lock(&self.hands).as_mut() {
            pen.retry();
        }
    }

    /// Seals the sheet of a round under a key that is checked now.
    pub(crate) fn seal(
        &self,
        desk: &mut Desk,
        instance: &str,
        personal: &PersonalKey,
    ) -> Result<(), ClientError> {
        let form = self.forms.iter().find(|form| form.instance() == instance);
        let form = form.ok_or_else(|| ClientError::check("没有这一轮", "no such round"))?;
        // Before anything is signed: all that was typed is on the disk, and the disk takes what is to be signed.
        if let Some(pen) = lock(&self.hands).as_mut() {
            pen.prove()?;
        }
        if !expert::sheet(form, &desk.vault)?.gaps.is_empty() {
            return Err(ClientError::check("评审表尚未填完", "the sheet is not complete"));
        }
        let permit = check_key(&desk.replica, instance)?;
        taken(expert::seal(desk, &permit, &self.name()?, personal)?)
    }
}

/// An act that the centre refused is told as such.
pub(crate) fn taken(sent: Sent) -> Result<(), ClientError> {
    match sent {
        Sent::Acknowledged(_) => Ok(()),
        Sent::Refused(why) => Err(ClientError::Centre(ErrorBody {
            error: ErrorCode::Refused,
            refusal: why
                .split(' ')
                .next()
                .filter(|code| code.starts_with("C-"))
                .map(str::to_owned),
            detail: why,
        })),
    }
}

/// The pen, whoever panicked before.
pub(crate) fn lock(hands: &Mutex<Option<Pen>>) -> std::sync::MutexGuard<'_, Option<Pen>> {
    hands.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
