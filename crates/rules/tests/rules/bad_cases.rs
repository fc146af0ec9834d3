//! Cases that are wrong: a message with the place in the file and the mend, and never a panic.

use conclave_rules::{Case, EvaluateError, evaluate, evaluate_numbers};
use serde_json::{Value, json};

/// A case of two bids that holds.
fn good() -> Value {
    json!({
        "format": "conclave.case/1",
        "rulebook": {
            "criteria": [
                { "id": "T", "title": { "zh": "技术", "en": "Technical" }, "kind": { "range": { "min": "0", "max": "70", "step": "1" } } },
                { "id": "P", "title": { "zh": "报价", "en": "Price" }, "kind": { "price": { "points": "30" } } }
            ],
            "price": { "method": "low_price_first" }
        },
        "bidders": [{ "id": "B1", "price": "100" }, { "id": "B2", "price": "125" }],
        "scores": { "E1": { "B1": { "T": "60" }, "B2": { "T": "66" } } }
    })
}

fn with(pointer: &str, value: Value) -> Vec<u8> {
    let mut case = good();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    match case.pointer_mut(parent).expect("the case has it") {
        Value::Array(items) => items[field.parse::<usize>().expect("an index")] = value,
        other => other[field] = value,
    }
    case.to_string().into_bytes()
}

/// What the reader says.
fn refused(bytes: &[u8]) -> String {
    Case::parse(bytes).expect_err("it is wrong").to_string()
}

/// What the evaluation says, findings of the rulebook with their places.
fn fails(bytes: &[u8]) -> String {
    let case = Case::parse(bytes).expect("it reads");
    let error = evaluate(&case.rulebook, &case.facts).expect_err("it is wrong");
    assert_eq!(evaluate_numbers(&case.rulebook, &case.facts), Err(error.clone()));
    match error {
        EvaluateError::RulebookRefused(findings) => findings
            .iter()
            .map(|finding| format!("{} {}: {}\n", finding.rule, finding.at, finding.text.en))
            .collect(),
        other => other.to_string(),
    }
}

#[test]
fn it_holds_before_it_is_spoiled() {
    let case = Case::parse(good().to_string().as_bytes()).expect("it reads");
    evaluate(&case.rulebook, &case.facts).expect("it evaluates");
}

#[test]
fn what_is_not_a_case_is_told_with_its_place() {
    for (pointer, value, said) in [
        ("/colour", json!("red"), &["colour"][..]),
        (
            "/bidders/0",
            json!({ "id": "B1", "prise": "100" }),
            &["bidders[0]", "prise"],
        ),
        ("/bidders/0", json!({ "id": "X1" }), &["bidders[0].id", "B1"]),
        (
            "/bidders/0/price",
            serde_json::from_str("100.5").expect("a number"),
            &["bidders[0].price", "string"],
        ),
        (
            "/bidders/0/price",
            json!("NaN"),
            &["bidders[0].price", "-?digits[.digits]"],
        ),
        (
            "/bidders/0/price",
            json!("1e30"),
            &["bidders[0].price", "-?digits[.digits]"],
        ),
        (
            "/bidders/0/price",
            json!("1,000"),
            &["bidders[0].price", "-?digits[.digits]"],
        ),
        (
            "/bidders/0/price",
            json!("１００"),
            &["bidders[0].price", "-?digits[.digits]"],
        ),
        (
            "/bidders/0/price",
            json!("-0"),
            &["bidders[0].price", "zero has no sign"],
        ),
        (
            "/bidders/0/price",
            json!("1".repeat(41)),
            &["bidders[0].price", "40 digits"],
        ),
        (
            "/scores/E1",
            json!({ "B1": { "T": "sixty" } }),
            &["scores.E1.B1.T"],
        ),
        (
            "/scores/E1",
            json!({ "B1": { "Q": "60" } }),
            &["scores.E1.B1.Q", "no stage"],
        ),
        ("/scores", json!({ "E\"1": {} }), &["scores", "roster line"]),
        (
            "/rulebook/price",
            json!({ "method": "lowest" }),
            &["rulebook.price.method", "lowest"],
        ),
        ("/rulebook/weights", json!({}), &["rulebook", "weights"]),
        (
            "/format",
            json!("conclave.case/9"),
            &["format", "conclave.case/1"],
        ),
    ] {
        let message = refused(&with(pointer, value));
        for part in said {
            assert!(
                message.contains(part),
                "{pointer}: `{message}` does not say `{part}`"
            );
        }
    }
}

