//! The named price methods (R-FORM), each with numbers worked out by hand, and formulas that are written out.

use conclave_rules::{Case, EvaluateError, Outcome, Standing, evaluate};
use serde_json::{Value, json};

/// A case with one price criterion of `full` points, where the method wants one.
fn case(method: &Value, full: Option<&str>, rulebook: &Value, prices: &[&str]) -> Value {
    let mut book = rulebook.clone();
    let own = book.as_object_mut().expect("an object");
    own.insert("price".to_owned(), json!({ "method": method }));
    if let Some(full) = full {
        let price = json!({
            "id": "P",
            "title": { "zh": "价格", "en": "price" },
            "kind": { "price": { "points": full } }
        });
        own.insert("criteria".to_owned(), json!([price]));
        own.insert("full_marks".to_owned(), json!(full));
    }
    let bidders: Vec<Value> = prices
        .iter()
        .enumerate()
        .map(|(n, price)| json!({ "id": format!("B{}", n + 1), "price": price }))
        .collect();
    json!({ "format": "conclave.case/1", "rulebook": book, "bidders": bidders })
}

fn parsed(case: &Value) -> Case {
    let text = serde_json::to_vec(case).expect("JSON");
    Case::parse(&text).unwrap_or_else(|error| panic!("{error}: {case:#}"))
}

fn computed(case: &Value) -> Outcome {
    let case = parsed(case);
    evaluate(&case.rulebook, &case.facts).unwrap_or_else(|error| panic!("{error:?}"))
}

fn points(outcome: &Outcome) -> Vec<&str> {
    let shown = outcome.bidders.values().map(|bidder| &bidder.price_points);
    shown
        .map(|figure| figure.as_ref().map_or("-", |figure| &figure.shown))
        .collect()
}

fn totals(outcome: &Outcome) -> Vec<&str> {
    let shown = outcome.bidders.values().map(|bidder| &bidder.total);
    shown
        .map(|figure| figure.as_ref().map_or("-", |figure| &figure.shown))
        .collect()
}

fn half_up(places: u32) -> Value {
    json!({ "mode": "half_up", "places": places })
}

#[test]
fn f1_low_price_first() {
    let outcome = computed(&case(
        &json!("low_price_first"),
        Some("30"),
        &json!({}),
        &["100", "125", "200"],
    ));
    assert_eq!(points(&outcome), ["30", "24", "15"]);
    assert_eq!(outcome.price_base.expect("a base").shown, "100");
}

#[test]
fn f2_deviation_table() {
    let rows = json!([
        { "at": "-10", "gives": "20" }, { "at": "0", "gives": "30" }, { "at": "10", "gives": "15" }
    ]);
    let method = |between: &str| {
        json!({ "deviation_table": {
            "base": "mean_of(p)", "between": between, "rows": rows, "deviation_rounding": half_up(2)
        } })
    };
    // Base 100; deviations -10, -4, 3, 11.
    let prices = ["90", "96", "103", "111"];
    for (between, expected) in [
        ("line", ["20", "26", "25.5", "15"]),
        ("row_below", ["20", "20", "30", "15"]),
        ("row_above", ["20", "30", "15", "15"]),
    ] {
        let outcome = computed(&case(&method(between), Some("30"), &json!({}), &prices));
        assert_eq!(points(&outcome), expected, "{between}");
    }
}

fn reference(more: &Value) -> Value {
    let mut settings = json!({
        "full_from": "95",
        "slopes": { "above": "1.5", "below": "1", "whole_percents": false },
        "base_rounding": half_up(2)
    });
    let own = settings.as_object_mut().expect("an object");
    own.extend(more.as_object().expect("an object").clone());
    json!({ "reference_price": settings })
}

