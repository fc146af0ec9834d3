//! Defects of an existing evaluation program, each with inputs on which it shows, and what comes out here.

use conclave_rules::{Case, Input, Outcome, Rulebook, Tongue, evaluate, template};
use serde_json::{Map, Value, json};

use crate::support::ranking;

fn title(text: &str) -> Value {
    json!({ "zh": text, "en": text })
}

fn range(id: &str, max: &str, step: &str) -> Value {
    json!({ "id": id, "title": title(id), "kind": { "range": { "min": "0", "max": max, "step": step } } })
}

fn price(points: &str) -> Value {
    json!({ "id": "P", "title": title("P"), "kind": { "price": { "points": points } } })
}

/// Scores by criterion, then bid, then member.
fn case(rulebook: &Value, prices: &[&str], scores: &[(&str, &[&[&str]])]) -> Value {
    let bidders: Vec<Value> = prices
        .iter()
        .enumerate()
        .map(|(n, price)| json!({ "id": format!("B{}", n + 1), "price": price }))
        .collect();
    let members = scores.first().map_or(0, |(_, bids)| bids[0].len());
    let mut sheets = Map::new();
    for member in 0..members {
        let bids: Map<String, Value> = (0..prices.len())
            .map(|bid| {
                let own: Map<String, Value> = scores
                    .iter()
                    .map(|(id, bids)| ((*id).to_owned(), json!(bids[bid][member])))
                    .collect();
                (format!("B{}", bid + 1), Value::Object(own))
            })
            .collect();
        sheets.insert(format!("E{}", member + 1), Value::Object(bids));
    }
    json!({ "format": "conclave.case/1", "rulebook": rulebook, "bidders": bidders, "scores": sheets })
}

fn read(case: &Value) -> Case {
    Case::parse(case.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

fn computed(case: &Value) -> Outcome {
    let case = read(case);
    evaluate(&case.rulebook, &case.facts).unwrap_or_else(|error| panic!("{error:?}"))
}

fn shown<'a>(outcome: &'a Outcome, node: &str) -> &'a str {
    &outcome.derivation[node].shown
}

/// Nodes that are rounded, by what they are of a bid.
fn roundings(outcome: &Outcome, bidder: &str) -> Vec<String> {
    let own = format!("{bidder}:");
    let rounded = outcome
        .derivation
        .iter()
        .filter(|(_, node)| node.rounding.is_some());
    rounded
        .filter_map(|(id, _)| id.strip_prefix(&own).map(str::to_owned))
        .collect()
}

// Scores in binary floating point, and several intermediate roundings.

#[test]
fn a_half_that_binary_floating_point_loses_is_rounded_up() {
    // In doubles 123 / 240 * 30 is 15.374999999999998, which rounds to 15.37 and leaves a tie at 75.37, which the lower
    // price decides for B2. Exactly it is 15.375, so B1 has 75.38 and wins.
    let rulebook = json!({
        "criteria": [range("T", "70", "0.01"), price("30")],
        "price": { "method": "low_price_first" },
        "aggregation": { "rounding": [{ "where": "price_points", "mode": "half_up", "places": 2 }] },
        "ranking": { "keys": ["score_desc", "price_asc"], "then": "tied" }
    });
    let outcome = computed(&case(
        &rulebook,
        &["240", "123"],
        &[("T", &[&["60.00"], &["45.37"]])],
    ));
    assert_eq!(outcome.derivation["B1:price_points"].exact.to_string(), "123/8");
    assert_eq!(shown(&outcome, "B1:price_points"), "15.38");
    assert_eq!(
        (shown(&outcome, "B1:total"), shown(&outcome, "B2:total")),
        ("75.38", "75.37")
    );
    assert_eq!(ranking(&outcome), [(1, 1), (2, 2)]);
    assert!(outcome.ties.is_empty());

    // The mean of 2.67 and 2.68 is 2.675; the nearest double lies below it and rounds to 2.67.
    let mean = json!({
        "full_marks": "5", "criteria": [range("T", "5", "0.01")],
        "aggregation": { "rounding": [{ "where": "criterion_mean", "mode": "half_up", "places": 2 }] }
    });
    let outcome = computed(&case(&mean, &["1"], &[("T", &[&["2.67", "2.68"]])]));
    assert_eq!(shown(&outcome, "B1:criterion:T"), "2.68");
}

