//! Writes the JSON Schema of `conclave.rulebook/1` to standard output:
//! `cargo run -p conclave-rules --example rulebook_schema > docs/formats/rulebook.schema.json`

fn main() -> serde_json::Result<()> {
    let schema = schemars::schema_for!(conclave_rules::Rulebook);
    println!("{}", serde_json::to_string_pretty(&schema)?);
    Ok(())
}
