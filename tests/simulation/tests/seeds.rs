//! Many runs: other orders of turns, lost calls and answers, a centre that is started again in between.
//! `CONCLAVE_SEEDS` says how many (3), `CONCLAVE_SEED` the first one (1).

mod support;

use client::ClientError;
use client::rehearsal::Seated;
use conclave_simulation::{Outcome, Seeded, World};
use record::{ActId, Body, Digest, Entry, Leaf, Submission, commit_body};
use std::collections::BTreeMap;
use storage::OutboxState;
use support::{assert_sound, totals};

/// Rounds in which a run must end.
const LIMIT: usize = 1_500;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

/// One run: loss of 0 to 15 %, the centre started again in one round out of forty.
fn run(seed: u64) -> Result<(World, Outcome), (String, ClientError)> {
    let mut chance = Seeded::new(seed, "chance");
    let loss = chance.below(16);
    let mut world = World::sample(seed, loss).map_err(|error| ("world".to_owned(), error))?;
    let mut restarts = 0;
    for rounds in 1..=LIMIT {
        if chance.below(40) == 0 {
            world
                .start_centre()
                .map_err(|error| ("centre".to_owned(), error))?;
            restarts += 1;
        }
        let acted = world.round()?;
        if let Some(outcome) = world.packages(rounds) {
            println!(
                "seed {seed}: {loss} % lost, {restarts} restarts, {rounds} rounds, {} acts",
                world.size()
            );
            return Ok((world, outcome));
        }
        if !acted {
            world.clock.advance(2_000);
        }
    }
    let why = format!(
        "{loss} % lost: stuck; last acts: {}",
        world.last_acts(20).join(", ")
    );
    Err(("world".to_owned(), ClientError::check(why.clone(), why)))
}

fn commitments(entries: &[Entry]) -> BTreeMap<u64, Digest> {
    let known = entries.iter().filter_map(|entry| match &entry.leaf {
        Leaf::Header { commitment, .. } => Some((entry.index, *commitment)),
        Leaf::Hash(_) => None,
    });
    known.collect()
}

fn act_ids(entries: &[Entry]) -> BTreeMap<ActId, u64> {
    let known = entries.iter().filter_map(|entry| {
        let body = Body::parse(&entry.disclosed.as_ref()?.body).ok()?;
        Some((body.core.id, entry.index))
    });
    known.collect()
}

/// Every acknowledged act is in the final record, at the place it was acknowledged at. Returns how many there were.
fn acknowledged_acts_stand(world: &mut World) -> usize {
    let entries = world.desk("clerk").replica.entries().to_vec();
    let (leaves, ids) = (commitments(&entries), act_ids(&entries));
    let mut checked = 0;
    for (name, seat) in &mut world.seats {
        match seat {
            Seated::Desk(desk, _) => {
                for item in desk.vault.outbox().items(0, 4_096).expect("the outbox is whole") {
                    let OutboxState::Acknowledged { index } = item.state else {
                        panic!("{name} still waits for an acknowledgement")
                    };
                    if index == u64::MAX >> 1 {
                        continue; // refused for good
                    }
                    let act: Submission = serde_json::from_slice(&item.bytes).expect("an act");
                    let commitment = commit_body(&act.salt, &act.body);
                    assert_eq!(
                        leaves.get(&index),
                        Some(&commitment),
                        "{name}: act acknowledged at {index}"
                    );
                    checked += 1;
                }
            }
            Seated::Bidder(bidder) => {
                for act in bidder.acts() {
                    assert!(ids.contains_key(act), "{name}: an acknowledged bid is gone");
                    checked += 1;
                }
            }
            Seated::LogWitness(_) => {}
        }
    }
    checked
}

#[test]
fn whatever_is_lost_and_whenever_the_centre_starts_again_the_result_is_the_same() {
    let (first, count) = (number("CONCLAVE_SEED", 1), number("CONCLAVE_SEEDS", 3));
    println!("CONCLAVE_SEED={first} CONCLAVE_SEEDS={count}");
    for seed in first..first + count {
        let (mut world, outcome) = match run(seed) {
            Ok(done) => done,
            Err((seat, error)) => panic!("CONCLAVE_SEED={seed} CONCLAVE_SEEDS=1: {seat}: {error}"),
        };
        let checked = acknowledged_acts_stand(&mut world);
        assert!(
            checked > 100,
            "seed {seed}: only {checked} acknowledged acts were found"
        );
        assert_eq!(totals(&world), ["1 89.44", "2 82.10", "3 81.22"], "seed {seed}");
        assert_sound(&world, &outcome);
    }
}
