//! Named points at which a development process dies by SIGKILL, so that crash tests hit the moments that matter, or
//! stops, so that a test can look around.
//!
//! Disarmed unless the shell calls [`arm_for_development`]; then the environment variable `CONCLAVE_FAULT`
//! (several separated by commas) says where. `name=N`: the process dies at the N-th hit of that name, with nothing
//! flushed and nothing unwound. `stop:name=N`: at the N-th and every later hit it stops by SIGSTOP, and goes on when
//! somebody sends SIGCONT.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Environment variable that names the fault.
pub const VARIABLE: &str = "CONCLAVE_FAULT";

/// All points there are: a closed list.
pub const NAMES: &[&str] = &[
    "centre.before_append",
    "centre.after_commit",
    "centre.after_checkpoint",
    "centre.before_acknowledge",
    "centre.before_project",
    "centre.before_cosignature",
    "witness.before_cosign",
    "witness.after_cosign",
    "client.before_send",
    "client.after_acknowledge",
    "holder.before_release",
    "store.before_commit",
    "store.after_commit",
    "store.after_checkpoint",
    "blob.before_rename",
    "blob.after_rename",
    "vault.before_commit",
    "vault.after_commit",
];

struct Fault {
    name: &'static str,
    does: Does,
    /// The hit that counts.
    at: u64,
    /// Hits so far.
    hits: AtomicU64,
}

/// What an armed point does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Die,
    Stop,
}

static ARMED: OnceLock<Vec<Fault>> = OnceLock::new();

/// Why a fault text was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "CONCLAVE_FAULT has a part that is not name=N or stop:name=N, with a known name and N of 1 or more: {part}"
)]
pub struct BadFault {
    /// The part that was not understood.
    pub part: String,
}

/// Reads `CONCLAVE_FAULT` once and arms the points it names. Without the call no point ever does anything.
/// A release shell never calls it.
///
/// # Errors
/// [`BadFault`] if the text is not understood; then nothing is armed.
pub fn arm_for_development() -> Result<(), BadFault> {
    let text = std::env::var(VARIABLE).unwrap_or_default();
    let faults = parse(&text)?;
    // A second call changes nothing: the table is read once a process.
    let _ = ARMED.set(faults);
    Ok(())
}

/// Passes the point `name`; dies or stops here if it is armed and its count is reached.
pub fn hit(name: &'static str) {
    debug_assert!(NAMES.contains(&name), "unknown fault point {name}");
    let Some(faults) = ARMED.get() else { return };
    for fault in faults.iter().filter(|fault| fault.name == name) {
        match fault.reached() {
            Some(Does::Die) => die(),
            Some(Does::Stop) => stop(),
            None => {}
        }
    }
}

impl Fault {
    /// Counts a hit; what is to be done at it.
    fn reached(&self) -> Option<Does> {
        let hit = self.hits.fetch_add(1, Ordering::SeqCst) + 1;
        let now = match self.does {
            Does::Die => hit == self.at,
            Does::Stop => hit >= self.at,
        };
        now.then_some(self.does)
    }
}

fn parse(text: &str) -> Result<Vec<Fault>, BadFault> {
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| {
            parse_part(part).ok_or_else(|| BadFault {
                part: part.to_owned(),
            })
        })
        .collect()
}

fn parse_part(part: &str) -> Option<Fault> {
    let (does, point) = match part.strip_prefix("stop:") {
        Some(point) => (Does::Stop, point),
        None => (Does::Die, part),
    };
    let (name, count) = point.split_once('=')?;
    let name = NAMES.iter().find(|known| **known == name)?;
    let count = count.parse::<u64>().ok().filter(|count| *count > 0)?;
    Some(Fault {
        name,
        does,
        at: count,
        hits: AtomicU64::new(0),
    })
}

#[cfg(unix)]
fn die() {
    use rustix::process::{Signal, getpid, kill_process};
    // If the system refuses to kill, ending without cleaning up is the next nearest.
    if kill_process(getpid(), Signal::KILL).is_err() {
        std::process::abort();
    }
    loop {
        std::thread::park();
    }
}

#[cfg(not(unix))]
fn die() {
    std::process::abort();
}

#[cfg(unix)]
fn stop() {
    use rustix::process::{Signal, getpid, kill_process};
    // If the system refuses, the process goes on, and whoever waits for the stop notices.
    let _ = kill_process(getpid(), Signal::STOP);
}

#[cfg(not(unix))]
fn stop() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_parsed_and_counted() {
        let faults = parse("store.after_commit=3, vault.before_commit=1").expect("both known");
        assert_eq!(faults.len(), 2);
        let reached: Vec<_> = (0..4).map(|_| faults[0].reached()).collect();
        assert_eq!(reached, [None, None, Some(Does::Die), None]);
        let stops = parse("stop:store.after_commit=2").expect("known");
        let reached: Vec<_> = (0..3).map(|_| stops[0].reached()).collect();
        assert_eq!(reached, [None, Some(Does::Stop), Some(Does::Stop)]);
        assert!(parse("").expect("nothing asked").is_empty());
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for text in [
            "nowhere=1",
            "store.after_commit",
            "store.after_commit=0",
            "store.after_commit=x",
            "halt:store.after_commit=1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_point_that_is_not_armed_does_nothing() {
        for name in NAMES {
            hit(name);
        }
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "unknown fault point")]
    fn an_unknown_name_is_noticed_in_development() {
        hit("nowhere");
    }
}
