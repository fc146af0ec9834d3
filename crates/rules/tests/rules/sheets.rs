//! Checks of a sheet, its JSON, and its padded size.

use conclave_rules::{
    BidderId, Cell, PADDING_UNIT, Sheet, SheetCell, SheetFault, SheetProblem, padded_sheet_size,
    validate_sheet,
};
use proptest::prelude::*;

use crate::support::{bidder, criterion, fail, procurement, qcbs, score, sheet, stage};

fn problems(given: &Sheet, bidders: &[BidderId]) -> Vec<(u32, String, SheetFault)> {
    let found = validate_sheet(&procurement(), &given.stage, bidders, given);
    let text = |p: &SheetProblem| p.criterion.as_ref().map_or("*".into(), ToString::to_string);
    let ordinal = |p: &SheetProblem| p.bidder.as_ref().map_or(0, BidderId::ordinal);
    found
        .into_iter()
        .map(|p| (ordinal(&p), text(&p), p.fault))
        .collect()
}

fn full(ordinal: u32, t01: Cell, t02: Cell, b01: Cell) -> Vec<(u32, &'static str, Cell)> {
    vec![
        (ordinal, "T-01", t01),
        (ordinal, "T-02", t02),
        (ordinal, "B-01", b01),
    ]
}

fn bare(value: &str) -> Cell {
    Cell::Score {
        value: value.parse().expect("score"),
        reason: String::new(),
    }
}

#[test]
fn a_complete_sheet_has_no_problem() {
    let cells = full(1, score("39.5"), bare("5.0"), bare("20"));
    assert_eq!(problems(&sheet("scored/1", 0, &cells), &[bidder(1)]), []);
}

#[test]
fn one_fault_each() {
    let long = "长".repeat(201);
    let with = |value: &str, reason: &str| Cell::Score {
        value: value.parse().expect("score"),
        reason: reason.to_owned(),
    };
    let number = |text: &str| text.parse().expect("decimal");
    for (cell, id, fault) in [
        (
            score("40.5"),
            "T-01",
            SheetFault::OutOfRange {
                min: number("0"),
                max: number("40"),
            },
        ),
        (
            score("-0.5"),
            "T-01",
            SheetFault::OutOfRange {
                min: number("0"),
                max: number("40"),
            },
        ),
        (score("39.7"), "T-01", SheetFault::OffStep { step: number("0.5") }),
        (bare("39.5"), "T-01", SheetFault::ReasonMissing),
        (with("39.5", " \n"), "T-01", SheetFault::ReasonMissing),
        (
            with("39.5", &long),
            "T-01",
            SheetFault::ReasonTooLong { max_bytes: 600 },
        ),
        (with("39.5", "a\u{1}b"), "T-01", SheetFault::ReasonCharacter),
        (with("39.5", "a\u{7f}b"), "T-01", SheetFault::ReasonCharacter),
        (Cell::Pass, "T-01", SheetFault::WrongKind),
        (
            bare("7"),
            "T-02",
            SheetFault::NotOffered {
                values: vec![number("0"), number("5"), number("10")],
            },
        ),
    ] {
        let (mut t01, mut t02) = (score("1"), bare("0"));
        if id == "T-01" {
            t01 = cell
        } else {
            t02 = cell
        }
        let given = sheet("scored/1", 0, &full(1, t01, t02, bare("3")));
        assert_eq!(problems(&given, &[bidder(1)]), [(1, id.to_owned(), fault)]);
    }
    let exactly = with("39.5", &"长".repeat(200));
    let given = sheet("scored/1", 0, &full(1, exactly, bare("0"), bare("3")));
    assert_eq!(problems(&given, &[bidder(1)]), []);
}

#[test]
fn gaps_strangers_and_duplicates_are_named() {
    let mut given = sheet(
        "scored/1",
        0,
        &[
            (2, "T-01", score("1")),
            (2, "C-01", Cell::Pass),
            (7, "T-01", score("1")),
        ],
    );
    let again = given.blocks[0].cells[0].clone();
    given.blocks[0].cells.push(again);
    let named = |ordinal, id: &str, fault| (ordinal, id.to_owned(), fault);
    assert_eq!(
        problems(&given, &[bidder(10), bidder(2)]),
        [
            named(2, "C-01", SheetFault::UnknownCriterion),
            named(2, "T-01", SheetFault::Duplicate),
            named(7, "*", SheetFault::UnknownBidder),
            named(2, "T-02", SheetFault::Gap),
            named(2, "B-01", SheetFault::Gap),
            named(10, "T-01", SheetFault::Gap),
            named(10, "T-02", SheetFault::Gap),
            named(10, "B-01", SheetFault::Gap),
        ]
    );
}

