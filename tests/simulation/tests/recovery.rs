//! What a restored centre gets back above the highest cosigned checkpoint, what becomes of the rest at those who had
//! seen it, and blobs that were lost with the disk (protocol 2, Restore).

mod support;

use client::rehearsal::Seated;
use conclave_simulation::{Backup, World};
use evaluation::SiteId;
use evaluation::acts::archive::{LostLeaves, Recovered};
use evaluation::acts::setup::SiteEnrolled;
use protocol::{ErrorCode, HeldBlobs, LeafReturn, ReturnedLeaves};
use record::{Checkpoint, Digest, Entry, Leaf, Tree, origin_line, sign_checkpoint};
use sealing::sign::SigningKeyPair;
use support::{
    act, assert_sound, bids_are_in, finish, go, kind, leaves, return_window, turns, unsound, world,
};

fn names(world: &World, of: impl Fn(&Seated) -> bool) -> Vec<String> {
    let seats = world.seats.iter().filter(|(_, seat)| of(seat));
    seats.map(|(name, _)| name.clone()).collect()
}

fn log_witnesses(world: &World) -> Vec<String> {
    names(world, |seat| matches!(seat, Seated::LogWitness(_)))
}

/// An evaluation at rest with everything cosigned, a copy of its disk, and three acts of the clerk's behind it that no
/// log witness has seen.
fn with_a_tail(seed: u64) -> (World, Backup, u64) {
    let mut world = world(seed, |_| ());
    go(&mut world, |world| world.state().committee().leader.is_some());
    while world.desk("clerk").replica.cosigned_size() < world.size() {
        world.round().expect("cosignatures arrive");
    }
    let cosigned = world.size();
    let backup = world.back_up();
    world.switched_off = log_witnesses(&world).into_iter().collect();
    for number in 1..=3 {
        enrol(&mut world, number);
        if number == 1 {
            world.desk_mut("holder-1").sync().expect("the line stands");
        }
    }
    world.desk_mut("clerk").sync().expect("the line stands");
    assert_eq!(world.size(), cosigned + 3);
    (world, backup, cosigned)
}

/// The clerk enrols a site, through the outbox.
fn enrol(world: &mut World, number: usize) {
    let payload = SiteEnrolled {
        site: SiteId::new(format!("elsewhere-{number}")).expect("a site id"),
        host: false,
        organisation: format!("示例第{number}公共资源交易中心"),
    };
    let desk = world.desk_mut("clerk");
    desk.sync().expect("the line stands");
    let sent = desk.act(client::author::Draft {
        kind: "site.enrolled",
        instance: "",
        payload: &payload,
        attachments: Vec::new(),
        personal: None,
    });
    assert!(
        matches!(sent, Ok(client::desk::Sent::Acknowledged(_))),
        "{sent:?}"
    );
}

/// What the first act of recovery in a seat's copy says.
fn recovered(world: &World, seat: &str) -> Option<Recovered> {
    let entries = world.desk(seat).replica.entries().iter();
    let mut bodies = entries.filter_map(|entry| record::Body::parse(&entry.disclosed.as_ref()?.body).ok());
    let body = bodies.find(|body| body.core.kind == "recovered")?;
    serde_json::from_value(body.core.payload).ok()
}

/// A holder's copy as it would return it, under a newest checkpoint of choice.
fn returned(world: &World, seat: &str, newest: String, from: u64) -> ReturnedLeaves {
    let replica = &world.desk(seat).replica;
    let above = replica.entries().iter().filter(|entry| entry.index >= from);
    ReturnedLeaves {
        note: replica.cosigned().expect("cosigned").format(),
        newest: Some(newest),
        recoveries: 0,
        replaced: replica.replaced_witnesses(),
        leaves: above.map(|entry| LeafReturn { entry: entry.clone() }).collect(),
    }
}

