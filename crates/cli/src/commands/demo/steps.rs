//! What a rehearsal says while it goes on: steps, the acts that a newcomer should see come by, and how long each took.

use std::time::{Duration, Instant};

/// What was done when, and how long it took.
pub(super) struct Steps {
    begun: Instant,
    last: Instant,
    rows: Vec<(String, Duration)>,
    /// Leaves of the record, cover included.
    leaves: usize,
}

/// Acts that a newcomer should see come by.
const MILESTONES: [(&str, &str); 12] = [
    (
        "record.created",
        "record created: origin, suite, procedure, witness policy",
    ),
    ("ingest_key.declared", "lot key made 2 of 3, ingest key declared"),
    ("deadline.reached", "deadline"),
    ("opening.recorded", "bids opened one by one, opening record"),
    ("draw.result", "code names and booths drawn"),
    ("stage.closed", "qualification reviewed by the purchaser"),
    ("round.defined", "round defined"),
    (
        "round.countersigned",
        "round sealed by every member, closed and countersigned",
    ),
    ("round.opened", "round opened by the quorum"),
    ("result.computed", "prices opened, result computed"),
    ("report.made", "report made"),
    ("archived", "report signed, record archived"),
];

impl Steps {
    pub(super) fn new(begun: Instant) -> Self {
        Self {
            begun,
            last: begun,
            rows: Vec::new(),
            leaves: 0,
        }
    }

    pub(super) fn done(&mut self, what: &str) {
        let now = Instant::now();
        let took = now - self.last;
        self.last = now;
        println!("{:>7.1} s  {what}", (now - self.begun).as_secs_f64());
        self.rows.push((what.to_owned(), took));
    }

    pub(super) fn act(&mut self, entry: &record::Entry) {
        self.leaves += 1;
        let record::Leaf::Header { header, .. } = &entry.leaf else {
            return;
        };
        if let Some((_, what)) = MILESTONES.iter().find(|(kind, _)| *kind == header.kind) {
            let place = if header.instance.contains('/') {
                format!("{what} ({})", header.instance)
            } else {
                (*what).to_owned()
            };
            self.done(&place);
        }
    }

    pub(super) fn summary(&self) {
        println!("\nHow long each step took");
        for (what, took) in &self.rows {
            println!("{:>7.1} s  {what}", took.as_secs_f64());
        }
        println!(
            "{:>7.1} s  in all, {} acts in the record, the centre's cover leaves among them",
            self.begun.elapsed().as_secs_f64(),
            self.leaves
        );
    }
}
