//! What a case's rulebook may leave out: whatever does not change a number, or has one usual value.

use serde_json::{Map, Value, json};

use crate::text::Text;

/// The rulebook with what it left out. What is of a wrong type stays for the reader to refuse.
pub(super) fn rulebook(written: Value, title: Option<&Text>) -> Value {
    let Value::Object(mut book) = written else {
        return written;
    };
    let name = title.map_or_else(|| json!({ "zh": "标段", "en": "Lot" }), |title| json!(title));
    let points = criteria_of(&book);
    for (field, value) in [
        ("format", json!("conclave.rulebook/1")),
        ("version", json!(1)),
        ("regime", json!("other")),
        ("subject", json!("services")),
        ("lot", json!({ "name": name })),
        ("currency", json!("XXX")),
        ("criteria", json!([])),
        (
            "minimum_bidders",
            json!({ "at_deadline": 1, "after_qualification": 1, "after_conformity": 1 }),
        ),
        ("candidates", json!({ "max": 3 })),
        ("limits", json!({ "reason_max_bytes": 2000 })),
    ] {
        book.entry(field).or_insert(value);
    }
    let rejection = book.entry("rejection").or_insert_with(|| json!({}));
    if let Value::Object(rejection) = rejection {
        rejection
            .entry("majority")
            .or_insert_with(|| json!("more_than_half_of_members"));
    }
    let price = book
        .entry("price")
        .or_insert_with(|| json!({ "method": "no_price" }));
    if let Value::Object(price) = price {
        price
            .entry("base_recomputed_after_rejection")
            .or_insert(Value::Bool(false));
    }
    let by_price = matches!(
        price.pointer("/method"),
        Some(Value::String(method)) if method == "lowest_price"
    ) || price.pointer("/method/floor_rate").is_some();
    let keys = if by_price {
        json!(["evaluated_price_asc"])
    } else {
        json!(["score_desc"])
    };
    book.entry("ranking")
        .or_insert_with(|| json!({ "keys": keys, "then": "tied" }));
    let aggregation = book.entry("aggregation").or_insert_with(|| json!({}));
    if let Value::Object(aggregation) = aggregation {
        for (field, value) in [
            ("method", json!("mean")),
            ("over", json!("criterion")),
            ("drop", json!("none")),
            ("rounding", json!([])),
        ] {
            aggregation.entry(field).or_insert(value);
        }
    }
    if !book.contains_key("stages") && !book.contains_key("parts") {
        let down = book
            .get("rejection")
            .and_then(|rejection| rejection.pointer("/order/down_the_ranking"));
        let (parts, stages) = plan(&points, down.is_some());
        book.insert("parts".to_owned(), parts);
        book.insert("stages".to_owned(), stages);
    }
    Value::Object(book)
}

/// Ids of the leaves, by the stage that decides them.
#[derive(Default)]
struct Leaves {
    reviewed: Vec<Value>,
    scored: Vec<Value>,
    priced: Vec<Value>,
}

fn criteria_of(book: &Map<String, Value>) -> Leaves {
    let mut leaves = Leaves::default();
    if let Some(Value::Array(criteria)) = book.get("criteria") {
        criteria.iter().for_each(|node| collect(node, &mut leaves));
    }
    leaves
}

fn collect(node: &Value, leaves: &mut Leaves) {
    let (Some(id), Some(kind)) = (node.get("id"), node.get("kind")) else {
        return;
    };
    if let Some(Value::Array(children)) = kind.pointer("/group/criteria") {
        children.iter().for_each(|child| collect(child, leaves));
    } else if kind == "pass_fail" {
        leaves.reviewed.push(id.clone());
    } else if kind.get("price").is_some() {
        leaves.priced.push(id.clone());
    } else {
        leaves.scored.push(id.clone());
    }
}

/// The plainest plan: everything opened at the opening, reviewed, scored, priced, summed up.
fn plan(leaves: &Leaves, down_the_ranking: bool) -> (Value, Value) {
    let stage = |kind: &str, criteria: &[Value]| json!({ "id": format!("{kind}/1"), "kind": kind, "actor": "committee", "criteria": criteria });
    let mut stages = Vec::new();
    let reviewed = !leaves.reviewed.is_empty();
    if reviewed && !down_the_ranking {
        stages.push(stage("conformity", &leaves.reviewed));
    }
    if !leaves.scored.is_empty() {
        stages.push(stage("scored", &leaves.scored));
    }
    // QCBS and its like open the price after the scores.
    stages.push(
        json!({ "id": "price_opening/1", "kind": "price_opening", "actor": "committee", "opens": ["price"] }),
    );
    stages.push(stage("price_points", &leaves.priced));
    if reviewed && down_the_ranking {
        stages.push(stage("conformity", &leaves.reviewed));
    }
    stages.push(stage("summary", &[]));
    let parts = json!([
        { "name": "technical", "opened": "at_opening" },
        { "name": "price", "opened": { "stage": "price_opening/1" } }
    ]);
    (parts, Value::Array(stages))
}