#[test]
fn f3_reference_price_with_a_drawn_x() {
    let drawn = |method: &Value, x: &str| {
        let mut case = case(
            method,
            Some("40"),
            &json!({ "ceiling": "130" }),
            &["99.00", "110", "120"],
        );
        case["parameters"] = json!({ "X": x });
        case
    };
    // Ql 99, Qh 110, ref 104.5; the band begins at 99.275.
    let outcome = computed(&drawn(&reference(&json!({})), "50"));
    assert_eq!(outcome.derivation["price_base"].shown, "104.50");
    let scores =
        ["B1:step:score", "B2:step:score", "B3:step:score"].map(|id| outcome.derivation[id].shown.as_str());
    // 0.275 / 104.5 = 0.263 %; 5.5 / 104.5 = 5.263 %, times 1.5; 15.5 / 104.5 = 14.833 %, times 1.5.
    assert_eq!(scores, ["99.74", "92.11", "77.75"]);
    assert_eq!(points(&outcome), ["39.896", "36.844", "31.1"]);

    let whole = reference(&json!({ "slopes": { "above": "1.5", "below": "1", "whole_percents": true } }));
    let outcome = computed(&drawn(&whole, "50"));
    let scores =
        ["B1:step:score", "B2:step:score", "B3:step:score"].map(|id| outcome.derivation[id].shown.as_str());
    assert_eq!(scores, ["100.00", "92.50", "79.00"]);

    let warned = computed(&drawn(&reference(&json!({ "cost_warning": "102" })), "0"));
    assert_eq!(warned.derivation["price_base"].shown, "102.00");

    // MIN-6: the lowest price reaches 76 % of the ceiling.
    let failing = computed(&drawn(&reference(&json!({ "fails_at": "76" })), "50"));
    assert!(failing.remarks.iter().all(|remark| remark.rule == "MIN-6") && failing.remarks.len() == 3);

    for x in ["101", "0.5", "-1"] {
        let case = parsed(&drawn(&reference(&json!({})), x));
        let refused = evaluate(&case.rulebook, &case.facts);
        assert_eq!(
            refused,
            Err(EvaluateError::ParameterRefused("X".to_owned())),
            "{x}"
        );
    }
}

#[test]
fn f4_mean_base_drops_only_above_the_count_it_names() {
    let method = json!({ "mean_base": {
        "drop_above": 3,
        "float": { "from": "0.0025", "to": "0.015", "step": "0.0025" },
        "base_rounding": half_up(2),
        "deviation_rounding": half_up(4),
        "slopes": { "above": "1", "below": "0.5", "whole_percents": false }
    } });
    let with = |prices: &[&str]| {
        let mut case = case(&method, Some("100"), &json!({}), prices);
        case["parameters"] = json!({ "float": "0.0100" });
        computed(&case)
    };
    // Mean of 100 and 110 is 105, less 1 % is 103.95.
    let outcome = with(&["80", "100", "110", "120"]);
    assert_eq!(outcome.derivation["price_base"].shown, "103.95");
    assert_eq!(outcome.derivation["B2:step:deviation"].shown, "-0.0380");
    assert_eq!(points(&outcome), ["88.48", "98.1", "94.18", "84.56"]);
    // Three bids: nothing is dropped (the defect of a code base that tested `<= 3` under a comment of `< 5`).
    assert_eq!(
        with(&["80", "100", "120"]).derivation["price_base"].shown,
        "99.00"
    );
}

#[test]
fn f8b_rated_criteria() {
    let book = json!({
        "criteria": [{ "id": "T", "title": { "zh": "技术", "en": "technical" }, "kind": { "range": { "min": "0", "max": "100", "step": "1" } } }]
    });
    let mut case = case(
        &json!({ "rated_criteria": { "price_weight": "0.3" } }),
        None,
        &book,
        &["80", "100"],
    );
    case["bidders"][0]["given"] = json!({ "technical": "60" });
    case["bidders"][1]["given"] = json!({ "technical": "80" });
    // 30 + 60/80 x 70; 80/100 x 30 + 70.
    assert_eq!(totals(&computed(&case)), ["82.5", "94"]);
}

#[test]
fn f9b_linear_to_the_budget_with_abnormally_low_bids_noted() {
    let method = json!({ "linear_to_budget": { "abnormal_below": "90" } });
    let outcome = computed(&case(
        &method,
        Some("30"),
        &json!({ "budget": "1000" }),
        &["800", "900", "1000"],
    ));
    assert_eq!(points(&outcome), ["30", "15", "0"]);
    let noted: Vec<_> = outcome
        .remarks
        .iter()
        .filter_map(|remark| remark.bidder.as_ref())
        .collect();
    assert_eq!(noted.len(), 1, "800 is below 90 % of the mean 900");
    let only = computed(&case(&method, Some("30"), &json!({ "budget": "800" }), &["800"]));
    assert_eq!(
        points(&only),
        ["30"],
        "at the budget itself nothing is divided by nothing"
    );
}

