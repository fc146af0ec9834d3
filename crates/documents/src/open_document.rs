//! A child that stays open on one document.

use std::process::{Child, ChildStdin};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel, sync_channel};
use std::thread;
use std::time::Instant;

use rlimit::Resource;

use crate::error::DocumentError;
use crate::frame::{self, Frame, FrameError, Kind};
use crate::input::Input;
use crate::limits::Limits;
use crate::process::{self, Errand, FRAMES_AHEAD, FeedError, Verdict};
use crate::reader::{Answer, Hearing, Reader, go_on, incomplete};
use crate::request::{Ask, Scale, Task};
use crate::text::{DocumentInfo, OutlineEntry, PageText, Picture};
use crate::watermark::Watermark;

/// Units of processor time in `/proc/PID/stat` to the second: fixed by the kernel's interface (`USER_HZ`) on the
/// platforms this crate is for.
const USER_HZ: u64 = 100;

/// A confined child that has read one document and answers page after page, so that the document is not parsed
/// anew for each.
///
/// Processor time, wall time and the length of the answer are bounded for each request as [`Limits`] says; memory is
/// bounded for all that the child keeps. When a limit is passed or an answer breaks a rule the child is killed,
/// and every later request gives the same error; a request that the child itself refuses (no such page, a picture too
/// large) leaves it open. Dropping this ends the child.
#[derive(Debug)]
pub struct OpenDocument {
    held: Held,
    asks: Sender<Vec<u8>>,
    info: DocumentInfo,
    over: Option<DocumentError>,
}

/// The child and what comes from it. Dropping it ends the child.
#[derive(Debug)]
struct Held {
    child: Child,
    frames: Receiver<Result<Frame, FrameError>>,
    said: Receiver<String>,
    limits: Limits,
}

impl OpenDocument {
    pub(crate) fn start(reader: &Reader, input: Input<'_>) -> Result<Self, DocumentError> {
        let (request, font) = reader.request(Task::Stay, None)?;
        let document = process::open(input, reader.limits.document_bytes)?;
        let (child, mut stdin, stdout, stderr) = process::start(&reader.program)?;
        let (frames_in, frames) = sync_channel(FRAMES_AHEAD);
        let (said_in, said) = channel();
        let bound = reader.limits.answer_bytes;
        thread::spawn(move || process::pump(stdout, bound, &frames_in));
        thread::spawn(move || process::overhear(stderr, &said_in));
        let mut held = Held {
            child,
            frames,
            said,
            limits: reader.limits.clone(),
        };
        let errand = Errand {
            program: &reader.program,
            request: &request,
            font,
            document: None,
        };
        let mut progress = go_on;
        let mut hearing = Hearing::new(Task::Stay, &reader.limits, &mut progress);
        let (heard, fed) = thread::scope(|scope| {
            let feeder = scope.spawn(move || {
                let fed = process::feed(&mut stdin, &errand, Some(document));
                (fed, stdin)
            });
            let heard = held.hear(&mut |frame| hearing.take(frame));
            if heard.is_err() {
                held.kill();
            }
            (heard, feeder.join())
        });
        let (fed, stdin) = fed.map_err(|_| DocumentError::io("feeding the child failed"))?;
        let digest = match (heard, fed) {
            (_, Err(FeedError::Source(error))) => return Err(DocumentError::io(error)),
            (Err(error), _) => return Err(error),
            (Ok(()), Err(FeedError::Pipe(error))) => return Err(DocumentError::io(error)),
            (Ok(()), Ok(digest)) => digest.unwrap_or_default(),
        };
        let (asks, to_write) = channel();
        thread::spawn(move || write_asks(stdin, &to_write));
        Ok(Self {
            held,
            asks,
            info: hearing.conclude(digest)?.info,
            over: None,
        })
    }

    /// Engine, digest of the document, sizes, confinement.
    pub fn info(&self) -> &DocumentInfo {
        &self.info
    }

    /// Whether the child still answers.
    pub fn is_open(&self) -> bool {
        self.over.is_none()
    }

    /// As [`Reader::text`].
    pub fn text(&mut self, page: u32) -> Result<PageText, DocumentError> {
        self.ask(Task::Text { page }, None, |answer| {
            answer.texts.into_iter().next()
        })
    }

    /// As [`Reader::outline`].
    pub fn outline(&mut self) -> Result<Vec<OutlineEntry>, DocumentError> {
        self.ask(Task::Outline, None, |answer| answer.outline)
    }

    /// As [`Reader::render_width`].
    pub fn render_width(
        &mut self,
        page: u32,
        width: u16,
        watermark: Option<&Watermark>,
    ) -> Result<Picture, DocumentError> {
        let scale = Scale::Width(width);
        self.ask(Task::Render { page, scale }, watermark, |answer| {
            answer.into_picture().ok()
        })
    }

