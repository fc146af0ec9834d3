//! A seat at work behind a window: one thread owns the desk, takes jobs in order, keeps up with the record, and
//! publishes what the window shows. Reading what was published never waits for the line.

use crate::desk::Desk;
use crate::error::ClientError;
use crate::link::Link;
use crate::rehearsal::Identity;
use crate::roles::timeline::TimelineIndex;
use crate::workplace::occupation::Occupation;
use crate::workplace::published::{LineState, Published};
use crate::workplace::reading::Reading;
use crate::workplace::troubles::Troubles;
use protocol::ErrorCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Most jobs that wait: people click once.
const QUEUE: usize = 64;
/// How long the listener waits for the record to grow before the seat looks at its own clock again.
const PATIENCE: Duration = Duration::from_secs(2);

/// What the thread owns.
pub(crate) struct Bench {
    pub(crate) desk: Desk,
    pub(crate) occupation: Occupation,
    pub(crate) line: LineState,
    pub(crate) troubles: Troubles,
    pub(crate) index: TimelineIndex,
    pub(crate) reading: Reading,
    pub(crate) changed: OnChange,
    listener: Option<Listener>,
    wake: SyncSender<Job>,
}

/// A job, and what tells whoever asked; `None` once told.
type Job = Box<dyn FnOnce(&mut Bench) -> Option<Answer> + Send>;
/// Gives an answer that waited until windows can see what changed.
type Answer = Box<dyn FnOnce() + Send>;
type Shown = RwLock<Arc<Published>>;

/// A seat at work.
pub(crate) struct Worker {
    jobs: SyncSender<Job>,
    shown: Arc<Shown>,
    stop: Arc<AtomicBool>,
}

/// Told whenever something that a window shows has changed.
pub type OnChange = Arc<dyn Fn() + Send + Sync>;

impl Worker {
    /// Starts the thread.
    pub(crate) fn start(
        desk: Desk,
        occupation: Occupation,
        reading: Reading,
        link: Box<dyn Link>,
        changed: OnChange,
    ) -> Self {
        let (jobs, queue) = sync_channel::<Job>(QUEUE);
        let stop = Arc::new(AtomicBool::new(false));
        let mut bench = Bench {
            desk,
            occupation,
            line: LineState::Starting,
            troubles: Troubles::default(),
            index: TimelineIndex::new(),
            reading,
            changed: changed.clone(),
            listener: None,
            wake: jobs.clone(),
        };
        let shown = Arc::new(RwLock::new(Arc::new(bench.publish(0))));
        let (their_shown, their_stop) = (shown.clone(), stop.clone());
        bench.listen(link);
        let spawned = std::thread::Builder::new()
            .name("conclave-seat".to_owned())
            .spawn(move || bench.run(&queue, &their_shown, &their_stop, &changed));
        if let Err(error) = spawned {
            tracing::error!(%error, "no thread for the seat");
        }
        Self { jobs, shown, stop }
    }

    /// What the window shows now.
    pub(crate) fn shown(&self) -> Arc<Published> {
        self.shown.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the seat look again soon; it does so by itself anyway.
    pub(crate) fn nudge(&self) {
        let _ = self.jobs.try_send(Box::new(|_| None));
    }

    /// Runs a job that changes nothing a window shows, and waits for its answer.
    ///
    /// # Errors
    /// The job's; [`ClientError::Line`] when too much waits already.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Bench) -> Result<T, ClientError> + Send + 'static,
    ) -> Result<T, ClientError> {
        self.ask(|answer| {
            Box::new(move |bench| {
                // The window may have gone meanwhile; then nobody waits for the answer.
                let _ = answer.send(job(bench));
                None
            })
        })
    }

    /// Runs a job that changes what windows show. The answer comes when the change has been published: whoever reads
    /// after it reads the new state.
    ///
    /// # Errors
    /// As [`Worker::run`].
    pub(crate) fn act<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Bench) -> Result<T, ClientError> + Send + 'static,
    ) -> Result<T, ClientError> {
        self.ask(|answer| {
            Box::new(move |bench| {
                let outcome = job(bench);
                Some(Box::new(move || {
                    let _ = answer.send(outcome);
                }))
            })
        })
    }

    fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce(SyncSender<Result<T, ClientError>>) -> Job,
    ) -> Result<T, ClientError> {
        let (answer, answered) = sync_channel(1);
        self.jobs.try_send(job(answer)).map_err(|error| match error {
            TrySendError::Full(_) => ClientError::Line("this seat is busy".to_owned()),
            TrySendError::Disconnected(_) => ClientError::Line("this seat has ended".to_owned()),
        })?;
        answered
            .recv()
            .map_err(|_| ClientError::Line("this seat has ended".to_owned()))?
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread; where the queue is full it wakes by itself.
        let _ = self.jobs.try_send(Box::new(|_| None));
    }
}

