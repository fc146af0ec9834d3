//! Every command of the table, as every caller, in every state of a record: what the centre answers is the committed
//! page `docs/formats/routes.md`. Written anew with
//! `CONCLAVE_RENEW_PAGES=1 cargo test -p conclave-simulation --test routes`.

mod support;

use centre::{Centre, CentreError, Principal, admitted};
use client::rehearsal::Seated;
use conclave_simulation::{Seeded, World};
use evaluation::acts::setup::RoleAssigned;
use evaluation::{PersonId, Role};
use protocol::{
    COMMANDS, Command, Cosignature, ErrorCode, HeldBlobs, Method, ReplacementAsk, ReturnedLeaves,
};
use record::{ActId, BlobRef, Digest, Origin, PublicKey, Submission};
use sealing::Random;
use sealing::curve::SecretScalar;
use sealing::sign::SigningKeyPair;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use support::{act, bids_are_in, core, go, sign, turns, world};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/routes.md");
const STATES: [&str; 6] = [
    "before the deadline",
    "after the deadline",
    "round open",
    "result",
    "archived",
    "rebuild",
];

/// Who asks.
struct Caller {
    name: String,
    principal: Principal,
    /// Certified as a clerk under the centre's anchors.
    clerk: bool,
    /// Certified under them at all.
    certified: bool,
    /// Signs the acts it sends.
    key: SigningKeyPair,
}

fn fresh(name: &str) -> SigningKeyPair {
    SigningKeyPair::generate(&mut Seeded::new(81, name))
}

fn copy(key: &SigningKeyPair) -> SigningKeyPair {
    let secret = key.secret().to_secret_bytes();
    SigningKeyPair::from_secret(SecretScalar::from_bytes(secret.expose()).expect("a key's own secret"))
}

fn caller(name: &str, key: SigningKeyPair, clerk: bool, certified: bool) -> Caller {
    Caller {
        name: name.to_owned(),
        principal: Principal::Key(PublicKey(key.public_key())),
        clerk,
        certified,
        key,
    }
}

/// Roles that the sample seats nobody in.
const SEATED_HERE: [Role; 5] = [
    Role::Technician,
    Role::Verifier,
    Role::System,
    Role::Security,
    Role::Audit,
];

fn seat_others(world: &mut World) {
    for role in SEATED_HERE {
        let key = fresh(role.name()).public_key();
        let person = format!("person-{}", role.name());
        let certificate = world
            .cast
            .authority
            .certify(&person, "示例机构", role, &key)
            .expect("certified");
        let site = world.state().sites().keys().next().cloned();
        let payload = RoleAssigned {
            person: PersonId::new(person).expect("a pseudonym"),
            role,
            organisation: "示例机构".to_owned(),
            site: site.filter(|_| role == Role::Technician),
            key: PublicKey(key),
            encryption_key: None,
            certificate: vec![base64::Engine::encode(
                &base64::engine::general_purpose::STANDARD,
                certificate,
            )],
        };
        act(world, "clerk", "role.assigned", "", &payload).expect("seated");
    }
}

/// Nobody, the strangers, the closed list of roles, bidders and log witnesses.
fn callers(world: &World) -> Vec<Caller> {
    let mut callers = vec![
        Caller {
            name: "nobody".to_owned(),
            principal: Principal::Anonymous,
            clerk: false,
            certified: false,
            key: fresh("nobody"),
        },
        caller("certified, not of the record", fresh("unknown"), false, true),
        caller("clerk of another record", fresh("other clerk"), true, true),
        caller("certified by a foreign CA", fresh("foreign"), false, false),
    ];
    let seats = [
        (Role::Supervisor, "supervisor"),
        (Role::WitnessPerson, "witness-person-host"),
        (Role::Clerk, "clerk"),
        (Role::Purchaser, "purchaser"),
        (Role::SiteOperator, "desk-host"),
        (Role::Holder, "holder-1"),
        (Role::Custodian, "custodian-1"),
    ];
    for role in Role::ALL {
        let key = match role {
            Role::Expert | Role::TendererRepresentative => world.seats.values().find_map(|seat| match seat {
                Seated::Desk(desk, _) => {
                    let (_, line) = desk.replica.state().line_of(&desk.author.public())?;
                    (line.role == role).then(|| copy(desk.author.key()))
                }
                _ => None,
            }),
            Role::Booth => world
                .cast
                .seat("booth-H-01")
                .map(|seat| seat.key.unlock().expect("the PIN is right")),
            // A bidder is no party of the record: it has no certificate, only its one-time submission key.
            Role::Bidder => None,
            _ if SEATED_HERE.contains(&role) => Some(fresh(role.name())),
            _ => {
                let (_, seat) = seats.iter().find(|(of, _)| *of == role).expect("seated");
                Some(copy(world.desk(seat).author.key()))
            }
        };
        let certified = !matches!(role, Role::Expert | Role::TendererRepresentative);
        match key {
            Some(key) => callers.push(caller(role.name(), key, role == Role::Clerk, certified)),
            None => callers.push(Caller {
                name: "bidder".to_owned(),
                principal: Principal::Anonymous,
                clerk: false,
                certified: false,
                key: fresh("submission"),
            }),
        }
    }
    let witness = world.cast.seat("witness-court").expect("a log witness");
    let witness = witness.key.unlock_ed25519().expect("the PIN is right");
    callers.push(Caller {
        name: "log witness".to_owned(),
        principal: Principal::Witness(witness.public()),
        clerk: false,
        certified: false,
        key: fresh("witness"),
    });
    callers
}

