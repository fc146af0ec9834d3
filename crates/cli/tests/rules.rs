//! `conclave evaluate` and `conclave rules` as an outsider uses them: files in, words and exit codes out.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn conclave(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_conclave"))
        .args(arguments)
        .output()
        .expect("the program starts")
}

fn cases() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rules/tests/cases")
}

fn path(path: &Path) -> &str {
    path.to_str().expect("paths of the tests are text")
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("it writes UTF-8")
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("it writes UTF-8")
}

#[test]
fn a_published_result_is_recomputed_and_explained() {
    let case = cases().join("jp-qsr-01.json");
    let told = conclave(&["evaluate", path(&case), "--lang", "en", "--explain"]);
    assert_eq!(told.status.code(), Some(0), "{}", err(&told));
    let text = out(&told);
    assert!(text.contains("325.1069"), "{text}");
    assert!(
        text.contains("(base_points + technical) * scale / price"),
        "{text}"
    );
    assert!(text.contains("truncated, 4 places"), "{text}");
    let zh = conclave(&["evaluate", path(&case), "--explain"]);
    assert!(out(&zh).contains("评分块合计"), "{}", out(&zh));
}

#[test]
fn the_json_has_the_derivation_of_every_number() {
    let case = cases().join("jp-qsr-01.json");
    let told = conclave(&["evaluate", path(&case), "--json"]);
    let outcome: serde_json::Value = serde_json::from_slice(&told.stdout).expect("it is JSON");
    let node = outcome["bidders"]["B3"]["total"]["node"]
        .as_str()
        .expect("a node");
    assert_eq!(outcome["derivation"][node]["shown"], "325.1069");
    assert_eq!(outcome["derivation"][node]["exact"], "532200/1637");
}

#[test]
fn a_digit_that_differs_is_named_and_the_exit_says_so() {
    let text = std::fs::read_to_string(cases().join("jp-qsr-01.json")).expect("the case is there");
    assert!(text.contains("325.1069"));
    let folder = tempfile::tempdir().expect("a folder");
    let case = folder.path().join("case.json");
    std::fs::write(&case, text.replace("325.1069", "325.1070")).expect("it is written");
    let told = conclave(&["evaluate", path(&case)]);
    assert_eq!(told.status.code(), Some(1));
    assert!(
        err(&told).contains("325.1070") && err(&told).contains("325.1069"),
        "{}",
        err(&told)
    );
}

#[test]
fn what_cannot_be_read_says_where() {
    let folder = tempfile::tempdir().expect("a folder");
    let case = folder.path().join("case.json");
    std::fs::write(
        &case,
        r#"{"format":"conclave.case/1","rulebook":{},"bidders":[{"id":"B1","price":1.5}]}"#,
    )
    .expect("it is written");
    let told = conclave(&["evaluate", path(&case)]);
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("bidders[0].price"), "{}", err(&told));
    let told = conclave(&["evaluate", path(&folder.path().join("nowhere.json"))]);
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("nowhere.json"), "{}", err(&told));
}

#[test]
fn every_preset_comes_out_and_its_regime_has_nothing_against_it() {
    let list = out(&conclave(&["rules", "new"]));
    let names: Vec<&str> = list
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(names.len() >= 18, "{list}");
    let folder = tempfile::tempdir().expect("a folder");
    for name in names {
        let made = conclave(&["rules", "new", "--preset", name]);
        assert_eq!(made.status.code(), Some(0), "{name}");
        let file = folder.path().join("rulebook.json");
        std::fs::write(&file, &made.stdout).expect("it is written");
        let told = conclave(&["rules", "lint", path(&file)]);
        assert_eq!(told.status.code(), Some(0), "{name}: {}", out(&told));
    }
    assert_eq!(
        conclave(&["rules", "new", "--preset", "nothing"]).status.code(),
        Some(2)
    );
}

