//! Group commit: acts of one record pass through one bounded queue to one committer, which takes what waits as a
//! batch. Queues belong to records that exist, so strangers can't make any.

use crate::metrics::Metrics;
use crate::watches::Watches;
use centre::{Centre, CentreError, MAX_BATCH, Principal};
use protocol::Acknowledged;
use record::{Origin, VerifiedAct};
use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

type Answer = Result<Acknowledged, CentreError>;

/// An act that waits for its committer.
struct Waiting {
    caller: Principal,
    act: VerifiedAct,
    answer: oneshot::Sender<Answer>,
}

/// What a committer works with.
#[derive(Clone)]
struct Bench {
    centre: Arc<Centre>,
    watches: Arc<Watches>,
    metrics: Arc<Metrics>,
}

enum Desks {
    Open(BTreeMap<Origin, (mpsc::Sender<Waiting>, JoinHandle<()>)>),
    Closed,
}

/// The queues of all records.
pub(crate) struct Queues {
    bench: Bench,
    bound: usize,
    desks: Mutex<Desks>,
}

impl Queues {
    pub(crate) fn new(
        centre: Arc<Centre>,
        watches: Arc<Watches>,
        metrics: Arc<Metrics>,
        bound: usize,
    ) -> Self {
        Self {
            bench: Bench {
                centre,
                watches,
                metrics,
            },
            bound,
            desks: Mutex::new(Desks::Open(BTreeMap::new())),
        }
    }

    /// Queues an act and waits for its answer. The act is decided even if the caller is gone by then.
    pub(crate) async fn submit(&self, origin: Origin, caller: Principal, act: VerifiedAct) -> Answer {
        let sender = self.sender(origin)?;
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { caller, act, answer };
        self.bench.metrics.queue.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = sender.try_send(waiting) {
            self.bench.metrics.queue.fetch_sub(1, Ordering::Relaxed);
            return Err(CentreError::Busy(match error {
                mpsc::error::TrySendError::Full(_) => "the queue is full",
                mpsc::error::TrySendError::Closed(_) => "the centre is closing",
            }));
        }
        drop(sender);
        answered
            .await
            .unwrap_or_else(|_| Err(CentreError::Internal("the committer gave no answer".to_owned())))
    }

    fn sender(&self, origin: Origin) -> Result<mpsc::Sender<Waiting>, CentreError> {
        let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
        let Desks::Open(open) = &mut *desks else {
            return Err(CentreError::Busy("the centre is closing"));
        };
        if let Some((sender, _)) = open.get(&origin) {
            return Ok(sender.clone());
        }
        if !self.bench.centre.origins().contains(&origin) {
            return Err(CentreError::NotFound("record"));
        }
        let (sender, receiver) = mpsc::channel(self.bound);
        let committer = tokio::spawn(self.bench.clone().commit_all(origin, receiver));
        open.insert(origin, (sender.clone(), committer));
        Ok(sender)
    }

    /// Takes no more acts, and waits until every queued one is decided.
    pub(crate) async fn finish(&self) {
        let desks = {
            let mut desks = self.desks.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *desks, Desks::Closed)
        };
        let Desks::Open(open) = desks else { return };
        let committers: Vec<_> = open.into_values().map(|(_, committer)| committer).collect();
        for committer in committers {
            if let Err(error) = committer.await {
                tracing::error!(%error, "a committer ended badly");
            }
        }
    }
}

impl Bench {
    async fn commit_all(self, origin: Origin, mut queue: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::new();
        while queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let waiting = std::mem::take(&mut batch);
            let taken = i64::try_from(waiting.len()).unwrap_or(i64::MAX);
            self.metrics.queue.fetch_sub(taken, Ordering::Relaxed);
            let bench = self.clone();
            let committed = tokio::task::spawn_blocking(move || bench.commit(origin, waiting));
            if let Err(error) = committed.await {
                // The senders went with it: each caller is told "internal".
                tracing::error!(%error, "a commit ended badly");
            }
        }
    }

    fn commit(&self, origin: Origin, waiting: Vec<Waiting>) {
        let mut batch = Vec::with_capacity(waiting.len());
        let mut callers = Vec::with_capacity(waiting.len());
        for Waiting { caller, act, answer } in waiting {
            batch.push((caller, act));
            callers.push(answer);
        }
        let size = batch.len();
        let answers = self.centre.act_batch(&origin, batch);
        let acknowledged = answers.iter().flatten();
        let head = acknowledged.clone().map(|ack| ack.index + 1).max();
        self.metrics.committed(origin, size, acknowledged.count(), head);
        for (caller, answer) in callers.into_iter().zip(answers) {
            // A caller that gave up asks again with the same act id.
            let _ = caller.send(answer);
        }
        if head.is_some() {
            storage::faultpoint::hit("centre.before_project");
            self.watches.grew(&origin);
        }
    }
}
