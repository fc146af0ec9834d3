//! Two histories: shown to a client, to a bidder, to a log witness.

use super::bidding;
use super::support::{bid_acts, bids_are_in, checked, entered, go, nobody, unsound, world};
use client::Replica;
use client::bidding::check_bundle;
use client::rehearsal::Seated;
use conclave_simulation::World;
use protocol::Bundle;
use record::{Checkpoint, Digest, SignedCheckpoint, VerifierKey, origin_line, sign_checkpoint};
use std::time::Duration;

fn bundle(world: &World) -> Bundle {
    nobody(world)
        .bundle(&world.cast.origin)
        .expect("the lot key is complete")
}

/// A checkpoint that the centre itself signed, over whatever it likes.
fn forged_note(world: &World, size: u64, root: Digest) -> SignedCheckpoint {
    let log = world.cast.log.unlock_ed25519().expect("the centre's own key");
    let key: VerifierKey = world.bidder("bidder-A").anchors.log_key.clone();
    let checkpoint = Checkpoint {
        origin: origin_line(&world.cast.origin),
        size,
        root,
    };
    sign_checkpoint(&checkpoint, &key, |message| log.sign(message)).expect("it signs")
}

#[test]
fn a_checkpoint_with_another_root_stops_the_client() {
    let world = bidding();
    let bundle = bundle(&world);
    let anchors = world.bidder("bidder-A").anchors.clone();
    let size = bundle.entries.len() as u64;
    let note = forged_note(&world, size, Digest([3; 32])).format();
    let rulebook =
        base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &bundle.rulebook).expect("base64");
    let mut replica = Replica::new(world.cast.origin, anchors.clone());
    unsound(
        replica.take_bundle(&bundle.entries, &[], &note, rulebook),
        "two histories",
    );
    unsound(check_bundle(&Bundle { note, ..bundle }, anchors), "two histories");
}

#[test]
fn a_checkpoint_without_a_quorum_seals_nothing() {
    let world = bidding();
    let bundle = bundle(&world);
    let anchors = world.bidder("bidder-A").anchors.clone();
    let note = SignedCheckpoint::parse(bundle.note.as_bytes()).expect("a note");
    let bare = forged_note(&world, note.checkpoint().size, note.checkpoint().root).format();
    checked(
        check_bundle(&Bundle { note: bare, ..bundle }, anchors),
        "not cosigned",
    );
}

#[test]
fn a_fork_is_caught_by_log_witnesses_and_clients() {
    let mut world = world(21, |_| ());
    go(&mut world, |world| bid_acts(world) > 0);
    let backup = world.back_up();
    let then = world.size();
    go(&mut world, bids_are_in);
    for _ in 0..3 {
        world.round().expect("cosignatures arrive");
    }
    let seen = world.desk("clerk").replica.cosigned_size();
    assert!(seen > then + 7);

    // The centre goes on from an old copy with other bids, and shows that as the record.
    world.put_back(&backup).expect("the old copy is whole");
    let bundle = check_bundle(&bundle(&world), world.bidder("bidder-A").anchors.clone())
        .expect("sound as far as it goes");
    for number in 0.. {
        if world.size() > seen {
            break;
        }
        let bidder = world.bidder("bidder-C");
        let random = &mut conclave_simulation::Seeded::new(number, "fork");
        let files = client::bidding::seal(
            &bundle,
            &bidder.parts,
            &bidder.key,
            sealing::bid::Mode::And,
            None,
            random,
        )
        .expect("sealed");
        let act = client::bidding::prepare(
            &bundle,
            &files.bid,
            client::bidding::Step::Submit,
            world.clock.time(),
            random,
        )
        .expect("an act");
        entered(&world, &files, &act).expect("the centre takes it");
    }
    assert!(world.size() > seen);
    for name in ["witness-centre", "witness-court", "witness-university"] {
        let Some(Seated::LogWitness(witness)) = world.seats.get_mut(name) else {
            panic!("{name} is a log witness")
        };
        unsound(witness.round(Duration::ZERO), "two histories");
    }
    unsound(world.desk_mut("clerk").sync(), "");
    unsound(world.desk_mut("holder-1").sync(), "");
}
