//! Cases: a rulebook, bids and scores in one file, to be evaluated anywhere, and what was published of the result.

mod compare;
mod complete;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use compare::Difference;

use crate::decimal::Decimal;
use crate::facts::{BidderFacts, Facts, Given, RecordedRejection};
use crate::ids::{BidderId, CriterionId, Line, StageId};
use crate::rulebook::{Rulebook, RulebookError};
use crate::sheet::{BidBlock, Sheet, SheetCell};
use crate::text::Text;

/// The longest case file, in bytes.
pub const MAX_CASE_BYTES: usize = 64 << 20;

/// The most bidders of a case.
pub const MAX_CASE_BIDDERS: usize = 20_000;

/// The format of a case file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum CaseFormat {
    /// `conclave.case/1`.
    #[serde(rename = "conclave.case/1")]
    V1,
}

/// A case file as it is written; `docs/formats/case.md`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    /// Always `conclave.case/1`.
    format: CaseFormat,
    /// What it is.
    #[serde(default)]
    title: Option<Text>,
    /// Where the result was published.
    #[serde(default)]
    source: Option<String>,
    /// The rulebook; what may be left out is filled in (`docs/formats/case.md`).
    rulebook: Value,
    /// The bidders.
    bidders: Vec<CaseBidder>,
    /// Scores by member, bidder and criterion: points, `pass`, or `fail: reason`.
    #[serde(default)]
    scores: BTreeMap<Line, BTreeMap<BidderId, BTreeMap<CriterionId, String>>>,
    /// Scores that the members agreed on, by bidder and criterion.
    #[serde(default)]
    consensus: BTreeMap<BidderId, BTreeMap<CriterionId, String>>,
    /// Bidders in the order drawn.
    #[serde(default)]
    draw: Vec<BidderId>,
    /// Values of drawn parameters.
    #[serde(default)]
    parameters: BTreeMap<String, Decimal>,
    /// What was published.
    #[serde(default)]
    expected: Expected,
}

/// One bidder of a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CaseBidder {
    /// `B1`, `B2`, ...
    id: BidderId,
    /// What it is called in the publication.
    #[serde(default)]
    name: Option<String>,
    /// Bid price, in units of the rulebook's currency.
    #[serde(default)]
    price: Option<Decimal>,
    /// Attributes that give policy deductions.
    #[serde(default)]
    attributes: BTreeSet<String>,
    /// The brand of the goods (MIN-3).
    #[serde(default)]
    brand: Option<String>,
    /// Numbers that the formula reads by `fact`.
    #[serde(default)]
    facts: BTreeMap<String, Decimal>,
    /// Numbers that are known instead of computed.
    #[serde(default)]
    given: Given,
    /// Why it takes no part.
    #[serde(default)]
    rejected: Option<CaseRejection>,
}

/// Why a bidder takes no part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CaseRejection {
    /// The stage; the first of the rulebook without, so that the bid is in no statistic.
    #[serde(default)]
    stage: Option<StageId>,
    /// The reason.
    reason: String,
}

/// What was published of a result; only what stands here is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expected {
    /// Numbers and ranks of bidders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub bidders: BTreeMap<BidderId, ExpectedBidder>,
    /// The base of the prices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Decimal>,
    /// Other numbers of the lot, by the names of their steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub steps: BTreeMap<String, Decimal>,
    /// The bidder that is ranked first, alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub winner: Option<BidderId>,
    /// The candidates, best first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Vec<BidderId>>,
}

/// What was published of one bidder. A number is compared as it is shown: `324.1751` is not `324.17510`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExpectedBidder {
    /// Means of criteria.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub criteria: BTreeMap<CriterionId, Decimal>,
    /// Scores of blocks.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blocks: BTreeMap<CriterionId, Decimal>,
    /// The technical score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub technical: Option<Decimal>,
    /// The evaluated price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluated_price: Option<Decimal>,
    /// The points of the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price_points: Option<Decimal>,
    /// The total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<Decimal>,
    /// The rank; tied bidders share one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// Whether it takes no part in the ranking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<bool>,
}

/// A case that can be evaluated.
#[derive(Debug, Clone)]
pub struct Case {
    /// What it is.
    pub title: Option<Text>,
    /// Where the result was published.
    pub source: Option<String>,
    /// The rulebook, completed.
    pub rulebook: Rulebook,
    /// The facts.
    pub facts: Facts,
    /// What bidders are called.
    pub names: BTreeMap<BidderId, String>,
    /// What was published.
    pub expected: Expected,
}

