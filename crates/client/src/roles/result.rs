//! The result for people, and how each of its numbers came about.

use super::words;
use protocol::window::{Derivation, DerivationInput, FigureView, ResultRow, ResultView, VoteRow, Words};
use record::{Body, Entry, Leaf};
use rules::{BidderOutcome, CriterionId, Figure, Input, Node, Outcome, Rulebook, StageKind, Standing};
use serde_json::Value;
use std::collections::BTreeMap;

/// The result: rows in order of the ranking, then the bids that are out. `digest` is that of the outcome, hex;
/// `name_of` gives a bidder's name where its identity is opened.
pub fn result_view(
    book: &Rulebook,
    outcome: &Outcome,
    digest: &str,
    name_of: &dyn Fn(&str) -> String,
) -> ResultView {
    let criteria = scored(book);
    let mut rows: Vec<ResultRow> = outcome
        .bidders
        .iter()
        .map(|(bidder, numbers)| row(bidder.as_str(), numbers, book, &criteria, name_of))
        .collect();
    let place = |bidder: &str| {
        outcome
            .ranking
            .iter()
            .position(|line| line.bidder.as_str() == bidder)
    };
    rows.sort_by_key(|row| place(&row.bidder).unwrap_or(usize::MAX));
    ResultView {
        criteria: criteria
            .iter()
            .map(|(id, title)| (id.as_str().to_owned(), title.clone()))
            .collect(),
        rows,
        candidates: outcome
            .candidates
            .iter()
            .map(|line| {
                (
                    (!book.candidates.unranked).then_some(line.rank),
                    line.bidder.as_str().to_owned(),
                    name_of(line.bidder.as_str()),
                )
            })
            .collect(),
        price_base: outcome.price_base.as_ref().map(figure),
        stop: outcome.stop.as_ref().map(|stop| {
            let bids = if stop.count == 1 { "bid" } else { "bids" };
            Words::new(
                format!(
                    "有效投标剩余 {} 家，至少需要 {} 家（{}）",
                    stop.count, stop.minimum, stop.rule
                ),
                format!(
                    "{} valid {bids} left; at least {} are needed ({})",
                    stop.count, stop.minimum, stop.rule
                ),
            )
        }),
        votes: outcome.votes.iter().map(|vote| vote_row(book, vote)).collect(),
        remarks: outcome.remarks.iter().map(remark).collect(),
        currency: book.currency.clone(),
        digest: digest.to_owned(),
    }
}

/// Criteria that get a score of the members, in order of the stages.
fn scored(book: &Rulebook) -> Vec<(CriterionId, Words)> {
    let stages = book.stages.iter().filter(|stage| stage.kind == StageKind::Scored);
    stages
        .flat_map(|stage| &stage.criteria)
        .map(|id| (id.clone(), title(book, id)))
        .collect()
}

fn title(book: &Rulebook, id: &CriterionId) -> Words {
    book.leaf(id).map_or_else(
        || Words::same(id.as_str()),
        |leaf| words::text(&leaf.criterion.title),
    )
}

fn figure(figure: &Figure) -> FigureView {
    FigureView {
        shown: figure.shown.clone(),
        node: figure.node.clone(),
    }
}

fn row(
    bidder: &str,
    numbers: &BidderOutcome,
    book: &Rulebook,
    criteria: &[(CriterionId, Words)],
    name_of: &dyn Fn(&str) -> String,
) -> ResultRow {
    ResultRow {
        bidder: bidder.to_owned(),
        name: name_of(bidder),
        standing: words::standing(&numbers.standing, &|id| title(book, id)),
        out: matches!(numbers.standing, Standing::Rejected(_)),
        rank: match numbers.standing {
            Standing::Ranked(rank) => Some(rank),
            _ => None,
        },
        criteria: criteria
            .iter()
            .map(|(id, _)| numbers.criteria.get(id).map(figure))
            .collect(),
        technical: numbers.technical.as_ref().map(figure),
        price: numbers.evaluated_price.as_ref().map(figure),
        price_points: numbers.price_points.as_ref().map(figure),
        total: numbers.total.as_ref().map(figure),
    }
}

fn vote_row(book: &Rulebook, vote: &rules::VoteFinding) -> VoteRow {
    VoteRow {
        bidder: vote.bidder.as_str().to_owned(),
        criterion: title(book, &vote.criterion),
        pass: vote.pass,
        fail: vote.fail.iter().map(|line| line.as_str().to_owned()).collect(),
        result: words::vote(vote.result),
        rule: vote.rule.clone(),
    }
}

fn remark(remark: &rules::Remark) -> Words {
    Words::new(
        format!("{}：{}", remark.rule, remark.text.zh),
        format!("{}: {}", remark.rule, remark.text.en),
    )
}

