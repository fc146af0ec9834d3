//! One fault, one check: each is found by its check, which names act or object, and passes when that check is off.

use crate::fixture::{Departures, Fixture};
use crate::repack::{files, kind_of, reseal, without_replay};
use conclave_audit::Profile;
use evaluation::Language;
use record::{Digest, Entry};
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// The fault is found by `check`, is named by `index` or `object`, and is found by no other check.
pub(crate) fn only(check: &str, fixture: &Fixture, package: &[u8], index: Option<u64>, object: Option<&str>) {
    let report = fixture.verify(package, &without_replay());
    let text = report.text(Language::En);
    assert_eq!(report.code, 1, "{check}: {text}");
    let checks: Vec<&str> = report.errors().map(|finding| finding.check.as_str()).collect();
    assert!(checks.iter().all(|found| *found == check), "{check}: {text}");
    let named = report.errors().any(|finding| {
        index.is_none_or(|index| finding.index == Some(index))
            && object.is_none_or(|object| {
                finding
                    .object
                    .as_deref()
                    .is_some_and(|found| found.starts_with(object))
            })
    });
    assert!(named, "{check} names {index:?} {object:?}: {text}");
    let off = without_replay().and_without(check).expect("a check");
    let report = fixture.verify(package, &off);
    assert_eq!(report.code, 0, "{check} off: {}", report.text(Language::En));
}

pub(crate) fn index_of(fixture: &Fixture, kind: &str) -> u64 {
    fixture
        .log
        .entries
        .iter()
        .position(|entry| kind_of(entry) == kind)
        .expect("the record has one") as u64
}

/// A departure of the record itself, everything signed over it.
pub(crate) fn departed(check: &str, departures: Departures, kind: Option<&str>, object: Option<&str>) {
    let fixture = Fixture::long(departures);
    let index = kind.map(|kind| index_of(&fixture, kind));
    only(check, &fixture, &fixture.package(Profile::Full), index, object);
}

/// A change of the files, the manifest made anew.
pub(crate) fn changed(
    check: &str,
    index: Option<u64>,
    object: Option<&str>,
    change: impl FnOnce(&Fixture, &mut Files),
) {
    let fixture = Fixture::long(Departures::default());
    let mut files = files(&fixture.package(Profile::Full));
    change(&fixture, &mut files);
    only(check, &fixture, &reseal(files), index, object);
}

fn change_entry(files: &mut Files, index: u64, change: impl FnOnce(&mut Entry)) {
    let bytes = files
        .get_mut(&format!("entries/{index:08}.json"))
        .expect("an entry");
    let mut entry: Entry = serde_json::from_slice(bytes).expect("an entry");
    change(&mut entry);
    *bytes = serde_json::to_vec(&entry).expect("JSON");
}

#[test]
fn slack_in_the_tar() {
    let fixture = Fixture::long(Departures::default());
    let mut package = fixture.package(Profile::Full);
    package[146] = b'1'; // a modification time
    only("package.canonical", &fixture, &package, None, Some("package"));
    let mut package = fixture.package(Profile::Full);
    package.extend([0; 512]);
    only("package.canonical", &fixture, &package, None, Some("package"));
}

#[test]
fn a_file_that_the_manifest_does_not_name() {
    let fixture = Fixture::long(Departures::default());
    let mut files = files(&fixture.package(Profile::Full));
    files.insert("extra.txt".to_owned(), b"slack".to_vec());
    let package = record::tar::encode(&files).expect("a tar");
    only("package.manifest", &fixture, &package, None, Some("extra.txt"));
}

#[test]
fn a_file_without_a_place() {
    changed("package.manifest", None, Some("extra.txt"), |_, files| {
        files.insert("extra.txt".to_owned(), b"slack".to_vec());
    });
}

#[test]
fn an_entry_under_another_number() {
    changed(
        "entry.sequence",
        Some(2),
        Some("entries/00000002.json"),
        |_, files| {
            change_entry(files, 2, |entry| entry.index = 7);
        },
    );
}

