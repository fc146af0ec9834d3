//! Scoring tables of real tenders as rulebooks, with bids made up and results reckoned by hand from the tenders' text.

use conclave_rules::{Case, CriterionKind, Severity, evaluate};

use crate::support::case_files;

fn cases() -> Vec<(String, Case)> {
    let read = |(name, bytes): (String, Vec<u8>)| {
        let case = Case::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, case)
    };
    case_files("tenders").into_iter().map(read).collect()
}

#[test]
fn a_tender_comes_out_as_its_text_says() {
    let cases = cases();
    assert!(cases.len() >= 5, "{} tenders", cases.len());
    for (name, case) in cases {
        let outcome =
            evaluate(&case.rulebook, &case.facts).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let found = case.differences(&outcome);
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
        assert!(case.expected.bidders.len() >= 3, "{name} compares little");
    }
}

#[test]
fn its_regime_has_nothing_against_it() {
    for (name, case) in cases() {
        let errors: Vec<_> = case
            .rulebook
            .validate()
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn every_item_says_where_the_tender_says_so() {
    for (name, case) in cases() {
        for leaf in case.rulebook.leaves() {
            // The price stands in the formula, not in the table of items.
            if matches!(leaf.criterion.kind, CriterionKind::Price { .. }) {
                continue;
            }
            let clause = leaf.criterion.clause.as_ref().or(leaf.root.clause.as_ref());
            let clause = clause.unwrap_or_else(|| panic!("{name}: {} has no clause", leaf.criterion.id));
            assert!(
                clause.page > 0 && !clause.quote.trim().is_empty(),
                "{name}: {}",
                leaf.criterion.id
            );
        }
    }
}