#[test]
fn f9c_a_tiny_saving_does_not_take_all_points() {
    let method = json!({ "corrected_proportional": { "full_saving": "3" } });
    let with = |prices: &[&str]| computed(&case(&method, Some("30"), &json!({ "budget": "1000" }), prices));
    assert_eq!(points(&with(&["990", "985"])), ["10", "15"]);
    assert_eq!(points(&with(&["990", "940"])), ["5", "30"]);
}

#[test]
fn f9d_steps_of_the_price() {
    let method = json!({ "price_steps": { "between": "row_above", "rows": [
        { "at": "100", "gives": "30" }, { "at": "200", "gives": "20" }, { "at": "300", "gives": "0" }
    ] } });
    let outcome = computed(&case(
        &method,
        Some("30"),
        &json!({}),
        &["50", "100", "100.01", "200", "301"],
    ));
    assert_eq!(points(&outcome), ["30", "30", "20", "20", "0"]);
}

#[test]
fn f10_a_value_below_the_standard_falls() {
    let method = json!({ "division": { "base_points": "100", "scale": "100000000", "places": 4, "standard_value": true } });
    let book = json!({
        "ceiling": "54060000",
        "criteria": [{ "id": "Q", "title": { "zh": "加算点", "en": "quality" }, "kind": { "range": { "min": "-50", "max": "100", "step": "0.01" } } }]
    });
    let refused = serde_json::to_vec(&case(&method, None, &book, &["1"])).expect("JSON");
    assert!(
        Case::parse(&refused).is_ok(),
        "a scale below zero is found by the lint"
    );
    let book = json!({
        "ceiling": "54060000",
        "criteria": [{ "id": "Q", "title": { "zh": "加算点", "en": "quality" }, "kind": { "range": { "min": "0", "max": "100", "step": "0.01" } } }]
    });
    let mut case = case(&method, None, &book, &["49100000", "54060001", "54060000"]);
    for (bid, quality) in [(0, "59.17"), (1, "10"), (2, "0")] {
        case["bidders"][bid]["given"] = json!({ "criteria": { "Q": quality } });
    }
    let outcome = computed(&case);
    assert_eq!(outcome.derivation["step:standard"].shown, "184.9796");
    assert_eq!(totals(&outcome), ["324.1751", "-", "184.9796"]);
}

#[test]
fn f11_additive_with_a_survey_price() {
    let method = json!({ "additive": { "survey_price": "850" } });
    let mut case = case(
        &method,
        Some("40"),
        &json!({ "ceiling": "1000" }),
        &["900", "800", "850"],
    );
    case["rulebook"]["aggregation"] =
        json!({ "rounding": [{ "where": "price_points", "mode": "half_up", "places": 4 }] });
    // 40 x 0.1; 40 x (0.15 + 0.5 x 0.05); 40 x 0.15.
    assert_eq!(points(&computed(&case)), ["4.0000", "7.0000", "6.0000"]);
}

#[test]
fn f12_proportion_above_the_lowest_never_falls_below_zero() {
    let outcome = computed(&case(
        &json!("proportion_above_lowest"),
        Some("80"),
        &json!({}),
        &["100", "125", "250"],
    ));
    assert_eq!(points(&outcome), ["80", "60", "0"]);
}

#[test]
fn f13_lowest_price_above_a_floor_with_a_tie() {
    let method = json!({ "floor_rate": { "estimated_price": "1000", "rate": "87.745" } });
    let outcome = computed(&case(
        &method,
        None,
        &json!({}),
        &["877.44", "877.45", "900", "877.450"],
    ));
    let ranks: Vec<(u32, String)> = outcome
        .ranking
        .iter()
        .map(|line| (line.rank, line.bidder.to_string()))
        .collect();
    assert_eq!(
        ranks,
        [(1, "B2".to_owned()), (1, "B4".to_owned()), (3, "B3".to_owned())]
    );
    let fallen = outcome.bidders.values().next().expect("B1");
    let Standing::Rejected(conclave_rules::Ground::Condition { rule, inputs, .. }) = &fallen.standing else {
        panic!("{:?}", fallen.standing);
    };
    assert_eq!((rule.as_str(), inputs.len()), ("F13", 2));
    assert!(fallen.total.is_none() && fallen.price_points.is_none());
}

