//! Orders of steps, brands, candidates without an order, agreed scores: what a rulebook may choose beside the formula.

use conclave_rules::{Case, EvaluateError, Ground, Outcome, Standing, evaluate, evaluate_numbers};
use serde_json::{Value, json};

fn text(zh: &str) -> Value {
    json!({ "zh": zh, "en": zh })
}

/// Guangzhou's order: qualification, scores, prices, then conformity down the ranking until three passed (GZ-TENDER 45).
/// Points are 90 T + 10 of the price, low price first; of six bids the first and the third fail.
fn works(recomputed: bool) -> Value {
    let score = |t: [&str; 6], conformity: &[(usize, &str)]| {
        let mut bids = serde_json::Map::new();
        for (index, points) in t.iter().enumerate() {
            bids.insert(format!("B{}", index + 1), json!({ "T": points }));
        }
        for (bid, vote) in conformity {
            bids[&format!("B{bid}")]["C"] = json!(vote);
        }
        Value::Object(bids)
    };
    let points = ["88", "86", "84", "82", "80", "10"];
    json!({
        "format": "conclave.case/1",
        "rulebook": {
            "criteria": [
                { "id": "C", "title": text("签章"), "kind": "pass_fail" },
                { "id": "T", "title": text("技术"), "kind": { "range": { "min": "0", "max": "90", "step": "1" } } },
                { "id": "P", "title": text("报价"), "kind": { "price": { "points": "10" } } }
            ],
            "price": { "method": "low_price_first", "base_recomputed_after_rejection": recomputed },
            "rejection": { "order": { "down_the_ranking": { "until": 3 } } },
            "aggregation": { "rounding": [{ "where": "price_points", "mode": "half_up", "places": 2 }] }
        },
        "bidders": [
            { "id": "B1", "price": "50" }, { "id": "B2", "price": "100" }, { "id": "B3", "price": "100" },
            { "id": "B4", "price": "100" }, { "id": "B5", "price": "80" }, { "id": "B6", "price": "100" }
        ],
        // Nobody votes on B6: the review never comes to it.
        "scores": {
            "E1": score(points, &[(1, "fail: 无章"), (2, "pass"), (3, "fail: 无章"), (4, "pass"), (5, "pass")]),
            "E2": score(points, &[(1, "fail: 无章"), (2, "pass"), (3, "fail: 无章"), (4, "pass"), (5, "pass")]),
            "E3": score(points, &[(1, "pass"), (2, "fail: 无章"), (3, "pass"), (4, "pass"), (5, "pass")])
        }
    })
}

fn outcome(case: &Value) -> Outcome {
    let case = Case::parse(case.to_string().as_bytes()).expect("it reads");
    let derived = evaluate(&case.rulebook, &case.facts).expect("it evaluates");
    let mut numbers = derived.clone();
    numbers.derivation.clear();
    assert_eq!(
        evaluate_numbers(&case.rulebook, &case.facts).expect("it evaluates"),
        numbers
    );
    derived
}

fn order(outcome: &Outcome) -> Vec<(u32, String)> {
    let lines = outcome.ranking.iter();
    lines.map(|line| (line.rank, line.bidder.to_string())).collect()
}

fn shown(outcome: &Outcome, bidder: &str, what: &str) -> String {
    outcome
        .derivation
        .get(&format!("{bidder}:{what}"))
        .map_or_else(String::new, |node| node.shown.clone())
}

fn places(lines: &[(u32, &str)]) -> Vec<(u32, String)> {
    lines
        .iter()
        .map(|(rank, bidder)| (*rank, (*bidder).to_owned()))
        .collect()
}

#[test]
fn sc_13_the_review_goes_down_the_ranking_and_lower_ranks_move_up() {
    let result = outcome(&works(false));
    // B1 88 + 10, B3 84 + 5 fall; B1's price stays the base.
    assert_eq!(
        order(&result),
        places(&[(1, "B2"), (2, "B4"), (3, "B5"), (4, "B6")])
    );
    assert_eq!(shown(&result, "B2", "total"), "91");
    assert_eq!(shown(&result, "B5", "price_points"), "6.25");
    // What fell keeps what it had, so that anybody sees where it stood.
    assert_eq!(shown(&result, "B1", "total"), "98");
    let standing = &result.bidders.values().next().expect("B1").standing;
    assert!(
        matches!(standing, Standing::Rejected(Ground::Vote { .. })),
        "{standing:?}"
    );
    // Votes only of those who were reviewed: five bids, one criterion.
    assert_eq!(result.votes.len(), 5);
}

