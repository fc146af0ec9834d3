//! The feed: every leaf in order, each with what the caller may know of it (protocol 2, 6).

use crate::error::CentreError;
use crate::principal::Standing;
use crate::record_core::RecordCore;
use evaluation::access::{self, Leaf as Depth, Moment};
use protocol::{Cosigned, Feed, FeedItem};
use record::{Entry, Leaf, PublicKey};

/// Most items of one page.
pub(crate) const PAGE: usize = 256;

/// A place in a caller's feed: the next leaf, and within the deadline's leaf the next one to reopen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cursor {
    pub(crate) index: u64,
    pub(crate) reopened: u64,
}

impl Cursor {
    /// Opaque text, bound to record and caller, so that it tells nothing and fits nowhere else.
    pub(crate) fn seal(self, core: &RecordCore, caller: &PublicKey) -> String {
        let plain = [&self.index.to_be_bytes()[..], &self.reopened.to_be_bytes()].concat();
        let tag = core.keys.cursor_mac(&core.origin, caller, b"tag", &plain);
        let mask = core.keys.cursor_mac(&core.origin, caller, b"mask", &tag[..16]);
        let masked: Vec<u8> = plain.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        hex::encode([&tag[..16], &masked].concat())
    }

    pub(crate) fn open(text: &str, core: &RecordCore, caller: &PublicKey) -> Result<Self, CentreError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let bad = || CentreError::BadRequest("cursor".to_owned());
        let bytes: [u8; 32] = hex::decode(text)
            .ok()
            .and_then(|b| b.try_into().ok())
            .ok_or_else(bad)?;
        let (tag, masked) = bytes.split_at(16);
        let mask = core.keys.cursor_mac(&core.origin, caller, b"mask", tag);
        let plain: Vec<u8> = masked.iter().zip(mask).map(|(a, b)| a ^ b).collect();
        if core.keys.cursor_mac(&core.origin, caller, b"tag", &plain)[..16] != *tag {
            return Err(bad());
        }
        let number = |bytes: &[u8]| bytes.iter().fold(0u64, |n, b| n << 8 | u64::from(*b));
        Ok(Self {
            index: number(&plain[..8]),
            reopened: number(&plain[8..]),
        })
    }
}

impl RecordCore {
    /// The next page of a caller's feed.
    pub(crate) fn feed(&self, caller: &PublicKey, cursor: &str) -> Result<Feed, CentreError> {
        let standing = Standing::of(&self.state, caller);
        if !standing.is_known() {
            return Err(CentreError::Unauthenticated);
        }
        if self.stalled {
            return Err(CentreError::Waiting("bytes that acts name are missing"));
        }
        let mut at = Cursor::open(cursor, self, caller)?;
        let size = self.entries.len() as u64;
        if at.index > size {
            return Err(CentreError::Waiting(
                "the client has seen more than the centre holds",
            ));
        }
        let deadline = self.state.deadline_reached();
        let mut items = Vec::new();
        while at.index < size && items.len() < PAGE {
            let moment = if deadline.is_some_and(|d| at.index >= d) {
                Moment::AfterDeadline
            } else {
                Moment::BeforeDeadline
            };
            if deadline == Some(at.index) && at.reopened < at.index {
                let earlier = self.entry(at.reopened);
                at.reopened += 1;
                let before = self.deliver(earlier, caller, &standing, Moment::BeforeDeadline);
                let after = self.deliver(earlier, caller, &standing, Moment::AfterDeadline);
                if before != after {
                    items.push(FeedItem::Reopened(after));
                }
                continue;
            }
            items.push(FeedItem::Entry(self.deliver(
                self.entry(at.index),
                caller,
                &standing,
                moment,
            )));
            at.index += 1;
        }
        let more = at.index < size;
        if !more {
            items.extend(self.checkpoints());
        }
        Ok(Feed {
            items,
            cursor: at.seal(self, caller),
            more,
            lacking: !self.lacking.is_empty(),
            time: 0, // the caller has the clock
        })
    }

    fn entry(&self, index: u64) -> &Entry {
        let place = usize::try_from(index).unwrap_or(usize::MAX);
        self.entries
            .get(place)
            .expect("the index is below the number of entries")
    }

    /// Those that confirm replacements of log witnesses, the first cosigned checkpoint over the deadline, the largest with a quorum, and the newest one.
    fn checkpoints(&self) -> Vec<FeedItem> {
        let mut notes: Vec<String> = Vec::new();
        let confirming = self.witnesses.iter().flat_map(audit::WitnessHistory::confirming);
        let known = [
            self.deadline_note.as_ref(),
            self.quorum_note(),
            self.newest_note(),
        ];
        let confirming = confirming.map(|(_, note)| note);
        for note in confirming
            .chain(known.into_iter().flatten())
            .map(record::SignedCheckpoint::format)
        {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
        notes
            .into_iter()
            .map(|note| FeedItem::Checkpoint(Cosigned { note }))
            .collect()
    }

    /// Whether this is an earlier evaluation key of the caller's line: on a replacement PC a member finds what the old
    /// one kept (protocol 3, 4).
    fn was_key_of(&self, standing: &Standing, actor: &PublicKey) -> bool {
        let line = standing
            .line
            .as_ref()
            .and_then(|name| self.state.committee().lines.get(name));
        let binding = line.and_then(|line| line.binding.as_ref());
        binding.is_some_and(|binding| binding.retired.contains(actor))
    }

    /// An entry as the access matrix opens it to this caller; the author always holds the whole.
    fn deliver(&self, entry: &Entry, caller: &PublicKey, standing: &Standing, moment: Moment) -> Entry {
        let Leaf::Header { header, .. } = &entry.leaf else {
            return entry.clone();
        };
        if header.actor == *caller || self.was_key_of(standing, &header.actor) {
            return entry.clone();
        }
        let grants: Vec<_> = standing
            .roles
            .iter()
            .map(|role| access::grant(&header.kind, *role, moment))
            .collect();
        let has = |depth: Depth| grants.iter().any(|grant| grant.leaf == depth);
        if has(Depth::Body) {
            let mut delivered = entry.clone();
            delivered
                .openings
                .retain(|name, _| grants.iter().any(|grant| access::opens(grant, name)));
            delivered
        } else if has(Depth::Header) {
            entry.withheld()
        } else {
            entry.hash_only()
        }
    }
}
