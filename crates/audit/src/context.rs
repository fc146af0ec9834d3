//! What the checks look at, computed once: parsed entries, tree, checkpoints, the fold of the record.

use crate::Custodian;
use crate::anchors::{Anchors, Cosigned};
use crate::package::{CHECKPOINT, CHECKPOINTS, ENTRIES, Package, Profile};
use crate::witnesses::WitnessHistory;
use evaluation::acts::ending::EvaluationEnded;
use evaluation::acts::result::ResultComputed;
use evaluation::acts::setup::RecordCreated;
use evaluation::acts::witnesses::WitnessReplaced;
use evaluation::{Act, PersonId, Refusal, State, custody, personal};
use record::{
    ActError, Body, Core, Digest, Entry, Header, Leaf, Millis, PublicKey, SignedCheckpoint, Tree,
    VerifiedAct, VerifiedLeaf,
};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// An entry file at its place.
pub(crate) struct Slot {
    pub(crate) index: u64,
    pub(crate) file: String,
    pub(crate) entry: Result<Entry, String>,
    /// The disclosed body; `None` when it is withheld.
    pub(crate) body: Option<Result<Body, ActError>>,
    /// The act, its openings left aside; `None` when it is withheld or does not hold.
    pub(crate) act: Option<VerifiedAct>,
}

impl Slot {
    fn new(index: u64, file: String, entry: Result<Entry, String>) -> Slot {
        let disclosed = entry.as_ref().ok().and_then(|entry| entry.disclosed.as_ref());
        let body = disclosed.map(|disclosed| Body::parse(&disclosed.body));
        let act = entry.as_ref().ok().and_then(|entry| {
            let bare = Entry {
                openings: BTreeMap::new(),
                ..entry.clone()
            };
            match record::verify_entry(&bare) {
                Ok(VerifiedLeaf::Full(act, ..)) => Some(act),
                _ => None,
            }
        });
        Slot {
            index,
            file,
            entry,
            body,
            act,
        }
    }

    pub(crate) fn read(&self) -> Option<&Entry> {
        self.entry.as_ref().ok()
    }

    pub(crate) fn header(&self) -> Option<&Header> {
        match &self.read()?.leaf {
            Leaf::Header { header, .. } => Some(header),
            Leaf::Hash(_) => None,
        }
    }

    pub(crate) fn kind(&self) -> &str {
        self.header().map_or("", |header| &header.kind)
    }

    pub(crate) fn time(&self) -> Millis {
        self.read().map_or(0, |entry| entry.time)
    }

    pub(crate) fn body(&self) -> Option<&Body> {
        self.body.as_ref()?.as_ref().ok()
    }

    pub(crate) fn core(&self) -> Option<&Core> {
        self.body().map(|body| &body.core)
    }

    /// The payload of an act of this type.
    pub(crate) fn payload<T: DeserializeOwned>(&self, kind: &str) -> Option<T> {
        let core = self.core().filter(|core| core.kind == kind)?;
        serde_json::from_value(core.payload.clone()).ok()
    }

    /// The value of an attachment, where its opening is in the package.
    pub(crate) fn opening(&self, name: &str) -> Option<&[u8]> {
        self.read()?
            .openings
            .get(name)
            .map(|opening| opening.value.as_slice())
    }
}

/// Where and why the fold of the record stopped.
pub(crate) enum Stopped {
    /// The entry at this index gives no act that holds: the checks of acts say why.
    NoAct,
    /// `apply` refused.
    Refused(u64, Refusal),
}

/// The fold of a full package.
pub(crate) struct Folded {
    pub(crate) state: State,
    pub(crate) stopped: Option<Stopped>,
    /// What the first `result.computed` must say, recomputed before it.
    pub(crate) outcome: Option<Result<ResultComputed, Refusal>>,
    /// Who was custodian when an act with a personal signature was admitted, by its index.
    pub(crate) custodians: BTreeMap<u64, Vec<(PersonId, PublicKey)>>,
}

