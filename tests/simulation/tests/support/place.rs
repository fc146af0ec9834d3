//! A booth's PC in a world: its workplace behind the same commands that windows call, with a clock and a disk of its
//! own that can be meddled with.
#![allow(dead_code, reason = "each test file takes what it needs")]

use client::ClientError;
use client::ports::Clock;
use client::rehearsal::Ports;
use client::workplace::{OpenSeat, Workplace};
use conclave_simulation::{SimClock, World};
use documents::{Limits, Reader};
use evaluation::CodeName;
use protocol::window::{CellInput, ExpertView, RoundState, Status};
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long something may take before the test gives up: only a failing test waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a window is told: something changed.
#[derive(Default)]
struct Bell {
    rung: Mutex<bool>,
    told: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.told.notify_all();
    }

    /// Until it rings, or a moment has passed: the world around the PC has to go on too.
    fn wait(&self) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        let moment = Duration::from_millis(10);
        let waited = self.told.wait_timeout_while(rung, moment, |rung| !*rung);
        *waited.unwrap_or_else(PoisonError::into_inner).0 = false;
    }
}

/// The PC's own clock: everybody's, and how far it is off, milliseconds.
struct PcClock(SimClock, Arc<AtomicI64>);

impl Clock for PcClock {
    fn now(&self) -> record::Millis {
        self.0.time().saturating_add_signed(self.1.load(Ordering::SeqCst))
    }
}

/// A booth's PC.
pub(crate) struct Pc {
    pub(crate) seat: String,
    pub(crate) folder: PathBuf,
    pub(crate) clock: Arc<AtomicI64>,
    ports: Ports,
    bell: Arc<Bell>,
    workplace: Option<Workplace>,
    _disk: tempfile::TempDir,
}

impl Pc {
    /// The cell at a place of the sheet, with a reason that tells it from every other.
    pub(crate) fn cell(&self, place: usize, reason: &str) -> CellInput {
        let sheet = self.open().sheet(ROUND).expect("the round is open");
        let criteria = sheet.criteria.len();
        CellInput {
            instance: ROUND.to_owned(),
            bidder: sheet.bidders[place / criteria].bidder.clone(),
            criterion: sheet.criteria[place % criteria].id.clone(),
            value: Some("fail".to_owned()),
            reason: reason.to_owned(),
        }
    }

    /// A PC that is furnished for a seat of the cast, with nothing else on its disk, and switched on.
    pub(crate) fn new(world: &World, seat: &str) -> Self {
        let disk = tempfile::tempdir().expect("a folder");
        let furnishing = world.cast.furnish(seat).expect("it can be written");
        furnishing
            .expect("a seat with a window")
            .write(disk.path())
            .expect("an empty disk");
        let clock = Arc::new(AtomicI64::new(0));
        let (time, off) = (world.clock.clone(), clock.clone());
        let ports = Ports {
            clock: Arc::new(move || Box::new(PcClock(time.clone(), off.clone()))),
            random: Arc::new(|_| Box::new(client::ports::SystemRandom)),
            ..world.ports().clone()
        };
        let mut pc = Self {
            seat: seat.to_owned(),
            folder: disk.path().to_owned(),
            clock,
            ports,
            bell: Arc::default(),
            workplace: None,
            _disk: disk,
        };
        pc.switch_on();
        pc
    }

    /// Starts the program and takes the seat, as after a power cut.
    pub(crate) fn switch_on(&mut self) {
        let (ports, bell) = (self.ports.clone(), self.bell.clone());
        let reader = Reader::new(env!("CARGO_BIN_EXE_simulation-document-child"), Limits::default());
        let workplace = Workplace::new(
            &self.folder,
            Box::new(move |_, _| ports.clone()),
            Arc::new(move || bell.ring()),
        );
        let workplace = workplace.reading_with(reader);
        workplace.take_seat(&self.seat, "").expect("the seat is free");
        self.workplace = Some(workplace);
    }

    /// The program ends in the midst of what it does: nobody said goodbye, nothing is finished.
    pub(crate) fn kill(&mut self) {
        self.workplace = None;
        let since = Instant::now();
        // Its threads hold the bell; the next program may start when they are gone, as after a real end.
        while Arc::strong_count(&self.bell) > 1 {
            assert!(since.elapsed() < PATIENCE, "the old program does not end");
            self.bell.wait();
        }
    }

    pub(crate) fn open(&self) -> Arc<OpenSeat> {
        let workplace = self.workplace.as_ref().expect("switched on");
        workplace.seat().expect("the seat is taken")
    }

    pub(crate) fn status(&self) -> Status {
        self.open().status().expect("a desk")
    }

    pub(crate) fn view(&self) -> ExpertView {
        self.open().expert_view().expect("an expert's desk")
    }

    /// Codes of the notices that are shown.
    pub(crate) fn notices(&self) -> Vec<String> {
        let notices = self.status().notices;
        notices.into_iter().map(|notice| notice.problem.code).collect()
    }

