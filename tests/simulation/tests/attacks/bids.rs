//! Bids: copied and shifted wraps, ephemerals used twice, late, withdrawn, damaged, never unlocked.

use super::bidding;
use super::support::{
    act, assert_sound, bids_are_in, entered, finish, go, nobody, own_key, refusal, signed, totals, turns,
    world,
};
use client::bidding::{self as tool, CheckedBundle, SealedBid, SealedFiles, Step, check_bundle};
use client::checks::check_decrypt;
use client::rehearsal::Trouble;
use conclave_simulation::{Seeded, World};
use evaluation::PartOutcome;
use evaluation::acts::bids::wrap_context;
use evaluation::acts::ceremony::LOT_KEY;
use evaluation::acts::opening::{OpeningStarted, PartPartial, PartialReleased};
use evaluation::plan::OPENING;
use p256::elliptic_curve::sec1::{FromSec1Point, ToSec1Point};
use record::BlobRef;
use sealing::bid::{Mode, WrapFault};
use sealing::ceremony::{self, HolderShare, Receiver};
use sealing::provider::KeyProvider as _;
use std::sync::atomic::{AtomicU64, Ordering};

fn bundle(world: &World) -> CheckedBundle {
    let bidder = world.bidder("bidder-A");
    let bundle = nobody(world)
        .bundle(&world.cast.origin)
        .expect("the lot key is complete");
    check_bundle(&bundle, bidder.anchors.clone()).expect("the bundle is sound")
}

fn seal(world: &World, bundle: &CheckedBundle, label: &str) -> SealedFiles {
    let bidder = world.bidder("bidder-A");
    let random = &mut Seeded::new(5, label);
    tool::seal(bundle, &bidder.parts, &bidder.key, Mode::And, None, random).expect("parts fit the rulebook")
}

fn send(
    world: &World,
    bundle: &CheckedBundle,
    files: &SealedFiles,
    step: Step,
) -> Result<protocol::Acknowledged, client::ClientError> {
    static SENT: AtomicU64 = AtomicU64::new(0);
    let random = &mut Seeded::new(SENT.fetch_add(1, Ordering::SeqCst), "attack"); // an act id of its own
    let act = tool::prepare(bundle, &files.bid, step, world.clock.time(), random).expect("the bid is whole");
    entered(world, files, &act)
}

/// The wraps of one bid under the submission id and key of another.
fn copied(world: &World, bundle: &CheckedBundle) -> SealedFiles {
    let victim = seal(world, bundle, "victim");
    let own = seal(world, bundle, "attacker");
    SealedFiles {
        bid: SealedBid {
            parts: victim.bid.parts,
            ..own.bid
        },
        containers: victim.containers,
    }
}

/// E + G in place of E: a multiple of what the victim's bid hides would come back.
fn shift(enc: &mut [u8; 65]) {
    let point = p256::Sec1Point::from_bytes(&enc[..]).expect("a point");
    let point =
        p256::ProjectivePoint::from(p256::AffinePoint::from_sec1_point(&point).expect("on the curve"));
    let shifted = (point + p256::ProjectivePoint::GENERATOR)
        .to_affine()
        .to_sec1_point(false);
    enc.copy_from_slice(shifted.as_bytes());
}

fn share(world: &World, holder: u8) -> HolderShare {
    let name = format!("holder-{holder}");
    let client::rehearsal::Post::Holder(encryption) = &world.cast.seat(&name).expect("a holder").post else {
        panic!("{name} is no holder")
    };
    let provider = encryption.provider().expect("a P-256 key");
    let ceremony = world
        .desk(&name)
        .replica
        .state()
        .ceremony(LOT_KEY)
        .expect("a ceremony")
        .clone();
    let deals: Vec<_> = ceremony.deals.values().cloned().collect();
    let public = provider.public_key();
    let mut agree = |point: &[u8; 65]| provider.agree(&encryption.pin(), point);
    let me = Receiver {
        holder,
        public: &public,
    };
    let quorum = ceremony.setting.quorum().expect("2 of 3");
    ceremony::receive_shares(&ceremony.setting.context.0, quorum, me, &deals, &mut agree)
        .expect("honest deals")
}