#[test]
fn what_no_log_witness_has_seen_comes_back_from_a_client_that_has() {
    let (mut world, backup, cosigned) = with_a_tail(71);
    let before = leaves(&world);
    world.put_back(&backup).expect("the old copy is whole");
    assert_eq!(world.size(), cosigned);
    // Everybody shows what they have; the clerk has most.
    for seat in ["holder-1", "clerk"] {
        world.desk_mut(seat).sync().expect("it gives back what it has");
    }
    assert_eq!(
        kind(act(&mut world, "supervisor", "report.signed", "", &())),
        ErrorCode::Waiting
    );
    return_window(&mut world);
    world.desk_mut("clerk").sync().expect("the same record goes on");
    assert_eq!(leaves(&world)[..before.len()], before[..], "byte for byte");
    let next = &world.stored_entries()[before.len()];
    assert!(matches!(&next.leaf, Leaf::Header { header, .. } if header.kind == "recovered"));
    let said = recovered(&world, "clerk").expect("said in an act");
    assert_eq!(
        (said.head.size, said.rebuilt, said.lost_leaves),
        (cosigned + 3, 3, None)
    );
    assert!(
        world
            .desk("clerk")
            .roll_backs()
            .expect("the vault is whole")
            .is_empty()
    );
}

#[test]
fn who_saw_leaves_that_are_lost_goes_back_to_the_recovered_head_and_sends_again() {
    let (mut world, backup, cosigned) = with_a_tail(72);
    let before: Vec<Entry> = world.desk("clerk").replica.entries().to_vec();
    let newest = world.desk("clerk").replica.newest().expect("signed").format();
    world.put_back(&backup).expect("the old copy is whole");
    // The clerk's PC is away. Somebody has the clerk's newest checkpoint, yet none of the leaves; a holder has the first.
    let returned = returned(&world, "supervisor", newest, cosigned);
    assert!(returned.leaves.is_empty());
    let answer = world
        .desk("supervisor")
        .link
        .leaves_return(&world.cast.origin, &returned)
        .expect("taken");
    assert!(answer.rebuilding);
    world
        .desk_mut("holder-1")
        .sync()
        .expect("its own checkpoint covers one");
    return_window(&mut world);
    world.switched_off = ["clerk".to_owned()].into();
    turns(&mut world, 3);
    let lost = LostLeaves {
        from: cosigned + 1,
        to: cosigned + 3,
    };
    let said = recovered(&world, "holder-1").expect("said in an act");
    assert_eq!(
        (said.head.size, said.rebuilt, said.lost_leaves),
        (cosigned + 1, 1, Some(lost))
    );

    world
        .desk_mut("clerk")
        .sync()
        .expect("the record explains itself");
    let notices = world.desk("clerk").roll_backs().expect("the vault is whole");
    let [notice] = notices.as_slice() else {
        panic!("{notices:?}")
    };
    assert_eq!((notice.head.size, notice.dropped), (cosigned + 1, 2));
    assert_eq!(
        (notice.sent_again.len(), notice.stale.len()),
        (1, 1),
        "{notice:?}"
    );
    for entry in &before[before.len() - 2..] {
        let key = format!("dropped/{:08}/{:08}", notice.recovered, entry.index);
        let kept = world.desk("clerk").vault.get(&key).expect("the vault is whole");
        let kept: Entry = serde_json::from_slice(&kept.expect("kept as evidence")).expect("an entry");
        assert_eq!(kept, *entry);
    }
    // The vault has the new history too, and the act that could be sent again is in it, the same bytes.
    world.reopen("clerk").expect("a restart of the PC");
    assert_eq!(
        world.desk("clerk").replica.entries().len() as u64,
        world.size(),
        "nothing of it is left from before"
    );
    world.switched_off.clear();
    turns(&mut world, 2);
    let commitment = |entry: &Entry| match &entry.leaf {
        Leaf::Header { commitment, .. } => Some(*commitment),
        Leaf::Hash(_) => None,
    };
    let places: Vec<usize> = before[before.len() - 2..]
        .iter()
        .map(|old| {
            let entries = world.desk("clerk").replica.entries().iter();
            entries.filter(|new| commitment(new) == commitment(old)).count()
        })
        .collect();
    assert_eq!(places, [1, 0], "sent again once; the stale one is not");
    let outcome = finish(&mut world);
    assert_eq!(world.count("recovered"), 1);
    assert_sound(&world, &outcome);
}

