//! The anchors file.

use crate::signer::Authorities;
use conclave_audit::{Anchors, AnchorsError};
use record::{Digest, Origin, Tree};
use serde_json::{Value, json};

fn file() -> Value {
    serde_json::from_slice(&Authorities::new().anchors().to_json_bytes()).expect("JSON")
}

#[test]
fn what_is_written_is_read() {
    let anchors = Authorities::new().anchors();
    assert_eq!(Anchors::parse(&anchors.to_json_bytes()), Ok(anchors));
}

#[test]
fn faults_are_located() {
    let log_key = file()["log_key"].clone();
    let witness_key = file()["witnesses"][0]["key"].clone();
    let cases = [
        ("/format", json!("conclave.anchors/2"), "format"),
        ("/ca_roots", json!([]), "ca_roots"),
        ("/ca_roots/0", json!("%%%"), "ca_roots[0]"),
        ("/ca_roots/0", json!("AAAA"), "ca_roots[0]"),
        ("/log_key", json!("centre"), "log_key"),
        ("/log_key", witness_key.clone(), "log_key"),
        ("/register_key", witness_key, "register_key"),
        ("/witnesses/1/key", log_key, "witnesses[1].key"),
        ("/witnesses/2/name", json!(""), "witnesses[2].name"),
        (
            "/witnesses/2/organisation",
            json!(""),
            "witnesses[2].organisation",
        ),
        ("/witnesses/1/name", json!("witness-0"), "witnesses"),
        ("/witnesses/0/outside", json!(false), "witnesses"),
        ("/quorum", json!(1), "quorum"),
        ("/quorum", json!(4), "quorum"),
    ];
    for (pointer, value, expected) in cases {
        let mut file = file();
        *file.pointer_mut(pointer).expect("a field") = value.clone();
        match Anchors::parse(file.to_string().as_bytes()) {
            Err(AnchorsError::Field { at, .. }) => assert_eq!(at, expected, "{pointer} {value}"),
            other => panic!("{pointer} {value}: {other:?}"),
        }
    }
}

#[test]
fn unknown_and_missing_members_are_refused() {
    let mut extra = file();
    extra["more"] = json!(1);
    assert!(matches!(
        Anchors::parse(extra.to_string().as_bytes()),
        Err(AnchorsError::Json(_))
    ));
    let mut missing = file();
    missing.as_object_mut().expect("an object").remove("quorum");
    assert!(matches!(
        Anchors::parse(missing.to_string().as_bytes()),
        Err(AnchorsError::Json(_))
    ));
    assert!(matches!(
        Anchors::parse(b"{\"format\":"),
        Err(AnchorsError::Json(_))
    ));
}

#[test]
fn a_quorum_is_w_distinct_witnesses_and_one_outside() {
    let authorities = Authorities::new();
    let mut witnesses = authorities.anchors().witnesses;
    let mut tree = Tree::new();
    tree.push(Digest([1; 32]));
    let note = |count, seconds| authorities.checkpoint(&Origin([5; 16]), &tree, 1, count, seconds);
    assert!(!witnesses.cosigned(&note(1, 100)).is_quorum(), "one of two");
    let cosigned = witnesses.cosigned(&note(2, 100));
    assert!(cosigned.is_quorum());
    assert_eq!(cosigned.complete_at(), Some(100));
    witnesses.witnesses[0].outside = false;
    assert!(!witnesses.cosigned(&note(2, 100)).is_quorum(), "nobody outside");
    witnesses.witnesses[2].outside = true;
    assert!(witnesses.cosigned(&note(3, 100)).is_quorum());
    // One key under two names is one witness.
    witnesses.witnesses[1].key = witnesses.witnesses[0].key.clone();
    witnesses.witnesses[0].outside = true;
    assert_eq!(witnesses.cosigned(&note(2, 100)).times.len(), 1);
}
