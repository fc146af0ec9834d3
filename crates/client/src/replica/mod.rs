//! A verified copy of the record: every leaf checked, every checkpoint held against the tree, what is known folded.
//!
//! A replica believes nothing: leaves must carry their author's signature, checkpoints the anchored log key, and
//! a checkpoint that contradicts the tree stops everything ([`ClientError::Unsound`]).

mod kept;

pub(crate) use kept::leaf_key;

use crate::error::ClientError;
use crate::link::Link;
use audit::WitnessHistory;
use audit::anchors::{Anchors, Cosigned};
use evaluation::{Act, Blobs, State, catalogue};
use protocol::{FeedItem, ReplacedWitness};
use record::{
    BlobRef, Digest, Entry, Leaf, Millis, Origin, PublicKey, Seen, SignedCheckpoint, VerifiedLeaf,
    origin_line, verify_entry,
};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use storage::{StoreError, Vault};

/// Most blobs kept in memory for the fold.
const MAX_CACHED: usize = 256;

/// What of the record this seat holds.
pub struct Replica {
    origin: Origin,
    anchors: Anchors,
    witnesses: WitnessHistory,
    entries: Vec<Entry>,
    state: State,
    cursor: String,
    cosigned: Option<SignedCheckpoint>,
    /// Newest checkpoint that agrees with this copy, whatever cosignatures it has.
    newest: Option<SignedCheckpoint>,
    /// Leaves of pages that came whole and without contradiction.
    settled: usize,
    /// Whether the centre says that it lacks bytes.
    lacking: bool,
    /// The centre's time at its last answer.
    told: Option<Millis>,
    /// Why the last page could not be kept; it is, with the next one that can.
    unkept: Option<StoreError>,
    over_deadline: Option<SignedCheckpoint>,
    /// Leaves of which more became known since the last keeping.
    reopened: BTreeSet<u64>,
    blobs: RefCell<BTreeMap<Digest, Vec<u8>>>,
}

/// Blobs for the fold: the cache, else the link.
struct Fetching<'a> {
    cache: &'a RefCell<BTreeMap<Digest, Vec<u8>>>,
    link: &'a dyn Link,
    origin: &'a Origin,
}

impl Blobs for Fetching<'_> {
    fn blob(&self, blob: &BlobRef) -> Option<Vec<u8>> {
        if let Some(bytes) = self.cache.borrow().get(&blob.digest) {
            return Some(bytes.clone());
        }
        let bytes = self.link.blob_get(self.origin, &blob.digest).ok()?;
        let right = bytes.len() as u64 == blob.size && Digest::of(&bytes) == blob.digest;
        if !right {
            return None;
        }
        let mut cache = self.cache.borrow_mut();
        if cache.len() >= MAX_CACHED {
            cache.pop_first();
        }
        cache.insert(blob.digest, bytes.clone());
        Some(bytes)
    }
}

impl Replica {
    /// An empty replica of a record.
    pub fn new(origin: Origin, anchors: Anchors) -> Self {
        Self {
            origin,
            witnesses: WitnessHistory::anchored(&anchors),
            anchors,
            entries: Vec::new(),
            state: State::new(),
            cursor: String::new(),
            cosigned: None,
            newest: None,
            settled: 0,
            lacking: false,
            told: None,
            unkept: None,
            over_deadline: None,
            reopened: BTreeSet::new(),
            blobs: RefCell::new(BTreeMap::new()),
        }
    }

    /// The record.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// Local anchors.
    pub fn anchors(&self) -> &Anchors {
        &self.anchors
    }

    /// State folded from what is known.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Every leaf, with what is known of it.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Where the feed goes on.
    pub fn cursor(&self) -> &str {
        &self.cursor
    }

    /// Reads the feed from the beginning again, as another caller: a cursor belongs to one key.
    pub fn restart(&mut self) {
        *self = self.anew();
    }

