//! What tests do to a world: run up to a moment, look into it, put old disks back.

use crate::seeded::Seeded;
use crate::world::{MAX_ROUNDS, World};
use client::author::Author;
use client::link::Link;
use client::rehearsal::{BidderPart, Identity, Links, Ports, Seated};
use client::{ClientError, Desk};
use evaluation::State;
use record::{BlobRef, Disclosed, Entry, Header, Leaf, Origin};
use sealing::Random;
use sealing::sign::SigningKeyPair;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};
use storage::{MemoryBlobs, MemoryRecordStore, RecordStore as _};

/// The centre's record stores as they were at a moment.
pub struct Backup(BTreeMap<Origin, MemoryRecordStore>);

impl World {
    /// Runs until the condition holds.
    ///
    /// # Errors
    /// A seat that refuses, or a run that never comes there.
    pub fn run_until(&mut self, done: impl Fn(&World) -> bool) -> Result<(), (String, ClientError)> {
        for _ in 0..MAX_ROUNDS {
            if done(self) {
                return Ok(());
            }
            if !self.round()? {
                self.clock.advance(2_000); // nothing to do but wait
            }
        }
        let why = format!("never came there; last acts: {}", self.last_acts(20).join(", "));
        Err(("world".to_owned(), ClientError::check(why.clone(), why)))
    }

    /// Gives everybody so many turns.
    ///
    /// # Errors
    /// A seat that refuses.
    pub fn rounds(&mut self, count: usize) -> Result<(), (String, ClientError)> {
        for _ in 0..count {
            if !self.round()? {
                self.clock.advance(2_000);
            }
        }
        Ok(())
    }

    /// The desk of a seat.
    ///
    /// # Panics
    /// When there is no such seat, or it has no desk.
    pub fn desk(&self, name: &str) -> &Desk {
        match self.seats.get(name) {
            Some(Seated::Desk(desk, _)) => desk,
            _ => panic!("{name} has no desk"),
        }
    }

    /// The desk of a seat, to act at.
    ///
    /// # Panics
    /// As [`World::desk`].
    pub fn desk_mut(&mut self, name: &str) -> &mut Desk {
        match self.seats.get_mut(name) {
            Some(Seated::Desk(desk, _)) => desk,
            _ => panic!("{name} has no desk"),
        }
    }

    /// A bidder.
    ///
    /// # Panics
    /// When there is no such bidder.
    pub fn bidder(&self, name: &str) -> &BidderPart {
        match self.seats.get(name) {
            Some(Seated::Bidder(bidder)) => bidder,
            _ => panic!("{name} is no bidder"),
        }
    }

    /// State as the clerk's client has folded it.
    pub fn state(&self) -> &State {
        self.desk("clerk").replica.state()
    }

    /// How many acts of a type the clerk's client knows.
    pub fn count(&self, kind: &str) -> usize {
        let entries = self.desk("clerk").replica.entries().iter();
        let of_kind = entries.filter(|entry| match &entry.leaf {
            Leaf::Header { header, .. } => header.kind == kind,
            Leaf::Hash(_) => false,
        });
        of_kind.count()
    }

    /// Acts in the centre's store.
    pub fn size(&self) -> u64 {
        let disks = self.disks.0.lock().unwrap_or_else(PoisonError::into_inner);
        disks
            .get(&self.cast.origin)
            .and_then(|store| store.len().ok())
            .unwrap_or(0)
    }

    /// The leaves in the centre's store, whole, without openings.
    ///
    /// # Panics
    /// When the store is damaged.
    pub fn stored_entries(&self) -> Vec<Entry> {
        let disks = self.disks.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(store) = disks.get(&self.cast.origin) else {
            return Vec::new();
        };
        let stored = store.read(0, u32::MAX).expect("the store is whole");
        let entries = stored.into_iter().map(|act| Entry {
            index: act.index,
            time: act.time,
            leaf: Leaf::Header {
                header: Header::decode(&act.header).expect("the store is whole"),
                commitment: act.commitment,
                signature: act.signature,
            },
            disclosed: act.body.map(|body| Disclosed { salt: act.salt, body }),
            openings: BTreeMap::new(),
        });
        entries.collect()
    }