#[test]
fn nobody_goes_back_below_a_checkpoint_that_a_quorum_cosigned() {
    let (mut world, backup, cosigned) = with_a_tail(73);
    // This time the log witnesses cosign the tail, and the clerk sees it; holder-1 knows the first leaf of it only.
    world.switched_off = names(&world, |seat| !matches!(seat, Seated::LogWitness(_)))
        .into_iter()
        .collect();
    turns(&mut world, 2);
    world.desk_mut("clerk").sync().expect("the line stands");
    assert_eq!(world.desk("clerk").replica.cosigned_size(), cosigned + 3);
    world.put_back(&backup).expect("the old copy is whole");
    world
        .desk_mut("holder-1")
        .sync()
        .expect("it gives back what it has");
    return_window(&mut world);
    // Log witnesses that forget: even then the clerk does not go along.
    for name in log_witnesses(&world) {
        world.seats.remove(&name);
        std::fs::remove_dir_all(world.folder(&name)).expect("their memory is gone");
        world.reopen(&name).expect("they begin anew");
    }
    for seat in ["holder-1", "purchaser"] {
        world.switched_off.remove(seat);
    }
    turns(&mut world, 3);
    assert!(recovered(&world, "holder-1").is_some());
    world.switched_off.retain(|name| name == "clerk");
    for _ in 0..10 {
        world.clock.advance(60_000); // the deadline passes, and draws fall due
        turns(&mut world, 2);
    }
    assert!(world.size() > cosigned + 3, "{}", world.size());
    unsound(world.desk_mut("clerk").sync(), "");
    assert!(
        world
            .desk("clerk")
            .roll_backs()
            .expect("the vault is whole")
            .is_empty()
    );
    assert_eq!(world.desk("clerk").replica.cosigned_size(), cosigned + 3);
}

#[test]
fn where_the_log_signed_two_histories_the_rebuild_stops() {
    let (mut world, backup, cosigned) = with_a_tail(74);
    let before = leaves(&world);
    let newest = world.desk("clerk").replica.newest().expect("signed").format();
    // Another leaf in place of the second, under a checkpoint of the same log: what a stolen log key can make.
    let holder = world.desk("holder-1");
    let other = support::core(&world, "holder-1", "site.enrolled", "", &());
    let other = record::verify_submission(&support::sign(&holder.author, other)).expect("well signed");
    let other = other.entry(cosigned + 1, world.clock.time());
    let mut tree = Tree::new();
    for leaf in &before[..=cosigned as usize] {
        tree.push(*leaf);
    }
    tree.push(other.leaf_hash());
    let checkpoint = Checkpoint {
        origin: origin_line(&world.cast.origin),
        size: tree.size(),
        root: tree.root(),
    };
    let log = world.cast.log.unlock_ed25519().expect("the PIN is right");
    let anchors = audit::anchors::Anchors::parse(world.cast.anchors.as_bytes()).expect("anchors");
    let forged = sign_checkpoint(&checkpoint, &anchors.log_key, |message| log.sign(message)).expect("a note");

    world.put_back(&backup).expect("the old copy is whole");
    let origin = world.cast.origin;
    let mut lie = returned(&world, "holder-1", forged.format(), cosigned);
    lie.leaves.push(LeafReturn { entry: other });
    world
        .desk("holder-1")
        .link
        .leaves_return(&origin, &lie)
        .expect("taken");
    let truth = returned(&world, "clerk", newest, cosigned);
    world
        .desk("clerk")
        .link
        .leaves_return(&origin, &truth)
        .expect("taken");
    return_window(&mut world);
    turns(&mut world, 1);
    let said = recovered(&world, "holder-2").expect("said in an act");
    let lost = LostLeaves {
        from: cosigned + 1,
        to: cosigned + 3,
    };
    assert_eq!(
        (said.head.size, said.lost_leaves),
        (cosigned + 1, Some(lost)),
        "what both agree on, and no more"
    );
}

