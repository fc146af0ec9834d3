//! Seeded randomness and a clock that moves when told.

use record::{Digest, Millis};
use sealing::Random;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// SHA-256 in counter mode over a seed and a label.
#[derive(Clone, Debug)]
pub struct Seeded {
    seed: Digest,
    counter: u64,
}

impl Seeded {
    /// A stream of its own for each label.
    pub fn new(seed: u64, label: &str) -> Self {
        Self {
            seed: Digest::tagged("simulation", &[&seed.to_be_bytes(), label.as_bytes()]),
            counter: 0,
        }
    }

    /// A number below `bound` (bound ≥ 1); the bias is of no matter in a simulation.
    pub fn below(&mut self, bound: usize) -> usize {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        usize::try_from(u64::from_be_bytes(bytes) % bound.max(1) as u64).unwrap_or(0)
    }
}

impl Random for Seeded {
    fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(32) {
            let block = Digest::tagged("simulation/block", &[&self.seed.0, &self.counter.to_be_bytes()]);
            self.counter += 1;
            chunk.copy_from_slice(&block.0[..chunk.len()]);
        }
    }
}

/// A clock shared by centre and seats.
#[derive(Clone, Debug)]
pub struct SimClock(Arc<AtomicU64>);

impl SimClock {
    /// Starts at a time.
    pub fn new(start: Millis) -> Self {
        Self(Arc::new(AtomicU64::new(start)))
    }

    /// Moves on.
    pub fn advance(&self, by: Millis) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }

    /// Sets the time, backwards too.
    pub fn set(&self, to: Millis) {
        self.0.store(to, Ordering::SeqCst);
    }

    /// Now.
    pub fn time(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}

impl centre::Clock for SimClock {
    fn now(&self) -> Millis {
        self.time()
    }
}

impl client::ports::Clock for SimClock {
    fn now(&self) -> Millis {
        self.time()
    }
}
