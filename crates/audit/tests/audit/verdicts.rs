//! Exit codes: 0 sound, 1 not sound, 2 unusable, 3 origin not established, 4 unfinished.

use crate::fixture::{Departures, Fixture};
use crate::repack::{files, kind_of, reseal, without_replay};
use conclave_audit::{CheckOutcome, Checks, Limits, Profile, Verdict, build, verify, verify_within};
use evaluation::Language;

#[test]
fn a_record_that_goes_on_is_unfinished() {
    let fixture = Fixture::short(Departures::default());
    let report = fixture.verify(&fixture.package(Profile::Full), &Checks::all());
    assert_eq!(
        report.verdict,
        Verdict::Unfinished,
        "{}",
        report.text(Language::En)
    );
    assert!(report.replayed && !report.finished && report.development);
    assert_eq!(report.findings, [], "nothing to remark");
}

#[test]
fn an_archived_record_is_sound() {
    let fixture = Fixture::long(Departures::default());
    let report = fixture.verify(&fixture.package(Profile::Full), &without_replay());
    assert_eq!(report.code, 0, "{}", report.text(Language::En));
    assert!(report.finished);
    assert!(!report.replayed, "replay did not reach the end");
    let not_made: Vec<&str> = report
        .checks
        .iter()
        .filter(|check| !matches!(check.outcome, CheckOutcome::Passed))
        .map(|check| check.name.as_str())
        .collect();
    assert_eq!(
        not_made,
        ["replay", "round.sheets", "result"],
        "every other check had something to check"
    );
}

#[test]
fn replay_names_the_first_act_that_the_procedure_refuses() {
    let fixture = Fixture::long(Departures::default());
    let report = fixture.verify(&fixture.package(Profile::Full), &Checks::all());
    assert_eq!(report.code, 1);
    let errors: Vec<_> = report.errors().collect();
    let bid = fixture
        .log
        .entries
        .iter()
        .position(|entry| kind_of(entry) == "bid.submitted")
        .expect("a bid");
    assert_eq!(errors.len(), 1, "{}", report.text(Language::En));
    assert_eq!(
        (errors[0].check.as_str(), errors[0].index),
        ("replay", Some(bid as u64))
    );
    assert!(errors[0].detail.contains("C-109"), "{}", errors[0].detail);
}

#[test]
fn without_anchors_the_origin_is_not_established() {
    let fixture = Fixture::short(Departures::default());
    let report = verify(&fixture.package(Profile::Full), None, &Checks::all());
    assert_eq!(
        report.verdict,
        Verdict::OriginNotEstablished,
        "{}",
        report.text(Language::En)
    );
    assert_eq!(report.code, 3);
}

#[test]
fn raw_truncation_is_unusable_at_every_length() {
    let fixture = Fixture::short(Departures::default());
    let package = fixture.package(Profile::Full);
    for length in (0..package.len())
        .step_by(257)
        .chain([package.len() - 1, package.len() - 512])
    {
        let report = fixture.verify(&package[..length], &Checks::all());
        assert_eq!(report.code, 2, "{length} bytes: {:?}", report.findings);
    }
}

#[test]
fn what_is_no_package_is_unusable() {
    let fixture = Fixture::short(Departures::default());
    for bytes in [&b""[..], b"PK\x03\x04", &[0; 1024], &[0xff; 4096]] {
        let report = fixture.verify(bytes, &Checks::all());
        assert_eq!(report.code, 2);
        assert!(report.unusable.is_some());
    }
}

#[test]
fn limits_bound_the_reader() {
    let fixture = Fixture::short(Departures::default());
    let package = fixture.package(Profile::Full);
    for limits in [
        Limits {
            total: 1000,
            files: 100,
        },
        Limits {
            total: 1 << 30,
            files: 3,
        },
    ] {
        let report = verify_within(&package, None, &Checks::all(), limits);
        assert_eq!(report.code, 2, "{limits:?}");
    }
}

#[test]
fn a_record_cut_at_the_end_is_never_sound() {
    let fixture = Fixture::long(Departures::default());
    // Everything recomputed by somebody who holds every key.
    for size in 1..fixture.size() {
        let package = build(&fixture.parts(size), Profile::Full).expect("builds");
        let report = fixture.verify(&package, &without_replay());
        // Before the deadline's acts some checks have less to say; it is unfinished or contradicts.
        assert!(
            [1, 4].contains(&report.code),
            "{size}: {}",
            report.text(Language::En)
        );
    }
    let all_but_archived = build(&fixture.parts(fixture.size() - 1), Profile::Full).expect("builds");
    assert_eq!(fixture.verify(&all_but_archived, &without_replay()).code, 4);
    // Only the entry cut off, the checkpoint left: a contradiction.
    let mut cut = files(&fixture.package(Profile::Full));
    cut.remove(&format!("entries/{:08}.json", fixture.size() - 1))
        .expect("the last entry");
    assert_eq!(fixture.verify(&reseal(cut), &without_replay()).code, 1);
}

#[test]
fn building_twice_gives_the_same_bytes() {
    for profile in [Profile::Full, Profile::Public] {
        let fixture = Fixture::long(Departures::default());
        assert_eq!(fixture.package(profile), fixture.package(profile));
    }
}

#[test]
fn the_text_names_verdict_checks_and_findings() {
    let fixture = Fixture::long(Departures {
        distinct: Some(2),
        ..Departures::default()
    });
    let report = fixture.verify(&fixture.package(Profile::Full), &without_replay());
    let (zh, en) = (report.text(Language::ZhCn), report.text(Language::En));
    assert!(
        zh.starts_with("不可信") && en.starts_with("Not sound"),
        "{zh}\n{en}"
    );
    for text in [&zh, &en] {
        assert!(Checks::names().all(|name| text.contains(name)));
        assert!(text.contains("records 2 distinct bidders, there are 3"));
    }
    let json: conclave_audit::Report = serde_json::from_str(&report.to_json()).expect("a report");
    assert_eq!(json, report);
}
