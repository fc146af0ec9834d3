//! Quality and cost based selection (F8), worked by hand.

use std::collections::BTreeSet;

use conclave_rules::{
    BidderFacts, EvaluateError, Facts, Ground, Rulebook, Standing, below_minimum, evaluate,
};
use serde_json::json;

use crate::support::{
    QCBS, Row, bid, bidder, changed, criterion, exact, facts, outcome, procurement, qcbs, ranking,
    rejected_at, scored_sheets, shown, stage,
};

/// St: B1 8.5 + 35 + 45 = 88.5; B2 7 + 91/3 + 40 = 232/3; B3 5 + 25 + 30 = 60, below 70.
const SCORES: &[Row<'_>] = &[
    (1, "experience", &["8", "9", "8.5"]),
    (1, "method", &["35", "36", "34"]),
    (1, "staff", &["45", "44", "46"]),
    (2, "experience", &["7", "7", "7"]),
    (2, "method", &["30", "30", "31"]),
    (2, "staff", &["40", "40", "40"]),
    (3, "experience", &["5", "5", "5"]),
    (3, "method", &["25", "25", "25"]),
    (3, "staff", &["30", "30", "30"]),
];

fn unopened(ordinal: u32) -> BidderFacts {
    let mut facts = bid(ordinal, "1");
    facts.price = None;
    facts
}

fn case(scores: &[Row<'_>]) -> Facts {
    let bidders = vec![bid(1, "120000"), bid(2, "100000"), unopened(3)];
    facts(bidders, 3, scored_sheets(scores))
}

#[test]
fn worked_example() {
    let result = outcome(&qcbs(), &case(SCORES));
    // Sf B1 = 100 x 100000 / 120000 = 83.33; S = 88.5 x 0.8 + 83.33 x 0.2 = 87.466.
    // S B2 = 232/3 x 0.8 + 100 x 0.2 = 81.8667.
    for (ordinal, technical, financial, total) in [
        (1, "88.5", "83.33", "87.47"),
        (2, "77.333333", "100.00", "81.87"),
        (3, "60", "-", "-"),
    ] {
        let numbers = &result.bidders[&bidder(ordinal)];
        assert_eq!(shown(numbers.technical.as_ref()), technical);
        assert_eq!(shown(numbers.price_points.as_ref()), financial);
        assert_eq!(shown(numbers.total.as_ref()), total);
    }
    assert_eq!(ranking(&result), [(1, 1), (2, 2)]);
    assert_eq!(result.candidates.len(), 1);
    let technical = &result.derivation["B2:technical"];
    assert_eq!((&technical.value, technical.approximate), (&exact("232/3"), true));
    assert_eq!(
        result.derivation["B1:total"].formula,
        "technical * T + points * P"
    );
    assert_eq!(result.derivation["B1:total"].exact, exact("87.466"));
}

#[test]
fn below_the_minimum_the_price_stays_shut() {
    let result = outcome(&qcbs(), &case(SCORES));
    let Standing::Rejected(Ground::BelowMinimum {
        block,
        score,
        minimum,
    }) = &result.bidders[&bidder(3)].standing
    else {
        panic!("{:?}", result.bidders[&bidder(3)].standing);
    };
    assert_eq!((block, score.shown.as_str()), (&None, "60"));
    assert_eq!(minimum.to_string(), "70");
    // Exactly at the minimum it passes, and then a price is wanted.
    let rulebook = changed(QCBS, &[("/price/method/qcbs/technical_minimum", json!("60"))]);
    let error = evaluate(&rulebook, &case(SCORES));
    assert_eq!(error, Err(EvaluateError::PriceMissing(bidder(3))));
}

#[test]
fn a_block_has_its_own_minimum() {
    let mut rows: Vec<Row<'_>> = SCORES.to_vec();
    // Staff 24.9 of 50, though the sum of 70.4 would do.
    rows[6] = (3, "experience", &["10", "10", "10"]);
    rows[7] = (3, "method", &["35.5", "35.5", "35.5"]);
    rows[8] = (3, "staff", &["24.9", "24.9", "24.9"]);
    let result = outcome(&qcbs(), &case(&rows));
    let Standing::Rejected(Ground::BelowMinimum { block, .. }) = &result.bidders[&bidder(3)].standing else {
        panic!("{:?}", result.bidders[&bidder(3)].standing);
    };
    assert_eq!(block, &Some(criterion("staff")));
    // At 25 exactly it passes, and then a price is wanted.
    rows[8] = (3, "staff", &["25", "25.1", "24.9"]);
    let error = evaluate(&qcbs(), &case(&rows));
    assert_eq!(error, Err(EvaluateError::PriceMissing(bidder(3))));
}

/// Ordinals of the bids below a minimum while no price is known yet.
fn below(rulebook: &Rulebook, scores: &[Row<'_>]) -> Vec<u32> {
    let unpriced = facts((1..=3).map(unopened).collect(), 3, scored_sheets(scores));
    let below = below_minimum(rulebook, &unpriced).expect("the sheets are complete");
    (1..=3)
        .filter(|ordinal| below.contains(&bidder(*ordinal)))
        .collect()
}

#[test]
fn who_is_below_a_minimum_is_known_before_any_price() {
    // B2 has 232/3 = 77.33: compared exactly, as the numbers are, and 60 is not below 60.
    for (minimum, expected) in [
        ("60", &[][..]),
        ("60.01", &[3]),
        ("77.33", &[3]),
        ("77.34", &[2, 3]),
        ("90", &[1, 2, 3]),
    ] {
        let rulebook = changed(QCBS, &[("/price/method/qcbs/technical_minimum", json!(minimum))]);
        assert_eq!(below(&rulebook, SCORES), expected, "{minimum}");
    }
    let mut rows: Vec<Row<'_>> = SCORES.to_vec();
    rows[6] = (3, "experience", &["10", "10", "10"]);
    rows[7] = (3, "method", &["40", "40", "40"]);
    rows[8] = (3, "staff", &["24.9", "24.9", "24.9"]);
    assert_eq!(below(&qcbs(), &rows), [3], "74.9 in all, staff below its own 25");
}

#[test]
fn only_scores_put_a_bid_below_a_minimum() {
    assert!(qcbs().has_minimum());
    assert!(!procurement().has_minimum());
    let mut recorded = case(SCORES);
    recorded.bidders[2] = rejected_at(unopened(3), "scored/1");
    assert_eq!(below_minimum(&qcbs(), &recorded), Ok(BTreeSet::new()));
    let mut missing = case(SCORES);
    missing.sheets.pop();
    let error = below_minimum(&qcbs(), &missing).expect_err("a sheet is missing");
    assert!(
        matches!(&error, EvaluateError::SheetMissing { stage: at, .. } if *at == stage("scored/1")),
        "{error:?}"
    );
}

#[test]
fn one_bid_is_enough() {
    let alone = facts(vec![bid(1, "7")], 3, scored_sheets(&SCORES[..3]));
    let result = outcome(&qcbs(), &alone);
    assert_eq!(ranking(&result), [(1, 1)]);
    // 88.5 x 0.8 + 100 x 0.2.
    assert_eq!(shown(result.bidders[&bidder(1)].total.as_ref()), "90.80");
}
