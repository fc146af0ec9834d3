//! The four grounds on which Order 87 article 64 lets a committee go back over its scores (SC-7): a wrong sum cannot
//! come up, the other three are found, and none of them changes a score.

use conclave_rules::{
    AbnormalLevel, Case, CriterionId, EvaluateError, Exact, Input, Measure, Node, Outcome, SheetFault,
    abnormal_scores, evaluate,
};
use serde_json::{Value, json};

use crate::fuzz::cases;
use crate::support::{
    PROCUREMENT, bid, changed, exact, facts, outcome, passing_sheets, procurement, score, sheet,
};

fn value(node: &Node, symbol: &str) -> Option<Exact> {
    let mut used = node.inputs.iter().filter(|input| input.is_used());
    used.find(|input| input.symbol() == symbol)
        .map(|input| input.value().clone())
}

/// A sum of products, over a count or not, added up anew from the inputs; none of any other formula.
fn added_up(node: &Node) -> Option<Exact> {
    let (sum, count) = match node
        .formula
        .strip_prefix('(')
        .and_then(|rest| rest.split_once(") / "))
    {
        Some((sum, count)) => (sum, count.parse::<u32>().ok()?),
        None => (node.formula.as_str(), 1),
    };
    let mut total = Exact::zero();
    for term in sum.split(" + ") {
        let mut product = Exact::from(1);
        for symbol in term.split(" * ") {
            product = product.checked_mul(&value(node, symbol)?).ok()?;
        }
        total = total.checked_add(&product).ok()?;
    }
    total.checked_div(&Exact::from(count)).ok()
}

fn evaluated(case: &Value) -> Option<(Case, Outcome)> {
    let case = Case::parse(case.to_string().as_bytes()).ok()?;
    let outcome = evaluate(&case.rulebook, &case.facts).ok()?;
    Some((case, outcome))
}

#[test]
fn ground_1_every_sum_is_that_of_the_parts_shown() {
    let mut sums = 0;
    let mut totals = 0;
    for case in cases() {
        let (case, outcome) = evaluated(&case).expect("it evaluates");
        for (id, node) in &outcome.derivation {
            let Some(sum) = added_up(node) else { continue };
            assert_eq!(sum, node.exact, "{id}: {}", node.formula);
            sums += 1;
        }
        // Where blocks and points of the price are rounded, what is shown adds up digit by digit.
        let sums_up = case.rulebook.formula().total.is_none();
        for (bidder, numbers) in &outcome.bidders {
            let given = case.facts.bidders.iter().find(|facts| facts.id == *bidder);
            let given = given.is_some_and(|facts| facts.given.total.is_some());
            let parts: Vec<&conclave_rules::Figure> = match numbers.blocks.is_empty() {
                true => numbers.technical.iter().chain(&numbers.price_points).collect(),
                false => numbers.blocks.values().chain(&numbers.price_points).collect(),
            };
            let exactly_shown = parts.iter().all(|part| exact(&part.shown) == part.value);
            let Some(total) = numbers
                .total
                .as_ref()
                .filter(|_| sums_up && !given && exactly_shown)
            else {
                continue;
            };
            let shown: Vec<Exact> = parts.iter().map(|part| exact(&part.shown)).collect();
            let sum = Exact::sum(&shown).expect("short");
            let sum = match outcome.derivation[&total.node].rounding {
                Some(rounding) => rounding.apply(&sum).expect("short"),
                None => sum,
            };
            assert_eq!(sum, total.value, "{bidder}");
            totals += 1;
        }
    }
    assert!(sums > 500 && totals > 30, "{sums} sums, {totals} totals");
}

#[test]
fn ground_2_an_item_out_of_its_range_is_refused_with_member_bid_and_item() {
    let decimal = |text: &str| text.parse().expect("a decimal");
    let out_of = |min: &str, max: &str| SheetFault::OutOfRange {
        min: decimal(min),
        max: decimal(max),
    };
    for (item, given, fault) in [
        ("T-01", "40.5", out_of("0", "40")),
        ("T-01", "-0.5", out_of("0", "40")),
        ("T-01", "12.25", SheetFault::OffStep { step: decimal("0.5") }),
        ("B-01", "21", out_of("0", "20")),
        ("B-01", "1000000000000000000000000000000", out_of("0", "20")),
        (
            "T-02",
            "7",
            SheetFault::NotOffered {
                values: ["0", "5", "10"].map(decimal).to_vec(),
            },
        ),
    ] {
        let mut given_facts = three_bids(&["10"; 5]);
        let own = given_facts
            .sheets
            .iter_mut()
            .find(|sheet| sheet.stage.as_str() == "scored/1" && sheet.line.as_str() == "E4");
        let block = &mut own.expect("E4 scores").blocks[1];
        let cell = block
            .cells
            .iter_mut()
            .find(|cell| cell.criterion.as_str() == item);
        cell.expect("it is scored").cell = score(given);
        let Err(EvaluateError::SheetRefused {
            stage,
            line,
            problems,
        }) = evaluate(&procurement(), &given_facts)
        else {
            panic!("{item} {given} is taken");
        };
        assert_eq!(
            (stage.as_str(), line.as_str(), problems.len()),
            ("scored/1", "E4", 1)
        );
        let problem = &problems[0];
        assert_eq!(problem.bidder.as_ref().map(|b| b.as_str()), Some("B2"), "{given}");
        assert_eq!(
            problem.criterion.as_ref().map(CriterionId::as_str),
            Some(item),
            "{given}"
        );
        assert_eq!(problem.fault, fault, "{given}");
    }
}