#[test]
fn a_reversed_tie_of_the_price_is_caught_before_publication() {
    let made = conclave(&["rules", "new", "--preset", "low_price_first"]);
    let mut book: serde_json::Value = serde_json::from_slice(&made.stdout).expect("it is JSON");
    book["ranking"]["keys"] = serde_json::json!(["score_desc", "price_desc"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rulebook.json");
    std::fs::write(&file, book.to_string()).expect("it is written");
    let told = conclave(&["rules", "lint", path(&file), "--lang", "en"]);
    assert_eq!(told.status.code(), Some(1));
    let text = out(&told);
    assert!(
        text.contains("error R-TIE ranking.keys: ") && text.contains("lowest first"),
        "{text}"
    );
}

const CONDITIONS: &str = r#"{
  "format": "conclave.conditions/1",
  "regime": "procurement",
  "subject": "goods",
  "amount": "9000000",
  "conditions": [
    { "id": "Q1", "document": "招标文件", "clause": "3.2", "page": 12, "kind": "qualification", "text": "注册资本不低于500万元。" },
    { "id": "T1", "kind": "technical", "text": "额定功率不低于5千瓦。" }
  ]
}"#;

#[test]
fn a_restrictive_clause_is_named_with_place_law_and_mend() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("conditions.json");
    std::fs::write(&file, CONDITIONS).expect("it is written");
    let told = conclave(&["rules", "conditions", path(&file), "--lang", "en"]);
    assert_eq!(told.status.code(), Some(1), "{}", err(&told));
    let text = out(&told);
    for expected in [
        "error CND-SCALE Q1, 招标文件, 3.2, page 12: ",
        "注册资本不低于500万元",
        "财政部令第87号",
        "a review record above 8000000 yuan: one is required",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let json = conclave(&["rules", "conditions", path(&file), "--json"]);
    let review: serde_json::Value = serde_json::from_slice(&json.stdout).expect("it is JSON");
    assert_eq!(review["findings"][0]["rule"], "CND-SCALE");
    assert_eq!(review["record_required"], true);

    std::fs::write(
        &file,
        CONDITIONS.replace("注册资本不低于500万元", "具有履行合同的能力"),
    )
    .expect("it is written");
    assert_eq!(
        conclave(&["rules", "conditions", path(&file)]).status.code(),
        Some(0)
    );
    std::fs::write(&file, CONDITIONS.replace("technical", "price")).expect("it is written");
    let told = conclave(&["rules", "conditions", path(&file)]);
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("conditions[1].kind"), "{}", err(&told));
}

#[test]
fn the_review_record_keeps_what_was_decided_and_writes_over_nothing_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let (file, record) = (
        folder.path().join("conditions.json"),
        folder.path().join("record.json"),
    );
    std::fs::write(&file, CONDITIONS).expect("it is written");
    let run = || {
        conclave(&[
            "rules",
            "conditions",
            path(&file),
            "--record",
            path(&record),
            "--lang",
            "en",
        ])
    };
    assert!(out(&run()).contains("Still to be decided before publication: 1."));
    let first = std::fs::read_to_string(&record).expect("the record is there");
    let decided = first.replace(
        "\"decision\": \"open\"",
        "\"decision\": { \"kept\": { \"reason\": \"法律规定\" } }",
    );
    assert_ne!(first, decided);
    std::fs::write(&record, decided).expect("it is written");
    assert!(out(&run()).contains("Still to be decided before publication: 0."));
    assert!(
        std::fs::read_to_string(&record)
            .expect("it is there")
            .contains("法律规定")
    );

    std::fs::write(&record, "{}").expect("it is written");
    let told = run();
    assert_eq!(told.status.code(), Some(2));
    assert!(err(&told).contains("record.json"), "{}", err(&told));
    assert_eq!(std::fs::read_to_string(&record).expect("it is there"), "{}");
}

#[test]
fn a_rulebook_is_reviewed_by_its_criteria() {
    let made = conclave(&["rules", "new", "--preset", "low_price_first"]);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("rulebook.json");
    std::fs::write(&file, &made.stdout).expect("it is written");
    let told = conclave(&["rules", "conditions", path(&file)]);
    assert_eq!(told.status.code(), Some(0), "{}{}", out(&told), err(&told));
}
