//! Evaluations that end without a result: on the record's ground alone, by clerk and supervisor, and archived all the
//! same. What was not opened stays shut.

mod support;

use audit::anchors::Anchors;
use audit::{Checks, Replay, Report};
use client::checks::{check_decrypt, check_release};
use conclave_simulation::{Outcome, World};
use evaluation::acts::ending::{ENDING, EvaluationEnded, Ground};
use evaluation::acts::opening::OpeningStarted;
use evaluation::acts::review::StageControl;
use evaluation::acts::rounds::RoundOpened;
use evaluation::plan::OPENING;
use evaluation::{Language, Role};
use support::{act, checked, finish, go, refusal, world};

fn verify(world: &World, package: &[u8]) -> Report {
    let anchors = Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");
    audit::verify(package, Some(&anchors), &Checks::all())
}

/// Both packages are sound, say the ground, and a replay shows where it ended.
fn assert_ended(world: &World, outcome: &Outcome, ground: &str) {
    for package in [&outcome.full, &outcome.public] {
        let report = verify(world, package);
        let text = report.text(Language::En);
        assert_eq!(report.code, 0, "{text}");
        let said = format!("Ended without a result: {ground}");
        assert!(report.sentence.en.contains(&said), "{text}");
    }
    let package = audit::read(&outcome.full, audit::Limits::default()).expect("a package");
    let mut replay = Replay::new(&package);
    let steps = std::iter::from_fn(|| replay.step());
    let ended: Vec<_> = steps.filter(|step| step.kind == "evaluation.ended").collect();
    assert_eq!(ended.len(), 2, "clerk and supervisor");
    assert_eq!(ended[1].zh, "终止评标");
    assert!(
        ended[1]
            .changed
            .contains(&"ended without a result 0 -> 1".to_owned())
    );
}

fn ending(ground: Ground, count: u32, rule: &str) -> EvaluationEnded {
    EvaluationEnded {
        ground,
        count,
        minimum: 3,
        rule: rule.to_owned(),
    }
}

fn end(world: &mut World, seat: &str, ended: &EvaluationEnded) -> String {
    refusal(act(world, seat, "evaluation.ended", ENDING, ended))
}

#[test]
fn two_bids_at_the_deadline_end_it_before_any_decryption() {
    let mut world = world(41, |scenario| scenario.bidders.truncate(2));
    world.switched_off.insert("supervisor".to_owned());
    go(&mut world, |world| world.state().ending().contains(&Role::Clerk));
    assert!(world.state().ended().is_none(), "the clerk alone does not end it");
    world.switched_off = ["clerk".to_owned()].into();
    let countersigned = |world: &World| world.desk("supervisor").replica.state().ended().is_some();
    go(&mut world, countersigned);

    // What is left of the procedure is refused by the centre, and by the holders' own clients.
    let parts = OpeningStarted {
        parts: vec!["opening".to_owned()],
    };
    let started = act(&mut world, "clerk", "opening.started", OPENING, &parts);
    assert_eq!(refusal(started), "C-126");
    let submission = world.state().standing()[0].0.clone();
    let now = world.clock.time();
    let holder = world.desk_mut("holder-1");
    holder.sync().expect("the line is up");
    checked(
        check_decrypt(&holder.replica, OPENING, &submission, now),
        "ended without a result",
    );
    checked(
        check_release(&holder.replica, "conformity/1", now),
        "ended without a result",
    );

    world.switched_off.clear();
    let outcome = finish(&mut world);
    for kind in [
        "opening.started",
        "partial.released",
        "part.opened",
        "report.made",
    ] {
        assert_eq!(world.count(kind), 0, "{kind}");
    }
    let ground = "too few bids at the deadline: 2 of 3 needed (MIN-2, Ministry of Finance Order 87, Articles 41, 43 and 44)";
    assert_ended(&world, &outcome, ground);
}

