//! Live channels: JSON lines for as long as the caller listens. A channel is pulled: a slow reader holds nothing
//! but its own place, and no line is queued for it.

use crate::answers::Failure;
use crate::metrics::Metrics;
use crate::presence::Presence;
use crate::setting::SystemClock;
use axum::body::{Body, Bytes};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use centre::{Centre, CentreError, Clock as _, Principal};
use futures_util::stream;
use protocol::{Feed, FeedItem};
use record::Origin;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::{oneshot, watch};

/// Channels of keys that are no log witness's yet: a witness may listen before its first record exists, but
/// strangers take no place from those who are known.
const MAX_STRANGERS: usize = 32;

/// A channel is of one key about one record, or about the heads of all.
type SeatKey = (Principal, Option<Origin>);

/// Who sits where; `None` when the centre closes.
type Seats = Option<BTreeMap<SeatKey, Held>>;

/// An occupied place.
struct Held {
    /// Number of the channel.
    id: u64,
    /// Whether the key was known when it sat down.
    known: bool,
    /// Ends the channel when dropped.
    _end: oneshot::Sender<()>,
}

/// The open channels, bounded in all and per key.
pub(crate) struct Channels {
    seats: Mutex<Seats>,
    next: AtomicU64,
    total: usize,
    per_key: usize,
    metrics: Arc<Metrics>,
    presence: Presence,
}

/// A place among the channels; freed when dropped.
struct Seat {
    channels: Arc<Channels>,
    key: SeatKey,
    id: u64,
    /// Ready when a newer channel of the same key took the place, or the centre closes.
    ended: oneshot::Receiver<()>,
}

impl Channels {
    pub(crate) fn new(total: usize, per_key: usize, metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            seats: Mutex::new(Some(BTreeMap::new())),
            next: AtomicU64::new(0),
            total,
            per_key,
            metrics,
            presence: Presence::default(),
        })
    }

    /// When keys came and went.
    pub(crate) fn presence(&self) -> &Presence {
        &self.presence
    }

    fn lock(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place; an older channel of the same key about the same record gives its own up.
    fn sit(
        self: &Arc<Self>,
        caller: Principal,
        about: Option<Origin>,
        known: bool,
    ) -> Result<Seat, CentreError> {
        let mut seats = self.lock();
        let seats = seats.as_mut().ok_or(CentreError::Busy("the centre is closing"))?;
        let key = (caller, about);
        if !seats.contains_key(&key) {
            let own = seats.keys().filter(|(other, _)| *other == caller).count();
            let alike = seats.values().filter(|held| held.known == known).count();
            let most = if known { self.total } else { MAX_STRANGERS };
            if alike >= most || own >= self.per_key {
                return Err(CentreError::Busy("too many live channels"));
            }
        }
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (end, ended) = oneshot::channel();
        seats.insert(key, Held { id, known, _end: end });
        if let (Principal::Key(key), Some(origin)) = key {
            self.presence.came(origin, key, SystemClock.now());
        }
        self.metrics.live.fetch_add(1, Ordering::Relaxed);
        Ok(Seat {
            channels: self.clone(),
            key,
            id,
            ended,
        })
    }

    /// Ends every channel and takes no more.
    pub(crate) fn close(&self) {
        self.lock().take();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.channels.metrics.live.fetch_sub(1, Ordering::Relaxed);
        if let Some(seats) = self.channels.lock().as_mut()
            && seats.get(&self.key).is_some_and(|held| held.id == self.id)
        {
            seats.remove(&self.key);
            if let (Principal::Key(key), Some(origin)) = self.key {
                self.channels.presence.left(origin, key, SystemClock.now());
            }
        }
    }
}

/// When a channel speaks.
#[derive(Clone, Copy)]
pub(crate) struct Cadence {
    /// Between lines of a silent channel.
    pub(crate) keep_alive: Duration,
    /// Lines leave only at multiples of this, so that their moment tells nobody when an act came.
    pub(crate) cover: Option<Duration>,
}

/// A line, if there is something new, and whether more is there already.
type Line = Result<(Option<Vec<u8>>, bool), CentreError>;

/// What a channel sends: a line when there is something new.
pub(crate) trait Source: Send + 'static {
    /// The next line, and whether more is there already. Blocks.
    fn line(&mut self, centre: &Centre, caller: &Principal) -> Line;

    /// Whether the first line showed that the caller is known.
    fn known(&self) -> bool;
}

/// The feed of a record.
pub(crate) struct FeedSource {
    pub(crate) origin: Origin,
    pub(crate) cursor: String,
    /// Checkpoints of the last line: a page that only repeats them is not sent.
    sent: Vec<FeedItem>,
}

impl FeedSource {
    pub(crate) fn new(origin: Origin, cursor: String) -> Self {
        Self {
            origin,
            cursor,
            sent: Vec::new(),
        }
    }
}

impl Source for FeedSource {
    fn line(&mut self, centre: &Centre, caller: &Principal) -> Line {
        let page: Feed = centre.feed(caller, &self.origin, &self.cursor)?;
        self.cursor.clone_from(&page.cursor);
        if page.items.is_empty() || page.items == self.sent {
            return Ok((None, page.more));
        }
        let checkpoints = page
            .items
            .iter()
            .filter(|item| matches!(item, FeedItem::Checkpoint(_)));
        self.sent = checkpoints.cloned().collect();
        Ok((Some(json_line(&page)?), page.more))
    }

