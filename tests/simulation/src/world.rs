//! Everybody at once: the cast, the centre on stores in memory, and the order of turns.

use crate::memory_link::{MemoryLinks, Net};
use crate::seeded::{Seeded, SimClock};
use centre::{Centre, CentreKeys, CentreSetting, StoreFactory};
use client::ClientError;
use client::rehearsal::{Cast, Ports, Progress, Scenario, Seated, turn};
use record::{Millis, Origin};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use storage::{MemoryBlobs, MemoryRecordStore, RecordStore, StoreError};

/// The day on which every simulation begins: 2026-03-02 09:00 in China.
const START: Millis = 1_772_413_200_000;
/// How long bids are taken.
const BIDDING: Millis = 120_000;
/// Most rounds of turns; a run that needs more is stuck.
pub(crate) const MAX_ROUNDS: usize = 400;

/// The project's sample package.
pub fn sample_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/procurement")
}

/// Stores that survive a restart of the centre.
#[derive(Default)]
pub(crate) struct Disks(pub(crate) Mutex<BTreeMap<Origin, MemoryRecordStore>>);

impl StoreFactory for Disks {
    fn open(&self, origin: &Origin) -> Result<Box<dyn RecordStore>, StoreError> {
        let mut disks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Box::new(disks.entry(*origin).or_default().reopen()))
    }

    fn list(&self) -> Result<Vec<Origin>, StoreError> {
        Ok(self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keys()
            .copied()
            .collect())
    }
}

/// What a run left behind.
pub struct Outcome {
    /// Full archive package.
    pub full: Vec<u8>,
    /// Public archive package.
    pub public: Vec<u8>,
    /// Rounds of turns it took.
    pub rounds: usize,
}

/// A world.
pub struct World {
    /// The people.
    pub cast: Cast,
    /// Clock of everybody.
    pub clock: SimClock,
    /// The net.
    pub net: Arc<Net>,
    /// Seats at work, by name.
    pub seats: BTreeMap<String, Seated>,
    /// Seats that get no turn: switched off, or with their line cut.
    pub switched_off: BTreeSet<String>,
    /// How far the centre's clock is ahead of everybody's (milliseconds; behind when negative).
    pub centre_ahead: Arc<AtomicI64>,
    /// CA roots that the centre trusts, from its next start on.
    pub roots: Vec<Vec<u8>>,
    pub(crate) ports: Ports,
    pub(crate) disks: Arc<Disks>,
    pub(crate) blobs: Arc<MemoryBlobs>,
    pub(crate) seed: u64,
    order: Seeded,
    centre: Option<Arc<Centre>>,
    starts: u64,
    pub(crate) folder: tempfile::TempDir,
}

/// The centre's clock: everybody's, and how far it is off.
struct CentreClock(SimClock, Arc<AtomicI64>);

impl centre::Clock for CentreClock {
    fn now(&self) -> Millis {
        self.0.time().saturating_add_signed(self.1.load(Ordering::SeqCst))
    }
}

impl World {
    /// The sample evaluation under a seed, over a net that loses `loss` percent.
    ///
    /// # Errors
    /// Files that are missing.
    pub fn sample(seed: u64, loss: usize) -> Result<Self, ClientError> {
        Self::new(&Self::scenario()?, seed, loss)
    }

    /// The sample's scenario, to be changed by a test.
    ///
    /// # Errors
    /// Files that are missing.
    pub fn scenario() -> Result<Scenario, ClientError> {
        let iterations = NonZeroU32::new(10).expect("ten is not zero");
        Scenario::from_sample(&sample_folder(), START + BIDDING, iterations)
    }

    /// A world for any scenario.
    ///
    /// # Errors
    /// A scenario that does not fit.
    pub fn new(scenario: &Scenario, seed: u64, loss: usize) -> Result<Self, ClientError> {
        let cast = Cast::make(
            scenario,
            "simulation",
            &["localhost"],
            &mut Seeded::new(seed, "cast"),
        )?;
        let clock = SimClock::new(START);
        let net = Net::new(seed, loss);
        let seat_clock = clock.clone();
        let ports = Ports {
            links: Arc::new(MemoryLinks(net.clone())),
            clock: Arc::new(move || Box::new(seat_clock.clone())),
            random: Arc::new(move |name| Box::new(Seeded::new(seed, name))),
        };
        let folder = tempfile::tempdir().map_err(|e| ClientError::Format(e.to_string()))?;
        let mut world = Self {
            roots: vec![cast.root.clone()],
            cast,
            clock,
            net,
            seats: BTreeMap::new(),
            switched_off: BTreeSet::new(),
            centre_ahead: Arc::default(),
            ports,
            disks: Arc::new(Disks::default()),
            blobs: Arc::new(MemoryBlobs::new()),
            seed,
            order: Seeded::new(seed, "order"),
            centre: None,
            starts: 0,
            folder,
        };
        world.start_centre()?;
        for seat in world.cast.seats.clone() {
            let place = world.folder.path().join(&seat.name);
            std::fs::create_dir_all(&place).map_err(|e| ClientError::Format(e.to_string()))?;
            world
                .seats
                .insert(seat.name.clone(), seat.open(&place, &world.ports)?);
        }
        Ok(world)
    }