impl Case {
    /// Reads a case file strictly: unknown and repeated fields, JSON numbers where a decimal string belongs, and
    /// anything after the object are refused. What a case's rulebook may leave out is filled in.
    ///
    /// # Errors
    /// [`RulebookError`], with the JSON path of the first fault.
    pub fn parse(bytes: &[u8]) -> Result<Self, RulebookError> {
        let fault = |at: String, message: String| RulebookError::Shape { at, message };
        if bytes.len() > MAX_CASE_BYTES {
            let most = format!("a case has at most {MAX_CASE_BYTES} bytes");
            return Err(fault(".".to_owned(), most));
        }
        let file: CaseFile = crate::rulebook::read_strictly(bytes, MAX_CASE_BYTES)?;
        if file.bidders.len() > MAX_CASE_BIDDERS {
            return Err(fault(
                "bidders".to_owned(),
                format!("a case has at most {MAX_CASE_BIDDERS} bidders"),
            ));
        }
        let completed = complete::rulebook(file.rulebook, file.title.as_ref());
        let text = serde_json::to_vec(&completed).expect("values of JSON are JSON");
        let rulebook = Rulebook::parse(&text).map_err(|error| match error {
            RulebookError::Shape { at, message } if at == "." => {
                fault("rulebook".to_owned(), without_place(&message))
            }
            RulebookError::Shape { at, message } => fault(format!("rulebook.{at}"), without_place(&message)),
            other @ RulebookError::TooLong => other,
        })?;
        let first = rulebook.stages.first().map(|stage| stage.id.clone());
        let mut names = BTreeMap::new();
        let mut bidders = Vec::with_capacity(file.bidders.len());
        for (index, bidder) in file.bidders.into_iter().enumerate() {
            let rejected = match bidder.rejected {
                None => None,
                Some(rejection) => Some(RecordedRejection {
                    stage: rejection.stage.or_else(|| first.clone()).ok_or_else(|| {
                        fault(
                            format!("bidders[{index}].rejected"),
                            "the rulebook has no stage".to_owned(),
                        )
                    })?,
                    reason: rejection.reason,
                }),
            };
            if let Some(name) = bidder.name {
                names.insert(bidder.id.clone(), name);
            }
            bidders.push(BidderFacts {
                id: bidder.id,
                rejected,
                price: bidder.price,
                attributes: bidder.attributes,
                brand: bidder.brand,
                facts: bidder.facts,
                given: bidder.given,
            });
        }
        let members = file.scores.keys().cloned().collect();
        let sheets = sheets(&rulebook, file.scores)?;
        let consensus = consensus(file.consensus)?;
        Ok(Self {
            title: file.title,
            source: file.source,
            rulebook,
            facts: Facts {
                bidders,
                members,
                sheets,
                consensus,
                draw: file.draw,
                parameters: file.parameters,
            },
            names,
            expected: file.expected,
        })
    }

    /// The JSON Schema of a case file, but for its rulebook.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(CaseFile)
    }
}

/// Line and column are those of the completed rulebook, which nobody wrote.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

fn consensus(
    written: BTreeMap<BidderId, BTreeMap<CriterionId, String>>,
) -> Result<Vec<BidBlock>, RulebookError> {
    let mut blocks = Vec::with_capacity(written.len());
    for (bidder, values) in written {
        let mut cells = Vec::with_capacity(values.len());
        for (criterion, value) in &values {
            let read = cell(criterion, value).map_err(|message| RulebookError::Shape {
                at: format!("consensus.{bidder}.{criterion}"),
                message,
            })?;
            cells.push(read);
        }
        blocks.push(BidBlock { bidder, cells });
    }
    Ok(blocks)
}

/// Sheets by stage, from scores by member.
fn sheets(
    rulebook: &Rulebook,
    scores: BTreeMap<Line, BTreeMap<BidderId, BTreeMap<CriterionId, String>>>,
) -> Result<Vec<Sheet>, RulebookError> {
    let mut sheets = Vec::new();
    for (line, bids) in scores {
        for stage in rulebook.stages.iter().filter(|stage| stage.kind.has_sheets()) {
            let mut blocks = Vec::new();
            for (bidder, cells) in &bids {
                let mut own = Vec::new();
                for (criterion, value) in cells.iter().filter(|(id, _)| stage.criteria.contains(id)) {
                    let cell = cell(criterion, value).map_err(|message| RulebookError::Shape {
                        at: format!("scores.{line}.{bidder}.{criterion}"),
                        message,
                    })?;
                    own.push(cell);
                }
                if !own.is_empty() {
                    blocks.push(BidBlock {
                        bidder: bidder.clone(),
                        cells: own,
                    });
                }
            }
            if !blocks.is_empty() {
                sheets.push(Sheet {
                    stage: stage.id.clone(),
                    line: line.clone(),
                    blocks,
                });
            }
        }
        for (bidder, cells) in &bids {
            let known = |id: &CriterionId| rulebook.stages.iter().any(|stage| stage.criteria.contains(id));
            if let Some(unknown) = cells.keys().find(|id| !known(id)) {
                return Err(RulebookError::Shape {
                    at: format!("scores.{line}.{bidder}.{unknown}"),
                    message: "no stage decides this criterion".to_owned(),
                });
            }
        }
    }
    Ok(sheets)
}

fn cell(criterion: &CriterionId, value: &str) -> Result<SheetCell, String> {
    let (value, reason) = match value.split_once(':') {
        Some((value, reason)) => (value.trim(), reason.trim()),
        None => (value.trim(), ""),
    };
    SheetCell::read(criterion.clone(), value, reason)
}