/// What the requests name.
struct Things {
    origin: Origin,
    rulebook: Vec<u8>,
    first: Submission,
    note: String,
    bid: ActId,
    submission: String,
}

fn things(world: &World) -> Things {
    let desk = world.desk("clerk");
    let entry = &desk.replica.entries()[0];
    let (disclosed, record::Leaf::Header { signature, .. }) =
        (entry.disclosed.clone().expect("its own act"), &entry.leaf)
    else {
        panic!("the clerk's own act")
    };
    let rulebook = desk.replica.state().record().expect("created").rulebook;
    let bidder = world
        .seats
        .values()
        .find_map(|seat| match seat {
            Seated::Bidder(bidder) => bidder.submission().expect("its vault").zip(bidder.acts().first()),
            _ => None,
        })
        .expect("a bid is in");
    Things {
        origin: world.cast.origin,
        rulebook: desk
            .link
            .blob_get(&world.cast.origin, &rulebook.digest)
            .expect("the rulebook"),
        first: Submission {
            body: disclosed.body,
            salt: disclosed.salt,
            signature: *signature,
            openings: entry.openings.clone(),
        },
        note: desk.replica.cosigned().expect("cosigned").format(),
        bid: *bidder.1,
        submission: bidder.0.to_owned(),
    }
}

fn class<T>(answer: Result<T, CentreError>) -> String {
    let body = match answer {
        Ok(_) => return "yes".to_owned(),
        Err(error) => error.body(),
    };
    match body.error {
        ErrorCode::Refused => body.refusal.unwrap_or_default(),
        ErrorCode::Unauthenticated => "unauthenticated".to_owned(),
        ErrorCode::Forbidden => "forbidden".to_owned(),
        ErrorCode::DrivenBuild => "driven build".to_owned(),
        ErrorCode::NotFound => "not found".to_owned(),
        ErrorCode::BadRequest => "bad request".to_owned(),
        ErrorCode::Busy => "busy".to_owned(),
        ErrorCode::Quota => "quota".to_owned(),
        ErrorCode::Waiting => "waiting".to_owned(),
        ErrorCode::Internal => "internal".to_owned(),
    }
}

/// A well-formed act that changes nothing: only the centre makes observations.
fn observation(world: &World, by: &Caller) -> Submission {
    let mut core = core(
        world,
        "clerk",
        "observation.health",
        "",
        &BTreeMap::<String, u8>::new(),
    );
    core.actor = PublicKey(by.key.public_key());
    Seeded::new(world.clock.time(), &by.name).fill(&mut core.id.0);
    sign_with(&by.key, core)
}

fn sign_with(key: &SigningKeyPair, core: record::Core) -> Submission {
    let author = client::Author::new(copy(key), core.device);
    sign(&author, core)
}

/// A withdrawal of a submission that there is not.
fn withdrawal(world: &World, by: &Caller) -> Submission {
    let payload = evaluation::acts::bids::BidWithdrawn {
        submission: "0".repeat(32),
    };
    let mut core = core(
        world,
        "clerk",
        "bid.withdrawn",
        evaluation::acts::bids::BIDS,
        &payload,
    );
    core.actor = PublicKey(by.key.public_key());
    sign_with(&by.key, core)
}

