//! The record act by act: what was done, when, by which key, and what it changed. Names nobody.

use crate::context::Slot;
use crate::package::Package;
use evaluation::{Act, Refusal, State};
use record::Millis;
use serde::Serialize;
use std::collections::BTreeMap;

/// A copy of the state is kept at every so many acts, so that a jump back folds few.
const SNAPSHOT: u64 = 256;

/// What came of an act in the replay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Allowed by the acts before it.
    Ok,
    /// Refused, with the code; the state stays as it was and the replay goes no further.
    Refused(String),
    /// The body is withheld: the leaf counts in the tree and changes nothing else.
    Withheld,
    /// The entry gives no act that holds.
    NoAct(String),
    /// After the act at which the replay stopped.
    NotReplayed,
}

/// One act of the record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Index of the leaf.
    pub index: u64,
    /// Centre time, milliseconds since the Unix epoch.
    pub time: Millis,
    /// Act type; empty when only a leaf hash is given.
    pub kind: String,
    /// Its Chinese word.
    pub zh: String,
    /// The first eight hex digits of the actor's x-coordinate.
    pub actor: String,
    /// Stage instance.
    pub instance: String,
    /// What came of it.
    pub outcome: StepOutcome,
    /// What it changed, in short: `submissions 1 -> 2`.
    pub changed: Vec<String>,
}

/// Which acts to show; what is not given does not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Act type, or its beginning when it ends in `.`: `member.`.
    pub kind: Option<String>,
    /// Stage instance.
    pub instance: Option<String>,
    /// Beginning of the actor's short form.
    pub actor: Option<String>,
}

impl Filter {
    /// Whether a step is shown.
    pub fn shows(&self, step: &Step) -> bool {
        let kind = self.kind.as_ref().is_none_or(|kind| match kind.ends_with('.') {
            true => step.kind.starts_with(kind.as_str()),
            false => step.kind == *kind,
        });
        let instance = self
            .instance
            .as_ref()
            .is_none_or(|instance| step.instance == *instance);
        kind && instance
            && self
                .actor
                .as_ref()
                .is_none_or(|actor| step.actor.starts_with(actor.as_str()))
    }
}

/// A replay of a package, at a place in it.
pub struct Replay<'a> {
    package: &'a Package,
    slots: Vec<Slot>,
    next: u64,
    state: State,
    stopped: bool,
    snapshots: BTreeMap<u64, (State, bool)>,
}

