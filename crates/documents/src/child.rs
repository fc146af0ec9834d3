//! The child: confine, read, answer, end.

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use serde::Serialize;

use crate::confinement::{self, Confinement, Layer};
use crate::engine::{self, ENGINE, FontFace};
use crate::error::{DocumentError, Quantity};
use crate::frame::{self, FrameError, Kind};
use crate::probe;
use crate::request::{Ask, FONT_BYTES, Opened, REQUEST_BYTES, Request, Task, VERSION};
use crate::text::Findings;
use crate::watermark::Watermark;

/// The whole life of the document child: call it first thing in `main` when the first argument is
/// [`crate::CHILD_ARGUMENT`], with the arguments after that one, of which there are none.
///
/// It reads one request from standard input, confines itself, then reads the document, and writes its answer
/// to standard output. The code is a success when an answer, a refusal included, was written whole.
pub fn child_main(arguments: &[OsString]) -> ExitCode {
    if !arguments.is_empty() {
        eprintln!("the document child takes no arguments");
        return ExitCode::from(2);
    }
    match serve() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the answer could not be written: {error}");
            ExitCode::FAILURE
        }
    }
}

fn serve() -> io::Result<()> {
    let request = match read_request() {
        Ok(request) => request,
        Err(error) => return refuse(&mut io::stdout().lock(), &error),
    };
    let (rlimits, landlock) = confinement::before_threads(&request.limits, request.task == Task::Stay);
    // A thread of our own: its stack has the size asked for and a guard the runtime knows, so that a document
    // nested too deeply is told from other crashes.
    let stack = usize::try_from(request.limits.stack).unwrap_or(usize::MAX);
    let worker = std::thread::Builder::new()
        .name("document".into())
        .stack_size(stack)
        .spawn(move || work(&request, rlimits, landlock));
    match worker {
        Ok(worker) => worker
            .join()
            .unwrap_or_else(|_| Err(io::Error::other("the worker panicked"))),
        Err(_) => refuse(&mut io::stdout().lock(), &DocumentError::OutOfMemory),
    }
}

fn read_request() -> Result<Request, DocumentError> {
    let frame = frame::read(&mut io::stdin().lock(), REQUEST_BYTES).map_err(broken)?;
    if frame.kind != Kind::Request {
        return Err(DocumentError::io("the first frame is no request"));
    }
    let request: Request = serde_json::from_slice(&frame.payload).map_err(DocumentError::io)?;
    if request.version != VERSION {
        return Err(DocumentError::io(format!(
            "request of version {}, not {VERSION}",
            request.version
        )));
    }
    Ok(request)
}

fn work(request: &Request, rlimits: Layer, landlock: Layer) -> io::Result<()> {
    let confinement = Confinement {
        rlimits,
        landlock,
        seccomp: confinement::after_threads(),
    };
    let mut output = BufWriter::new(io::stdout().lock());
    send(&mut output, Kind::Confinement, &confinement)?;
    if request.limits.require_full && !confinement.is_full() {
        let missing = confinement.missing();
        return refuse(&mut output, &DocumentError::Confinement { missing });
    }
    output.flush()?;
    conclude(&mut output, |output| answer(request, output))
}

/// Answers, and says how that ended.
fn conclude<W: Write>(
    output: &mut W,
    answer: impl FnOnce(&mut W) -> Result<Findings, Stop>,
) -> io::Result<()> {
    match catch_unwind(AssertUnwindSafe(|| answer(output))) {
        Ok(Ok(findings)) => {
            send(output, Kind::End, &findings)?;
            output.flush()
        }
        Ok(Err(Stop::Refused(error))) => refuse(output, &error),
        Ok(Err(Stop::Pipe(error))) => Err(error),
        Err(panic) => {
            let error = DocumentError::damaged(format!("the engine gave up: {}", panic_text(&*panic)));
            refuse(output, &error)
        }
    }
}

/// Why an answer ends early.
enum Stop {
    Refused(DocumentError),
    Pipe(io::Error),
}

