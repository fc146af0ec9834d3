//! The strict reader: what it refuses, and where it says the fault is.

use conclave_rules::{MAX_RULEBOOK_BYTES, Rulebook, RulebookError};
use serde_json::{Value, json};

use crate::support::{PROCUREMENT, QCBS, json, procurement};

fn fault(text: &str) -> (String, String) {
    match Rulebook::parse(text.as_bytes()) {
        Err(RulebookError::Shape { at, message }) => (at, message),
        other => panic!("not refused for its shape: {other:?}"),
    }
}

/// JSON pointers of every object in a value.
fn objects(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(at.clone());
            for (name, field) in fields {
                objects(field, format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn examples_read_and_hold() {
    for text in [PROCUREMENT, QCBS] {
        let rulebook = Rulebook::parse(text.as_bytes()).expect("example reads");
        assert_eq!(rulebook.errors(), Vec::new());
        let written = serde_json::to_vec(&rulebook).expect("writes");
        assert_eq!(Rulebook::parse(&written).expect("reads again"), rulebook);
    }
}

#[test]
fn unknown_fields_are_refused_in_every_object() {
    for text in [PROCUREMENT, QCBS] {
        let example = json(text);
        let mut places = Vec::new();
        objects(&example, String::new(), &mut places);
        assert!(places.len() > 30);
        for place in places {
            let mut broken = example.clone();
            let object = broken.pointer_mut(&place).expect("found above");
            object["surplus"] = json!("1");
            let refused = Rulebook::parse(broken.to_string().as_bytes()).is_err();
            assert!(refused, "an unknown field at {place} was accepted");
        }
    }
}

#[test]
fn repeated_fields_are_refused() {
    let twice = PROCUREMENT.replacen("\"version\": 1,", "\"version\": 1, \"version\": 1,", 1);
    assert!(fault(&twice).1.contains("duplicate field `version`"));
    let inside = PROCUREMENT.replacen("\"max\": \"40\",", "\"max\": \"40\", \"max\": \"41\",", 1);
    assert!(fault(&inside).1.contains("duplicate field `max`"));
}

#[test]
fn faults_are_located() {
    let number = PROCUREMENT.replacen("\"max\": \"40\"", "\"max\": 40.0", 1);
    let (at, message) = fault(&number);
    assert_eq!(at, "criteria[2].kind.group.criteria[0].kind.range.max");
    assert!(message.contains("expected a string"), "{message}");

    let zeros = PROCUREMENT.replacen("\"max\": \"40\"", "\"max\": \"040\"", 1);
    let (at, message) = fault(&zeros);
    assert_eq!(at, "criteria[2].kind.group.criteria[0].kind.range.max");
    assert!(message.contains("leading zeros"), "{message}");

    let (at, _) = fault(&PROCUREMENT.replacen("small_enterprise\",", "small_enterprise\", \"x\": 1,", 1));
    assert_eq!(at, "price.deductions.items[0].x");

    let (at, message) = fault(&PROCUREMENT.replacen("conclave.rulebook/1", "conclave.rulebook/2", 1));
    assert_eq!(at, "format");
    assert!(message.contains("conclave.rulebook/2"), "{message}");

    let (at, _) = fault(&PROCUREMENT.replacen("\"version\": 1", "\"version\": 1.0", 1));
    assert_eq!(at, "version");

    let (at, _) = fault(&PROCUREMENT.replacen("\"B-01\",\n      \"title\"", "\"B 01\",\n      \"title\"", 1));
    assert_eq!(at, "criteria[3].id");
}

#[test]
fn nothing_may_follow_and_length_is_bounded() {
    fault(&format!("{PROCUREMENT} {{}}"));
    fault("");
    fault("[]");
    let long = " ".repeat(MAX_RULEBOOK_BYTES + 1);
    assert_eq!(Rulebook::parse(long.as_bytes()), Err(RulebookError::TooLong));
}

#[test]
fn deep_nesting_is_an_error_and_not_a_crash() {
    let deep = "{\"group\":{\"criteria\":[{\"kind\":".repeat(10_000);
    let text = format!("{{\"criteria\":[{{\"kind\":{deep}");
    assert!(Rulebook::parse(text.as_bytes()).is_err());
}

#[test]
fn leaves_and_blocks() {
    let rulebook = procurement();
    let ids: Vec<String> = rulebook
        .leaves()
        .iter()
        .map(|leaf| format!("{}<{}", leaf.criterion.id, leaf.root.id))
        .collect();
    assert_eq!(
        ids,
        [
            "Q-01<Q-01",
            "C-01<C",
            "C-02<C",
            "T-01<T",
            "T-02<T",
            "B-01<B-01",
            "P-01<P-01"
        ]
    );
    let blocks: Vec<&str> = rulebook.blocks().iter().map(|b| b.id.as_str()).collect();
    assert_eq!(blocks, ["T", "B-01"]);
}