#[test]
fn sums_that_differ_in_binary_are_equal() {
    // In doubles 0.1 + 0.2 is 0.30000000000000004, so B1 would beat B2 with its 0.3 alone.
    let rulebook = json!({
        "full_marks": "2", "criteria": [range("A", "1", "0.1"), range("B", "1", "0.1")],
        "ranking": { "keys": ["score_desc", "price_asc"], "then": "tied" }
    });
    let outcome = computed(&case(
        &rulebook,
        &["20", "10"],
        &[("A", &[&["0.1"], &["0.3"]]), ("B", &[&["0.2"], &["0"]])],
    ));
    assert_eq!(
        (shown(&outcome, "B1:total"), shown(&outcome, "B2:total")),
        ("0.3", "0.3")
    );
    assert_eq!(ranking(&outcome), [(1, 2), (2, 1)], "the lower price decides");
}

#[test]
fn rounding_on_the_way_would_name_another_winner() {
    // Three means of 10 1/3 and of 10 2/3, 10 2/3, 9 2/3: both sum to 31, and the lower price wins. Rounded one by one
    // they sum to 30.99 and 31.01.
    let criteria = [
        range("A", "20", "1"),
        range("B", "20", "1"),
        range("C", "20", "1"),
    ];
    let book = |rounding: Value| {
        json!({
            "full_marks": "60", "criteria": criteria, "aggregation": { "rounding": rounding },
            "ranking": { "keys": ["score_desc", "price_asc"], "then": "tied" }
        })
    };
    let low: &[&str] = &["10", "10", "11"];
    let high: &[&str] = &["10", "11", "11"];
    let lower: &[&str] = &["9", "10", "10"];
    let scores: [(&str, &[&[&str]]); 3] = [("A", &[low, high]), ("B", &[low, high]), ("C", &[low, lower])];
    let of = |rounding| computed(&case(&book(rounding), &["10", "20"], &scores));

    let once = of(json!([{ "where": "total", "mode": "half_up", "places": 2 }]));
    assert_eq!(
        roundings(&once, "B1"),
        ["total"],
        "where it is written, and nowhere else"
    );
    assert_eq!(
        (shown(&once, "B1:total"), shown(&once, "B2:total")),
        ("31.00", "31.00")
    );
    assert_eq!(ranking(&once), [(1, 1), (2, 2)]);

    let often = of(json!([{ "where": "criterion_mean", "mode": "half_up", "places": 2 }]));
    assert_eq!(
        (shown(&often, "B1:total"), shown(&often, "B2:total")),
        ("30.99", "31.01")
    );
    assert_eq!(
        ranking(&often),
        [(1, 2), (2, 1)],
        "what a rulebook must write to get it"
    );
}

// A comment that says "fewer than 5" over code that tests `<= 3`.

/// Highest and lowest of these, so many from the front, are never the last one.
const PRICES: [&str; 6] = ["80", "100", "110", "120", "150", "90"];

fn mean_base(drop_above: u32, prices: &[&str]) -> Value {
    let method = json!({ "mean_base": {
        "drop_above": drop_above,
        "base_rounding": { "mode": "half_up", "places": 2 },
        "slopes": { "above": "1", "below": "0.5", "whole_percents": false }
    } });
    let rulebook = json!({ "criteria": [price("100")], "price": { "method": method } });
    case(&rulebook, prices, &[])
}

