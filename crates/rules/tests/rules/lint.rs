//! The checks of a rulebook: one wrong field, the finding that names it.

use conclave_rules::{EvaluateError, Rulebook, Severity, evaluate};
use serde_json::{Value, json};

use crate::support::{PROCUREMENT, QCBS, changed, facts};

fn found(rulebook: &Rulebook) -> Vec<(String, String)> {
    let findings = rulebook.validate().into_iter();
    findings.map(|f| (f.rule, f.at)).collect()
}

fn assert_finding(text: &str, changes: &[(&str, Value)], rule: &str, at: &str) {
    let rulebook = changed(text, changes);
    let found = found(&rulebook);
    let wanted = (rule.to_owned(), at.to_owned());
    assert!(
        found.contains(&wanted),
        "{changes:?}: wanted {wanted:?}, found {found:?}"
    );
    for finding in rulebook.validate() {
        assert!(!finding.text.zh.is_empty() && !finding.text.en.is_empty());
    }
}

#[test]
fn law_of_procurement() {
    let points = "/criteria/4/kind/price/points";
    let commercial = "/criteria/3/kind/range/max";
    let method = "/price/method";
    for (changes, rule, at) in [
        // SC-1: goods at 29 of 100; services at 9.
        (
            vec![(points, json!("29")), (commercial, json!("21"))],
            "SC-1",
            "criteria",
        ),
        (
            vec![
                ("/subject", json!("services")),
                (points, json!("9")),
                (commercial, json!("41")),
            ],
            "SC-1",
            "criteria",
        ),
        // SC-2: 99.5 points.
        (vec![(points, json!("29.5"))], "SC-2", "criteria"),
        (
            vec![("/aggregation/drop", json!("one_high_one_low"))],
            "SC-3",
            "aggregation.drop",
        ),
        (
            vec![("/ranking/keys", json!(["score_desc"]))],
            "R-TIE",
            "ranking.keys",
        ),
        // GD-TAX: the higher price first is against 87号令 57.
        (
            vec![("/ranking/keys", json!(["score_desc", "price_desc"]))],
            "R-TIE",
            "ranking.keys",
        ),
        (vec![("/candidates/max", json!(4))], "RES-1", "candidates.max"),
        (vec![("/candidates/max", json!(0))], "RES-1", "candidates.max"),
        (
            vec![("/minimum_bidders/after_conformity", json!(2))],
            "MIN-2",
            "minimum_bidders.after_conformity",
        ),
        (
            vec![("/stages/0/actor", json!("committee"))],
            "COM-15",
            "stages[0].actor",
        ),
        (
            vec![("/stages/1/actor", json!("purchaser"))],
            "COM-15",
            "stages[1].actor",
        ),
        (
            vec![("/criteria/0/title/zh", json!("商务响应"))],
            "VOTE-9",
            "criteria[3]",
        ),
        (
            vec![(method, qcbs_method("0.8", "0.2"))],
            "SC-1",
            "price.method.qcbs.price_weight",
        ),
    ] {
        assert_finding(PROCUREMENT, &changes, rule, at);
    }
}

fn qcbs_method(technical: &str, price: &str) -> Value {
    json!({ "qcbs": {
        "technical_weight": technical, "price_weight": price, "technical_minimum": "70" } })
}

#[test]
fn what_other_regimes_allow() {
    let works = [
        ("/regime", json!("bidding")),
        ("/subject", json!("works")),
        ("/aggregation/drop", json!("one_high_one_low")),
        ("/ranking/keys", json!(["score_desc", "price_desc"])),
        ("/stages/0/actor", json!("committee")),
        ("/minimum_bidders/after_conformity", json!(1)),
        ("/criteria/4/kind/price/points", json!("5")),
        ("/criteria/3/kind/range/max", json!("45")),
    ];
    assert_eq!(changed(PROCUREMENT, &works).errors(), Vec::new());
    let fewer = [
        ("/regime", json!("bidding")),
        ("/minimum_bidders/at_deadline", json!(2)),
    ];
    assert_finding(PROCUREMENT, &fewer, "MIN-1", "minimum_bidders.at_deadline");
    assert_eq!(
        changed(QCBS, &[("/candidates/max", json!(5))]).errors(),
        Vec::new()
    );
}

#[test]
fn weights_of_qcbs() {
    for (technical, price) in [("0.8", "0.19"), ("0.8", "0.21"), ("1", "0"), ("1.2", "-0.2")] {
        let method = [("/price/method", qcbs_method(technical, price))];
        assert_finding(QCBS, &method, "SC-2", "price.method.qcbs");
    }
    assert_finding(
        QCBS,
        &[
            ("/parts/1/opened", json!("at_opening")),
            ("/stages/1/opens", json!([])),
        ],
        "RB-3",
        "parts[1].opened",
    );
    assert_finding(
        QCBS,
        &[("/price/method/qcbs/technical_minimum", json!("100.01"))],
        "RB-6",
        "price.method.qcbs.technical_minimum",
    );
}