pub(crate) struct Context<'a> {
    pub(crate) package: &'a Package,
    pub(crate) anchors: Option<&'a Anchors>,
    pub(crate) custodian: Option<&'a Custodian<'a>>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) created: Option<RecordCreated>,
    /// The tree over all entries; `None` when one can't be read.
    pub(crate) tree: Option<Tree>,
    pub(crate) checkpoint: Result<SignedCheckpoint, String>,
    /// Earlier checkpoints in order of size; with the file's name.
    pub(crate) history: Vec<(String, Result<SignedCheckpoint, String>)>,
    /// Who counts for a checkpoint; `None` without anchors and first act.
    pub(crate) witnesses: Option<WitnessHistory>,
    /// Of a full package only.
    pub(crate) folded: Option<Folded>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(
        package: &'a Package,
        anchors: Option<&'a Anchors>,
        custodian: Option<&'a Custodian<'a>>,
    ) -> Context<'a> {
        let slots = slots(package);
        let created = slots.first().and_then(|slot| slot.payload("record.created"));
        let folded = (package.profile() == Profile::Full).then(|| fold(package, &slots));
        let mut context = Context {
            package,
            anchors,
            custodian,
            created,
            tree: tree(&slots),
            checkpoint: note(package.file(CHECKPOINT)),
            history: package
                .directory(CHECKPOINTS)
                .map(|(file, bytes)| (file.to_owned(), note(Some(bytes))))
                .collect(),
            witnesses: None,
            folded,
            slots,
        };
        context.witnesses = context.witness_history();
        context
    }

    pub(crate) fn is_full(&self) -> bool {
        self.package.profile() == Profile::Full
    }

    /// The first leaf's hash.
    pub(crate) fn first_leaf(&self) -> Option<Digest> {
        self.slots.first().and_then(Slot::read).map(Entry::leaf_hash)
    }

    /// Acts of a type that are disclosed, with their payload.
    pub(crate) fn acts<'s, T: DeserializeOwned + 's>(
        &'s self,
        kind: &'s str,
    ) -> impl Iterator<Item = (&'s Slot, T)> {
        self.slots
            .iter()
            .filter_map(move |slot| slot.payload(kind).map(|payload| (slot, payload)))
    }

    /// The log witnesses to judge by: the anchors', without anchors those the first act names; then the disclosed
    /// replacements, confirmed by the checkpoints kept. A checkpoint of another tree or log confirms nothing.
    fn witness_history(&self) -> Option<WitnessHistory> {
        let mut witnesses = match (self.anchors, &self.created) {
            (Some(anchors), _) => WitnessHistory::anchored(anchors),
            (None, Some(created)) => WitnessHistory::named(&created.witnesses, created.quorum),
            (None, None) => return None,
        };
        for (slot, replaced) in self.acts::<WitnessReplaced>("witness.replaced") {
            witnesses.replaced(slot.index, &replaced.replaced, &replaced.by);
        }
        let (tree, log_key) = (self.tree.as_ref(), self.log_key());
        for (_, note) in self.checkpoints() {
            let checkpoint = note.checkpoint();
            let ours = tree.and_then(|tree| tree.root_at(checkpoint.size).ok()) == Some(checkpoint.root);
            if ours && log_key.as_ref().is_some_and(|key| note.verify_log(key).is_ok()) {
                witnesses.count(note);
            }
        }
        Some(witnesses)
    }

    /// The cosignatures of a checkpoint, by the log witnesses in force for its size.
    pub(crate) fn cosigned(&self, note: &SignedCheckpoint) -> Option<Cosigned> {
        Some(self.witnesses.as_ref()?.cosigned(note))
    }

    /// The log key to judge by: the anchors', without anchors the one the first act names.
    pub(crate) fn log_key(&self) -> Option<record::VerifierKey> {
        match self.anchors {
            Some(anchors) => Some(anchors.log_key.clone()),
            None => self.created.as_ref()?.centre.log_key.parse().ok(),
        }
    }

    /// Kept checkpoints that can be read, earlier ones and the final, in order of size.
    pub(crate) fn checkpoints(&self) -> Vec<(&str, &SignedCheckpoint)> {
        let earlier = self
            .history
            .iter()
            .filter_map(|(file, note)| Some((file.as_str(), note.as_ref().ok()?)));
        let last = self.checkpoint.as_ref().ok().map(|note| (CHECKPOINT, note));
        let mut all: Vec<_> = earlier.chain(last).collect();
        all.sort_by_key(|(_, note)| note.checkpoint().size);
        all
    }

    /// The first kept checkpoint that covers a leaf.
    pub(crate) fn covering(&self, index: u64) -> Option<(&str, &SignedCheckpoint)> {
        self.checkpoints()
            .into_iter()
            .find(|(_, note)| note.checkpoint().size > index)
    }

    /// Whether the fold went through every entry.
    pub(crate) fn replayed(&self) -> bool {
        self.folded
            .as_ref()
            .is_some_and(|folded| folded.stopped.is_none())
            && !self.slots.is_empty()
    }

    /// The ground on which the evaluation ended without a result: of the fold; in a public package as the two acts
    /// state it.
    pub(crate) fn ended(&self) -> Option<EvaluationEnded> {
        match &self.folded {
            Some(folded) => folded.state.ended().cloned(),
            None => {
                let mut acts = self.acts::<EvaluationEnded>("evaluation.ended");
                let (_, by_the_clerk) = acts.next()?;
                let (_, by_the_supervisor) = acts.next()?;
                (by_the_clerk == by_the_supervisor).then_some(by_the_clerk)
            }
        }
    }

    /// Whether the last act is `archived`.
    pub(crate) fn finished(&self) -> bool {
        self.slots.last().is_some_and(|slot| slot.kind() == "archived")
    }
}

