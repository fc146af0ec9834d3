//! Correction of prices in the orders of R-PRICE.

use conclave_rules::{
    CorrectionError, CorrectionGround, CorrectionRules, Exact, StatedPrices, propose_correction,
};
use serde_json::{Value, json};

fn stated(value: &Value) -> StatedPrices {
    serde_json::from_value(value.clone()).expect("stated prices")
}

fn proposed(rules: CorrectionRules, value: &Value) -> (String, Vec<CorrectionGround>, String) {
    let proposal = propose_correction(rules, &stated(value)).expect("a price is stated");
    let grounds = proposal
        .corrections
        .iter()
        .map(|correction| correction.ground)
        .collect();
    (
        proposal.price.to_string(),
        grounds,
        proposal.settled_later.to_string(),
    )
}

fn lines(stated_total: &str) -> Value {
    json!({
        "letter_figures": "1000", "letter_words": "1000", "list_total": stated_total,
        "lines": [
            { "item": "1", "quantity": "10", "unit_price": "50", "amount": "500" },
            { "item": "2", "quantity": "10", "unit_price": "52", "amount": "500" }
        ]
    })
}

#[test]
fn what_agrees_is_not_corrected() {
    let value = json!({ "letter_figures": "1000.00", "letter_words": "1000", "list_total": "1000" });
    for rules in [
        CorrectionRules::Order87,
        CorrectionRules::StandardDesign,
        CorrectionRules::Zhejiang,
        CorrectionRules::Guangzhou,
    ] {
        assert_eq!(
            proposed(rules, &value),
            ("1000".to_owned(), Vec::new(), "0".to_owned())
        );
    }
    let nothing = propose_correction(CorrectionRules::Order87, &StatedPrices::default());
    assert_eq!(nothing, Err(CorrectionError::NothingStated));
}

#[test]
fn order_87_goes_from_the_letter_to_the_unit_prices() {
    let value = json!({ "letter_figures": "980", "letter_words": "1000", "list_total": "990" });
    let (price, grounds, _) = proposed(CorrectionRules::Order87, &value);
    assert_eq!(price, "1000");
    assert_eq!(
        grounds,
        [
            CorrectionGround::WordsOverFigures,
            CorrectionGround::LetterOverInner
        ]
    );

    // Item 2 comes to 520, so all to 1020, which the unit prices decide last.
    let (price, grounds, _) = proposed(CorrectionRules::Order87, &lines("1000"));
    assert_eq!(price, "1020");
    assert_eq!(
        grounds,
        [
            CorrectionGround::UnitPricesOverTotal,
            CorrectionGround::UnitPricesOverTotal
        ]
    );
}

#[test]
fn a_clearly_misplaced_point_changes_the_unit_price() {
    let value = json!({
        "letter_figures": "500",
        "lines": [{ "item": "1", "quantity": "10", "unit_price": "5.0", "amount": "500", "point_misplaced": true }]
    });
    let proposal = propose_correction(CorrectionRules::Order87, &stated(&value)).expect("a price is stated");
    assert_eq!(proposal.price, Exact::from(500));
    let correction = &proposal.corrections[0];
    assert_eq!(correction.ground, CorrectionGround::MisplacedPoint);
    assert_eq!(
        (correction.stated.to_string(), correction.corrected.to_string()),
        ("5".to_owned(), "50".to_owned())
    );
}

#[test]
fn guangzhou_takes_the_lower_and_settles_the_rest_later() {
    // Item 2: the stated 500 is lower than 520; the sum is 1000, as stated.
    let (price, grounds, later) = proposed(CorrectionRules::Guangzhou, &lines("1000"));
    assert_eq!((price.as_str(), grounds.len(), later.as_str()), ("1000", 0, "0"));
    let mut cheap = lines("1000");
    cheap["lines"][1]["unit_price"] = json!("48");
    let (price, grounds, _) = proposed(CorrectionRules::Guangzhou, &cheap);
    assert_eq!(price, "980");
    assert_eq!(
        grounds,
        [CorrectionGround::LowerOfBoth, CorrectionGround::LowerOfBoth]
    );
    let mut dear = lines("1000");
    dear["letter_figures"] = json!("900");
    dear["letter_words"] = json!("900");
    let (price, _, later) = proposed(CorrectionRules::Guangzhou, &dear);
    assert_eq!((price.as_str(), later.as_str()), ("900", "100"));
}

#[test]
fn zhejiang_begins_with_the_platform() {
    let value = json!({ "platform": "1010", "letter_figures": "1000", "list_total": "1000" });
    let (price, grounds, _) = proposed(CorrectionRules::Zhejiang, &value);
    assert_eq!(price, "1010");
    assert_eq!(
        grounds,
        [
            CorrectionGround::PlatformOverLetter,
            CorrectionGround::LetterOverInner
        ]
    );
}
