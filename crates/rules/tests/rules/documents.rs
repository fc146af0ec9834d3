//! The documents of the format say what the code does.

use conclave_rules::{Case, ConditionRules, Conditions, ReviewRecord, Rulebook, evaluate};
use serde_json::Value;

use crate::support::{PROCUREMENT, QCBS};

const PAGE: &str = include_str!("../../../../docs/formats/rulebook.md");
const SCHEMA: &str = include_str!("../../../../docs/formats/rulebook.schema.json");
const CASE_PAGE: &str = include_str!("../../../../docs/formats/case.md");
const CASE_SCHEMA: &str = include_str!("../../../../docs/formats/case.schema.json");

const CONDITIONS_PAGE: &str = include_str!("../../../../docs/formats/conditions.md");
const CONDITIONS_SCHEMA: &str = include_str!("../../../../docs/formats/conditions.schema.json");
const CONDITIONS_RULES_SCHEMA: &str = include_str!("../../../../docs/formats/conditions_rules.schema.json");
const CONDITIONS_REVIEW_SCHEMA: &str = include_str!("../../../../docs/formats/conditions_review.schema.json");

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    for (generated, committed, name) in [
        (Rulebook::schema(), SCHEMA, "rulebook"),
        (Case::schema(), CASE_SCHEMA, "case"),
        (Conditions::schema(), CONDITIONS_SCHEMA, "conditions"),
        (
            ConditionRules::schema(),
            CONDITIONS_RULES_SCHEMA,
            "conditions_rules",
        ),
        (
            ReviewRecord::schema(),
            CONDITIONS_REVIEW_SCHEMA,
            "conditions_review",
        ),
    ] {
        let generated = serde_json::to_value(generated).expect("writes");
        let committed: Value = serde_json::from_str(committed).expect("schema is JSON");
        assert!(
            generated == committed,
            "docs/formats/{name}.schema.json is old; `conclave rules schema` writes the new one"
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
    for (schema, page, least) in [
        (SCHEMA, PAGE, 150),
        (CASE_SCHEMA, CASE_PAGE, 20),
        (CONDITIONS_SCHEMA, CONDITIONS_PAGE, 20),
        (CONDITIONS_RULES_SCHEMA, CONDITIONS_PAGE, 40),
        (CONDITIONS_REVIEW_SCHEMA, CONDITIONS_PAGE, 40),
    ] {
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
fn the_smallest_conditions_of_the_page_are_found_against_as_it_says() {
    let (_, rest) = CONDITIONS_PAGE
        .split_once("```json\n")
        .expect("the page has conditions");
    let (conditions, _) = rest.split_once("```").expect("it ends");
    let conditions = Conditions::parse(conditions.as_bytes()).expect("they read");
    let review = ConditionRules::embedded().review(&conditions);
    let found: Vec<&str> = review
        .findings
        .iter()
        .map(|finding| finding.rule.as_str())
        .collect();
    assert_eq!(found, ["CND-SCALE", "CND-REGION-TRACK"]);
    assert!(review.record_required);
}

#[test]
fn the_page_lists_every_rule_of_the_review_and_no_other() {
    let listed = CONDITIONS_PAGE
        .lines()
        .filter_map(|line| line.strip_prefix("| `CND-"));
    let listed: Vec<String> = listed
        .map(|line| format!("CND-{}", line.split('`').next().expect("a cell")))
        .collect();
    let rules: Vec<String> = ConditionRules::embedded()
        .rules
        .into_iter()
        .map(|rule| rule.id)
        .collect();
    assert_eq!(listed, rules);
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
