//! Rulebooks and facts that were made to catch the engine out.

use std::collections::BTreeMap;

use conclave_rules::{
    Case, DisclosedBid, EvaluateError, Expression, Outcome, Rulebook, RulebookError, Severity, Standing,
    apply_formula, evaluate, template,
};
use serde_json::{Value, json};

use crate::support::{PROCUREMENT, QCBS, bidder, changed, exact, ranking};

fn text(own: &str) -> Value {
    json!({ "zh": own, "en": own })
}

fn number(name: &str, value: &str) -> Value {
    json!({ "number": { "name": name, "label": text(name), "value": value } })
}

fn reject(bids: &str) -> Value {
    json!({ "reject": { "bids": bids, "rule": "R", "reason": text("falls") } })
}

fn formula(steps: &[Value]) -> Value {
    json!({ "method": { "formula": { "name": text("own"), "steps": steps, "points": "points" } } })
}

fn price(points: &str) -> Value {
    json!({ "id": "P", "title": text("P"), "kind": { "price": { "points": points } } })
}

fn range(id: &str, max: &str) -> Value {
    json!({ "id": id, "title": text(id), "kind": { "range": { "min": "0", "max": max, "step": "1" } } })
}

/// A case whose hundred points are those of the price.
fn by_price(rule: &Value, prices: &[&str]) -> Value {
    let bidders: Vec<Value> = prices
        .iter()
        .enumerate()
        .map(|(n, price)| json!({ "id": format!("B{}", n + 1), "price": price }))
        .collect();
    json!({
        "format": "conclave.case/1",
        "rulebook": { "criteria": [price("100")], "price": rule },
        "bidders": bidders
    })
}

fn read(case: &Value) -> Case {
    Case::parse(case.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn tried(case: &Value) -> Result<Outcome, EvaluateError> {
    let case = read(case);
    evaluate(&case.rulebook, &case.facts)
}

fn computed(case: &Value) -> Outcome {
    tried(case).unwrap_or_else(|error| panic!("{error}: {error:?}"))
}

fn points(outcome: &Outcome) -> Vec<&str> {
    let figures = outcome
        .bidders
        .values()
        .map(|numbers| numbers.price_points.as_ref());
    figures
        .map(|figure| figure.map_or("-", |figure| &figure.shown))
        .collect()
}

/// Rules and places of the errors.
fn errors(rulebook: &Rulebook) -> Vec<(String, String)> {
    let found = rulebook.validate().into_iter();
    found
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.rule, finding.at))
        .collect()
}

fn assert_errors(rulebook: &Rulebook, wanted: &[(&str, &str)]) {
    let found = errors(rulebook);
    let found: Vec<(&str, &str)> = found
        .iter()
        .map(|(rule, at)| (rule.as_str(), at.as_str()))
        .collect();
    assert_eq!(found, wanted);
}

// What passes the checks and is against the law, or cannot be evaluated.

#[test]
fn sc_3_is_about_prices_too() {
    let slopes = json!({ "above": "1", "below": "1", "whole_percents": false });
    let method = |drop: Value| json!({ "mean_base": { "drop_above": drop, "slopes": slopes } });
    let with = |method: Value| {
        changed(
            PROCUREMENT,
            &[("/price/method", method), ("/aggregation/rounding", json!([]))],
        )
    };
    assert_errors(
        &with(method(json!(5))),
        &[("SC-3", "price.method.mean_base.drop_above")],
    );
    assert_errors(&with(method(Value::Null)), &[]);
    let own = |value: &str| {
        formula(&[
            number("base", value),
            number("points", "min(full, base / p * full)"),
        ])["method"]
            .clone()
    };
    for value in [
        "trimmed_mean_of(p, 1, 1)",
        "trimmed_mean_of(price, 0, 1)",
        "2 * trimmed_mean_of(p - 1, 1, 0)",
    ] {
        assert_errors(&with(own(value)), &[("SC-3", "price.method.formula.steps[0]")]);
    }
    assert_errors(&with(own("trimmed_mean_of(p, 0, 0)")), &[]);
    assert_errors(&with(own("trimmed_mean_of(fact(\"area\"), 1, 1)")), &[]);
    let works = changed(
        PROCUREMENT,
        &[("/regime", json!("bidding")), ("/price/method", method(json!(5)))],
    );
    assert_errors(&works, &[]);
}