    /// Head as seen, for acts.
    pub fn seen(&self) -> Seen {
        Seen {
            size: self.state.size(),
            root: self.state.root(),
        }
    }

    /// The largest checkpoint with w anchored cosignatures that this seat has verified.
    pub fn cosigned(&self) -> Option<&SignedCheckpoint> {
        self.cosigned.as_ref()
    }

    /// The newest checkpoint of the log that agrees with this copy.
    pub fn newest(&self) -> Option<&SignedCheckpoint> {
        self.newest.as_ref()
    }

    /// Whether the centre says that it lacks bytes that acts name.
    pub fn lacking(&self) -> bool {
        self.lacking
    }

    /// The centre's time as it told it with its last answer.
    pub fn told(&self) -> Option<Millis> {
        self.told
    }

    /// Why the disk does not take the leaves that came; `None`: it does.
    pub fn unkept(&self) -> Option<&StoreError> {
        self.unkept.as_ref()
    }

    /// Leaves that came without contradiction; what a page brought that then contradicted itself is not among them.
    pub(crate) fn settled(&self) -> &[Entry] {
        self.entries.get(..self.settled).unwrap_or(&self.entries)
    }

    /// Blobs at hand.
    pub(crate) fn cached(&self) -> Vec<(BlobRef, Vec<u8>)> {
        let cache = self.blobs.borrow();
        cache
            .values()
            .map(|bytes| (BlobRef::of(bytes), bytes.clone()))
            .collect()
    }

    /// An empty copy of the same record that keeps the blobs at hand.
    pub(crate) fn anew(&self) -> Self {
        Self {
            blobs: self.blobs.clone(),
            ..Self::new(self.origin, self.anchors.clone())
        }
    }

    /// Its size; 0 without one.
    pub fn cosigned_size(&self) -> u64 {
        self.cosigned.as_ref().map_or(0, |note| note.checkpoint().size)
    }

    /// The cosignatures of a checkpoint, by the anchored log witnesses in force for its size.
    pub fn cosignatures(&self, note: &SignedCheckpoint) -> Cosigned {
        self.witnesses.cosigned(note)
    }

    /// The log witness that replaced another last, where the anchors do not know it.
    pub fn unknown_witness(&self) -> Option<&str> {
        self.witnesses.unknown()
    }

    /// Proofs of the replacements of log witnesses that were confirmed to this seat.
    pub fn replaced_witnesses(&self) -> Vec<ReplacedWitness> {
        let confirmed = self.witnesses.confirming().filter_map(|(index, note)| {
            let entry = self.entries.get(usize::try_from(index).ok()?)?;
            let bare = Entry {
                openings: BTreeMap::new(),
                ..entry.clone()
            };
            Some(ReplacedWitness {
                entry: bare,
                inclusion: self.state.tree().inclusion(index, note.checkpoint().size).ok()?,
                note: note.format(),
            })
        });
        confirmed.collect()
    }

    /// Centre time of the last leaf that binds one.
    pub fn last_time(&self) -> Millis {
        self.entries
            .iter()
            .rev()
            .find(|entry| matches!(entry.leaf, Leaf::Header { .. }))
            .map_or(0, |entry| entry.time)
    }

    /// Pulls the feed to its end. Returns whether anything came.
    ///
    /// # Errors
    /// The line; [`ClientError::Unsound`] when what came contradicts.
    pub fn pull(&mut self, link: &dyn Link, vault: Option<&mut Vault>) -> Result<bool, ClientError> {
        let mut any = false;
        let mut vault = vault;
        loop {
            let feed = link.feed(&self.origin, &self.cursor)?;
            let mut refold = false;
            for item in feed.items {
                any |= self.take(item, link, &mut refold)?;
            }
            if refold {
                self.refold(link)?;
            }
            self.cursor = feed.cursor;
            self.lacking = feed.lacking;
            self.told = Some(feed.time).filter(|time| *time > 0);
            self.settled = self.entries.len();
            if let Some(vault) = vault.as_deref_mut() {
                self.keep(vault)?;
            }
            if !feed.more {
                return Ok(any);
            }
        }
    }