#[test]
fn sc_13_where_the_base_is_computed_anew_the_review_goes_down_the_new_ranking() {
    let result = outcome(&works(true));
    // Without B1 the base is 80: B5 has 10, the others 8.
    assert_eq!(shown(&result, "B5", "price_points"), "10.00");
    assert_eq!(shown(&result, "B2", "total"), "94");
    assert_eq!(
        order(&result),
        places(&[(1, "B2"), (2, "B4"), (2, "B5"), (4, "B6")])
    );
    assert_eq!(result.stop, None);
}

#[test]
fn sc_13_too_few_that_pass_stop_the_procedure() {
    let mut case = works(false);
    case["rulebook"]["minimum_bidders"] =
        json!({ "at_deadline": 1, "after_qualification": 1, "after_conformity": 3 });
    case["bidders"].as_array_mut().expect("a list").truncate(4);
    for member in ["E1", "E2", "E3"] {
        let bids = case["scores"][member].as_object_mut().expect("bids");
        bids.retain(|bidder, _| !["B5", "B6"].contains(&bidder.as_str()));
    }
    let result = outcome(&case);
    let stop = result.stop.expect("it stops");
    assert_eq!((stop.count, stop.minimum), (2, 3));
    assert!(result.ranking.is_empty() && result.candidates.is_empty());
}

#[test]
fn a_sheet_is_missing_only_where_the_review_comes_by() {
    let mut case = works(false);
    case["scores"]["E3"]["B4"]
        .as_object_mut()
        .expect("cells")
        .remove("C");
    let case = Case::parse(case.to_string().as_bytes()).expect("it reads");
    let error = evaluate(&case.rulebook, &case.facts).expect_err("B4 is reviewed");
    assert!(matches!(error, EvaluateError::SheetRefused { .. }), "{error}");
}

#[test]
fn prices_above_the_ceiling_fall_in_any_case_and_are_in_the_base_where_the_rulebook_says_so() {
    let case = |above: &str| {
        json!({
            "format": "conclave.case/1",
            "rulebook": {
                "ceiling": "110",
                "criteria": [{ "id": "P", "title": text("报价"), "kind": { "price": { "points": "100" } } }],
                "price": { "above_ceiling": above, "method": { "formula": {
                    "name": text("平均"), "base": "base", "points": "points", "steps": [
                        { "number": { "name": "base", "label": text("平均价"), "value": "mean_of(p)" } },
                        { "number": { "name": "points", "label": text("价格分"), "value": "min(base / p, 1) * full" } }
                    ] } } }
            },
            "bidders": [{ "id": "B1", "price": "100" }, { "id": "B2", "price": "80" }, { "id": "B3", "price": "120" }]
        })
    };
    let base = |result: &Outcome| result.price_base.clone().expect("a base").shown;
    let without = outcome(&case("left_out"));
    let with = outcome(&case("in_base"));
    assert_eq!((base(&without).as_str(), base(&with).as_str()), ("90", "100"));
    for result in [without, with] {
        assert_eq!(result.ranking.len(), 2);
    }
}

/// Four bids of goods, two of one brand.
fn goods(brands: [Option<&str>; 4], scored: bool) -> Value {
    let prices = ["100", "110", "120", "130"];
    let bidders: Vec<Value> = brands
        .iter()
        .zip(prices)
        .enumerate()
        .map(|(index, (brand, price))| {
            let mut bid = json!({ "id": format!("B{}", index + 1), "price": price });
            if let Some(brand) = brand {
                bid["brand"] = json!(brand);
            }
            bid
        })
        .collect();
    let mut rulebook = json!({
        "same_brand": "counts_once",
        "minimum_bidders": { "at_deadline": 3, "after_qualification": 1, "after_conformity": 1 },
        "price": { "method": "lowest_price" }
    });
    if scored {
        rulebook["criteria"] =
            json!([{ "id": "P", "title": text("报价"), "kind": { "price": { "points": "100" } } }]);
        rulebook["price"] = json!({ "method": "low_price_first" });
    }
    json!({ "format": "conclave.case/1", "rulebook": rulebook, "bidders": bidders })
}

#[test]
fn min_3_bids_of_one_brand_count_as_one_bidder() {
    let three = outcome(&goods([Some("甲"), Some("甲"), None, None], true));
    assert_eq!(three.stop, None);
    let two = outcome(&goods([Some("甲"), Some("甲"), Some("甲"), None], true));
    assert_eq!(two.stop.map(|stop| (stop.count, stop.minimum)), Some((2, 3)));
}

#[test]
fn min_3_only_the_best_of_a_brand_is_a_candidate() {
    let result = outcome(&goods([Some("甲"), Some("甲"), None, None], true));
    assert_eq!(result.ranking.len(), 4, "all of them are ranked");
    let candidates: Vec<String> = result
        .candidates
        .iter()
        .map(|line| line.bidder.to_string())
        .collect();
    assert_eq!(candidates, ["B1", "B3", "B4"]);
    assert!(result.remarks.iter().any(|remark| remark.rule == "MIN-3"));
}