/// How the number of a node came about; `None` where the outcome has no such node. `locate` gives the act at which
/// an input stands, from its source.
pub fn derivation(outcome: &Outcome, node: &str, locate: &dyn Fn(&str) -> Option<u64>) -> Option<Derivation> {
    let found = outcome.derivation.get(node)?;
    Some(Derivation {
        node: node.to_owned(),
        label: words::text(&found.label),
        formula: found.formula.clone(),
        inputs: found
            .inputs
            .iter()
            .map(|one| input(outcome, one, locate))
            .collect(),
        exact: found.exact.to_string(),
        rounding: words::rounding(found.rounding),
        shown: shown(found),
    })
}

fn shown(node: &Node) -> String {
    match node.approximate {
        true => format!("≈ {}", node.shown),
        false => node.shown.clone(),
    }
}

fn input(outcome: &Outcome, input: &Input, locate: &dyn Fn(&str) -> Option<u64>) -> DerivationInput {
    let (label, value, node, act) = match input {
        Input::Node { node, value, .. } => {
            let known = outcome.derivation.get(node);
            let label = known.map_or_else(|| Words::same(node), |known| words::text(&known.label));
            let value = known.map_or_else(|| value.to_string(), shown);
            (label, value, Some(node.clone()), None)
        }
        Input::Given { source, value, .. } => {
            let source = source.to_string();
            (of_source(&source), value.to_string(), None, locate(&source))
        }
    };
    let symbol = input.symbol();
    let (zh, en) = match input.is_used() {
        true => ("", ""),
        false => ("（未计入）", " (left out)"),
    };
    DerivationInput {
        label: Words::new(
            format!("{symbol}：{}{zh}", label.zh),
            format!("{symbol}: {}{en}", label.en),
        ),
        value,
        node,
        act,
    }
}

/// Where a given number stands, in words.
fn of_source(source: &str) -> Words {
    let parts: Vec<&str> = source.split('/').collect();
    match parts.as_slice() {
        ["sheet", line, .., criterion] => Words::new(
            format!("评委 {line} 对 {criterion} 的打分"),
            format!("score of {line} for {criterion}"),
        ),
        ["facts", bidder, "price"] => Words::new(
            format!("{bidder} 的录入报价"),
            format!("entered price of {bidder}"),
        ),
        ["rulebook", path @ ..] => {
            let path = path.join("/");
            Words::new(format!("评标办法 {path}"), format!("rulebook {path}"))
        }
        _ => Words::same(source),
    }
}

/// Where the inputs of a result stand in the record.
#[derive(Debug, Default)]
pub struct Locator {
    places: BTreeMap<String, u64>,
}

impl Locator {
    /// From the entries whose bodies are seen: entered prices, sheets that count, qualification decisions.
    pub fn of(entries: &[Entry]) -> Self {
        let mut places = BTreeMap::new();
        for entry in entries {
            let Leaf::Header { header, .. } = &entry.leaf else {
                continue;
            };
            let kinds = [
                "price.entered",
                "sheet.sealed",
                "round.closed",
                "qualification.decided",
            ];
            let Some(disclosed) = entry
                .disclosed
                .as_ref()
                .filter(|_| kinds.contains(&header.kind.as_str()))
            else {
                continue;
            };
            let Ok(body) = Body::parse(&disclosed.body) else {
                continue;
            };
            let payload = &body.core.payload;
            let of = |name: &str| payload.get(name).and_then(Value::as_str);
            let instance = &header.instance;
            match (header.kind.as_str(), of("bidder"), of("line")) {
                ("price.entered", Some(bidder), _) => {
                    places.insert(format!("facts/{bidder}/price"), entry.index);
                }
                ("qualification.decided", Some(bidder), _) => {
                    places.insert(format!("qualification/{bidder}"), entry.index);
                }
                ("sheet.sealed", _, Some(line)) => {
                    places.insert(format!("sheet/{line}/{instance}"), entry.index);
                }
                // The close says which sheet counts where a line sealed more than one.
                ("round.closed", ..) => counted(payload, instance, &mut places),
                _ => {}
            }
        }
        Self { places }
    }

    /// The act at which an input of this source stands.
    pub fn locate(&self, source: &str) -> Option<u64> {
        if let Some(index) = self.places.get(source) {
            return Some(*index);
        }
        let parts: Vec<&str> = source.split('/').collect();
        match parts.as_slice() {
            ["sheet", line, stage @ .., _bidder, _criterion] => self
                .places
                .get(&format!("sheet/{line}/{}", stage.join("/")))
                .copied(),
            _ => None,
        }
    }
}

fn counted(payload: &Value, instance: &str, places: &mut BTreeMap<String, u64>) {
    for line in payload
        .get("lines")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = line.get("line").and_then(Value::as_str);
        let sheet = line.get("sheet").and_then(Value::as_u64);
        if let (Some(name), Some(sheet)) = (name, sheet) {
            places.insert(format!("sheet/{name}/{instance}"), sheet);
        }
    }
}
