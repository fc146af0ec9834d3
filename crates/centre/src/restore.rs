//! After an old restore: the centre is read-only until its leaves are back, byte for byte, up to the highest
//! cosigned checkpoint that any client shows (protocol 2, Restore).

use crate::error::CentreError;
use crate::record_core::RecordCore;
use evaluation::acts::archive::Recovered;
use protocol::{RestoreState, ReturnedLeaves};
use record::{Digest, Entry, Leaf, PublicKey, Seen, SignedCheckpoint, Tree, VerifiedLeaf, verify_entry};
use sealing::Random;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::RecordStore;

const META: &str = "restoring";
/// Most leaves that a rebuild holds in memory before they go into the store.
const MAX_PENDING: usize = 1 << 20;

/// What must come back, and what has.
#[derive(Clone, Debug)]
pub(crate) struct Restoring {
    /// Highest cosigned checkpoint shown.
    note: SignedCheckpoint,
    /// Size of the centre when the loss was noticed.
    from: u64,
    /// Leaves returned so far, by who returned them. What one client returns is the record as that client knows it;
    /// whose is the true one, the cosigned root says, and a forged leaf stands in nobody's way.
    pending: BTreeMap<PublicKey, BTreeMap<u64, Entry>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    note: String,
    from: u64,
}

impl Restoring {
    /// Whether a rebuild was going on when the process ended.
    pub(crate) fn load(store: &dyn RecordStore) -> Result<Option<Self>, CentreError> {
        let Some(bytes) = store.get_meta(META)? else {
            return Ok(None);
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        let internal = |e: &dyn std::fmt::Display| CentreError::Internal(e.to_string());
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| internal(&e))?;
        let note = SignedCheckpoint::parse(kept.note.as_bytes()).map_err(|e| internal(&e))?;
        Ok(Some(Self {
            note,
            from: kept.from,
            pending: BTreeMap::new(),
        }))
    }

    /// Leaf hashes from `size` on that give the cosigned root, from a client that returned them all.
    fn proven(&self, tree: &Tree, size: u64) -> Option<Vec<Digest>> {
        let checkpoint = self.note.checkpoint();
        self.pending.values().find_map(|entries| {
            let leaves = (size..checkpoint.size).map(|index| entries.get(&index).map(Entry::leaf_hash));
            let leaves: Vec<Digest> = leaves.collect::<Option<_>>()?;
            let mut tree = tree.clone();
            for leaf in &leaves {
                tree.push(*leaf);
            }
            (tree.root() == checkpoint.root).then_some(leaves)
        })
    }

    /// All that anybody knew of a leaf.
    fn merged(&self, index: u64, leaf: &Digest) -> Option<Entry> {
        let copies = self.pending.values().filter_map(|entries| entries.get(&index));
        copies
            .filter(|entry| entry.leaf_hash() == *leaf)
            .cloned()
            .reduce(|mut known, other| {
                merge(&mut known, other);
                known
            })
    }

    fn keep(&self, store: &mut dyn RecordStore) -> Result<(), CentreError> {
        let kept = Kept {
            note: self.note.format(),
            from: self.from,
        };
        let bytes = serde_json::to_vec(&kept).map_err(|e| CentreError::Internal(e.to_string()))?;
        Ok(store.put_meta(META, &bytes)?)
    }
}

impl RecordCore {
    /// Takes leaves that a client kept. The note must carry the log's own signature and w cosignatures: nobody
    /// can send the centre into a rebuild with less.
    pub(crate) fn leaves_return(
        &mut self,
        caller: PublicKey,
        returned: ReturnedLeaves,
        now: u64,
        random: &mut dyn Random,
    ) -> Result<RestoreState, CentreError> {
        let bad = |what: String| CentreError::BadRequest(what);
        let note = SignedCheckpoint::parse(returned.note.as_bytes()).map_err(|e| bad(e.to_string()))?;
        note.verify_log(&self.keys.log_verifier)
            .map_err(|e| bad(e.to_string()))?;
        if note.checkpoint().origin != record::origin_line(&self.origin)
            || self.cosigners(&note) < self.quorum()
        {
            return Err(bad(
                "the checkpoint is not cosigned by a quorum of this record's log witnesses".to_owned(),
            ));
        }
        let size = self.state.size();
        if note.checkpoint().size <= size && self.restoring.is_none() {
            return Ok(RestoreState {
                size,
                needed: size,
                missing: None,
            });
        }
        self.note_loss(note)?;
        for leaf in returned.leaves {
            self.pend(caller, leaf.entry)?;
        }
        self.rebuild(now, random)
    }

    /// Goes read-only, for good until rebuilt.
    fn note_loss(&mut self, note: SignedCheckpoint) -> Result<(), CentreError> {
        let higher = self
            .restoring
            .as_ref()
            .is_none_or(|r| note.checkpoint().size > r.note.checkpoint().size);
        if !higher || note.checkpoint().size <= self.state.size() {
            return Ok(());
        }
        let from = self.restoring.as_ref().map_or(self.state.size(), |r| r.from);
        let pending = self.restoring.take().map(|r| r.pending).unwrap_or_default();
        let restoring = Restoring { note, from, pending };
        restoring.keep(&mut *self.store)?;
        self.restoring = Some(restoring);
        Ok(())
    }

