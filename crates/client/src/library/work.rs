//! The two threads: one fetches and keeps, one reads.

use super::shelf::{Kept, NotKept, Reading};
use super::{Inner, State, WantedKind, problems};
use crate::error::ClientError;
use documents::{BoundingBox, DocumentError, Ingest, PageSize};
use protocol::window::{OutlineLine, PageText, Problem, TextBox};
use record::BlobRef;
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// First wait after a failure; it doubles with each, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Why something was not done yet.
pub(super) struct Failing {
    why: Why,
    again: Instant,
    times: u32,
}

enum Why {
    /// The line, or bytes that are not the blob.
    Fetch,
    NoRoom,
    /// Reading failed for a reason that is not the document's.
    Read(DocumentError),
}

impl Failing {
    /// What a person is told; a cut line shows elsewhere.
    pub(super) fn problem(&self) -> Option<Problem> {
        match &self.why {
            Why::Fetch => None,
            Why::NoRoom => Some(problems::no_room()),
            Why::Read(error) => Some(problems::of_document(error)),
        }
    }
}

impl State {
    fn fail(&mut self, blob: BlobRef, why: Why) {
        let times = self.failing.get(&blob).map_or(0, |failing| failing.times);
        let wait = (FIRST_WAIT * 2_u32.saturating_pow(times.min(16))).min(LONGEST_WAIT);
        let failing = Failing {
            why,
            again: Instant::now() + wait,
            times: times + 1,
        };
        self.failing.insert(blob, failing);
    }

    /// Whether a thing may be tried now, and when next if not.
    fn may_try(&self, blob: &BlobRef, next: &mut Option<Instant>) -> bool {
        match self.failing.get(blob) {
            Some(failing) if failing.again > Instant::now() => {
                *next = Some(next.map_or(failing.again, |next| next.min(failing.again)));
                false
            }
            _ => true,
        }
    }

    fn to_fetch(&self, next: &mut Option<Instant>) -> Option<(BlobRef, bool)> {
        self.fetch.as_ref()?;
        let open = self
            .wanted
            .iter()
            .filter(|wanted| !self.kept.contains_key(&wanted.blob));
        open.map(|wanted| (wanted.blob, matches!(wanted.kind, WantedKind::Part { .. })))
            .find(|(blob, _)| self.may_try(blob, next))
    }

    fn to_read(&self, next: &mut Option<Instant>) -> Option<BlobRef> {
        let files = self
            .wanted
            .iter()
            .flat_map(|wanted| match (&wanted.kind, self.kept.get(&wanted.blob)) {
                (WantedKind::Tender { .. }, Some(_)) => vec![wanted.blob],
                (WantedKind::Part { .. }, Some(Kept::Part(files))) => files
                    .iter()
                    .filter(|file| file.file != audit::statement::FILE)
                    .map(|file| file.blob)
                    .collect(),
                _ => Vec::new(),
            });
        files
            .filter(|file| !self.read.contains_key(file))
            .find(|file| self.may_try(file, next))
    }
}

pub(super) fn start(inner: &Arc<Inner>) -> std::io::Result<Vec<JoinHandle<()>>> {
    let (fetcher, reader) = (inner.clone(), inner.clone());
    let start =
        |name: &str, run: Box<dyn FnOnce() + Send>| thread::Builder::new().name(name.to_owned()).spawn(run);
    Ok(vec![
        start("library-fetch", Box::new(move || fetcher.fetch_all()))?,
        start("library-read", Box::new(move || reader.read_all()))?,
    ])
}