/// The answer to a harmless, well-formed request; `None` for what is answered without the centre.
fn ask(world: &World, centre: &Centre, command: &Command, by: &Caller, things: &Things) -> Option<String> {
    let (origin, who) = (&things.origin, &by.principal);
    if let Err(error) = admitted(command.access, who, by.clerk) {
        return Some(class::<()>(Err(error)));
    }
    Some(match command.name {
        "health" | "metrics" => return None,
        "record_list" => class(centre.record_list(who).and_then(|lines| {
            // As the server does: a certified key may have no record yet, another gets no list.
            let known = !lines.is_empty() || by.certified;
            known.then_some(lines).ok_or(CentreError::Unauthenticated)
        })),
        "record_create" => class(centre.record_create(who, &things.first)),
        "setup_blob_put" => class(centre.setup_blob_put(who, &things.rulebook)),
        "act_submit" => class(centre.act_submit(who, origin, &observation(world, by))),
        "feed" | "live" => class(centre.feed(who, origin, "")),
        "blob_put" => class(centre.blob_put(who, origin, &things.rulebook)),
        "blob_get" => class(centre.blob_get(who, origin, &Digest::of(&things.rulebook))),
        "ingest_key" => class(centre.ingest_key(who, origin)),
        "part_decrypt" => class(centre.part_decrypt(who, origin, &things.submission, "opening")),
        "presence" => class(centre.presence(who, origin, &|_| None)),
        "replacement_ask" => {
            let party = world.state().parties(&PublicKey(by.key.public_key()));
            let ask = ReplacementAsk {
                booth: party
                    .iter()
                    .find_map(|party| party.booth.clone())
                    .unwrap_or_default(),
                proposals: Vec::new(),
            };
            class(centre.replacement_ask(who, origin, &ask))
        }
        "replacement_list" => class(centre.replacement_list(who, origin)),
        "archive_get" => {
            let full = class(centre.archive(who, origin, audit::package::Profile::Full));
            let public = class(centre.archive(who, origin, audit::package::Profile::Public));
            if full == public {
                full
            } else {
                format!("full {full}, public {public}")
            }
        }
        "leaves_return" => {
            let leaves = ReturnedLeaves {
                replaced: Vec::new(),
                note: things.note.clone(),
                newest: None,
                recoveries: 0,
                leaves: Vec::new(),
            };
            class(centre.leaves_return(who, origin, leaves))
        }
        "blobs_missing" => {
            let blobs = vec![BlobRef::of(&things.rulebook)];
            class(centre.blobs_missing(origin, &HeldBlobs { blobs }))
        }
        "blob_return" => class(centre.blob_return(origin, &things.rulebook)),
        "bundle" => class(centre.bundle(origin)),
        "bid_blob_put" => class(centre.bid_blob_put(origin, &things.rulebook)),
        "bid_act" => class(centre.bid_act(origin, &withdrawal(world, by))),
        "bid_receipt" => {
            // Only the bidder knows the id of its act.
            let id = if by.name == "bidder" {
                things.bid
            } else {
                ActId([9; 16])
            };
            class(centre.bid_receipt(origin, &id))
        }
        "bid_stage" => class(centre.bid_stage(origin)),
        "witness_page" => class(centre.witness_page(who, origin, 0)),
        "witness_live" => class(centre.witness_heads(who)),
        "cosign" => {
            let cosignature = Cosignature {
                size: 0,
                note: things.note.clone(),
            };
            class(centre.cosign(who, origin, &cosignature))
        }
        other => panic!("{other}: give the test a harmless request"),
    })
}

/// Outcomes by command and caller, a state at a time.
type Outcomes = BTreeMap<(usize, usize), Vec<Option<String>>>;

fn probe(world: &mut World, callers: &[Caller], outcomes: &mut Outcomes) {
    cosigned(world);
    let world = &*world;
    let things = things(world);
    let centre = world.centre().expect("it runs");
    let before = acts(world);
    for (place, command) in COMMANDS.iter().enumerate() {
        for (who, by) in callers.iter().enumerate() {
            let outcome = ask(world, &centre, command, by, &things);
            outcomes.entry((place, who)).or_default().push(outcome);
        }
    }
    assert_eq!(acts(world), before, "the requests are harmless");
}

/// Log witnesses alone go on until they have cosigned what there is.
fn cosigned(world: &mut World) {
    let witness = |seat: &Seated| matches!(seat, Seated::LogWitness(_));
    let others = world.seats.iter().filter(|(_, seat)| !witness(seat));
    let others = others.map(|(name, _)| name.clone()).collect();
    let switched_off = std::mem::replace(&mut world.switched_off, others);
    support::turns(world, 2);
    world.switched_off = switched_off;
}

/// Leaves of the record that are not the centre's observations and cover.
fn acts(world: &World) -> usize {
    let entries = world.stored_entries();
    let observed = |entry: &&record::Entry| matches!(&entry.leaf, record::Leaf::Header { header, .. } if header.kind.starts_with("observation."));
    entries.iter().filter(|entry| !observed(entry)).count()
}

