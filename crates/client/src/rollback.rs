//! A copy that had seen leaves which a restored centre has lost for good goes back to the recovered head (protocol 2,
//! Restore): only above every cosigned checkpoint it holds, and only when the record says so in a `recovered` act
//! under a quorum. Everything else stays unsound.

use crate::desk::{Desk, REFUSED};
use crate::error::ClientError;
use crate::replica::{Replica, leaf_key};
use evaluation::acts::archive::Recovery;
use evaluation::catalogue;
use protocol::{ErrorBody, ErrorCode};
use record::{ActId, Body, Entry, Seen, Submission};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use storage::{Change, OutboxItem, OutboxState};

const NOTICES: &str = "rollback/";
const COUNT: &str = "recoveries";

/// An own act that was in the record and is lost from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LostAct {
    /// Its id.
    pub id: ActId,
    /// Its type.
    pub kind: String,
    /// Its stage instance.
    pub instance: String,
}

/// What a recovery cost this seat; said to whoever sits there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RollBack {
    /// Index of the `recovered` act.
    pub recovered: u64,
    /// Head to which the record came back.
    pub head: Seen,
    /// Leaves this seat had seen above it; kept in the vault as evidence.
    pub dropped: u64,
    /// Own acts that are sent again, byte for byte.
    pub sent_again: Vec<LostAct>,
    /// Own acts that can't be sent again: expired, or made in sight of what is lost. What they wanted must be decided
    /// anew.
    pub stale: Vec<LostAct>,
}

/// Whether a record read anew explains what an older copy has more.
enum Explained {
    /// Yes: so many leaves are common, and this act says what became of the rest.
    By(usize, Recovery),
    /// Not yet under a quorum.
    NotYet,
    /// It contradicts.
    No,
}

fn explained(old: &Replica, fresh: &Replica) -> Explained {
    let pairs = old.settled().iter().zip(fresh.entries());
    let common = pairs.take_while(|(a, b)| a.leaf_hash() == b.leaf_hash()).count();
    if common == old.settled().len() || old.cosigned_size() > common as u64 {
        return Explained::No;
    }
    let place = common as u64;
    let says_so = |r: &&Recovery| r.head.size <= place && place <= r.index;
    match fresh.state().recoveries().iter().find(says_so) {
        Some(recovery) if fresh.cosigned_size() > recovery.index => Explained::By(common, *recovery),
        Some(_) => Explained::NotYet,
        None if fresh.entries().len() == common => Explained::NotYet,
        None => Explained::No,
    }
}

impl Desk {
    /// Reads the record anew and goes back to the recovered head, where the record explains itself.
    pub(crate) fn roll_back(&mut self, why: ClientError) -> Result<bool, ClientError> {
        let mut fresh = self.replica.anew();
        fresh.pull(&*self.link, None)?;
        let (common, recovery) = match explained(&self.replica, &fresh) {
            Explained::By(common, recovery) => (common, recovery),
            Explained::No => return Err(why),
            Explained::NotYet => {
                return Err(ClientError::Centre(ErrorBody {
                    error: ErrorCode::Waiting,
                    refusal: None,
                    detail: "the recovered record is not cosigned yet".to_owned(),
                }));
            }
        };
        let dropped: Vec<Entry> = self.replica.settled()[common..].to_vec();
        let mut changes = evidence(&self.replica, &recovery, &dropped)?;
        let ends = fresh.entries().len() as u64;
        let gone = dropped
            .iter()
            .map(|entry| entry.index)
            .filter(|&index| index >= ends);
        changes.extend(gone.map(|index| Change::Remove { key: leaf_key(index) }));
        changes.extend(fresh.kept_from(common as u64)?);
        let notice = RollBack {
            recovered: recovery.index,
            head: recovery.head,
            dropped: dropped.len() as u64,
            sent_again: Vec::new(),
            stale: Vec::new(),
        };
        changes.push(notice.put()?);
        self.vault.apply(&changes)?;
        self.replica = fresh;
        self.settle_recoveries()?;
        Ok(true)
    }

