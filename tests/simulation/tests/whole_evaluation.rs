//! From sealed bids to an archive that anybody can verify, in one process.

mod support;

use audit::anchors::Anchors;
use audit::checks::Checks;
use audit::{Verdict, verify};
use conclave_simulation::{World, sample_folder};
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

#[test]
fn lost_calls_and_lost_answers_change_nothing() {
    let mut world = World::sample(3, 10).expect("the sample package is in the repository");
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}
