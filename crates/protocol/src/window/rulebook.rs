//! The rulebook editor: a text, what is said of it, and what made-up bids would get by it. It needs no centre.

use super::common::Words;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A rulebook to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PresetLine {
    /// Its name.
    pub name: String,
    /// Where it is used.
    pub title: Words,
    /// How prices become points, in a line.
    pub what: Words,
}

/// A rulebook from a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RulebookFile {
    /// The file.
    pub path: String,
    /// Its text.
    pub text: String,
    /// SHA-256 of its bytes, hex.
    pub digest: String,
}

/// What saving came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RulebookSaved {
    /// The file.
    pub path: String,
    /// Whether it was written; else another file stands there, of which nothing was touched.
    pub written: bool,
    /// SHA-256 of the bytes that stand there now, hex.
    pub digest: String,
}

/// What was written and not saved yet; kept on this PC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RulebookDraft {
    /// The text.
    pub text: String,
    /// The file it came from.
    pub path: Option<String>,
    /// SHA-256 of that file when it was read or saved last, hex.
    pub saved: Option<String>,
}

/// Why a text is not a rulebook, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextProblem {
    /// Line, from 1.
    pub line: u32,
    /// Column in bytes, from 1.
    pub column: u32,
    /// JSON path; empty where there is none.
    pub at: String,
    /// What is wrong.
    pub what: Words,
    /// The field or value meant.
    pub name: Option<String>,
    /// As the reader says it, in English.
    pub detail: String,
}

/// A finding of the checks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RulebookFinding {
    /// An error keeps the rulebook from being used; a warning is for a person.
    pub error: bool,
    /// Rule.
    pub rule: String,
    /// What is wrong, and so what to change.
    pub what: Words,
    /// JSON path.
    pub at: String,
    /// Line of that place, from 1.
    pub line: u32,
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One of the options.
    Choice,
    /// A decimal.
    Decimal,
    /// A whole number from 0.
    Count,
    /// Words.
    Text,
    /// An expression of a formula.
    Expression,
}

/// A part of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldGroup {
    /// Lot, regime, money.
    Lot,
    /// From price to points.
    Price,
    /// From the members' scores to one.
    Aggregation,
    /// Ranking, candidates, counts, limits.
    Result,
}

/// A field of the form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldLine {
    /// JSON pointer.
    pub pointer: String,
    /// Part of the form.
    pub group: FieldGroup,
    /// What it is.
    pub label: Words,
    /// How it is filled in.
    pub kind: FieldKind,
    /// Its value; empty where it is left out.
    pub value: String,
    /// Options of a choice.
    pub options: Vec<(String, Words)>,
    /// It may be left out.
    pub optional: bool,
}

/// A value of a criterion that can be changed in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CriterionCell {
    /// JSON pointer; `null` where it can only be changed in the text, or has no meaning.
    pub pointer: Option<String>,
    /// Its value; empty where there is none.
    pub value: String,
}

/// A criterion in the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CriterionRow {
    /// JSON pointer.
    pub pointer: String,
    /// How deep it hangs; top nodes 0.
    pub depth: u32,
    /// Id.
    pub id: String,
    /// Title.
    pub title: Words,
    /// Title in each language, to be changed.
    pub titles: (CriterionCell, CriterionCell),
    /// What it is, with its scale.
    pub kind: Words,
    /// Points are added below it: a group.
    pub group: bool,
    /// Most points, in its own scale.
    pub most: CriterionCell,
    /// Weight.
    pub weight: CriterionCell,
    /// Points below which a bid is rejected.
    pub minimum: CriterionCell,
    /// Objective: `true`, `false`, or empty where it has no meaning.
    pub objective: CriterionCell,
    /// Clause of the tender document.
    pub clause: CriterionCell,
    /// The most it adds to the total.
    pub adds: String,
}

/// A block whose score is asked of a made-up bid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedScore {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: Words,
    /// Most points.
    pub most: String,
}

/// An attribute that gives a deduction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AskedAttribute {
    /// Its name in the rulebook.
    pub attribute: String,
    /// What it is called.
    pub title: Words,
    /// Percentage.
    pub percent: String,
}