    /// The seat of the booth to which a line was drawn.
    pub fn booth_of(&self, line: &evaluation::CodeName) -> Option<String> {
        let booth = &self.state().committee().lines.get(line)?.booth;
        self.cast.seats.iter().find_map(|seat| match &seat.post {
            client::rehearsal::Post::Booth { booth: own, .. } if own == booth => Some(seat.name.clone()),
            _ => None,
        })
    }

    /// A link that speaks as a key, or as nobody.
    pub fn link(&self, key: Option<&SigningKeyPair>) -> Box<dyn Link> {
        match key {
            Some(key) => self.ports.links.link(Identity::Key(key, None)),
            None => self.ports.links.link(Identity::Anonymous),
        }
    }

    /// A link that speaks as a desk's author.
    pub fn link_as(&self, author: &Author) -> Box<dyn Link> {
        self.link(Some(author.key()))
    }

    /// The outside of its seats.
    pub fn ports(&self) -> &Ports {
        &self.ports
    }

    /// Folder of a seat.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Opens a seat again from its folder, as after a restart of its PC.
    ///
    /// # Errors
    /// A damaged vault.
    ///
    /// # Panics
    /// When there is no such seat.
    pub fn reopen(&mut self, name: &str) -> Result<(), ClientError> {
        self.reopen_over(name, self.ports.links.clone())
    }

    /// As [`World::reopen`], on other links to the centre.
    ///
    /// # Errors
    /// A damaged vault.
    ///
    /// # Panics
    /// When there is no such seat.
    pub fn reopen_over(&mut self, name: &str, links: Arc<dyn Links>) -> Result<(), ClientError> {
        self.seats.remove(name);
        let place = self.folder(name);
        std::fs::create_dir_all(&place).map_err(|e| ClientError::Format(e.to_string()))?;
        // A process that starts again does not repeat its random numbers.
        let (seed, time) = (self.seed, self.clock.time());
        let random = move |name: &str| -> Box<dyn Random + Send> {
            Box::new(Seeded::new(seed, &format!("{name} {time}")))
        };
        let ports = Ports {
            links,
            random: Arc::new(random),
            ..self.ports.clone()
        };
        let seat = self
            .cast
            .seat(name)
            .unwrap_or_else(|| panic!("{name} is no seat"))
            .open(&place, &ports)?;
        self.seats.insert(name.to_owned(), seat);
        Ok(())
    }

    /// A copy of the centre's record stores.
    pub fn back_up(&self) -> Backup {
        let disks = self.disks.0.lock().unwrap_or_else(PoisonError::into_inner);
        Backup(
            disks
                .iter()
                .map(|(origin, store)| (*origin, store.snapshot()))
                .collect(),
        )
    }

    /// Puts an old copy back and starts the centre on it.
    ///
    /// # Errors
    /// Damaged stores.
    pub fn put_back(&mut self, backup: &Backup) -> Result<(), ClientError> {
        let copies = backup
            .0
            .iter()
            .map(|(origin, store)| (*origin, store.snapshot()))
            .collect();
        *self.disks.0.lock().unwrap_or_else(PoisonError::into_inner) = copies;
        self.start_centre()
    }

    /// How many blobs the centre keeps.
    pub fn blobs(&self) -> usize {
        self.blobs.contents().len()
    }

    /// The folder with the centre's blobs is gone; the centre starts on what is left.
    ///
    /// # Errors
    /// Damaged stores.
    pub fn lose_blobs(&mut self) -> Result<(), ClientError> {
        self.blobs = Arc::new(MemoryBlobs::new());
        self.start_centre()
    }

    /// Every byte string on the centre's disks, blobs included.
    pub fn disk_contents(&self) -> Vec<Vec<u8>> {
        let disks = self.disks.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut contents: Vec<Vec<u8>> = disks.values().flat_map(MemoryRecordStore::contents).collect();
        contents.extend(self.blobs.contents());
        contents
    }

    /// Damages a blob on the centre's disk.
    pub fn damage_blob(&self, blob: &BlobRef) -> bool {
        self.blobs.damage(blob)
    }
}
