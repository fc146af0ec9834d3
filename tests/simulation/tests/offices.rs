//! What holder, purchaser, supervisor and site desk see at their windows during one evaluation, and that doing it there
//! is enough to go on.

mod support;

use client::rehearsal::{Post, Progress};
use client::roles::{holder, observer, purchaser, site_desk};
use conclave_simulation::World;
use evaluation::Role;
use protocol::window::{CheckLine, CheckState, DutyKind, HolderView, ItemDecision, SeatLink};
use record::Leaf;
use support::{assert_sound, checked, finish, go, own_key, payload, turns, world};

/// The encryption key of a holder's seat.
fn encryption(world: &World, seat: &str) -> (sealing::provider::KeyFileProvider, sealing::provider::Pin) {
    let seat = world.cast.seat(seat).expect("a seat of the cast");
    let Post::Holder(key) = &seat.post else {
        panic!("no holder")
    };
    (key.provider().expect("a P-256 key"), key.pin())
}

fn holder_view(world: &mut World) -> HolderView {
    let desk = world.desk_mut("holder-1");
    desk.sync().expect("the line stands");
    holder::view(desk, desk.now())
}

/// What the holder does at the window.
fn do_duty(world: &mut World, id: &str) {
    let personal = own_key(world, "holder-1");
    let (encryption, pin) = encryption(world, "holder-1");
    let desk = world.desk_mut("holder-1");
    let done = holder::perform(desk, id, &personal, &encryption, &pin).expect("every check holds");
    assert_eq!(done, Progress::Acted);
    desk.sync().expect("the line stands");
}

fn not_passed(checks: &[CheckLine]) -> Vec<(&str, CheckState)> {
    let open = checks.iter().filter(|check| check.state != CheckState::Passed);
    open.map(|check| (check.what.en.as_str(), check.state)).collect()
}

#[test]
fn every_office_sees_its_duties_and_nothing_that_is_not_its_own() {
    let mut world = world(71, |_| ());
    world.switched_off.insert("holder-1".to_owned());
    deal_and_acknowledge(&mut world);
    decrypt(&mut world);
    review(&mut world);
    go(&mut world, |world| world.count("round.defined") == 1);
    while world.count("key.acknowledged") < 6 {
        world.rounds(1).expect("nobody refuses");
        let view = holder_view(&mut world);
        if let Some(duty) = view.duties.first() {
            do_duty(&mut world, &duty.id.clone());
        }
    }
    progress_without_values(&mut world);
    release(&mut world);
    names_and_no_code_names(&mut world);
    world.switched_off.clear();
    let outcome = finish(&mut world);
    assert_sound(&world, &outcome);

    let view = holder_view(&mut world);
    assert!(view.duties.is_empty(), "nothing is asked after the archive");
    assert!(
        view.done.windows(2).all(|two| two[0].index > two[1].index),
        "newest first"
    );
}

fn deal_and_acknowledge(world: &mut World) {
    go(world, |world| world.count("key.dealt") == 2);
    let view = holder_view(world);
    assert_eq!(view.place, Some((1, 3, 2)));
    let [duty] = &view.duties[..] else {
        panic!("one duty")
    };
    assert_eq!((duty.id.as_str(), duty.kind), ("deal:lot-key", DutyKind::Deal));
    assert!(duty.ready && not_passed(&duty.checks).is_empty());
    let personal = own_key(world, "holder-1");
    let (key, pin) = encryption(world, "holder-1");
    let early = holder::perform(
        world.desk_mut("holder-1"),
        "acknowledge:lot-key",
        &personal,
        &key,
        &pin,
    );
    checked(early, "not asked of this holder");
    do_duty(world, "deal:lot-key");
    assert_eq!(holder_view(world).duties[0].id, "acknowledge:lot-key");
    do_duty(world, "acknowledge:lot-key");
}

