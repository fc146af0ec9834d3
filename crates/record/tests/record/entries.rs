use crate::fixture::{ACTOR_SECRET, CENTRE_TIME, core, sign, standard_submission};
use conclave_record::{
    ActError, Body, Core, Digest, Disclosed, Entry, Header, Leaf, MAX_SAFE_INTEGER, Salt, VerifiedLeaf,
    commit_body, leaf_hash, signing_input, strict, verify_entry, verify_submission,
};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn entry() -> Entry {
    verify_submission(&standard_submission())
        .expect("signed")
        .entry(7, CENTRE_TIME)
}

fn changed(change: impl FnOnce(&mut Entry)) -> Entry {
    let mut entry = entry();
    change(&mut entry);
    entry
}

fn refused(change: impl FnOnce(&mut Entry)) -> ActError {
    verify_entry(&changed(change)).expect_err("refused")
}

fn with_header(entry: &mut Entry, change: impl FnOnce(&mut Header)) {
    let Leaf::Header { header, .. } = &mut entry.leaf else {
        panic!("the fixture has a header")
    };
    change(header);
}

#[test]
fn three_views_of_a_leaf_have_one_hash() {
    let full = entry();
    let hash = full.leaf_hash();
    assert_eq!(hash, leaf_hash(&full.leaf_data().expect("a header")));
    let verified = verify_entry(&full).expect("full");
    let VerifiedLeaf::Full(act, 7, CENTRE_TIME) = &verified else {
        panic!("{verified:?}")
    };
    assert_eq!(act, &verify_submission(&standard_submission()).expect("signed"));
    assert_eq!((verified.leaf_hash(), act.leaf_hash(CENTRE_TIME)), (hash, hash));

    let withheld = verify_entry(&full.withheld()).expect("withheld");
    let VerifiedLeaf::Header(leaf, 7, CENTRE_TIME) = &withheld else {
        panic!("{withheld:?}")
    };
    assert_eq!(
        (leaf.header(), leaf.commitment(), leaf.signature()),
        (act.header(), act.commitment(), act.signature())
    );
    assert_eq!(withheld.leaf_hash(), hash);

    assert_eq!(verify_entry(&full.hash_only()), Ok(VerifiedLeaf::Hash(hash, 7)));
    assert_eq!(
        (full.hash_only().leaf_data(), full.hash_only().leaf_hash()),
        (None, hash)
    );
}

#[test]
fn the_leaf_is_header_time_commitment() {
    let entry = entry();
    let Leaf::Header {
        header, commitment, ..
    } = &entry.leaf
    else {
        panic!("the fixture has a header")
    };
    let data = [&header.encode()[..], &CENTRE_TIME.to_be_bytes(), &commitment.0].concat();
    assert_eq!(entry.leaf_data(), Some(data));
}

#[test]
fn json_has_the_documented_members() {
    let full = serde_json::to_value(entry()).expect("JSON");
    assert_eq!(
        serde_json::from_value::<Entry>(full.clone()).expect("an entry"),
        entry()
    );
    assert!(full["leaf"]["header"]["commitment"].is_string());
    assert!(full["disclosed"]["body"].is_string() && full["openings"]["note"]["value"].is_string());
    let hash = serde_json::to_value(entry().hash_only()).expect("JSON");
    let expected = serde_json::json!({"index": 7, "time": 0, "leaf": {"hash": entry().leaf_hash()}});
    assert_eq!(hash, expected);
    let with = |pointer: &str| {
        let mut value = full.clone();
        let members = value
            .pointer_mut(pointer)
            .and_then(|value| value.as_object_mut())
            .expect("an object");
        members.insert("more".into(), serde_json::json!(null));
        serde_json::from_value::<Entry>(value)
    };
    for pointer in [
        "",
        "/leaf",
        "/leaf/header",
        "/disclosed",
        "/openings",
        "/openings/note",
    ] {
        assert!(with(pointer).is_err(), "unknown member in {pointer:?}");
    }
}

#[test]
fn a_body_must_match_commitment_and_header() {
    let disclosed = |entry: &mut Entry| entry.disclosed.take().expect("the fixture is disclosed");
    let other_salt = |entry: &mut Entry| {
        let body = disclosed(entry).body;
        entry.disclosed = Some(Disclosed {
            salt: Salt([0; 32]),
            body,
        });
    };
    assert_eq!(refused(other_salt), ActError::BodyCommitment);
    let other_body = |entry: &mut Entry| {
        let Disclosed { salt, mut body } = disclosed(entry);
        body.pop();
        entry.disclosed = Some(Disclosed { salt, body });
    };
    assert_eq!(refused(other_body), ActError::BodyCommitment);
    let mismatch = |field, change: fn(&mut Header)| {
        assert_eq!(
            refused(|entry| with_header(entry, change)),
            ActError::HeaderMismatch { field }
        );
    };
    mismatch("origin", |header| header.origin.0[0] ^= 1);
    mismatch("type", |header| header.kind = "round.opened".into());
    mismatch("instance", |header| header.instance.clear());
    mismatch("length class", |header| header.length_class += 1);
}