#[test]
fn the_price_has_no_weight_above_it_either() {
    let group = json!({
        "id": "G", "title": text("G"), "weight": "0.5", "kind": { "group": { "criteria": [price("60")] } }
    });
    // 70 and half of 60 are 100, but the price would give up to 60.
    let mut case = by_price(&json!({ "method": "low_price_first" }), &["1"]);
    case["rulebook"]["criteria"] = json!([range("T", "70"), group]);
    assert_errors(
        &read(&case).rulebook,
        &[("RB-4", "criteria[1].kind.group.criteria[0]")],
    );
}

#[test]
fn a_ranking_has_something_to_go_by() {
    let mut case = by_price(&json!({ "method": "low_price_first" }), &["1", "2"]);
    case["rulebook"]["ranking"] = json!({ "keys": [], "then": "tied" });
    assert_errors(&read(&case).rulebook, &[("RB-8", "ranking.keys")]);
    for key in ["rank_sum_asc", "places_desc"] {
        case["rulebook"]["ranking"]["keys"] = json!([key]);
        assert_errors(&read(&case).rulebook, &[("RB-8", "ranking.keys[0]")]);
    }
}

#[test]
fn settings_of_a_method_that_make_no_sense_are_found() {
    let reference = |full_from: &str, above: &str| {
        json!({ "reference_price": {
            "full_from": full_from, "base_rounding": { "mode": "half_up", "places": 2 },
            "slopes": { "above": above, "below": "1", "whole_percents": true }
        } })
    };
    for (method, at) in [
        (
            json!({ "corrected_proportional": { "full_saving": "0" } }),
            "corrected_proportional.full_saving",
        ),
        (reference("95", "-1.5"), "reference_price.slopes"),
        (reference("101", "1.5"), "reference_price.full_from"),
        (
            json!({ "price_steps": { "between": "line", "rows": [{ "at": "1", "gives": "101" }] } }),
            "price_steps.rows[0].gives",
        ),
        (
            json!({ "price_steps": { "between": "line", "rows": [{ "at": "1", "gives": "10" }, { "at": "2", "gives": "-1" }] } }),
            "price_steps.rows[1].gives",
        ),
        (
            json!({ "deviation_table": { "base": "mean_of(p)", "between": "line", "rows": [{ "at": "0", "gives": "100.5" }] } }),
            "deviation_table.rows[0].gives",
        ),
        (
            json!({ "additive": { "survey_price": "10.01" } }),
            "additive.survey_price",
        ),
    ] {
        let mut case = by_price(&json!({ "method": method }), &["1"]);
        case["rulebook"]["budget"] = json!("10");
        case["rulebook"]["ceiling"] = json!("10");
        let place = format!("price.method.{at}");
        assert_errors(&read(&case).rulebook, &[("RB-6", place.as_str())]);
    }
    for (method, at) in [
        (
            json!({ "floor_rate": { "estimated_price": "10", "rate": "870" } }),
            "floor_rate",
        ),
        (
            json!({ "division": { "base_points": "100", "scale": "0", "places": 4, "standard_value": false } }),
            "division",
        ),
    ] {
        let mut case = by_price(&json!({ "method": method }), &["1"]);
        case["rulebook"]["criteria"] = json!([range("T", "100")]);
        let found = errors(&read(&case).rulebook);
        let place = ("RB-6".to_owned(), format!("price.method.{at}"));
        assert!(found.contains(&place), "{found:?}");
    }
    let mut rated = serde_json::to_value(template("rated_criteria").expect("there is one")).expect("JSON");
    for (weight, rules) in [("1.1", &["SC-2"][..]), ("-0.1", &["SC-2", "SC-1"])] {
        rated["price"]["method"]["rated_criteria"]["price_weight"] = json!(weight);
        let book = Rulebook::parse(rated.to_string().as_bytes()).expect("it reads");
        let wanted: Vec<(&str, &str)> = rules
            .iter()
            .map(|rule| (*rule, "price.method.rated_criteria.price_weight"))
            .collect();
        assert_errors(&book, &wanted);
    }
    // St counts to 100, so the criteria do.
    let marks = changed(
        QCBS,
        &[
            ("/full_marks", json!("50")),
            ("/criteria/0/weight", json!("0.5")),
            ("/criteria/1/weight", json!("0.5")),
            ("/criteria/2/weight", json!("0.5")),
        ],
    );
    assert_errors(&marks, &[("SC-2", "full_marks")]);
}

