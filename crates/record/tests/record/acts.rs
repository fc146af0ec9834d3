use crate::fixture::{
    ACTOR_SECRET, BODY_SALT, NOTE_SALT, core, openings, sign, sign_any_s, standard_submission, submission,
};
use conclave_record::{
    ActError, Body, Core, Digest, Header, Opening, PublicKey, Salt, Signature, StrictError, Submission,
    Suite,
    act::MAX_ATTACHMENT,
    commit_attachment, commit_body, low_s, signing_input,
    strict::{Fault, MAX_BODY},
    verify_submission,
};
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn body() -> Body {
    Body::new(core(), BTreeMap::from([("note".to_owned(), Digest::of(b"x"))])).expect("an allowed core")
}

fn text() -> String {
    String::from_utf8(body().bytes).expect("JSON is UTF-8")
}

fn refused(text: &str) -> ActError {
    Body::parse(text.as_bytes()).expect_err(text)
}

#[test]
fn a_body_is_read_as_it_was_written() {
    let body = body();
    assert_eq!(Body::parse(&body.bytes).as_ref(), Ok(&body));
    assert_eq!(body.core, core());
    let text = text();
    assert!(
        text.starts_with(r#"{"core":{"format":"conclave.act/1","suite":"international","origin":"a0a0"#),
        "{text}"
    );
    assert!(
        text.contains(r#","expires":1767229200000},"attachments":{"note":""#),
        "{text}"
    );
    assert_eq!(
        body.core_digest(),
        Digest::tagged("conclave/core/v1", &[&body.core_bytes])
    );
}

#[test]
fn a_core_may_have_any_order_and_white_space_and_keeps_its_bytes() {
    let text = text().replace(r#""format":"conclave.act/1","#, "").replace(
        r#""expires":1767229200000}"#,
        "\"expires\": 1767229200000,\n \"format\":\"conclave.act/1\"}",
    );
    let read = Body::parse(text.as_bytes()).expect("strict and complete");
    assert_eq!(read.core, core());
    assert_ne!(read.core_digest(), body().core_digest());
    assert!(
        read.core_bytes
            .ends_with(b"\"expires\": 1767229200000,\n \"format\":\"conclave.act/1\"}")
    );
}

#[test]
fn outside_the_core_there_is_one_spelling() {
    let text = text();
    let digest = Digest::of(b"x").to_string();
    let two = format!(r#""attachments":{{"b":"{digest}","a":"{digest}"}}"#);
    let cases = [
        (format!(" {text}"), 0),
        (format!("{text}\n"), text.len()),
        (text.replace(r#"{"core":"#, r#"{ "core":"#), 1),
        (text.replace(r#"{"core":"#, r#"{"core": "#), 8),
        (
            text.replace(r#","attachments":"#, r#", "attachments":"#),
            text.find(r#""attachments""#).expect("there"),
        ),
        (
            text.replace(r#""attachments":{"note":"#, r#""attachments":{"note" :"#),
            text.find(r#""attachments""#).expect("there") + r#""attachments":{"note""#.len(),
        ),
        (text.replace(r#""note":""#, r#""\u006eote":""#), 0),
        (
            text.replace(&format!(r#""attachments":{{"note":"{digest}"}}"#), &two),
            0,
        ),
    ];
    for (changed, offset) in cases {
        assert_ne!(changed, text);
        let error = refused(&changed);
        let ActError::BodyNotCanonical { offset: found } = error else {
            panic!("{error}: {changed}")
        };
        assert!(
            offset == 0 || found == offset,
            "{found} instead of {offset}: {changed}"
        );
    }
    let (core, attachments) = text.split_once(r#","attachments""#).expect("there");
    let swapped = format!(
        r#"{{"attachments"{},{}}}"#,
        &attachments[..attachments.len() - 1],
        &core[1..]
    );
    assert!(
        matches!(refused(&swapped), ActError::BodyNotCanonical { .. }),
        "{swapped}"
    );
}

#[test]
fn every_member_is_needed_and_no_other() {
    let value: serde_json::Value = serde_json::from_slice(&body().core_bytes).expect("JSON");
    let members = value.as_object().expect("an object");
    assert_eq!(members.len(), 12);
    for name in members.keys() {
        let mut fewer = members.clone();
        fewer.remove(name);
        let text = format!(r#"{{"core":{},"attachments":{{}}}}"#, json!(fewer));
        assert!(
            matches!(
                refused(&text),
                ActError::Strict(StrictError {
                    fault: Fault::Shape(_),
                    ..
                })
            ),
            "{name}"
        );
    }
    let mut more = members.clone();
    more.insert("more".into(), json!(1));
    let text = format!(r#"{{"core":{},"attachments":{{}}}}"#, json!(more));
    assert!(matches!(
        refused(&text),
        ActError::Strict(StrictError {
            fault: Fault::Shape(_),
            ..
        })
    ));
    assert!(matches!(refused(r#"{"core":{}}"#), ActError::Strict(_)));
    assert!(matches!(
        refused(r#"{"core":{},"attachments":{},"x":1}"#),
        ActError::Strict(_)
    ));
}

#[test]
fn values_of_the_core_are_closed() {
    let text = text();
    let actor = core().actor.to_string();
    let cases = [
        ("conclave.act/1", "conclave.act/2"),
        ("\"international\"", "\"International\""),
        ("\"international\"", "\"sm\""),
        ("round.sealed", "Round.sealed"),
        ("round.sealed", ""),
        ("round.sealed", "round-sealed"),
        ("round.sealed", "a2345678901234567890123456789012345678901"),
        ("technical/1", "Technical/1"),
        ("technical/1", "技术"),
        (
            "technical/1",
            "a2345678901234567890123456789012345678901234567890123456789012345",
        ),
        ("a0a0a0", "A0a0a0"),
        ("a1a1a1", "a1a1"),
        ("1767225600000", "1767225600000.0"),
        ("1767225600000", "-1"),
        ("1767225600000", "\"1767225600000\""),
        ("1767225600000", "9007199254740992"),
        ("\"size\":7", "\"size\":7,\"size\":7"),
        ("\"size\":7", "\"size\":7,\"more\":7"),
        ("\"size\":16384", "\"size\":16384.5"),
        ("评分表", "e\u{301}"),
        (&actor, &format!("02{}", &actor[2..])),
        (&actor, &actor[2..]),
    ];
    for (from, to) in cases {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        refused(&changed);
    }
}

#[test]
fn a_body_that_could_not_be_read_is_not_made() {
    let with = |change: fn(&mut Core)| {
        let mut core = core();
        change(&mut core);
        Body::new(core, BTreeMap::new())
    };
    assert!(matches!(
        with(|core| core.kind = "X".into()),
        Err(ActError::Kind(_))
    ));
    assert!(matches!(
        with(|core| core.instance = " ".into()),
        Err(ActError::Instance(_))
    ));
    assert_eq!(with(|core| core.actor = PublicKey([0; 65])), Err(ActError::Actor));
    let strict = |result: Result<Body, ActError>| match result {
        Err(ActError::Strict(error)) => error.fault,
        other => panic!("{other:?}"),
    };
    assert_eq!(strict(with(|core| core.payload = json!(0.5))), Fault::NotInteger);
    assert_eq!(
        strict(with(|core| core.payload = json!("e\u{301}"))),
        Fault::NotNfc
    );
    assert_eq!(strict(with(|core| core.time = 1 << 53)), Fault::OutOfRange);
    assert_eq!(
        strict(with(|core| core.payload = json!("x".repeat(MAX_BODY)))),
        Fault::TooLong(MAX_BODY)
    );
    for name in ["", "Note", "note1", "a-b", "abcdefghijklmnopqrstuvwxy"] {
        let attachments = BTreeMap::from([(name.to_owned(), Digest::of(b""))]);
        assert_eq!(
            Body::new(core(), attachments),
            Err(ActError::AttachmentName(name.into()))
        );
    }
}

#[test]
fn commitments_follow_their_definition() {
    let sha256 = |parts: &[&[u8]]| Digest::of(&parts.concat());
    let salt = Salt([3; 32]);
    assert_eq!(
        commit_body(&salt, b"{}"),
        sha256(&[b"conclave/body/v1\0", &salt.0, b"{}"])
    );
    let attachment = commit_attachment("note", &salt, b"v");
    assert_eq!(
        attachment,
        sha256(&[b"conclave/attachment/v1\0\x04note", &salt.0, b"v"])
    );
    let header = Header::of(&body());
    let digest = Digest::of(b"c");
    assert_eq!(
        signing_input(&header, &digest),
        [b"conclave/act/v1\0", &header.encode()[..], &digest.0].concat()
    );
}

#[test]
fn a_submission_verifies_with_all_some_or_no_openings() {
    let all = submission(
        core(),
        openings(&[("a", NOTE_SALT, b"1"), ("b", NOTE_SALT, b"2")]),
    );
    let act = verify_submission(&all).expect("signed and opened");
    assert_eq!(
        (act.attachment("a"), act.attachment("b")),
        (Some(&b"1"[..]), Some(&b"2"[..]))
    );
    assert_eq!(
        (act.core(), act.salt(), act.signature()),
        (&core(), &BODY_SALT, &all.signature)
    );
    let mut some = all.clone();
    some.openings.remove("a");
    let act = verify_submission(&some).expect("an opening may be absent");
    assert_eq!((act.attachment("a"), act.openings().len()), (None, 1));
    some.openings.clear();
    assert!(verify_submission(&some).is_ok());
    let json = serde_json::to_vec(&all).expect("JSON");
    assert_eq!(serde_json::from_slice::<Submission>(&json).expect("JSON"), all);
}

#[test]
fn openings_must_be_declared_and_match() {
    let good = standard_submission();
    let with = |name: &str, opening: Opening| {
        let mut changed = good.clone();
        changed.openings.insert(name.to_owned(), opening);
        verify_submission(&changed).expect_err("refused")
    };
    let opening = good.openings["note"].clone();
    assert_eq!(
        with("other", opening.clone()),
        ActError::UndeclaredOpening("other".into())
    );
    let other_salt = Opening {
        salt: Salt([0; 32]),
        ..opening.clone()
    };
    assert_eq!(with("note", other_salt), ActError::OpeningMismatch("note".into()));
    let other_value = Opening {
        value: b"only for the custodian".to_vec(),
        ..opening
    };
    assert_eq!(
        with("note", other_value),
        ActError::OpeningMismatch("note".into())
    );
    let most = submission(core(), openings(&[("note", NOTE_SALT, &[7; MAX_ATTACHMENT])]));
    assert!(verify_submission(&most).is_ok());
    let size = MAX_ATTACHMENT + 1;
    let large = submission(core(), openings(&[("note", NOTE_SALT, &vec![7; size])]));
    let too_large = ActError::OpeningTooLarge {
        name: "note".into(),
        size,
    };
    assert_eq!(verify_submission(&large), Err(too_large));
}

#[test]
fn the_signature_covers_everything() {
    let good = standard_submission();
    for bit in 0..512 {
        let mut changed = good.clone();
        changed.signature.0[bit / 8] ^= 1 << (bit % 8);
        let error = verify_submission(&changed).expect_err("one bit of the signature");
        assert!(
            matches!(error, ActError::Signature | ActError::HighS),
            "bit {bit}: {error}"
        );
    }
    let salt = Submission {
        salt: Salt([0x54; 32]),
        ..good.clone()
    };
    assert_eq!(verify_submission(&salt), Err(ActError::Signature));
    let changed = String::from_utf8(good.body.clone())
        .expect("UTF-8")
        .replace("16384", "16385");
    let body = Submission {
        body: changed.into_bytes(),
        ..good.clone()
    };
    assert_eq!(verify_submission(&body), Err(ActError::Signature));
    // A signature without the domain tag is a signature of something else.
    let act = verify_submission(&good).expect("good");
    let untagged = sign(
        ACTOR_SECRET,
        &[act.header().encode().as_slice(), &act.commitment().0].concat(),
    );
    assert_eq!(
        verify_submission(&Submission {
            signature: untagged,
            ..good
        }),
        Err(ActError::Signature)
    );
}

#[test]
fn only_the_low_form_of_a_signature_is_accepted() {
    let good = standard_submission();
    let low = p256::ecdsa::Signature::from_slice(&good.signature.0).expect("in range");
    let high = p256::ecdsa::Signature::from_scalars(low.r(), -low.s()).expect("not zero");
    let high = Signature(high.to_bytes().into());
    assert_eq!(low_s(&high), good.signature);
    assert_eq!(
        verify_submission(&Submission {
            signature: high,
            ..good
        }),
        Err(ActError::HighS)
    );
}

#[test]
fn the_gm_suite_is_refused_not_misread() {
    let gm = submission(
        Core {
            suite: Suite::Gm,
            ..core()
        },
        BTreeMap::new(),
    );
    assert_eq!(verify_submission(&gm), Err(ActError::UnsupportedSuite(Suite::Gm)));
}

#[test]
fn hex_has_one_spelling() {
    assert!("00".repeat(32).parse::<Digest>().is_ok());
    for text in [
        "",
        "00",
        &"00".repeat(33),
        &"0".repeat(63),
        &"AB".repeat(32),
        &"0g".repeat(32),
        &" ".repeat(64),
    ] {
        assert!(text.parse::<Digest>().is_err(), "{text:?}");
    }
    assert_eq!(
        format!("{:?}", Salt([0xab; 32])),
        format!("Salt({})", "ab".repeat(32))
    );
    assert!(format!("03{}", "00".repeat(64)).parse::<PublicKey>().is_err());
}

proptest! {
    /// The same low form as the curve library's, which verifies, for signatures of any message.
    #[test]
    fn low_s_agrees_with_the_curve_library(message in prop::collection::vec(any::<u8>(), 0..40)) {
        let signature = sign_any_s(ACTOR_SECRET, &message);
        let theirs = p256::ecdsa::Signature::from_slice(&signature.0).expect("in range").normalize_s();
        let ours = low_s(&signature);
        prop_assert_eq!(&ours.0[..], &theirs.to_bytes()[..]);
        prop_assert_eq!(low_s(&ours), ours);
    }

    /// A changed byte of a body is refused by the parser, or the body says it is other bytes.
    #[test]
    fn a_read_body_is_the_bytes(at in any::<usize>(), value in any::<u8>()) {
        let mut bytes = body().bytes;
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(read) = Body::parse(&bytes) {
            prop_assert_eq!(&read.bytes, &bytes);
            let again = [b"{\"core\":", &read.core_bytes[..]].concat();
            prop_assert!(bytes.starts_with(&again));
        }
    }
}
