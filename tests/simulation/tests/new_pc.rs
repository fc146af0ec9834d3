//! The PC of a booth is replaced: the member asks at a new one, the site desk confirms, the new PC goes back to the
//! newest snapshot, and the old one is refused calmly, should it come back.

#[path = "support/place.rs"]
mod place;
mod support;

use client::ClientError;
use client::roles::problem::problem_of;
use client::roles::{new_pc, site_desk};
use client::vault_key;
use client::workplace::TokenFile;
use conclave_simulation::World;
use evaluation::acts::sheets::DraftSaved;
use place::{Pc, ROUND, Sitter, round_open, seated};
use protocol::window::NewPc;
use protocol::{ErrorCode, ReplacementAsked};
use record::Leaf;
use sealing::sign::SigningKeyPair;
use support::{kind, refusal, world};

fn put(pc: &Pc, place: usize, reason: &str) {
    let saved = pc.open().put_cell(&pc.cell(place, reason));
    assert!(saved.expect("it may stand there").durable);
}

fn reasons(pc: &Pc) -> Vec<String> {
    let sheet = pc.open().sheet(ROUND).expect("the round is open");
    sheet.cells.into_iter().map(|cell| cell.reason).collect()
}

fn code<T>(answer: Result<T, ClientError>) -> String {
    let error = answer.err().expect("it is refused");
    problem_of(&error).code
}

/// Centre times of the line's snapshots, as the record has them.
fn snapshots(world: &World, sitter: &Sitter) -> Vec<u64> {
    let entries = world.desk("clerk").replica.entries().iter();
    let saved = entries.filter_map(|entry| {
        let Leaf::Header { .. } = &entry.leaf else {
            return None;
        };
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        if body.core.kind != "draft.saved" {
            return None;
        }
        let saved: DraftSaved = serde_json::from_value(body.core.payload).ok()?;
        (saved.line == sitter.line).then_some(entry.time)
    });
    saved.collect()
}

/// The desk of the site at which the member sits.
fn desk_of(world: &World, sitter: &Sitter) -> String {
    let site = &world.state().committee().lines[&sitter.line].site;
    format!("desk-{site}")
}

fn asked(world: &mut World, desk: &str) -> Vec<ReplacementAsked> {
    let origin = world.cast.origin;
    let desk = world.desk_mut(desk);
    desk.sync().expect("the line stands");
    desk.link
        .replacement_list(&origin)
        .expect("a site desk is told")
        .asked
}

/// Something is written and its snapshot has left; then something more, of which no snapshot has left. The centre time
/// of the newest one.
fn with_a_tail(world: &mut World, pc: &Pc, sitter: &Sitter) -> u64 {
    put(pc, 0, "备份前录入");
    let before = world.clock.time();
    world.clock.advance(61_000);
    pc.until_in(world, "a snapshot leaves", |pc, world| {
        let safety = pc.status().safety;
        safety.unsaved == 0 && snapshots(world, sitter).last().is_some_and(|at| *at >= before)
    });
    // From here on the clock stands: whatever was due has left once the seat has looked twice more.
    let looked = pc.status().revision;
    pc.until("the seat has looked", |pc| pc.status().revision >= looked + 2);
    put(pc, 1, "备份后录入");
    world.desk_mut("clerk").sync().expect("the line stands");
    *snapshots(world, sitter).last().expect("one left")
}