/// One duty a bid, with all of its parts.
fn decrypt(world: &mut World) {
    go(world, |world| world.count("key.acknowledged") == 3);
    world.switched_off.insert("holder-2".to_owned());
    go(world, |world| world.state().opening("opening").is_some());
    turns(world, 6);
    let view = holder_view(world);
    assert_eq!(view.duties.len(), world.state().standing().len(), "one a bid");
    for duty in &view.duties {
        assert_eq!(duty.kind, DutyKind::Decrypt);
        assert!(duty.ready, "{:?}", not_passed(&duty.checks));
    }
    // A centre that opens before the deadline by this PC's own clock is refused, by that check alone.
    let desk = world.desk("holder-1");
    let deadline = world.state().record().expect("created").deadline;
    let early = holder::view(desk, deadline - 1);
    for duty in &early.duties {
        assert!(!duty.ready);
        assert_eq!(
            not_passed(&duty.checks),
            [("By this PC's clock the deadline has passed", CheckState::Failed)]
        );
    }
    do_duty(world, &view.duties[0].id);
    assert_eq!(holder_view(world).duties.len(), view.duties.len() - 1);
    world.switched_off.remove("holder-2");
}

/// What the purchaser typed survives a restart of its PC, and is gone once it is decided.
fn review(world: &mut World) {
    world.switched_off.insert("purchaser".to_owned());
    go(world, |world| world.count("stage.opened") == 1);
    world.desk_mut("purchaser").sync().expect("the line stands");
    let view = purchaser::view(world.desk("purchaser")).expect("the vault is whole");
    assert_eq!(view.why_not, None);
    assert!(!view.criteria.is_empty() && !view.bidders.is_empty());
    assert!(view.bidders.iter().all(|review| !review.bidder.name.is_empty()));
    let bidder = view.bidders[0].bidder.bidder.clone();
    let passes = |id: &str| ItemDecision {
        criterion: id.to_owned(),
        fail: None,
    };
    let mut items: Vec<ItemDecision> = view.criteria.iter().map(|line| passes(&line.id)).collect();
    items[0].fail = Some(String::new());

    let desk = world.desk_mut("purchaser");
    checked(
        purchaser::put_decision(desk, &bidder, &[passes("none such")]),
        "criterion",
    );
    checked(purchaser::put_decision(desk, "B99", &items), "no such bidder");
    purchaser::put_decision(desk, &bidder, &items).expect("kept");
    checked(
        purchaser::decide(desk, &bidder, &items),
        "a failure needs a reason",
    );
    checked(purchaser::decide(desk, &bidder, &items[1..]), "every criterion");
    let offers = purchaser::view(desk).expect("whole").offers;
    assert!(
        offers.iter().all(|offer| offer.why_not.is_some()),
        "no draft is whole yet"
    );

    world.reopen("purchaser").expect("the vault is whole");
    let desk = world.desk_mut("purchaser");
    desk.sync().expect("the line stands");
    let kept = purchaser::view(desk).expect("whole");
    assert_eq!(kept.bidders[0].draft, items);
    items[0].fail = None;
    assert_eq!(
        purchaser::decide(desk, &bidder, &items).expect("whole"),
        Progress::Acted
    );
    desk.sync().expect("the line stands");
    let decided = purchaser::view(desk).expect("whole");
    assert_eq!(
        (&decided.bidders[0].decided, decided.bidders[0].draft.len()),
        (&items, 0)
    );
    assert!(
        desk.vault.list("review/").expect("whole").is_empty(),
        "the draft is forgotten"
    );
    checked(purchaser::decide(desk, &bidder, &items), "is decided");
    world.switched_off.remove("purchaser");
}

