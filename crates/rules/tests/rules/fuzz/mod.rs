//! Inputs that nobody meant: the two readers, and the evaluation behind them, over changed rulebooks and cases.
//!
//! Input `number` of `seed` is the same everywhere. `CONCLAVE_RULE_INPUTS` is how many there are, `CONCLAVE_SEED`
//! decides them; `cargo xtask soak rules` sets both. One that breaks a promise is written out beside the build.

mod corpus;
mod mutate;
mod promises;
mod random;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use conclave_rules::{Case, evaluate, template, templates};
use serde_json::Value;

use random::Chance;

/// So many are tried where nobody says how many.
const FEW: u64 = 2_500;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

struct Input {
    bytes: Vec<u8>,
    is_case: bool,
}

fn input(corpus: &[(bool, Value)], seed: u64, number: u64) -> Input {
    let mut chance = Chance::new(seed, number);
    let (is_case, value) = chance.of(corpus).clone();
    let others: Vec<Value> = (0..3).map(|_| chance.of(corpus).1.clone()).collect();
    Input {
        bytes: mutate::mutated(value, &others, &mut chance),
        is_case,
    }
}

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

#[test]
fn no_input_breaks_a_promise() {
    let (seed, count) = (number("CONCLAVE_SEED", 1), number("CONCLAVE_RULE_INPUTS", FEW));
    println!("CONCLAVE_SEED={seed} CONCLAVE_RULE_INPUTS={count}");
    let corpus = corpus::all();
    let running = path("rules-fuzz-running.json");
    let mut seen = promises::Seen::default();
    let mut broken = Vec::new();
    for number in 0..count {
        let input = input(&corpus, seed, number);
        // A stack that overflows takes the process along: then the input lies there.
        if count > FEW {
            std::fs::write(&running, &input.bytes).expect("the build has a folder for tests");
        }
        let held = catch_unwind(AssertUnwindSafe(|| {
            promises::hold(&input.bytes, input.is_case, &mut seen)
        }));
        let said = match held {
            Ok(Ok(())) => continue,
            Ok(Err(said)) => said,
            Err(panic) => format!("panic: {}", words(&*panic)),
        };
        let file = path(&format!("rules-fuzz-{seed}-{number}.json"));
        std::fs::write(&file, &input.bytes).expect("the build has a folder for tests");
        broken.push(format!("seed {seed}, input {number}, {}: {said}", file.display()));
        if broken.len() == 20 {
            break;
        }
    }
    println!("{seen}");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    seen.enough(count);
}

fn words(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without words".to_owned())
}

#[test]
fn an_input_is_the_same_each_time() {
    let corpus = corpus::all();
    for number in 0..20 {
        assert_eq!(input(&corpus, 7, number).bytes, input(&corpus, 7, number).bytes);
    }
    assert_ne!(input(&corpus, 7, 0).bytes, input(&corpus, 8, 0).bytes);
}

#[test]
fn what_was_not_changed_keeps_every_promise() {
    let mut seen = promises::Seen::default();
    for (is_case, value) in corpus::all() {
        let bytes = value.to_string().into_bytes();
        let held = promises::hold(&bytes, is_case, &mut seen);
        assert_eq!(held, Ok(()), "{value:#}");
    }
    assert_eq!((seen.refused, seen.failed), (0, 0), "{seen}");
}

/// Few bids and ten times as many: the derivation grows with them and not with their square.
#[test]
fn every_template_is_evaluated_over_many_bids() {
    // A soak takes the ten thousand bids of a large framework.
    let many = if number("CONCLAVE_RULE_INPUTS", FEW) > FEW {
        10_000
    } else {
        400
    };
    for (name, _) in templates() {
        let book = template(name).expect("it has this name");
        let value = serde_json::to_value(&book).expect("a rulebook is JSON");
        let sizes = [many / 10, many].map(|count| {
            let case = corpus::with_bids(&book, value.clone(), count).to_string();
            let case = Case::parse(case.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}"));
            let outcome =
                evaluate(&case.rulebook, &case.facts).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(outcome.bidders.len(), count as usize, "{name}");
            let nodes = outcome.derivation.values();
            nodes.map(|node| 1 + node.inputs.len()).sum::<usize>()
        });
        assert!(sizes[1] <= 11 * sizes[0], "{name}: {sizes:?}");
    }
}

/// The cases among what is changed, for other tests over all of them.
pub(crate) fn cases() -> Vec<Value> {
    let all = corpus::all().into_iter();
    all.filter_map(|(is_case, value)| is_case.then_some(value))
        .collect()
}
