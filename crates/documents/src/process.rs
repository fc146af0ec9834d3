//! One child: started, fed, heard, ended. Nothing of the document is looked at here.

use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Instant;

use ring::digest::{Context, SHA256};

use crate::CHILD_ARGUMENT;
use crate::error::{DocumentError, Quantity};
use crate::frame::{self, Frame, FrameError, Kind};
use crate::input::Input;
use crate::limits::Limits;
use crate::request::Request;

/// How much of the child's standard error is kept, in bytes; the rest is read and dropped.
const STDERR_BYTES: u64 = 8 << 10;

/// Frames on their way from the pipe to the listener.
pub(crate) const FRAMES_AHEAD: usize = 4;

/// All that goes to a child.
pub(crate) struct Errand<'a> {
    pub(crate) program: &'a Path,
    pub(crate) request: &'a Request,
    pub(crate) font: Option<&'a [u8]>,
    pub(crate) document: Option<Input<'a>>,
}

/// Whether the listener has what it wants.
#[derive(PartialEq, Eq)]
pub(crate) enum Step {
    More,
    Complete,
}

/// How listening ended.
pub(crate) enum Verdict {
    Complete,
    /// The pipe ended, between frames or inside one: the child is dying or dead.
    Ended,
    Failed(DocumentError),
}

/// Runs a child to its end, handing every frame to `listener`. Gives the SHA-256 of the document sent.
pub(crate) fn run(
    errand: &Errand<'_>,
    listener: &mut dyn FnMut(Frame) -> Result<Step, DocumentError>,
) -> Result<Option<String>, DocumentError> {
    let limits = &errand.request.limits;
    let document = errand
        .document
        .map(|input| open(input, limits.document_bytes))
        .transpose()?;
    let deadline = Instant::now() + limits.wall;
    let (mut child, mut stdin, stdout, stderr) = start(errand.program)?;
    thread::scope(|scope| {
        let feeder = scope.spawn(move || feed(&mut stdin, errand, document));
        let (frames_in, frames) = sync_channel(FRAMES_AHEAD);
        scope.spawn(move || pump(stdout, limits.answer_bytes, &frames_in));
        let (said_in, said) = channel();
        scope.spawn(move || overhear(stderr, &said_in));
        let mut verdict = listen(&frames, deadline, limits.answer_bytes, listener);
        drop(frames);
        let said = match &verdict {
            Verdict::Ended => said.recv_timeout(remaining(deadline)).ok(),
            _ => None,
        };
        if said.is_none() {
            if matches!(verdict, Verdict::Ended) {
                verdict = Verdict::Failed(DocumentError::Timeout);
            }
            // By its own handle, so by its id; it may be gone already.
            let _ = child.kill();
        }
        let status = child.wait().map_err(DocumentError::io)?;
        let fed = feeder
            .join()
            .map_err(|_| DocumentError::io("feeding the child failed"))?;
        conclude(verdict, fed, || {
            post_mortem(status, &said.unwrap_or_default(), limits)
        })
    })
}

/// A child and its three pipes.
pub(crate) fn start(program: &Path) -> Result<(Child, ChildStdin, ChildStdout, ChildStderr), DocumentError> {
    let mut child = Command::new(program)
        .arg(CHILD_ARGUMENT)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(DocumentError::io)?;
    match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
        (Some(stdin), Some(stdout), Some(stderr)) => Ok((child, stdin, stdout, stderr)),
        _ => Err(DocumentError::io("the child has no pipes")),
    }
}

fn conclude(
    verdict: Verdict,
    fed: Result<Option<String>, FeedError>,
    cause_of_death: impl FnOnce() -> DocumentError,
) -> Result<Option<String>, DocumentError> {
    match (verdict, fed) {
        // What could not be read here explains what the child says there.
        (_, Err(FeedError::Source(error))) => Err(DocumentError::io(error)),
        (Verdict::Complete, Ok(digest)) => Ok(digest),
        (Verdict::Failed(error), _) => Err(error),
        (Verdict::Ended, _) => Err(cause_of_death()),
        (Verdict::Complete, Err(FeedError::Pipe(error))) => Err(DocumentError::io(error)),
    }
}

pub(crate) type Source<'a> = (Box<dyn Read + Send + 'a>, u64);

