//! A bidder: checks the bundle, seals, submits, and gives its halves when parts are opened.

use super::Progress;
use crate::bidding::{self, BidderKey, CheckedBundle, SealedBid, SealedFiles, Step, check_bundle, receipt};
use crate::desk::REFUSED;
use crate::error::ClientError;
use crate::kept_blobs::return_blobs;
use crate::link::Link;
use crate::ports::Clock;
use audit::anchors::Anchors;
use evaluation::acts::bids::{BIDS, BidSubmitted};
use evaluation::acts::opening::BidUnlocked;
use protocol::ErrorCode;
use record::{ActId, BlobRef, Body, Core, Origin, Submission};
use sealing::Random;
use sealing::bid::Mode;
use std::collections::BTreeMap;
use storage::{Change, OutboxItem, OutboxState, Vault, faultpoint};

/// What goes wrong at this bidder, for drills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// Nothing.
    None,
    /// Submits, then replaces every part by the same content sealed anew.
    Replaces,
    /// Submits, then withdraws.
    Withdraws,
    /// Never gives its half (OPEN-3).
    NeverUnlocks,
}

/// The canonical tar of a part.
///
/// # Errors
/// Names that do not fit.
pub fn part_plaintext(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, ClientError> {
    record::tar::encode(files).map_err(|e| ClientError::Format(e.to_string()))
}

const BID: &str = "bid";
const CONTAINER: &str = "container/";
const SHUT: &str = "shut";

fn container_key(blob: &BlobRef) -> String {
    format!("{CONTAINER}{}/{}", blob.digest, blob.size)
}

fn named_container(key: &str) -> Option<BlobRef> {
    let (digest, size) = key.strip_prefix(CONTAINER)?.split_once('/')?;
    Some(BlobRef {
        digest: digest.parse().ok()?,
        size: size.parse().ok()?,
    })
}

/// A virtual bidder. It has no desk: bidders are no party of the record. What it has sealed, and every act until and
/// after it is acknowledged, lies in its vault; so it can be killed at any moment, and never submits twice.
pub struct BidderPart {
    /// Link without a client certificate.
    pub link: Box<dyn Link>,
    /// Record.
    pub origin: Origin,
    /// Anchors.
    pub anchors: Anchors,
    /// Parts by name: canonical tars.
    pub parts: BTreeMap<String, Vec<u8>>,
    /// Key.
    pub key: BidderKey,
    /// Trouble.
    pub trouble: Trouble,
    /// Vault, opened with the bidder's key.
    pub vault: Vault,
    /// Own clock.
    pub clock: Box<dyn Clock>,
    /// Random source.
    pub random: Box<dyn Random + Send>,
    bundle: Option<CheckedBundle>,
    acts: Vec<ActId>,
    /// The act whose containers this process has uploaded.
    uploaded: Option<ActId>,
}

/// An act of the outbox, read.
struct Kept {
    item: OutboxItem,
    act: Submission,
    core: Core,
}

impl BidderPart {
    /// A bidder with its parts, going on from what its vault says.
    ///
    /// # Errors
    /// A damaged vault.
    #[expect(
        clippy::too_many_arguments,
        reason = "each is a port or a thing the bidder brings"
    )]
    pub fn new(
        link: Box<dyn Link>,
        origin: Origin,
        anchors: Anchors,
        parts: BTreeMap<String, Vec<u8>>,
        key: BidderKey,
        trouble: Trouble,
        vault: Vault,
        clock: Box<dyn Clock>,
        random: Box<dyn Random + Send>,
    ) -> Result<Self, ClientError> {
        let mut part = Self {
            link,
            origin,
            anchors,
            parts,
            key,
            trouble,
            vault,
            clock,
            random,
            bundle: None,
            acts: Vec::new(),
            uploaded: None,
        };
        part.note_acts()?;
        Ok(part)
    }

    /// Submissions, replacements and withdrawals that are acknowledged, for receipts.
    pub fn acts(&self) -> &[ActId] {
        &self.acts
    }

    /// The next step.
    ///
    /// # Errors
    /// What does not pass by itself.
    pub fn step(&mut self) -> Result<Progress, ClientError> {
        match self.next() {
            Err(error) if super::not_yet(&error) => Ok(Progress::Waiting),
            other => other,
        }
    }

    fn next(&mut self) -> Result<Progress, ClientError> {
        let kept = self.kept()?;
        if let Some(waiting) = kept.iter().find(|kept| kept.item.state == OutboxState::Waiting) {
            return self.deliver(waiting);
        }
        let made = kept.iter().filter(|kept| kept.core.instance == BIDS).count();
        match self.steps().get(made) {
            Some(step) => self.submit(*step),
            None => self.after(&kept),
        }
    }

    /// What this bidder does before the deadline, in order.
    fn steps(&self) -> &'static [Step] {
        match self.trouble {
            Trouble::None | Trouble::NeverUnlocks => &[Step::Submit],
            Trouble::Replaces => &[Step::Submit, Step::Replace],
            Trouble::Withdraws => &[Step::Submit, Step::Withdraw],
        }
    }

    fn kept(&mut self) -> Result<Vec<Kept>, ClientError> {
        let items = self.vault.outbox().items(0, 64)?;
        let read = items.into_iter().map(|item| {
            let format = |e: &dyn std::fmt::Display| ClientError::Format(e.to_string());
            let act: Submission = serde_json::from_slice(&item.bytes).map_err(|e| format(&e))?;
            let core = Body::parse(&act.body).map_err(|e| format(&e))?.core;
            Ok(Kept { item, act, core })
        });
        read.collect()
    }

    fn note_acts(&mut self) -> Result<(), ClientError> {
        let kept = self.kept()?;
        let stands = kept
            .iter()
            .filter(|kept| kept.core.instance == BIDS && kept.item.state != OutboxState::Waiting);
        self.acts = stands.map(|kept| kept.core.id).collect();
        Ok(())
    }

    /// The bid as sealed last.
    fn bid(&self) -> Result<Option<SealedBid>, ClientError> {
        let bytes = self.vault.get(BID)?;
        let bid = bytes.map(|bytes| serde_json::from_slice(&bytes));
        bid.transpose().map_err(|e| ClientError::Format(e.to_string()))
    }

    /// Its submission, once it is sealed.
    ///
    /// # Errors
    /// The vault.
    pub fn submission(&self) -> Result<Option<String>, ClientError> {
        Ok(self.bid()?.map(|bid| bid.submission))
    }

    fn check_bundle(&mut self) -> Result<(), ClientError> {
        if self.bundle.is_none() {
            let bundle = self.link.bundle(&self.origin)?;
            self.bundle = Some(check_bundle(&bundle, self.anchors.clone())?);
        }
        Ok(())
    }

    /// Seals what the step wants sealed, keeps it together with the act, and sends both.
    fn submit(&mut self, step: Step) -> Result<Progress, ClientError> {
        self.check_bundle()?;
        let earlier = self.bid()?;
        let Some(bundle) = &self.bundle else {
            return Ok(Progress::Waiting);
        };
        let random = &mut *self.random;
        let files = match (step, earlier) {
            (Step::Withdraw, Some(bid)) => SealedFiles {
                bid,
                containers: BTreeMap::new(),
            },
            (_, earlier) => bidding::seal(
                bundle,
                &self.parts,
                &self.key,
                Mode::And,
                earlier.as_ref(),
                random,
            )?,
        };
        let act = bidding::prepare(bundle, &files.bid, step, self.clock.now(), random)?;
        let mut changes = vec![Change::Put {
            key: BID.to_owned(),
            value: json(&files.bid)?,
        }];
        changes.extend(files.containers.into_values().map(|value| Change::Put {
            key: container_key(&BlobRef::of(&value)),
            value,
        }));
        changes.push(Change::Enqueue { item: json(&act)? });
        self.vault.apply(&changes)?;
        self.next_waiting()
    }

    fn next_waiting(&mut self) -> Result<Progress, ClientError> {
        let kept = self.kept()?;
        let waiting = kept.iter().find(|kept| kept.item.state == OutboxState::Waiting);
        waiting.map_or(Ok(Progress::Waiting), |waiting| self.deliver(waiting))
    }

    /// Sends a kept act, its containers first; the same act again is the same act.
    fn deliver(&mut self, kept: &Kept) -> Result<Progress, ClientError> {
        let bids = matches!(kept.core.kind.as_str(), "bid.submitted" | "bid.replaced");
        if bids && self.uploaded != Some(kept.core.id) {
            let submitted: BidSubmitted = serde_json::from_value(kept.core.payload.clone())
                .map_err(|e| ClientError::Format(e.to_string()))?;
            for part in &submitted.parts {
                if let Some(container) = self.vault.get(&container_key(&part.container))? {
                    self.link.bid_blob_put(&self.origin, &container)?;
                }
            }
        }
        self.uploaded = Some(kept.core.id);
        faultpoint::hit("client.before_send");
        let answer = self.link.bid_act(&self.origin, &kept.act);
        let position = kept.item.position;
        match answer {
            Ok(acknowledged) => self.vault.outbox().acknowledge(position, acknowledged.index)?,
            Err(ClientError::Centre(body)) if kept.core.kind == "bid.unlocked" && body.refusal.is_some() => {
                self.vault.outbox().acknowledge(position, REFUSED)?;
                // Rejected or failed: its other parts stay shut. What is stale is laid out anew.
                if matches!(body.refusal.as_deref(), Some("C-108" | "C-124" | "C-126")) {
                    self.vault.put(SHUT, b"")?;
                    return Ok(Progress::Done);
                }
                return Err(ClientError::Centre(body));
            }
            Err(error) => {
                let waits = matches!(&error, ClientError::Centre(body) if body.error == ErrorCode::Waiting);
                if !waits {
                    self.uploaded = None; // a centre put back from an old copy has lost them
                }
                return Err(error);
            }
        }
        faultpoint::hit("client.after_acknowledge");
        self.note_acts()?;
        Ok(Progress::Acted)
    }

    /// Gives a centre that was put back from an old copy the acts and containers that it has lost.
    fn return_lost(&self, kept: &[Kept]) -> Result<(), ClientError> {
        if !self.link.bid_stage(&self.origin)?.lacking {
            return Ok(());
        }
        for own in kept.iter().filter(|kept| kept.core.instance == BIDS) {
            match self.link.bid_act(&self.origin, &own.act) {
                Err(error) if !error.is_passing() => return Err(error),
                Ok(_) | Err(_) => {}
            }
        }
        let rows = self.vault.list(CONTAINER)?;
        let held: Vec<BlobRef> = rows.iter().filter_map(|row| named_container(&row.key)).collect();
        return_blobs(&*self.link, &self.origin, &held, |blob| {
            Ok(self.vault.get(&container_key(blob))?.map(Into::into))
        })?;
        Ok(())
    }

    fn after(&mut self, kept: &[Kept]) -> Result<Progress, ClientError> {
        self.return_lost(kept)?;
        if matches!(self.trouble, Trouble::Withdraws | Trouble::NeverUnlocks)
            || self.vault.get(SHUT)?.is_some()
        {
            return Ok(Progress::Done);
        }
        let Some(bid) = self.bid()? else {
            return Ok(Progress::Waiting);
        };
        let unlocked = unlocked(kept)?;
        if unlocked.len() == bid.parts.len() {
            return Ok(Progress::Done);
        }
        self.check_bundle()?;
        let Some(bundle) = &self.bundle else {
            return Ok(Progress::Waiting);
        };
        let now = self.clock.now();
        let random = &mut *self.random;
        let acts = bidding::prepare_unlocks(&*self.link, bundle, &bid, &self.key, &unlocked, now, random)?;
        let enqueue = acts
            .iter()
            .map(|(_, act)| Ok(Change::Enqueue { item: json(act)? }))
            .collect::<Result<Vec<_>, ClientError>>()?;
        if enqueue.is_empty() {
            return Ok(Progress::Waiting);
        }
        self.vault.apply(&enqueue)?;
        self.next_waiting()
    }

    /// Receipts of all acts made so far, each verified.
    ///
    /// # Errors
    /// Waiting without w cosignatures.
    pub fn receipts(&self) -> Result<Vec<protocol::Receipt>, ClientError> {
        self.acts
            .iter()
            .map(|act| receipt(&*self.link, &self.origin, act, &self.anchors))
            .collect()
    }
}

/// Parts whose half was given.
fn unlocked(kept: &[Kept]) -> Result<Vec<String>, ClientError> {
    let mut parts = Vec::new();
    for kept in kept.iter().filter(|kept| kept.core.kind == "bid.unlocked") {
        if kept.item.state == (OutboxState::Acknowledged { index: REFUSED }) {
            continue;
        }
        let payload: BidUnlocked = serde_json::from_value(kept.core.payload.clone())
            .map_err(|e| ClientError::Format(e.to_string()))?;
        parts.extend(payload.parts);
    }
    Ok(parts)
}

fn json<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, ClientError> {
    serde_json::to_vec(value).map_err(|e| ClientError::Format(e.to_string()))
}
