//! Builders: rulebooks from the two examples, sheets from score tables.

use std::collections::{BTreeMap, BTreeSet};

use conclave_rules::{
    BidBlock, BidderFacts, BidderId, Cell, CriterionId, Exact, Facts, Figure, Given, Line, Outcome,
    RecordedRejection, Rulebook, Sheet, SheetCell, StageId, evaluate,
};
use serde_json::Value;

pub(crate) const PROCUREMENT: &str = include_str!("../rulebooks/procurement.json");
pub(crate) const QCBS: &str = include_str!("../rulebooks/qcbs.json");

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("example is JSON")
}

pub(crate) fn parse(value: &Value) -> Rulebook {
    Rulebook::parse(value.to_string().as_bytes()).expect("rulebook of the test reads")
}

/// An example with some fields set or added, by JSON pointer.
pub(crate) fn changed(text: &str, changes: &[(&str, Value)]) -> Rulebook {
    let mut value = json(text);
    for (pointer, new) in changes {
        if let Some(place) = value.pointer_mut(pointer) {
            *place = new.clone();
            continue;
        }
        let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
        let parent = value.pointer_mut(parent).expect("the example has it");
        parent[field] = new.clone();
    }
    parse(&value)
}

pub(crate) fn procurement() -> Rulebook {
    changed(PROCUREMENT, &[])
}

pub(crate) fn qcbs() -> Rulebook {
    changed(QCBS, &[])
}

pub(crate) fn bidder(ordinal: u32) -> BidderId {
    BidderId::from_ordinal(ordinal).expect("ordinals of tests are above zero")
}

pub(crate) fn criterion(id: &str) -> CriterionId {
    CriterionId::new(id).expect("criterion id of the test")
}

pub(crate) fn stage(id: &str) -> StageId {
    StageId::new(id).expect("stage id of the test")
}

pub(crate) fn line(index: usize) -> Line {
    Line::new(format!("E{}", index + 1)).expect("line of the test")
}

pub(crate) fn exact(text: &str) -> Exact {
    text.parse::<conclave_rules::Decimal>()
        .map(|decimal| decimal.exact())
        .or_else(|_| text.parse())
        .expect("number of the test")
}

pub(crate) fn score(value: &str) -> Cell {
    Cell::Score {
        value: value.parse().expect("score of the test"),
        reason: "理由".to_owned(),
    }
}

pub(crate) fn fail(reason: &str) -> Cell {
    Cell::Fail {
        reason: reason.to_owned(),
    }
}

pub(crate) fn sheet(stage_id: &str, member: usize, cells: &[(u32, &str, Cell)]) -> Sheet {
    let mut blocks: Vec<BidBlock> = Vec::new();
    for (ordinal, id, cell) in cells {
        let entry = SheetCell {
            criterion: criterion(id),
            cell: cell.clone(),
        };
        match blocks.iter_mut().find(|b| b.bidder == bidder(*ordinal)) {
            Some(block) => block.cells.push(entry),
            None => blocks.push(BidBlock {
                bidder: bidder(*ordinal),
                cells: vec![entry],
            }),
        }
    }
    Sheet {
        stage: stage(stage_id),
        line: line(member),
        blocks,
    }
}

pub(crate) fn bid(ordinal: u32, price: &str) -> BidderFacts {
    BidderFacts {
        id: bidder(ordinal),
        rejected: None,
        price: Some(price.parse().expect("price of the test")),
        attributes: BTreeSet::new(),
        brand: None,
        facts: BTreeMap::new(),
        given: Given::default(),
    }
}

pub(crate) fn rejected_at(mut facts: BidderFacts, stage_id: &str) -> BidderFacts {
    facts.rejected = Some(RecordedRejection {
        stage: stage(stage_id),
        reason: "不满足".to_owned(),
    });
    facts
}

/// Scores of one bid and criterion, one a member.
pub(crate) type Row<'a> = (u32, &'a str, &'a [&'a str]);

/// Sheets of `scored/1` for a table of scores.
pub(crate) fn scored_sheets(rows: &[Row<'_>]) -> Vec<Sheet> {
    let members = rows.first().map_or(0, |row| row.2.len());
    (0..members)
        .map(|member| {
            let cells: Vec<(u32, &str, Cell)> = rows
                .iter()
                .map(|(ordinal, id, scores)| (*ordinal, *id, score(scores[member])))
                .collect();
            sheet("scored/1", member, &cells)
        })
        .collect()
}

/// Conformity sheets of the procurement example in which everybody passes everybody.
pub(crate) fn passing_sheets(bidders: &[u32], members: usize) -> Vec<Sheet> {
    (0..members)
        .map(|member| {
            let cells: Vec<(u32, &str, Cell)> = bidders
                .iter()
                .flat_map(|ordinal| ["C-01", "C-02"].map(|id| (*ordinal, id, Cell::Pass)))
                .collect();
            sheet("conformity/1", member, &cells)
        })
        .collect()
}

pub(crate) fn facts(bidders: Vec<BidderFacts>, members: usize, sheets: Vec<Sheet>) -> Facts {
    Facts {
        bidders,
        members: (0..members).map(line).collect(),
        sheets,
        consensus: Vec::new(),
        draw: Vec::new(),
        parameters: BTreeMap::new(),
    }
}

pub(crate) fn outcome(rulebook: &Rulebook, facts: &Facts) -> Outcome {
    evaluate(rulebook, facts).expect("facts of the test evaluate")
}

pub(crate) fn shown(figure: Option<&Figure>) -> &str {
    figure.map_or("-", |figure| figure.shown.as_str())
}

pub(crate) fn ranking(outcome: &Outcome) -> Vec<(u32, u32)> {
    let ranked = outcome.ranking.iter();
    ranked.map(|c| (c.rank, c.bidder.ordinal())).collect()
}

/// The case files of a folder of the tests, by their names.
pub(crate) fn case_files(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("{}/tests/{folder}", env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("the cases lie here")
        .map(|entry| entry.expect("a file").path())
        .map(|path| {
            let name = path
                .file_stem()
                .expect("has a name")
                .to_string_lossy()
                .into_owned();
            (name, std::fs::read(&path).expect("it can be read"))
        })
        .collect();
    files.sort();
    files
}
