//! Old disks under the centre, and a PC that is replaced in the middle of a round (protocol 2, Restore; 3; 4, Drafts).

#[path = "restore/replaced_pc.rs"]
mod replaced_pc;
mod support;

use conclave_simulation::World;
use evaluation::SiteId;
use evaluation::acts::archive::Recovered;
use evaluation::acts::setup::SiteEnrolled;
use protocol::{ErrorCode, Feed, FeedItem, LeafReturn, ReturnedLeaves};
use record::{Digest, Entry, Leaf};
use support::{
    act, assert_sound, bid_acts, core, finish, further, go, kind, leaves, payload, refusal, replace,
    return_window, submit, totals, turns, world,
};

/// Booths get no turn, so that the record comes to rest.
fn rest(world: &mut World) {
    let booths = world
        .seats
        .keys()
        .filter(|name| name.starts_with("booth-"))
        .cloned()
        .collect();
    world.switched_off = booths;
    turns(world, 5);
    assert_eq!(
        world.desk("clerk").replica.cosigned_size(),
        world.size(),
        "everything is cosigned"
    );
}

/// The record as the centre shows it to the clerk now.
fn at_the_centre(world: &World) -> Vec<Entry> {
    let (mut cursor, mut entries) = (String::new(), Vec::new());
    loop {
        let Feed {
            items,
            cursor: next,
            more,
            ..
        } = world
            .desk("clerk")
            .link
            .feed(&world.cast.origin, &cursor)
            .expect("the clerk reads");
        entries.extend(items.into_iter().filter_map(|item| match item {
            FeedItem::Entry(entry) => Some(entry),
            _ => None,
        }));
        if !more {
            return entries;
        }
        cursor = next;
    }
}

/// A world whose centre was set back to before three sheets were sealed; with the leaves as they were.
fn set_back(seed: u64) -> (World, Vec<Digest>, u64) {
    let mut world = world(seed, |_| ());
    go(&mut world, |world| world.state().round("conformity/1").is_some());
    let backup = world.back_up();
    let old = world.size();
    go(&mut world, |world| {
        world
            .state()
            .round("conformity/1")
            .is_some_and(|round| round.sheets.len() >= 3)
    });
    rest(&mut world);
    let before = leaves(&world);
    assert!(before.len() as u64 >= old + 3);
    world.put_back(&backup).expect("the old copy is whole");
    assert_eq!(world.size(), old);
    (world, before, old)
}

/// Type of an act in the centre's store.
fn kind_at(world: &World, index: usize) -> String {
    match &world.stored_entries()[index].leaf {
        Leaf::Header { header, .. } => header.kind.clone(),
        Leaf::Hash(_) => String::new(),
    }
}

fn site() -> SiteEnrolled {
    let site = SiteId::new("elsewhere").expect("a site id");
    SiteEnrolled {
        site,
        host: false,
        organisation: "示例丙县公共资源交易中心".to_owned(),
    }
}

#[test]
fn an_old_copy_is_noticed_is_read_only_and_is_rebuilt_byte_for_byte() {
    let (mut world, before, old) = set_back(61);
    // A holder's client notices. It does not know the drafts, so what it returns is not the whole.
    world
        .desk_mut("holder-1")
        .sync()
        .expect("it gives back what it has");
    let act = core(&world, "clerk", "site.enrolled", "", &site());
    assert_eq!(
        kind(submit(&world, "clerk", act)),
        ErrorCode::Waiting,
        "read-only until rebuilt"
    );
    assert!(world.size() < before.len() as u64);

    // A restart in the middle forgets neither that nor why.
    world.start_centre().expect("it starts");
    let act = core(&world, "clerk", "site.enrolled", "", &site());
    assert_eq!(kind(submit(&world, "clerk", act)), ErrorCode::Waiting);

    world.desk_mut("clerk").sync().expect("the clerk has the rest");
    let act = core(&world, "clerk", "site.enrolled", "", &site());
    assert_eq!(
        kind(submit(&world, "clerk", act)),
        ErrorCode::Waiting,
        "others may have more"
    );
    return_window(&mut world);
    let rebuilt: Vec<Digest> = at_the_centre(&world).iter().map(Entry::leaf_hash).collect();
    assert_eq!(rebuilt[..before.len()], before[..], "byte for byte");
    assert_eq!(
        kind_at(&world, before.len()),
        "recovered",
        "and an act that says so"
    );

    world.switched_off.clear();
    let outcome = finish(&mut world);
    let recovered: Recovered = payload(&world, "recovered").expect("said in an act");
    assert_eq!(
        (recovered.head.size, recovered.rebuilt),
        (before.len() as u64, before.len() as u64 - old)
    );
    assert_eq!(world.count("recovered"), 1);
    assert_eq!(recovered.lost, Vec::<String>::new());
    assert_eq!(totals(&world), ["1 89.44", "2 82.10", "3 81.22"]);
    assert_sound(&world, &outcome);
}

