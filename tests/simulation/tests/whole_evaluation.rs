//! From sealed bids to an archive that anybody can verify, in one process.

use audit::anchors::Anchors;
use audit::checks::Checks;
use audit::{Verdict, verify};
use client::rehearsal::Seated;
use conclave_simulation::{Outcome, World, sample_folder};

fn run(seed: u64, loss: usize) -> (World, Outcome) {
    let mut world = World::sample(seed, loss).expect("the sample package is in the repository");
    match world.run() {
        Ok(outcome) => (world, outcome),
        Err((seat, error)) => panic!("seed {seed}, {loss} % lost: {seat}: {error}"),
    }
}

#[test]
fn the_sample_evaluation_is_sound_from_the_first_act_to_the_archive() {
    let (world, outcome) = run(1, 0);
    let anchors = Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");

    let report = verify(&outcome.full, Some(&anchors), &Checks::all());
    assert_eq!(
        report.verdict,
        Verdict::Sound,
        "{}",
        report.text(evaluation::Language::En)
    );
    let without = verify(&outcome.full, None, &Checks::all());
    assert_eq!(
        without.verdict,
        Verdict::OriginNotEstablished,
        "{}",
        without.text(evaluation::Language::En)
    );
    let public = verify(&outcome.public, Some(&anchors), &Checks::all());
    assert_eq!(
        public.verdict,
        Verdict::Sound,
        "{}",
        public.text(evaluation::Language::En)
    );
}

#[test]
fn the_result_is_the_one_worked_out_by_hand() {
    let (world, _) = run(2, 0);
    let Some(Seated::Desk(clerk, _)) = world.seats.get("clerk") else {
        panic!("there is a clerk")
    };
    let result = clerk.replica.state().result().expect("the record is archived");
    let expected = std::fs::read(sample_folder().join("expected.json")).expect("it lies beside the sample");
    let expected: serde_json::Value = serde_json::from_slice(&expected).expect("it is JSON");
    println!("{expected}");
    let totals: Vec<String> = result
        .outcome
        .ranking
        .iter()
        .map(|candidate| {
            let bid = &result.outcome.bidders[&candidate.bidder];
            format!(
                "{} {}",
                candidate.rank,
                bid.total.as_ref().expect("a ranked bid has a total").shown
            )
        })
        .collect();
    assert_eq!(totals, ["1 89.44", "2 82.10", "3 81.22"]);
}

#[test]
fn lost_calls_and_lost_answers_change_nothing() {
    let (world, outcome) = run(3, 10);
    let anchors = Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");
    let report = verify(&outcome.full, Some(&anchors), &Checks::all());
    assert_eq!(
        report.verdict,
        Verdict::Sound,
        "{}",
        report.text(evaluation::Language::En)
    );
}
