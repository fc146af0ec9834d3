//! One live channel: a thread that listens, reconnects, and wakes who waits.

use super::{from, send};
use crate::error::ClientError;
use crate::link::Answer;
use protocol::ErrorBody;
use record::Origin;
use reqwest::Url;
use reqwest::blocking::Client;
use serde::Deserialize;
use std::io::{BufRead as _, BufReader, Read as _};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Pause before the first reconnection, doubled up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// Longest line: a page of 256 leaves with all that belongs to them.
const MAX_LINE: u64 = 256 << 20;

/// What a channel is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A record's feed.
    Record(Origin),
    /// Heads for a log witness.
    Heads,
}

/// Why there is no channel now.
#[derive(Clone, Debug)]
enum Fault {
    Line(String),
    Centre(ErrorBody),
}

#[derive(Debug, Default)]
struct Heard {
    /// Lines heard, keep-alives aside.
    lines: u64,
    /// Lines that whoever waits knows of.
    known: u64,
    /// Cursor of the last line of this connection; before one, that of whoever waits.
    cursor: String,
    heads: Option<Vec<(Origin, u64)>>,
    fault: Option<Fault>,
    closed: bool,
}

struct Shared {
    heard: Mutex<Heard>,
    woken: Condvar,
}

/// A handle; the thread ends soon after [`Channel::close`].
#[derive(Clone)]
pub(super) struct Channel(Arc<Shared>);

/// What of a feed's line matters here; the rest comes with the next call of `feed`, checked.
#[derive(Deserialize)]
struct Page {
    cursor: String,
}

impl Channel {
    /// Starts to listen from a cursor.
    pub(super) fn open(client: Client, url: Url, kind: Kind, cursor: &str) -> Self {
        let heard = Heard {
            cursor: cursor.to_owned(),
            ..Heard::default()
        };
        let channel = Self(Arc::new(Shared {
            heard: Mutex::new(heard),
            woken: Condvar::new(),
        }));
        let listener = Listener {
            client,
            url,
            kind,
            channel: channel.clone(),
        };
        let name = "conclave-live".to_owned();
        if let Err(error) = std::thread::Builder::new()
            .name(name)
            .spawn(move || listener.run())
        {
            channel.lock().fault = Some(Fault::Line(error.to_string()));
        }
        channel
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what was heard and wakes everybody.
    fn tell(&self, change: impl FnOnce(&mut Heard)) {
        change(&mut self.lock());
        self.0.woken.notify_all();
    }

    /// Ends the thread.
    pub(super) fn close(&self) {
        self.tell(|heard| heard.closed = true);
    }

    /// The feed is being asked: what was heard up to here is in its answer.
    pub(super) fn asked(&self) {
        let mut heard = self.lock();
        heard.known = heard.lines;
    }

    /// Waits for a line that is not known yet.
    fn news(&self, at_most: Duration) -> MutexGuard<'_, Heard> {
        let waiting = |heard: &mut Heard| heard.lines == heard.known && !heard.closed;
        let (mut heard, _) = self
            .0
            .woken
            .wait_timeout_while(self.lock(), at_most, waiting)
            .unwrap_or_else(PoisonError::into_inner);
        heard.known = heard.lines;
        heard
    }

    /// Waits until the feed may have grown beyond `cursor`.
    pub(super) fn wait(&self, cursor: &str, at_most: Duration) {
        {
            let mut heard = self.lock();
            if heard.fault.is_some() {
                cursor.clone_into(&mut heard.cursor);
            }
        }
        drop(self.news(at_most));
    }

    /// The heads, as soon as there are news of them.
    pub(super) fn heads(&self, at_most: Duration) -> Answer<Vec<(Origin, u64)>> {
        let heard = self.news(at_most);
        match (&heard.fault, &heard.heads) {
            (Some(Fault::Centre(body)), _) => Err(ClientError::Centre(body.clone())),
            (Some(Fault::Line(what)), _) => Err(ClientError::Line(what.clone())),
            (None, Some(heads)) => Ok(heads.clone()),
            (None, None) => Err(ClientError::Line("the centre has not answered yet".to_owned())),
        }
    }
}

struct Listener {
    client: Client,
    url: Url,
    kind: Kind,
    channel: Channel,
}

impl Listener {
    fn run(self) {
        let mut pause = FIRST_PAUSE;
        while !self.channel.lock().closed {
            let since = Instant::now();
            let fault = self.listen();
            // Two seats with one key take the channel from each other: they slow down instead of racing.
            let lasted = since.elapsed() >= LONGEST_PAUSE;
            pause = if lasted {
                FIRST_PAUSE
            } else {
                (pause * 2).min(LONGEST_PAUSE)
            };
            self.channel.tell(|heard| heard.fault = Some(fault));
            self.rest(pause);
        }
    }

    /// Pauses, unless the channel is closed meanwhile.
    fn rest(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let closing = |heard: &mut Heard| !heard.closed && Instant::now() < until;
        drop(
            self.channel
                .0
                .woken
                .wait_timeout_while(self.channel.lock(), pause, closing)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Listens until the connection ends; says why it did.
    fn listen(&self) -> Fault {
        let cursor = self.channel.lock().cursor.clone();
        let url = match self.kind {
            Kind::Record(_) => from(self.url.clone(), &cursor),
            Kind::Heads => self.url.clone(),
        };
        let response = match send(self.client.get(url)) {
            Ok(response) => response,
            Err(ClientError::Centre(body)) => return Fault::Centre(body),
            Err(error) => return Fault::Line(error.to_string()),
        };
        let mut lines = BufReader::new(response);
        loop {
            let mut line = Vec::new();
            match lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
                Ok(_) if line.last() == Some(&b'\n') => {}
                Ok(_) => return Fault::Line("the live channel ended".to_owned()),
                Err(error) => return Fault::Line(error.to_string()),
            }
            if self.channel.lock().closed {
                return Fault::Line("closed".to_owned());
            }
            if let Err(error) = self.hear(&line) {
                return Fault::Line(format!("the live channel: {error}"));
            }
        }
    }

    fn hear(&self, line: &[u8]) -> Result<(), serde_json::Error> {
        if line.iter().all(u8::is_ascii_whitespace) {
            self.channel.tell(|heard| heard.fault = None);
            return Ok(());
        }
        let (cursor, heads) = match self.kind {
            Kind::Record(_) => (Some(serde_json::from_slice::<Page>(line)?.cursor), None),
            Kind::Heads => (None, Some(serde_json::from_slice(line)?)),
        };
        self.channel.tell(|heard| {
            heard.fault = None;
            heard.lines += 1;
            if let Some(cursor) = cursor {
                heard.cursor = cursor;
            }
            heard.heads = heads.or(heard.heads.take());
        });
        Ok(())
    }
}