#[test]
fn f16_lowest_evaluated_price_after_deductions() {
    let mut case = case(&json!("lowest_price"), None, &json!({}), &["100", "95"]);
    case["rulebook"]["price"]["deductions"] =
        json!({ "combine": "largest", "items": [{ "attribute": "small_enterprise", "percent": "10" }] });
    case["bidders"][0]["attributes"] = json!(["small_enterprise"]);
    let outcome = computed(&case);
    assert_eq!(outcome.ranking[0].bidder.to_string(), "B1", "90 is below 95");
}

#[test]
fn a_formula_written_out_derives_every_number() {
    let formula = json!({ "formula": {
        "name": { "zh": "自拟", "en": "own" },
        "parameters": [{ "name": "k", "label": { "zh": "系数", "en": "factor" }, "from": { "written": "2" } }],
        "steps": [
            { "choose": { "name": "near", "bids": "p >= 0.5 * mean_of(p)" } },
            { "number": { "name": "base", "label": { "zh": "基准", "en": "base" }, "value": "mean_of(p in near)", "rounding": half_up(2) } },
            { "number": { "name": "spread", "label": { "zh": "离差", "en": "spread" }, "value": "sqrt(mean_of(power(p - mean_of(p), 2)), 4)" } },
            { "number": { "name": "place", "label": { "zh": "名次", "en": "place" }, "value": "rank_of(p)" } },
            { "number": { "name": "points", "label": { "zh": "价格分", "en": "points" }, "value": "clamp(full - k * (place - 1) - if(p > base, 1, 0), 0, full)" } }
        ],
        "base": "base", "points": "points"
    } });
    let outcome = computed(&case(
        &formula,
        Some("10"),
        &json!({}),
        &["10", "90", "100", "100"],
    ));
    // Mean 75; of at least 37.5 are 90, 100, 100.
    assert_eq!(outcome.derivation["price_base"].shown, "96.67");
    // Deviations -65, 15, 25, 25: squares sum to 5700, over 4 is 1425.
    assert_eq!(outcome.derivation["step:spread"].shown, "37.7492");
    assert_eq!(points(&outcome), ["10", "8", "5", "5"]);
    let node = &outcome.derivation["B3:price_points"];
    let symbols: Vec<&str> = node.inputs.iter().map(|input| input.symbol()).collect();
    assert_eq!(symbols, ["full", "k", "place", "p", "base"]);
    let mean = &outcome.derivation["step:near/1"];
    assert_eq!((mean.shown.as_str(), mean.inputs.len()), ("75", 4));
}

#[test]
fn a_formula_that_does_not_hang_together_is_refused_with_place_and_mend() {
    let with = |steps: Value| json!({ "formula": { "name": { "zh": "自拟", "en": "own" }, "steps": steps, "points": "points" } });
    let number = |name: &str, value: &str| json!({ "number": { "name": name, "label": { "zh": name, "en": name }, "value": value } });
    for (steps, at, says) in [
        (
            json!([number("points", "later"), number("later", "p")]),
            "steps[0].number.value",
            "further down",
        ),
        (
            json!([number("points", "points")]),
            "steps[0].number.value",
            "further down",
        ),
        (
            json!([number("points", "q * 2")]),
            "steps[0].number.value",
            "no step or parameter `q`",
        ),
        (
            json!([number("points", "full / budget * p")]),
            "steps[0].number.value",
            "`budget`, which the rulebook does not have",
        ),
        (
            json!([number("points", "p < 2")]),
            "steps[0].number.value",
            "a number is wanted",
        ),
        (
            json!([number("points", "mean_of(1)")]),
            "steps[0].number.value",
            "something that each bid has",
        ),
        (
            json!([number("points", "mean_of(p in few)")]),
            "steps[0].number.value",
            "by the name `few`",
        ),
        (
            json!([number("points", "table(\"t\", p)")]),
            "steps[0].number.value",
            "no table `t`",
        ),
        (
            json!([number("points", "block(\"X\")")]),
            "steps[0].number.value",
            "no scored block X",
        ),
        (
            json!([number("points", "half_up(p, 21)")]),
            "steps[0].number.value",
            "from 0 to 20",
        ),
        (
            json!([number("points", "half_up(p, p)")]),
            "steps[0].number.value",
            "from 0 to 20",
        ),
        (
            json!([number("p", "1"), number("points", "p")]),
            "steps[0].number.name",
            "has a meaning of its own",
        ),
        (
            json!([number("points", "mean_of(p)")]),
            "points",
            "must be a step that computes a number of each bid",
        ),
        (
            json!([
                number("points", "p"),
                json!({ "reject": { "bids": "1 < 2", "rule": "X", "reason": { "zh": "无", "en": "none" } } })
            ]),
            "steps[1].reject.bids",
            "reads nothing of a bid",
        ),
    ] {
        let case = parsed(&case(&with(steps.clone()), Some("10"), &json!({}), &["1"]));
        let findings = case.rulebook.errors();
        let found = findings.iter().any(|finding| {
            finding.at == format!("price.method.formula.{at}")
                && finding.text.en.to_lowercase().contains(&says.to_lowercase())
        });
        assert!(found, "{steps}: {findings:#?}");
    }
}

