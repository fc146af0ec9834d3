//! A whole evaluation with a clerk who only does what the window offers, and what the windows show on the way.

mod support;

use audit::anchors::Anchors;
use client::Desk;
use client::rehearsal::{Post, Seated};
use client::roles::clerk::{ClerkSeat, save_package};
use client::roles::result::{Locator, derivation, result_view};
use client::roles::timeline::{Covered, TimelineIndex, act_detail};
use client::roles::verifier::VerifierSeat;
use conclave_simulation::{World, sample_folder};
use protocol::window::{
    CheckState, ClerkView, Derivation, HallState, HallView, ResultView, StepState, TimelineQuery, VerdictKind,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use support::world;

fn json(path: &Path) -> serde_json::Value {
    let bytes = std::fs::read(path).expect("it lies in the sample");
    serde_json::from_slice(&bytes).expect("it is JSON")
}

/// Views as fixtures, where they are asked for.
fn dump(name: &str, view: &impl serde::Serialize) {
    if std::env::var_os("CONCLAVE_DUMP_VIEWS").is_none() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/views");
    std::fs::create_dir_all(&folder).expect("a folder under target");
    let bytes = serde_json::to_vec_pretty(view).expect("views are JSON");
    std::fs::write(folder.join(format!("{name}.json")), bytes).expect("a file under target");
}

fn desk(world: &mut World) -> &mut Desk {
    match world.seats.get_mut("clerk") {
        Some(Seated::Desk(desk, _)) => desk,
        _ => panic!("the clerk has a desk"),
    }
}

fn seat(world: &World) -> ClerkSeat {
    match &world.cast.seat("clerk").expect("there is a clerk").post {
        Post::Clerk(plan) => ClerkSeat::new(Some((**plan).clone())),
        _ => panic!("the clerk's seat has a plan"),
    }
}

/// Every reason that a member writes: none may stand on a board.
fn reasons() -> BTreeSet<String> {
    fn walk(value: &serde_json::Value, found: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(members) => {
                if let Some(reason) = members.get("reason").and_then(|reason| reason.as_str()) {
                    found.insert(reason.to_owned());
                }
                members.values().for_each(|value| walk(value, found));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    let scores = json(&sample_folder().join("scores.json"));
    let mut found = BTreeSet::new();
    walk(&scores["conformity"], &mut found);
    walk(&scores["scores"], &mut found);
    found.retain(|reason| !reason.is_empty());
    found
}

/// What was seen on the way.
#[derive(Default)]
struct Seen {
    before_deadline_with_bids: bool,
    actions: BTreeSet<String>,
    last_hall: Option<HallView>,
}

/// Runs until the record is archived: the clerk looks, and takes the first thing that is offered.
fn run(world: &mut World, clerk: &mut ClerkSeat, seen: &mut Seen) {
    let reasons = reasons();
    for _ in 0..1_000 {
        let mut acted = match world.round() {
            Ok(acted) => acted,
            Err((seat, error)) => panic!("{seat}: {error}"),
        };
        let bids = support::bid_acts(world);
        let desk = desk(world);
        let _ = desk.sync(); // before the record there is nothing to read
        let (view, hall) = (clerk.view(desk), clerk.hall(desk));
        seen.before_deadline_with_bids |= bids > 0 && hall.state == HallState::Before;
        look(desk, &view, &hall, &reasons, seen);
        if view.archived.is_some() {
            return;
        }
        let offer = view.offers.iter().find(|offer| offer.why_not.is_none());
        if let Some(action) = offer.map(|offer| offer.action.clone()) {
            let name = action.split(':').next().expect("a name").to_owned();
            if let Err(error) = clerk.step(desk, &action) {
                // The centre may wait for its log witnesses; whatever else is wrong is a fault.
                assert!(error.is_passing(), "{action}: {error}");
            } else {
                seen.actions.insert(name);
                acted = true;
            }
        }
        if !acted {
            world.clock.advance(2_000);
        }
    }
    panic!("stuck: {:?}", world.last_acts(10));
}

fn look(desk: &Desk, view: &ClerkView, hall: &HallView, reasons: &BTreeSet<String>, seen: &mut Seen) {
    let state = desk.replica.state();
    if state.deadline_reached().is_none() {
        assert!(hall.bids.is_empty(), "nothing of a bid shows before the deadline");
        if state.record().is_some() {
            assert_eq!(hall.state, HallState::Before);
        }
    }
    let board = serde_json::to_string(&view.rounds).expect("views are JSON");
    for reason in reasons {
        assert!(
            !board.contains(reason.as_str()),
            "a board shows a member's reason"
        );
    }
    if state.opening_recorded() && seen.last_hall.is_none() {
        seen.last_hall = Some(hall.clone());
        dump("hall", hall);
        dump("clerk", view);
    }
}

/// Every figure of the result, down to what stands in the record or the rulebook.
fn leaves(result: &ResultView, of: &dyn Fn(&str) -> Option<Derivation>) -> usize {
    let rows = result.rows.iter().flat_map(|row| {
        let criteria = row.criteria.iter().flatten();
        criteria
            .chain(&row.technical)
            .chain(&row.price)
            .chain(&row.price_points)
            .chain(&row.total)
    });
    let figures: Vec<_> = rows.chain(&result.price_base).collect();
    let mut open: Vec<String> = figures.iter().map(|figure| figure.node.clone()).collect();
    for figure in figures {
        let derived = of(&figure.node).expect("every figure is derived");
        assert!(derived.shown.ends_with(&figure.shown), "{}", figure.node);
    }
    let (mut done, mut found) = (BTreeSet::new(), 0);
    while let Some(node) = open.pop() {
        if !done.insert(node.clone()) {
            continue;
        }
        for input in of(&node).expect("every node is derived").inputs {
            match (input.node, input.act) {
                (Some(node), _) => open.push(node),
                (None, Some(_)) => found += 1,
                (None, None) => assert!(input.label.en.contains("rulebook"), "{:?}", input.label),
            }
        }
    }
    found
}

/// Totals by name, as worked out by hand beside the sample.
fn expected() -> BTreeMap<String, String> {
    let expected = json(&sample_folder().join("expected.json"));
    let bids = expected["bids"].as_object().expect("bids");
    let totals = bids.iter().filter_map(|(bid, numbers)| {
        let statement = json(&sample_folder().join(format!("bids/{bid}/opening.statement.json")));
        let name = statement["identity"]["name"].as_str()?.to_owned();
        Some((name, numbers["total"].as_str()?.to_owned()))
    });
    totals.collect()
}

fn totals(result: &ResultView) -> BTreeMap<String, String> {
    let rows = result.rows.iter().filter(|row| row.rank.is_some());
    rows.filter_map(|row| Some((row.name.clone(), row.total.as_ref()?.shown.clone())))
        .collect()
}

#[test]
fn a_clerk_who_does_what_is_offered_brings_a_sound_result_and_every_window_says_so() {
    let mut world = world(1, |_| ());
    let mut clerk = seat(&world);
    world.switched_off.insert("clerk".to_owned());
    let stray = clerk.step(desk(&mut world), "create_record");
    assert!(stray.is_err(), "no record without a chosen package");
    let package = clerk.package(&sample_folder().join("tender"));
    assert!(package.usable && !package.documents.is_empty() && package.stages.len() == 6);
    dump("package", &package);

    let mut seen = Seen::default();
    run(&mut world, &mut clerk, &mut seen);
    assert!(
        seen.before_deadline_with_bids,
        "bids were in while the hall showed none"
    );
    let wanted = "create_record set_up define_lot_key declare_ingest_key seat_members open_draw start_opening \
                  open_next record_opening open_stage close_stage define_round open_round enter_prices \
                  compute_result make_report archive";
    assert_eq!(
        seen.actions,
        wanted.split_whitespace().map(str::to_owned).collect()
    );
    hall(&seen.last_hall.expect("there was an opening"));
    let saved = record(&mut world, &clerk);
    verifier(&world, &saved);
}

fn hall(hall: &HallView) {
    assert_eq!((hall.state, hall.bids.len()), (HallState::Recorded, 5));
    for bid in &hall.bids {
        assert_eq!(bid.withdrawn, bid.name.is_empty(), "a withdrawn bid stays shut");
        assert_eq!(bid.opened, !bid.withdrawn);
        let guarantee = bid.readout.iter().any(|(_, value)| value.ends_with("CNY"));
        let validity = bid
            .readout
            .iter()
            .any(|(label, days)| label.en == "Validity (days)" && !days.is_empty());
        assert_eq!((guarantee, validity), (bid.opened, bid.opened));
        assert!(
            bid.readout.iter().all(|(label, _)| label.en != "Price"),
            "prices are shut"
        );
    }
}

/// The clerk's own record: path, result, time line; the saved package.
fn record(world: &mut World, clerk: &ClerkSeat) -> std::path::PathBuf {
    let folder = world.folder("clerk");
    for _ in 0..20 {
        let _ = world.round();
    }
    let desk = desk(world);
    desk.sync().expect("the centre answers");
    let view = clerk.view(desk);
    assert!(
        view.steps.iter().all(|step| step.state == StepState::Done),
        "{:?}",
        view.steps
    );
    let saved = save_package(desk, "full", &folder).expect("there is a package");
    assert!(
        save_package(desk, "full", &folder).is_err(),
        "nothing is overwritten"
    );

    let state = desk.replica.state();
    let (book, result) = (
        state.rulebook().expect("a rulebook"),
        state.result().expect("a result"),
    );
    let locator = Locator::of(desk.replica.entries());
    let names = |bidder: &str| {
        let hall = clerk.hall(desk);
        let bidders = state.bidders().keys();
        let place = bidders.into_iter().position(|known| known.as_str() == bidder);
        let named: Vec<_> = hall.bids.iter().filter(|bid| bid.opened).collect();
        place.map(|place| named[place].name.clone()).unwrap_or_default()
    };
    let shown = result_view(book, &result.outcome, &result.blob.digest.to_string(), &names);
    assert_eq!(totals(&shown), expected());
    let found = leaves(&shown, &|node| {
        derivation(&result.outcome, node, &|at| locator.locate(at))
    });
    assert!(found > 100, "{found} inputs stand in the record");

    let mut index = TimelineIndex::new();
    index.update(desk.replica.entries(), state);
    let witnessed = desk.replica.cosigned_size();
    let sealed = index.page(
        &TimelineQuery {
            count: 1_000,
            words: "Sheet sealed scored/1".to_owned(),
            ..TimelineQuery::default()
        },
        witnessed,
    );
    assert_eq!(
        (sealed.matching, sealed.total),
        (5, desk.replica.entries().len() as u64)
    );
    assert!(sealed.acts.iter().all(|act| act.actor.en.starts_with("Member ")));
    let covered = Covered { state, witnessed };
    let detail = act_detail(&index, desk.replica.entries(), covered, sealed.acts[0].index).expect("an act");
    let failed = detail
        .checks
        .iter()
        .filter(|check| check.state == CheckState::Failed);
    assert_eq!(failed.count(), 0);
    assert_eq!(
        detail.checks[2].state,
        CheckState::Passed,
        "it is included: {:?}",
        detail.checks
    );
    dump("result", &shown);
    dump("act", &detail);
    saved
}

fn verifier(world: &World, saved: &Path) {
    let anchors = saved.with_extension("anchors.json");
    std::fs::write(&anchors, &world.cast.anchors).expect("a file beside it");
    Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");
    let mut seat = VerifierSeat::new();
    let mut stages = 0;
    let report = seat
        .open_package(saved, Some(&anchors), &mut |_| stages += 1)
        .expect("it can be read");
    assert_eq!((report.verdict, report.code, stages), (VerdictKind::Sound, 0, 4));
    assert!(report.has_result && report.development && report.checks.len() > 20);
    let result = seat.result().expect("a full package has its result");
    assert_eq!(totals(&result), expected());
    assert!(leaves(&result, &|node| seat.derivation(node)) > 100);
    let all = seat.timeline(&TimelineQuery {
        count: 1_000,
        ..TimelineQuery::default()
    });
    assert_eq!(
        (all.total, all.acts.len() as u64),
        (report.entries, report.entries.min(500))
    );
    assert!(
        all.acts.iter().all(|act| act.actor.en != "unknown"),
        "everybody is known by role"
    );
    let detail = seat.act_detail(all.acts[3].index).expect("an act");
    assert!(
        detail
            .checks
            .iter()
            .take(3)
            .all(|check| check.state == CheckState::Passed)
    );
    dump("report", &report);
    dump("timeline", &all);

    // One bit of a signed body: not sound. Cut off: no package; and in no case a panic.
    let whole = std::fs::read(saved).expect("it was saved");
    let broken = saved.with_extension("broken");
    let mut bytes = whole.clone();
    let entry = bytes
        .windows(11)
        .position(|at| at == b"\"signature\"")
        .expect("entries are JSON");
    bytes[entry + 20] ^= 1;
    std::fs::write(&broken, &bytes).expect("a file beside it");
    let report = seat
        .open_package(&broken, Some(&anchors), &mut |_| ())
        .expect("it can be read");
    assert_eq!(report.verdict, VerdictKind::NotSound);
    let found: u64 = report.checks.iter().map(|check| check.found).sum();
    assert_eq!(
        found,
        report.findings.len() as u64,
        "each finding is some check's"
    );
    let mut failed = report
        .checks
        .iter()
        .filter(|check| check.state == CheckState::Failed);
    assert!(
        failed.all(|check| check.found > 0),
        "a check fails by what it found"
    );
    std::fs::write(&broken, &whole[..whole.len() / 3]).expect("a file beside it");
    let report = seat
        .open_package(&broken, Some(&anchors), &mut |_| ())
        .expect("it can be read");
    assert_eq!(report.verdict, VerdictKind::Unusable);
    assert!(seat.result().is_none() && seat.timeline(&TimelineQuery::default()).total == 0);
    assert!(
        seat.open_package(&saved.with_extension("none"), None, &mut |_| ())
            .is_err()
    );
}