/// A parameter that is drawn before the opening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DrawnParameter {
    /// Its name.
    pub name: String,
    /// What it is.
    pub label: Words,
    /// The lowest.
    pub from: String,
    /// The highest.
    pub to: String,
    /// The step.
    pub step: String,
    /// Its value while nobody says otherwise.
    pub middle: String,
}

/// What must be said of each made-up bid, and bids to begin with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct WhatIfAsked {
    /// Most technical points; `null` where nothing is scored.
    pub technical: Option<String>,
    /// Blocks whose scores are asked by themselves; empty where their sum is enough.
    pub blocks: Vec<AskedScore>,
    /// Attributes that give deductions.
    pub attributes: Vec<AskedAttribute>,
    /// Facts.
    pub facts: Vec<String>,
    /// Drawn parameters.
    pub drawn: Vec<DrawnParameter>,
    /// Bids to begin with.
    pub bids: Vec<MadeUpBid>,
}

/// What is said of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RulebookLook {
    /// SHA-256 of its bytes, hex: what is published with the tender.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Why it is not a rulebook.
    pub problem: Option<TextProblem>,
    /// What the checks found, errors first.
    pub findings: Vec<RulebookFinding>,
    /// Fields of the form; none while the text does not read.
    pub fields: Vec<FieldLine>,
    /// The criteria, as they hang.
    pub criteria: Vec<CriterionRow>,
    /// Sum of the most points.
    pub points: String,
    /// What they must sum to.
    pub full_marks: String,
    /// Currency.
    pub currency: String,
    /// What is asked of made-up bids; `null` while the text does not read.
    pub asked: Option<WhatIfAsked>,
}

/// A made-up bid, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct MadeUpBid {
    /// Price.
    pub price: String,
    /// Technical score.
    pub technical: String,
    /// Scores of blocks, by id.
    pub blocks: Vec<(String, String)>,
    /// Attributes.
    pub attributes: Vec<String>,
    /// Facts, by name.
    pub facts: Vec<(String, String)>,
}

/// What a made-up bid gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TriedBid {
    /// Price after deductions.
    pub evaluated: Option<String>,
    /// Points of the price.
    pub points: Option<String>,
    /// Total.
    pub total: Option<String>,
    /// Rank.
    pub rank: Option<u32>,
    /// Why it has none.
    pub falls: Option<Words>,
    /// What keeps this line from being tried: it is left out.
    pub problem: Option<Words>,
}

/// What a curve shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum CurveMeasure {
    /// Points of the price.
    Points,
    /// Total.
    Total,
    /// Neither.
    None,
}

/// One price tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CurveSample {
    /// Price.
    pub price: String,
    /// Points or total; `null` where the bid falls.
    pub value: Option<String>,
    /// Rank.
    pub rank: Option<u32>,
    /// Why it falls.
    pub falls: Option<Words>,
}

/// The points of one bid by its price, all others standing as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PriceCurve {
    /// The line of the bid, from 0.
    pub bid: u32,
    /// What is shown.
    pub measure: CurveMeasure,
    /// By ascending price.
    pub samples: Vec<CurveSample>,
    /// Base with the bid's own price.
    pub base: Option<String>,
    /// Ceiling.
    pub ceiling: Option<String>,
    /// Budget.
    pub budget: Option<String>,
    /// Its own price.
    pub own: String,
    /// The others: line from 0, and price.
    pub others: Vec<(u32, String)>,
}

/// A rulebook tried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct RulebookTried {
    /// By line.
    pub bids: Vec<TriedBid>,
    /// Base of the prices.
    pub base: Option<String>,
    /// What people must look at.
    pub notes: Vec<Words>,
    /// Why nothing could be computed.
    pub problem: Option<Words>,
    /// Findings that keep it from being computed.
    pub blocking: Vec<RulebookFinding>,
    /// The curve of the bid that was asked for.
    pub curve: Option<PriceCurve>,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(
        config,
        PresetLine,
        RulebookFile,
        RulebookSaved,
        RulebookDraft,
        TextProblem,
        RulebookFinding,
        FieldKind,
        FieldGroup,
        FieldLine,
        CriterionCell,
        CriterionRow,
        AskedScore,
        AskedAttribute,
        DrawnParameter,
        WhatIfAsked,
        RulebookLook,
        MadeUpBid,
        TriedBid,
        CurveMeasure,
        CurveSample,
        PriceCurve,
        RulebookTried
    )
}