/// The supervisor sees how many cells each has filled, and can read neither snapshot; others see no count at all.
fn progress_without_values(world: &mut World) {
    let roster = world.state().committee().lines.clone();
    let (last, line) = roster.iter().next_back().expect("a committee");
    let absent = world.booth_of(last).expect("a booth");
    world.switched_off.insert(absent);
    let others = roster.len() - 1;
    go(world, |world| world.count("sheet.sealed") >= others);
    world.clock.advance(61_000);
    turns(world, 4);

    let supervisor = world.desk("supervisor");
    let presence: Vec<observer::SeatPresence> = roster
        .iter()
        .map(|(name, line)| observer::SeatPresence {
            booth: Some(line.booth.clone()),
            line: None,
            connected: name != last,
            since: 5_000,
        })
        .collect();
    let view = observer::view(supervisor, Some(&presence), supervisor.now());
    let (instance, round) = world.state().rounds().iter().next().expect("a round");
    let cells = u32::try_from(round.setting.bidders.len() * round.setting.criteria.len()).expect("few");
    for tile in view.booths.iter().filter(|tile| tile.code_name.is_some()) {
        let mine = tile.code_name.as_deref() == Some(last.as_str());
        assert_eq!(tile.sealed, !mine);
        if !mine {
            assert_eq!(tile.progress, Some((cells, cells)), "{tile:?}");
            assert_eq!(tile.link, SeatLink::Connected);
        }
    }
    let first = &view.booths[0];
    assert_eq!(first.booth, line.booth, "the worst comes first");
    assert_eq!(first.link, SeatLink::Lost { since: 5_000 });
    let alert = &view.alerts[0];
    assert_eq!(
        (alert.id.clone(), Some(alert.rank)),
        (format!("link:{last}"), first.alert)
    );
    let row = view
        .board
        .iter()
        .find(|row| row.instance == *instance)
        .expect("on the board");
    assert!(row.now && !row.done);
    assert_eq!(row.cells.len(), roster.len());

    let saved: evaluation::acts::sheets::DraftSaved =
        payload(world, "draft.saved").expect("the clerk receives it");
    assert!(
        supervisor
            .link
            .blob_get(&world.cast.origin, &saved.snapshot.digest)
            .is_err()
    );
    for seat in ["holder-1", "purchaser", "custodian-1"] {
        let told = world
            .desk(seat)
            .replica
            .entries()
            .iter()
            .any(|entry| match &entry.leaf {
                Leaf::Header { header, .. } => header.kind == "draft.saved" && entry.disclosed.is_some(),
                Leaf::Hash(_) => false,
            });
        assert!(!told, "{seat} receives the count");
    }
    let off: Vec<String> = world
        .switched_off
        .iter()
        .filter(|seat| seat.starts_with("booth-"))
        .cloned()
        .collect();
    for seat in off {
        world.switched_off.remove(&seat);
    }
}

/// All checks hold before a share leaves; with the log witnesses away one of them waits, and nothing is done.
fn release(world: &mut World) {
    world.switched_off.insert("supervisor".to_owned());
    world.switched_off.insert("clerk".to_owned());
    go(world, |world| {
        let desk = world.desk("purchaser");
        desk.replica
            .state()
            .rounds()
            .values()
            .any(|round| round.closed.is_some())
    });
    world.switched_off.remove("clerk");
    let personal = own_key(world, "supervisor");
    let desk = world.desk_mut("supervisor");
    desk.sync().expect("the line stands");
    let view = observer::view(desk, None, desk.now());
    let duty = view
        .duties
        .iter()
        .find(|duty| duty.id.starts_with("countersign:"))
        .expect("it is closed");
    assert!(duty.ready && duty.needs_pin, "{:?}", not_passed(&duty.checks));
    checked(observer::perform(desk, &duty.id, None), "personal key");
    let done = observer::perform(desk, &duty.id, Some(&personal)).expect("every check holds");
    assert_eq!(done, Progress::Acted);

    let view = holder_view(world);
    let [duty] = &view.duties[..] else {
        panic!("one duty: {:?}", view.duties)
    };
    assert_eq!((duty.kind, duty.ready), (DutyKind::Release, false));
    assert_eq!(
        not_passed(&duty.checks),
        [("Enough log witnesses cosigned the close", CheckState::Waiting)]
    );
    let id = duty.id.clone();
    let personal = own_key(world, "holder-1");
    let (key, pin) = encryption(world, "holder-1");
    let early = holder::perform(world.desk_mut("holder-1"), &id, &personal, &key, &pin);
    checked(early, "no checkpoint with enough cosignatures");

    world.switched_off.insert("holder-2".to_owned());
    turns(world, 3);
    let view = holder_view(world);
    assert!(view.duties[0].ready, "{:?}", not_passed(&view.duties[0].checks));
    do_duty(world, &id);
    assert_eq!(
        holder_view(world).done[0].title.en,
        "Share released: Conformity review"
    );
    world.switched_off.remove("holder-2");
    world.switched_off.remove("supervisor");
}