    /// Waits while the world stands still.
    #[track_caller]
    pub(crate) fn until(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !holds(self) {
            assert!(since.elapsed() < PATIENCE, "{what}: {:?}", self.status());
            self.bell.wait();
        }
    }

    /// Waits while the others go on.
    #[track_caller]
    pub(crate) fn until_in(&self, world: &mut World, what: &str, holds: impl Fn(&Self, &World) -> bool) {
        let since = Instant::now();
        while !holds(self, world) {
            assert!(since.elapsed() < PATIENCE, "{what}: {:?}", self.status());
            match world.round() {
                Ok(true) => {}
                Ok(false) => world.clock.advance(2_000),
                Err((seat, error)) => panic!("{what}: {seat}: {error}"),
            }
            self.bell.wait();
        }
    }

    pub(crate) fn offered(&self, action: &str) -> bool {
        let offers = self.view().offers;
        offers
            .iter()
            .any(|offer| offer.action == action && offer.why_not.is_none())
    }

    /// Does what is offered, once it is; until it is offered no more.
    #[track_caller]
    pub(crate) fn act(
        &self,
        world: &mut World,
        action: &str,
        act: impl Fn(&OpenSeat) -> Result<(), ClientError>,
    ) {
        self.until_in(world, action, |pc, _| pc.offered(action));
        loop {
            match act(&self.open()) {
                Ok(()) => break,
                Err(error) if error.is_passing() => drop(world.round()),
                Err(error) => panic!("{action}: {error}"),
            }
        }
        self.until_in(world, action, |pc, _| !pc.offered(action));
    }
}

/// Who sits at the PC.
#[derive(Clone)]
pub(crate) struct Sitter {
    pub(crate) line: CodeName,
    pub(crate) ticket: String,
    pub(crate) pin: String,
}

impl Sitter {
    /// Takes the seat again, after a restart of its PC.
    pub(crate) fn check_in(&self, pc: &Pc, world: &mut World) {
        pc.act(world, "check_in", |seat| {
            seat.check_in(self.ticket.clone(), &self.pin)
        });
    }
}

/// A booth of whoever the draw sent there: its seat, and who that is. From then on the other booths go on, and this one
/// waits for its person.
pub(crate) fn drawn(world: &mut World) -> (String, Sitter) {
    let booths = world.seats.keys().filter(|name| name.starts_with("booth-"));
    world.switched_off = booths.cloned().collect();
    crate::support::go(world, |world| !world.state().committee().lines.is_empty());
    let lines = &world.state().committee().lines;
    let expert = lines
        .iter()
        .find(|(_, line)| line.role == evaluation::Role::Expert);
    let (name, ticket) = expert
        .map(|(name, line)| (name.clone(), line.ticket.clone()))
        .expect("an expert");
    let booth = world.booth_of(&name).expect("a booth");
    let furnishing = world.cast.furnish(&booth).expect("it can be written");
    let pins = furnishing.expect("a booth has a window").pins;
    let pin = pins[&format!("ticket {ticket}")].clone();
    world.switched_off = [booth.clone()].into();
    let sitter = Sitter {
        line: name,
        ticket,
        pin,
    };
    (booth, sitter)
}

pub(crate) const ROUND: &str = "conformity/1";

/// A person at a booth's PC, with the first round open before them. The other booths stand still from then on.
pub(crate) fn seated(world: &mut World) -> (Pc, Sitter) {
    let (booth, sitter) = drawn(world);
    let pc = Pc::new(world, &booth);
    let pin = sitter.pin.clone();
    sitter.check_in(&pc, world);
    pc.act(world, "promise", |seat| seat.promise(&pin));
    pc.until_in(world, "somebody who may lead", |pc, _| votable(pc).is_some());
    let vote = votable(&pc).expect("it was waited for");
    let leader = vote.trim_start_matches("vote_leader:");
    pc.act(world, &vote, |seat| seat.vote_leader(leader));
    pc.act(world, "declare_avoidance", |seat| {
        seat.declare_avoidance(Vec::new(), &pin)
    });
    pc.until_in(world, "the round", |pc, _| round_open(pc));
    let others = world.seats.keys().filter(|name| name.starts_with("booth-"));
    world.switched_off = others.cloned().collect();
    (pc, sitter)
}

/// The first vote that is offered.
fn votable(pc: &Pc) -> Option<String> {
    let offers = pc.view().offers.into_iter();
    let mut votes = offers.filter(|offer| offer.action.starts_with("vote_leader:"));
    votes
        .find(|offer| offer.why_not.is_none())
        .map(|offer| offer.action)
}

pub(crate) fn round_open(pc: &Pc) -> bool {
    let rounds = pc.view().rounds;
    let round = rounds.iter().find(|round| round.instance == ROUND);
    round.is_some_and(|round| matches!(round.state, RoundState::Open | RoundState::Sealed))
}
