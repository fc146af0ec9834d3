//! What a network learns between an expert's booth and the centre, over real TLS: the same records, whatever is
//! written, how much, and how often it is changed (protocol 4, Drafts; 6).

#[path = "wire/forwarder.rs"]
mod forwarder;
mod support;

use client::drafts;
use client::http_link::{HttpLink, HttpSetting, TlsIdentity};
use client::link::Link;
use client::rehearsal::{Identity, Links, Pace, Post, Scenario, SheetScript};
use conclave_simulation::World;
use evaluation::BidderId;
use forwarder::{Direction, Forwarder, Mark, difference, pattern};
use record::{Leaf, Millis};
use rules::{Cell, CriterionId, SheetCell};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use server::{Limits, Server, ServerSetting};
use std::sync::Arc;
use support::{go, world};
use tokio::runtime::Runtime;

/// Cadence of these booths: fast, so that no simulated hours pass.
const PACE: Pace = Pace {
    cadence: 4_000,
    seal_after: 4,
};
const STAGES: [&str; 2] = ["conformity/1", "scored/1"];
/// The member who writes differently in the two runs; the others outvote him.
const MEMBER: usize = 0;
/// Bytes of a reason that the sample's rulebook allows.
const REASON: usize = 480;

/// Links over TLS through the forwarder.
struct TlsLinks {
    base_url: String,
    root: Vec<u8>,
}

impl Links for TlsLinks {
    fn link(&self, identity: Identity<'_>) -> Box<dyn Link> {
        let identity = match identity {
            Identity::Anonymous => None,
            Identity::Key(key, Some(chain)) => Some(TlsIdentity::with_chain(key, chain)),
            Identity::Key(key, None) => Some(TlsIdentity::self_signed(key)),
            Identity::Witness(key) => Some(TlsIdentity::witness(key)),
        };
        let setting = HttpSetting {
            base_url: self.base_url.clone(),
            ca_roots: vec![self.root.clone()],
            identity: identity.map(|identity| identity.expect("the key has a certificate")),
            server_name: Some("localhost".to_owned()),
            driven: false,
        };
        Box::new(HttpLink::connect(setting).expect("an address and a name"))
    }
}

/// A world in which one booth reaches the centre over TLS, watched.
struct Watched {
    world: World,
    booth: String,
    forwarder: Forwarder,
    runtime: Runtime,
    server: Option<Server>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.world.seats.clear(); // ends their connections
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}

/// Runs until nobody has anything to do.
fn quiet(world: &mut World) {
    for _ in 0..200 {
        match world.round() {
            Ok(false) => return,
            Ok(true) => {}
            Err((seat, error)) => panic!("{seat}: {error}"),
        }
    }
    panic!("it never becomes quiet: {:?}", world.last_acts(10));
}

impl Watched {
    /// Up to the first committee round, whose ceremony lacks one holder.
    fn start(script: impl FnOnce(&mut SheetScript)) -> Self {
        let mut member = None;
        let mut world = world(83, |scenario: &mut Scenario| {
            scenario.pace = PACE;
            script(&mut scenario.members[MEMBER].script);
            member = Some(scenario.members[MEMBER].script.clone());
        });
        let member = member.expect("the sample has members");
        go(&mut world, |world| world.count("stage.closed") > 0);
        world.switched_off.insert("holder-3".to_owned());
        quiet(&mut world);
        let lines = &world.state().committee().lines;
        let seat = world.cast.seats.iter().find(|seat| match &seat.post {
            Post::Booth { booth, sitters, .. } => lines.values().any(|line| {
                let sits = |sitter: &&client::rehearsal::Sitter| sitter.member.ticket == line.ticket;
                line.booth == *booth
                    && sitters
                        .iter()
                        .find(sits)
                        .is_some_and(|sitter| sitter.script == member)
            }),
            _ => false,
        });
        let booth = seat.expect("every member was drawn to a booth").name.clone();
        let runtime = Runtime::new().expect("a runtime");
        let server = serve(&world, &runtime);
        let forwarder = Forwarder::start(server.address(), world.clock.clone());
        let links = TlsLinks {
            base_url: format!("https://{}", forwarder.address),
            root: world.cast.root.clone(),
        };
        world
            .reopen_over(&booth, Arc::new(links))
            .expect("its vault is whole");
        quiet(&mut world);
        Self {
            world,
            booth,
            forwarder,
            runtime,
            server: Some(server),
        }
    }

