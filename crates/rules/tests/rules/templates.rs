//! Templates are rulebooks that can be used as they are.

use conclave_rules::{Severity, template, templates};

#[test]
fn every_template_reads_and_its_regime_has_nothing_against_it() {
    let names: Vec<&str> = templates().map(|(name, _)| name).collect();
    assert!(names.len() >= 18);
    for name in names {
        let book = template(name).expect("it has this name");
        let findings: Vec<_> = book
            .validate()
            .into_iter()
            .filter(|finding| finding.severity == Severity::Error)
            .collect();
        assert!(findings.is_empty(), "{name}: {findings:#?}");
    }
    assert!(template("nothing").is_none());
}
