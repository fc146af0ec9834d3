//! What an attacker can try against a running evaluation, each refused before harm is done.

mod support;

#[path = "attacks/acts.rs"]
mod acts;
#[path = "attacks/bids.rs"]
mod bids;
#[path = "attacks/clocks.rs"]
mod clocks;
#[path = "attacks/committee.rs"]
mod committee;
#[path = "attacks/histories.rs"]
mod histories;
#[path = "attacks/keys.rs"]
mod keys;
#[path = "attacks/replacements.rs"]
mod replacements;

use conclave_simulation::World;
use std::sync::{Mutex, MutexGuard, OnceLock};

/// The one world in which all bids are in and nothing is opened. Tests leave it as it was.
fn bidding() -> MutexGuard<'static, World> {
    static WORLD: OnceLock<Mutex<World>> = OnceLock::new();
    support::paused(&WORLD, 11, support::bids_are_in)
}