#[test]
fn a_new_pc_goes_back_to_the_newest_snapshot_once_the_site_desk_confirms() {
    let mut world = world(82, |_| ());
    let (mut old, sitter) = seated(&mut world);
    let back_to = with_a_tail(&mut world, &old, &sitter);
    old.kill();
    let broken = world.clock.time();
    assert!(
        broken - back_to <= client::drafts::DEFAULT_CADENCE,
        "nothing older than one cadence is lost"
    );

    // A new PC with nothing on it but what it was furnished with.
    let new = Pc::new(&world, &old.seat);
    new.until("it sees that the seat was taken elsewhere", |pc| {
        pc.view().new_pc == Some(NewPc::Offered)
    });
    assert!(new.offered("ask_replacement") && !new.offered("check_in"));
    let wrong = new.open().ask_replacement("0".repeat(32), &sitter.pin);
    assert_eq!(code(wrong), "D-202", "another ticket");
    let wrong = new.open().ask_replacement(sitter.ticket.clone(), "00000000");
    assert_eq!(code(wrong), "D-401", "another PIN");
    new.open()
        .ask_replacement(sitter.ticket.clone(), &sitter.pin)
        .expect("it asks");
    new.until("it waits", |pc| {
        matches!(pc.view().new_pc, Some(NewPc::Asked { since: Some(_) }))
    });
    nothing_without_the_desk(&mut world, &new, &sitter);

    // The desk sees who asks, and for which booth; it shows no code name.
    let name = desk_of(&world, &sitter);
    let waiting = asked(&mut world, &name);
    let view = site_desk::view(world.desk(&name), None, &waiting).expect("the vault is whole");
    let booth = view.booths.iter().find(|booth| booth.replacement.is_some());
    let booth = booth.expect("one booth waits").clone();
    let replacement = booth.replacement.expect("it waits");
    let member = view
        .members
        .iter()
        .find(|member| Some(member.seat) == replacement.seat);
    let member = member.expect("a member of this desk");
    assert_eq!(member.ticket.as_deref(), Some(sitter.ticket.as_str()));
    assert_eq!(replacement.name.as_deref(), Some(member.name.as_str()));
    let offer = format!("confirm_replacement:{}", booth.booth);
    let offer = view.offers.iter().find(|offered| offered.action == offer);
    assert!(offer.is_some_and(|offer| offer.why_not.is_none() && offer.consequence.is_some()));
    let elsewhere = world
        .seats
        .keys()
        .find(|seat| seat.starts_with("desk-") && **seat != name)
        .cloned()
        .expect("two sites");
    assert!(
        asked(&mut world, &elsewhere).is_empty(),
        "another site is told nothing"
    );

    new_pc::confirm(world.desk_mut(&name), &waiting, &booth.booth).expect("everything holds");
    new.until_in(&mut world, "the member sits at the new PC", |pc, _| {
        matches!(pc.view().new_pc, Some(NewPc::Restored { .. })) && round_open(pc)
    });
    assert_eq!(
        new.view().new_pc,
        Some(NewPc::Restored {
            to: Some(back_to),
            cells: 1
        }),
        "it says to which moment it went back"
    );
    assert_eq!(new.view().code_name, Some(sitter.line.to_string()));
    assert_eq!(reasons(&new), ["备份前录入"]);
    assert!(asked(&mut world, &name).is_empty(), "nobody waits any more");

    old_pc_is_refused(&mut world, &mut old, &sitter);
    goes_on(&mut world, new, &sitter);
}

/// Ticket, token, PIN and the booth's own device key together show nothing of the seat.
fn nothing_without_the_desk(world: &mut World, new: &Pc, sitter: &Sitter) {
    support::turns(world, 5);
    let view = new.view();
    assert_eq!((view.code_name, view.report), (None, None));
    assert!(view.offers.is_empty(), "it waits: {:?}", view.offers);
    let status = new.status();
    assert!(!status.my_turn, "nothing is asked meanwhile: {}", status.asked.en);
    assert!(new.open().sheet(ROUND).is_err());
    let seat = world.cast.seat(&new.seat).expect("a seat");
    let device = seat.key.unlock().expect("the PIN beside it");
    let digests = draft_blobs(world, sitter);
    assert!(!digests.is_empty());
    for digest in digests {
        let answer = world.link(Some(&device)).blob_get(&world.cast.origin, &digest);
        assert_eq!(kind(answer), ErrorCode::Forbidden);
    }
    // The key that it made is nobody's so far.
    let made = made_key(new, sitter);
    let answer = world.link(Some(&made)).feed(&world.cast.origin, "");
    assert_eq!(kind(answer), ErrorCode::Unauthenticated);
    // A PC that no clerk enrolled can't even ask.
    let strange = SigningKeyPair::generate(&mut client::ports::SystemRandom);
    let ask = protocol::ReplacementAsk {
        booth: new.status().me.booth.expect("a booth"),
        proposals: Vec::new(),
    };
    let answer = world
        .link(Some(&strange))
        .replacement_ask(&world.cast.origin, &ask);
    assert_eq!(kind(answer), ErrorCode::Unauthenticated);
    let clerk = world.desk("clerk").link.replacement_ask(&world.cast.origin, &ask);
    assert_eq!(kind(clerk), ErrorCode::Forbidden);
    let told = world.desk("clerk").link.replacement_list(&world.cast.origin);
    assert_eq!(kind(told), ErrorCode::Forbidden);
}

fn draft_blobs(world: &World, sitter: &Sitter) -> Vec<record::Digest> {
    let entries = world.desk("clerk").replica.entries().iter();
    let saved = entries.filter_map(|entry| {
        let body = record::Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        let saved = serde_json::from_value::<DraftSaved>(body.core.payload).ok()?;
        (saved.line == sitter.line).then_some(saved.snapshot.digest)
    });
    saved.collect()
}