impl Inner {
    /// The next thing to do, once there is one; `None` at the end.
    fn next<T>(&self, look: impl Fn(&mut State, &mut Option<Instant>) -> Option<T>) -> Option<T> {
        let mut state = self.state();
        loop {
            if state.stop {
                return None;
            }
            let mut again = None;
            if let Some(found) = look(&mut state, &mut again) {
                return Some(found);
            }
            state = match again {
                Some(again) => {
                    let wait = again.saturating_duration_since(Instant::now());
                    let woken = self.work.wait_timeout(state, wait);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self.work.wait(state).unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn fetch_all(&self) {
        let next = |state: &mut State, again: &mut Option<Instant>| {
            let (blob, is_part) = state.to_fetch(again)?;
            state.fetching = Some(blob);
            Some((blob, is_part, state.fetch.clone()?, state.generation))
        };
        while let Some((blob, is_part, fetch, generation)) = self.next(next) {
            self.changed();
            let fetched = fetch.blob(&blob).map_err(NotKept::Failed).and_then(|bytes| {
                if blob.matches(&bytes) {
                    self.shelf.keep(&blob, &bytes, is_part)
                } else {
                    Err(NotKept::Failed(ClientError::Unsound(format!(
                        "bytes of blob {}",
                        blob.digest
                    ))))
                }
            });
            let mut state = self.state();
            state.fetching = None;
            let stale = state.generation != generation;
            match fetched {
                _ if stale => {}
                Ok(kept) => {
                    state.failing.remove(&blob);
                    state.kept.insert(blob, kept);
                }
                Err(NotKept::NoRoom) => state.fail(blob, Why::NoRoom),
                Err(NotKept::Failed(error)) => {
                    tracing::debug!(%error, blob = %blob.digest, "a document was not fetched");
                    state.fail(blob, Why::Fetch);
                }
            }
            drop(state);
            self.after(stale);
        }
    }

    fn read_all(&self) {
        let next = |state: &mut State, again: &mut Option<Instant>| {
            let file = state.to_read(again)?;
            Some((file, state.generation))
        };
        while let Some((file, generation)) = self.next(next) {
            let read = self.read(&file);
            let mut state = self.state();
            let stale = state.generation != generation;
            match read {
                _ if stale => {}
                Ok(reading) => {
                    state.failing.remove(&file);
                    state.read.insert(file, reading);
                }
                Err(NotKept::NoRoom) => state.fail(file, Why::NoRoom),
                Err(NotKept::Failed(ClientError::Document(error))) => state.fail(file, Why::Read(error)),
                // The store; a damaged file is being fetched again.
                Err(NotKept::Failed(error)) => {
                    tracing::warn!(%error, blob = %file.digest, "a document was not read");
                    state.fail(file, Why::Fetch);
                }
            }
            drop(state);
            self.after(stale);
        }
    }

    /// What came of a work that a purge overtook is removed again.
    fn after(&self, stale: bool) {
        if stale && let Err(error) = self.shelf.purge() {
            tracing::warn!(%error, "documents were not removed");
        }
        self.changed();
    }

    fn read(&self, file: &BlobRef) -> Result<Reading, NotKept> {
        let bytes = self.file(file).map_err(NotKept::Failed)?;
        let read = self.reader.ingest_with(&bytes, &mut |_| {
            if self.state().stop {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        match read {
            Ok(ingest) => {
                let (sizes, outline, pages) = shown(ingest);
                self.shelf.keep_pages(file, sizes, outline, &pages)
            }
            // Not the document's fault, so it is tried again.
            Err(
                error @ (DocumentError::Io { .. }
                | DocumentError::Cancelled
                | DocumentError::Confinement { .. }),
            ) => Err(NotKept::Failed(error.into())),
            Err(error) => {
                let reading = Reading::Unreadable(error);
                self.shelf.keep_reading(file, &reading)?;
                Ok(reading)
            }
        }
    }
}

type Shown = (Vec<(f32, f32)>, Vec<OutlineLine>, Vec<PageText>);

/// As windows show it.
fn shown(ingest: Ingest) -> Shown {
    let sizes = ingest
        .info
        .pages
        .iter()
        .map(|size| (size.width, size.height))
        .collect();
    let outline = ingest.outline.into_iter().map(|entry| OutlineLine {
        title: entry.title,
        page: entry.page,
        level: entry.level,
    });
    let pages = ingest.pages.into_iter().map(|page| PageText {
        lines: page
            .lines
            .into_iter()
            .map(|line| TextBox {
                text: line.text,
                place: place(line.bounds, page.size),
            })
            .collect(),
    });
    (sizes, outline.collect(), pages.collect())
}

/// Left, top, width, height as parts of the page.
fn place(bounds: BoundingBox, page: PageSize) -> (f32, f32, f32, f32) {
    let part = |points: f32, whole: f32| (points / whole.max(1.0)).clamp(0.0, 1.0);
    let (left, top) = (part(bounds.left, page.width), part(bounds.top, page.height));
    let (right, bottom) = (part(bounds.right, page.width), part(bounds.bottom, page.height));
    (left, top, right - left, bottom - top)
}
