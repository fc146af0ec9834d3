//! Clocks that are wrong, and log witnesses that are down.

use super::support::{act, assert_sound, bid_acts, finish, go, kind, refusal, turns, world};
use conclave_simulation::World;
use evaluation::Role;
use evaluation::acts::opening::OpeningAllowed;
use evaluation::plan::OPENING;
use protocol::ErrorCode;
use std::sync::atomic::Ordering;

const WITNESSES: [&str; 3] = ["witness-centre", "witness-court", "witness-university"];

fn down(world: &mut World, names: &[&str]) {
    world.switched_off = names.iter().map(|name| (*name).to_owned()).collect();
}

#[test]
fn a_centre_ahead_of_the_witnesses_gets_no_cosignature() {
    let mut world = world(31, |_| ());
    go(&mut world, |world| {
        world.desk("clerk").replica.cosigned_size() > 3
    });
    turns(&mut world, 1);
    world.centre_ahead.store(60_000, Ordering::SeqCst);
    let before = world.desk("clerk").replica.cosigned_size();
    let size = world.size();
    turns(&mut world, 10);
    assert!(world.size() > size, "acts are taken");
    // What the witnesses cosigned before the clock jumped may still arrive; nothing of the time after it does.
    assert!(
        world.desk("clerk").replica.cosigned_size() <= size,
        "{before} {size}"
    );
    world.centre_ahead.store(0, Ordering::SeqCst);
    world.clock.advance(60_000);
    turns(&mut world, 3);
    assert!(
        world.desk("clerk").replica.cosigned_size() > size,
        "once the clock is right it goes on"
    );
}

#[test]
fn centre_time_never_goes_back() {
    let mut world = world(32, |_| ());
    for offset in [-3_000, 2_000, -4_000, 0] {
        turns(&mut world, 8);
        world.centre_ahead.store(offset, Ordering::SeqCst);
    }
    let outcome = finish(&mut world);
    let times: Vec<u64> = world
        .desk("clerk")
        .replica
        .entries()
        .iter()
        .map(|entry| entry.time)
        .collect();
    assert!(times.is_sorted());
    assert_eq!(world.state().last_time(), *times.last().expect("acts"));
    assert_sound(&world, &outcome);
}

#[test]
fn a_centre_far_behind_takes_nothing() {
    let mut world = world(33, |_| ());
    go(&mut world, |world| world.count("site.enrolled") > 0);
    world.desk_mut("clerk").sync().expect("the line stands");
    let last = world.state().last_time();
    world.centre_ahead.store(-3_600_000, Ordering::SeqCst);
    world.clock.advance(301_000);
    let site = evaluation::SiteId::new("elsewhere").expect("a site id");
    let payload = evaluation::acts::setup::SiteEnrolled {
        site,
        host: false,
        organisation: "示例丙县公共资源交易中心".to_owned(),
    };
    let size = world.size();
    assert_eq!(
        refusal(act(&mut world, "clerk", "site.enrolled", "", &payload)),
        "C-105"
    );
    assert_eq!((world.size(), world.state().last_time()), (size, last));
}

#[test]
fn one_log_witness_may_be_down_for_the_whole_evaluation() {
    let mut world = world(34, |_| ());
    down(&mut world, &["witness-court"]);
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}

#[test]
fn without_two_log_witnesses_there_is_neither_receipt_nor_release() {
    let mut world = world(35, |_| ());
    go(&mut world, |world| bid_acts(world) > 0);
    down(&mut world, &WITNESSES[..2]);
    go(&mut world, |world| bid_acts(world) == 7);
    let bidder = world.bidder("bidder-B");
    assert_eq!(kind(bidder.receipts()), ErrorCode::Waiting);
    world.switched_off.clear();
    turns(&mut world, 3);
    assert_eq!(
        world.bidder("bidder-B").receipts().expect("w cosignatures").len(),
        2
    );

    go(&mut world, |world| world.count("round.closed") == 1);
    down(&mut world, &WITNESSES[1..]);
    turns(&mut world, 12);
    assert_eq!(
        (world.count("round.countersigned"), world.count("share.released")),
        (1, 0)
    );
    let holder = world.desk("holder-1");
    super::support::checked(
        client::checks::check_release(&holder.replica, "conformity/1", holder.now()),
        "no checkpoint with enough cosignatures",
    );
    world.switched_off.clear();
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}

#[test]
fn a_missed_deadline_window_waits_for_clerk_and_supervisor() {
    let mut world = world(36, |_| ());
    go(&mut world, super::support::bids_are_in);
    turns(&mut world, 2);
    down(&mut world, &WITNESSES[..2]);
    let deadline = world.state().record().expect("created").deadline;
    world.clock.set(deadline);
    turns(&mut world, 1);
    world.clock.set(deadline + 15_000);
    // The clerk decides as soon as the window is missed; the supervisor is not there yet.
    down(&mut world, &["supervisor"]);
    turns(&mut world, 12);
    assert!(world.state().opening(OPENING).is_some(), "the clerk has started");
    assert!(!world.state().opening_allowed().contains(&Role::Supervisor));
    assert_eq!(world.count("partial.released"), 0, "one of the two is not enough");
    let submission = world.state().standing()[0].0.clone();
    let holder = world.desk("holder-1");
    super::support::checked(
        client::checks::check_decrypt(&holder.replica, OPENING, &submission, holder.now()),
        "clerk and supervisor must decide",
    );
    world.switched_off.clear();
    for seat in ["clerk", "supervisor"] {
        let role = if seat == "clerk" {
            Role::Clerk
        } else {
            Role::Supervisor
        };
        if !world.state().opening_allowed().contains(&role) {
            let reason = OpeningAllowed {
                reason: "见证节点断电，截止后恢复。".to_owned(),
            };
            act(&mut world, seat, "opening.allowed", OPENING, &reason).expect("it is theirs to decide");
        }
    }
    let outcome = finish(&mut world);
    assert_eq!(world.count("opening.allowed"), 2);
    assert_sound(&world, &outcome);
}

#[test]
fn holders_cut_off_at_the_deadline_still_learn_that_it_was_kept() {
    let mut world = world(37, |_| ());
    go(&mut world, super::support::bids_are_in);
    down(&mut world, &["holder-1", "holder-2", "holder-3"]);
    let deadline = world.state().record().expect("created").deadline;
    world.clock.set(deadline);
    turns(&mut world, 25);
    assert!(world.clock.time() > deadline + 15_000 && world.state().opening(OPENING).is_some());
    world.switched_off.clear();
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}
