//! Prints what the rulebook editor answers in the gallery's scenes: texts by name, and answers to questions about them.
//! `cargo run -q -p conclave-client --example rulebook_scenes > ui/src/fixtures/rulebook.recorded.json`.

use client::roles::rulebook::{add_criterion, look, preset, presets, set, try_out};
use conclave_client as client;
use protocol::window::MadeUpBid;
use serde_json::{Value, json};

/// One answer a line, so that a change shows where it is.
fn main() -> Result<(), client::ClientError> {
    let low = preset("low_price_first")?;
    let mean = preset("mean_base")?;
    let mut found = set(&low, "/candidates/max", "9")?;
    found = set(&found, "/subject", "goods")?;
    for (pointer, value) in [
        ("/criteria/4/kind/price/points", "25"),
        ("/ranking/then", "tied"),
        ("/minimum_bidders/at_deadline", "2"),
    ] {
        found = set(&found, pointer, value)?;
    }
    let mut many = low.clone();
    for _ in 0..80 {
        many = add_criterion(&many, "/criteria/3/kind/group/criteria", "range")?;
    }
    let texts = [
        ("low", low.clone()),
        ("mean", mean),
        ("lowest", preset("lowest_price")?),
        ("found", found),
        ("unsaved", set(&low, "/ceiling", "1200000")?),
        (
            "broken",
            low.replace("\"currency\": \"CNY\",", "\"currency\": \"CNY\""),
        ),
        ("wrong", set(&low, "/aggregation/rounding/0/places", "21")?),
        ("many", many),
    ];
    let mut lines = vec![line("rulebook_presets", &json!({}), &json!(presets()))];
    for (name, text) in &texts {
        let looked = look(text);
        lines.push(line("look_rulebook", &json!({ "text": name }), &json!(looked)));
        let Some(asked) = looked.asked else {
            continue;
        };
        let mut tried: Vec<(Vec<MadeUpBid>, u32)> = vec![(asked.bids.clone(), 0)];
        if *name == "mean" {
            tried.push((asked.bids.clone(), 3));
        }
        if *name == "many" {
            let more = (0..60).map(|at| MadeUpBid {
                price: (600_000 + at * 7_000).to_string(),
                ..asked.bids[at % asked.bids.len()].clone()
            });
            tried.push((more.collect(), 0));
        }
        for (bids, at) in tried {
            let answer = try_out(text, &bids, &[], at);
            let arguments = json!({ "text": name, "bids": bids, "parameters": [], "at": at });
            lines.push(line("try_rulebook", &arguments, &json!(answer)));
        }
    }
    let texts: serde_json::Map<String, Value> = texts
        .into_iter()
        .map(|(name, text)| (name.to_owned(), Value::from(text)))
        .collect();
    println!(
        "{{\n\"texts\": {},\n\"answers\": [\n{}\n]\n}}",
        json!(texts),
        lines.join(",\n")
    );
    Ok(())
}

fn line(command: &str, arguments: &Value, answer: &Value) -> String {
    json!({ "command": command, "arguments": arguments, "answer": answer }).to_string()
}
