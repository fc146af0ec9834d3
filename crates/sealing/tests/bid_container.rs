//! Containers of sealed bids against every kind of tampering.

mod common;

use common::CounterRandom;
use conclave_sealing::Random;
use conclave_sealing::bid::{
    CHUNK, FileKey, MAX_PART_NAME, PartFault, PartHeader, PartId, StreamError, open_part, open_part_stream,
    seal_part, seal_part_stream,
};
use proptest::prelude::*;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

const TAG: usize = 16;

fn id() -> PartId {
    PartId {
        origin: [1; 16],
        submission: [2; 16],
        part: "price".to_owned(),
    }
}

fn key(byte: u8) -> FileKey {
    FileKey::new([byte; 32])
}

fn sealed(length: usize) -> (Vec<u8>, Vec<u8>) {
    let mut plaintext = vec![0; length];
    CounterRandom::new("plaintext").fill(&mut plaintext);
    let mut random = CounterRandom::new("container");
    let container = seal_part(&id(), &key(3), &plaintext, &mut random).expect("seals");
    (plaintext, container)
}

fn header_length() -> usize {
    16 + 1 + 16 + 16 + 4 + id().part.len() + 32 + 32
}

#[test]
fn part_comes_back_at_every_length() {
    for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7] {
        let (plaintext, container) = sealed(length);
        let chunks = length.div_ceil(CHUNK).max(1);
        assert_eq!(container.len(), header_length() + length + chunks * TAG);
        let opened = open_part(&key(3), &container, &id()).expect("opens");
        assert_eq!(opened, plaintext);
    }
}

#[test]
fn wrong_key_is_refused_before_any_chunk() {
    let (_, container) = sealed(10);
    let fault = open_part(&key(4), &container[..header_length()], &id());
    assert_eq!(fault, Err(PartFault::Key));
    let header = PartHeader::read(&mut &container[..]).expect("header");
    assert!(header.commits_to(&key(3)));
    assert!(!header.commits_to(&key(4)));
    assert_eq!(header.id, id());
    assert_eq!(header.encode(), container[..header_length()]);
}

#[test]
fn container_of_another_place_is_refused() {
    let (_, container) = sealed(10);
    let changes: [fn(&mut PartId); 3] = [
        |id| id.origin = [9; 16],
        |id| id.submission = [9; 16],
        |id| id.part = "technical".to_owned(),
    ];
    for change in changes {
        let mut expected = id();
        change(&mut expected);
        let fault = open_part(&key(3), &container, &expected);
        assert_eq!(fault, Err(PartFault::Place));
    }
    // Relabelled for the other place: the chunks are bound to the header.
    let mut relabelled = container.clone();
    relabelled[17] = 9;
    let mut expected = id();
    expected.origin[0] = 9;
    let fault = open_part(&key(3), &relabelled, &expected);
    assert_eq!(fault, Err(PartFault::Chunk(0)));
}

#[test]
fn chunks_can_not_be_moved_cut_or_added() {
    let (_, container) = sealed(3 * CHUNK + 7);
    let (header, body) = container.split_at(header_length());
    let chunks: Vec<&[u8]> = body.chunks(CHUNK + TAG).collect();
    let build = |order: &[usize]| {
        let parts: Vec<&[u8]> = order.iter().map(|i| chunks[*i]).collect();
        [header, &parts.concat()].concat()
    };
    let table = [
        ("swapped", build(&[1, 0, 2, 3]), 0),
        ("first left out", build(&[1, 2, 3]), 0),
        ("middle left out", build(&[0, 2, 3]), 1),
        ("last left out", build(&[0, 1, 2]), 2),
        ("first only", build(&[0]), 0),
        ("none", build(&[]), 0),
        ("repeated", build(&[0, 0, 1, 2, 3]), 1),
        ("one after the last", build(&[0, 1, 2, 3, 3]), 3),
        ("a byte after the last", [&container[..], &[0]].concat(), 3),
        ("a byte less", container[..container.len() - 1].to_vec(), 3),
        ("a tag less", container[..container.len() - TAG].to_vec(), 3),
    ];
    for (what, container, index) in table {
        let fault = open_part(&key(3), &container, &id());
        assert_eq!(fault, Err(PartFault::Chunk(index)), "{what}");
    }
}