    fn known(&self) -> bool {
        true // the centre shows a feed to nobody else
    }
}

/// The heads of a log witness's records.
#[derive(Default)]
pub(crate) struct HeadsSource {
    sent: Option<Vec<(Origin, u64)>>,
}

impl Source for HeadsSource {
    fn line(&mut self, centre: &Centre, caller: &Principal) -> Line {
        let heads = centre.witness_heads(caller)?;
        if self.sent.as_ref() == Some(&heads) {
            return Ok((None, false));
        }
        let line = json_line(&heads)?;
        self.sent = Some(heads);
        Ok((Some(line), false))
    }

    fn known(&self) -> bool {
        self.sent.as_ref().is_some_and(|heads| !heads.is_empty())
    }
}

fn json_line<T: serde::Serialize>(value: &T) -> Result<Vec<u8>, CentreError> {
    let mut line = serde_json::to_vec(value).map_err(|e| CentreError::Internal(e.to_string()))?;
    line.push(b'\n');
    Ok(line)
}

/// An open channel.
struct Channel<S> {
    centre: Arc<Centre>,
    caller: Principal,
    source: S,
    notices: watch::Receiver<()>,
    seat: Seat,
    cadence: Cadence,
    /// A line that is due at once.
    ready: Option<Vec<u8>>,
    more: bool,
}

/// What an opened channel is made of.
pub(crate) struct Opening<S> {
    /// The centre.
    pub(crate) centre: Arc<Centre>,
    /// Who listens.
    pub(crate) caller: Principal,
    /// About which record; `None` for the heads of all.
    pub(crate) about: Option<Origin>,
    /// What is sent.
    pub(crate) source: S,
    /// What wakes it. Subscribed before the first line is read, so that nothing falls between.
    pub(crate) notices: watch::Receiver<()>,
    /// When it speaks.
    pub(crate) cadence: Cadence,
}

impl<S: Source> Opening<S> {
    /// Opens the channel. The first line is read before the answer: who may not listen gets an error and takes no
    /// place.
    pub(crate) async fn open(self, channels: &Arc<Channels>) -> Result<Response, Failure> {
        let (source, line) = read(self.centre.clone(), self.caller, self.source).await;
        let (ready, more) = line?;
        let channel = Channel {
            seat: channels.sit(self.caller, self.about, source.known())?,
            centre: self.centre,
            caller: self.caller,
            source,
            notices: self.notices,
            cadence: self.cadence,
            ready,
            more,
        };
        let lines = stream::unfold(channel, |channel| async move {
            let (line, channel) = channel.next().await?;
            Some((Ok::<_, Infallible>(Bytes::from(line)), channel))
        });
        let headers = [
            (CONTENT_TYPE, "application/x-ndjson"),
            (CACHE_CONTROL, "no-store"),
        ];
        Ok((headers, Body::from_stream(lines)).into_response())
    }
}

/// Reads the next line on a blocking thread.
async fn read<S: Source>(centre: Arc<Centre>, caller: Principal, mut source: S) -> (S, Line) {
    let reading = tokio::task::spawn_blocking(move || {
        let line = catch_unwind(AssertUnwindSafe(|| source.line(&centre, &caller)));
        let line = line.unwrap_or_else(|_| Err(CentreError::Internal("a live channel panicked".to_owned())));
        (source, line)
    });
    reading
        .await
        .expect("a panic was caught inside, and blocking work is not cancelled")
}

impl<S: Source> Channel<S> {
    /// The next line, or the keep-alive; `None` ends the channel.
    async fn next(mut self) -> Option<(Vec<u8>, Self)> {
        let silence = tokio::time::Instant::now() + self.cadence.keep_alive;
        loop {
            if let Some(line) = self.ready.take() {
                return Some((line, self));
            }
            if !self.more {
                tokio::select! {
                    biased;
                    _ = &mut self.seat.ended => return None,
                    changed = self.notices.changed() => changed.ok()?,
                    () = tokio::time::sleep_until(silence) => return Some((b"\n".to_vec(), self)),
                }
                if let Some(cover) = self.cadence.cover {
                    tokio::time::sleep(until_multiple(cover)).await;
                    self.notices.mark_unchanged();
                }
            }
            let (source, line) = read(self.centre.clone(), self.caller, self.source).await;
            self.source = source;
            match line {
                Ok((ready, more)) => (self.ready, self.more) = (ready, more),
                // The caller lost its standing, or the store failed: it finds out by asking again.
                Err(error) => {
                    tracing::info!(%error, "a live channel ends");
                    return None;
                }
            }
        }
    }
}

/// Time to the next multiple of `cover` on the wall clock.
fn until_multiple(cover: Duration) -> Duration {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    rest_of(since, cover)
}

/// What is left of the interval that `since` lies in.
fn rest_of(since: Duration, cover: Duration) -> Duration {
    let cover = cover.as_nanos().max(1);
    Duration::from_nanos(u64::try_from(cover - since.as_nanos() % cover).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn covered_channels_speak_at_multiples_of_their_interval() {
        for (since, cover, rest) in [(0, 100, 100), (1, 100, 99), (199, 100, 1), (12_345, 1000, 655)] {
            let [since, cover, rest] = [since, cover, rest].map(Duration::from_millis);
            assert_eq!(rest_of(since, cover), rest);
        }
    }
}
