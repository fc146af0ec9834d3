//! After an old restore: the centre is read-only until its leaves are back, byte for byte, up to the highest
//! cosigned checkpoint that any client shows; then it takes, for a stated time, what clients have above it under a
//! checkpoint of its own log, and says in an act what came back and what is lost (protocol 2, Restore).

use crate::error::CentreError;
use crate::principal::Standing;
use crate::record_core::{Folded, RecordCore, custody_key, row_of};
use crate::returned::Returned;
use evaluation::acts::archive::{LostLeaves, Recovered};
use evaluation::personal;
use protocol::{ReplacedWitness, RestoreState, ReturnedLeaves};
use record::{
    Checkpoint, Digest, Entry, Millis, NoteSignature, PublicKey, Seen, SignedCheckpoint, Tree, VerifiedLeaf,
    verify_entry,
};
use sealing::Random;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use storage::RecordStore;

const META: &str = "restoring";
/// Most bytes of leaves that a rebuild holds in memory before they go into the store; each key known to the record has
/// an equal share.
const MAX_PENDING: usize = 1 << 30;
/// How long clients may return leaves after the highest cosigned checkpoint is reached again.
pub const RETURN_WINDOW: Millis = 60_000;

/// What must come back, and what has.
#[derive(Clone, Debug)]
pub(crate) struct Restoring {
    /// Highest cosigned checkpoint shown.
    note: SignedCheckpoint,
    /// Checkpoints that confirm replacements of log witnesses among what was lost.
    confirming: Vec<SignedCheckpoint>,
    /// Size of the centre when the loss was noticed.
    from: u64,
    /// Largest size shown that the log has signed: so many leaves had been given out.
    given_out: u64,
    /// Since when the cosigned part is whole.
    whole_since: Option<Millis>,
    /// By who returned it. What one client returns is the record as that client knows it; whose is the true one, the
    /// signed root says, and a forged leaf stands in nobody's way.
    returned: BTreeMap<PublicKey, Returned>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    note: String,
    #[serde(default)]
    confirming: Vec<String>,
    from: u64,
    #[serde(default)]
    given_out: u64,
}

