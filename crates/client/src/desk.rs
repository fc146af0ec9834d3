//! A seat at work: link, replica, author, vault and outbox.
//!
//! An act is durable in the outbox before it is sent, and leaves it only when the centre has acknowledged it or
//! refused it for good; sending again is harmless, since an act id counts once.

use crate::author::{Author, Draft};
use crate::error::ClientError;
use crate::link::Link;
use crate::ports::Clock;
use crate::replica::Replica;
use protocol::{Acknowledged, ErrorCode, LeafReturn, RestoreState, ReturnedLeaves};
use record::{Millis, SignedCheckpoint, Submission};
use sealing::Random;
use serde::Serialize;
use std::time::Duration;
use storage::{OutboxState, Vault, faultpoint};

/// Most bytes of leaves returned at once, well below the largest body of a command.
const MAX_RETURN: usize = 256 * 1024;

/// Place in the outbox of what was refused for good: beyond every record.
pub const REFUSED: u64 = u64::MAX >> 1;

/// How an act fared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// In the record.
    Acknowledged(Acknowledged),
    /// Refused for good, with its code: what it wanted must be decided anew.
    Refused(String),
}

/// How far a seat's clock is ahead of the centre's, milliseconds; behind when negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClockOffset(i64);

impl ClockOffset {
    /// The number.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Compared anew. What the way of an answer takes is no difference of clocks.
    fn compare(&mut self, own: Millis, centre: Millis) {
        let ahead = i64::try_from(own)
            .unwrap_or(i64::MAX)
            .saturating_sub_unsigned(centre);
        if ahead.abs_diff(self.0) >= 1_000 {
            self.0 = ahead;
        }
    }
}

/// A seat.
pub struct Desk {
    /// The link.
    pub link: Box<dyn Link>,
    /// The verified copy.
    pub replica: Replica,
    /// The actor.
    pub author: Author,
    /// Vault with drafts, kept leaves and outbox.
    pub vault: Vault,
    /// Own clock.
    pub clock: Box<dyn Clock>,
    /// How far it is ahead of the centre's, by the centre's last answer.
    pub offset: ClockOffset,
    /// Random source.
    pub random: Box<dyn Random + Send>,
}

impl Desk {
    /// Own time.
    pub fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The centre's time, as far as this seat can say. Acts claim it, and snapshots keep their cadence by it, so that
    /// somebody who sets this PC's clock disturbs neither; checks of time go by the own clock ([`Desk::now`]).
    pub fn centre_now(&self) -> Millis {
        self.now()
            .saturating_add_signed(self.offset.millis().saturating_neg())
    }

    /// Pulls the feed; returns leaves and blobs to the centre when it has lost them, and goes back to the recovered
    /// head where they are lost for good.
    ///
    /// # Errors
    /// The line; [`ClientError::Unsound`].
    pub fn sync(&mut self) -> Result<bool, ClientError> {
        match self.replica.pull(&*self.link, Some(&mut self.vault)) {
            Ok(grew) => {
                if let Some(told) = self.replica.told() {
                    self.offset.compare(self.clock.now(), told);
                }
                if self.replica.lacking() {
                    self.return_kept_blobs()?;
                }
                self.settle_recoveries()?;
                self.forget_blobs()?;
                Ok(grew)
            }
            Err(ClientError::Centre(body)) if body.error == ErrorCode::Waiting => {
                self.return_kept_blobs()?;
                match self.return_leaves() {
                    Ok(Some(state)) if !state.rebuilding => self.roll_back(ClientError::Centre(body)),
                    Ok(_) => Ok(false),
                    Err(ClientError::Centre(body)) if body.error == ErrorCode::Waiting => Ok(false),
                    Err(error) => Err(error),
                }
            }
            Err(ClientError::Unsound(why)) => self.roll_back(ClientError::Unsound(why)),
            Err(error) => Err(error),
        }
    }