#[test]
fn all_bids_rejected_end_it_and_nothing_else_ends_it_before() {
    let mut world = world(42, |scenario| {
        for member in &mut scenario.members {
            let bids = member.script.get_mut("conformity/1").expect("a conformity sheet");
            for cells in bids.values_mut() {
                cells.insert(
                    "c1".to_owned(),
                    ("fail".to_owned(), "不响应实质性要求".to_owned()),
                );
            }
        }
    });
    go(&mut world, |world| world.state().deadline_reached().is_some());

    // Four stand: whoever says otherwise is refused, in whatever words.
    let state = world.state().clone();
    assert_eq!(evaluation::acts::ending::ground(&state), None);
    for (ground, count, rule) in [
        (Ground::TooFewSubmissions, 2, "MIN-2"),
        (Ground::TooFewSubmissions, 4, "MIN-2"),
        (Ground::TooFewBidders, 2, "MIN-2"),
        (Ground::AllRejected, 0, "MIN-5"),
        (Ground::NoneReachesMinimum, 0, "minimum"),
    ] {
        assert_eq!(
            end(&mut world, "clerk", &ending(ground, count, rule)),
            "C-122",
            "{ground:?}"
        );
    }

    open_without_the_clerk(&mut world, "conformity/1");
    // The ground holds now: not for another ground, not for who may not, not for the supervisor alone.
    let right = ending(Ground::AllRejected, 0, "MIN-2");
    assert_eq!(
        evaluation::acts::ending::ground(world.state()),
        Some(right.clone())
    );
    let fewer = ending(Ground::TooFewConforming, 0, "MIN-2");
    assert_eq!(end(&mut world, "clerk", &fewer), "C-122");
    assert_eq!(end(&mut world, "purchaser", &right), "C-108");
    assert_eq!(end(&mut world, "supervisor", &right), "C-109");
    let elsewhere = act(&mut world, "clerk", "evaluation.ended", "scored/1", &right);
    assert_eq!(refusal(elsewhere), "C-102");
    let early = act(&mut world, "clerk", "stage.opened", "scored/1", &StageControl {});
    assert_eq!(refusal(early), "C-118");
    assert!(world.state().ending().is_empty() && world.state().ended().is_none());

    world.switched_off.clear();
    let outcome = finish(&mut world);
    assert_eq!(world.count("result.computed"), 0);
    let prices = world.state().submissions().values();
    assert!(
        prices
            .into_iter()
            .all(|bid| !bid.outcomes.contains_key("price") && !bid.partials.contains_key("price")),
        "prices stay shut"
    );
    let ground =
        "all bids are rejected: 0 of 3 needed (MIN-2, Ministry of Finance Order 87, Articles 41, 43 and 44)";
    assert_ended(&world, &outcome, ground);
}

/// The clerk's seat is off as soon as the round is closed, so that nobody goes on from its opening, which is sent here.
fn open_without_the_clerk(world: &mut World, instance: &'static str) {
    go(world, |world| {
        let round = world.state().round(instance);
        round.is_some_and(|round| round.countersigned.is_some())
    });
    world.switched_off.insert("clerk".to_owned());
    let released = |world: &World| {
        let state = world.desk("supervisor").replica.state();
        let threshold = state
            .ceremony(instance)
            .map_or(usize::MAX, |c| usize::from(c.setting.threshold));
        state
            .round(instance)
            .is_some_and(|round| round.shares.len() >= threshold)
    };
    go(world, released);
    let state = world.desk("supervisor").replica.state();
    let round = state.round(instance).expect("the round");
    let shares: Vec<(u8, [u8; 32])> = round
        .shares
        .iter()
        .map(|(index, share)| (*index, *share))
        .collect();
    let key = state.ceremony(instance).and_then(|c| c.key.clone());
    let combined = sealing::ceremony::combine(&key.expect("a key"), &shares).expect("enough true shares");
    let payload = RoundOpened {
        secret: record::Digest(combined.secret.reveal()),
    };
    act(world, "clerk", "round.opened", instance, &payload).expect("the shares are there");
    world.desk_mut("clerk").sync().expect("the line is up");
}