#[test]
fn an_entry_written_otherwise() {
    changed("act.form", Some(2), Some("entries/00000002.json"), |_, files| {
        files
            .get_mut("entries/00000002.json")
            .expect("an entry")
            .push(b'\n');
    });
}

#[test]
fn a_body_withheld_from_the_full_profile() {
    changed("act.form", Some(2), Some("entries/00000002.json"), |_, files| {
        change_entry(files, 2, |entry| *entry = entry.withheld());
    });
}

#[test]
fn another_signature() {
    changed(
        "act.signature",
        Some(2),
        Some("entries/00000002.json"),
        |_, files| {
            change_entry(files, 2, |entry| {
                if let record::Leaf::Header { signature, .. } = &mut entry.leaf {
                    signature.0[5] ^= 1;
                }
            });
        },
    );
}

#[test]
fn another_body() {
    changed(
        "act.commitment",
        Some(2),
        Some("entries/00000002.json"),
        |_, files| {
            change_entry(files, 2, |entry| {
                let disclosed = entry.disclosed.as_mut().expect("a body");
                let body = String::from_utf8(disclosed.body.clone()).expect("UTF-8");
                disclosed.body = body.replace("host site", "hosT site").into_bytes();
            });
        },
    );
}

#[test]
fn another_value_of_an_attachment() {
    let fixture = Fixture::long(Departures::default());
    let index = index_of(&fixture, "part.opened");
    changed("attachment.opening", Some(index), Some("entries/"), |_, files| {
        change_entry(files, index, |entry| {
            entry.openings.get_mut("key").expect("a key").salt.0[0] ^= 1
        });
    });
}

#[test]
fn another_time_of_the_last_act() {
    changed("tree.root", None, Some("checkpoint.note"), |fixture, files| {
        change_entry(files, fixture.size() - 1, |entry| entry.time += 1);
    });
}

#[test]
fn another_signature_of_the_log() {
    changed(
        "checkpoint.log",
        None,
        Some("checkpoint.note"),
        |fixture, files| {
            let other = crate::signer::NoteKey::new(77, "centre", record::KeyAlgorithm::LogEd25519);
            let own = fixture.parts(fixture.size()).checkpoint;
            let sign = |message: &[u8]| other.key.sign(message);
            let mut note = record::sign_checkpoint(own.checkpoint(), &other.verifier, sign).expect("signs");
            note.merge(&own).expect("the same text");
            let text = note.format();
            // The cosignatures are the true ones, the log's is not.
            let kept: Vec<&str> = text
                .lines()
                .enumerate()
                .filter(|(n, _)| *n != 5)
                .map(|(_, line)| line)
                .collect();
            files.insert(
                "checkpoint.note".to_owned(),
                format!("{}\n", kept.join("\n")).into_bytes(),
            );
        },
    );
}

fn keep_lines(bytes: &mut Vec<u8>, count: usize) {
    let text = String::from_utf8(bytes.clone()).expect("UTF-8");
    let lines: Vec<&str> = text.lines().take(count).collect();
    *bytes = format!("{}\n", lines.join("\n")).into_bytes();
}

#[test]
fn one_cosignature_is_no_quorum() {
    changed(
        "checkpoint.cosignatures",
        None,
        Some("checkpoint.note"),
        |_, files| {
            keep_lines(files.get_mut("checkpoint.note").expect("a note"), 6);
        },
    );
}

#[test]
fn an_earlier_checkpoint_of_another_history() {
    changed(
        "checkpoint.history",
        None,
        Some("checkpoints/00000003.note"),
        |fixture, files| {
            let mut other = record::Tree::new();
            (0..3_u8).for_each(|n| {
                other.push(Digest([n; 32]));
            });
            let seconds = crate::fixture::START / 1000 + 10;
            let note = fixture
                .authorities
                .checkpoint(&crate::fixture::ORIGIN, &other, 3, 2, seconds);
            files.insert("checkpoints/00000003.note".to_owned(), note.format().into_bytes());
        },
    );
    changed(
        "checkpoint.history",
        None,
        Some("checkpoints/00000003.note"),
        |_, files| {
            keep_lines(files.get_mut("checkpoints/00000003.note").expect("a note"), 6);
        },
    );
}