/// The entries of a package, each at its place.
pub(crate) fn slots(package: &Package) -> Vec<Slot> {
    (0..)
        .zip(package.entries())
        .map(|(index, (file, entry))| Slot::new(index, file, entry))
        .collect()
}

fn note(bytes: Option<&[u8]>) -> Result<SignedCheckpoint, String> {
    let bytes = bytes.ok_or_else(|| "missing".to_owned())?;
    SignedCheckpoint::parse(bytes).map_err(|e| e.to_string())
}

fn tree(slots: &[Slot]) -> Option<Tree> {
    let mut tree = Tree::new();
    for slot in slots {
        tree.push(slot.read()?.leaf_hash());
    }
    Some(tree)
}

fn fold(package: &Package, slots: &[Slot]) -> Folded {
    let mut folded = Folded {
        state: State::new(),
        stopped: None,
        outcome: None,
        custodians: BTreeMap::new(),
    };
    for slot in slots {
        let Some(verified) = &slot.act else {
            folded.stopped = Some(Stopped::NoAct);
            break;
        };
        let state = &mut folded.state;
        if verified.core().kind == "result.computed" && folded.outcome.is_none() {
            let outcome = evaluation::acts::result::recompute(state);
            folded.outcome = Some(outcome.map(|outcome| ResultComputed::of(&outcome)));
        }
        if let Err(refusal) = state.apply(&Act::new(verified, slot.index, slot.time()), package) {
            folded.stopped = Some(Stopped::Refused(slot.index, refusal));
            break;
        }
        let attached = verified.body().attachments.contains_key(personal::ATTACHMENT);
        if attached || verified.core().kind == "sheet.sealed" {
            folded
                .custodians
                .insert(slot.index, custody::custodians(&folded.state));
        }
    }
    folded
}

/// The number in the name of an entry file.
pub(crate) fn entry_number(file: &str) -> Option<u64> {
    let digits = file.strip_prefix(ENTRIES)?.strip_suffix(".json")?;
    (digits.len() == 8).then(|| digits.parse().ok()).flatten()
}
