//! Abnormal scores: each measure with numbers worked out by hand or published, and that nothing of it changes a result.

use conclave_rules::{AbnormalFinding, AbnormalLevel, Case, Measure, abnormal_scores, evaluate};
use serde_json::{Map, Value, json};

/// One criterion of ten points; rows are bids, columns members.
fn case(thresholds: &Value, rows: &[&[&str]]) -> Value {
    let members = rows[0].len();
    let mut scores = Map::new();
    for member in 0..members {
        let bids: Map<String, Value> = rows
            .iter()
            .enumerate()
            .map(|(bid, row)| (format!("B{}", bid + 1), json!({ "T": row[member] })))
            .collect();
        scores.insert(format!("E{}", member + 1), Value::Object(bids));
    }
    let bidders: Vec<Value> = (1..=rows.len())
        .map(|n| json!({ "id": format!("B{n}") }))
        .collect();
    let mut case = json!({
        "format": "conclave.case/1",
        "rulebook": {
            "full_marks": "10",
            "criteria": [{ "id": "T", "title": { "zh": "方案", "en": "plan" }, "kind": { "range": { "min": "0", "max": "10", "step": "1" } } }]
        },
        "bidders": bidders,
        "scores": scores
    });
    if !thresholds.is_null() {
        case["rulebook"]["abnormal"] = thresholds.clone();
    }
    case
}

fn found(thresholds: &Value, rows: &[&[&str]]) -> Vec<AbnormalFinding> {
    let text = serde_json::to_vec(&case(thresholds, rows)).expect("JSON");
    let case = Case::parse(&text).unwrap_or_else(|error| panic!("{error}"));
    let with = evaluate(&case.rulebook, &case.facts).expect("it evaluates");
    let mut without = case.rulebook.clone();
    without.abnormal = None;
    let plain = evaluate(&without, &case.facts).expect("it evaluates");
    assert_eq!(with, plain, "thresholds change no number");
    abnormal_scores(&case.rulebook, &case.facts).expect("short numbers")
}

fn quiet(more: &Value) -> Value {
    let mut thresholds = json!({ "measured_in": "mean", "notice": "1000", "warning": "1000" });
    let own = thresholds.as_object_mut().expect("an object");
    own.extend(more.as_object().expect("an object").clone());
    thresholds
}

#[test]
fn a_score_far_from_the_mean_names_member_bid_criterion_and_arithmetic() {
    let rows: &[&[&str]] = &[&["8", "8", "8", "8", "2"]];
    let findings = found(
        &json!({ "measured_in": "mean", "notice": "15", "warning": "30" }),
        rows,
    );
    // Mean 6.8: 4.8 of it are 70.6 %, 1.2 are 17.6 %.
    let levels: Vec<AbnormalLevel> = findings.iter().map(|finding| finding.level).collect();
    assert_eq!(
        levels
            .iter()
            .filter(|level| **level == AbnormalLevel::Warning)
            .count(),
        1
    );
    assert_eq!(levels.len(), 5);
    let last = findings
        .iter()
        .find(|finding| finding.level == AbnormalLevel::Warning)
        .expect("one");
    assert!(
        matches!(&last.measure, Measure::Spread { line, bidder, criterion }
        if line.as_str() == "E5" && bidder.as_str() == "B1" && criterion.as_str() == "T")
    );
    assert_eq!(last.arithmetic, "|2 - 6.8| / 6.8 x 100 = ≈70.588235");
    // Of the most points, 4.8 are 48 % and 1.2 are 12 %.
    let of_most = found(
        &json!({ "measured_in": "most_points", "notice": "12", "warning": "47.9" }),
        rows,
    );
    assert_eq!(of_most.len(), 1, "a distance at the threshold is not above it");
    assert!(
        found(&Value::Null, rows).is_empty(),
        "a rulebook without thresholds notes nothing"
    );
}

#[test]
fn distances_from_the_median() {
    let findings = found(
        &quiet(&json!({ "median_deviations": "3" })),
        &[&["6", "7", "8", "9", "2"]],
    );
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].arithmetic, "|2 - 7| / 1 = 5");
    let agreed = found(
        &quiet(&json!({ "median_deviations": "3" })),
        &[&["8", "8", "8", "8", "2"]],
    );
    assert!(agreed.is_empty(), "where most agree the deviation is none");
}

#[test]
fn members_that_order_bids_the_other_way_round() {
    let opposed: &[&[&str]] = &[&["9", "3"], &["6", "6"], &["3", "9"]];
    let findings = found(
        &quiet(&json!({ "rank_correlation": "0", "concordance": "0.5" })),
        opposed,
    );
    assert_eq!(findings.len(), 2);
    assert_eq!(
        (findings[0].value.as_str(), findings[1].value.as_str()),
        ("-1", "0")
    );
    let agreed: &[&[&str]] = &[&["9", "8"], &["6", "5"], &["3", "2"]];
    assert!(
        found(
            &quiet(&json!({ "rank_correlation": "1", "concordance": "1" })),
            agreed
        )
        .is_empty()
    );
    // With ties: ranks 1.5 1.5 3 and 1 2 3 correlate by 1.5 / sqrt(1.5 x 2).
    let tied: &[&[&str]] = &[&["9", "9"], &["9", "6"], &["3", "3"]];
    let findings = found(&quiet(&json!({ "rank_correlation": "0.9" })), tied);
    assert_eq!(findings[0].value, "0.866");
    let level: &[&[&str]] = &[&["5", "9"], &["5", "6"], &["5", "3"]];
    assert!(
        found(&quiet(&json!({ "rank_correlation": "1" })), level).is_empty(),
        "a member who puts all level"
    );
}

/// Shrout and Fleiss, Psychological Bulletin 86 (1979), table 2: ICC(2,1) = 0.29.
#[test]
fn intraclass_correlation_of_the_paper() {
    let rows: &[&[&str]] = &[
        &["9", "2", "5", "8"],
        &["6", "1", "3", "2"],
        &["8", "4", "6", "8"],
        &["7", "1", "2", "6"],
        &["10", "5", "6", "9"],
        &["6", "2", "4", "7"],
    ];
    let findings = found(&quiet(&json!({ "intraclass": "0.3" })), rows);
    assert_eq!(findings.len(), 1);
    assert!(findings[0].value.starts_with("≈0.289"), "{}", findings[0].value);
    assert!(found(&quiet(&json!({ "intraclass": "0.28" })), rows).is_empty());
}