    fn take(&mut self, item: FeedItem, link: &dyn Link, refold: &mut bool) -> Result<bool, ClientError> {
        match item {
            FeedItem::Entry(entry) => {
                if *refold {
                    self.refold(link)?;
                    *refold = false;
                }
                self.append(entry, link)?;
                Ok(true)
            }
            FeedItem::Reopened(entry) => {
                self.reopen(entry)?;
                *refold = true;
                Ok(true)
            }
            FeedItem::Checkpoint(cosigned) => self.checkpoint(&cosigned.note),
        }
    }

    fn append(&mut self, entry: Entry, link: &dyn Link) -> Result<(), ClientError> {
        // A page that broke off in the middle (the line, while a blob was fetched) comes again from its beginning.
        let known = usize::try_from(entry.index)
            .ok()
            .and_then(|index| self.entries.get(index));
        if let Some(known) = known {
            let same = known.leaf_hash() == entry.leaf_hash();
            return same
                .then_some(())
                .ok_or_else(|| ClientError::Unsound(format!("leaf {} is another", entry.index)));
        }
        if entry.index != self.entries.len() as u64 {
            return Err(ClientError::Unsound(format!("leaf {} out of order", entry.index)));
        }
        self.fold(&entry, link)?;
        self.entries.push(entry);
        Ok(())
    }

    fn fold(&mut self, entry: &Entry, link: &dyn Link) -> Result<(), ClientError> {
        let unsound = |what: String| ClientError::Unsound(format!("leaf {}: {what}", entry.index));
        match verify_entry(entry).map_err(|e| unsound(e.to_string()))? {
            VerifiedLeaf::Full(act, index, time) => {
                let blobs = Fetching {
                    cache: &self.blobs,
                    link,
                    origin: &self.origin,
                };
                match self.state.apply(&Act::new(&act, index, time), &blobs) {
                    Ok(()) => {
                        self.witnesses.follow(self.state.witness_changes());
                        Ok(())
                    }
                    // A blob that can't be fetched now is the line's fault, not the record's.
                    Err(refusal) if refusal.code == evaluation::Code::Blob => {
                        Err(ClientError::Line(refusal.detail))
                    }
                    Err(refusal) => Err(unsound(refusal.to_string())),
                }
            }
            other => {
                self.state.pass_over(other.leaf_hash(), other.time());
                Ok(())
            }
        }
    }

    fn refold(&mut self, link: &dyn Link) -> Result<(), ClientError> {
        let before = std::mem::take(&mut self.state);
        let entries = std::mem::take(&mut self.entries);
        let folded = entries.iter().try_for_each(|entry| self.fold(entry, link));
        self.entries = entries;
        if folded.is_err() {
            self.state = before; // the page comes again, and is folded anew
        }
        folded
    }

    /// More is known of an earlier leaf; its hash must be the same.
    fn reopen(&mut self, entry: Entry) -> Result<(), ClientError> {
        let place = usize::try_from(entry.index)
            .ok()
            .and_then(|index| self.entries.get_mut(index));
        match place {
            Some(known) if known.leaf_hash() == entry.leaf_hash() => {
                self.reopened.insert(entry.index);
                *known = entry;
                Ok(())
            }
            _ => Err(ClientError::Unsound(format!(
                "reopened leaf {} is another",
                entry.index
            ))),
        }
    }

