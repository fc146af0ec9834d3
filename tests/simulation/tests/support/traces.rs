//! A search that is not put off by an encoding.

use protocol::{Feed, FeedItem};
use std::collections::BTreeSet;
use testkit::needles::{Found, Needles, unpacked};

/// Bytes in which nothing may be found.
#[derive(Default)]
pub(crate) struct Haystack(BTreeSet<Vec<u8>>);

impl Haystack {
    pub(crate) fn add(&mut self, bytes: Vec<u8>) {
        self.0.insert(bytes);
    }

    /// An answer as it came over the line; bodies and openings of a feed also decoded, once more each.
    pub(crate) fn add_answer(&mut self, bytes: Vec<u8>) {
        if let Ok(feed) = serde_json::from_slice::<Feed>(&bytes) {
            for item in feed.items {
                if let FeedItem::Entry(entry) | FeedItem::Reopened(entry) = item {
                    self.0.extend(entry.disclosed.map(|disclosed| disclosed.body));
                    self.0
                        .extend(entry.openings.into_values().map(|opening| opening.value));
                }
            }
        }
        self.add(bytes);
    }
}

impl Haystack {
    /// What is packed within is unpacked, once.
    pub(crate) fn unpack(&mut self) {
        let inner: Vec<Vec<u8>> = self.0.iter().flat_map(|bytes| unpacked(bytes)).collect();
        self.0.extend(inner);
    }

    /// The first of the needles that is in here.
    pub(crate) fn find(&self, needles: &Needles) -> Option<Found> {
        self.0.iter().find_map(|bytes| needles.find(bytes))
    }
}

/// How the needle is written where it is found first.
pub(crate) fn found(haystack: &Haystack, needle: &[u8]) -> Option<&'static str> {
    haystack.find(&Needles::new([needle])).map(|found| found.how)
}
