//! The generated pages of `docs/formats` say what the code says: changing catalogue, payloads or access matrix changes
//! a committed file.

#[path = "../examples/access.rs"]
#[expect(dead_code, reason = "its main is for `cargo run --example`")]
mod access;
#[path = "../examples/catalogue.rs"]
#[expect(dead_code, reason = "its main is for `cargo run --example`")]
mod catalogue;

use conclave_evaluation::catalogue::{CATALOGUE, Status};
use std::collections::BTreeSet;

/// Names the first line that differs: a whole page in a message helps nobody.
fn same(file: &str, committed: &str, generated: &str, example: &str) {
    if committed == generated {
        return;
    }
    let same = committed
        .lines()
        .zip(generated.lines())
        .take_while(|(old, new)| old == new)
        .count();
    panic!(
        "docs/formats/{file}, line {}: generated is {:?}, committed is {:?}\n\
         read the change, then: cargo run -p conclave-evaluation --example {example} > docs/formats/{file}",
        same + 1,
        generated.lines().nth(same),
        committed.lines().nth(same),
    );
}

#[test]
fn the_committed_catalogue_is_the_generated_one() {
    let committed = include_str!("../../../docs/formats/catalogue.md");
    same("catalogue.md", committed, &catalogue::page(), "catalogue");
}

#[test]
fn the_committed_access_matrix_is_the_generated_one() {
    let committed = include_str!("../../../docs/formats/access.md");
    same("access.md", committed, &access::page(), "access");
}

#[test]
fn every_built_type_has_its_payload_described_once_and_in_order() {
    let built: Vec<&str> = CATALOGUE
        .iter()
        .filter(|line| line.status == Status::Built)
        .map(|line| line.name)
        .collect();
    let described: Vec<&str> = catalogue::PAYLOADS.iter().map(|payload| payload.kind).collect();
    assert_eq!(
        built, described,
        "describe the payload in crates/evaluation/examples/catalogue.rs"
    );
}

#[test]
fn described_fields_are_those_of_the_rust_types() {
    for payload in catalogue::PAYLOADS {
        if let Some(shape) = payload.shape {
            assert_eq!(names(payload.fields), shape(), "payload of {}", payload.kind);
        }
    }
    for value in catalogue::VALUES {
        assert_eq!(names(value.fields), (value.shape)(), "value {}", value.name);
    }
}

fn names(fields: &'static [(&'static str, &'static str)]) -> Option<&'static [&'static str]> {
    let names: Vec<&'static str> = fields.iter().map(|(name, _)| *name).collect();
    Some(names.leak())
}

/// Only types that this crate cannot see may go without a check of their fields.
#[test]
fn payloads_without_a_rust_type_are_the_registers_and_observations() {
    let untyped: BTreeSet<&str> = catalogue::PAYLOADS
        .iter()
        .filter(|payload| payload.shape.is_none())
        .map(|payload| payload.kind)
        .collect();
    let strange: Vec<&&str> = untyped
        .iter()
        .filter(|kind| !kind.starts_with("register.") && !kind.starts_with("observation."))
        .collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn every_act_type_has_its_own_name_and_chinese_word() {
    let names: BTreeSet<&str> = CATALOGUE.iter().map(|line| line.name).collect();
    let words: BTreeSet<&str> = CATALOGUE.iter().map(|line| line.zh).collect();
    assert_eq!((names.len(), words.len()), (CATALOGUE.len(), CATALOGUE.len()));
}