#[test]
fn numbers_that_make_no_sense_are_told() {
    for (price, said) in [
        ("0", "not above zero"),
        ("0.00", "not above zero"),
        ("-5", "not above zero"),
    ] {
        let message = fails(&with("/bidders/0/price", json!(price)));
        assert!(
            message.contains("B1") && message.contains(said),
            "{price}: {message}"
        );
    }
    // 10^30 is a price like any other.
    let case =
        Case::parse(&with("/bidders/0/price", json!(format!("1{}", "0".repeat(30))))).expect("it reads");
    let outcome = evaluate(&case.rulebook, &case.facts).expect("it evaluates");
    let shown = &outcome.bidders.values().next().expect("B1").price_points;
    assert_eq!(shown.as_ref().expect("points").shown, "0.000000");
}

#[test]
fn weights_that_do_not_sum_up_are_told_with_the_sum() {
    let message = fails(&with(
        "/rulebook/criteria/0/kind",
        json!({ "range": { "min": "0", "max": "69", "step": "1" } }),
    ));
    assert!(
        message.contains("SC-2 criteria:") && message.contains("99"),
        "{message}"
    );
}

#[test]
fn a_formula_that_reads_itself_or_divides_by_zero_is_told() {
    let formula = |steps: Value| json!({ "method": { "formula": { "name": { "zh": "自拟", "en": "own" }, "steps": steps, "points": "points" } } });
    let number = |name: &str, value: &str| json!({ "number": { "name": name, "label": { "zh": name, "en": name }, "value": value } });
    let cycle = formula(json!([
        number("a", "b + 1"),
        number("b", "a + 1"),
        number("points", "full * a / b")
    ]));
    let message = fails(&with("/rulebook/price", cycle));
    assert!(
        message.contains("price.method.formula.steps[0]") && message.contains('b'),
        "{message}"
    );
    let zero = formula(json!([number("points", "full / (p - p)")]));
    let message = fails(&with("/rulebook/price", zero));
    assert!(
        message.contains("price_points") && message.contains("division by zero"),
        "{message}"
    );
}

#[test]
fn numbers_that_grow_without_end_stop_at_a_bound() {
    let mut steps =
        vec![json!({ "number": { "name": "a0", "label": { "zh": "a", "en": "a" }, "value": "p" } })];
    for step in 1..=20 {
        let value = format!("a{} * a{}", step - 1, step - 1);
        steps.push(json!({ "number": { "name": format!("a{step}"), "label": { "zh": "a", "en": "a" }, "value": value } }));
    }
    steps.push(json!({ "number": { "name": "points", "label": { "zh": "分", "en": "points" }, "value": "full * a20 / a20" } }));
    let method = json!({ "method": { "formula": { "name": { "zh": "自拟", "en": "own" }, "steps": steps, "points": "points" } } });
    let message = fails(&with("/rulebook/price", method));
    assert!(message.contains("65536 bits"), "{message}");
}

#[test]
fn ten_thousand_bidders_are_evaluated_and_more_than_the_bound_are_refused() {
    let many = |count: u32| {
        let bidders: Vec<Value> = (1..=count)
            .map(|bidder| json!({ "id": format!("B{bidder}"), "price": format!("{}", 1_000 + bidder), "given": { "technical": "50" } }))
            .collect();
        let mut case = good();
        case["bidders"] = json!(bidders);
        case["scores"] = json!({});
        case.to_string().into_bytes()
    };
    let case = Case::parse(&many(10_000)).expect("it reads");
    let outcome = evaluate_numbers(&case.rulebook, &case.facts).expect("it evaluates");
    assert_eq!(outcome.ranking.len(), 10_000);
    assert_eq!(outcome.ranking[0].bidder.as_str(), "B1");
    assert!(outcome.derivation.is_empty());
    assert!(refused(&many(20_001)).contains("at most 20000 bidders"));
}

#[test]
fn broken_bytes_are_refused_wherever_they_are_cut() {
    let whole = good().to_string();
    for end in 0..whole.len() {
        if let Some(part) = whole.get(..end) {
            Case::parse(part.as_bytes()).expect_err("half a case");
        }
    }
}