#[test]
fn a_rounding_that_would_not_be_done_is_found() {
    let mut division = serde_json::to_value(template("division").expect("there is one")).expect("JSON");
    division["aggregation"]["rounding"] = json!([{ "where": "total", "mode": "half_up", "places": 1 }]);
    let book = Rulebook::parse(division.to_string().as_bytes()).expect("it reads");
    assert_errors(&book, &[("RB-7", "aggregation.rounding[0].where")]);
}

#[test]
fn a_minimum_that_nobody_can_reach_is_found() {
    let mut case = by_price(&json!({ "method": "low_price_first" }), &["1"]);
    let mut high = range("T", "70");
    high["minimum"] = json!("70.5");
    case["rulebook"]["criteria"] = json!([high, price("30")]);
    assert_errors(&read(&case).rulebook, &[("RB-4", "criteria[0].minimum")]);
    case["rulebook"]["criteria"][0]["minimum"] = json!("70");
    assert_errors(&read(&case).rulebook, &[]);
    // Of a block in its own scale: 2 x 30 + 10.
    let mut part = range("A", "30");
    part["weight"] = json!("2");
    let block = json!({
        "id": "T", "title": text("T"), "weight": "0.5", "minimum": "71",
        "kind": { "group": { "criteria": [part, range("B", "10")] } }
    });
    case["rulebook"]["criteria"] = json!([block, price("65")]);
    assert_errors(&read(&case).rulebook, &[("RB-4", "criteria[0].minimum")]);
    case["rulebook"]["criteria"][0]["minimum"] = json!("70");
    assert_errors(&read(&case).rulebook, &[]);
}

#[test]
fn thresholds_of_abnormal_scores_hang_together() {
    let mut case = by_price(&json!({ "method": "low_price_first" }), &["1"]);
    for (notice, warning, holds) in [("-1", "30", false), ("30", "20", false), ("20", "20", true)] {
        case["rulebook"]["abnormal"] = json!({ "measured_in": "mean", "notice": notice, "warning": warning });
        let found = errors(&read(&case).rulebook);
        let wanted = [("RB-1".to_owned(), "abnormal".to_owned())];
        assert_eq!(found.is_empty(), holds, "{notice} {warning}: {found:?}");
        assert!(holds || found == wanted, "{found:?}");
    }
}

#[test]
fn a_finding_about_a_named_method_leads_to_what_is_written() {
    let mut case = by_price(&json!({ "method": { "linear_to_budget": {} } }), &["1"]);
    assert_errors(&read(&case).rulebook, &[("RB-6", "price.method")]);
    case["rulebook"]["price"] =
        json!({ "method": { "deviation_table": { "base": "mean_of(q)", "between": "line", "rows": [] } } });
    let found = errors(&read(&case).rulebook);
    assert!(
        !found.is_empty() && found.iter().all(|(_, at)| at == "price.method"),
        "{found:?}"
    );
}

// A minimum at one item keeps a price shut like any other.

#[test]
fn a_minimum_at_a_leaf_is_a_minimum() {
    let leaf = changed(
        PROCUREMENT,
        &[("/criteria/2/kind/group/criteria/0/minimum", json!("24"))],
    );
    assert_errors(&leaf, &[]);
    assert!(leaf.has_minimum());
}

// Bids that fall by a condition of the formula.

#[test]
fn a_bid_that_fell_does_not_stop_the_others() {
    let with = |steps: &[Value]| {
        let mut case = by_price(&formula(steps), &["100", "200", "300"]);
        for (bid, area) in ["0", "4", "5"].iter().enumerate() {
            case["bidders"][bid]["facts"] = json!({ "area": area });
        }
        computed(&case)
    };
    // B1 falls for the very number that could not be divided by.
    let outcome = with(&[
        reject("fact(\"area\") = 0"),
        number("points", "100 / fact(\"area\")"),
    ]);
    assert_eq!(points(&outcome), ["-", "25", "20"]);
    let outcome = with(&[
        reject("p < 150"),
        number("place", "rank_of(p)"),
        number("points", "full / place"),
    ]);
    assert_eq!(points(&outcome), ["-", "100", "50"]);
    assert!(matches!(
        outcome.bidders[&bidder(1)].standing,
        Standing::Rejected(_)
    ));
    assert_eq!(ranking(&outcome), [(1, 2), (2, 3)]);
}