    /// `wanted` takes what was asked for out of a whole answer; an answer without it is misbehaviour.
    fn ask<T>(
        &mut self,
        task: Task,
        watermark: Option<&Watermark>,
        wanted: impl FnOnce(Answer) -> Option<T>,
    ) -> Result<T, DocumentError> {
        if let Some(error) = &self.over {
            return Err(error.clone());
        }
        self.send(task, watermark).map_err(|error| self.end(error))?;
        let (limits, info) = (self.held.limits.clone(), self.info.clone());
        let mut progress = go_on;
        let mut hearing = Hearing::resumed(task, &limits, &mut progress, &info);
        let mut refused = false;
        let heard = self.held.hear(&mut |frame| {
            refused = frame.kind == Kind::Refused;
            hearing.take(frame)
        });
        match heard {
            Ok(()) => hearing
                .conclude(info.document_sha256)
                .and_then(|answer| wanted(answer).ok_or_else(incomplete))
                .map_err(|error| self.end(error)),
            // The child is in order and says why it does not do this.
            Err(error) if refused && !matches!(error, DocumentError::Io { .. }) => Err(error),
            Err(error) => Err(self.end(error)),
        }
    }

    fn send(&mut self, task: Task, watermark: Option<&Watermark>) -> Result<(), DocumentError> {
        match self.held.frames.try_recv() {
            Err(TryRecvError::Empty) => {}
            // It ended while nobody asked; the reason is found by asking.
            Ok(Err(FrameError::Ended | FrameError::Broken(_))) | Err(TryRecvError::Disconnected) => {
                let deadline = Instant::now() + self.held.limits.wall;
                return Err(self.held.post_mortem(deadline));
            }
            Ok(_) => return Err(DocumentError::io("the child spoke without being asked")),
        }
        self.held.grant_time()?;
        let ask = Ask {
            task,
            watermark: watermark.map(Watermark::bounded),
        };
        let ask = serde_json::to_vec(&ask).map_err(DocumentError::io)?;
        self.asks.send(ask).map_err(DocumentError::io)
    }

    fn end(&mut self, error: DocumentError) -> DocumentError {
        self.held.kill();
        self.over = Some(error.clone());
        error
    }
}

/// Writes on a thread of its own: a child that reads no more must not stop the caller.
fn write_asks(mut stdin: ChildStdin, asks: &Receiver<Vec<u8>>) {
    for ask in asks {
        if frame::write(&mut stdin, Kind::Ask, &ask).is_err() {
            return;
        }
    }
}

impl Held {
    /// Lets the child use `cpu_seconds` more than it has used so far; the kernel ends it beyond that.
    fn grant_time(&self) -> Result<(), DocumentError> {
        let pid = i32::try_from(self.child.id()).map_err(DocumentError::io)?;
        let used =
            used_seconds(&std::fs::read_to_string(format!("/proc/{pid}/stat")).map_err(DocumentError::io)?)
                .ok_or_else(|| DocumentError::io("the child's use of the processor is unknown"))?;
        let (mut soft, mut hard) = (0, 0);
        rlimit::prlimit(pid, Resource::CPU, None, Some((&mut soft, &mut hard))).map_err(DocumentError::io)?;
        let soft = used.saturating_add(self.limits.cpu_seconds).min(hard);
        rlimit::prlimit(pid, Resource::CPU, Some((soft, hard)), None).map_err(DocumentError::io)
    }

    fn hear(
        &mut self,
        listener: &mut dyn FnMut(Frame) -> Result<process::Step, DocumentError>,
    ) -> Result<(), DocumentError> {
        let deadline = Instant::now() + self.limits.wall;
        match process::listen(&self.frames, deadline, self.limits.answer_bytes, listener) {
            Verdict::Complete => Ok(()),
            Verdict::Failed(error) => Err(error),
            Verdict::Ended => Err(self.post_mortem(deadline)),
        }
    }

    /// Why the child closed its output: it is dying, and if it is not it is killed.
    fn post_mortem(&mut self, deadline: Instant) -> DocumentError {
        let said = self.said.recv_timeout(process::remaining(deadline)).ok();
        if said.is_none() {
            self.kill();
            return DocumentError::Timeout;
        }
        match self.child.wait() {
            Ok(status) => process::post_mortem(status, &said.unwrap_or_default(), &self.limits),
            Err(error) => DocumentError::io(error),
        }
    }

    /// By its own handle, so by its id; it may be gone already.
    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Processor time from `/proc/PID/stat` (proc(5): fields 14 and 15), whole seconds, rounded up.
fn used_seconds(stat: &str) -> Option<u64> {
    // The name of the program, in brackets, may hold anything.
    let fields = stat.rsplit_once(')')?.1;
    let mut fields = fields.split_whitespace().skip(11);
    let user: u64 = fields.next()?.parse().ok()?;
    let system: u64 = fields.next()?.parse().ok()?;
    Some(user.saturating_add(system).div_ceil(USER_HZ))
}

#[cfg(test)]
mod tests {
    use super::used_seconds;

    #[test]
    fn processor_time_is_read_behind_any_name() {
        let stat = "77 (a) b) 1) R 1 77 77 0 -1 4194304 1 2 3 4 150 51 0 0 20 0 1 0 9 9 9";
        assert_eq!(used_seconds(stat), Some(3));
        assert_eq!(used_seconds("77 (x) R 1"), None);
    }
}