pub(crate) fn open(input: Input<'_>, limit: u64) -> Result<Source<'_>, DocumentError> {
    let limit = limit.min(u32::MAX.into());
    let (source, length) = input.open().map_err(DocumentError::io)?;
    if length > limit {
        return Err(DocumentError::TooLarge {
            what: Quantity::DocumentBytes,
            limit,
        });
    }
    Ok((source, length))
}

/// Which end broke.
pub(crate) enum FeedError {
    Source(io::Error),
    Pipe(io::Error),
}

pub(crate) fn feed(
    stdin: &mut ChildStdin,
    errand: &Errand<'_>,
    document: Option<Source<'_>>,
) -> Result<Option<String>, FeedError> {
    let request = serde_json::to_vec(errand.request).map_err(|error| FeedError::Source(error.into()))?;
    frame::write(stdin, Kind::Request, &request).map_err(FeedError::Pipe)?;
    if let Some(font) = errand.font {
        frame::write(stdin, Kind::Font, font).map_err(FeedError::Pipe)?;
    }
    document
        .map(|(source, length)| feed_document(stdin, source, length))
        .transpose()
}

fn feed_document(stdin: &mut ChildStdin, source: impl Read, length: u64) -> Result<String, FeedError> {
    let short = || {
        FeedError::Source(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "the file became shorter",
        ))
    };
    let stated = u32::try_from(length).map_err(|_| short())?;
    stdin
        .write_all(&frame::header(Kind::Document, stated))
        .map_err(FeedError::Pipe)?;
    let mut digest = Context::new(&SHA256);
    let mut source = source.take(length);
    let mut buffer = vec![0; 64 << 10];
    let mut left = length;
    while left > 0 {
        let count = source.read(&mut buffer).map_err(FeedError::Source)?;
        if count == 0 {
            return Err(short());
        }
        digest.update(&buffer[..count]);
        stdin.write_all(&buffer[..count]).map_err(FeedError::Pipe)?;
        left -= count as u64;
    }
    Ok(hex::encode(digest.finish()))
}

/// From the pipe to the listener, until either goes away.
pub(crate) fn pump(mut stdout: ChildStdout, bound: u64, frames: &SyncSender<Result<Frame, FrameError>>) {
    loop {
        let frame = frame::read(&mut stdout, bound);
        let last = frame.is_err();
        if frames.send(frame).is_err() || last {
            return;
        }
    }
}

pub(crate) fn overhear(mut stderr: ChildStderr, said: &Sender<String>) {
    let mut kept = Vec::new();
    let _ = (&mut stderr).take(STDERR_BYTES).read_to_end(&mut kept);
    let _ = io::copy(&mut stderr, &mut io::sink());
    let _ = said.send(String::from_utf8_lossy(&kept).into_owned());
}

pub(crate) fn listen(
    frames: &Receiver<Result<Frame, FrameError>>,
    deadline: Instant,
    answer_bytes: u64,
    listener: &mut dyn FnMut(Frame) -> Result<Step, DocumentError>,
) -> Verdict {
    let mut heard = 0;
    loop {
        let frame = match frames.recv_timeout(remaining(deadline)) {
            Ok(frame) => frame,
            Err(RecvTimeoutError::Timeout) => return Verdict::Failed(DocumentError::Timeout),
            Err(RecvTimeoutError::Disconnected) => return Verdict::Ended,
        };
        let too_large = DocumentError::TooLarge {
            what: Quantity::AnswerBytes,
            limit: answer_bytes,
        };
        let frame = match frame {
            Ok(frame) => frame,
            Err(FrameError::Ended | FrameError::Broken(_)) => return Verdict::Ended,
            Err(FrameError::TooLong) => return Verdict::Failed(too_large),
            Err(FrameError::UnknownKind(kind)) => {
                return Verdict::Failed(DocumentError::io(format!("a frame of unknown kind {kind}")));
            }
        };
        heard += (frame::HEADER_BYTES + frame.payload.len()) as u64;
        if heard > answer_bytes {
            return Verdict::Failed(too_large);
        }
        match listener(frame) {
            Ok(Step::More) => {}
            Ok(Step::Complete) => return Verdict::Complete,
            Err(error) => return Verdict::Failed(error),
        }
    }
}

pub(crate) fn remaining(deadline: Instant) -> std::time::Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// Why a child died that gave no whole answer: from how it ended and from what Rust's runtime said last.
pub(crate) fn post_mortem(status: ExitStatus, said: &str, limits: &Limits) -> DocumentError {
    if said.contains("memory allocation of") {
        return DocumentError::OutOfMemory;
    }
    if said.contains("has overflowed its stack") {
        return DocumentError::TooLarge {
            what: Quantity::Nesting,
            limit: limits.stack,
        };
    }
    match status.signal() {
        Some(libc::SIGXCPU) => DocumentError::Timeout,
        Some(libc::SIGABRT) if said.contains("panicked at") => DocumentError::damaged(said),
        Some(signal) => DocumentError::ChildKilled { signal },
        None => DocumentError::io(format!("no answer ({status}): {said}")),
    }
}
