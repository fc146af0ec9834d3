//! Writes the JSON Schema of `conclave.case/1` to standard output:
//! `cargo run -p conclave-rules --example case_schema > docs/formats/case.schema.json`

fn main() -> serde_json::Result<()> {
    println!(
        "{}",
        serde_json::to_string_pretty(&conclave_rules::Case::schema())?
    );
    Ok(())
}