#[test]
fn where_every_bid_falls_there_is_an_outcome_that_says_so() {
    let steps = [
        reject("p > 1"),
        number("base", "mean_of(p)"),
        number("points", "base / p * full"),
    ];
    let outcome = computed(&by_price(&formula(&steps), &["100", "200"]));
    assert!(outcome.ranking.is_empty() && outcome.price_base.is_none());
    let remarks: Vec<&str> = outcome
        .remarks
        .iter()
        .map(|remark| remark.rule.as_str())
        .collect();
    assert_eq!(remarks, ["MIN-5"]);
}

// Wrong numbers.

#[test]
fn a_price_above_the_budget_has_no_points_where_the_lowest_is_the_budget() {
    let mut case = by_price(
        &json!({ "method": { "linear_to_budget": {} } }),
        &["100", "150", "100"],
    );
    case["rulebook"]["budget"] = json!("100");
    assert_eq!(points(&computed(&case)), ["100", "0", "100"]);
    case["rulebook"]["budget"] = json!("200");
    assert_eq!(points(&computed(&case)), ["100", "50", "100"]);
    case["rulebook"]["budget"] = json!("90");
    assert_eq!(points(&computed(&case)), ["0", "0", "0"]);
}

#[test]
fn a_price_that_is_not_there_is_not_the_lowest() {
    let mut case = json!({
        "format": "conclave.case/1",
        "rulebook": { "ranking": { "keys": ["price_asc"], "then": "tied" } },
        "bidders": [{ "id": "B1", "price": "100" }, { "id": "B2" }, { "id": "B3", "price": "90" }]
    });
    for key in ["price_asc", "evaluated_price_asc"] {
        case["rulebook"]["ranking"]["keys"] = json!([key]);
        let found = tried(&case).map(|outcome| ranking(&outcome));
        assert_eq!(found, Err(EvaluateError::PriceMissing(bidder(2))), "{key}");
    }
}

#[test]
fn a_block_may_be_called_all_or_rank() {
    for id in ["all", "rank"] {
        let case = json!({
            "format": "conclave.case/1",
            "rulebook": {
                "criteria": [range(id, "60"), range("other", "40")],
                "aggregation": { "over": "member_total" },
                "ranking": { "keys": ["rank_sum_asc"], "then": "tied" }
            },
            "bidders": [{ "id": "B1" }, { "id": "B2" }],
            "scores": {
                "E1": { "B1": { (id): "10", "other": "7" }, "B2": { (id): "9", "other": "6" } },
                "E2": { "B1": { (id): "20", "other": "8" }, "B2": { (id): "8", "other": "5" } }
            }
        });
        let outcome = computed(&case);
        // What one member gave is known by its id, and left out of what is published.
        let own = outcome.derivation.keys().filter(|node| node.ends_with(":E1"));
        assert!(own.clone().count() == 8 && own.clone().all(|node| node.contains(":member_total:")));
        let block = &outcome.derivation[&format!("B1:block:{id}")];
        for input in &block.inputs {
            let conclave_rules::Input::Node { node, value, .. } = input else {
                panic!("a total is a node");
            };
            assert_eq!(outcome.derivation[node].value, *value, "{id}: {node}");
        }
    }
}

// Sizes.

/// Nodes and inputs of the derivation.
fn size(outcome: &Outcome) -> usize {
    outcome
        .derivation
        .values()
        .map(|node| 1 + node.inputs.len())
        .sum()
}

#[test]
fn twice_the_bids_are_not_four_times_the_derivation() {
    for value in [
        "rank_of(abs(p - mean_of(p)))",
        "rank_of(p) + mean_of(p) + count_of(p > mean_of(p))",
        "mean_of(abs(p - median_of(p))) / p",
        "if(p > mean_of(p), max_of(rank_of(p)), min_of(rank_of(-p)))",
        "nth_of(p / trimmed_mean_of(p, 1, 1), 2) * sum_of(p) / p",
    ] {
        let of = |count: usize| {
            let prices: Vec<String> = (0..count).map(|n| (1_000 + 7 * n).to_string()).collect();
            let prices: Vec<&str> = prices.iter().map(String::as_str).collect();
            size(&computed(&by_price(
                &formula(&[number("points", value)]),
                &prices,
            )))
        };
        let (once, twice) = (of(60), of(120));
        assert!(twice < once * 5 / 2, "{value}: {once}, then {twice}");
    }
}

