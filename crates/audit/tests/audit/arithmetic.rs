//! The recomputation of an extract agrees with the rules whatever the scores and the method.

use conclave_audit::arithmetic::{EnteredPrice, faults};
use conclave_audit::extract::OutcomeExtract;
use proptest::prelude::*;
use rules::{
    BidBlock, BidderFacts, BidderId, Cell, CriterionId, Facts, Line, Outcome, Rulebook, Sheet, SheetCell,
    StageId, evaluate,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PROCUREMENT: &str = include_str!("../../../rules/tests/rulebooks/procurement.json");
const QCBS: &str = include_str!("../../../rules/tests/rulebooks/qcbs.json");
const MEMBERS: usize = 5;

fn book(text: &str, changes: &[(&str, Value)]) -> Rulebook {
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    for (pointer, new) in changes {
        *value.pointer_mut(pointer).expect("a field") = new.clone();
    }
    Rulebook::parse(value.to_string().as_bytes()).expect("a rulebook")
}

/// A scored criterion and its greatest score, in steps.
type Criterion = (&'static str, u32);

/// Each rulebook with its scored criteria and its conformity stage, empty where it has none.
fn books() -> Vec<(Rulebook, Vec<Criterion>, &'static str)> {
    let procurement = vec![("T-01", 80), ("T-02", 2), ("B-01", 20)];
    let totals = [
        ("/regime", json!("bidding")),
        ("/aggregation/over", json!("member_total")),
        ("/aggregation/drop", json!("one_high_one_low")),
        (
            "/aggregation/rounding",
            json!([{"where": "total", "mode": "truncate", "places": 2}]),
        ),
    ];
    vec![
        (book(PROCUREMENT, &[]), procurement.clone(), "conformity/1"),
        (book(PROCUREMENT, &totals), procurement, "conformity/1"),
        (
            book(QCBS, &[]),
            vec![("experience", 100), ("method", 400), ("staff", 500)],
            "",
        ),
    ]
}

fn value(id: &str, steps: u32) -> String {
    match id {
        "T-01" => format!("{}.{}", steps / 2, steps % 2 * 5),
        "T-02" => (steps * 5).to_string(),
        "B-01" => steps.to_string(),
        _ => format!("{}.{}", steps / 10, steps % 10),
    }
}

fn case(criteria: &[Criterion], conformity: &str, seeds: &[u32], prices: &[u32]) -> Facts {
    let bidder = |n: usize| BidderId::from_ordinal(u32::try_from(n + 1).expect("small")).expect("an ordinal");
    let line = |n: usize| Line::new(format!("E{}", n + 1)).expect("a line");
    let cell = |id: &str, cell| SheetCell {
        criterion: CriterionId::new(id).expect("an id"),
        cell,
    };
    let mut sheets = Vec::new();
    let mut seed = seeds.iter().cycle();
    for member in 0..MEMBERS {
        let mut sheet = |stage: &str, cells: &mut dyn FnMut() -> Vec<SheetCell>| {
            let blocks = (0..prices.len())
                .map(|n| BidBlock {
                    bidder: bidder(n),
                    cells: cells(),
                })
                .collect();
            sheets.push(Sheet {
                stage: StageId::new(stage).expect("a stage"),
                line: line(member),
                blocks,
            });
        };
        if !conformity.is_empty() {
            sheet(conformity, &mut || {
                vec![cell("C-01", Cell::Pass), cell("C-02", Cell::Pass)]
            });
        }
        sheet("scored/1", &mut || {
            let mut score = |(id, most): &Criterion| {
                // The upper half, so that most bids reach the minima.
                let steps = most - seed.next().expect("a cycle") % (most / 2 + 1);
                let value = value(id, steps).parse().expect("a score");
                cell(
                    id,
                    Cell::Score {
                        value,
                        reason: "r".to_owned(),
                    },
                )
            };
            criteria.iter().map(&mut score).collect()
        });
    }
    let facts = |(n, price): (usize, &u32)| BidderFacts {
        id: bidder(n),
        rejected: None,
        price: Some(price.to_string().parse().expect("a price")),
        attributes: Default::default(),
        brand: None,
        facts: Default::default(),
        given: Default::default(),
    };
    Facts {
        bidders: prices.iter().enumerate().map(facts).collect(),
        members: (0..MEMBERS).map(line).collect(),
        sheets,
        consensus: Vec::new(),
        draw: Vec::new(),
        parameters: Default::default(),
    }
}

fn entered(facts: &Facts) -> BTreeMap<String, EnteredPrice> {
    let price = |facts: &BidderFacts| {
        let amount = facts.price.as_ref().expect("a price").exact();
        (
            facts.id.to_string(),
            EnteredPrice {
                amount,
                attributes: Vec::new(),
            },
        )
    };
    facts.bidders.iter().map(price).collect()
}

fn extract(outcome: &Outcome) -> Outcome {
    let bytes = OutcomeExtract::of(outcome).to_json_bytes();
    OutcomeExtract::parse(&bytes).expect("an extract reads").outcome
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_true_extract_recomputes(
        seeds in prop::collection::vec(0..10_000_u32, 45),
        prices in prop::collection::vec(1_000_000..2_100_000_u32, 3..5),
    ) {
        for (book, criteria, conformity) in books() {
            let facts = case(&criteria, conformity, &seeds, &prices);
            let outcome = evaluate(&book, &facts).expect("an outcome");
            prop_assert_eq!(faults(&book, &extract(&outcome), &entered(&facts)), Vec::<String>::new());
        }
    }

    #[test]
    fn another_price_does_not_recompute(
        seeds in prop::collection::vec(0..10_000_u32, 45),
        prices in prop::collection::vec(1_000_000..1_800_000_u32, 3),
    ) {
        for (book, criteria, conformity) in books() {
            let facts = case(&criteria, conformity, &seeds, &prices);
            let outcome = evaluate(&book, &facts).expect("an outcome");
            let Some(first) = outcome.ranking.first() else { continue };
            let ranked = first.bidder.to_string();
            let mut others = entered(&facts);
            others.get_mut(&ranked).expect("a price").amount = rules::Exact::from(5);
            prop_assert!(!faults(&book, &extract(&outcome), &others).is_empty());
        }
    }
}
