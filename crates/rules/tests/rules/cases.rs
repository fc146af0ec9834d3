//! Published results as case files, recomputed digit by digit.

use conclave_rules::{Case, evaluate};

fn files() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");
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

#[test]
fn every_published_digit_is_recomputed() {
    let files = files();
    assert!(files.len() >= 10, "{} cases", files.len());
    for (name, bytes) in files {
        let case = Case::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let outcome =
            evaluate(&case.rulebook, &case.facts).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        let differences: Vec<String> = case
            .differences(&outcome)
            .iter()
            .map(ToString::to_string)
            .collect();
        assert!(differences.is_empty(), "{name}:\n{}", differences.join("\n"));
        let published = case.expected.bidders.len();
        assert!(published > 0, "{name} compares nothing");
    }
}