    /// From the accepted round to the sealed receipt. `edit` is called before every turn of everybody, with the
    /// number of snapshots that have left.
    fn round(&mut self, stage: &str, mut edit: impl FnMut(&mut World, &str, u64)) -> Vec<Mark> {
        quiet(&mut self.world); // an idle connection is closed after a while; this one is in use
        self.forwarder.take();
        let beginning: Millis = self.world.clock.time();
        self.world.switched_off.clear();
        let mut snapshots = 0;
        for _ in 0..200 {
            if let Some(index) = self.own("sheet.sealed", stage).first()
                && self.world.desk(&self.booth).replica.cosigned_size() > *index
            {
                let seen = self.forwarder.take();
                return pattern(&seen, beginning, PACE.cadence);
            }
            if self.own("draft.saved", stage).len() > snapshots {
                snapshots = self.own("draft.saved", stage).len();
                edit(&mut self.world, &self.booth, snapshots as u64);
            }
            if !self.world.round().expect("everybody goes on") {
                self.world.clock.advance(500);
            }
        }
        panic!("not sealed: {:?}", self.world.last_acts(10));
    }

    /// Indices of the booth's own acts of a type.
    fn own(&self, kind: &str, stage: &str) -> Vec<u64> {
        let desk = self.world.desk(&self.booth);
        let me = desk.author.public();
        let entries = desk.replica.entries().iter();
        let own = entries.filter(|entry| match &entry.leaf {
            Leaf::Header { header, .. } => {
                header.kind == kind && header.instance == stage && header.actor == me
            }
            Leaf::Hash(_) => false,
        });
        own.map(|entry| entry.index).collect()
    }

    /// Goes on to the next round, whose ceremony lacks a holder again.
    fn next(&mut self) {
        self.world.switched_off.insert("holder-3".to_owned());
        go(&mut self.world, |world| world.state().round(STAGES[1]).is_some());
        quiet(&mut self.world);
    }
}

fn serve(world: &World, runtime: &Runtime) -> Server {
    let (key, chain) = &world.cast.server;
    let pkcs8 = key.unlock().expect("its PIN").pkcs8();
    let chain = chain
        .iter()
        .map(|der| CertificateDer::from(der.clone()))
        .collect();
    let key = PrivatePkcs8KeyDer::from(pkcs8.expose().to_vec());
    let setting = ServerSetting {
        centre: world.centre().expect("the centre runs"),
        roots: vec![world.cast.root.clone()],
        tls: server::tls::server_config(chain, key.into()).expect("key and certificate fit"),
        listen: "127.0.0.1:0".parse().expect("an address"),
        operator_listen: "127.0.0.1:0".parse().expect("an address"),
        limits: Limits::default(),
        log_addresses: false,
        cover_interval: None,
        probe: Arc::new(|| Ok(())),
    };
    runtime.block_on(Server::start(setting)).expect("free ports")
}

/// Everything passes; low scores, of one digit where the criterion allows it, with reasons of one character.
fn terse(script: &mut SheetScript) {
    for (value, reason) in cells(script) {
        if value == "fail" {
            *value = "pass".to_owned();
        } else if value != "pass" && !fixed(value) {
            *value = "0".to_owned();
        }
        *reason = if value == "pass" {
            String::new()
        } else {
            "略".to_owned()
        };
    }
}

/// Everything fails, or has a score with as many decimals as are allowed, with reasons up to the last byte, full of what JSON escapes.
fn verbose(script: &mut SheetScript) {
    for (value, reason) in cells(script) {
        if value == "pass" || value == "fail" {
            *value = "fail".to_owned();
        } else if !fixed(value) {
            *value = format!("3.5{}", "0".repeat(38));
        }
        *reason = "\"\\\n".repeat(REASON / 3);
    }
}