impl Restoring {
    /// Whether a rebuild was going on when the process ended.
    pub(crate) fn load(store: &dyn RecordStore) -> Result<Option<Self>, CentreError> {
        let Some(bytes) = store.get_meta(META)? else {
            return Ok(None);
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        let internal = |e: &dyn std::fmt::Display| CentreError::Internal(e.to_string());
        let kept: Kept = serde_json::from_slice(&bytes).map_err(|e| internal(&e))?;
        let note = SignedCheckpoint::parse(kept.note.as_bytes()).map_err(|e| internal(&e))?;
        let confirming = kept.confirming.iter();
        let confirming = confirming.map(|note| SignedCheckpoint::parse(note.as_bytes()));
        Ok(Some(Self {
            given_out: kept.given_out.max(note.checkpoint().size),
            note,
            confirming: confirming.collect::<Result<_, _>>().map_err(|e| internal(&e))?,
            from: kept.from,
            whole_since: None,
            returned: BTreeMap::new(),
        }))
    }

    fn keep(&self, store: &mut dyn RecordStore) -> Result<(), CentreError> {
        let kept = Kept {
            note: self.note.format(),
            confirming: self.confirming.iter().map(SignedCheckpoint::format).collect(),
            from: self.from,
            given_out: self.given_out,
        };
        let bytes = serde_json::to_vec(&kept).map_err(|e| CentreError::Internal(e.to_string()))?;
        Ok(store.put_meta(META, &bytes)?)
    }

    fn needed(&self) -> u64 {
        self.note.checkpoint().size
    }

    /// Leaf hashes behind `tree` that give the checkpoint's root, from a client that returned them all.
    fn proven(&self, tree: &Tree, checkpoint: &Checkpoint) -> Option<Vec<Digest>> {
        self.returned
            .values()
            .find_map(|returned| returned.proves(tree, checkpoint))
    }

    /// Leaf hashes behind `tree` under the largest checkpoint of the log that somebody returned, as far as no other
    /// such checkpoint contradicts: where the log signed two histories, neither goes on.
    fn agreed(&self, tree: &Tree) -> Vec<Digest> {
        let newest = self.returned.values().filter_map(|r| r.newest.as_ref());
        let histories: Vec<Vec<Digest>> = newest
            .filter_map(|note| self.proven(tree, note.checkpoint()))
            .collect();
        let longest = histories.iter().max_by_key(|leaves| leaves.len());
        let longest = longest.map_or(&[][..], Vec::as_slice);
        let agree = |place: usize, leaf: &Digest| {
            histories
                .iter()
                .all(|other| other.get(place).is_none_or(|l| l == leaf))
        };
        let agreed = longest
            .iter()
            .enumerate()
            .take_while(|(at, leaf)| agree(*at, leaf));
        agreed.map(|(_, leaf)| *leaf).collect()
    }

    /// All that anybody knew of a leaf.
    fn known(&self, index: u64, leaf: &Digest) -> Option<Entry> {
        let copies = self.returned.values().filter_map(|r| r.entries.get(&index));
        copies
            .filter(|entry| entry.leaf_hash() == *leaf)
            .cloned()
            .reduce(crate::returned::merged)
    }
}

impl RecordCore {
    /// Takes leaves that a client kept. The note must carry the log's own signature and w cosignatures: nobody
    /// can send the centre into a rebuild with less. Leaves above it count only under a checkpoint that this log
    /// signed: a client can't invent what the centre has ordered.
    pub(crate) fn leaves_return(
        &mut self,
        caller: PublicKey,
        returned: ReturnedLeaves,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<RestoreState, CentreError> {
        if self.stalled {
            return Err(CentreError::Waiting("bytes that acts name are missing"));
        }
        if !Standing::of(&self.state, &caller).is_known() {
            return Err(CentreError::Unauthenticated);
        }
        let note = self.note_of_this_log(&returned.note)?;
        let (counts, confirming) = self.counts_with(&returned.replaced, &note)?;
        if !counts {
            return Err(CentreError::BadRequest(
                "the checkpoint is not cosigned by a quorum of this record's log witnesses".to_owned(),
            ));
        }
        let newest = match &returned.newest {
            Some(newest) => Some(self.note_of_this_log(newest)?),
            None => None,
        };
        let lost_already = returned.recoveries < self.state.recoveries().len() as u64;
        let newest = newest.filter(|newest| !lost_already && !self.given_up(newest));
        self.note_loss(note, confirming, newest.as_ref())?;
        self.pend(caller, newest, returned.leaves.into_iter().map(|leaf| leaf.entry))?;
        self.rebuild(now, random)?;
        Ok(self.restore_state())
    }

    fn note_of_this_log(&self, text: &str) -> Result<SignedCheckpoint, CentreError> {
        let bad = |what: String| CentreError::BadRequest(what);
        let note = SignedCheckpoint::parse(text.as_bytes()).map_err(|e| bad(e.to_string()))?;
        note.verify_log(&self.keys.log_verifier)
            .map_err(|e| bad(e.to_string()))?;
        if note.checkpoint().origin != record::origin_line(&self.origin) {
            return Err(bad("the checkpoint is of another record".to_owned()));
        }
        Ok(note)
    }

    /// Whether a `recovered` act has said already that leaves up to there are lost.
    fn given_up(&self, note: &SignedCheckpoint) -> bool {
        let lost = self.state.recoveries().last().and_then(|r| r.lost_leaves);
        lost.is_some_and(|lost| note.checkpoint().size <= lost.to)
    }

    fn restore_state(&self) -> RestoreState {
        let size = self.state.size();
        let needed = self.restoring.as_ref().map_or(size, Restoring::needed).max(size);
        RestoreState {
            size,
            needed,
            missing: (size < needed).then_some(size),
            rebuilding: self.restoring.is_some(),
        }
    }

    /// Whether a quorum cosigned the note, the replacements of log witnesses included that the client proves: the centre
    /// may have lost them. Gives the checkpoints that confirm them, with the cosignatures that hold.
    fn counts_with(
        &self,
        replaced: &[ReplacedWitness],
        note: &SignedCheckpoint,
    ) -> Result<(bool, Vec<SignedCheckpoint>), CentreError> {
        let bad = |what: String| CentreError::BadRequest(format!("replaced log witness: {what}"));
        let mut witnesses = self.witnesses.clone().ok_or(CentreError::NotFound("record"))?;
        let mut confirming = Vec::new();
        for proof in replaced {
            let own = self.state.tree().leaf(proof.entry.index).ok();
            if own.is_some_and(|leaf| leaf != proof.entry.leaf_hash()) {
                return Err(bad("another leaf is there".to_owned()));
            }
            let given = SignedCheckpoint::parse(proof.note.as_bytes()).map_err(|e| bad(e.to_string()))?;
            witnesses
                .prove(&self.keys.log_verifier, &proof.entry, &proof.inclusion, &given)
                .map_err(bad)?;
            let set = witnesses.in_force(given.checkpoint().size);
            let holds = |signature: &&NoteSignature| {
                set.witnesses.iter().any(|witness| {
                    let named = witness.key.name() == signature.name && witness.key.id() == signature.key_id;
                    named && given.verify_cosignature(&witness.key).is_ok()
                })
            };
            let mut text = self
                .signed(given.checkpoint().size, given.checkpoint().root)?
                .format();
            for signature in given.signatures().iter().filter(holds) {
                text.push_str(signature.to_string().trim_end());
                text.push('\n');
            }
            confirming.push(SignedCheckpoint::parse(text.as_bytes()).map_err(|e| bad(e.to_string()))?);
        }
        Ok((witnesses.cosigned(note).is_quorum(), confirming))
    }

    /// Puts back the checkpoints that confirm replacements of log witnesses: what was cosigned since counts by them.
    fn confirm_again(&mut self, confirming: &[SignedCheckpoint]) -> Result<(), CentreError> {
        let reached = self.state.size();
        for note in confirming.iter().filter(|note| note.checkpoint().size <= reached) {
            let checkpoint = note.checkpoint();
            let (size, root) = (checkpoint.size, checkpoint.root);
            if self.store.checkpoint_at(size)?.is_none() {
                let bare = self.signed(size, root)?.format();
                self.store.put_checkpoint(size, &root, &bare)?;
            }
            let others = note.signatures().iter();
            for signature in others.filter(|s| s.name != self.keys.log_verifier.name()) {
                self.store
                    .merge_cosignature(size, &signature.name, &signature.to_string())?;
            }
        }
        Ok(())
    }

    /// Goes read-only, until rebuilt.
    fn note_loss(
        &mut self,
        note: SignedCheckpoint,
        confirming: Vec<SignedCheckpoint>,
        newest: Option<&SignedCheckpoint>,
    ) -> Result<(), CentreError> {
        let size = self.state.size();
        let shown = newest
            .map_or(0, |n| n.checkpoint().size)
            .max(note.checkpoint().size);
        if shown <= size {
            return Ok(());
        }
        let mut restoring = match self.restoring.take() {
            Some(known) => known,
            None => Restoring {
                note: note.clone(),
                confirming: confirming.clone(),
                from: size,
                given_out: 0,
                whole_since: None,
                returned: BTreeMap::new(),
            },
        };
        let higher = note.checkpoint().size > restoring.needed() && note.checkpoint().size > size;
        let news = higher || shown > restoring.given_out;
        if higher {
            restoring.note = note;
            restoring.confirming = confirming;
            restoring.whole_since = None;
        }
        restoring.given_out = restoring.given_out.max(shown);
        let kept = if news {
            restoring.keep(&mut *self.store)
        } else {
            Ok(())
        };
        self.restoring = Some(restoring);
        kept
    }

    fn pend(
        &mut self,
        caller: PublicKey,
        newest: Option<SignedCheckpoint>,
        entries: impl Iterator<Item = Entry>,
    ) -> Result<(), CentreError> {
        let size = self.state.size();
        let share = MAX_PENDING / self.state.known_keys().max(1);
        let Some(restoring) = &mut self.restoring else {
            return Ok(());
        };
        let until = restoring.given_out;
        let own = restoring.returned.entry(caller).or_default();
        own.note(newest);
        for entry in entries.filter(|entry| (size..until).contains(&entry.index)) {
            verify_entry(&entry)
                .map_err(|e| CentreError::BadRequest(format!("leaf {}: {e}", entry.index)))?;
            if !own.take(entry, share) {
                return Err(CentreError::Busy("too many leaves of this caller pending"));
            }
        }
        Ok(())
    }

    /// Appends what is whole and belongs to the cosigned root.
    pub(crate) fn rebuild(&mut self, now: Millis, random: &mut dyn Random) -> Result<(), CentreError> {
        let size = self.state.size();
        let Some(restoring) = self.restoring.as_ref().filter(|_| !self.stalled) else {
            return Ok(());
        };
        let needed = restoring.needed();
        if size < needed {
            let leaves = restoring.proven(self.state.tree(), restoring.note.checkpoint());
            let whole = self.whole(restoring, &leaves.unwrap_or_default());
            self.append_returned(whole, random)?;
        }
        if self.state.size() >= needed && !self.stalled {
            self.cosignatures_return()?;
            if let Some(restoring) = &mut self.restoring {
                restoring.whole_since.get_or_insert(now);
            }
        }
        Ok(())
    }

    /// These leaves behind the record, as far as their bodies are there: from clients, and of entries of bids, which
    /// clients hold as bare hashes until the deadline, from bidders and from this centre's own keys.
    fn whole(&self, restoring: &Restoring, leaves: &[Digest]) -> Vec<Entry> {
        let mut before = self.entries.last().map_or(0, |entry| entry.time);
        let merged = (self.state.size()..).zip(leaves).map_while(|(index, leaf)| {
            let known = restoring.known(index, leaf)?;
            let entry = self.entered_behind(&known, before).unwrap_or(known);
            before = entry.time;
            entry.disclosed.is_some().then_some(entry)
        });
        merged.collect()
    }

    /// Ends a rebuild whose time is over. Returns whether it did.
    pub(crate) fn settle_restore(
        &mut self,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<bool, CentreError> {
        self.rebuild(now, random)?;
        let Some(restoring) = &self.restoring else {
            return Ok(false);
        };
        let over = |since: Millis| now >= since.saturating_add(RETURN_WINDOW);
        if self.stalled || !restoring.whole_since.is_some_and(over) {
            return Ok(false);
        }
        let leaves = restoring.agreed(self.state.tree());
        let whole = self.whole(restoring, &leaves);
        self.append_returned(whole, random)?;
        if self.stalled {
            return Ok(true); // the blob that the last leaf names comes first
        }
        self.finish_restore(now, random)?;
        Ok(true)
    }

    /// Appends leaves in one batch, as far as the fold takes them.
    fn append_returned(&mut self, entries: Vec<Entry>, random: &mut dyn Random) -> Result<(), CentreError> {
        let expected = self.state.size();
        let (mut rows, mut sealed) = (Vec::new(), Vec::new());
        for mut entry in entries {
            let Ok(VerifiedLeaf::Full(act, ..)) = verify_entry(&entry) else {
                break;
            };
            let folded = self.fold_stored(&entry)?;
            if let Folded::Refused(refusal) = &folded {
                tracing::warn!(record = %self.origin, index = entry.index, %refusal, "a returned leaf is refused");
                break;
            }
            sealed.extend(self.put_in_custody(&mut entry, &act.core().kind, random));
            rows.push(row_of(&entry, &act));
            if matches!(folded, Folded::Lacking) {
                self.note_lacking(&entry)?;
                self.stalled = true;
                break;
            }
            self.note_lacking(&entry)?;
            self.entries.push(entry);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let stored = sealed
            .into_iter()
            .try_for_each(|(key, value)| self.store.put_meta(&key, &value));
        if let Err(error) = stored.and_then(|()| self.store.append(expected, &rows)) {
            self.reload()?;
            return Err(error.into());
        }
        let size = self.state.size();
        let confirming = self.restoring.as_ref().map(|r| r.confirming.clone());
        self.confirm_again(&confirming.unwrap_or_default())?;
        self.reload_notes()?;
        self.ensure_checkpoint()?;
        if let Some(restoring) = &mut self.restoring {
            restoring
                .returned
                .values_mut()
                .for_each(|returned| returned.forget_below(size));
        }
        Ok(())
    }

    /// The cosignatures of the highest checkpoint shown, as the clients kept them.
    fn cosignatures_return(&mut self) -> Result<(), CentreError> {
        let Some(restoring) = &self.restoring else {
            return Ok(());
        };
        let note = restoring.note.clone();
        let size = note.checkpoint().size;
        if self.quorum_size >= size || self.store.checkpoint_at(size)?.is_none() {
            return Ok(());
        }
        for signature in note.signatures() {
            if signature.name != self.keys.log_verifier.name() {
                self.store
                    .merge_cosignature(size, &signature.name, &signature.to_string())?;
            }
        }
        self.reload_notes()
    }

    /// The record is whole again, or as whole as it gets: says so in an act, and is writable.
    fn finish_restore(&mut self, now: Millis, random: &mut dyn Random) -> Result<(), CentreError> {
        let Some(restoring) = self.restoring.take() else {
            return Ok(());
        };
        let size = self.state.size();
        let payload = Recovered {
            head: Seen {
                size,
                root: self.state.root(),
            },
            rebuilt: size - restoring.from,
            lost: self.lost_openings(restoring.from, size)?,
            lost_leaves: (restoring.given_out > size).then_some(LostLeaves {
                from: size,
                to: restoring.given_out,
            }),
        };
        // First the act, then the end of the rebuild: a crash in between says it twice, and never not at all.
        let act = self.centre_act("recovered", "", &payload, now, random)?;
        self.commit(vec![act], now, random).pop().transpose()?;
        self.store.put_meta(META, b"")?;
        Ok(())
    }

    fn lost_openings(&self, from: u64, to: u64) -> Result<Vec<String>, CentreError> {
        let mut lost = Vec::new();
        for entry in self
            .entries
            .iter()
            .filter(|entry| (from..to).contains(&entry.index))
        {
            let body = entry
                .disclosed
                .as_ref()
                .and_then(|d| record::Body::parse(&d.body).ok());
            for name in body.iter().flat_map(|body| body.attachments.keys()) {
                let sealed =
                    name == personal::ATTACHMENT && self.store.get_meta(&custody_key(entry.index))?.is_some();
                if !sealed && !entry.openings.contains_key(name) && lost.len() < 1024 {
                    lost.push(format!("{}/{name}", entry.index));
                }
            }
        }
        Ok(lost)
    }
}
