//! Published results, recomputed. The cases lie beside the workspace (`shared/data/scoring`), or where
//! `CONCLAVE_SCORING_CASES` says; without them the tests say so and pass, except in CI.

use std::path::PathBuf;

use conclave_rules::{Exact, Rounding, RoundingMode, Rulebook, Sheet};
use serde_json::{Value, json};

use crate::support::{QCBS, bid, bidder, changed, exact, facts, json, outcome, parse, score, sheet, shown};

fn cases(kind: &str) -> Vec<Value> {
    let default = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/scoring");
    let folder = std::env::var_os("CONCLAVE_SCORING_CASES").map_or_else(default, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("published-results.json")) else {
        assert!(
            std::env::var_os("CI").is_none(),
            "no published cases in {folder:?}"
        );
        println!("skipped: no published cases in {folder:?}");
        return Vec::new();
    };
    let all = json(&text);
    let all = all["cases"].as_array().expect("a list of cases");
    let found: Vec<Value> = all.iter().filter(|c| c["kind"] == kind).cloned().collect();
    assert!(!found.is_empty(), "no case of kind {kind}");
    found
}

/// A number as the file writes it; a whole one is written with `.0` now and then.
fn written(value: &Value) -> Exact {
    exact(&value.to_string())
}

fn decimal(value: &Exact) -> String {
    let text = conclave_rules::shown(value, None);
    assert!(!text.approximate);
    text.text
}

fn times(a: &Exact, b: &Exact) -> Exact {
    a.checked_mul(b).expect("small")
}

fn over(a: &Exact, b: u32) -> Exact {
    a.checked_div(&Exact::from(b)).expect("not zero")
}

/// The QCBS example with these criteria, the rest of the 100 points in `rest`.
fn technical_rulebook(criteria: &[(String, Exact)]) -> Rulebook {
    let sum = Exact::sum(criteria.iter().map(|(_, max)| max)).expect("small");
    let rest = Exact::from(100).checked_sub(&sum).expect("small");
    let mut ids: Vec<&str> = criteria.iter().map(|(id, _)| id.as_str()).collect();
    let mut nodes: Vec<Value> = Vec::new();
    let rest_entry = [("rest".to_owned(), rest.clone())];
    let padding: &[(String, Exact)] = if rest.is_zero() { &[] } else { &rest_entry };
    for (id, max) in criteria.iter().chain(padding) {
        nodes.push(json!({
            "id": id,
            "title": { "zh": id, "en": id },
            "kind": { "range": { "min": "0", "max": decimal(max), "step": "0.001" } }
        }));
    }
    if !padding.is_empty() {
        ids.push("rest");
    }
    let base = changed(
        QCBS,
        &[
            ("/ranking/keys", json!(["score_desc"])),
            ("/price/method/qcbs/technical_minimum", json!("0")),
        ],
    );
    let mut value = serde_json::to_value(base).expect("writes");
    value["criteria"] = json!(nodes);
    value["stages"][0]["criteria"] = json!(ids);
    let rulebook = parse(&value);
    assert_eq!(rulebook.errors(), Vec::new());
    rulebook
}

/// Technical scores as the engine computes them: one member, equal prices.
fn technical(criteria: &[(String, Exact)], bids: &[Vec<Exact>]) -> Vec<String> {
    let rulebook = technical_rulebook(criteria);
    let has_rest = rulebook.criteria.len() > criteria.len();
    let mut cells = Vec::new();
    for (scores, ordinal) in bids.iter().zip(1u32..) {
        for ((id, _), value) in criteria.iter().zip(scores) {
            cells.push((ordinal, id.as_str(), score(&decimal(value))));
        }
        if has_rest {
            cells.push((ordinal, "rest", score("0")));
        }
    }
    let sheets: Vec<Sheet> = vec![sheet("scored/1", 0, &cells)];
    let bidders = (1..).take(bids.len()).map(|n| bid(n, "1")).collect();
    let result = outcome(&rulebook, &facts(bidders, 1, sheets));
    (1..)
        .take(bids.len())
        .map(|n| shown(result.bidders[&bidder(n)].technical.as_ref()).to_owned())
        .collect()
}