#[test]
fn a_fail_needs_a_reason() {
    let cells = [(1, "C-01", fail("")), (1, "C-02", fail("未附授权书"))];
    let given = sheet("conformity/1", 0, &cells);
    let missing = (1, "C-01".to_owned(), SheetFault::ReasonMissing);
    assert_eq!(problems(&given, &[bidder(1)]), [missing]);
    let scored = sheet(
        "conformity/1",
        0,
        &[(1, "C-01", bare("1")), (1, "C-02", Cell::Pass)],
    );
    let wrong = (1, "C-01".to_owned(), SheetFault::WrongKind);
    assert_eq!(problems(&scored, &[bidder(1)]), [wrong]);
}

#[test]
fn a_stage_without_sheets_takes_none() {
    for id in ["price_points/1", "summary/1", "scored/9"] {
        let given = sheet(id, 0, &[]);
        assert_eq!(
            problems(&given, &[]),
            [(0, "*".to_owned(), SheetFault::WrongStage)]
        );
    }
    let other = sheet("conformity/1", 0, &[]);
    let found = validate_sheet(&procurement(), &stage("scored/1"), &[], &other);
    assert_eq!(found[0].fault, SheetFault::WrongStage);
}

#[test]
fn json_of_cells() {
    for (text, cell) in [
        (r#"{"criterion":"C-01","value":"pass"}"#, Cell::Pass),
        (r#"{"criterion":"C-01","value":"fail","reason":"无"}"#, fail("无")),
        (r#"{"criterion":"C-01","value":"8.50"}"#, bare("8.50")),
    ] {
        let entry = SheetCell {
            criterion: criterion("C-01"),
            cell,
        };
        assert_eq!(serde_json::to_string(&entry).expect("writes"), text);
        assert_eq!(serde_json::from_str::<SheetCell>(text).expect("reads"), entry);
    }
    for text in [
        r#"{"criterion":"C-01","value":"pass","reason":"x"}"#,
        r#"{"criterion":"C-01","value":8.5}"#,
        r#"{"criterion":"C-01","value":"PASS"}"#,
        r#"{"criterion":"C-01","value":"1","note":"x"}"#,
        r#"{"criterion":"C-01"}"#,
    ] {
        assert!(serde_json::from_str::<SheetCell>(text).is_err(), "{text}");
    }
}

#[test]
fn padded_sizes() {
    // One cell: 39 bytes of frame and comma, id, 42, 2 x 600; one block: 25 + 11.
    let id = stage("scored/1");
    let cell = r#"{"criterion":"T-01","value":"","reason":""},"#.len() + 42 + 1200;
    let block = r#"{"bidder":"","cells":[]},"#.len() + 11 + 3 * cell;
    let size = padded_sheet_size(&procurement(), &id, 4);
    assert_eq!(size, (2 + 4 * block).div_ceil(PADDING_UNIT) * PADDING_UNIT);
    assert_eq!(padded_sheet_size(&procurement(), &stage("scored/9"), 4), 0);
    assert_eq!(padded_sheet_size(&qcbs(), &stage("summary/1"), 0), PADDING_UNIT);
}

proptest! {
    #[test]
    fn a_valid_sheet_never_exceeds_its_padding(
        reasons in prop::collection::vec("[\"\\\\\n\ta长]{1,600}", 9),
    ) {
        let rulebook = procurement();
        let cut = |text: &str| {
            let mut kept = String::from("x");
            for c in text.chars() {
                if kept.len() + c.len_utf8() <= 600 {
                    kept.push(c);
                }
            }
            kept
        };
        let value = format!("5.{}", "0".repeat(39));
        let bidders: Vec<BidderId> = [u32::MAX, u32::MAX - 1, u32::MAX - 2].map(bidder).to_vec();
        let mut cells = Vec::new();
        for (index, reason) in reasons.iter().enumerate() {
            let ids = ["T-01", "T-02", "B-01"];
            let cell = Cell::Score { value: value.parse().expect("decimal"), reason: cut(reason) };
            cells.push((bidders[index / 3].ordinal(), ids[index % 3], cell));
        }
        let given = sheet("scored/1", 0, &cells);
        prop_assert_eq!(validate_sheet(&rulebook, &given.stage, &bidders, &given), vec![]);
        let json = serde_json::to_vec(&given.blocks).expect("writes");
        prop_assert!(json.len() <= padded_sheet_size(&rulebook, &given.stage, bidders.len()));
    }
}

#[test]
fn the_longest_sheet_nearly_fills_its_padding() {
    let rulebook = procurement();
    let quotes = "\"".repeat(600);
    let value = format!("5.{}", "0".repeat(39));
    let cell = || Cell::Score {
        value: value.parse().expect("decimal"),
        reason: quotes.clone(),
    };
    let given = sheet("scored/1", 0, &full(u32::MAX, cell(), cell(), cell()));
    assert_eq!(problems(&given, &[bidder(u32::MAX)]), []);
    let json = serde_json::to_vec(&given.blocks).expect("writes").len();
    let size = padded_sheet_size(&rulebook, &given.stage, 1);
    assert!(json <= size && size < json + PADDING_UNIT + 8, "{json} {size}");
}