#[test]
fn only_keys_of_the_record_return_leaves_and_each_has_its_own_place() {
    let (mut world, backup, cosigned) = with_a_tail(75);
    let newest = world.desk("clerk").replica.newest().expect("signed").format();
    world.put_back(&backup).expect("the old copy is whole");
    let origin = world.cast.origin;
    let truth = returned(&world, "clerk", newest, cosigned);
    let stranger = SigningKeyPair::generate(&mut conclave_simulation::Seeded::new(1, "stranger"));
    assert_eq!(
        kind(world.link(Some(&stranger)).leaves_return(&origin, &truth)),
        ErrorCode::Unauthenticated
    );
    assert_eq!(
        kind(world.link(None).leaves_return(&origin, &truth)),
        ErrorCode::Unauthenticated
    );
    // Leaves of one's own making, under no checkpoint of the log, are not taken, and hinder nobody.
    let holder = world.desk("holder-1");
    let own = support::core(&world, "holder-1", "site.enrolled", "", &());
    let own = record::verify_submission(&support::sign(&holder.author, own)).expect("well signed");
    let forged: Vec<LeafReturn> = (cosigned..cosigned + 3)
        .map(|index| LeafReturn {
            entry: own.entry(index, world.clock.time()),
        })
        .collect();
    let mut lie = truth.clone();
    lie.leaves = forged;
    holder
        .link
        .leaves_return(&origin, &lie)
        .expect("taken, and kept apart");
    world
        .desk("clerk")
        .link
        .leaves_return(&origin, &truth)
        .expect("taken");
    return_window(&mut world);
    assert_eq!(world.size(), cosigned + 4);
    world.desk_mut("clerk").sync().expect("the same record goes on");
}

// ---- blobs ----

#[test]
fn seats_and_bidders_give_back_blobs_that_acts_name() {
    let mut world = world(76, |_| ());
    go(&mut world, bids_are_in);
    world
        .lose_blobs()
        .expect("it starts without the rulebook, and waits");
    let origin = world.cast.origin;
    assert_eq!(
        kind(act(&mut world, "supervisor", "report.signed", "", &())),
        ErrorCode::Waiting,
        "what can't be folded is not gone on with"
    );
    // Nobody can put what no act names, and a name tells nobody what there is.
    let nobody = world.link(None);
    assert_eq!(
        kind(nobody.blob_return(&origin, b"anything")),
        ErrorCode::NotFound
    );
    let guess = HeldBlobs {
        blobs: vec![record::BlobRef::of(b"anything")],
    };
    assert!(
        nobody
            .blobs_missing(&origin, &guess)
            .expect("asked")
            .blobs
            .is_empty()
    );
    let many = HeldBlobs {
        blobs: vec![record::BlobRef::of(b"anything"); protocol::MAX_HELD + 1],
    };
    assert_eq!(kind(nobody.blobs_missing(&origin, &many)), ErrorCode::BadRequest);

    go(&mut world, |world| {
        world
            .state()
            .round("conformity/1")
            .is_some_and(|round| round.closed.is_some())
    });
    // Sheets, drafts, opened parts, containers: all of it again.
    world.lose_blobs().expect("it starts");
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
    let kept: Vec<Digest> = world
        .desk("holder-1")
        .vault
        .list("blob/")
        .expect("the vault is whole")
        .iter()
        .filter_map(|row| row.key.split('/').nth(1)?.parse().ok())
        .collect();
    assert!(kept.is_empty(), "archived: nothing is kept any more");
}

#[test]
fn sealed_parts_that_no_act_names_go_when_their_time_is_over_and_others_stay() {
    let mut world = world(77, |_| ());
    go(&mut world, bids_are_in);
    let before = world.blobs();
    let stray = b"what a stranger left";
    world
        .link(None)
        .bid_blob_put(&world.cast.origin, stray)
        .expect("bids are taken");
    // The rulebook is public: a stranger can bring it too, and still it stays.
    let rulebook = world.state().record().expect("created").rulebook;
    let link = &world.desk("clerk").link;
    let bytes = link
        .blob_get(&world.cast.origin, &rulebook.digest)
        .expect("common");
    world
        .link(None)
        .bid_blob_put(&world.cast.origin, &bytes)
        .expect("bids are taken");
    assert_eq!(world.blobs(), before + 1);
    let limits = centre::BidBlobLimits::default();
    world.clock.advance(limits.unnamed_age - 60_000);
    world.start_centre().expect("a restart forgets nothing of it");
    let centre = world.centre().expect("it runs");
    centre.tick().expect("the store works");
    world.clock.advance(120_000);
    centre.tick().expect("the store works");
    assert_eq!(
        world.blobs(),
        before + 1,
        "just started: it waits for those who know of lost acts"
    );
    world.clock.advance(3_600_000);
    centre.tick().expect("the store works");
    assert_eq!(world.blobs(), before);
    world.start_centre().expect("nothing that an act names is gone");
    let feed = world
        .desk("clerk")
        .link
        .feed(&world.cast.origin, "")
        .expect("read");
    assert!(!feed.lacking);
}