/// Criteria with their highest scores from an object of numbers.
fn highest(points: &Value) -> Vec<(String, Exact)> {
    let points = points.as_object().expect("an object");
    let pairs = points.iter();
    pairs.map(|(id, max)| (id.clone(), written(max))).collect()
}

fn scores(criteria: &[(String, Exact)], given: &Value) -> Vec<Exact> {
    criteria.iter().map(|(id, _)| written(&given[id])).collect()
}

fn bidders(case: &Value) -> &Vec<Value> {
    case["inputs"]["bidders"].as_array().expect("bidders")
}

fn name(bid: &Value) -> &str {
    bid["bidder"].as_str().expect("a letter")
}

/// SC-12, F10: A x 1e8 / p, truncated to four places; the exact arithmetic, not a method of a rulebook.
#[test]
fn division_method_truncates() {
    let truncate = Rounding {
        mode: RoundingMode::Truncate,
        places: 4,
    };
    let (mut checked, mut rounding_differs) = (0, 0);
    for case in cases("mlit_division") {
        for bid in bidders(&case) {
            let published = &bid["published_value"];
            let price = &bid["price_thousand_yen_ex_tax"];
            if !published.is_number() || !price.is_number() {
                continue;
            }
            let quality = times(&written(&bid["A_base_plus_quality"]), &Exact::from(100_000));
            let value = quality.checked_div(&written(price)).expect("a price");
            assert_eq!(truncate.apply(&value), Ok(written(published)), "{}", case["id"]);
            let half_up = Rounding {
                mode: RoundingMode::HalfUp,
                ..truncate
            };
            rounding_differs += usize::from(half_up.apply(&value) != truncate.apply(&value));
            checked += 1;
        }
    }
    println!("{checked} published values, half-up would differ in {rounding_differs}");
}

/// Weights in percent, scores of five: points = weight x score / 5, overall = points / 20.
#[test]
fn weighted_sum() {
    for case in cases("weighted_sum") {
        let criteria = highest(&case["inputs"]["weights_percent"]);
        let points = |bid: &Value| -> Vec<Exact> {
            let given = scores(&criteria, &bid["scores"]);
            let pairs = criteria.iter().zip(&given);
            pairs.map(|((_, weight), s)| over(&times(weight, s), 5)).collect()
        };
        let bids: Vec<Vec<Exact>> = bidders(&case).iter().map(points).collect();
        let one_place = Rounding {
            mode: RoundingMode::HalfUp,
            places: 1,
        };
        for (bid, technical) in bidders(&case).iter().zip(technical(&criteria, &bids)) {
            let overall = one_place.apply(&over(&exact(&technical), 20));
            let published = written(&case["published"]["totals"][name(bid)]);
            assert_eq!(overall, Ok(published));
        }
    }
}

#[test]
fn sum_of_marks() {
    for case in cases("sum_parts") {
        let criteria = highest(&case["inputs"]["part_max"]);
        let bids: Vec<Vec<Exact>> = bidders(&case)
            .iter()
            .map(|bid| scores(&criteria, &bid["parts"]))
            .collect();
        for (bid, technical) in bidders(&case).iter().zip(technical(&criteria, &bids)) {
            let published = written(&case["published"]["totals"][name(bid)]);
            assert_eq!(exact(&technical), published);
        }
    }
}

#[test]
fn weighted_questions() {
    for case in cases("fcdo") {
        let criteria = highest(&case["inputs"]["question_weights_percent"]);
        let bids: Vec<Vec<Exact>> = bidders(&case)
            .iter()
            .map(|bid| scores(&criteria, &bid["question_points"]))
            .collect();
        for (bid, technical) in bidders(&case).iter().zip(technical(&criteria, &bids)) {
            let published = written(&case["published"]["technical_totals"][name(bid)]);
            assert_eq!(exact(&technical), published);
        }
    }
}