    fn pend(&mut self, caller: PublicKey, entry: Entry) -> Result<(), CentreError> {
        let size = self.state.size();
        let Some(restoring) = &mut self.restoring else {
            return Ok(());
        };
        let needed = restoring.note.checkpoint().size;
        if entry.index < size || entry.index >= needed {
            return Ok(());
        }
        verify_entry(&entry).map_err(|e| CentreError::BadRequest(format!("leaf {}: {e}", entry.index)))?;
        let full = restoring.pending.values().map(BTreeMap::len).sum::<usize>() >= MAX_PENDING;
        let own = restoring.pending.entry(caller).or_default();
        match own.get_mut(&entry.index) {
            None if full => return Err(CentreError::Busy("too many leaves pending")),
            Some(known) if known.leaf_hash() == entry.leaf_hash() => merge(known, entry),
            _ => {
                own.insert(entry.index, entry);
            }
        }
        Ok(())
    }

    /// Appends what is whole and belongs to the cosigned root; reports what is still missing.
    fn rebuild(&mut self, now: u64, random: &mut dyn Random) -> Result<RestoreState, CentreError> {
        let Some(restoring) = &self.restoring else {
            let size = self.state.size();
            return Ok(RestoreState {
                size,
                needed: size,
                missing: None,
            });
        };
        let needed = restoring.note.checkpoint().size;
        let size = self.state.size();
        let missing = |index| {
            Ok(RestoreState {
                size,
                needed,
                missing: Some(index),
            })
        };
        let Some(leaves) = restoring.proven(self.state.tree(), size) else {
            return missing(size);
        };
        let mut whole: Vec<Entry> = Vec::with_capacity(leaves.len());
        for (index, leaf) in (size..).zip(&leaves) {
            let before = whole.last().or(self.entries.last()).map_or(0, |entry| entry.time);
            let known = restoring.merged(index, leaf);
            let known = known.map(|entry| self.cover_behind(&entry, before).unwrap_or(entry));
            match known.filter(|entry| entry.disclosed.is_some()) {
                Some(entry) => whole.push(entry),
                None => return missing(index),
            }
        }
        self.append_returned(&whole)?;
        let recovered = self.finish_restore(now, random)?;
        Ok(RestoreState {
            size: self.state.size(),
            needed: recovered,
            missing: None,
        })
    }

    fn append_returned(&mut self, entries: &[Entry]) -> Result<(), CentreError> {
        let mut rows = Vec::with_capacity(entries.len());
        for entry in entries {
            let Ok(VerifiedLeaf::Full(act, ..)) = verify_entry(entry) else {
                return Err(CentreError::Internal(format!(
                    "leaf {} is not whole",
                    entry.index
                )));
            };
            rows.push(crate::record_core::row_of(entry, &act));
        }
        let expected = self.state.size();
        self.store.append(expected, &rows)?;
        self.reload()
    }

    /// The record is whole again: says so in an act, and is writable.
    fn finish_restore(&mut self, now: u64, random: &mut dyn Random) -> Result<u64, CentreError> {
        let Some(restoring) = self.restoring.take() else {
            return Ok(self.state.size());
        };
        let checkpoint = restoring.note.checkpoint().clone();
        let size = checkpoint.size;
        if self.store.checkpoint_at(size)?.is_some() {
            for signature in restoring.note.signatures() {
                if signature.name != self.keys.log_verifier.name() {
                    self.store
                        .merge_cosignature(size, &signature.name, &signature.to_string())?;
                }
            }
        }
        let lost = self.lost_openings(restoring.from, size);
        let payload = Recovered {
            head: Seen {
                size,
                root: checkpoint.root,
            },
            rebuilt: size - restoring.from,
            lost,
        };
        let act = self.centre_act("recovered", "", &payload, now, random)?;
        self.store.put_meta(META, b"")?;
        self.reload()?;
        self.commit(vec![act], now, random).pop().transpose()?;
        Ok(size)
    }

    fn lost_openings(&self, from: u64, to: u64) -> Vec<String> {
        let in_range = self
            .entries
            .iter()
            .filter(|entry| (from..to).contains(&entry.index));
        let lost = in_range.filter_map(|entry| {
            let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
            let missing: Vec<String> = body
                .attachments
                .keys()
                .filter(|name| !entry.openings.contains_key(*name))
                .map(|name| format!("{}/{name}", entry.index))
                .collect();
            Some(missing)
        });
        lost.flatten().take(1024).collect()
    }
}

/// Adds what the other copy of a leaf knows more.
fn merge(known: &mut Entry, other: Entry) {
    if matches!(known.leaf, Leaf::Hash(_)) {
        *known = other;
        return;
    }
    if known.disclosed.is_none() {
        known.disclosed = other.disclosed;
    }
    if known.disclosed.is_some() {
        known.openings.extend(other.openings);
    }
}