    /// Starts the centre, or starts it again: everything is rebuilt from the stores.
    ///
    /// # Errors
    /// Damaged stores.
    pub fn start_centre(&mut self) -> Result<(), ClientError> {
        let fault = |e: &dyn std::fmt::Display| ClientError::Format(e.to_string());
        // A process that starts again does not repeat its random numbers.
        self.starts += 1;
        let log = self.cast.log.unlock_ed25519()?;
        let keys =
            CentreKeys::new("centre.rehearsal", log, self.cast.act.unlock()?).map_err(|e| fault(&e))?;
        let setting = CentreSetting {
            keys,
            roots: self.roots.clone(),
            development: true,
            stores: self.disks.clone(),
            blobs: self.blobs.clone(),
            bid_blobs: centre::BidBlobLimits::default(),
            clock: Arc::new(CentreClock(self.clock.clone(), self.centre_ahead.clone())),
            random: Box::new(Seeded::new(
                self.seed,
                &format!("centre {} {}", self.clock.time(), self.starts),
            )),
        };
        let centre = Arc::new(Centre::open(setting).map_err(|e| fault(&e))?);
        self.net.connect(Some(centre.clone()));
        self.centre = Some(centre);
        Ok(())
    }

    /// The centre that runs now.
    pub fn centre(&self) -> Option<Arc<Centre>> {
        self.centre.clone()
    }

    /// Gives every seat a turn, in an order of the seed's. Returns whether anything happened.
    ///
    /// # Errors
    /// A seat that refuses to go on, with its name.
    pub fn round(&mut self) -> Result<bool, (String, ClientError)> {
        let mut names: Vec<String> = self.seats.keys().cloned().collect();
        for last in (1..names.len()).rev() {
            names.swap(last, self.order.below(last + 1));
        }
        let mut acted = false;
        for name in names {
            self.clock.advance(20);
            if self.switched_off.contains(&name) {
                continue;
            }
            let Some(seat) = self.seats.get_mut(&name) else {
                continue;
            };
            let progress = match seat {
                Seated::Desk(desk, part) => turn(desk, &mut **part),
                Seated::Bidder(bidder) => bidder.step(),
                Seated::LogWitness(witness) => match witness.round(Duration::ZERO) {
                    Ok(0) => Ok(Progress::Waiting),
                    Ok(_) => Ok(Progress::Acted),
                    Err(error) if error.is_passing() => Ok(Progress::Waiting),
                    Err(error) => Err(error),
                },
            };
            acted |= progress.map_err(|error| (name, error))? == Progress::Acted;
        }
        if let Some(centre) = &self.centre {
            acted |= centre
                .tick()
                .map_err(|e| ("centre".to_owned(), ClientError::Format(e.to_string())))?;
        }
        Ok(acted)
    }

    /// Runs until the record is archived and its last act cosigned; then fetches both packages.
    ///
    /// # Errors
    /// A seat that refuses, or a run that is stuck.
    pub fn run(&mut self) -> Result<Outcome, (String, ClientError)> {
        for rounds in 1..=MAX_ROUNDS {
            let acted = self.round()?;
            if let Some(outcome) = self.packages(rounds) {
                return Ok(outcome);
            }
            if !acted {
                self.clock.advance(2_000); // nothing to do but wait: for the deadline, or a window
            }
        }
        let why = format!(
            "stuck after {MAX_ROUNDS} rounds, last acts: {}",
            self.last_acts(20).join(", ")
        );
        Err(("world".to_owned(), ClientError::check(why.clone(), why)))
    }

    /// Types of the last acts that the clerk's replica holds, for messages.
    pub fn last_acts(&self, count: usize) -> Vec<String> {
        let Some(Seated::Desk(clerk, _)) = self.seats.get("clerk") else {
            return Vec::new();
        };
        let entries = clerk.replica.entries();
        let last = entries.iter().skip(entries.len().saturating_sub(count));
        last.map(|entry| match &entry.leaf {
            record::Leaf::Header { header, .. } => {
                format!("{} {}@{}", entry.index, header.kind, header.instance)
            }
            record::Leaf::Hash(_) => format!("{} ?", entry.index),
        })
        .collect()
    }

    /// Both packages, once there is something to pack.
    pub fn packages(&self, rounds: usize) -> Option<Outcome> {
        let Some(Seated::Desk(clerk, _)) = self.seats.get("clerk") else {
            return None;
        };
        clerk.replica.state().archived()?;
        let origin = self.cast.origin;
        let full = clerk.link.archive(&origin, "full").ok()?;
        let public = clerk.link.archive(&origin, "public").ok()?;
        Some(Outcome { full, public, rounds })
    }
}
