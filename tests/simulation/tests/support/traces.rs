//! A search that is not put off by an encoding.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use protocol::{Feed, FeedItem};
use std::collections::BTreeSet;

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

/// How a needle may be written.
fn writings(needle: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let mut writings = vec![
        ("as it is", needle.to_vec()),
        ("hex", hex::encode(needle).into_bytes()),
        ("HEX", hex::encode_upper(needle).into_bytes()),
    ];
    if let Ok(text) = std::str::from_utf8(needle) {
        writings.push((
            "UTF-16LE",
            text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        ));
    }
    for (shift, how) in ["base64", "base64 shifted by one", "base64 shifted by two"]
        .into_iter()
        .enumerate()
    {
        // Only the characters that depend on the needle alone.
        let padded = [vec![0; shift], needle.to_vec()].concat();
        let text = STANDARD.encode(&padded);
        let from = [0, 2, 3][shift];
        let until = padded.len() * 8 / 6;
        writings.push((how, text.as_bytes()[from..until].to_vec()));
    }
    writings
}

/// How the needle is written where it is found first.
pub(crate) fn found(haystack: &Haystack, needle: &[u8]) -> Option<&'static str> {
    assert!(needle.len() >= 3, "a needle that short is found anywhere");
    writings(needle).into_iter().find_map(|(how, writing)| {
        let finder = memmem::Finder::new(&writing);
        haystack
            .0
            .iter()
            .any(|bytes| finder.find(bytes).is_some())
            .then_some(how)
    })
}

#[test]
fn every_writing_is_found() {
    let needle = "评委示例甲".as_bytes();
    for before in 0..3 {
        let bytes = [vec![b'x'; before], needle.to_vec(), b"yz".to_vec()].concat();
        for written in [
            bytes.clone(),
            hex::encode(&bytes).into_bytes(),
            hex::encode_upper(&bytes).into_bytes(),
            STANDARD.encode(&bytes).into_bytes(),
        ] {
            let mut haystack = Haystack::default();
            haystack.add(written);
            assert!(found(&haystack, needle).is_some());
        }
    }
    let mut haystack = Haystack::default();
    haystack.add("评委示例甲".encode_utf16().flat_map(u16::to_le_bytes).collect());
    assert_eq!(found(&haystack, needle), Some("UTF-16LE"));
    assert_eq!(found(&haystack, "评委示例乙".as_bytes()), None);
}