#[test]
fn structure() {
    let t01 = "criteria[2].kind.group.criteria[0]";
    for (pointer, value, rule, at) in [
        ("/version", json!(0), "RB-1", "version"),
        ("/currency", json!("cny"), "RB-1", "currency"),
        ("/ceiling", json!("0"), "RB-1", "ceiling"),
        ("/lot/name/en", json!(" "), "RB-1", "lot.name"),
        (
            "/limits/reason_max_bytes",
            json!(0),
            "RB-1",
            "limits.reason_max_bytes",
        ),
        ("/parts/1/name", json!("opening"), "RB-2", "parts[1].name"),
        (
            "/parts/4/opened",
            json!({"stage": "scored/1"}),
            "RB-2",
            "parts[4].opened",
        ),
        (
            "/stages/3/opens",
            json!(["price", "opening"]),
            "RB-2",
            "stages[3].opens",
        ),
        ("/stages/2/id", json!("scored/2"), "RB-3", "stages[2].id"),
        (
            "/stages/1/criteria",
            json!(["C-01"]),
            "RB-5",
            "criteria[1].kind.group.criteria[1]",
        ),
        (
            "/stages/1/criteria/1",
            json!("C-01"),
            "RB-5",
            "stages[1].criteria[1]",
        ),
        (
            "/stages/1/criteria/1",
            json!("T-01"),
            "RB-5",
            "stages[1].criteria[1]",
        ),
        (
            "/stages/2/criteria/0",
            json!("T"),
            "RB-5",
            "stages[2].criteria[0]",
        ),
        (
            "/stages/5/criteria",
            json!(["T-01"]),
            "RB-5",
            "stages[5].criteria",
        ),
        ("/criteria/3/id", json!("T-01"), "RB-4", "criteria[3].id"),
        (
            "/criteria/2/kind/group/criteria/0/kind/range/step",
            json!("0.3"),
            "RB-4",
            "criteria[2].kind.group.criteria[0].kind",
        ),
        (
            "/criteria/2/kind/group/criteria/0/kind/range/min",
            json!("40"),
            "RB-4",
            "criteria[2].kind.group.criteria[0].kind",
        ),
        (
            "/criteria/2/kind/group/criteria/1/kind/fixed/values",
            json!(["10", "10.0"]),
            "RB-4",
            "criteria[2].kind.group.criteria[1].kind",
        ),
        (
            "/criteria/2/kind/group/criteria/0/kind",
            json!("pass_fail"),
            "RB-4",
            t01,
        ),
        (
            "/criteria/2/kind/group/criteria/0/kind",
            json!("pass_fail"),
            "RB-4",
            "criteria[2]",
        ),
        ("/criteria/4/kind", json!("pass_fail"), "RB-6", "criteria"),
        (
            "/aggregation/rounding/1/where",
            json!("block_mean"),
            "RB-7",
            "aggregation.rounding[1].where",
        ),
        (
            "/aggregation/rounding/0/where",
            json!("member_total"),
            "RB-7",
            "aggregation.rounding[0].where",
        ),
        (
            "/aggregation/rounding/1/where",
            json!("financial_score"),
            "RB-7",
            "aggregation.rounding[1].where",
        ),
        (
            "/aggregation/rounding/0/mode",
            json!("none"),
            "RB-7",
            "aggregation.rounding[0].places",
        ),
        (
            "/aggregation/rounding/0/places",
            json!(21),
            "RB-7",
            "aggregation.rounding[0].places",
        ),
        (
            "/ranking/keys",
            json!(["score_desc", "price_asc", "price_asc"]),
            "RB-8",
            "ranking.keys[2]",
        ),
        (
            "/ranking/keys",
            json!(["score_desc", "price_asc", {"block_desc": "T-01"}]),
            "RB-8",
            "ranking.keys[2]",
        ),
        (
            "/price/deductions/items/0/percent",
            json!("100"),
            "RB-9",
            "price.deductions.items[0]",
        ),
        (
            "/price/deductions/items/1/attribute",
            json!("small_enterprise"),
            "RB-9",
            "price.deductions.items[1]",
        ),
    ] {
        assert_finding(PROCUREMENT, &[(pointer, value)], rule, at);
    }
    let sum = [
        ("/price/deductions/combine", json!("sum")),
        ("/price/deductions/items/0/percent", json!("99")),
    ];
    assert_finding(PROCUREMENT, &sum, "RB-9", "price.deductions");
}

#[test]
fn stages_stand_in_order() {
    let mut value = crate::support::json(PROCUREMENT);
    value["stages"].as_array_mut().expect("list").swap(1, 2);
    let rulebook = crate::support::parse(&value);
    assert!(found(&rulebook).contains(&("RB-3".to_owned(), "stages[2].kind".to_owned())));
}

#[test]
fn a_rulebook_with_errors_is_not_evaluated() {
    let rulebook = changed(PROCUREMENT, &[("/candidates/max", json!(9))]);
    let refused = evaluate(&rulebook, &facts(Vec::new(), 5, Vec::new()));
    let Err(EvaluateError::RulebookRefused(errors)) = refused else {
        panic!("evaluated: {refused:?}");
    };
    assert_eq!(errors[0].rule, "RES-1");
    assert!(errors.iter().all(|finding| finding.severity == Severity::Error));
    // A warning does not stop it: here the count does.
    let warned = changed(PROCUREMENT, &[("/criteria/0/title/zh", json!("商务响应"))]);
    assert!(evaluate(&warned, &facts(Vec::new(), 5, Vec::new())).is_ok());
}