#[test]
fn what_cannot_be_computed_is_located() {
    let steps = |value: &str| {
        json!({ "formula": { "name": { "zh": "自拟", "en": "own" }, "points": "points", "steps": [
            { "number": { "name": "points", "label": { "zh": "价格分", "en": "points" }, "value": value } }
        ] } })
    };
    let refused = |value: &str| {
        let case = parsed(&case(&steps(value), Some("10"), &json!({}), &["1", "2"]));
        evaluate(&case.rulebook, &case.facts)
            .expect_err("it has no value")
            .to_string()
    };
    assert_eq!(refused("1 / (p - 1)"), "B1:price_points: division by zero");
    assert_eq!(
        refused("sqrt(1 - p, 2)"),
        "B2:price_points: the root of a number below zero"
    );
    assert_eq!(
        refused("trimmed_mean_of(p, 1, 1) * p"),
        "B1:price_points: 3 bids are needed, 2 are there"
    );
    assert_eq!(
        refused("fact(\"area\") * p"),
        "bidder B1 has no `area`, which the formula reads"
    );
    let huge = "power(power(power(p + 1, 16), 16), 16)";
    let huge = format!("power({huge}, 16) * power({huge}, 16)");
    assert!(
        refused(&huge).ends_with("the number is longer than 65536 bits"),
        "{}",
        refused(&huge)
    );
}

fn three_members(keys: &Value) -> Value {
    let scores = |a: &str, b: &str, c: &str| json!({ "B1": { "T": a }, "B2": { "T": b }, "B3": { "T": c } });
    json!({
        "format": "conclave.case/1",
        "rulebook": {
            "criteria": [{ "id": "T", "title": { "zh": "技术", "en": "technical" }, "kind": { "range": { "min": "0", "max": "100", "step": "1" } } }],
            "ranking": { "keys": keys, "then": "tied" }
        },
        "bidders": [{ "id": "B1" }, { "id": "B2" }, { "id": "B3" }],
        "scores": { "E1": scores("90", "80", "10"), "E2": scores("90", "80", "10"), "E3": scores("10", "80", "90") }
    })
}

#[test]
fn f14_sum_of_ranks_and_f15_places() {
    // Ranks: B1 1, 1, 3; B2 2, 2, 2; B3 3, 3, 1. By points B2 leads.
    let order = |keys: &Value| -> Vec<(u32, String)> {
        let outcome = computed(&three_members(keys));
        outcome
            .ranking
            .iter()
            .map(|line| (line.rank, line.bidder.to_string()))
            .collect()
    };
    let named = |list: [(u32, &str); 3]| list.map(|(rank, id)| (rank, id.to_owned())).to_vec();
    assert_eq!(
        order(&json!(["score_desc"])),
        named([(1, "B2"), (2, "B1"), (3, "B3")])
    );
    assert_eq!(
        order(&json!(["rank_sum_asc", "score_desc"])),
        named([(1, "B1"), (2, "B2"), (3, "B3")])
    );
    assert_eq!(
        order(&json!(["places_desc"])),
        named([(1, "B1"), (2, "B3"), (3, "B2")])
    );
    let outcome = computed(&three_members(&json!(["rank_sum_asc"])));
    let ranks = outcome
        .bidders
        .values()
        .next()
        .and_then(|bidder| bidder.member_ranks.as_ref())
        .expect("B1 has ranks");
    assert_eq!(
        (ranks.sum.shown.as_str(), ranks.places.as_slice()),
        ("5", &[2, 0, 1][..])
    );
}

