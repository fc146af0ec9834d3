//! What the tests of a whole world share: refused acts, crafted acts, moments at which a world is paused.
#![allow(dead_code, reason = "each test file takes what it needs")]

use audit::anchors::Anchors;
use audit::checks::Checks;
use audit::{Verdict, verify};
use client::author::{Author, Draft, PersonalKey};
use client::rehearsal::{Scenario, Seated};
use client::{ClientError, Link};
use conclave_simulation::{Outcome, Seeded, World};
use evaluation::acts::setup::WitnessLine;
use evaluation::acts::witnesses::{ReplacementProposed, WitnessReplaced};
use protocol::{Acknowledged, ErrorCode};
use record::{ActId, Body, Core, Header, Salt, Seen, Signature, Submission, commit_body, signing_input};
use sealing::Random as _;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

pub(crate) fn world(seed: u64, change: impl FnOnce(&mut Scenario)) -> World {
    let mut scenario = World::scenario().expect("the sample package is in the repository");
    change(&mut scenario);
    World::new(&scenario, seed, 0).expect("the scenario fits")
}

/// A world that tests only try to harm: each leaves it as it was.
pub(crate) fn paused(
    cell: &'static OnceLock<Mutex<World>>,
    seed: u64,
    until: fn(&World) -> bool,
) -> MutexGuard<'static, World> {
    let made = cell.get_or_init(|| {
        let mut world = world(seed, |_| ());
        go(&mut world, until);
        Mutex::new(world)
    });
    made.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn go(world: &mut World, until: impl Fn(&World) -> bool) {
    if let Err((seat, error)) = world.run_until(until) {
        panic!("{seat}: {error}");
    }
}

pub(crate) fn turns(world: &mut World, count: usize) {
    if let Err((seat, error)) = world.rounds(count) {
        panic!("{seat}: {error}");
    }
}

pub(crate) fn finish(world: &mut World) -> Outcome {
    match world.run() {
        Ok(outcome) => outcome,
        Err((seat, error)) => panic!("{seat}: {error}"),
    }
}

pub(crate) fn assert_sound(world: &World, outcome: &Outcome) {
    let anchors = Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors");
    let report = verify(&outcome.full, Some(&anchors), &Checks::all());
    assert_eq!(
        report.verdict,
        Verdict::Sound,
        "{}",
        report.text(evaluation::Language::En)
    );
}

/// Rank and total of every ranked bidder, by submission order.
pub(crate) fn totals(world: &World) -> Vec<String> {
    let result = world.state().result().expect("there is a result");
    let ranked = result.outcome.ranking.iter().map(|candidate| {
        let bid = &result.outcome.bidders[&candidate.bidder];
        format!(
            "{} {}",
            candidate.rank,
            bid.total.as_ref().expect("a ranked bid has a total").shown
        )
    });
    ranked.collect()
}

/// How many acts the bidders have made.
pub(crate) fn bid_acts(world: &World) -> usize {
    let acts = world.seats.values().map(|seat| match seat {
        Seated::Bidder(bidder) => bidder.acts().len(),
        _ => 0,
    });
    acts.sum()
}

/// A bid of one more bidder, with the content of the first, and the act that submits it.
pub(crate) fn fresh_bid(world: &World, number: u64) -> (client::bidding::SealedFiles, Submission) {
    use client::bidding::{Step, check_bundle, prepare, seal};
    let bidder = world.bidder("bidder-A");
    let bundle = nobody(world)
        .bundle(&world.cast.origin)
        .expect("the lot key is complete");
    let bundle = check_bundle(&bundle, bidder.anchors.clone()).expect("the bundle is sound");
    let random = &mut Seeded::new(number, "fresh bid");
    let files = seal(
        &bundle,
        &bidder.parts,
        &bidder.key,
        sealing::bid::Mode::And,
        None,
        random,
    )
    .expect("parts fit the rulebook");
    let act = prepare(&bundle, &files.bid, Step::Submit, world.clock.time(), random).expect("an act");
    (files, act)
}