#[test]
fn a_copied_wrap_is_refused_at_admission_and_by_a_holders_client() {
    let world = bidding();
    let bundle = bundle(&world);
    let files = copied(&world, &bundle);
    let before = world.size();
    assert_eq!(refusal(send(&world, &bundle, &files, Step::Submit)), "C-114");
    assert_eq!(world.size(), before);

    let share = share(&world, 1);
    let part = &files.bid.parts[0];
    let context = wrap_context(
        world.desk("holder-1").replica.state(),
        &files.bid.submission,
        &part.part,
    )
    .expect("a context");
    let none = Default::default();
    let partial =
        sealing::bid::partial_for_wrap(&share, &context, &part.wraps, &none, &mut Seeded::new(1, "p"));
    assert_eq!(partial.expect_err("a holder is no oracle"), WrapFault::Proof);
}

#[test]
fn a_shifted_wrap_is_refused_at_admission_and_by_a_holders_client() {
    let world = bidding();
    let bundle = bundle(&world);
    let mut files = seal(&world, &bundle, "shifted");
    let part = &mut files.bid.parts[0];
    shift(&mut part.wraps.quorum.enc);
    let before = world.size();
    assert_eq!(refusal(send(&world, &bundle, &files, Step::Submit)), "C-114");
    assert_eq!(world.size(), before);

    let part = &files.bid.parts[0];
    let context = wrap_context(
        world.desk("holder-1").replica.state(),
        &files.bid.submission,
        &part.part,
    )
    .expect("a context");
    let partial = sealing::bid::partial_for_wrap(
        &share(&world, 1),
        &context,
        &part.wraps,
        &Default::default(),
        &mut Seeded::new(1, "p"),
    );
    assert_eq!(partial.expect_err("a holder is no oracle"), WrapFault::Proof);
}

#[test]
fn an_ephemeral_is_used_once() {
    let mut world = world(12, |_| ());
    go(&mut world, bids_are_in);
    let bundle = bundle(&world);
    let files = seal(&world, &bundle, "own");
    send(&world, &bundle, &files, Step::Submit).expect("a bid like any other");
    let before = world.size();
    assert_eq!(
        refusal(send(&world, &bundle, &files, Step::Replace)),
        "C-115",
        "the same wraps again"
    );
    assert_eq!(world.size(), before);

    // A holder's client looks for itself.
    let part = &files.bid.parts[0];
    let context = wrap_context(
        world.desk("holder-1").replica.state(),
        &files.bid.submission,
        &part.part,
    )
    .expect("a context");
    let earlier = [part.wraps.ephemeral()].into();
    let partial = sealing::bid::partial_for_wrap(
        &share(&world, 1),
        &context,
        &part.wraps,
        &earlier,
        &mut Seeded::new(1, "p"),
    );
    assert_eq!(partial.expect_err("refused"), WrapFault::Reused);

    // The same bid under another's key is another's.
    let other = seal(&world, &bundle, "other");
    let stolen = SealedFiles {
        bid: SealedBid {
            submission_key: other.bid.submission_key,
            ..files.bid
        },
        containers: files.containers,
    };
    assert_eq!(refusal(send(&world, &bundle, &stolen, Step::Withdraw)), "C-108");

    // And after the deadline nothing comes in, neither act nor container.
    let late = seal(&world, &bundle, "late");
    let deadline = bundle.deadline();
    let early = seal(&world, &bundle, "uploaded in time");
    for container in early.containers.values() {
        nobody(&world)
            .bid_blob_put(&world.cast.origin, container)
            .expect("in time");
    }
    world.clock.set(deadline);
    let before = world.size();
    assert_eq!(refusal(send(&world, &bundle, &late, Step::Submit)), "C-116");
    let bare = SealedFiles {
        bid: early.bid,
        containers: Default::default(),
    };
    assert_eq!(refusal(send(&world, &bundle, &bare, Step::Submit)), "C-116");
    let after = world
        .stored_entries()
        .split_off(usize::try_from(before).expect("few"));
    let bids = after.iter().filter(
        |entry| matches!(&entry.leaf, record::Leaf::Header { header, .. } if header.kind.starts_with("bid.")),
    );
    assert_eq!(bids.count(), 0, "neither came in");
}

