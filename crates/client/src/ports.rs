//! The outside of a seat as arguments: time and randomness.

use record::Millis;
use sealing::Random;

/// The seat's own clock.
pub trait Clock: Send {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> Millis;
}

/// The operating system's random source.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system gives random bytes, or nothing here may go on");
    }
}