#[test]
fn a_restored_centre_learns_again_who_replaced_a_log_witness() {
    let mut world = world(67, |scenario| {
        scenario.further_witnesses = vec![("notary".to_owned(), true)];
    });
    go(&mut world, |world| world.state().round("conformity/1").is_some());
    let backup = world.back_up();
    let old = world.size();
    let notary = further(&world, "notary");
    let index = replace(&mut world, "court.witness.rehearsal", &notary);
    rest(&mut world);
    // From here on w are the centre's and the new one, whom the old copy does not know.
    let off = ["witness-court", "witness-university"].map(str::to_owned);
    world.switched_off.extend(off.clone());
    act(&mut world, "clerk", "site.enrolled", "", &site()).expect("the clerk enrols");
    turns(&mut world, 5);
    let before = leaves(&world);
    let cosigned = world.desk("clerk").replica.cosigned_size();
    assert!(index >= old && cosigned == before.len() as u64);

    world.put_back(&backup).expect("the old copy is whole");
    world
        .desk_mut("holder-1")
        .sync()
        .expect("it gives back what it has");
    world.start_centre().expect("it starts");
    world.desk_mut("clerk").sync().expect("the clerk has the rest");
    return_window(&mut world);
    let rebuilt: Vec<Digest> = at_the_centre(&world).iter().map(Entry::leaf_hash).collect();
    assert_eq!(rebuilt[..before.len()], before[..], "byte for byte");
    assert_eq!(kind_at(&world, before.len()), "recovered");

    world.switched_off = off.into_iter().collect();
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);
}

#[test]
fn nobody_sends_the_centre_into_a_rebuild_without_a_quorum() {
    let (world, _, old) = set_back(62);
    let holder = world.desk("holder-1");
    let note = holder.replica.cosigned().expect("cosigned").clone();
    let bare: String = note
        .format()
        .lines()
        .filter(|line| !line.contains("witness"))
        .map(|line| format!("{line}\n"))
        .collect();
    let returned = ReturnedLeaves {
        replaced: Vec::new(),
        note: bare,
        newest: None,
        recoveries: 0,
        leaves: Vec::new(),
    };
    assert_eq!(
        kind(holder.link.leaves_return(&world.cast.origin, &returned)),
        ErrorCode::BadRequest
    );
    // It is still writable, for it has been told of nothing.
    assert_eq!(world.size(), old);
    let act = core(&world, "clerk", "site.enrolled", "", &site());
    assert_eq!(
        refusal(submit(&world, "clerk", act)),
        "C-107",
        "the clerk has seen more than there is"
    );
}

#[test]
fn a_forged_leaf_does_not_stand_in_the_way_of_the_true_ones() {
    let (mut world, before, old) = set_back(63);
    let holder = world.desk("holder-1");
    let note = holder.replica.cosigned().expect("cosigned").format();
    // A leaf of the forger's own, correctly signed, at the first place that is missing.
    let act = support::sign(
        &holder.author,
        core(&world, "holder-1", "site.enrolled", "", &site()),
    );
    let forged = record::verify_submission(&act)
        .expect("well signed")
        .entry(old, world.clock.time());
    let returned = ReturnedLeaves {
        replaced: Vec::new(),
        note,
        newest: None,
        recoveries: 0,
        leaves: vec![LeafReturn { entry: forged }],
    };
    let answer = holder.link.leaves_return(&world.cast.origin, &returned);
    assert!(answer.is_ok() || kind(answer) == ErrorCode::BadRequest);
    for _ in 0..3 {
        let _ = world.desk_mut("clerk").sync();
    }
    return_window(&mut world);
    let rebuilt: Vec<Digest> = at_the_centre(&world).iter().map(Entry::leaf_hash).collect();
    assert_eq!(rebuilt[..before.len()], before[..]);
}

#[test]
fn bids_that_nobody_else_could_read_come_back_from_their_bidders_among_the_same_cover() {
    let mut world = world(66, |_| ());
    go(&mut world, |world| bid_acts(world) >= 1);
    let backup = world.back_up();
    let old = world.size();
    go(&mut world, |world| bid_acts(world) == 7);
    while world.desk("clerk").replica.cosigned_size() < world.size() {
        world.round().expect("cosignatures arrive");
    }
    let before = leaves(&world);
    assert!(world.state().deadline_reached().is_none());
    world.put_back(&backup).expect("the old copy is whole");
    assert_eq!(world.size(), old);
    let outcome = finish(&mut world);
    assert_eq!(leaves(&world)[..before.len()], before[..], "byte for byte");
    let recovered: Recovered = payload(&world, "recovered").expect("said in an act");
    assert_eq!(recovered.head.size, before.len() as u64);
    assert_eq!(recovered.lost_leaves, None);
    assert_sound(&world, &outcome);
    assert_eq!(totals(&world), ["1 89.44", "2 82.10", "3 81.22"]);
}