    /// Holds a checkpoint against the tree, and keeps it if w anchored log witnesses cosigned it.
    fn checkpoint(&mut self, note: &str) -> Result<bool, ClientError> {
        let unsound = |what: String| ClientError::Unsound(format!("checkpoint: {what}"));
        let note = SignedCheckpoint::parse(note.as_bytes()).map_err(|e| unsound(e.to_string()))?;
        let checkpoint = note
            .verify_log(&self.anchors.log_key)
            .map_err(|e| unsound(e.to_string()))?;
        if checkpoint.origin != origin_line(&self.origin) {
            return Err(unsound("of another record".to_owned()));
        }
        let size = checkpoint.size;
        match self.state.tree().root_at(size) {
            Ok(root) if root == checkpoint.root => {}
            Ok(_) => return Err(unsound(format!("two histories at size {size}"))),
            Err(_) => return Ok(false), // ahead of what we hold; it comes again
        }
        let has_quorum = self.witnesses.count(&note).is_quorum();
        if has_quorum {
            self.note_deadline(&note);
        }
        if self
            .newest
            .as_ref()
            .is_none_or(|known| known.checkpoint().size <= size)
        {
            self.newest = Some(note.clone());
        }
        if size <= self.cosigned_size() || !has_quorum {
            return Ok(false);
        }
        self.cosigned = Some(note);
        Ok(true)
    }

    /// Keeps the first cosigned checkpoint that covers the deadline: its cosignature times say whether the deadline
    /// was kept (protocol 5).
    fn note_deadline(&mut self, note: &SignedCheckpoint) {
        let covers = self
            .state
            .deadline_reached()
            .is_some_and(|index| note.checkpoint().size > index);
        let earlier = self
            .over_deadline
            .as_ref()
            .is_none_or(|known| note.checkpoint().size < known.checkpoint().size);
        if covers && earlier {
            self.over_deadline = Some(note.clone());
        }
    }

    /// The first cosigned checkpoint over the deadline that this seat has seen.
    pub fn deadline_note(&self) -> Option<&SignedCheckpoint> {
        self.over_deadline.as_ref()
    }

    /// Whether a leaf of a round-control type of these instances is not opened to this seat (protocol 2).
    pub fn hidden_control(&self, instances: &[&str]) -> Option<u64> {
        let hidden = |entry: &&Entry| match &entry.leaf {
            Leaf::Hash(_) => true,
            Leaf::Header { header, .. } => {
                let control = catalogue::find(&header.kind).is_none_or(|line| line.control);
                entry.disclosed.is_none() && control && instances.contains(&header.instance.as_str())
            }
        };
        self.entries.iter().find(hidden).map(|entry| entry.index)
    }

    /// The last entry of a type by an actor, at an instance.
    pub fn find(&self, kind: &str, instance: &str, actor: &PublicKey) -> Option<&Entry> {
        self.entries.iter().rev().find(|entry| match &entry.leaf {
            Leaf::Header { header, .. } => {
                header.kind == kind && header.instance == instance && header.actor == *actor
            }
            Leaf::Hash(_) => false,
        })
    }

    /// A blob that an act names, from the cache or the centre.
    ///
    /// # Errors
    /// The line, or bytes that differ from their digest.
    pub fn blob(&self, link: &dyn Link, blob: &BlobRef) -> Result<Vec<u8>, ClientError> {
        let fetching = Fetching {
            cache: &self.blobs,
            link,
            origin: &self.origin,
        };
        fetching
            .blob(blob)
            .ok_or_else(|| ClientError::Line(format!("blob {}", blob.digest)))
    }

    /// Takes a lot-key bundle in place of a feed: the same checks, no line.
    ///
    /// # Errors
    /// [`ClientError::Unsound`].
    pub fn take_bundle(
        &mut self,
        entries: &[Entry],
        confirming: &[String],
        note: &str,
        rulebook: Vec<u8>,
    ) -> Result<(), ClientError> {
        self.blobs.borrow_mut().insert(Digest::of(&rulebook), rulebook);
        for entry in entries {
            self.append(entry.clone(), &crate::link::NoLine)?;
        }
        for note in confirming {
            self.checkpoint(note)?;
        }
        self.checkpoint(note).map(drop)
    }
}
