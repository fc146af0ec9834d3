//! Live channels.

use crate::fixture::Fixture;
use client::http_link::{HttpLink, TlsIdentity, self_signed, self_signed_witness};
use client::link::Link;
use client::{ClientError, ports::SystemRandom};
use protocol::{Cosignature, ErrorCode, Feed, FeedItem};
use record::SignedCheckpoint;
use sealing::ed25519::Ed25519Key;
use sealing::sign::SigningKeyPair;
use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::mpsc;
use std::time::Duration;

/// How long a test waits for what must come.
const LIMIT: Duration = Duration::from_secs(60);

struct Channel(BufReader<reqwest::blocking::Response>);

impl Channel {
    fn open(fixture: &Fixture, client: &reqwest::blocking::Client, cursor: &str) -> Result<Self, u16> {
        let url = fixture.record(&format!("live?cursor={cursor}"));
        let response = client.get(url).timeout(LIMIT).send().unwrap();
        let status = response.status().as_u16();
        if status == 200 {
            Ok(Self(BufReader::new(response)))
        } else {
            Err(status)
        }
    }

    /// The next line that is no keep-alive; `None` at the end.
    fn line(&mut self) -> Option<Feed> {
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            if line != "\n" {
                return Some(serde_json::from_str(&line).unwrap());
            }
        }
    }
}

fn indices(feed: &Feed) -> Vec<u64> {
    let entries = feed.items.iter().filter_map(|item| match item {
        FeedItem::Entry(entry) => Some(entry.index),
        _ => None,
    });
    entries.collect()
}

#[test]
fn a_channel_grows_with_the_record_and_goes_on_from_any_cursor() {
    let fixture = Fixture::start();
    let link = fixture.clerk_link();
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let mut channel = Channel::open(&fixture, &client, "").unwrap();
    assert_eq!(indices(&channel.line().unwrap()), [0]);
    link.act_submit(&fixture.origin, &fixture.site("one")).unwrap();
    let second = channel.line().unwrap();
    assert_eq!(indices(&second), [1]);
    drop(channel);
    link.act_submit(&fixture.origin, &fixture.site("two")).unwrap();
    let mut again = Channel::open(&fixture, &client, &second.cursor).unwrap();
    assert_eq!(indices(&again.line().unwrap()), [2]);
}

#[test]
fn a_silent_channel_is_kept_alive() {
    let fixture = Fixture::with(|limits| limits.keep_alive_seconds = 1);
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let mut channel = Channel::open(&fixture, &client, "").unwrap();
    channel.line().unwrap();
    let mut byte = [0];
    channel.0.read_exact(&mut byte).unwrap();
    assert_eq!(byte, *b"\n");
}

#[test]
fn a_second_channel_of_a_key_takes_the_firsts_place() {
    let fixture = Fixture::start();
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let mut first = Channel::open(&fixture, &client, "").unwrap();
    assert!(first.line().is_some());
    let mut second = Channel::open(&fixture, &client, "").unwrap();
    assert!(first.line().is_none(), "the first has ended");
    assert!(second.line().is_some());
}

#[test]
fn channels_are_bounded_in_all() {
    let fixture = Fixture::with(|limits| limits.live_channels = 1);
    let supervisor: SigningKeyPair = fixture.supervisor();
    let (certificate, key) = self_signed(&supervisor).unwrap();
    let other = fixture.raw(Some((vec![certificate], key)));
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let channel = Channel::open(&fixture, &client, "").unwrap();
    assert_eq!(Channel::open(&fixture, &other, "").err(), Some(503));
    assert!(fixture.metrics().contains("conclave_live_channels 1"));
    drop(channel);
}

#[test]
fn a_link_that_waits_is_woken_by_an_act() {
    let fixture = Fixture::start();
    let link = fixture.clerk_link();
    let waiting = fixture.clerk_link();
    let origin = fixture.origin;
    let mut cursor = waiting.feed(&origin, "").unwrap().cursor;
    let (tell, told) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        let mut seen = Vec::new();
        while seen.len() < 3 {
            waiting.wait(&origin, &cursor, Duration::from_secs(3600));
            let page = waiting.feed(&origin, &cursor).unwrap();
            cursor = page.cursor.clone();
            seen.extend(indices(&page));
            for index in indices(&page) {
                tell.send(index).unwrap();
            }
        }
        seen
    });
    for (index, name) in [(1, "one"), (2, "two"), (3, "three")] {
        link.act_submit(&origin, &fixture.site(name)).unwrap();
        assert_eq!(told.recv_timeout(LIMIT).unwrap(), index);
    }
    assert_eq!(reader.join().unwrap(), [1, 2, 3]);
}