impl From<DocumentError> for Stop {
    fn from(error: DocumentError) -> Self {
        Self::Refused(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Pipe(error)
    }
}

fn answer(request: &Request, output: &mut impl Write) -> Result<Findings, Stop> {
    let font = match request.font_face {
        Some(face) => Some(FontFace {
            bytes: read_payload(Kind::Font, FONT_BYTES)?,
            face,
        }),
        None => None,
    };
    if let Task::Probe { port } = request.task {
        send(output, Kind::Probe, &probe::run(port))?;
        return Ok(Findings::default());
    }
    let bytes = read_payload(Kind::Document, request.limits.document_bytes)?;
    let document = engine::Document::open(bytes, font, &request.limits)?;
    send(
        output,
        Kind::Info,
        &Opened {
            engine: ENGINE,
            pages: document.sizes(),
        },
    )?;
    let mut desk = Desk {
        document: &document,
        extraction: document.extraction(),
        drawing: document.drawing(),
    };
    match request.task {
        Task::Stay => desk.stay(output),
        task => desk.perform(task, request.watermark.as_ref(), output),
    }
}

/// An open document and what was read of its fonts.
struct Desk<'a> {
    document: &'a engine::Document,
    extraction: engine::Extraction<'a>,
    drawing: engine::Drawing<'a>,
}

impl Desk<'_> {
    /// Answers until the parent closes the pipe.
    fn stay(&mut self, output: &mut impl Write) -> Result<Findings, Stop> {
        loop {
            output.flush()?;
            let frame = match frame::read(&mut io::stdin().lock(), REQUEST_BYTES) {
                Ok(frame) => frame,
                Err(FrameError::Ended) => return Ok(Findings::default()),
                Err(error) => return Err(broken(error).into()),
            };
            if frame.kind != Kind::Ask {
                return Err(DocumentError::io("a frame came out of order").into());
            }
            let ask: Ask = serde_json::from_slice(&frame.payload).map_err(DocumentError::io)?;
            conclude(output, |output| {
                self.perform(ask.task, ask.watermark.as_ref(), output)
            })?;
        }
    }

    fn perform(
        &mut self,
        task: Task,
        watermark: Option<&Watermark>,
        output: &mut impl Write,
    ) -> Result<Findings, Stop> {
        match task {
            Task::Info | Task::Probe { .. } | Task::Stay => Ok(Findings::default()),
            Task::Outline => {
                send(output, Kind::Outline, &self.document.outline())?;
                Ok(Findings::default())
            }
            Task::Text { page } => {
                send(output, Kind::Page, &self.extraction.page(page)?)?;
                Ok(self.extraction.findings())
            }
            Task::Ingest => {
                send(output, Kind::Outline, &self.document.outline())?;
                for page in 1..=self.document.page_count() {
                    send(output, Kind::Page, &self.extraction.page(page)?)?;
                }
                Ok(self.extraction.findings())
            }
            Task::Render { page, scale } => {
                let (png, findings) = self.drawing.page(page, scale, watermark)?;
                frame::write(output, Kind::Picture, &png)?;
                Ok(findings)
            }
        }
    }
}

fn read_payload(kind: Kind, bound: u64) -> Result<Vec<u8>, DocumentError> {
    let frame = frame::read(&mut io::stdin().lock(), bound).map_err(|error| match error {
        FrameError::TooLong => DocumentError::TooLarge {
            what: Quantity::DocumentBytes,
            limit: bound,
        },
        other => broken(other),
    })?;
    if frame.kind != kind {
        return Err(DocumentError::io("a frame came out of order"));
    }
    Ok(frame.payload)
}

fn broken(error: FrameError) -> DocumentError {
    match error {
        FrameError::Broken(error) => DocumentError::io(format!("the parent's frame is broken: {error}")),
        other => DocumentError::io(format!("the parent's frame is broken: {other:?}")),
    }
}

fn send(output: &mut impl Write, kind: Kind, value: &impl Serialize) -> io::Result<()> {
    frame::write(output, kind, &serde_json::to_vec(value)?)
}

fn refuse(output: &mut impl Write, error: &DocumentError) -> io::Result<()> {
    send(output, Kind::Refused, error)?;
    output.flush()
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("without a word")
}
