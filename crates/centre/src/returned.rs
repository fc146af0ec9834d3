//! What one client has returned after a restore.

use record::{Checkpoint, Digest, Entry, Leaf, SignedCheckpoint, Tree};
use std::collections::BTreeMap;

/// What an entry takes beside its body and openings, bytes.
const ENTRY: usize = 512;

/// Leaves of one client, and the newest checkpoint of the log that it holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Returned {
    pub(crate) newest: Option<SignedCheckpoint>,
    pub(crate) entries: BTreeMap<u64, Entry>,
    bytes: usize,
}

impl Returned {
    pub(crate) fn note(&mut self, newest: Option<SignedCheckpoint>) {
        let known = self.newest.as_ref().map_or(0, |note| note.checkpoint().size);
        if let Some(newest) = newest.filter(|note| note.checkpoint().size > known) {
            self.newest = Some(newest);
        }
    }

    /// Keeps a leaf with all that is known of it; `false` when it does not fit into this client's share.
    pub(crate) fn take(&mut self, entry: Entry, share: usize) -> bool {
        let index = entry.index;
        let known = self.entries.get(&index);
        let before = known.map_or(0, weight);
        let entry = match known {
            Some(known) if known.leaf_hash() == entry.leaf_hash() => merged(known.clone(), entry),
            _ => entry,
        };
        let bytes = self.bytes - before + weight(&entry);
        if bytes > share {
            return false;
        }
        self.bytes = bytes;
        self.entries.insert(index, entry);
        true
    }

    pub(crate) fn forget_below(&mut self, size: u64) {
        self.entries = self.entries.split_off(&size);
        self.bytes = self.entries.values().map(weight).sum();
    }

    /// Leaf hashes behind `tree` that give the checkpoint's root, if this client returned them all.
    pub(crate) fn proves(&self, tree: &Tree, checkpoint: &Checkpoint) -> Option<Vec<Digest>> {
        let leaves =
            (tree.size()..checkpoint.size).map(|index| self.entries.get(&index).map(Entry::leaf_hash));
        let leaves: Vec<Digest> = leaves.collect::<Option<_>>()?;
        let mut tree = tree.clone();
        for leaf in &leaves {
            tree.push(*leaf);
        }
        (tree.size() == checkpoint.size && tree.root() == checkpoint.root).then_some(leaves)
    }
}

fn weight(entry: &Entry) -> usize {
    let body = entry
        .disclosed
        .as_ref()
        .map_or(0, |disclosed| disclosed.body.len());
    let openings = entry.openings.values().map(|opening| opening.value.len() + ENTRY);
    ENTRY + body + openings.sum::<usize>()
}

/// A leaf with what either copy of it knows.
pub(crate) fn merged(mut known: Entry, other: Entry) -> Entry {
    if matches!(known.leaf, Leaf::Hash(_)) {
        return other;
    }
    if known.disclosed.is_none() {
        known.disclosed = other.disclosed;
    }
    if known.disclosed.is_some() {
        known.openings.extend(other.openings);
    }
    known
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(index: u64, body: usize) -> Entry {
        Entry {
            index,
            time: 0,
            leaf: Leaf::Hash(Digest([index as u8; 32])),
            disclosed: Some(record::Disclosed {
                salt: record::Salt([0; 32]),
                body: vec![0; body],
            }),
            openings: BTreeMap::new(),
        }
    }

    #[test]
    fn a_share_is_full_when_it_is_full_and_not_before() {
        let mut returned = Returned::default();
        let share = 2 * (ENTRY + 100);
        assert!(returned.take(leaf(5, 100), share));
        assert!(returned.take(leaf(5, 100), share), "the same again takes no more");
        assert!(returned.take(leaf(6, 100), share));
        assert!(!returned.take(leaf(7, 0), share));
        returned.forget_below(6);
        assert!(
            returned.take(leaf(7, 0), share),
            "what is appended frees its place"
        );
    }
}