fn witness_link(fixture: &Fixture, key: &Ed25519Key) -> HttpLink {
    fixture.link(Some(TlsIdentity::witness(key).unwrap()))
}

#[test]
fn log_witnesses_hear_of_heads_and_clients_of_their_cosignatures() {
    let fixture = Fixture::start();
    let (origin, clerk) = (fixture.origin, fixture.clerk_link());
    let links: Vec<HttpLink> = fixture
        .witnesses
        .iter()
        .map(|(key, _)| witness_link(&fixture, key))
        .collect();
    assert_eq!(links[0].witness_heads(LIMIT).unwrap(), [(origin, 1)]);
    clerk.act_submit(&origin, &fixture.site("one")).unwrap();
    assert_eq!(links[0].witness_heads(LIMIT).unwrap(), [(origin, 2)]);
    // Nothing new: the same, after the time allowed.
    assert_eq!(links[0].witness_heads(Duration::ZERO).unwrap(), [(origin, 2)]);

    let client = fixture.raw(Some(fixture.clerk_certified()));
    let mut channel = Channel::open(&fixture, &client, "").unwrap();
    assert_eq!(cosigners(&channel.line().unwrap(), &fixture), 0);
    for (place, grew) in [(0, false), (1, true), (2, false)] {
        let (key, verifier) = &fixture.witnesses[place];
        let page = links[place].witness_page(&origin, 0).unwrap();
        let mut note = SignedCheckpoint::parse(page.note.as_bytes()).unwrap();
        note.cosign(verifier, crate::fixture::now() / 1000, |message| {
            key.sign(message)
        })
        .unwrap();
        let cosignature = Cosignature {
            size: note.checkpoint().size,
            note: note.format(),
        };
        assert_eq!(links[place].cosign(&origin, &cosignature).unwrap(), grew);
        assert_eq!(cosigners(&channel.line().unwrap(), &fixture), place + 1);
    }
    assert!(
        fixture
            .metrics()
            .contains("conclave_cosign_lag_milliseconds_count 1")
    );
}

/// Most log witnesses that cosigned one checkpoint of the page.
fn cosigners(feed: &Feed, fixture: &Fixture) -> usize {
    let notes = feed.items.iter().filter_map(|item| match item {
        FeedItem::Checkpoint(cosigned) => SignedCheckpoint::parse(cosigned.note.as_bytes()).ok(),
        _ => None,
    });
    let count = |note: SignedCheckpoint| {
        let known = fixture.witnesses.iter();
        known
            .filter(|(_, verifier)| note.verify_cosignature(verifier).is_ok())
            .count()
    };
    notes.map(count).max().unwrap_or(0)
}

#[test]
fn a_stranger_hears_of_no_heads() {
    let fixture = Fixture::start();
    let stranger = Ed25519Key::generate(&mut SystemRandom);
    assert_eq!(
        witness_link(&fixture, &stranger).witness_heads(LIMIT).unwrap(),
        []
    );
    let page = witness_link(&fixture, &stranger).witness_page(&fixture.origin, 0);
    assert!(matches!(page, Err(ClientError::Centre(body)) if body.error == ErrorCode::Forbidden));
}

#[test]
fn strangers_take_no_place_from_log_witnesses() {
    let fixture = Fixture::with(|limits| limits.live_channels = 1);
    let listen = |key: &Ed25519Key| {
        let (certificate, key) = self_signed_witness(key).unwrap();
        let client = fixture.raw(Some((vec![certificate], key)));
        client
            .get(fixture.url("/v1/witness-live"))
            .timeout(LIMIT)
            .send()
            .unwrap()
    };
    let strangers: Vec<_> = (0..33)
        .map(|_| listen(&Ed25519Key::generate(&mut SystemRandom)))
        .collect();
    let taken = strangers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!((taken, strangers[32].status().as_u16()), (32, 503));
    assert_eq!(listen(&fixture.witnesses[0].0).status(), 200);
}
