//! Records that depart from a sound one with every signature made over the departure.

use crate::fixture::{Departures, Fixture};
use crate::mutations::{changed, departed, index_of, only};
use crate::repack::{Store, without_replay};
use conclave_audit::{Checks, Profile};
use evaluation::Language;
use record::Digest;

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