/// The evaluation key on a PC's disk, as the token opens it.
fn made_key(pc: &Pc, sitter: &Sitter) -> SigningKeyPair {
    let folder = pc.folder.join("kept").join(&pc.seat).join("sitter");
    let pin = sealing::provider::Pin::new(sitter.pin.clone());
    let tokens = std::fs::read_dir(pc.folder.join("tokens")).expect("tokens are here");
    for token in tokens {
        let bytes = std::fs::read(token.expect("a file").path()).expect("it can be read");
        let token: TokenFile = serde_json::from_slice(&bytes).expect("a token");
        let file = sealing::provider::KeyFile::parse(token.vault.as_bytes()).expect("a key file");
        let provider = file.provider().expect("a P-256 key");
        let random = &mut client::ports::SystemRandom;
        if let Ok(key) = vault_key::data_key(&folder, &provider, &pin, random) {
            let mut vault = vault_key::vault(&folder, &key).expect("it opens");
            return client::roles::expert::evaluation_key(&mut vault, random).expect("it was made");
        }
    }
    panic!("no token opens it");
}

/// Its disk was well after all: it is told so, calmly, and does nothing.
fn old_pc_is_refused(world: &mut World, old: &mut Pc, sitter: &Sitter) {
    let late = made_key(old, sitter);
    let size = world.size();
    old.switch_on();
    old.until("it sees the seat", |pc| pc.offered("check_in"));
    let refused = old.open().check_in(sitter.ticket.clone(), &sitter.pin);
    assert_eq!(code(refused), "D-204");
    assert!(old.open().sheet(ROUND).is_err());
    let payload = evaluation::acts::committee::LeaderVoted {
        line: sitter.line.clone(),
        leader: sitter.line.clone(),
    };
    let mut core = support::core(world, "clerk", "leader.voted", "committee", &payload);
    core.actor = record::PublicKey(late.public_key());
    let author = client::Author::new(late, core.device);
    let answer = world
        .link_as(&author)
        .act_submit(&world.cast.origin, &support::sign(&author, core));
    assert_eq!(refusal(answer), "C-108");
    assert_eq!(world.size(), size, "nothing of it is in the record");
    old.kill();
}

/// Scoring goes on at the new PC; it goes back once, and never again.
fn goes_on(world: &mut World, mut new: Pc, sitter: &Sitter) {
    put(&new, 1, "新电脑上补填");
    new.kill();
    new.switch_on();
    sitter.check_in(&new, world);
    new.until_in(world, "the round again", |pc, _| round_open(pc));
    assert_eq!(reasons(&new), ["备份前录入", "新电脑上补填"]);
    let cells = {
        let sheet = new.open().sheet(ROUND).expect("open");
        sheet.criteria.len() * sheet.bidders.len()
    };
    for place in 0..cells {
        put(&new, place, "全部填写");
    }
    let sheets = world.count("sheet.sealed");
    new.until_in(world, "it may be sealed", |pc, _| {
        pc.offered(&format!("seal:{ROUND}"))
    });
    new.open()
        .seal(ROUND.to_owned(), &sitter.pin)
        .expect("the new key seals");
    support::turns(world, 1);
    assert_eq!(world.count("sheet.sealed"), sheets + 1);
}

#[test]
fn an_old_pc_that_still_runs_says_that_its_seat_was_moved() {
    let mut world = world(83, |_| ());
    let (old, sitter) = seated(&mut world);
    put(&old, 0, "原电脑上录入");
    let new = Pc::new(&world, &old.seat);
    new.until("the seat was taken elsewhere", |pc| {
        pc.view().new_pc == Some(NewPc::Offered)
    });
    new.open()
        .ask_replacement(sitter.ticket.clone(), &sitter.pin)
        .expect("it asks");
    let name = desk_of(&world, &sitter);
    let waiting = asked(&mut world, &name);
    let booth = waiting[0].booth.clone();
    new_pc::confirm(world.desk_mut(&name), &waiting, &booth).expect("everything holds");
    old.until_in(&mut world, "it is said", |pc, _| pc.notices() == ["D-204"]);
    let late = old.open().put_cell(&old.cell(1, "迟到"));
    assert_eq!(code(late), "D-204");
    assert_eq!(code(old.open().seal(ROUND.to_owned(), &sitter.pin)), "D-204");
    assert_eq!(
        reasons(&old),
        ["原电脑上录入"],
        "what was written can still be read"
    );
}