/// The site desk knows who comes to it, and whose booth is taken, and no code name.
fn names_and_no_code_names(world: &mut World) {
    let desk = world
        .seats
        .keys()
        .find(|name| name.starts_with("desk-"))
        .cloned()
        .expect("a site desk");
    let view = site_desk::view(world.desk(&desk), None, &[]).expect("the vault is whole");
    assert!(!view.members.is_empty() && view.members.iter().all(|member| !member.name.is_empty()));
    assert!(!view.booths.is_empty() && view.booths.iter().all(|booth| booth.enrolled));
    assert!(view.booths.iter().any(|booth| booth.taken && booth.bound));
    let text = serde_json::to_string(&view).expect("JSON");
    for name in world.state().committee().lines.keys() {
        assert!(!text.contains(name.as_str()), "code name {name}");
    }
}

#[test]
fn a_ticket_outlives_a_crash_of_the_desk_and_goes_to_the_seated_person_alone() {
    let mut world = world(72, |_| ());
    let desks: Vec<String> = world
        .seats
        .keys()
        .filter(|name| name.starts_with("desk-"))
        .cloned()
        .collect();
    world.switched_off.extend(desks.iter().cloned());
    go(&mut world, |world| world.state().committee().is_complete());
    let desk = &desks[0];
    world.desk_mut(desk).sync().expect("the line stands");

    let seat = world.cast.seat(desk).expect("a seat");
    let Post::SiteDesk { members, .. } = &seat.post else {
        panic!("no site desk")
    };
    let personal = |member: &client::rehearsal::MemberKeys| client::PersonalKey {
        provider: member.key.provider().expect("a P-256 key"),
        chain: evaluation::acts::decode_chain(&member.chain).expect("a chain"),
        pin: member.key.pin(),
    };
    let (first, second) = (personal(&members[0]), personal(&members[1]));
    let view = site_desk::view(world.desk(desk), None, &[]).expect("whole");
    let mine = view.members.iter().map(|member| member.seat).find(|seat| {
        let chain = first.chain_text();
        seat_certificate(&world, desk, *seat).as_ref() == chain.first()
    });
    let mine = mine.expect("the member is seated");
    assert!(view.offers.iter().all(|offer| offer.why_not.is_none()));

    checked(
        site_desk::check_in(world.desk_mut(desk), mine, &second, None),
        "another person",
    );
    // The line breaks while the act is on its way: the ticket is kept, and handed out again.
    world.net.connect(None);
    let cut = site_desk::check_in(world.desk_mut(desk), mine, &first, None);
    assert!(cut.is_err_and(|error| error.is_passing()), "no line");
    let row = format!("check-in/{mine}");
    let kept = world.desk(desk).vault.get(&row).expect("whole").expect("kept");
    world.start_centre().expect("it starts");
    world.reopen(desk).expect("the vault is whole");
    world.desk_mut(desk).sync().expect("the line stands");
    world.desk_mut(desk).flush().expect("the act goes out");
    world.desk_mut(desk).sync().expect("the line stands");
    let ticket = site_desk::check_in(world.desk_mut(desk), mine, &first, None).expect("checked in");
    assert_eq!(ticket.as_bytes(), kept);
    assert_eq!(
        world.desk(desk).replica.state().committee().tickets.len(),
        1,
        "once"
    );
    let view = site_desk::view(world.desk(desk), None, &[]).expect("whole");
    let shown = view
        .members
        .iter()
        .find(|member| member.seat == mine)
        .expect("due");
    assert_eq!(shown.ticket.as_deref(), Some(ticket.as_str()));
    let role = world.desk(desk).replica.state().committee().tickets[&ticket].0;
    assert!(matches!(role, Role::Expert | Role::TendererRepresentative));
}

/// Leaf certificate of the identity that is opened to a desk for a seat.
fn seat_certificate(world: &World, desk: &str, seat: u32) -> Option<String> {
    world.desk(desk).replica.entries().iter().find_map(|entry| {
        let identity = entry.openings.get("identity")?;
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        if body.core.payload.get("seat")?.as_u64()? != u64::from(seat) {
            return None;
        }
        let value: serde_json::Value = serde_json::from_slice(&identity.value).ok()?;
        Some(value["certificate"][0].as_str()?.to_owned())
    })
}