impl<'a> Replay<'a> {
    /// A replay before the first act.
    pub fn new(package: &'a Package) -> Replay<'a> {
        Replay {
            package,
            slots: crate::context::slots(package),
            next: 0,
            state: State::new(),
            stopped: false,
            snapshots: BTreeMap::new(),
        }
    }

    /// Number of entries.
    pub fn len(&self) -> u64 {
        self.slots.len() as u64
    }

    /// Whether the package holds no entry.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Index of the act that [`Replay::step`] makes next.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// The state after the acts before [`Replay::position`].
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Makes the next act; `None` at the end.
    pub fn step(&mut self) -> Option<Step> {
        let slot = self.slots.get(usize::try_from(self.next).ok()?)?;
        if self.next.is_multiple_of(SNAPSHOT) {
            self.snapshots
                .entry(self.next)
                .or_insert_with(|| (self.state.clone(), self.stopped));
        }
        let before = summary(&self.state);
        let outcome = if self.stopped {
            StepOutcome::NotReplayed
        } else {
            fold(self.package, &mut self.state, slot)
        };
        self.stopped |= matches!(outcome, StepOutcome::Refused(_) | StepOutcome::NoAct(_));
        let step = describe(slot, outcome, changes(&before, &summary(&self.state)));
        self.next += 1;
        Some(step)
    }

    /// Steps on to the next act that the filter shows; `None` when there is none.
    pub fn next_shown(&mut self, filter: &Filter) -> Option<Step> {
        loop {
            let step = self.step()?;
            if filter.shows(&step) {
                return Some(step);
            }
        }
    }

    /// Goes to a place: the next step makes the act at `index` (or is the end, when there are fewer).
    pub fn jump(&mut self, index: u64) {
        let index = index.min(self.len());
        let near = self
            .snapshots
            .range(..=index)
            .next_back()
            .map(|(at, (state, stopped))| (*at, state.clone(), *stopped));
        let ahead = near.as_ref().is_some_and(|(at, ..)| *at > self.next);
        if index < self.next || ahead {
            (self.next, self.state, self.stopped) = near.unwrap_or_else(|| (0, State::new(), false));
        }
        while self.next < index && self.step().is_some() {}
    }
}

fn fold(package: &Package, state: &mut State, slot: &Slot) -> StepOutcome {
    let refused = |refusal: Refusal| StepOutcome::Refused(refusal.to_string());
    match (&slot.act, slot.read()) {
        (Some(act), _) => match state.apply(&Act::new(act, slot.index, slot.time()), package) {
            Ok(()) => StepOutcome::Ok,
            Err(refusal) => refused(refusal),
        },
        (None, Some(entry)) => match record::verify_entry(&entry.withheld()) {
            Ok(leaf) if entry.disclosed.is_none() => {
                state.pass_over(leaf.leaf_hash(), leaf.time());
                StepOutcome::Withheld
            }
            Ok(_) => StepOutcome::NoAct("the body does not belong to its commitment or header".to_owned()),
            Err(fault) => StepOutcome::NoAct(fault.to_string()),
        },
        (None, None) => StepOutcome::NoAct("the entry can't be read".to_owned()),
    }
}

fn describe(slot: &Slot, outcome: StepOutcome, changed: Vec<String>) -> Step {
    let header = slot.header();
    let kind = slot.kind();
    Step {
        index: slot.index,
        time: slot.time(),
        kind: kind.to_owned(),
        zh: evaluation::catalogue::find(kind)
            .map_or("", |line| line.zh)
            .to_owned(),
        actor: header.map_or_else(String::new, |header| hex::encode(&header.actor.0[1..5])),
        instance: header.map_or_else(String::new, |header| header.instance.clone()),
        outcome,
        changed,
    }
}

/// Counts that acts change, by name.
fn summary(state: &State) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    let mut put = |name: &str, count: usize| {
        counts.insert(name.to_owned(), count as u64);
    };
    let committee = state.committee();
    put("record", usize::from(state.record().is_some()));
    put(
        "roles",
        evaluation::Role::ALL
            .iter()
            .map(|role| state.with_role(*role).count())
            .sum(),
    );
    put("sites", state.sites().len());
    put(
        "lot key",
        usize::from(
            state
                .ceremony("lot-key")
                .is_some_and(|ceremony| ceremony.key.is_some()),
        ),
    );
    put("ingest key", usize::from(state.ingest_key().is_some()));
    put("submissions", state.submissions().len());
    put("standing submissions", state.standing().len());
    put(
        "deadline reached",
        usize::from(state.deadline_reached().is_some()),
    );
    put(
        "opened parts",
        state.submissions().values().map(|s| s.outcomes.len()).sum(),
    );
    put(
        "partial decryptions",
        state
            .submissions()
            .values()
            .flat_map(|s| s.partials.values())
            .map(BTreeMap::len)
            .sum(),
    );
    put("bidders", state.bidders().len());
    put("seats", committee.seats.len());
    put("tickets", committee.tickets.len());
    put("lines", committee.lines.len());
    put(
        "bound lines",
        committee
            .lines
            .values()
            .filter(|line| line.binding.is_some())
            .count(),
    );
    put(
        "promises",
        committee.lines.values().filter(|line| line.promised).count(),
    );
    put(
        "avoidance declared",
        committee
            .lines
            .values()
            .filter(|line| line.clear.is_some())
            .count(),
    );
    put("leader", usize::from(committee.leader.is_some()));
    put("qualified or not", state.qualification().len());
    put("prices", state.prices().len());
    put("result", usize::from(state.result().is_some()));
    put("report", usize::from(state.report().is_some()));
    put("report signatures", state.signed().len());
    put("ending signatures", state.ending().len());
    put("suspended", usize::from(state.suspended().is_some()));
    put("warnings", state.warnings().count());
    put("presence", state.presence().len());
    put("ended without a result", usize::from(state.ended().is_some()));
    put("archived", usize::from(state.archived().is_some()));
    if let Some(book) = state.rulebook() {
        for stage in &book.stages {
            rounds(state, stage.id.as_str(), &mut counts);
        }
    }
    counts
}

fn rounds(state: &State, instance: &str, counts: &mut BTreeMap<String, u64>) {
    if let Some(ceremony) = state.ceremony(instance) {
        counts.insert(format!("{instance} deals"), ceremony.deals.len() as u64);
        counts.insert(format!("{instance} key"), u64::from(ceremony.key.is_some()));
    }
    if let Some(round) = state.round(instance) {
        counts.insert(format!("{instance} defined"), 1);
        counts.insert(format!("{instance} sealed"), round.sheets.len() as u64);
        counts.insert(
            format!("{instance} sheets"),
            round.sheets.values().map(|sheets| sheets.len() as u64).sum(),
        );
        counts.insert(format!("{instance} closed"), u64::from(round.closed.is_some()));
        counts.insert(
            format!("{instance} countersigned"),
            u64::from(round.countersigned.is_some()),
        );
        counts.insert(format!("{instance} shares"), round.shares.len() as u64);
        counts.insert(format!("{instance} opened"), u64::from(round.opened.is_some()));
    }
}

fn changes(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> Vec<String> {
    let old = |name: &str| before.get(name).copied().unwrap_or(0);
    let changed = after.iter().filter(|(name, count)| old(name) != **count);
    changed
        .map(|(name, count)| format!("{name} {} -> {count}", old(name)))
        .collect()
}
