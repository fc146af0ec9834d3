//! Order 87, worked by hand.

use conclave_rules::{
    BidderFacts, Cell, EvaluateError, Facts, Ground, Input, Outcome, Standing, VoteResult, evaluate,
};
use serde_json::json;

use crate::support::{
    PROCUREMENT, Row, bid, bidder, changed, criterion, exact, facts, fail, line, outcome, passing_sheets,
    procurement, ranking, rejected_at, scored_sheets, sheet, shown,
};

/// Five members, three bids. Means: B1 36, 10, 16.6; B2 32.1, 5, 18.8; B3 38.2, 10, 13.4.
pub(crate) const SCORES: &[Row<'_>] = &[
    (1, "T-01", &["35", "36", "34.5", "38", "36.5"]),
    (1, "T-02", &["10", "10", "10", "10", "10"]),
    (1, "B-01", &["15", "16", "17", "18", "17"]),
    (2, "T-01", &["30", "31", "32", "33", "34.5"]),
    (2, "T-02", &["5", "5", "5", "5", "5"]),
    (2, "B-01", &["18", "19", "18", "20", "19"]),
    (3, "T-01", &["38", "38.5", "39", "37", "38.5"]),
    (3, "T-02", &["10", "10", "10", "10", "10"]),
    (3, "B-01", &["12", "13", "14", "13", "15"]),
];

pub(crate) fn with(mut facts: BidderFacts, attributes: &[&str]) -> BidderFacts {
    facts.attributes = attributes.iter().map(|a| (*a).to_owned()).collect();
    facts
}

pub(crate) fn bids() -> Vec<BidderFacts> {
    vec![
        bid(1, "1800000.00"),
        bid(2, "1500000.00"),
        with(bid(3, "1700000.00"), &["small_enterprise", "green_product"]),
    ]
}