/// A score of an objective criterion, which all members must give alike.
fn fixed(value: &str) -> bool {
    !value.contains('.')
}

fn cells(script: &mut SheetScript) -> impl Iterator<Item = &mut (String, String)> {
    script
        .values_mut()
        .flat_map(|bids| bids.values_mut())
        .flat_map(|criteria| criteria.values_mut())
}

/// Types over every cell again and again, and ends with what was there.
fn restless(world: &mut World, booth: &str, stage: &str, snapshots: u64) {
    let setting = world.state().round(stage).expect("a round").setting.clone();
    let vault = &mut world.desk_mut(booth).vault;
    for bidder in &setting.bidders {
        let block = drafts::block(vault, stage, bidder, &setting.criteria).expect("the vault is whole");
        for cell in block.cells {
            for length in [1, 100, REASON - usize::try_from(snapshots).expect("a few")] {
                type_reason(vault, stage, bidder, &cell.criterion, &"x".repeat(length));
            }
            drafts::put(vault, stage, bidder, &cell, 480).expect("it was there");
        }
    }
}

fn type_reason(
    vault: &mut storage::Vault,
    stage: &str,
    bidder: &BidderId,
    criterion: &CriterionId,
    text: &str,
) {
    let cell = SheetCell {
        criterion: criterion.clone(),
        cell: Cell::Fail {
            reason: text.to_owned(),
        },
    };
    drafts::put(vault, stage, bidder, &cell, 480).expect("within the limit");
}

#[test]
fn a_network_can_t_tell_sheets_apart() {
    let mut terse = Watched::start(terse);
    let mut verbose = Watched::start(verbose);
    assert_eq!(terse.booth, verbose.booth, "one seed, one draw");
    for stage in STAGES {
        let one = terse.round(stage, |_, _, _| ());
        let other = verbose.round(stage, |world, booth, snapshots| {
            restless(world, booth, stage, snapshots);
        });
        assert_eq!(difference(&one, &other), None, "{stage}");
        let uploads = |marks: &[Mark]| marks.iter().filter(|mark| mark.is_full_upload()).count();
        assert!(
            uploads(&one) >= 8 * 4,
            "{stage}: four snapshots of 128 KiB each left"
        );
        for run in [&mut terse, &mut verbose] {
            assert_eq!(
                run.own("draft.saved", stage).len(),
                4,
                "{stage}: as the pace says"
            );
        }
        if stage == STAGES[0] {
            terse.next();
            verbose.next();
        }
    }
    assert_a_leak_is_seen(&mut terse);
}

/// The comparison sees a client that does not pad: what it sends differs by one character, then by a whole record.
fn assert_a_leak_is_seen(run: &mut Watched) {
    let send = |reason: String| {
        let desk = run.world.desk(&run.booth);
        run.forwarder.take();
        let bytes = serde_json::to_vec(&serde_json::json!({ "reason": reason })).expect("JSON");
        desk.link
            .blob_put(&desk.replica.origin(), &bytes)
            .expect("the line stands");
        pattern(&run.forwarder.take(), run.world.clock.time(), PACE.cadence)
    };
    let short = send("a".repeat(10));
    assert_eq!(difference(&short, &send("b".repeat(10))), None, "the same size");
    for longer in [11, 200, 20_000] {
        let told = difference(&short, &send("a".repeat(longer)));
        assert!(told.is_some(), "{longer} characters in place of 10 are seen");
    }
    run.world.clock.advance(PACE.cadence);
    let late = {
        let seen = run.world.desk(&run.booth).link.feed(&run.world.cast.origin, "");
        seen.expect("the line stands");
        run.forwarder.take()
    };
    let beginning = run.world.clock.time();
    let (now, later) = (
        pattern(&late, beginning, PACE.cadence),
        pattern(&late, beginning - PACE.cadence / 2, PACE.cadence),
    );
    assert!(difference(&now, &later).is_some(), "the moment is compared");
    assert!(now.iter().any(|mark| mark.direction() == Direction::ToSeat));
}