#[test]
fn the_middle_and_the_sum_of_what_members_gave() {
    for (method, expected) in [("mean", "63.333333"), ("median", "90"), ("sum", "190")] {
        let mut case = three_members(&json!(["score_desc"]));
        case["rulebook"]["aggregation"] = json!({ "method": method });
        case["rulebook"]["full_marks"] = json!("100");
        let outcome = computed(&case);
        assert_eq!(totals(&outcome)[0], expected, "{method}");
    }
}

#[test]
fn tiers_and_computed_points() {
    let tier = |name: &str, min: &str, max: &str| json!({ "name": { "zh": name, "en": name }, "min": min, "max": max });
    let mut case = json!({
        "format": "conclave.case/1",
        "rulebook": {
            "full_marks": "30",
            "criteria": [
                { "id": "plan", "title": { "zh": "方案", "en": "plan" }, "kind": { "tiers": {
                    "tiers": [tier("优", "17", "20"), tier("良", "14", "17"), tier("一般", "10", "14")], "step": "0.5", "missing": "0"
                } } },
                { "id": "record", "title": { "zh": "业绩", "en": "track record" }, "kind": { "computed": {
                    "points": "10", "value": "min(fact(\"projects\") * 2.5, 10)"
                } } }
            ]
        },
        "bidders": [{ "id": "B1", "facts": { "projects": "3" } }, { "id": "B2", "facts": { "projects": "9" } }],
        "scores": { "E1": { "B1": { "plan": "17" }, "B2": { "plan": "0" } } }
    });
    assert_eq!(totals(&computed(&case)), ["24.5", "10"]);
    for (score, fault) in [
        ("9", "none of the tiers"),
        ("17.25", "steps of 0.5"),
        ("20.5", "none of the tiers"),
    ] {
        case["scores"]["E1"]["B1"]["plan"] = json!(score);
        let parsed = parsed(&case);
        let Err(EvaluateError::SheetRefused { problems, .. }) = evaluate(&parsed.rulebook, &parsed.facts)
        else {
            panic!("{score} is taken");
        };
        assert!(
            problems[0].text().en.contains(fault),
            "{score}: {}",
            problems[0].text().en
        );
    }
}

#[test]
fn a_minimum_is_in_the_own_scale_whatever_the_weight() {
    let leaf = json!({ "id": "T", "title": { "zh": "技术", "en": "Technical" }, "weight": "0.7", "minimum": "60", "kind": { "range": { "min": "0", "max": "100", "step": "1" } } });
    let group = json!({ "id": "T", "title": { "zh": "技术", "en": "Technical" }, "weight": "0.7", "minimum": "60", "kind": { "group": { "criteria": [
        { "id": "T1", "title": { "zh": "方案", "en": "Plan" }, "kind": { "range": { "min": "0", "max": "100", "step": "1" } } }
    ] } } });
    for (technical, id) in [(leaf, "T"), (group, "T1")] {
        let case = json!({
            "format": "conclave.case/1",
            "rulebook": {
                "criteria": [technical, { "id": "P", "title": { "zh": "报价", "en": "Price" }, "kind": { "price": { "points": "30" } } }],
                "price": { "method": "low_price_first" }
            },
            "bidders": [{ "id": "B1", "price": "100" }, { "id": "B2", "price": "100" }],
            "scores": { "E1": { "B1": { id: "60" }, "B2": { id: "59" } } }
        });
        let outcome = computed(&case);
        assert_eq!(outcome.ranking.len(), 1);
        assert_eq!(outcome.ranking[0].bidder.as_str(), "B1");
        let ground = outcome.bidders.values().last().expect("B2");
        let told = serde_json::to_value(&ground.standing).expect("it is data");
        assert_eq!(told["rejected"]["below_minimum"]["score"]["shown"], "59");
    }
}