    /// After a recovery: own acts that were acknowledged and are not in the record any more go back into the queue.
    pub(crate) fn settle_recoveries(&mut self) -> Result<(), ClientError> {
        let recoveries = self.replica.state().recoveries().to_vec();
        let count = self.vault.get(COUNT)?.and_then(|b| <[u8; 8]>::try_from(b).ok());
        let settled = usize::try_from(count.map_or(0, u64::from_be_bytes)).unwrap_or(usize::MAX);
        for recovery in recoveries.iter().skip(settled) {
            let mut notice = self.notice(recovery)?;
            for item in self.lost_items(recovery)? {
                let (act, again) = self.judge(&item, recovery)?;
                self.vault.outbox().requeue(item.position)?;
                if again {
                    notice.sent_again.push(act);
                } else {
                    self.vault.outbox().acknowledge(item.position, REFUSED)?;
                    notice.stale.push(act);
                }
            }
            let mut changes = Vec::new();
            if notice.dropped > 0 || !notice.sent_again.is_empty() || !notice.stale.is_empty() {
                tracing::warn!(
                    recovered = notice.recovered,
                    dropped = notice.dropped,
                    sent_again = notice.sent_again.len(),
                    stale = notice.stale.len(),
                    "the record lost what this seat had seen"
                );
                changes.push(notice.put()?);
            }
            changes.push(Change::Put {
                key: COUNT.to_owned(),
                value: (recoveries.len() as u64).to_be_bytes().to_vec(),
            });
            self.vault.apply(&changes)?;
        }
        Ok(())
    }

    /// What recoveries have cost this seat, in order.
    ///
    /// # Errors
    /// A damaged vault.
    pub fn roll_backs(&self) -> Result<Vec<RollBack>, ClientError> {
        let mut notices = Vec::new();
        for row in self.vault.list(NOTICES)? {
            if let Some(bytes) = self.vault.get(&row.key)? {
                notices.push(serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string()))?);
            }
        }
        Ok(notices)
    }

    fn notice(&self, recovery: &Recovery) -> Result<RollBack, ClientError> {
        let known = self.roll_backs()?;
        let known = known.into_iter().find(|known| known.recovered == recovery.index);
        Ok(known.unwrap_or(RollBack {
            recovered: recovery.index,
            head: recovery.head,
            dropped: 0,
            sent_again: Vec::new(),
            stale: Vec::new(),
        }))
    }

    /// Acknowledged items at places above the recovered head whose acts are not in the record.
    fn lost_items(&mut self, recovery: &Recovery) -> Result<Vec<OutboxItem>, ClientError> {
        let own: BTreeSet<ActId> = self
            .replica
            .entries()
            .iter()
            .filter_map(|entry| Some(Body::parse(&entry.disclosed.as_ref()?.body).ok()?.core.id))
            .collect();
        let mut lost = Vec::new();
        let mut from = 0;
        loop {
            let items = self.vault.outbox().items(from, 256)?;
            let Some(last) = items.last().map(|item| item.position) else {
                return Ok(lost);
            };
            for item in items {
                let above = matches!(item.state, OutboxState::Acknowledged { index }
                    if (recovery.head.size..REFUSED).contains(&index));
                if above && !own.contains(&body_of(&item)?.core.id) {
                    lost.push(item);
                }
            }
            from = last + 1;
        }
    }

    /// Whether the same bytes may still count: in time, and made in sight of what the record still holds.
    fn judge(&self, item: &OutboxItem, recovery: &Recovery) -> Result<(LostAct, bool), ClientError> {
        let core = body_of(item)?.core;
        let offline = catalogue::find(&core.kind).is_some_and(|line| line.offline);
        let again = core.seen.size <= recovery.head.size && (offline || core.expires >= self.now());
        let act = LostAct {
            id: core.id,
            kind: core.kind,
            instance: core.instance,
        };
        Ok((act, again))
    }
}

impl RollBack {
    fn put(&self) -> Result<Change, ClientError> {
        Ok(Change::Put {
            key: format!("{NOTICES}{:08}", self.recovered),
            value: serde_json::to_vec(self).map_err(|e| ClientError::Format(e.to_string()))?,
        })
    }
}

fn body_of(item: &OutboxItem) -> Result<Body, ClientError> {
    let submission: Submission =
        serde_json::from_slice(&item.bytes).map_err(|e| ClientError::Format(e.to_string()))?;
    Body::parse(&submission.body).map_err(|e| ClientError::Format(e.to_string()))
}

/// The dropped leaves, and the checkpoint of the log that covered them.
fn evidence(old: &Replica, recovery: &Recovery, dropped: &[Entry]) -> Result<Vec<Change>, ClientError> {
    let place = format!("dropped/{:08}", recovery.index);
    let mut changes = Vec::new();
    for entry in dropped {
        changes.push(Change::Put {
            key: format!("{place}/{:08}", entry.index),
            value: serde_json::to_vec(entry).map_err(|e| ClientError::Format(e.to_string()))?,
        });
    }
    if let Some(note) = old.newest() {
        changes.push(Change::Put {
            key: format!("{place}/note"),
            value: note.format().into_bytes(),
        });
    }
    Ok(changes)
}