fn page(callers: &[Caller], outcomes: &Outcomes) -> String {
    let mut page = String::from(HEAD);
    for (place, command) in COMMANDS.iter().enumerate() {
        let method = match command.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
        };
        let _ = write!(
            page,
            "\n## `{}`\n`{method} {}`: {}.\n\n",
            command.name, command.path, command.what
        );
        let mut rows: Vec<(Vec<&str>, &Vec<Option<String>>)> = Vec::new();
        for (who, by) in callers.iter().enumerate() {
            let row = &outcomes[&(place, who)];
            match rows.iter_mut().find(|(_, known)| *known == row) {
                Some((names, _)) => names.push(&by.name),
                None => rows.push((vec![&by.name], row)),
            }
        }
        if rows.iter().all(|(_, row)| row.iter().all(Option::is_none)) {
            page.push_str("Answered by the process itself, whatever the record.\n");
            continue;
        }
        let _ = writeln!(
            page,
            "| caller | {} |\n|---|{}",
            STATES.join(" | "),
            "---|".repeat(STATES.len())
        );
        let most = rows.iter().map(|(names, _)| names.len()).max().unwrap_or(0);
        for (names, row) in &rows {
            let names = if names.len() == callers.len() {
                "everybody".to_owned()
            } else if names.len() == most && most > callers.len() / 2 {
                "everybody else".to_owned()
            } else {
                names.join(", ")
            };
            let row: Vec<&str> = row.iter().map(|o| o.as_deref().unwrap_or("yes")).collect();
            let _ = writeln!(page, "| {names} | {} |", row.join(" | "));
        }
    }
    page
}

const HEAD: &str = "# Routes by caller and state

Generated by running an evaluation and asking the real centre; do not edit. Renew with
`CONCLAVE_RENEW_PAGES=1 cargo test -p conclave-simulation --test routes`.

What a harmless, well-formed request of each command is answered, by who asks and where the record stands. **yes**: it is
done or shown. A code such as `C-118` is a refusal of the evaluation (`crates/evaluation/src/refusal.rs`); the other words are
the error codes of the protocol. Callers are the handshake's: no certificate, a certificate whose key the record does not
know, the keys of the closed list of roles, members of the committee with their evaluation keys, log witnesses with their
cosigning keys. A bidder has no certificate: its acts are signed by its submission key, and it alone knows their ids.

Requests: `act_submit` sends an observation, which only the centre may make; `bid_act` withdraws a submission that there is
not; `blob_get` asks for the rulebook; `part_decrypt` for the opening part of a bid; `record_create` repeats the record's first
act; `bid_receipt` asks for a bid's act, from others than the bidder for one that there is not. *Rebuild*: an old copy of the
disk was put back after the round had opened, and the record is read-only. The record shows what it may of each leaf by the
[access matrix](access.md).
";

#[test]
fn every_route_answers_every_caller_in_every_state_as_the_committed_page_says() {
    let mut world = world(81, |_| ());
    go(&mut world, bids_are_in);
    seat_others(&mut world);
    turns(&mut world, 2);
    let callers = callers(&world);
    let mut outcomes = Outcomes::new();
    probe(&mut world, &callers, &mut outcomes);
    go(&mut world, |world| world.state().deadline_reached().is_some());
    probe(&mut world, &callers, &mut outcomes);
    go(&mut world, |world| {
        let round = world.state().round("conformity/1");
        round.is_some_and(|round| !round.sheets.is_empty())
    });
    let backup = world.back_up();
    probe(&mut world, &callers, &mut outcomes);
    go(&mut world, |world| world.state().result().is_some());
    probe(&mut world, &callers, &mut outcomes);
    go(&mut world, |world| world.packages(0).is_some());
    probe(&mut world, &callers, &mut outcomes);
    world.put_back(&backup).expect("the old copy is whole");
    world
        .desk_mut("holder-1")
        .sync()
        .expect("it gives back what it has");
    probe(&mut world, &callers, &mut outcomes);
    assert!(outcomes.values().all(|row| row.len() == STATES.len()));

    let page = page(&callers, &outcomes);
    if std::env::var_os("CONCLAVE_RENEW_PAGES").is_some() {
        std::fs::write(PAGE, &page).expect("the page is written");
    }
    let committed = std::fs::read_to_string(PAGE).unwrap_or_default();
    let differs = page.lines().zip(committed.lines()).position(|(a, b)| a != b);
    let at = differs.unwrap_or(page.lines().count().min(committed.lines().count()));
    assert!(
        page == committed,
        "docs/formats/routes.md, line {}: the centre says {:?}, the page {:?}; read the change, then renew the page",
        at + 1,
        page.lines().nth(at),
        committed.lines().nth(at)
    );
}
