//! The documents of the format say what the code does.

use conclave_rules::Rulebook;
use serde_json::Value;

use crate::support::{PROCUREMENT, QCBS};

const PAGE: &str = include_str!("../../../../docs/formats/rulebook.md");
const SCHEMA: &str = include_str!("../../../../docs/formats/rulebook.schema.json");

#[test]
fn the_committed_schema_is_the_generated_one() {
    let generated = serde_json::to_value(schemars::schema_for!(Rulebook)).expect("writes");
    let committed: Value = serde_json::from_str(SCHEMA).expect("schema is JSON");
    assert!(
        generated == committed,
        "docs/formats/rulebook.schema.json is old; the example rulebook_schema writes the new one"
    );
}

#[test]
fn the_page_shows_the_tested_examples() {
    for example in [PROCUREMENT, QCBS] {
        assert!(PAGE.contains(&format!("```json\n{example}```")));
    }
}

/// Every property and every word of an enumeration in the schema is explained on the page.
#[test]
fn the_page_names_every_field_and_word() {
    let schema: Value = serde_json::from_str(SCHEMA).expect("schema is JSON");
    let mut words = Vec::new();
    collect(&schema, &mut words);
    assert!(words.len() > 100);
    for word in words {
        assert!(
            PAGE.contains(&format!("`{word}`")),
            "the page does not name `{word}`"
        );
    }
}

#[test]
fn the_page_names_every_rule_of_the_format() {
    for number in 1..=9 {
        assert!(PAGE.contains(&format!("RB-{number} ")), "RB-{number}");
    }
}

fn collect(schema: &Value, words: &mut Vec<String>) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get("properties") {
                words.extend(properties.keys().cloned());
            }
            if let Some(Value::String(word)) = fields.get("const") {
                words.push(word.clone());
            }
            fields.values().for_each(|field| collect(field, words));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, words)),
        _ => {}
    }
}