/// Uploads a bid and sends its act until it has entered the record.
pub(crate) fn entered(
    world: &World,
    files: &client::bidding::SealedFiles,
    act: &Submission,
) -> Result<Acknowledged, ClientError> {
    let (link, origin) = (nobody(world), &world.cast.origin);
    client::bidding::upload(&*link, origin, files)?;
    loop {
        match client::bidding::enter(&*link, origin, act) {
            Err(ClientError::Centre(body)) if body.error == ErrorCode::Waiting => {
                world.clock.advance(500);
                world
                    .centre()
                    .expect("a centre runs")
                    .tick()
                    .expect("its store is whole");
            }
            answer => return answer.map(|(_, acknowledged)| acknowledged),
        }
    }
}

/// All bids are in, everybody sits, nothing is opened: the deadline is not reached.
pub(crate) fn bids_are_in(world: &World) -> bool {
    bid_acts(world) == 7 && world.state().committee().leader.is_some()
}

pub(crate) fn act<T: Serialize>(
    world: &mut World,
    seat: &str,
    kind: &str,
    instance: &str,
    payload: &T,
) -> Result<Acknowledged, ClientError> {
    signed(world, seat, kind, instance, payload, None)
}

/// An act of a seat, past its outbox: what a program of the attacker's would send.
pub(crate) fn signed<T: Serialize>(
    world: &mut World,
    seat: &str,
    kind: &str,
    instance: &str,
    payload: &T,
    personal: Option<&PersonalKey>,
) -> Result<Acknowledged, ClientError> {
    let draft = Draft {
        kind,
        instance,
        payload,
        attachments: Vec::new(),
        personal,
    };
    let origin = world.cast.origin;
    let desk = world.desk_mut(seat);
    desk.sync()?;
    let (seen, now) = (desk.replica.seen(), desk.now());
    let submission = desk.author.compose(origin, draft, seen, now, &mut *desk.random)?;
    desk.link.act_submit(&origin, &submission)
}

/// A core as an honest client would lay it out, to be bent.
pub(crate) fn core<T: Serialize>(world: &World, seat: &str, kind: &str, instance: &str, payload: &T) -> Core {
    let desk = world.desk(seat);
    let mut id = [0; 16];
    Seeded::new(world.clock.time(), kind).fill(&mut id);
    Core {
        suite: record::Suite::International,
        origin: world.cast.origin,
        id: ActId(id),
        actor: desk.author.public(),
        device: desk.author.device(),
        kind: kind.to_owned(),
        instance: instance.to_owned(),
        payload: serde_json::to_value(payload).expect("payloads are JSON"),
        seen: desk.replica.seen(),
        time: world.clock.time(),
        expires: world.clock.time() + 60_000,
    }
}

pub(crate) fn sign(author: &Author, core: Core) -> Submission {
    let body = Body::new(core, BTreeMap::new()).expect("the core fits");
    let salt = Salt([7; 32]);
    let input = signing_input(&Header::of(&body), &commit_body(&salt, &body.bytes));
    Submission {
        body: body.bytes,
        salt,
        signature: Signature(author.key().sign(&input)),
        openings: BTreeMap::new(),
    }
}

pub(crate) fn submit(world: &World, seat: &str, core: Core) -> Result<Acknowledged, ClientError> {
    let desk = world.desk(seat);
    desk.link
        .act_submit(&world.cast.origin, &sign(&desk.author, core))
}

/// The code with which the centre refused.
#[track_caller]
pub(crate) fn refusal<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> String {
    match answer {
        Err(ClientError::Centre(body)) if body.error == ErrorCode::Refused => {
            body.refusal.unwrap_or_default()
        }
        other => panic!("not refused: {other:?}"),
    }
}

/// The kind of error that the centre answered with.
#[track_caller]
pub(crate) fn kind<T: std::fmt::Debug>(answer: Result<T, ClientError>) -> ErrorCode {
    match answer {
        Err(ClientError::Centre(body)) => body.error,
        other => panic!("no error of the centre: {other:?}"),
    }
}

#[track_caller]
pub(crate) fn checked<T>(answer: Result<T, ClientError>, words: &str) {
    match answer {
        Err(ClientError::Check(why)) => {
            assert!(why.en.contains(words), "refused for another reason: {}", why.en)
        }
        Err(other) => panic!("not a check of the client: {other}"),
        Ok(_) => panic!("the client goes on"),
    }
}