#[test]
fn a_withdrawn_bid_stays_shut() {
    let mut world = world(13, |_| ());
    go(&mut world, |world| world.state().opening(OPENING).is_some());
    turns(&mut world, 3);
    let withdrawn = world
        .state()
        .submissions()
        .iter()
        .find(|(_, s)| s.withdrawn)
        .map(|(id, _)| id.clone());
    let withdrawn = withdrawn.expect("one bid is withdrawn");
    let holder = world.desk("holder-1");
    super::support::checked(
        check_decrypt(&holder.replica, OPENING, &withdrawn, holder.now()),
        "withdrawn",
    );

    // A holder who would do it all the same is refused by the centre.
    let state = holder.replica.state();
    let wraps = state.submissions()[&withdrawn].parts["opening"].wraps.clone();
    let context = wrap_context(state, &withdrawn, "opening").expect("a context");
    let partial = sealing::bid::partial_for_wrap(
        &share(&world, 1),
        &context,
        &wraps,
        &Default::default(),
        &mut Seeded::new(1, "p"),
    )
    .expect("the wrap itself is good");
    let payload = PartialReleased {
        submission: withdrawn.clone(),
        partials: vec![PartPartial {
            part: "opening".to_owned(),
            partial,
        }],
    };
    let personal = own_key(&world, "holder-1");
    let before = world.size();
    let answer = signed(
        &mut world,
        "holder-1",
        "partial.released",
        OPENING,
        &payload,
        Some(&personal),
    );
    assert_eq!(refusal(answer), "C-108");
    assert_eq!(world.size(), before);

    let outcome = finish(&mut world);
    let shut = &world.state().submissions()[&withdrawn];
    assert!(shut.partials.is_empty() && shut.outcomes.is_empty() && shut.unlocked.is_empty());
    assert_sound(&world, &outcome);
}

#[test]
fn a_bidder_who_never_unlocks_fails_alone() {
    let mut world = world(14, |scenario| {
        scenario.unlock_window = 20_000;
        let last = scenario
            .bidders
            .iter_mut()
            .find(|bidder| bidder.seat == "bidder-D")
            .expect("four bidders");
        last.trouble = Trouble::NeverUnlocks;
    });
    let outcome = finish(&mut world);
    let failed = outcomes(&world)
        .into_iter()
        .filter(|outcome| outcome == "not_unlocked")
        .count();
    assert_eq!(failed, 1, "{:?}", outcomes(&world));
    assert_eq!(
        totals(&world),
        ["1 89.44", "2 82.10", "3 81.22"],
        "the others go on as they would have"
    );
    assert_sound(&world, &outcome);
}

/// Failures of the opening letters.
fn outcomes(world: &World) -> Vec<String> {
    let submissions = world.state().submissions().values();
    let failed = submissions.filter_map(|submission| match submission.outcomes.get("opening") {
        Some(PartOutcome::Failed(reason)) => Some(reason.clone()),
        _ => None,
    });
    failed.collect()
}

#[test]
fn a_damaged_container_fails_alone() {
    let mut world = world(15, |_| ());
    go(&mut world, bids_are_in);
    let bundle = bundle(&world);
    let mut files = seal(&world, &bundle, "damaged");
    for part in &mut files.bid.parts {
        let container = files.containers.get_mut(&part.part).expect("one a part");
        *container.last_mut().expect("not empty") ^= 1;
        part.container = BlobRef::of(container);
    }
    send(&world, &bundle, &files, Step::Submit).expect("nobody can see it yet");
    go(&mut world, |world| world.state().opening(OPENING).is_some());
    turns(&mut world, 1);
    let bidder = world.bidder("bidder-A");
    let random = &mut Seeded::new(6, "unlock");
    let unlocked = tool::unlock(
        &*nobody(&world),
        &bundle,
        &files.bid,
        &bidder.key,
        &[],
        world.clock.time(),
        random,
    );
    assert_eq!(unlocked.expect("it is being opened"), ["opening"]);
    let outcome = finish(&mut world);
    assert_eq!(outcomes(&world), ["damaged"]);
    assert_eq!(totals(&world), ["1 89.44", "2 82.10", "3 81.22"]);
    assert_sound(&world, &outcome);
}

#[test]
fn two_bidders_stop_the_procedure_before_any_decryption() {
    let mut world = world(16, |scenario| {
        scenario
            .bidders
            .retain(|bidder| ["bidder-A", "bidder-C"].contains(&bidder.seat.as_str()))
    });
    // Without a supervisor the evaluation is not ended either.
    world.switched_off.insert("supervisor".to_owned());
    go(&mut world, |world| world.state().deadline_reached().is_some());
    turns(&mut world, 12);
    let parts = OpeningStarted {
        parts: vec!["opening".to_owned()],
    };
    let before = world.size();
    assert_eq!(
        refusal(act(&mut world, "clerk", "opening.started", OPENING, &parts)),
        "C-118"
    );
    assert_eq!(
        (
            world.count("partial.released"),
            world.count("part.opened"),
            world.size()
        ),
        (0, 0, before)
    );
}
