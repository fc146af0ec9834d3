//! Counts for the operator: numbers of the process, no names, no record ids, no scores.

use crate::answers::Failed;
use record::Origin;
use std::collections::{BTreeMap, VecDeque};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Heads of one record whose cosigning is timed at once.
const MAX_TIMED: usize = 1024;

/// A histogram with fixed upper bounds.
struct Histogram {
    bounds: &'static [u64],
    counts: Vec<AtomicU64>,
    sum: AtomicU64,
}

impl Histogram {
    fn new(bounds: &'static [u64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum: AtomicU64::new(0),
        }
    }

    fn observe(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        self.counts[place].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    fn write(&self, out: &mut String, name: &str, help: &str) {
        let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} histogram");
        let mut total = 0;
        for (place, count) in self.counts.iter().enumerate() {
            total += count.load(Ordering::Relaxed);
            match self.bounds.get(place) {
                Some(bound) => {
                    let _ = writeln!(out, "{name}_bucket{{le=\"{bound}\"}} {total}");
                }
                None => {
                    let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {total}");
                }
            }
        }
        let sum = self.sum.load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}_sum {sum}\n{name}_count {total}");
    }
}

/// The counts.
pub(crate) struct Metrics {
    acts: AtomicU64,
    failures: Mutex<BTreeMap<String, u64>>,
    commands: Mutex<BTreeMap<(&'static str, u16), u64>>,
    pub(crate) queue: AtomicI64,
    pub(crate) live: AtomicI64,
    pub(crate) connections: AtomicI64,
    batches: Histogram,
    cosign_lag: Histogram,
    waiting: Mutex<BTreeMap<Origin, VecDeque<(u64, Instant)>>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Metrics {
    pub(crate) fn new() -> Self {
        Self {
            acts: AtomicU64::new(0),
            failures: Mutex::new(BTreeMap::new()),
            commands: Mutex::new(BTreeMap::new()),
            queue: AtomicI64::new(0),
            live: AtomicI64::new(0),
            connections: AtomicI64::new(0),
            batches: Histogram::new(&[1, 2, 4, 8, 16, 32, 64, 128, 256]),
            cosign_lag: Histogram::new(&[50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000]),
            waiting: Mutex::new(BTreeMap::new()),
        }
    }

    /// A command was answered.
    pub(crate) fn answered(&self, command: &'static str, status: u16, failed: Option<&Failed>) {
        *lock(&self.commands).entry((command, status)).or_default() += 1;
        if let Some(failed) = failed {
            let code = match &failed.refusal {
                Some(refusal) => refusal.clone(),
                None => format!("{:?}", failed.code).to_lowercase(),
            };
            *lock(&self.failures).entry(code).or_default() += 1;
        }
    }

    /// A batch was committed; `size` is the record's size after it, if it grew.
    pub(crate) fn committed(&self, origin: Origin, batch: usize, acts: usize, size: Option<u64>) {
        self.batches.observe(batch as u64);
        self.acts.fetch_add(acts as u64, Ordering::Relaxed);
        let Some(size) = size else { return };
        let mut waiting = lock(&self.waiting);
        let heads = waiting.entry(origin).or_default();
        if heads.len() < MAX_TIMED {
            heads.push_back((size, Instant::now()));
        }
    }

    /// A quorum covers the record up to `size`.
    pub(crate) fn cosigned(&self, origin: &Origin, size: u64) {
        let mut waiting = lock(&self.waiting);
        let Some(heads) = waiting.get_mut(origin) else {
            return;
        };
        while let Some((_, since)) = heads.pop_front_if(|(head, _)| *head <= size) {
            self.cosign_lag.observe(millis(since.elapsed()));
        }
    }

    /// Prometheus text.
    pub(crate) fn text(&self) -> String {
        let mut out = String::new();
        let gauges = [
            (
                "conclave_queue_acts",
                "acts that wait for a committer",
                &self.queue,
            ),
            ("conclave_live_channels", "open live channels", &self.live),
            ("conclave_connections", "open connections", &self.connections),
        ];
        for (name, help, value) in gauges {
            let value = value.load(Ordering::Relaxed);
            let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
        }
        let acts = self.acts.load(Ordering::Relaxed);
        let _ = writeln!(
            out,
            "# HELP conclave_acts_total acts acknowledged\n# TYPE conclave_acts_total counter\nconclave_acts_total {acts}"
        );
        out.push_str("# HELP conclave_refusals_total answers by refusal or error code\n");
        out.push_str("# TYPE conclave_refusals_total counter\n");
        for (code, count) in &*lock(&self.failures) {
            let _ = writeln!(out, "conclave_refusals_total{{code=\"{code}\"}} {count}");
        }
        out.push_str("# HELP conclave_commands_total answers by command and status\n");
        out.push_str("# TYPE conclave_commands_total counter\n");
        for ((command, status), count) in &*lock(&self.commands) {
            let _ = writeln!(
                out,
                "conclave_commands_total{{command=\"{command}\",status=\"{status}\"}} {count}"
            );
        }
        self.batches
            .write(&mut out, "conclave_commit_batch_acts", "acts of one group commit");
        self.cosign_lag.write(
            &mut out,
            "conclave_cosign_lag_milliseconds",
            "time from a commit to w cosignatures",
        );
        let oldest = lock(&self.waiting)
            .values()
            .filter_map(|heads| heads.front())
            .map(|(_, since)| millis(since.elapsed()))
            .max();
        let _ = writeln!(
            out,
            "# HELP conclave_cosign_waiting_milliseconds age of the oldest commit without w cosignatures\n\
             # TYPE conclave_cosign_waiting_milliseconds gauge\nconclave_cosign_waiting_milliseconds {}",
            oldest.unwrap_or(0)
        );
        out
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
