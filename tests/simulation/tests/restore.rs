//! Old disks under the centre, and a PC that is replaced in the middle of a round (protocol 2, Restore; 3; 4, Drafts).

mod support;

use client::author::Draft;
use client::desk::Sent;
use client::rehearsal::{Post, Seated, Sitter};
use client::{ClientError, Desk, PersonalKey, drafts};
use conclave_simulation::World;
use evaluation::acts::archive::Recovered;
use evaluation::acts::binding::{KeyReplaced, possession};
use evaluation::acts::committee::COMMITTEE;
use evaluation::acts::setup::SiteEnrolled;
use evaluation::acts::sheets::{DraftSaved, SheetSealed};
use evaluation::{CodeName, SiteId};
use protocol::{ErrorCode, Feed, FeedItem, LeafReturn, ReturnedLeaves};
use record::{BlobRef, Digest, Entry, Leaf, Signature};
use rules::{Cell, SheetCell};
use sealing::provider::KeyFileProvider;
use support::{
    act, assert_sound, bid_acts, checked, core, finish, further, go, kind, leaves, payload, refusal, replace,
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

// ---- a replacement PC ----

struct Lost {
    booth: String,
    line: CodeName,
    sitter: Sitter,
    old: Box<Desk>,
}

impl Lost {
    fn vault_key(&self) -> KeyFileProvider {
        self.sitter.vault.provider().expect("a vault key")
    }
}

/// A booth that has kept two snapshots of its drafts and not sealed yet; its PC is taken away, its disk is gone.
fn lose_a_booth(world: &mut World) -> Lost {
    let drafting = |world: &World| {
        world.seats.iter().find_map(|(name, seat)| match seat {
            Seated::Desk(desk, _) if name.starts_with("booth-") => {
                let (line, _) = desk.replica.state().line_of(&desk.author.public())?;
                let drafted = desk.vault.get("draft-number").ok()??.len() == 8;
                let sealed = world
                    .state()
                    .round("conformity/1")
                    .is_some_and(|round| round.sheets.contains_key(line));
                (drafted && !sealed).then(|| (name.clone(), line.clone()))
            }
            _ => None,
        })
    };
    go(world, |world| drafting(world).is_some());
    let (booth, line) = drafting(world).expect("just seen");
    let ticket = world.state().committee().lines[&line].ticket.clone();
    let Post::Booth { sitters, .. } = &world.cast.seat(&booth).expect("a booth").post else {
        panic!("{booth}")
    };
    let sitter = sitters
        .iter()
        .find(|sitter| sitter.member.ticket == ticket)
        .expect("who sits there")
        .clone();
    // One more cell is typed, and the next snapshot kept.
    let Some(Seated::Desk(mut old, _)) = world.seats.remove(&booth) else {
        panic!("{booth} has a desk")
    };
    old.sync().expect("the line stands");
    let round = old
        .replica
        .state()
        .round("conformity/1")
        .expect("a round")
        .setting
        .clone();
    let criterion = rules::CriterionId::new(&round.criteria[0]).expect("a criterion");
    let cell = SheetCell {
        criterion,
        cell: Cell::Fail {
            reason: "换机前最后一次录入".to_owned(),
        },
    };
    drafts::put(&mut old.vault, "conformity/1", &round.bidders[0], &cell, 480).expect("the vault takes it");
    let vault_key = sealing::provider::KeyProvider::public_key(&sitter.vault.provider().expect("a key"));
    let sent = drafts::save(&mut old, &line, "conformity/1", &vault_key).expect("the line stands");
    assert!(matches!(sent, Sent::Acknowledged(_)), "{sent:?}");
    std::fs::remove_dir_all(world.folder(&booth)).expect("the disk is gone");
    turns(world, 3);
    Lost {
        booth,
        line,
        sitter,
        old,
    }
}

/// The new PC makes a key; the desk of the site and the member put it in the old one's place.
fn replace_key(world: &mut World, lost: &Lost) -> Result<Sent, ClientError> {
    world.reopen(&lost.booth).expect("a new PC");
    turns(world, 3); // it finds its line bound to another key, makes its own, and is known to nobody
    world.switched_off.insert(lost.booth.clone());
    let origin = world.cast.origin;
    let desk = world.desk(&lost.booth);
    let (old, new) = (lost.old.author.public(), desk.author.public());
    assert_ne!(old, new);
    let proof = desk
        .author
        .key()
        .sign(&possession(&origin, &lost.line, &old, &new));
    let replaced = KeyReplaced {
        line: lost.line.clone(),
        old,
        new,
        device: desk.author.device(),
        possession: Signature(proof),
    };
    let member = &lost.sitter.member;
    let chain = evaluation::acts::decode_chain(&member.chain).expect("a chain");
    let personal = PersonalKey {
        provider: member.key.provider().expect("a key"),
        chain,
        pin: member.key.pin(),
    };
    let site = world.state().committee().lines[&lost.line].site.clone();
    let name = format!("desk-{site}");
    world.desk_mut(&name).sync().expect("the line stands");
    let draft = Draft {
        kind: "member.key_replaced",
        instance: COMMITTEE,
        payload: &replaced,
        attachments: Vec::new(),
        personal: Some(&personal),
    };
    world.desk_mut(&name).act(draft)
}

#[test]
fn a_replacement_pc_takes_over_with_the_newest_drafts() {
    let mut world = world(64, |_| ());
    let lost = lose_a_booth(&mut world);
    let sent = replace_key(&mut world, &lost).expect("the line stands");
    assert!(matches!(sent, Sent::Acknowledged(_)), "{sent:?}");
    let binding = world.state().committee().lines[&lost.line]
        .binding
        .clone()
        .expect("bound");
    assert!(
        binding.seen.is_empty() || binding.retired.is_empty(),
        "the new key has been seen by nobody yet"
    );
    turns(&mut world, 5);
    let binding = world.state().committee().lines[&lost.line]
        .binding
        .clone()
        .expect("bound");
    assert_eq!(binding.retired, [lost.old.author.public()]);
    assert_eq!(
        binding.seen.len(),
        2,
        "witness person and supervisor have seen it"
    );

    let provider = lost.vault_key();
    let pin = lost.sitter.vault.pin();
    let snapshots: Vec<DraftSaved> = drafts_of(&world, &lost.line);
    assert_eq!(
        snapshots.iter().map(|saved| saved.number).collect::<Vec<_>>(),
        [1, 2]
    );
    let older = world
        .desk("clerk")
        .link
        .blob_get(&world.cast.origin, &snapshots[0].snapshot.digest);
    assert_eq!(
        kind(older),
        ErrorCode::Forbidden,
        "drafts are for their own line alone"
    );
    world.desk_mut(&lost.booth).sync().expect("the new key is known");
    let older = world
        .desk(&lost.booth)
        .link
        .blob_get(&world.cast.origin, &snapshots[0].snapshot.digest)
        .expect("its own");

    world.net.swap(snapshots[1].snapshot.digest, older);
    checked(
        drafts::restore(world.desk_mut(&lost.booth), &lost.line, &provider, &pin),
        "not the newest",
    );
    world.net.swap_nothing();
    let restored = drafts::restore(world.desk_mut(&lost.booth), &lost.line, &provider, &pin)
        .expect("the newest")
        .expect("there is one");
    assert_eq!(restored.number, 2);
    let round = world
        .state()
        .round("conformity/1")
        .expect("a round")
        .setting
        .clone();
    assert_eq!(restored.cells, round.criteria.len() * round.bidders.len());
    let block = drafts::block(
        &world.desk(&lost.booth).vault,
        "conformity/1",
        &round.bidders[0],
        &round.criteria,
    )
    .expect("whole");
    assert_eq!(
        block.cells[0].cell,
        Cell::Fail {
            reason: "换机前最后一次录入".to_owned()
        }
    );

    late_sheet_of_the_old_pc(&mut world, &lost);
    world.switched_off.clear();
    let outcome = finish(&mut world);
    assert_eq!(world.state().signed().len(), 5);
    assert_sound(&world, &outcome);
}

fn late_sheet_of_the_old_pc(world: &mut World, lost: &Lost) {
    let length = world
        .state()
        .round("conformity/1")
        .expect("a round")
        .setting
        .sheet_size as usize;
    let bytes = vec![0; sealing::sheet::blob_length(length)];
    assert_eq!(
        kind(lost.old.link.blob_put(&world.cast.origin, &bytes)),
        ErrorCode::Unauthenticated
    );
    let sheet: BlobRef = world
        .desk("clerk")
        .link
        .blob_put(&world.cast.origin, &bytes)
        .expect("kept")
        .blob;
    let payload = SheetSealed {
        line: lost.line.clone(),
        sheet,
    };
    let mut late = core(world, "clerk", "sheet.sealed", "conformity/1", &payload);
    (late.actor, late.device) = (lost.old.author.public(), lost.old.author.device());
    let size = world.size();
    let answer = lost
        .old
        .link
        .act_submit(&world.cast.origin, &support::sign(&lost.old.author, late));
    assert_eq!(refusal(answer), "C-108");
    assert_eq!(world.size(), size);
}

fn drafts_of(world: &World, line: &CodeName) -> Vec<DraftSaved> {
    let entries = world.desk("clerk").replica.entries().iter();
    let saved = entries.filter_map(|entry| {
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        (body.core.kind == "draft.saved")
            .then(|| serde_json::from_value::<DraftSaved>(body.core.payload).ok())?
    });
    saved.filter(|saved| saved.line == *line).collect()
}

#[test]
fn a_key_is_replaced_only_by_the_member_in_person() {
    let mut world = world(65, |_| ());
    let mut lost = lose_a_booth(&mut world);
    // Somebody else's personal key at the same desk.
    let other = world.cast.seats.iter().find_map(|seat| match &seat.post {
        Post::SiteDesk { members, .. } => members
            .iter()
            .find(|member| member.ticket != lost.sitter.member.ticket)
            .cloned(),
        _ => None,
    });
    lost.sitter.member = other.expect("five members");
    let sent = replace_key(&mut world, &lost).expect("the line stands");
    assert!(
        matches!(&sent, Sent::Refused(why) if why.starts_with("C-112")),
        "{sent:?}"
    );
    let binding = world.state().committee().lines[&lost.line]
        .binding
        .clone()
        .expect("bound");
    assert_eq!(binding.key, lost.old.author.public());
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
