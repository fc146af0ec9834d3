//! One change of a parcel, what it must be named by, and how the attacker covers it up.

use crate::mutations::bench::Bench;
use crate::mutations::parcel::{Parcel, body};
use audit::{Finding, Report, Severity};
use conclave_simulation::Seeded;
use record::SignedCheckpoint;
use std::collections::BTreeSet;

/// What an attacker can sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Power {
    /// Nothing.
    Outsider,
    /// Checkpoints, register and centre acts: the centre itself, without a witness.
    Centre,
}

/// Draws from the seed.
pub(crate) struct Pick<'a> {
    pub(crate) bench: &'a Bench,
    pub(crate) random: Seeded,
    pub(crate) power: Power,
}

impl Pick<'_> {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.random.below(usize::try_from(bound).expect("small")) as u64
    }

    pub(crate) fn coin(&mut self) -> bool {
        self.below(2) == 0
    }

    /// One of a list; `None` of an empty one.
    pub(crate) fn of<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        let place = self.random.below(list.len());
        list.get(place).cloned()
    }

    /// Signs an entry where the attacker holds its actor's key.
    pub(crate) fn resign(&self, parcel: &mut Parcel, index: u64) {
        let entry = parcel.entry(index);
        if self.power == Power::Centre
            && body(entry).is_some_and(|body| body.core.actor == self.bench.keys.centre)
        {
            self.bench.keys.sign(entry);
        }
    }
}

/// Which verdict a mutant must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Must {
    /// 1.
    Unsound,
    /// 1 or 2: bytes that may be no package any more.
    Unreadable,
    /// 4: a true beginning of the record.
    Unfinished,
}

/// A changed package.
pub(crate) struct Change {
    pub(crate) parcel: Parcel,
    /// Indexes of the acts that were changed; of dropped ones, where they stood.
    pub(crate) at: Vec<u64>,
    /// Objects that were changed: beginnings of their names.
    pub(crate) objects: Vec<String>,
    /// Whether leaves differ, so that the attacker has a checkpoint to cover up.
    pub(crate) leaves: bool,
    pub(crate) must: Must,
    /// The bytes, where they are not those of the parcel.
    pub(crate) bytes: Option<Vec<u8>>,
    /// Whether only a custodian can see it.
    pub(crate) custodian: bool,
}

impl Change {
    /// Acts at these indexes differ.
    pub(crate) fn acts(parcel: Parcel, at: impl IntoIterator<Item = u64>) -> Change {
        let at = at.into_iter().collect();
        Change {
            parcel,
            at,
            objects: Vec::new(),
            leaves: true,
            must: Must::Unsound,
            bytes: None,
            custodian: false,
        }
    }

    /// Files differ, leaves do not.
    pub(crate) fn objects(parcel: Parcel, objects: &[&str]) -> Change {
        let objects = objects.iter().map(|name| (*name).to_owned()).collect();
        Change {
            parcel,
            at: Vec::new(),
            objects,
            leaves: false,
            must: Must::Unsound,
            bytes: None,
            custodian: false,
        }
    }

    /// What is beside the leaves of these acts differs.
    pub(crate) fn beside(parcel: Parcel, at: impl IntoIterator<Item = u64>) -> Change {
        Change {
            leaves: false,
            ..Change::acts(parcel, at)
        }
    }

    /// Recomputes what the attacker can: text of the checkpoint, or a checkpoint and a register of the centre's keys
    /// with or without the old cosignatures; earlier checkpoints are kept or left out.
    pub(crate) fn cover_up(&mut self, pick: &mut Pick<'_>) {
        if !self.leaves {
            return;
        }
        let parcel = &mut self.parcel;
        if pick.coin() {
            parcel.history.clear();
        }
        match pick.power {
            Power::Outsider => {
                if pick.coin() {
                    parcel.retell_checkpoint();
                }
            }
            Power::Centre => {
                let keys = &pick.bench.keys;
                let old = parcel.checkpoint.clone();
                parcel.checkpoint = keys.checkpoint(parcel, parcel.len(), &[]);
                let stale = old.lines().filter(|line| line.contains(".witness."));
                if pick.below(2) == 0 {
                    parcel.checkpoint.extend(stale.map(|line| format!("{line}\n")));
                }
                for (size, note) in parcel.history.clone() {
                    let at = self.at.iter().min().copied().unwrap_or(0);
                    if size > at && size < parcel.len() && note.len() > 1 {
                        parcel.history.insert(size, keys.checkpoint(parcel, size, &[]));
                    }
                }
                keys.renew_register(parcel);
            }
        }
    }

    pub(crate) fn pack(&self) -> Vec<u8> {
        self.bytes.clone().unwrap_or_else(|| self.parcel.pack())
    }
}

/// How near a report comes to what was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// The act or the object itself.
    Exact,
    /// A neighbour, the first act that had seen the changed leaves, or the first kept checkpoint over them.
    Near,
    /// `checkpoint.note`: that something differs.
    Whole,
    /// Nothing of these.
    Lost,
}

impl Change {
    /// Where the findings of a report point.
    pub(crate) fn place(&self, report: &Report) -> Place {
        report
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .map(|f| self.place_of(f))
            .min()
            .unwrap_or(Place::Lost)
    }

    fn place_of(&self, finding: &Finding) -> Place {
        let object = finding.object.as_deref().unwrap_or("");
        let file = |index: &u64| object.starts_with(&audit::package::entry_file(*index));
        let exact = finding.index.is_some_and(|index| self.at.contains(&index)) || self.at.iter().any(file);
        let named = self.objects.iter().any(|name| object.starts_with(name.as_str()));
        if exact || named {
            return Place::Exact;
        }
        let near: BTreeSet<u64> = self
            .at
            .iter()
            .flat_map(|at| [at.saturating_sub(1), at + 1])
            .chain(self.seen())
            .collect();
        let covering = self
            .at
            .iter()
            .min()
            .and_then(|at| self.parcel.history.range(at + 1..).next());
        let covering = covering.is_some_and(|(size, _)| object == audit::package::checkpoint_file(*size));
        if finding.index.is_some_and(|index| near.contains(&index)) || covering {
            return Place::Near;
        }
        if object == "checkpoint.note" {
            Place::Whole
        } else {
            Place::Lost
        }
    }

    /// The first act whose author had seen a changed leaf.
    fn seen(&self) -> Option<u64> {
        let first = *self.at.iter().min()?;
        let has_seen = |entry: &record::Entry| {
            entry
                .disclosed
                .as_ref()
                .and_then(|d| record::Body::parse(&d.body).ok())
                .is_some_and(|b| b.core.seen.size > first)
        };
        let from = usize::try_from(first).expect("small");
        let after = (first..).zip(self.parcel.entries.iter().skip(from));
        after
            .skip(1)
            .find(|(_, entry)| has_seen(entry))
            .map(|(index, _)| index)
    }
}

/// A note that another record's key signed, in its parts.
pub(crate) fn parsed(note: &str) -> SignedCheckpoint {
    SignedCheckpoint::parse(note.as_bytes()).expect("a note")
}