#[test]
fn highest_and_lowest_are_left_out_above_the_number_that_is_written() {
    // By hand: 290 / 3, 410 / 4, 560 / 5, 650 / 6; without the ends 100, 210 / 2, 330 / 3, 420 / 4.
    let by_hand = [
        (3, "96.67", "100.00"),
        (4, "102.50", "105.00"),
        (5, "112.00", "110.00"),
        (6, "108.33", "105.00"),
    ];
    for drop_above in 2..=6 {
        for (count, whole, trimmed) in by_hand {
            let outcome = computed(&mean_base(drop_above, &PRICES[..count]));
            let node = &outcome.derivation["price_base"];
            let drops = count > drop_above as usize;
            let expected = if drops { trimmed } else { whole };
            assert_eq!(node.shown, expected, "{count} bids, above {drop_above}");
            // The derivation names the number that is computed with, and the two that are left out.
            let said = format!("count_of(p > 0) > {drop_above},");
            assert!(node.formula.contains(&said), "{}", node.formula);
            let left_out: Vec<&str> = node
                .inputs
                .iter()
                .filter(|input| !input.is_used())
                .map(Input::symbol)
                .collect();
            let ends: &[&str] = if !drops {
                &[]
            } else if count > 4 {
                &["p_B1", "p_B5"]
            } else if count > 3 {
                &["p_B1", "p_B4"]
            } else {
                &["p_B1", "p_B3"]
            };
            assert_eq!(left_out, ends, "{count} bids, above {drop_above}");
            let text = outcome.explain("price_base", Tongue::En);
            assert_eq!(text.matches("left out").count(), ends.len(), "{text}");
        }
    }
    let schema = serde_json::to_string(&Rulebook::schema()).expect("a schema is JSON");
    assert!(schema.contains("left out when there are more bids than this"));
    let docs = include_str!("../../../../docs/formats/rulebook.md");
    assert!(docs.contains("count of bids above which one highest and one lowest are left out"));
}

#[test]
fn a_number_above_which_nothing_would_be_left_is_found_by_the_checks() {
    for (drop_above, holds) in [(0, false), (1, false), (2, true), (3, true)] {
        let case = read(&mean_base(drop_above, &["80", "100"]));
        let errors = case.rulebook.errors();
        assert_eq!(errors.is_empty(), holds, "{drop_above}: {errors:?}");
        let places: Vec<&str> = errors.iter().map(|finding| finding.at.as_str()).collect();
        assert!(
            holds || places == ["price.method.mean_base.drop_above"],
            "{places:?}"
        );
    }
}

// A field for a changed base price that overrides the computed one.

const NAMES: [&str; 14] = [
    "base",
    "base_price",
    "price_base",
    "changed_base",
    "modified_base",
    "manual_base",
    "base_override",
    "override",
    "benchmark",
    "benchmark_price",
    "reference",
    "evaluated_price",
    "correction",
    "修改后的评标基准价",
];

fn base_case() -> Value {
    mean_base(3, &["80", "100", "110", "120"])
}