    /// After a restore: what this seat kept above the centre's size, with its own acts whole. `None` without a
    /// cosigned checkpoint, which alone makes the centre listen.
    fn return_leaves(&mut self) -> Result<Option<RestoreState>, ClientError> {
        if self.replica.cosigned().is_none() {
            return Ok(None);
        }
        let mut state = self.return_chunk(Vec::new())?;
        if !state.rebuilding {
            return Ok(Some(state));
        }
        let from = usize::try_from(state.size).unwrap_or(usize::MAX);
        let mut chunk = Vec::new();
        let mut size = 0;
        for entry in self.replica.settled().iter().skip(from) {
            let leaf = LeafReturn { entry: entry.clone() };
            let length = serde_json::to_vec(&leaf).map_or(MAX_RETURN, |bytes| bytes.len());
            if !chunk.is_empty() && size + length > MAX_RETURN {
                state = self.return_chunk(std::mem::take(&mut chunk))?;
                size = 0;
            }
            size += length;
            chunk.push(leaf);
        }
        if !chunk.is_empty() {
            state = self.return_chunk(chunk)?;
        }
        Ok(Some(state))
    }

    fn return_chunk(&self, leaves: Vec<LeafReturn>) -> Result<RestoreState, ClientError> {
        let note = self.replica.cosigned().map(SignedCheckpoint::format);
        let returned = ReturnedLeaves {
            note: note.unwrap_or_default(),
            newest: self.replica.newest().map(SignedCheckpoint::format),
            recoveries: self.replica.state().recoveries().len() as u64,
            replaced: self.replica.replaced_witnesses(),
            leaves,
        };
        self.link.leaves_return(&self.replica.origin(), &returned)
    }

    /// Lays out, keeps and sends an act.
    ///
    /// # Errors
    /// The line (the act stays in the outbox), the vault, a wrong PIN.
    pub fn act<T: Serialize>(&mut self, draft: Draft<'_, T>) -> Result<Sent, ClientError> {
        let now = self.centre_now();
        let origin = self.replica.origin();
        let submission = self
            .author
            .compose(origin, draft, self.replica.seen(), now, &mut *self.random)?;
        self.send(&submission)
    }

    /// Keeps an act in the outbox and sends it.
    ///
    /// # Errors
    /// As [`Desk::act`].
    pub fn send(&mut self, submission: &Submission) -> Result<Sent, ClientError> {
        let bytes = serde_json::to_vec(submission).map_err(|e| ClientError::Format(e.to_string()))?;
        let position = self.vault.outbox().enqueue(&bytes)?;
        self.deliver(position, submission)
    }

    fn deliver(&mut self, position: u64, submission: &Submission) -> Result<Sent, ClientError> {
        faultpoint::hit("client.before_send");
        let sent = match self.link.act_submit(&self.replica.origin(), submission) {
            Ok(acknowledged) => Sent::Acknowledged(acknowledged),
            Err(ClientError::Centre(body)) if body.error == protocol::ErrorCode::Refused => {
                Sent::Refused(format!("{} {}", body.refusal.unwrap_or_default(), body.detail))
            }
            Err(ClientError::Centre(body))
                if matches!(
                    body.error,
                    protocol::ErrorCode::BadRequest | protocol::ErrorCode::Forbidden
                ) =>
            {
                Sent::Refused(body.detail)
            }
            Err(error) => return Err(error),
        };
        match &sent {
            Sent::Acknowledged(acknowledged) => {
                self.vault.outbox().acknowledge(position, acknowledged.index)?
            }
            // Refused for good: it leaves the queue; what it wanted is decided anew from the state.
            Sent::Refused(_) => self.vault.outbox().acknowledge(position, REFUSED)?,
        }
        faultpoint::hit("client.after_acknowledge");
        Ok(sent)
    }

    /// Sends what waits in the outbox, in order.
    ///
    /// # Errors
    /// The line; what waits stays.
    pub fn flush(&mut self) -> Result<usize, ClientError> {
        let waiting = self.vault.outbox().waiting(64)?;
        let count = waiting.len();
        for item in waiting {
            if item.state != OutboxState::Waiting {
                continue;
            }
            let submission: Submission =
                serde_json::from_slice(&item.bytes).map_err(|e| ClientError::Format(e.to_string()))?;
            self.deliver(item.position, &submission)?;
        }
        Ok(count)
    }

    /// Keeps bytes at the centre that an act will name, and here until the evaluation is archived.
    ///
    /// # Errors
    /// The line, the vault.
    pub fn blob(&mut self, bytes: &[u8]) -> Result<record::BlobRef, ClientError> {
        self.keep_blob(bytes)?;
        Ok(self.link.blob_put(&self.replica.origin(), bytes)?.blob)
    }

    /// Waits for the record to grow.
    pub fn wait(&self, at_most: Duration) {
        self.link
            .wait(&self.replica.origin(), self.replica.cursor(), at_most);
    }
}
