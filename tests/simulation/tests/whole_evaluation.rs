//! From sealed bids to an archive that anybody can verify, in one process.

mod support;

use audit::anchors::Anchors;
use audit::checks::Checks;
use audit::{Verdict, verify};
use client::library::{WantedKind, wanted};
use conclave_simulation::{World, sample_folder};
use evaluation::Role;
use support::{assert_sound, finish, totals, world};

#[test]
fn the_sample_evaluation_is_sound_from_the_first_act_to_the_archive() {
    let mut world = world(1, |_| ());
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
    let anchors = Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");
    for (package, anchors, verdict) in [
        (&outcome.full, None, Verdict::OriginNotEstablished),
        (&outcome.public, Some(&anchors), Verdict::Sound),
    ] {
        let report = verify(package, anchors, &Checks::all());
        assert_eq!(
            report.verdict,
            verdict,
            "{}",
            report.text(evaluation::Language::En)
        );
    }

    // The tender's documents lie in both packages, as the first act names them.
    let state = world.desk("clerk").replica.state();
    let documents = &state.record().expect("it was created").documents;
    assert_eq!(documents.len(), 1);
    let published = std::fs::read(sample_folder().join("tender/tender.pdf")).expect("it lies in the sample");
    assert!(documents[0].blob.matches(&published));
    for package in [&outcome.full, &outcome.public] {
        let files = record::tar::decode(package, u64::MAX, usize::MAX).expect("a package is a canonical tar");
        let blob = format!("blobs/{}", documents[0].blob.digest);
        assert_eq!(files.get(&blob), Some(&published));
    }

    reading_is_for_those_to_whom_the_record_opens(&world);

    // The result is the one worked out by hand, which lies beside the sample.
    let expected = std::fs::read(sample_folder().join("expected.json")).expect("it lies beside the sample");
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("it is JSON");
    println!("{expected}");
    assert_eq!(totals(&world), ["1 89.44", "2 82.10", "3 81.22"]);

    // A start does not replay what ended; who asks for it gets the same package.
    world.start_centre().expect("it starts");
    let centre = world.centre().expect("it runs");
    assert_eq!(centre.at_hand(), 0);
    let clerk = world.link_as(&world.desk("clerk").author);
    let lines = clerk.record_list().expect("a list");
    assert_eq!(lines.len(), 1);
    assert!(lines[0].archived && lines[0].origin == world.cast.origin);
    assert_eq!(centre.at_hand(), 0, "saying whose it is replays nothing");
    let again = clerk.archive(&world.cast.origin, "full").expect("at hand again");
    assert_eq!(centre.at_hand(), 1);
    assert_eq!(again, outcome.full, "byte for byte");
}

/// A library is told to keep what the centre gives to its seat, in the order of reading.
fn reading_is_for_those_to_whom_the_record_opens(world: &World) {
    let clerk = world.desk("clerk");
    let parts = |role: Role| -> Vec<(String, String)> {
        let wanted = wanted(&clerk.replica, &[role]).into_iter();
        let part = wanted.filter_map(|wanted| match wanted.kind {
            WantedKind::Part { bidder, part } => Some((bidder, part)),
            WantedKind::Manifest | WantedKind::Tender { .. } => None,
        });
        part.collect()
    };
    assert!(wanted(&clerk.replica, &[]).is_empty());
    assert!(parts(Role::Technician).is_empty());
    let (all, expert) = (parts(Role::Clerk), parts(Role::Expert));
    assert!(all.iter().any(|(_, part)| part == "opening"));
    let without: Vec<_> = all
        .iter()
        .filter(|(_, part)| part != "opening")
        .cloned()
        .collect();
    assert_eq!(
        expert, without,
        "COM-12: the opening letter is not for the committee"
    );
    let mut sorted = expert.clone();
    sorted.sort_by_key(|(bidder, _)| bidder.clone());
    assert_eq!(expert, sorted, "bid by bid");
    let link = world.link_as(&clerk.author);
    let kinds: Vec<_> = wanted(&clerk.replica, &[Role::Clerk])
        .into_iter()
        .map(|wanted| {
            let bytes = link
                .blob_get(&world.cast.origin, &wanted.blob.digest)
                .expect("the centre gives it");
            assert!(wanted.blob.matches(&bytes));
            wanted.kind
        })
        .collect();
    assert!(
        matches!(&kinds[..2], [WantedKind::Manifest, WantedKind::Tender { file }] if file == "tender.pdf")
    );
}

#[test]
fn lost_calls_and_lost_answers_change_nothing() {
    let mut world = World::sample(3, 10).expect("the sample package is in the repository");
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}
