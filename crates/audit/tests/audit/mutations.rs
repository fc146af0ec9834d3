//! One fault, one check: each is found by its check, which names act or object, and passes when that check is off.

use crate::fixture::{Departures, Fixture, Store, files, kind_of, reseal, without_replay};
use conclave_audit::{Checks, Profile};
use evaluation::Language;
use record::{Digest, Entry};
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

/// The fault is found by `check`, is named by `index` or `object`, and is found by no other check.
fn only(check: &str, fixture: &Fixture, package: &[u8], index: Option<u64>, object: Option<&str>) {
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

fn index_of(fixture: &Fixture, kind: &str) -> u64 {
    fixture
        .log
        .entries
        .iter()
        .position(|entry| kind_of(entry) == kind)
        .expect("the record has one") as u64
}

/// A departure of the record itself, everything signed over it.
fn departed(check: &str, departures: Departures, kind: Option<&str>, object: Option<&str>) {
    let fixture = Fixture::long(departures);
    let index = kind.map(|kind| index_of(&fixture, kind));
    only(check, &fixture, &fixture.package(Profile::Full), index, object);
}

/// A change of the files, the manifest made anew.
fn changed(check: &str, index: Option<u64>, object: Option<&str>, change: impl FnOnce(&Fixture, &mut Files)) {
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

#[test]
fn time_that_goes_back() {
    departed(
        "time.order",
        Departures {
            clock_back: true,
            ..Departures::default()
        },
        Some("site.enrolled"),
        None,
    );
}

#[test]
fn a_cosignature_before_the_time_it_covers() {
    let departures = Departures {
        cosigned_ahead: true,
        ..Departures::default()
    };
    departed(
        "time.cosigned",
        departures,
        Some("archived"),
        Some("checkpoint.note"),
    );
}

#[test]
fn a_late_cosignature_is_a_note() {
    let fixture = Fixture::short(Departures {
        cosigned_late: true,
        ..Departures::default()
    });
    let report = fixture.verify(&fixture.package(Profile::Full), &Checks::all());
    assert_eq!(report.code, 4, "{}", report.text(Language::En));
    let late: Vec<Option<u64>> = report.findings.iter().map(|finding| finding.index).collect();
    assert_eq!(late, [Some(fixture.size() - 1)]);
}

#[test]
fn anchors_of_another_place() {
    let fixture = Fixture::long(Departures::default());
    let package = fixture.package(Profile::Full);
    let mut anchors = fixture.authorities.anchors();
    anchors.witnesses.witnesses[1].organisation = "another".to_owned();
    let report = conclave_audit::verify(&package, Some(&anchors), &without_replay());
    let errors: Vec<_> = report
        .errors()
        .map(|finding| (finding.check.as_str(), finding.index))
        .collect();
    assert_eq!(
        errors,
        [("origin.anchors", Some(0))],
        "{}",
        report.text(Language::En)
    );
    let off = without_replay().and_without("origin.anchors").expect("a check");
    assert_eq!(conclave_audit::verify(&package, Some(&anchors), &off).code, 0);
}

#[test]
fn a_role_certified_by_another_ca() {
    let departures = Departures {
        foreign_ca: true,
        ..Departures::default()
    };
    departed("certificate.chain", departures, Some("role.assigned"), None);
}

#[test]
fn a_blob_missing_or_changed() {
    let report = Digest::of(b"report");
    changed(
        "blob.present",
        None,
        Some(&format!("blobs/{report}")),
        |_, files| {
            files.remove(&format!("blobs/{report}")).expect("the report");
        },
    );
    changed(
        "blob.present",
        None,
        Some(&format!("blobs/{report}")),
        |_, files| {
            files.insert(format!("blobs/{report}"), b"Report".to_vec());
        },
    );
    let extra = Store::default().put(b"nobody names me".to_vec());
    changed(
        "blob.present",
        None,
        Some(&format!("blobs/{}", extra.digest)),
        |_, files| {
            files.insert(format!("blobs/{}", extra.digest), b"nobody names me".to_vec());
        },
    );
}

#[test]
fn one_person_with_two_tickets() {
    let fixture = Fixture::long(Departures {
        two_tickets: true,
        ..Departures::default()
    });
    let second = index_of(&fixture, "member.checked_in") + 2;
    only(
        "personal.signature",
        &fixture,
        &fixture.package(Profile::Full),
        Some(second),
        None,
    );
}

#[test]
fn a_price_that_the_bidder_did_not_state() {
    let departures = Departures {
        price: Some("1799999.00"),
        ..Departures::default()
    };
    departed(
        "part.key",
        departures,
        Some("price.entered"),
        Some(&hex::encode([1; 16])),
    );
}

#[test]
fn distinct_bidders_counted_wrong() {
    departed(
        "part.key",
        Departures {
            distinct: Some(2),
            ..Departures::default()
        },
        Some("opening.recorded"),
        None,
    );
}

#[test]
fn a_deadline_seen_late() {
    let late = Departures {
        deadline_late: true,
        ..Departures::default()
    };
    departed(
        "deadline.window",
        late.clone(),
        Some("deadline.reached"),
        Some("checkpoints/"),
    );
    departed(
        "deadline.window",
        Departures {
            allowed: 1,
            ..late.clone()
        },
        Some("deadline.reached"),
        None,
    );
    let fixture = Fixture::long(Departures { allowed: 2, ..late });
    let report = fixture.verify(&fixture.package(Profile::Full), &without_replay());
    assert_eq!(report.code, 0, "allowed by two: {}", report.text(Language::En));
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.check == "deadline.window"),
        "and noted"
    );
}

#[test]
fn an_archive_over_other_blobs() {
    let departures = Departures {
        manifest: Some(Digest([1; 32])),
        ..Departures::default()
    };
    departed("archive.final", departures, Some("archived"), None);
}

#[test]
fn a_register_of_another_record() {
    let departures = Departures {
        first_leaf: Some(Digest([1; 32])),
        ..Departures::default()
    };
    departed("register.inclusion", departures, None, Some("register.json"));
    changed("register.inclusion", None, Some("register.json"), |_, files| {
        files.remove("register.json").expect("a register");
    });
}

#[test]
fn containers_may_lie_outside_and_are_noted() {
    let mut fixture = Fixture::long(Departures::default());
    let containers: Vec<Digest> = fixture
        .store
        .0
        .iter()
        .filter(|(_, b)| b.starts_with(b"CONCLAVE"))
        .map(|(d, _)| *d)
        .collect();
    assert_eq!(containers.len(), 3);
    fixture.external.extend(containers);
    let report = fixture.verify(&fixture.package(Profile::Full), &without_replay());
    assert_eq!(report.code, 0, "{}", report.text(Language::En));
    assert!(
        report
            .findings
            .iter()
            .any(|f| f.check == "blob.present" && f.detail.starts_with("3 blobs"))
    );
    assert_eq!(
        report.findings.iter().filter(|f| f.check == "part.key").count(),
        3,
        "not decrypted, and said so"
    );
}
