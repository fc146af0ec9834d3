//! Published results as case files, recomputed digit by digit.

use conclave_rules::{Case, evaluate};

use crate::support::case_files;

#[test]
fn every_published_digit_is_recomputed() {
    let files = case_files("cases");
    assert!(files.len() >= 10, "{} cases", files.len());
    for (name, bytes) in files {
        let case = Case::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let outcome =
            evaluate(&case.rulebook, &case.facts).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let differences: Vec<String> = case
            .differences(&outcome)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
        let published = case.expected.bidders.len();
        assert!(published > 0, "{name} compares nothing");
    }
}