impl Bench {
    fn run(mut self, queue: &Receiver<Job>, shown: &Shown, stop: &AtomicBool, changed: &OnChange) {
        let mut revision = 0;
        // No more than the queue holds and one.
        let mut answers: Vec<Answer> = Vec::new();
        loop {
            self.catch_up();
            revision += 1;
            let published = self.publish(revision);
            let differs = {
                let mut now = shown.write().unwrap_or_else(PoisonError::into_inner);
                let differs = now.differs(&published);
                *now = Arc::new(published);
                differs
            };
            if differs {
                changed();
            }
            for answer in answers.drain(..) {
                answer();
            }
            let Ok(first) = queue.recv() else { return };
            answers.extend(first(&mut self));
            // What else waits is done before the record is asked again.
            while answers.len() < QUEUE
                && let Ok(next) = queue.try_recv()
            {
                answers.extend(next(&mut self));
            }
            if stop.load(Ordering::Relaxed) {
                return;
            }
        }
    }

    /// Pulls the record, sends what waits, does what needs nobody.
    fn catch_up(&mut self) {
        if matches!(self.line, LineState::Stopped(_)) {
            return;
        }
        self.occupation.retry();
        let (mut disk, mut refused) = (self.desk.vault.reopen().err(), false);
        let outcome = self.ask();
        let now = self.desk.centre_now();
        match outcome {
            Ok(()) => self.line = LineState::Connected,
            Err(error @ ClientError::Unsound(_)) => self.line = LineState::Stopped(error.to_string()),
            // Before the first act, or before the draw seats this key, there is nothing to read.
            Err(ClientError::Centre(body)) => {
                refused = body.error == ErrorCode::Unauthenticated;
                self.line = LineState::Connected;
            }
            // The centre had answered before the disk refused to keep something.
            Err(ClientError::Vault(error)) if error.is_of_the_disk() => {
                tracing::warn!(%error, "the disk takes nothing");
                disk = Some(error);
                self.line = LineState::Connected;
            }
            Err(error) => {
                tracing::debug!(%error, "no line");
                if !matches!(self.line, LineState::Cut(_)) {
                    self.line = LineState::Cut(now);
                }
            }
        }
        self.troubles.look(&self.desk, &self.occupation, disk, refused);
        if let Some(listener) = &self.listener {
            listener.heard(self.desk.replica.cursor());
        }
    }

    fn ask(&mut self) -> Result<(), ClientError> {
        self.desk.sync()?;
        if self.desk.flush()? > 0 {
            self.desk.sync()?;
        }
        self.chores()
    }

    fn chores(&mut self) -> Result<(), ClientError> {
        let Self {
            desk,
            occupation,
            reading,
            ..
        } = self;
        reading.keep_up(desk, occupation.role())?;
        match occupation.chores(desk)? {
            Some(data_key) => self.settle_in(&data_key),
            None => Ok(()),
        }
    }

    /// A member has sat down: what is heard and read from now on is under the evaluation key.
    pub(crate) fn settle_in(&mut self, data_key: &[u8; 32]) -> Result<(), ClientError> {
        let booth = self.occupation.expert()?;
        let link = || booth.links.link(Identity::Key(self.desk.author.key(), None));
        let (listening, fetching, folder) = (link(), link(), booth.folder.join("sitter"));
        let (origin, changed) = (self.desk.replica.origin(), self.changed.clone());
        self.listen(listening);
        self.reading.open(&folder, data_key, fetching, origin, changed)
    }

    fn publish(&mut self, revision: u64) -> Published {
        let Self {
            desk,
            occupation,
            reading,
            line,
            troubles,
            ..
        } = self;
        occupation.name_pages(reading.named_pages());
        Published::of(desk, occupation, line, troubles, revision)
    }

    /// Listens as another key from now on.
    pub(crate) fn listen(&mut self, link: Box<dyn Link>) {
        self.listener = Some(Listener::start(link, &self.desk, self.wake.clone()));
    }
}

/// Waits for the record to grow and wakes the seat. Its link is its own, so that waiting holds nothing up.
struct Listener {
    cursor: Arc<Mutex<String>>,
    stop: Arc<AtomicBool>,
}

impl Listener {
    fn start(link: Box<dyn Link>, desk: &Desk, wake: SyncSender<Job>) -> Self {
        let cursor = Arc::new(Mutex::new(desk.replica.cursor().to_owned()));
        let stop = Arc::new(AtomicBool::new(false));
        let (heard, ended, origin) = (cursor.clone(), stop.clone(), desk.replica.origin());
        let listen = move || {
            while !ended.load(Ordering::Relaxed) {
                let from = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
                link.wait(&origin, &from, PATIENCE);
                // Full: the seat is awake. Gone: there is nobody to wake.
                if let Err(TrySendError::Disconnected(_)) = wake.try_send(Box::new(|_| None)) {
                    return;
                }
            }
        };
        if let Err(error) = std::thread::Builder::new()
            .name("conclave-listen".to_owned())
            .spawn(listen)
        {
            tracing::error!(%error, "no thread to listen");
        }
        Self { cursor, stop }
    }

    fn heard(&self, cursor: &str) {
        cursor.clone_into(&mut self.cursor.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}