#[track_caller]
pub(crate) fn unsound<T>(answer: Result<T, ClientError>, words: &str) {
    match answer {
        Err(ClientError::Unsound(why)) => assert!(why.contains(words), "unsound for another reason: {why}"),
        Err(other) => panic!("not unsound: {other}"),
        Ok(_) => panic!("the client goes on"),
    }
}

pub(crate) fn nothing_seen() -> Seen {
    Seen {
        size: 0,
        root: record::Tree::new().root(),
    }
}

/// The personal key behind a seat's own certificate.
pub(crate) fn own_key(world: &World, seat: &str) -> PersonalKey {
    let seat = world.cast.seat(seat).expect("a seat of the cast");
    let chain = evaluation::acts::decode_chain(&seat.chain).expect("the cast makes chains");
    PersonalKey {
        provider: seat.key.provider().expect("a P-256 key"),
        chain,
        pin: seat.key.pin(),
    }
}

/// Leaf hashes as the clerk's client knows them.
pub(crate) fn leaves(world: &World) -> Vec<record::Digest> {
    let entries = world.desk("clerk").replica.entries();
    entries.iter().map(record::Entry::leaf_hash).collect()
}

/// The time for returning leaves passes.
pub(crate) fn return_window(world: &mut World) {
    let centre = world.centre().expect("it runs");
    centre.tick().expect("the store works");
    world.clock.advance(centre::RETURN_WINDOW);
    centre.tick().expect("the store works");
}

pub(crate) fn nobody(world: &World) -> Box<dyn Link> {
    world.link(None)
}

/// The first payload of a type at an instance in the clerk's copy.
pub(crate) fn payload<T: serde::de::DeserializeOwned>(world: &World, kind: &str) -> Option<T> {
    world.desk("clerk").replica.entries().iter().find_map(|entry| {
        let body = Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        (body.core.kind == kind).then(|| serde_json::from_value(body.core.payload).ok())?
    })
}

pub(crate) fn anchors(world: &World) -> Anchors {
    Anchors::parse(world.cast.anchors.as_bytes()).expect("the cast makes anchors")
}

/// The line of an anchored log witness that no record names yet.
pub(crate) fn further(world: &World, place: &str) -> WitnessLine {
    let name = format!("{place}.witness.rehearsal");
    let anchors = anchors(world);
    let all = anchors
        .witnesses
        .witnesses
        .iter()
        .chain(&anchors.further_witnesses);
    let found = all.into_iter().find(|witness| witness.name == name);
    let witness = found.expect("the scenario names it");
    WitnessLine {
        name: witness.name.clone(),
        key: witness.key.to_string(),
        organisation: witness.organisation.clone(),
        outside: witness.outside,
    }
}

pub(crate) fn proposal(replaced: &str, by: &WitnessLine) -> ReplacementProposed {
    ReplacementProposed {
        replaced: replaced.to_owned(),
        by: by.clone(),
        reason: "该节点断电后无法恢复。".to_owned(),
    }
}

/// What confirms the proposal that stands.
pub(crate) fn confirmation(world: &World) -> WitnessReplaced {
    let proposal = world.state().witness_proposal().expect("proposed");
    WitnessReplaced {
        proposal: proposal.id,
        replaced: proposal.payload.replaced.clone(),
        by: proposal.payload.by.clone(),
    }
}

/// Supervisor and clerk replace a log witness by programs that check nothing.
pub(crate) fn replace(world: &mut World, replaced: &str, by: &WitnessLine) -> u64 {
    act(
        world,
        "supervisor",
        "witness.replacement_proposed",
        "",
        &proposal(replaced, by),
    )
    .expect("a supervisor proposes");
    world.desk_mut("clerk").sync().expect("the line stands");
    let payload = confirmation(world);
    let index = act(world, "clerk", "witness.replaced", "", &payload)
        .expect("another organisation confirms")
        .index;
    world.desk_mut("clerk").sync().expect("the line stands");
    index
}