#[test]
fn chunk_of_another_container_is_refused() {
    let (plaintext, first) = sealed(100);
    let mut random = CounterRandom::new("another container");
    let second = seal_part(&id(), &key(3), &plaintext, &mut random).expect("seals");
    let mixed = [&first[..header_length()], &second[header_length()..]].concat();
    assert_eq!(open_part(&key(3), &mixed, &id()), Err(PartFault::Chunk(0)));
}

#[test]
fn odd_headers_are_refused() {
    let (_, container) = sealed(10);
    for cut in 0..header_length() {
        let fault = open_part(&key(3), &container[..cut], &id());
        assert_eq!(fault, Err(PartFault::Header), "cut at {cut}");
    }
    let change = |at: usize, byte: u8| {
        let mut bytes = container.clone();
        bytes[at] = byte;
        open_part(&key(3), &bytes, &id()).expect_err("refused")
    };
    assert_eq!(change(0, b'X'), PartFault::Header);
    assert_eq!(change(15, 1), PartFault::Header);
    assert_eq!(change(16, 2), PartFault::Header, "suite 2");
    assert_eq!(change(49, 0xff), PartFault::Header, "length of the name");
    assert_eq!(change(53, 0xff), PartFault::Header, "name not UTF-8");
    let mut random = CounterRandom::new("long name");
    let mut long = id();
    long.part = "x".repeat(MAX_PART_NAME + 1);
    let refused = seal_part(&long, &key(3), b"", &mut random);
    assert_eq!(refused, Err(PartFault::Header));
}

/// Only the bidder could make it, knowing the key: a second form of the same part.
#[test]
fn empty_last_chunk_is_refused() {
    let plaintext = vec![7; CHUNK];
    let mut random = CounterRandom::new("second form");
    let container = seal_part(&id(), &key(3), &plaintext, &mut random).expect("seals");
    let header = &container[..header_length()];
    let salt = &header[header_length() - 64..header_length() - 32];
    let mut okm = [0; 39];
    hkdf::Hkdf::<sha2::Sha256>::new(Some(salt), key(3).expose())
        .expand(b"conclave/bid/stream/v1", &mut okm)
        .expect("39 bytes");
    let stream_key = UnboundKey::new(&AES_256_GCM, &okm[..32]).expect("32 bytes");
    let stream_key = LessSafeKey::new(stream_key);
    let aad = <sha2::Sha256 as sha2::Digest>::digest(header);
    let seal = |chunk: &[u8], counter: u8, last: u8| {
        let nonce = [&okm[32..], &[0, 0, 0, counter, last]].concat();
        let nonce = Nonce::try_assume_unique_for_key(&nonce).expect("12 bytes");
        let mut chunk = chunk.to_vec();
        stream_key
            .seal_in_place_append_tag(nonce, Aad::from(&aad), &mut chunk)
            .expect("seals");
        chunk
    };
    // The form of the format, made here, is the one made by the crate.
    assert_eq!([header, &seal(&plaintext, 0, 1)].concat(), container);
    let second = [header, &seal(&plaintext, 0, 0), &seal(b"", 1, 1)].concat();
    assert_eq!(open_part(&key(3), &second, &id()), Err(PartFault::Chunk(1)));
}

/// A reader that gives little at a time, and a writer that fails.
struct Trickle<'a>(&'a [u8]);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = out.len().min(self.0.len()).min(777);
        out[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

struct Full;

impl std::io::Write for Full {
    fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
        Err(std::io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn streams_give_the_same_bytes() {
    let (plaintext, container) = sealed(2 * CHUNK + 5);
    let mut random = CounterRandom::new("container");
    let (mut streamed, mut opened) = (Vec::new(), Vec::new());
    let mut reader = Trickle(&plaintext);
    seal_part_stream(&id(), &key(3), &mut reader, &mut streamed, &mut random).expect("seals");
    assert_eq!(streamed, container);
    open_part_stream(&key(3), &mut Trickle(&container), &id(), &mut opened).expect("opens");
    assert_eq!(opened, plaintext);
    let fault = open_part_stream(&key(3), &mut &container[..], &id(), &mut Full);
    let Err(StreamError::Io(error)) = fault else {
        panic!("the disk is full");
    };
    assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn flipped_bit_of_a_container_is_refused(at in any::<prop::sample::Index>(), bit in 0..8u32) {
        let (_, mut container) = sealed(CHUNK + 100);
        let at = at.index(container.len());
        container[at] ^= 1u8 << bit;
        prop_assert!(open_part(&key(3), &container, &id()).is_err());
    }
}