/// An author may sign a header that lies about his body; whoever reads the body finds out.
#[test]
fn a_signed_header_that_lies_is_refused_once_the_body_is_known() {
    let body = Body::new(core(), BTreeMap::new()).expect("an allowed core");
    let salt = Salt([1; 32]);
    let commitment = commit_body(&salt, &body.bytes);
    let header = Header {
        kind: "round.opened".into(),
        ..Header::of(&body)
    };
    let signature = sign(ACTOR_SECRET, &signing_input(&header, &commitment));
    let mut entry = Entry {
        index: 0,
        time: CENTRE_TIME,
        leaf: Leaf::Header {
            header,
            commitment,
            signature,
        },
        disclosed: None,
        openings: BTreeMap::new(),
    };
    assert!(matches!(verify_entry(&entry), Ok(VerifiedLeaf::Header(..))));
    entry.disclosed = Some(Disclosed {
        salt,
        body: body.bytes,
    });
    assert_eq!(
        verify_entry(&entry),
        Err(ActError::HeaderMismatch { field: "type" })
    );
}

#[test]
fn a_withheld_body_leaves_the_signature_to_check() {
    let withheld = |change: fn(&mut Header)| {
        let mut entry = entry().withheld();
        with_header(&mut entry, change);
        verify_entry(&entry)
    };
    assert!(withheld(|_| ()).is_ok());
    assert_eq!(withheld(|header| header.kind.push('x')), Err(ActError::Signature));
    assert_eq!(
        withheld(|header| header.actor.0[64] ^= 1),
        Err(ActError::Signature)
    );
    assert_eq!(
        withheld(|header| header.length_class = 0),
        Err(ActError::Signature)
    );
}

#[test]
fn nothing_unbound_stands_beside_a_leaf() {
    assert_eq!(
        refused(|entry| entry.disclosed = None),
        ActError::OpeningsWithoutBody
    );
    let hash_with = |change: fn(&mut Entry)| {
        let mut entry = entry().hash_only();
        change(&mut entry);
        verify_entry(&entry)
    };
    let time = ActError::UnboundByHash {
        what: "a centre time",
    };
    assert_eq!(hash_with(|hash| hash.time = 1), Err(time));
    let body = ActError::UnboundByHash { what: "a body" };
    assert_eq!(hash_with(|hash| hash.disclosed = entry().disclosed), Err(body));
    let openings = ActError::UnboundByHash { what: "openings" };
    assert_eq!(hash_with(|hash| hash.openings = entry().openings), Err(openings));
    let time = ActError::OutOfRange { what: "centre time" };
    assert_eq!(refused(|entry| entry.time = MAX_SAFE_INTEGER + 1), time);
    let index = ActError::OutOfRange { what: "index" };
    assert_eq!(refused(|entry| entry.index = MAX_SAFE_INTEGER + 1), index);
}

#[test]
fn another_key_with_the_right_body_is_refused() {
    let other = Core {
        actor: crate::fixture::public_key([0x77; 32]),
        ..core()
    };
    let body = Body::new(other, BTreeMap::new()).expect("an allowed core");
    let salt = Salt([1; 32]);
    let commitment = commit_body(&salt, &body.bytes);
    let header = Header::of(&body);
    let signature = sign(ACTOR_SECRET, &signing_input(&header, &commitment));
    let leaf = Leaf::Header {
        header,
        commitment,
        signature,
    };
    let disclosed = Some(Disclosed {
        salt,
        body: body.bytes,
    });
    let entry = Entry {
        index: 0,
        time: 0,
        leaf,
        disclosed,
        openings: BTreeMap::new(),
    };
    assert_eq!(verify_entry(&entry), Err(ActError::Signature));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// One changed byte of a delivered entry: it is refused, or it is another leaf, or it says exactly the
    /// same.
    #[test]
    fn a_changed_byte_is_found(at in any::<usize>(), value in any::<u8>()) {
        let mut bytes = serde_json::to_vec(&entry()).expect("JSON");
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(read) = strict::from_slice::<Entry>(&bytes)
            && let Ok(verified) = verify_entry(&read)
        {
            let same_leaf = verified.leaf_hash() == entry().leaf_hash() && verified.index() == entry().index;
            prop_assert!(!same_leaf || read == entry());
        }
    }

    #[test]
    fn the_time_is_part_of_the_leaf(time in 0..=MAX_SAFE_INTEGER) {
        let moved = changed(|entry| entry.time = time);
        prop_assert_eq!(moved.leaf_hash() == entry().leaf_hash(), time == CENTRE_TIME);
        prop_assert_eq!(verify_entry(&moved).map(|leaf| leaf.time()), Ok(Some(time)));
    }

    #[test]
    fn a_hash_says_only_itself(bytes in any::<[u8; 32]>()) {
        let mut hash = entry().hash_only();
        hash.leaf = Leaf::Hash(Digest(bytes));
        prop_assert_eq!(verify_entry(&hash), Ok(VerifiedLeaf::Hash(Digest(bytes), 7)));
    }
}
