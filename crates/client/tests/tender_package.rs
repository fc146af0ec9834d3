//! Tender packages: the sample is read, and every broken copy of it is refused with a finding that names file and place.

use conclave_client::tender_package::{Deadline, PackageFinding, TenderPackage};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../samples/procurement/tender")
}

/// The plain files of the sample in a folder of their own.
fn copy() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for name in [
        "tender.json",
        "rulebook.json",
        "policy.json",
        "sites.json",
        "tender.pdf",
    ] {
        fs::copy(sample().join(name), folder.path().join(name)).expect("the sample is there");
    }
    folder
}

/// Findings after one of the JSON files was changed.
fn after(file: &str, change: impl FnOnce(&mut Value)) -> Vec<PackageFinding> {
    let folder = copy();
    let place = folder.path().join(file);
    let mut value: Value = serde_json::from_slice(&fs::read(&place).expect("read")).expect("JSON");
    change(&mut value);
    fs::write(&place, serde_json::to_vec(&value).expect("JSON")).expect("written");
    match TenderPackage::read(folder.path()) {
        Ok(package) => package.warnings,
        Err(findings) => findings,
    }
}

fn places(findings: &[PackageFinding]) -> Vec<String> {
    findings
        .iter()
        .filter(|finding| finding.severity == rules::Severity::Error)
        .map(|finding| format!("{} {}", finding.file, finding.at))
        .collect()
}

#[test]
fn the_sample_is_read() {
    let package = TenderPackage::read(&sample()).expect("the sample has no errors");
    assert_eq!(package.tender.documents.len(), 1);
    assert_eq!(package.sites.sites.len(), 3);
    assert_eq!(package.policy.deadline(), Some(Deadline::After(40_000)));
    let warned: Vec<_> = package
        .warnings
        .iter()
        .map(|finding| finding.at.as_str())
        .collect();
    assert!(warned.contains(&"deadline_after_seconds"), "a rehearsal says so");
    assert_eq!(
        fs::read(sample().join("tender.json")).expect("read"),
        package.tender_bytes,
        "the exact bytes go into the record"
    );
}

#[test]
fn a_broken_member_is_named() {
    type Case = (&'static str, fn(&mut Value), &'static str);
    let cases: [Case; 19] = [
        (
            "tender.json",
            |v| v["format"] = json!("conclave.tender/2"),
            "tender.json format",
        ),
        ("tender.json", |v| v["id"] = json!(""), "tender.json id"),
        (
            "tender.json",
            |v| v["title"]["en"] = json!(" "),
            "tender.json title",
        ),
        (
            "tender.json",
            |v| v["regime"] = json!("worldbank"),
            "tender.json regime",
        ),
        (
            "tender.json",
            |v| v["documents"] = json!([]),
            "tender.json documents",
        ),
        (
            "tender.json",
            |v| {
                let first = v["documents"][0].clone();
                v["documents"].as_array_mut().expect("a list").push(first);
            },
            "tender.json documents[1].file",
        ),
        (
            "tender.json",
            |v| v["documents"][0]["size"] = json!(1),
            "tender.pdf ",
        ),
        (
            "tender.json",
            |v| v["documents"][0]["digest"] = json!("00".repeat(32)),
            "tender.pdf ",
        ),
        (
            "tender.json",
            |v| v["rulebook"] = json!("../rulebook.json"),
            "tender.json ",
        ),
        (
            "tender.json",
            |v| v["policy"] = json!("other.json"),
            "other.json ",
        ),
        ("tender.json", |v| v["bidders"] = json!([]), "tender.json "),
        (
            "policy.json",
            |v| v["deadline"] = json!("2026-03-02T09:30:00+08:00"),
            "policy.json deadline",
        ),
        (
            "policy.json",
            |v| v["threshold"] = json!(1),
            "policy.json threshold",
        ),
        (
            "policy.json",
            |v| v["code_names"][1] = json!("松"),
            "policy.json code_names[1]",
        ),
        (
            "sites.json",
            |v| v["sites"][1]["host"] = json!(true),
            "sites.json sites",
        ),
        (
            "sites.json",
            |v| v["sites"][1]["booths"][0] = json!("H-01"),
            "sites.json sites[1].booths[0]",
        ),
        (
            "sites.json",
            |v| v["sites"][2]["site"] = json!("host"),
            "sites.json sites[2].site",
        ),
        (
            "sites.json",
            |v| {
                for site in v["sites"].as_array_mut().expect("a list") {
                    site["organisation"] = json!("示例市公共资源交易中心");
                }
            },
            "sites.json sites",
        ),
        ("rulebook.json", |v| v["unknown"] = json!(1), "rulebook.json "),
    ];
    for (file, change, place) in cases {
        let found = places(&after(file, change));
        assert!(
            found.contains(&place.to_owned()),
            "{file}: {place:?} is not in {found:?}"
        );
    }
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let folder = copy();
    for (file, at, value) in [
        ("policy.json", "threshold", json!(0)),
        ("sites.json", "format", json!("x")),
        ("tender.json", "id", json!("")),
    ] {
        let place = folder.path().join(file);
        let mut whole: Value = serde_json::from_slice(&fs::read(&place).expect("read")).expect("JSON");
        whole[at] = value;
        fs::write(&place, serde_json::to_vec(&whole).expect("JSON")).expect("written");
    }
    let found = places(&TenderPackage::read(folder.path()).expect_err("three faults"));
    assert_eq!(
        found,
        ["tender.json id", "policy.json threshold", "sites.json format"]
    );
}

#[test]
fn a_rulebook_against_the_law_is_refused_with_its_rule() {
    let findings = after("rulebook.json", |book| {
        let criteria = book["criteria"].as_array_mut().expect("criteria");
        criteria.pop();
    });
    let ruled = findings
        .iter()
        .find(|finding| finding.severity == rules::Severity::Error && !finding.rule.is_empty());
    assert_eq!(ruled.map(|finding| finding.file.as_str()), Some("rulebook.json"));
}

#[test]
fn hostile_files_are_errors_and_nothing_more() {
    let breaks: [fn(&Path); 6] = [
        |f| fs::remove_file(f.join("tender.json")).expect("removed"),
        |f| fs::write(f.join("tender.json"), b"{\"format\":1,\"format\":2}").expect("written"),
        |f| fs::write(f.join("policy.json"), vec![b' '; 70_000]).expect("written"),
        |f| fs::write(f.join("sites.json"), b"\xff\xfe").expect("written"),
        |f| {
            fs::remove_file(f.join("rulebook.json")).expect("removed");
            std::os::unix::fs::symlink("/etc/passwd", f.join("rulebook.json")).expect("a link");
        },
        |f| {
            fs::remove_file(f.join("tender.pdf")).expect("removed");
            fs::create_dir(f.join("tender.pdf")).expect("a folder");
        },
    ];
    for (case, damage) in breaks.into_iter().enumerate() {
        let folder = copy();
        damage(folder.path());
        let findings = TenderPackage::read(folder.path()).expect_err("it is broken");
        assert!(!places(&findings).is_empty(), "case {case}");
        for finding in &findings {
            assert!(
                !finding.text.zh.contains("root:"),
                "nothing outside the folder is read"
            );
            assert!(!finding.text.zh.is_empty() && !finding.text.en.is_empty());
        }
    }
}
