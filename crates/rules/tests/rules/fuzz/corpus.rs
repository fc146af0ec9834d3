//! What is changed: the templates, the example rulebooks, published results and tenders.

use conclave_rules::{BidderId, CriterionKind, Rulebook, StageActor, template, templates};
use serde_json::{Map, Value, json};

const MEMBERS: usize = 3;
const BIDDERS: u32 = 5;

/// So often the formula that is written out stands in the corpus: it has the expressions.
const FORMULAS: usize = 12;

fn folder(name: &str) -> Vec<Value> {
    let folder = format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("it lies here")
        .map(|entry| entry.expect("a file").path())
        .collect();
    paths.sort();
    let read = |path| serde_json::from_slice(&std::fs::read(path).expect("it can be read")).expect("JSON");
    paths.into_iter().map(read).collect()
}

/// Rulebooks and cases; true at cases.
pub(super) fn all() -> Vec<(bool, Value)> {
    let mut rulebooks: Vec<Value> = templates()
        .map(|(name, _)| template(name).expect("it has this name"))
        .map(|book| serde_json::to_value(book).expect("a rulebook is JSON"))
        .collect();
    rulebooks.extend(folder("rulebooks"));
    rulebooks.extend((0..FORMULAS).map(|_| written_out()));
    let mut cases: Vec<Value> = rulebooks.iter().map(case).collect();
    cases.extend(folder("cases"));
    cases.extend(folder("tenders"));
    let rulebooks = rulebooks.into_iter().map(|book| (false, book));
    rulebooks
        .chain(cases.into_iter().map(|case| (true, case)))
        .collect()
}

/// Every kind of step, with names that random expressions use.
fn written_out() -> Value {
    let text = |own: &str| json!({ "zh": own, "en": own });
    let number =
        |name: &str, value: &str| json!({ "number": { "name": name, "label": text(name), "value": value } });
    let mut book = serde_json::to_value(template("linear_to_budget").expect("it has this name"))
        .expect("a rulebook is JSON");
    book["ceiling"] = book["budget"].clone();
    book["aggregation"]["rounding"] = json!([]);
    book["price"]["method"] = json!({ "formula": {
        "name": text("own"),
        "tables": [{ "name": "t", "between": "line", "rows": [{ "at": "0", "gives": "0" }, { "at": "1000000", "gives": "9" }] }],
        "steps": [
            { "choose": { "name": "near", "bids": "p > 0.5 * mean_of(p)" } },
            { "reject": { "bids": "p < 0.1 * median_of(p)", "rule": "R", "reason": text("low") } },
            number("base", "trimmed_mean_of(p, 1, 1 in near)"),
            { "remark": { "bids": "p > base * 1.5", "rule": "R", "text": text("high") } },
            number("points", "full * min(1, base / p) + table(\"t\", p) * 0 + rank_of(p) * 0"),
            number("total", "technical + points")
        ],
        "base": "base", "points": "points", "total": "total"
    } });
    book
}

/// A rulebook with bids and scores, so that it can be evaluated.
pub(super) fn case(book: &Value) -> Value {
    let rulebook = Rulebook::parse(book.to_string().as_bytes()).expect("it reads");
    with_bids(&rulebook, book.clone(), BIDDERS)
}

pub(super) fn with_bids(rulebook: &Rulebook, book: Value, count: u32) -> Value {
    let ids: Vec<String> = (1..=count)
        .map(|n| BidderId::from_ordinal(n).expect("from 1").to_string())
        .collect();
    let ceiling = rulebook.ceiling.iter().chain(&rulebook.budget).min();
    let price = |n: usize| match ceiling {
        // Some ninety percent of the ceiling, which has six digits at least in every one of these.
        Some(ceiling) => {
            let whole = ceiling.to_string();
            let whole: u64 = whole
                .split('.')
                .next()
                .and_then(|w| w.parse().ok())
                .unwrap_or(1_000_000);
            (whole / 10 * 9)
                .saturating_sub(7 * u64::try_from(n).unwrap_or(0))
                .max(1)
                .to_string()
        }
        None => (1_000 + 13 * n).to_string(),
    };
    let facts: Map<String, Value> = rulebook
        .facts()
        .into_iter()
        .map(|fact| (fact, json!("3")))
        .collect();
    let bidders: Vec<Value> = ids
        .iter()
        .enumerate()
        .map(|(n, id)| json!({ "id": id, "price": price(n), "facts": facts }))
        .collect();
    let mut scores = Map::new();
    for member in 0..MEMBERS {
        let own: Map<String, Value> = ids
            .iter()
            .enumerate()
            .map(|(bid, id)| (id.clone(), Value::Object(cells(rulebook, member + bid))))
            .collect();
        scores.insert(format!("E{}", member + 1), Value::Object(own));
    }
    let formula = rulebook.formula();
    let drawn: Map<String, Value> = rulebook
        .drawn()
        .into_iter()
        .map(|name| {
            let own = formula.parameters.iter().find(|parameter| parameter.name == name);
            let from = serde_json::to_value(&own.expect("it is drawn").from).expect("JSON");
            (name, from["drawn"]["from"].clone())
        })
        .collect();
    json!({
        "format": "conclave.case/1",
        "title": { "zh": "标段", "en": "Lot" },
        "rulebook": book,
        "bidders": bidders,
        "scores": scores,
        "parameters": drawn
    })
}

/// What one member has for one bid.
fn cells(rulebook: &Rulebook, shift: usize) -> Map<String, Value> {
    let mut cells = Map::new();
    for stage in rulebook
        .stages
        .iter()
        .filter(|stage| stage.actor == StageActor::Committee)
    {
        for criterion in rulebook.stage_criteria(&stage.id) {
            let score = match &criterion.kind {
                CriterionKind::PassFail => "pass".to_owned(),
                CriterionKind::Range { min, max, .. } => {
                    let end = if shift.is_multiple_of(3) { min } else { max };
                    format!("{end}: reason")
                }
                CriterionKind::Fixed { values } => format!("{}: reason", values[shift % values.len().max(1)]),
                CriterionKind::Tiers { tiers, .. } => {
                    format!("{}: reason", tiers[shift % tiers.len().max(1)].max)
                }
                CriterionKind::Group { .. }
                | CriterionKind::Computed { .. }
                | CriterionKind::Price { .. } => continue,
            };
            cells.insert(criterion.id.to_string(), json!(score));
        }
    }
    cells
}
