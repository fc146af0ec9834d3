use crate::fixture::core;
use conclave_record::{ActError, Body, Core, Header, Origin, PublicKey, Suite};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn header() -> Header {
    Header::of(&Body::new(core(), BTreeMap::new()).expect("an allowed core"))
}

#[test]
fn the_bytes_are_as_documented() {
    let core = core();
    let expected = [
        &[1, 1][..],
        &core.origin.0,
        &[12],
        b"round.sealed",
        &[11],
        b"technical/1",
        &[65],
        &core.actor.0,
        &[1],
    ];
    assert_eq!(header().encode(), expected.concat());
}

#[test]
fn length_classes_double() {
    let class_of = |length: usize| {
        let empty = Body::new(
            Core {
                payload: json!(""),
                ..core()
            },
            BTreeMap::new(),
        )
        .expect("an allowed core");
        let payload = json!("x".repeat(length - empty.bytes.len()));
        let body = Body::new(Core { payload, ..core() }, BTreeMap::new()).expect("an allowed core");
        assert_eq!(body.bytes.len(), length);
        Header::of(&body).length_class
    };
    for class in 1..=7 {
        let greatest = 512_usize << class;
        assert_eq!(class_of(greatest), class, "{greatest} bytes");
        assert_eq!(class_of(greatest - 1), class);
        if class < 7 {
            assert_eq!(class_of(greatest + 1), class + 1);
        }
    }
    // Two keys and ids alone exceed 512 bytes, so class 0 takes a body made by hand.
    let mut small = Body::new(core(), BTreeMap::new()).expect("an allowed core");
    small.bytes.truncate(512);
    assert_eq!(Header::of(&small).length_class, 0);
}

#[test]
fn what_is_no_header_is_refused() {
    let good = header().encode();
    for length in 0..good.len() {
        assert!(Header::decode(&good[..length]).is_err(), "{length} bytes");
    }
    let after = ActError::Header {
        offset: good.len(),
        what: "bytes after the header",
    };
    assert_eq!(Header::decode(&[&good[..], &[0]].concat()), Err(after));
    let at_actor = 18 + 1 + 12 + 1 + 11;
    let changes: [(usize, u8); 12] = [
        (0, 0),
        (0, 2),
        (1, 0),
        (1, 3),
        (18, 0),
        (18, 41),
        (19, b'R'),
        (20, 0xff),
        (31, 65),
        (at_actor, 64),
        (at_actor + 1, 2),
        (good.len() - 1, 8),
    ];
    for (at, value) in changes {
        let mut bytes = good.clone();
        bytes[at] = value;
        assert!(Header::decode(&bytes).is_err(), "byte {at} = {value}");
    }
    assert!(serde_json::from_value::<Header>(json!("AQE=")).is_err());
}

fn any_header() -> impl Strategy<Value = Header> {
    let suite = prop_oneof![Just(Suite::International), Just(Suite::Gm)];
    (
        suite,
        any::<[u8; 16]>(),
        "[a-z0-9_.]{1,40}",
        "[a-z0-9_/.-]{0,64}",
        any::<[u8; 32]>(),
        0..=7_u8,
    )
        .prop_map(|(suite, origin, kind, instance, x, length_class)| {
            let mut actor = PublicKey([4; 65]);
            actor.0[1..33].copy_from_slice(&x);
            Header {
                suite,
                origin: Origin(origin),
                kind,
                instance,
                actor,
                length_class,
            }
        })
}

proptest! {
    #[test]
    fn decode_inverts_encode(header in any_header()) {
        prop_assert_eq!(Header::decode(&header.encode()), Ok(header.clone()));
        let json = serde_json::to_string(&header).expect("a string");
        prop_assert_eq!(serde_json::from_str::<Header>(&json).expect("a header"), header);
    }

    /// One header has one encoding: whatever decodes encodes to the same bytes.
    #[test]
    fn encode_inverts_decode(header in any_header(), at in any::<usize>(), value in any::<u8>()) {
        let mut bytes = header.encode();
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(read) = Header::decode(&bytes) {
            prop_assert_eq!(read.encode(), bytes);
        }
    }

    /// No two headers share an encoding, although three fields have variable length.
    #[test]
    fn different_headers_have_different_bytes(left in any_header(), right in any_header()) {
        prop_assert_eq!(left == right, left.encode() == right.encode());
    }
}