#[test]
fn a_deep_expression_does_not_overflow_a_small_stack() {
    // Sixty-four operands at a level, the first of which is the level below.
    let mut deep = "p".to_owned();
    while deep.len() + 130 < conclave_rules::MAX_EXPRESSION_BYTES {
        deep = format!("({deep}{})", "+1".repeat(63));
    }
    let small = std::thread::Builder::new().stack_size(512 << 10);
    let read = move || {
        let Err(error) = deep.parse::<Expression>() else {
            let case = by_price(&formula(&[number("points", &deep)]), &["1", "2"]);
            return tried(&case).map(drop).map_err(|error| error.to_string());
        };
        Err(error.to_string())
    };
    let told = small.spawn(read).expect("a thread").join().expect("no overflow");
    assert!(told.is_err_and(|told| told.contains("nested too deeply")));
    // What a person would write is far from it.
    let wide = format!("({}) * ({})", "p + ".repeat(63) + "p", "1 + ".repeat(63) + "1");
    wide.parse::<Expression>().expect("two long sums");
}

#[test]
fn more_cells_than_memory_are_refused() {
    let leaves: Vec<Value> = (0..2_000).map(|n| range(&format!("K{n}"), "1")).collect();
    let bidders: Vec<Value> = (1..=20_000).map(|n| json!({ "id": format!("B{n}") })).collect();
    let scores: serde_json::Map<String, Value> = (0..20_000).map(|n| (format!("E{n}"), json!({}))).collect();
    let case = json!({
        "format": "conclave.case/1",
        "rulebook": { "full_marks": "2000", "criteria": leaves },
        "bidders": bidders,
        "scores": scores
    });
    let refused = tried(&case).expect_err("some six terabytes of places");
    assert_eq!(
        refused.to_string(),
        "20000 bidders x 2000 criteria x 20000 members are more than 33554432 cells"
    );
}

// Who calls without having looked.

#[test]
fn a_formula_that_the_checks_refuse_is_not_applied() {
    let bid = DisclosedBid {
        id: bidder(1),
        price: exact("1"),
        evaluated_price: exact("1"),
        technical: None,
        blocks: BTreeMap::new(),
        facts: BTreeMap::new(),
    };
    for value in [
        "nothing",
        "p > 1",
        "p + (p > 1)",
        "table(\"none\", p)",
        "mean_of(p in none)",
        "power(p, p)",
    ] {
        let case = read(&by_price(
            &formula(&[number("base", value), number("points", "p")]),
            &["1"],
        ));
        let refused = apply_formula(&case.rulebook, std::slice::from_ref(&bid), &BTreeMap::new());
        assert!(
            matches!(refused, Err(EvaluateError::RulebookRefused(_))),
            "{value}: {refused:?}"
        );
    }
}

#[test]
fn the_place_of_a_rulebook_in_a_case_is_named() {
    for rulebook in [json!(5), json!("x"), json!([]), Value::Null] {
        let case = json!({ "format": "conclave.case/1", "rulebook": rulebook, "bidders": [] });
        let Err(RulebookError::Shape { at, .. }) = Case::parse(case.to_string().as_bytes()) else {
            panic!("{rulebook} is read");
        };
        assert_eq!(at, "rulebook");
    }
    let long = vec![b' '; conclave_rules::MAX_CASE_BYTES + 1];
    let message = Case::parse(&long).expect_err("too long").to_string();
    assert!(message.contains("67108864"), "{message}");
}

#[test]
fn guangzhou_takes_the_lowest_of_letter_list_and_lines() {
    let stated = serde_json::from_value(json!({
        "letter_words": "100", "list_total": "90",
        "lines": [{ "item": "1", "quantity": "10", "unit_price": "10", "amount": "100" }]
    }));
    let stated = stated.expect("prices");
    let proposal = conclave_rules::propose_correction(conclave_rules::CorrectionRules::Guangzhou, &stated);
    assert_eq!(proposal.expect("it is stated").price, exact("90"));
}
