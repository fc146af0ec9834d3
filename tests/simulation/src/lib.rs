//! A whole evaluation in one process: the real centre, the real clients, a simulated clock, net and store.
//!
//! What a seed decides: the order in which seats get their turn, lost answers of the net, and every random byte of
//! keys and nonces (certificates aside). The same seed gives the same run.

mod control;
mod memory_link;
mod seeded;
mod world;

pub use control::Backup;
pub use memory_link::{MemoryLink, MemoryLinks, Net};
pub use seeded::{Seeded, SimClock};
pub use world::{Outcome, World, sample_folder};