#[test]
fn min_3_where_the_lowest_price_decides_only_the_lowest_of_a_brand_takes_part() {
    let result = outcome(&goods([Some("甲"), Some("甲"), None, None], false));
    assert_eq!(order(&result), places(&[(1, "B1"), (2, "B3"), (3, "B4")]));
}

#[test]
fn min_3_equal_ones_of_a_brand_wait_for_a_draw() {
    let mut case = goods([Some("甲"), Some("甲"), None, None], true);
    case["bidders"][1]["price"] = json!("100");
    let result = outcome(&case);
    let candidates: Vec<String> = result
        .candidates
        .iter()
        .map(|line| line.bidder.to_string())
        .collect();
    assert_eq!(candidates, ["B3", "B4"], "no ordinal decides");
    case["rulebook"]["ranking"] = json!({ "keys": ["score_desc"], "then": "draw" });
    case["draw"] = json!(["B2", "B1"]);
    let drawn = outcome(&case);
    let candidates: Vec<String> = drawn
        .candidates
        .iter()
        .map(|line| line.bidder.to_string())
        .collect();
    assert_eq!(candidates, ["B2", "B3", "B4"]);
}

#[test]
fn candidates_may_be_named_without_an_order() {
    let mut case = goods([None, None, None, None], true);
    case["bidders"][3]["price"] = json!("90");
    case["rulebook"]["candidates"] = json!({ "max": 2, "unranked": true });
    let result = outcome(&case);
    let candidates: Vec<String> = result
        .candidates
        .iter()
        .map(|line| line.bidder.to_string())
        .collect();
    assert_eq!(candidates, ["B1", "B4"]);
    assert_eq!(order(&result)[0], (1, "B4".to_owned()));
}

#[test]
fn a_fact_may_break_a_tie() {
    let mut case = goods([None, None, None, None], true);
    for (index, award) in ["5", "9", "7", "1"].iter().enumerate() {
        case["bidders"][index]["price"] = json!("100");
        case["bidders"][index]["facts"] = json!({ "last_year": award });
    }
    case["rulebook"]["ranking"] =
        json!({ "keys": ["score_desc", { "fact_desc": "last_year" }], "then": "tied" });
    let result = outcome(&case);
    assert_eq!(
        order(&result),
        places(&[(1, "B2"), (2, "B3"), (3, "B1"), (4, "B4")])
    );
    case["bidders"][2].as_object_mut().expect("a bid").remove("facts");
    let case = Case::parse(case.to_string().as_bytes()).expect("it reads");
    let error = evaluate(&case.rulebook, &case.facts).expect_err("B3 has no such fact");
    assert!(matches!(error, EvaluateError::FactMissing { .. }), "{error}");
}

/// One criterion, three members, the score they agreed on.
fn agreed(consensus: Value) -> Value {
    json!({
        "format": "conclave.case/1",
        "rulebook": {
            "regime": "worldbank",
            "criteria": [{ "id": "T", "title": text("方案"), "kind": { "range": { "min": "0", "max": "100", "step": "1" } } }],
            "aggregation": { "method": "consensus" }
        },
        "bidders": [{ "id": "B1" }],
        "scores": { "E1": { "B1": { "T": "70" } }, "E2": { "B1": { "T": "80" } }, "E3": { "B1": { "T": "90" } } },
        "consensus": consensus
    })
}

#[test]
fn an_agreed_score_counts_and_the_members_own_stand_beside_it() {
    let result = outcome(&agreed(json!({ "B1": { "T": "84: 三人一致" } })));
    assert_eq!(shown(&result, "B1", "total"), "84");
    let node = &result.derivation["B1:criterion:T"];
    assert_eq!(node.inputs.len(), 4);
    assert_eq!(node.inputs.iter().filter(|input| input.is_used()).count(), 1);
    assert!(result.remarks.is_empty());
    let outside = outcome(&agreed(json!({ "B1": { "T": "95" } })));
    assert!(outside.remarks.iter().any(|remark| remark.rule == "consensus"));
}

#[test]
fn an_agreed_score_that_is_missing_or_wrong_is_refused() {
    for consensus in [
        json!({}),
        json!({ "B1": { "T": "101" } }),
        json!({ "B2": { "T": "84" } }),
    ] {
        let case = Case::parse(agreed(consensus).to_string().as_bytes()).expect("it reads");
        let error = evaluate(&case.rulebook, &case.facts).expect_err("it is wrong");
        assert!(matches!(error, EvaluateError::ConsensusRefused { .. }), "{error}");
    }
    let mut case = agreed(json!({ "B1": { "T": "84" } }));
    case["rulebook"]["aggregation"] = json!({});
    let case = Case::parse(case.to_string().as_bytes()).expect("it reads");
    assert_eq!(
        evaluate(&case.rulebook, &case.facts),
        Err(EvaluateError::ConsensusNotForeseen)
    );
}