/// Three bids and five members; what they give at the objective item for the first bid.
fn three_bids(objective: &[&str; 5]) -> conclave_rules::Facts {
    let mut sheets = passing_sheets(&[1, 2, 3], 5);
    for (member, objective) in objective.iter().enumerate() {
        let mut cells = Vec::new();
        for ordinal in 1..=3 {
            let objective = if ordinal == 1 { objective } else { "10" };
            cells.push((ordinal, "T-01", score("30")));
            cells.push((ordinal, "T-02", score(objective)));
            cells.push((ordinal, "B-01", score("15")));
        }
        sheets.push(sheet("scored/1", member, &cells));
    }
    facts(vec![bid(1, "1000"), bid(2, "1100"), bid(3, "1200")], 5, sheets)
}

#[test]
fn ground_3_objective_items_that_differ_are_remarked_and_counted_as_given() {
    let agreed = outcome(&procurement(), &three_bids(&["10"; 5]));
    assert!(agreed.remarks.iter().all(|remark| remark.rule != "SC-6"));
    let given = three_bids(&["10", "10", "5", "10", "10"]);
    let differing = outcome(&procurement(), &given);
    let told: Vec<(&str, Option<&str>, Option<&str>)> = differing
        .remarks
        .iter()
        .map(|remark| {
            let bidder = remark.bidder.as_ref().map(|b| b.as_str());
            (
                remark.rule.as_str(),
                bidder,
                remark.criterion.as_ref().map(CriterionId::as_str),
            )
        })
        .collect();
    assert_eq!(told, [("SC-6", Some("B1"), Some("T-02"))]);
    // Nothing is set right by itself: the mean is that of what was given, as in an item that is not objective.
    assert_eq!(differing.derivation["B1:criterion:T-02"].value, exact("9"));
    let subjective = changed(
        PROCUREMENT,
        &[("/criteria/2/kind/group/criteria/1/objective", json!(false))],
    );
    let plain = outcome(&subjective, &given);
    assert_eq!(plain.remarks, []);
    assert_eq!(
        Outcome {
            remarks: Vec::new(),
            ..differing
        },
        plain,
        "the remark is all that differs"
    );
}

#[test]
fn ground_4_an_abnormal_score_names_expert_item_bid_and_arithmetic_and_changes_nothing() {
    let mut given = three_bids(&["10"; 5]);
    let own = given
        .sheets
        .iter_mut()
        .find(|sheet| sheet.stage.as_str() == "scored/1" && sheet.line.as_str() == "E2");
    let cells = &mut own.expect("E2 scores").blocks[2].cells;
    cells
        .iter_mut()
        .find(|cell| cell.criterion.as_str() == "T-01")
        .expect("scored")
        .cell = score("5");
    let watched = changed(
        PROCUREMENT,
        &[(
            "/abnormal",
            json!({ "measured_in": "mean", "notice": "30", "warning": "50" }),
        )],
    );
    let findings = abnormal_scores(&watched, &given).expect("short numbers");
    // (30 + 5 + 30 + 30 + 30) / 5 = 25: 5 lies 80 % below, 30 lies 20 % above.
    assert_eq!(findings.len(), 1, "{findings:?}");
    let finding = &findings[0];
    assert!(
        matches!(&finding.measure, Measure::Spread { line, bidder, criterion }
        if line.as_str() == "E2" && bidder.as_str() == "B3" && criterion.as_str() == "T-01")
    );
    assert_eq!(finding.level, AbnormalLevel::Warning);
    assert_eq!(finding.arithmetic, "|5 - 25| / 25 x 100 = 80");
    for part in ["E2", "B3", "25", "80"] {
        assert!(
            finding.text.zh.contains(part) && finding.text.en.contains(part),
            "{part}"
        );
    }
    let result = outcome(&watched, &given);
    assert_eq!(result, outcome(&procurement(), &given));
    assert_eq!(result.derivation["B3:criterion:T-01"].value, exact("25"));
    let taken: Vec<bool> = result.derivation["B3:criterion:T-01"]
        .inputs
        .iter()
        .map(Input::is_used)
        .collect();
    assert_eq!(taken, [true; 5], "no score is left out for being abnormal");
}
