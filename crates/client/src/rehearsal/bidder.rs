//! A bidder: checks the bundle, seals, submits, and gives its halves when parts are opened.

use super::Progress;
use crate::bidding::{self, BidderKey, CheckedBundle, SealedBid, SealedFiles, Step, check_bundle, receipt};
use crate::error::ClientError;
use crate::link::Link;
use crate::ports::Clock;
use audit::anchors::Anchors;
use record::{ActId, Origin, Submission};
use sealing::Random;
use sealing::bid::Mode;
use std::collections::BTreeMap;

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

/// A virtual bidder. It has no desk: bidders are no party of the record.
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
    /// Own clock.
    pub clock: Box<dyn Clock>,
    /// Random source.
    pub random: Box<dyn Random + Send>,
    bundle: Option<CheckedBundle>,
    bid: Option<SealedBid>,
    pending: Option<(SealedFiles, Submission)>,
    uploaded: bool,
    acts: Vec<ActId>,
    step: Step,
    finished: bool,
    unlocked: Vec<String>,
}

impl BidderPart {
    /// A bidder with its parts.
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
        clock: Box<dyn Clock>,
        random: Box<dyn Random + Send>,
    ) -> Self {
        Self {
            link,
            origin,
            anchors,
            parts,
            key,
            trouble,
            clock,
            random,
            bundle: None,
            bid: None,
            pending: None,
            uploaded: false,
            acts: Vec::new(),
            step: Step::Submit,
            finished: false,
            unlocked: Vec::new(),
        }
    }

    /// Acts made, for receipts.
    pub fn acts(&self) -> &[ActId] {
        &self.acts
    }

    /// The next step.
    ///
    /// # Errors
    /// What does not pass by itself.
    pub fn step(&mut self) -> Result<Progress, ClientError> {
        let progress = if self.finished {
            self.after()
        } else {
            self.submit()
        };
        match progress {
            Err(error) if super::not_yet(&error) => Ok(Progress::Waiting),
            other => other,
        }
    }

    fn submit(&mut self) -> Result<Progress, ClientError> {
        if self.bundle.is_none() {
            let bundle = self.link.bundle(&self.origin)?;
            self.bundle = Some(check_bundle(&bundle, self.anchors.clone())?);
        }
        let Some(bundle) = &self.bundle else {
            return Ok(Progress::Waiting);
        };
        if self.pending.is_none() {
            let files = match (self.step, &self.bid) {
                (Step::Withdraw, Some(bid)) => SealedFiles {
                    bid: copy(bid)?,
                    containers: BTreeMap::new(),
                },
                (_, earlier) => bidding::seal(
                    bundle,
                    &self.parts,
                    &self.key,
                    Mode::And,
                    earlier.as_ref(),
                    &mut *self.random,
                )?,
            };
            let now = self.clock.now();
            let act = bidding::prepare(bundle, &files.bid, self.step, now, &mut *self.random)?;
            self.pending = Some((files, act));
            self.uploaded = false;
        }
        let Some((files, act)) = &self.pending else {
            return Ok(Progress::Waiting);
        };
        if !self.uploaded {
            bidding::upload(&*self.link, &self.origin, files)?;
            self.uploaded = true;
        }
        let (id, _) = bidding::enter(&*self.link, &self.origin, act)?;
        self.acts.push(id);
        self.bid = self.pending.take().map(|(files, _)| files.bid);
        self.step = match (self.step, self.trouble) {
            (Step::Submit, Trouble::Replaces) => Step::Replace,
            (Step::Submit, Trouble::Withdraws) => Step::Withdraw,
            (step, _) => {
                self.finished = true;
                step
            }
        };
        Ok(Progress::Acted)
    }

    fn after(&mut self) -> Result<Progress, ClientError> {
        if matches!(self.trouble, Trouble::Withdraws | Trouble::NeverUnlocks) {
            return Ok(Progress::Done);
        }
        let (Some(bundle), Some(bid)) = (&self.bundle, &self.bid) else {
            return Ok(Progress::Waiting);
        };
        if self.unlocked.len() == bid.parts.len() {
            return Ok(Progress::Done);
        }
        let now = self.clock.now();
        let random = &mut *self.random;
        let unlocked = match bidding::unlock(&*self.link, bundle, bid, &self.key, &self.unlocked, now, random)
        {
            // Rejected or failed: its other parts stay shut.
            Err(ClientError::Centre(body)) if matches!(body.refusal.as_deref(), Some("C-108" | "C-124")) => {
                return Ok(Progress::Done);
            }
            other => other?,
        };
        let acted = !unlocked.is_empty();
        self.unlocked.extend(unlocked);
        Ok(if acted { Progress::Acted } else { Progress::Waiting })
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

fn copy(bid: &SealedBid) -> Result<SealedBid, ClientError> {
    let bytes = serde_json::to_vec(bid).map_err(|e| ClientError::Format(e.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string()))
}