#[test]
fn com_17_chinese_law_has_no_agreed_scores() {
    let mut case = agreed(json!({ "B1": { "T": "84" } }));
    case["rulebook"]["regime"] = json!("bidding");
    let case = Case::parse(case.to_string().as_bytes()).expect("it reads");
    assert!(
        case.rulebook
            .errors()
            .iter()
            .any(|finding| finding.rule == "COM-17")
    );
}

#[test]
fn a_debrief_tells_a_bidder_its_own_numbers_and_the_winners() {
    let result = outcome(&works(false));
    let bidder = "B4".parse().expect("a bidder");
    let debrief = result.debrief(&bidder).expect("it took part");
    assert_eq!(debrief.own.standing, Standing::Ranked(2));
    assert_eq!(debrief.ranked, 4);
    let winner = debrief.winner.as_ref().expect("one is first");
    assert_eq!(winner.bidder.to_string(), "B2");
    let told = serde_json::to_string(&debrief).expect("writes");
    for other in ["\"B1", "\"B3", "\"B5", "\"B6"] {
        assert!(!told.contains(other), "{other} is nobody's business: {told}");
    }
    assert!(result.debrief(&"B9".parse().expect("a bidder")).is_none());
}

/// Three bids of goods; the third is abnormally low. Prices are opened before anything is scored.
fn prices_first() -> Value {
    let vote = |answer: &str| json!({ "B1": { "A": "pass", "T": "40" }, "B2": { "A": "pass", "T": "50" }, "B3": { "A": answer } });
    json!({
        "format": "conclave.case/1",
        "rulebook": {
            "ceiling": "150",
            "criteria": [
                { "id": "A", "title": text("价格合理"), "kind": "pass_fail" },
                { "id": "T", "title": text("技术"), "kind": { "range": { "min": "0", "max": "70", "step": "1" } } },
                { "id": "P", "title": text("报价"), "kind": { "price": { "points": "30" } } }
            ],
            "price": {
                "method": "low_price_first",
                "deductions": { "combine": "largest", "items": [{ "attribute": "small", "percent": "10", "of": "own_goods" }] }
            },
            "parts": [{ "name": "technical", "opened": "at_opening" }, { "name": "price", "opened": { "stage": "price_opening/1" } }],
            "stages": [
                { "id": "price_opening/1", "kind": "price_opening", "actor": "committee", "opens": ["price"] },
                { "id": "abnormal_price/1", "kind": "abnormal_price", "actor": "committee", "criteria": ["A"] },
                { "id": "scored/1", "kind": "scored", "actor": "committee", "criteria": ["T"] },
                { "id": "price_points/1", "kind": "price_points", "actor": "committee", "criteria": ["P"] },
                { "id": "summary/1", "kind": "summary", "actor": "committee" }
            ]
        },
        "bidders": [
            { "id": "B1", "price": "100", "attributes": ["small"], "facts": { "own_goods": "40" } },
            { "id": "B2", "price": "120" }, { "id": "B3", "price": "10" }, { "id": "B4", "price": "151" }
        ],
        "scores": { "E1": vote("fail: 不能证明"), "E2": vote("fail: 不能证明"), "E3": vote("pass") }
    })
}

#[test]
fn vote_6_an_unproven_low_price_falls_by_vote_and_leaves_the_base() {
    let result = outcome(&prices_first());
    // 100 less a tenth of 40; what fell and what is above the ceiling is not scored.
    assert_eq!(shown(&result, "B1", "evaluated_price"), "96");
    assert_eq!(shown(&result, "B2", "total"), "74");
    assert_eq!(order(&result), places(&[(1, "B2"), (2, "B1")]));
    assert!(
        !result.derivation.contains_key("B3:technical") && !result.derivation.contains_key("B4:technical")
    );
}

#[test]
fn a_deduction_is_taken_from_no_more_than_the_price() {
    for part in ["100.01", "-1"] {
        let mut case = prices_first();
        case["bidders"][0]["facts"]["own_goods"] = json!(part);
        let case = Case::parse(case.to_string().as_bytes()).expect("it reads");
        let error = evaluate(&case.rulebook, &case.facts).expect_err("it is no part");
        assert!(matches!(error, EvaluateError::PartOfPrice { .. }), "{error}");
    }
}

#[test]
fn r_price_prices_before_scores_are_warned_of() {
    let case = Case::parse(prices_first().to_string().as_bytes()).expect("it reads");
    assert!(
        case.rulebook
            .validate()
            .iter()
            .any(|finding| finding.rule == "R-PRICE")
    );
}