/// Every object of a value, by JSON pointer; what lies below maps of free names is left out.
fn objects(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inside) in fields {
                objects(inside, format!("{at}/{name}"), found);
            }
            found.push(at);
        }
        Value::Array(items) => {
            for (index, inside) in items.iter().enumerate() {
                objects(inside, format!("{at}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn no_field_anywhere_changes_the_base() {
    let mut whole = base_case();
    whole["bidders"][0]["given"] = json!({});
    whole["expected"] = json!({ "bidders": { "B1": {} } });
    let plain = computed(&whole).to_json_bytes();
    let mut places = Vec::new();
    objects(&whole, String::new(), &mut places);
    assert!(places.len() > 12, "{places:?}");
    for place in places {
        for name in NAMES {
            for value in [json!("1"), json!({ "value": "1" })] {
                let mut changed = whole.clone();
                let object = changed.pointer_mut(&place).expect("found there");
                let known = object.get(name).is_some();
                object[name] = value.clone();
                let at = format!("{place}/{name}");
                // What a published result says of itself is compared and nothing more.
                let expected = ["/expected/base", "/expected/bidders/B1/evaluated_price"];
                match Case::parse(changed.to_string().as_bytes()) {
                    Err(error) => assert!(!error.to_string().is_empty() && !known, "{at}"),
                    Ok(case) => {
                        assert!(expected.contains(&at.as_str()), "{at} is read");
                        let outcome = evaluate(&case.rulebook, &case.facts).expect("it evaluates");
                        assert_eq!(outcome.to_json_bytes(), plain, "{at}");
                        assert_eq!(case.differences(&outcome).len(), 1, "{at}");
                    }
                }
            }
        }
    }
}

#[test]
fn neither_facts_nor_draws_reach_the_base() {
    let plain = computed(&base_case());
    for name in NAMES {
        // A fact of this name is a fact that no formula reads.
        let mut fact = base_case();
        fact["bidders"][0]["facts"] = json!({ name: "1" });
        assert_eq!(computed(&fact), plain, "{name}");
        // A value for what is not drawn is refused: neither steps nor written parameters take one.
        for name in [name, "above", "below", "deviation", "points", "p", "full"] {
            let mut drawn = base_case();
            drawn["parameters"] = json!({ name: "1" });
            let drawn = read(&drawn);
            let refused = evaluate(&drawn.rulebook, &drawn.facts).expect_err("nothing is drawn");
            assert!(refused.to_string().contains(name), "{refused}");
        }
    }
    // Totals that are given leave no base behind, least of all another one.
    let mut given = base_case();
    for bid in 0..4 {
        given["bidders"][bid]["given"] = json!({ "total": "50" });
    }
    assert_eq!(computed(&given).price_base, None);
    given["bidders"][0]
        .as_object_mut()
        .expect("an object")
        .remove("given");
    let given = read(&given);
    evaluate(&given.rulebook, &given.facts).expect_err("given in part");
}

#[test]
fn a_published_base_is_compared_and_changes_nothing() {
    let mut published = base_case();
    published["expected"] = json!({ "base": "999.00" });
    let case = read(&published);
    let outcome = evaluate(&case.rulebook, &case.facts).expect("it evaluates");
    assert_eq!(outcome, computed(&base_case()));
    let said: Vec<String> = case
        .differences(&outcome)
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(said, ["base: published 999.00, computed 105.00"]);
}

// A step back keeps the old data by a form of approval. Here nothing is kept, so nothing can be lost: the same rulebook
// and facts give the same bytes, whatever was evaluated between.

#[test]
fn an_amended_rulebook_leaves_the_first_outcome_as_it_was() {
    let first = base_case();
    let mut amended = first.clone();
    amended["rulebook"]["version"] = json!(2);
    amended["rulebook"]["price"]["method"]["mean_base"]["drop_above"] = json!(5);
    let before = computed(&first).to_json_bytes();
    let second = computed(&amended);
    assert_eq!(
        (second.rulebook_version, shown(&second, "price_base")),
        (2, "102.50")
    );
    assert_ne!(second.to_json_bytes(), before);
    assert_eq!(computed(&first).to_json_bytes(), before, "bit for bit");
    let back: Outcome = serde_json::from_slice(&before).expect("an outcome reads back");
    assert_eq!(back.to_json_bytes(), before);
}

#[test]
fn the_order_of_what_is_given_leaves_no_trace() {
    let rulebook = serde_json::to_value(template("deviation_table").expect("there is one")).expect("JSON");
    let mut whole = case(
        &json!({
            "criteria": [range("A", "30", "1"), range("B", "30", "1"), price("40")],
            "price": rulebook["price"],
            "aggregation": { "drop": "one_high_one_low" }
        }),
        &["100", "100", "120", "90"],
        &[
            (
                "A",
                &[
                    &["1", "2", "3"],
                    &["3", "2", "1"],
                    &["9", "9", "9"],
                    &["4", "5", "6"],
                ],
            ),
            (
                "B",
                &[
                    &["7", "7", "7"],
                    &["7", "7", "7"],
                    &["2", "3", "2"],
                    &["8", "8", "1"],
                ],
            ),
        ],
    );
    whole["rulebook"]["price"]["base_recomputed_after_rejection"] = json!(false);
    let case = read(&whole);
    let bytes = evaluate(&case.rulebook, &case.facts)
        .expect("it evaluates")
        .to_json_bytes();
    let mut turned = case.facts.clone();
    for turn in 0..4 {
        turned.bidders.rotate_left(1);
        turned.members.reverse();
        turned.sheets.rotate_left(1);
        for sheet in &mut turned.sheets {
            sheet.blocks.rotate_left(turn);
            sheet.blocks.iter_mut().for_each(|block| block.cells.reverse());
        }
        let again = evaluate(&case.rulebook, &turned).expect("it evaluates");
        assert_eq!(again.to_json_bytes(), bytes);
    }
}
