//! Before the deadline nobody but the operator can count bids: entries of bids are equally long whether there are
//! bids or not, and nothing tells their leaves from cover (COM-16, protocol 5).

mod support;

use centre::LEAVES_PER_ENTRY;
use conclave_simulation::World;
use record::Leaf;
use support::{bid_acts, finish, go, turns, world};

/// Types of the leaves that enter with cover, grouped by the centre time they share, as the centre knows them.
fn entries(world: &World) -> Vec<(u64, Vec<String>)> {
    let mut entries: Vec<(u64, Vec<String>)> = Vec::new();
    for entry in world.stored_entries() {
        let Leaf::Header { header, .. } = &entry.leaf else {
            continue;
        };
        let with_cover = header.kind.starts_with("bid.") || header.kind.starts_with("observation.");
        if !with_cover {
            continue;
        }
        match entries.last_mut() {
            Some((time, kinds)) if *time == entry.time => kinds.push(header.kind.clone()),
            _ => entries.push((entry.time, vec![header.kind.clone()])),
        }
    }
    entries
}

/// Runs until bids were taken for a while, before the deadline.
fn taking(seed: u64, bidders: usize) -> World {
    let mut world = world(seed, |scenario| scenario.bidders.truncate(bidders));
    go(&mut world, |world| bid_acts(world) >= bidders);
    turns(&mut world, 40);
    assert!(world.state().deadline_reached().is_none(), "bids are still taken");
    world
}

/// Entries are of one length, end in cover, and come at moments that depend on the clock and the deadline alone.
fn assert_even(world: &World) {
    let entries = entries(world);
    let bidding = |kinds: &[String]| kinds.iter().any(|kind| kind.starts_with("bid."));
    assert!(entries.iter().any(|(_, kinds)| bidding(kinds)));
    let without = entries.iter().filter(|(_, kinds)| !bidding(kinds));
    assert!(without.count() >= 5, "cover is entered with nothing to cover");
    for (time, kinds) in &entries {
        assert_eq!(kinds.len(), LEAVES_PER_ENTRY, "at {time}: {kinds:?}");
        assert_eq!(kinds.last().map(String::as_str), Some("observation.cover"));
    }
    let deadline = world.state().record().expect("a record").deadline;
    for pair in entries.windows(2) {
        let gap = pair[1].0 - pair[0].0;
        let due = centre::interval(deadline - pair[0].0);
        assert!(gap + 1_000 >= due, "{gap} ms after an entry, {due} ms were due");
    }
}

#[test]
fn no_seat_can_tell_bids_from_cover_before_the_deadline() {
    let mut world = taking(503, 3);
    assert_even(&world);
    let first = world
        .stored_entries()
        .iter()
        .position(
            |entry| matches!(&entry.leaf, Leaf::Header { header, .. } if header.kind == "observation.cover"),
        )
        .expect("there is cover");
    for seat in ["clerk", "supervisor", "holder-1", "holder-2"] {
        for entry in &world.desk(seat).replica.entries()[first..] {
            if let Leaf::Header { header, .. } = &entry.leaf {
                let hidden = header.kind.starts_with("bid.") || header.kind.starts_with("observation.");
                assert!(!hidden, "{seat} sees {} at {}", header.kind, entry.index);
            }
        }
    }
    go(&mut world, |world| world.state().deadline_reached().is_some());
    for _ in 0..9 {
        let nonsense = serde_json::json!({ "no": "site" });
        support::refusal(support::act(&mut world, "clerk", "site.enrolled", "", &nonsense));
    }
    let outcome = finish(&mut world);
    support::assert_sound(&world, &outcome);

    // Afterwards everybody sees which was which.
    let bids = world.count("bid.submitted") + world.count("bid.replaced") + world.count("bid.withdrawn");
    assert_eq!(bids, bid_acts(&world));
    assert!(world.count("observation.cover") > bids);

    // Refusals are in the record, many in few leaves.
    let bodies = world.stored_entries();
    let bodies = bodies
        .iter()
        .filter_map(|entry| record::Body::parse(&entry.disclosed.as_ref()?.body).ok());
    let refused: Vec<_> = bodies
        .filter(|body| body.core.kind == "observation.refused")
        .map(|body| body.core.payload)
        .filter(|payload| payload["kind"] == "site.enrolled")
        .collect();
    let clerk = serde_json::json!(world.desk("clerk").author.public());
    assert!(refused.iter().all(|payload| payload["actor"] == clerk));
    assert_eq!(
        refused
            .iter()
            .filter_map(|payload| payload["count"].as_u64())
            .sum::<u64>(),
        9
    );
    assert!(refused.len() <= 2);
}

#[test]
fn what_came_before_the_deadline_is_entered_even_if_its_entry_was_due_after() {
    let world = taking(504, 1);
    assert_even(&world);
    let deadline = world.state().record().expect("a record").deadline;
    world.clock.advance(deadline - 10 - world.clock.time());
    let (files, act) = support::fresh_bid(&world, 7);
    let link = support::nobody(&world);
    client::bidding::upload(&*link, &world.cast.origin, &files).expect("not late");
    let first = client::bidding::enter(&*link, &world.cast.origin, &act);
    assert_eq!(support::kind(first.map(|_| ())), protocol::ErrorCode::Waiting);
    world.clock.advance(5_000);
    world
        .centre()
        .expect("it runs")
        .tick()
        .expect("its store is whole");
    client::bidding::enter(&*link, &world.cast.origin, &act).expect("it is in the record");
    let (late, act) = support::fresh_bid(&world, 8);
    assert!(late.bid.submission != files.bid.submission);
    assert_eq!(
        support::refusal(client::bidding::enter(&*link, &world.cast.origin, &act).map(|_| ())),
        "C-116",
        "what came after is late"
    );
}
