//! The documents of the format say what the code does.

use conclave_rules::{Case, Rulebook, evaluate};
use serde_json::Value;

use crate::support::{PROCUREMENT, QCBS};

const PAGE: &str = include_str!("../../../../docs/formats/rulebook.md");
const SCHEMA: &str = include_str!("../../../../docs/formats/rulebook.schema.json");
const CASE_PAGE: &str = include_str!("../../../../docs/formats/case.md");
const CASE_SCHEMA: &str = include_str!("../../../../docs/formats/case.schema.json");

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    for (generated, committed, name) in [
        (Rulebook::schema(), SCHEMA, "rulebook"),
        (Case::schema(), CASE_SCHEMA, "case"),
    ] {
        let generated = serde_json::to_value(generated).expect("writes");
        let committed: Value = serde_json::from_str(committed).expect("schema is JSON");
        assert!(
            generated == committed,
            "docs/formats/{name}.schema.json is old; the example {name}_schema writes the new one"
        );
    }
}

#[test]
fn the_page_shows_the_tested_examples() {
    for example in [PROCUREMENT, QCBS] {
        assert!(PAGE.contains(&format!("```json\n{example}```")));
    }
}

#[test]
fn the_smallest_case_of_the_page_comes_out_as_it_says() {
    let (_, rest) = CASE_PAGE.split_once("```json\n").expect("the page has a case");
    let (case, _) = rest.split_once("```").expect("it ends");
    let case = Case::parse(case.as_bytes()).expect("it reads");
    let outcome = evaluate(&case.rulebook, &case.facts).expect("it evaluates");
    assert_eq!(case.differences(&outcome), []);
}

/// Every property and every word of an enumeration in the schema is explained on the page.
#[test]
fn the_pages_name_every_field_and_word() {
    for (schema, page, least) in [(SCHEMA, PAGE, 150), (CASE_SCHEMA, CASE_PAGE, 20)] {
        let schema: Value = serde_json::from_str(schema).expect("schema is JSON");
        let mut words = Vec::new();
        collect(&schema, &mut words);
        assert!(words.len() > least, "{}", words.len());
        let missing: Vec<&String> = words
            .iter()
            .filter(|word| !page.contains(&format!("`{word}`")))
            .collect();
        assert!(missing.is_empty(), "the page does not name {missing:?}");
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