pub(crate) fn case(bidders: Vec<BidderFacts>, scores: &[Row<'_>]) -> Facts {
    let mut ordinals: Vec<u32> = scores.iter().map(|row| row.0).collect();
    ordinals.dedup();
    let members = scores[0].2.len();
    let mut sheets = passing_sheets(&ordinals, members);
    sheets.extend(scored_sheets(scores));
    facts(bidders, members, sheets)
}

fn table(outcome: &Outcome) -> Vec<[&str; 5]> {
    let rows = outcome.bidders.values().map(|b| {
        [
            shown(b.blocks.get(&criterion("T"))),
            shown(b.blocks.get(&criterion("B-01"))),
            shown(b.evaluated_price.as_ref()),
            shown(b.price_points.as_ref()),
            shown(b.total.as_ref()),
        ]
    });
    rows.collect()
}

#[test]
fn worked_example() {
    let result = outcome(&procurement(), &case(bids(), SCORES));
    // The largest deduction counts: 1,700,000 less 15 % is the base.
    // B1: 1445000/1800000 x 30 = 24.0833; B2: 1445000/1500000 x 30 = 28.9.
    assert_eq!(
        table(&result),
        [
            ["46.00", "16.60", "1800000", "24.08", "86.68"],
            ["37.10", "18.80", "1500000", "28.90", "84.80"],
            ["48.20", "13.40", "1445000", "30.00", "91.60"],
        ]
    );
    assert_eq!(shown(result.price_base.as_ref()), "1445000");
    assert_eq!(ranking(&result), [(1, 3), (2, 1), (3, 2)]);
    assert_eq!(result.candidates, result.ranking);
    assert_eq!(result.bidders[&bidder(2)].standing, Standing::Ranked(3));
    assert!(result.stop.is_none() && result.ties.is_empty() && result.remarks.is_empty());
    assert_eq!(result.votes.len(), 6);
    assert!(result.votes.iter().all(|vote| vote.result == VoteResult::Passed));
}

#[test]
fn every_number_is_derived() {
    let result = outcome(&procurement(), &case(bids(), SCORES));
    let node = &result.derivation["B1:price_points"];
    assert_eq!(node.formula, "base / p * full");
    assert_eq!(node.exact, exact("289/12"));
    assert_eq!(node.value, exact("24.08"));
    assert_eq!((node.shown.as_str(), node.approximate), ("24.08", false));
    assert_eq!(node.rounding.expect("rounded").places, 2);
    let mean = &result.derivation["B2:criterion:T-01"];
    assert_eq!(mean.formula, "(x1 + x2 + x3 + x4 + x5) / 5");
    let Input::Given { source, value, .. } = &mean.inputs[4] else {
        panic!("a score is given");
    };
    assert_eq!(source.to_string(), "sheet/E5/scored/1/B2/T-01");
    assert_eq!(value, &exact("34.5"));
    // Every figure points at its node, every input at an earlier one with the same value.
    for (id, node) in &result.derivation {
        for input in &node.inputs {
            if let Input::Node { node, value, .. } = input {
                assert_eq!(&result.derivation[node].value, value, "{id}");
            }
        }
    }
    for numbers in result.bidders.values() {
        let figures = numbers.criteria.values().chain(numbers.blocks.values());
        let single = [
            &numbers.technical,
            &numbers.evaluated_price,
            &numbers.price_points,
            &numbers.total,
        ];
        for figure in figures.chain(single.into_iter().flatten()) {
            let node = &result.derivation[&figure.node];
            assert_eq!((&node.shown, &node.value), (&figure.shown, &figure.value));
        }
    }
}

#[test]
fn deductions_may_add_up() {
    let rulebook = changed(PROCUREMENT, &[("/price/deductions/combine", json!("sum"))]);
    let result = outcome(&rulebook, &case(bids(), SCORES));
    let node = &result.derivation["B3:evaluated_price"];
    assert_eq!(node.formula, "p x (100 - d1 - d2) / 100");
    assert_eq!(node.shown, "1428000");
}

#[test]
fn rounding_happens_where_the_rulebook_says() {
    // Three members: B1 T-01 = 35, 35.5, 36.5 -> 107/3 = 35.666...; T-02 = 10; B-01 = 49/3 = 16.333...
    let scores: &[Row<'_>] = &[
        (1, "T-01", &["35", "35.5", "36.5"]),
        (1, "T-02", &["10", "10", "10"]),
        (1, "B-01", &["16", "16", "17"]),
        (2, "T-01", &["20", "20", "20"]),
        (2, "T-02", &["0", "0", "0"]),
        (2, "B-01", &["10", "10", "10"]),
        (3, "T-01", &["20", "20", "20"]),
        (3, "T-02", &["0", "0", "0"]),
        (3, "B-01", &["10", "10", "10"]),
    ];
    let prices = vec![bid(1, "700"), bid(2, "600"), bid(3, "650")];
    // Price points of B1: 600/700 x 30 = 25.714285...
    for (rounding, total) in [
        // Blocks and points rounded, then added (GD-TAX): 45.67 + 16.33 + 25.71.
        (
            json!([
                { "where": "block_mean", "mode": "half_up", "places": 2 },
                { "where": "price_points", "mode": "half_up", "places": 2 }
            ]),
            "87.71",
        ),
        // Only the total rounded: 45.6666 + 16.3333 + 25.7142 = 87.714285.
        (
            json!([{ "where": "total", "mode": "half_up", "places": 4 }]),
            "87.7143",
        ),
        (
            json!([{ "where": "total", "mode": "truncate", "places": 4 }]),
            "87.7142",
        ),
        // Each criterion up to a whole: 36 + 10 + 17 + 25.714285.
        (
            json!([
                { "where": "criterion_mean", "mode": "up", "places": 0 },
                { "where": "price_points", "mode": "down", "places": 0 }
            ]),
            "88",
        ),
        (json!([{ "where": "total", "mode": "none" }]), "87.714286"),
    ] {
        let rulebook = changed(PROCUREMENT, &[("/aggregation/rounding", rounding)]);
        let result = outcome(&rulebook, &case(prices.clone(), scores));
        assert_eq!(shown(result.bidders[&bidder(1)].total.as_ref()), total);
    }
}

#[test]
fn over_member_totals_with_one_high_and_one_low_dropped() {
    // Totals of T for B1: 45, 46, 44.5, 48, 46.5; without 44.5 and 48: 137.5 / 3 = 45.8333.
    let rulebook = changed(
        PROCUREMENT,
        &[
            ("/regime", json!("bidding")),
            ("/aggregation/over", json!("member_total")),
            ("/aggregation/drop", json!("one_high_one_low")),
        ],
    );
    let result = outcome(&rulebook, &case(bids(), SCORES));
    let first = &result.bidders[&bidder(1)];
    assert_eq!(shown(first.blocks.get(&criterion("T"))), "45.83");
    let node = &result.derivation["B1:block:T"];
    assert_eq!(node.formula, "(x1 + x2 + x5) / 3");
    let used: Vec<bool> = node.inputs.iter().map(Input::is_used).collect();
    assert_eq!(used, [true, true, false, false, true]);
    assert_eq!(result.derivation["B1:member_total:T:E4"].shown, "48");
    // The mean of a criterion is still shown, over all members.
    assert_eq!(shown(first.criteria.get(&criterion("T-01"))), "36");
    let two = facts(bids(), 2, Vec::new());
    assert_eq!(
        evaluate(&rulebook, &two),
        Err(EvaluateError::TooFewMembers { members: 2 })
    );
}

/// Conformity with these members failing bid 1 at C-02, of four bids.
fn conformity(failing: usize, members: usize) -> Outcome {
    let mut rows: Vec<Row<'_>> = SCORES.to_vec();
    let spare: Vec<Row<'_>> = SCORES[6..].iter().map(|r| (4, r.1, r.2)).collect();
    rows.extend(spare);
    let rows: Vec<Row<'_>> = rows.iter().map(|r| (r.0, r.1, &r.2[..members])).collect();
    let mut bidders = bids();
    bidders.push(bid(4, "1750000.00"));
    let mut given = case(bidders, &rows);
    for member in 0..failing {
        let mut cells: Vec<(u32, &str, Cell)> = Vec::new();
        for ordinal in 1..=4 {
            let second = if ordinal == 1 {
                fail("有效期不足")
            } else {
                Cell::Pass
            };
            cells.extend([(ordinal, "C-01", Cell::Pass), (ordinal, "C-02", second)]);
        }
        given.sheets[member] = sheet("conformity/1", member, &cells);
    }
    outcome(&procurement(), &given)
}

#[test]
fn more_than_half_of_all_members_reject() {
    for (failing, members, result) in [
        (2, 5, VoteResult::Passed),
        (3, 5, VoteResult::Failed),
        (2, 4, VoteResult::NoMajority),
        (3, 4, VoteResult::Failed),
        (5, 5, VoteResult::Failed),
    ] {
        let outcome = conformity(failing, members);
        let vote = outcome
            .votes
            .iter()
            .find(|v| v.bidder == bidder(1) && v.criterion == criterion("C-02"))
            .expect("voted");
        assert_eq!(vote.result, result, "{failing} of {members}");
        let lines: Vec<_> = (0..failing).map(line).collect();
        assert_eq!(
            (vote.fail.as_slice(), vote.members as usize),
            (&lines[..], members)
        );
        let rejected = result == VoteResult::Failed;
        let standing = &outcome.bidders[&bidder(1)].standing;
        if rejected {
            let Standing::Rejected(Ground::Vote { criteria, .. }) = standing else {
                panic!("{standing:?}");
            };
            assert_eq!(criteria, &[criterion("C-02")]);
            assert!(outcome.bidders[&bidder(1)].total.is_none());
        } else {
            assert!(matches!(standing, Standing::Ranked(_)));
        }
        let no_majority = result == VoteResult::NoMajority;
        assert_eq!(vote.rule == "VOTE-3", no_majority);
    }
}

#[test]
fn a_later_rejection_leaves_the_base_only_if_the_rulebook_says_so() {
    let mut rows: Vec<Row<'_>> = SCORES.to_vec();
    rows.extend(SCORES[..3].iter().map(|r| (4, r.1, r.2)));
    for (stage, recomputed, base) in [
        ("price_opening/1", false, "1445000"),
        ("summary/1", false, "1000000"),
        ("price_points/1", false, "1000000"),
        ("summary/1", true, "1445000"),
    ] {
        let rulebook = changed(
            PROCUREMENT,
            &[("/price/base_recomputed_after_rejection", json!(recomputed))],
        );
        let mut bidders = bids();
        bidders.push(rejected_at(bid(4, "1000000.00"), stage));
        let result = outcome(&rulebook, &case(bidders, &rows));
        assert_eq!(shown(result.price_base.as_ref()), base, "{stage} {recomputed}");
        assert_eq!(result.ranking.len(), 3);
        assert!(matches!(
            result.bidders[&bidder(4)].standing,
            Standing::Rejected(Ground::Recorded { .. })
        ));
    }
}

#[test]
fn a_price_above_ceiling_or_budget_is_invalid() {
    let above = vec![bid(1, "1900000.01"), bid(2, "1900000.00"), bid(3, "1600000.00")];
    let result = outcome(&procurement(), &case(above.clone(), SCORES));
    let Standing::Rejected(Ground::AboveCeiling { rule, limit, .. }) = &result.bidders[&bidder(1)].standing
    else {
        panic!("{:?}", result.bidders[&bidder(1)].standing);
    };
    assert_eq!(
        (rule.as_str(), limit.to_string().as_str()),
        ("VOTE-5", "1900000.00")
    );
    assert!(matches!(result.bidders[&bidder(2)].standing, Standing::Ranked(_)));
    // Without a ceiling the budget binds in procurement only.
    for (regime, ranked) in [("procurement", 2), ("bidding", 3)] {
        let rulebook = changed(
            PROCUREMENT,
            &[
                ("/regime", json!(regime)),
                ("/ceiling", json!("99999999")),
                ("/budget", json!("1900000.00")),
            ],
        );
        let result = outcome(&rulebook, &case(above.clone(), SCORES));
        assert_eq!(result.ranking.len(), ranked, "{regime}");
    }
    let all_above = vec![bid(1, "5000000"), bid(2, "5000000"), bid(3, "5000000")];
    let none = outcome(&procurement(), &case(all_above, SCORES));
    assert_eq!(none.remarks[0].rule, "MIN-5");
    assert!(none.ranking.is_empty() && none.price_base.is_none());
}

#[test]
fn objective_items_must_agree() {
    let mut rows: Vec<Row<'_>> = SCORES.to_vec();
    rows[1] = (1, "T-02", &["10", "10", "5", "10", "10"]);
    let result = outcome(&procurement(), &case(bids(), &rows));
    assert_eq!(result.remarks.len(), 1);
    let remark = &result.remarks[0];
    assert_eq!(remark.rule, "SC-6");
    assert_eq!(remark.bidder, Some(bidder(1)));
    assert_eq!(remark.criterion, Some(criterion("T-02")));
}

#[test]
fn the_committee_reviews_qualification_in_works() {
    let rulebook = changed(
        PROCUREMENT,
        &[
            ("/regime", json!("bidding")),
            ("/stages/0/actor", json!("committee")),
        ],
    );
    let mut given = case(bids(), SCORES);
    for member in 0..5 {
        let first = if member < 3 {
            fail("执照过期")
        } else {
            Cell::Pass
        };
        let cells = [
            (1, "Q-01", first),
            (2, "Q-01", Cell::Pass),
            (3, "Q-01", Cell::Pass),
        ];
        given.sheets.push(sheet("qualification/1", member, &cells));
    }
    let stopped = outcome(&rulebook, &given);
    assert_eq!(stopped.stop.expect("two are left").count, 2);
    let rulebook = changed(
        PROCUREMENT,
        &[
            ("/regime", json!("bidding")),
            ("/stages/0/actor", json!("committee")),
            ("/minimum_bidders/after_qualification", json!(1)),
            ("/minimum_bidders/after_conformity", json!(1)),
        ],
    );
    assert_eq!(ranking(&outcome(&rulebook, &given)), [(1, 3), (2, 2)]);
}
