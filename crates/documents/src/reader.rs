//! Reading a document: what a caller sees.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::path::PathBuf;

use serde::de::DeserializeOwned;

use crate::confinement::Confinement;
use crate::derived::DerivedDigest;
use crate::engine::ENGINE;
use crate::error::{DocumentError, Quantity};
use crate::frame::{Frame, Kind};
use crate::input::Input;
use crate::limits::Limits;
use crate::open_document::OpenDocument;
use crate::probe::{Attempt, ProbeReport};
use crate::process::{self, Errand, Step};
use crate::request::{FONT_BYTES, Opened, Request, Scale, Task, VERSION};
use crate::text::{
    DocumentInfo, Findings, Ingest, OUTLINE_DEPTH, OUTLINE_ENTRIES, OutlineEntry, PageSize, PageText,
    Picture, cut_title,
};
use crate::watermark::Watermark;

/// A font for Chinese, Japanese and Korean characters of fonts that a document names but does not carry. It
/// changes pictures, never text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallbackFont {
    /// The font or collection of fonts, OpenType, at most 64 MiB.
    pub bytes: Vec<u8>,
    /// The face in the collection; 0 for a single font.
    pub face: u32,
}

/// How far an ingest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Pages read.
    pub page: u32,
    /// Pages there are.
    pub pages: u32,
}

/// Reads documents, each request in a confined child of its own. Requests may run at the same time.
#[derive(Debug, Clone)]
pub struct Reader {
    /// The program to start with [`crate::CHILD_ARGUMENT`].
    pub program: PathBuf,
    /// What one request may cost.
    pub limits: Limits,
    /// Used in pictures where the document lacks a font.
    pub fallback_font: Option<FallbackFont>,
}

impl Reader {
    /// A reader that starts `program`, which calls [`crate::child_main`].
    pub fn new(program: impl Into<PathBuf>, limits: Limits) -> Self {
        Self {
            program: program.into(),
            limits,
            fallback_font: None,
        }
    }

    /// A reader that starts the running program itself, even when its file was replaced meanwhile.
    pub fn this_program(limits: Limits) -> Self {
        Self::new("/proc/self/exe", limits)
    }

    /// Page count and sizes.
    pub fn info<'a>(&self, input: impl Into<Input<'a>>) -> Result<DocumentInfo, DocumentError> {
        Ok(self.ask(Task::Info, Some(input.into()), &mut go_on)?.info)
    }

    /// The text of one page, counted from 1.
    pub fn text<'a>(&self, input: impl Into<Input<'a>>, page: u32) -> Result<PageText, DocumentError> {
        let answer = self.ask(Task::Text { page }, Some(input.into()), &mut go_on)?;
        answer.texts.into_iter().next().ok_or_else(incomplete)
    }

    /// A picture of one page, counted from 1.
    pub fn render<'a>(
        &self,
        input: impl Into<Input<'a>>,
        page: u32,
        dpi: u16,
    ) -> Result<Picture, DocumentError> {
        let task = Task::Render {
            page,
            scale: Scale::Dpi(dpi),
        };
        self.ask(task, Some(input.into()), &mut go_on)?.into_picture()
    }

    /// A picture of one page, counted from 1, `width` (64 to 4,096) pixels wide, with the watermark burnt in.
    pub fn render_width<'a>(
        &self,
        input: impl Into<Input<'a>>,
        page: u32,
        width: u16,
        watermark: Option<&Watermark>,
    ) -> Result<Picture, DocumentError> {
        let task = Task::Render {
            page,
            scale: Scale::Width(width),
        };
        self.ask_with(task, Some(input.into()), watermark, &mut go_on)?
            .into_picture()
    }

    /// The outline; empty where there is none that can be followed.
    pub fn outline<'a>(&self, input: impl Into<Input<'a>>) -> Result<Vec<OutlineEntry>, DocumentError> {
        let answer = self.ask(Task::Outline, Some(input.into()), &mut go_on)?;
        answer.outline.ok_or_else(incomplete)
    }

    /// A child that stays open on one document; see [`OpenDocument`].
    pub fn open<'a>(&self, input: impl Into<Input<'a>>) -> Result<OpenDocument, DocumentError> {
        OpenDocument::start(self, input.into())
    }

    /// Sizes and text of all pages, with the digest an auditor compares.
    pub fn ingest<'a>(&self, input: impl Into<Input<'a>>) -> Result<Ingest, DocumentError> {
        self.ingest_with(input, &mut go_on)
    }

    /// As [`Self::ingest`], telling of every page read; a `Break` ends it with [`DocumentError::Cancelled`].
    pub fn ingest_with<'a>(
        &self,
        input: impl Into<Input<'a>>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Ingest, DocumentError> {
        let answer = self.ask(Task::Ingest, Some(input.into()), progress)?;
        if answer.texts.len() != answer.info.pages.len() {
            return Err(incomplete());
        }
        Ok(Ingest {
            info: answer.info,
            outline: answer.outline.ok_or_else(incomplete)?,
            pages: answer.texts,
            findings: answer.findings,
            derived_sha256: answer.derived.finish(),
        })
    }

    /// Starts a child without a document and has it try what must be impossible: files, network, programs.
    pub fn probe(&self) -> Result<ProbeReport, DocumentError> {
        // A real listener, so that a connection would succeed if it were allowed.
        let listener = TcpListener::bind("127.0.0.1:0").map_err(DocumentError::io)?;
        let port = listener.local_addr().map_err(DocumentError::io)?.port();
        let answer = self.ask(Task::Probe { port }, None, &mut go_on)?;
        Ok(ProbeReport {
            confinement: answer.info.confinement,
            attempts: answer.probe.ok_or_else(incomplete)?,
        })
    }

    fn ask(
        &self,
        task: Task,
        document: Option<Input<'_>>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Answer, DocumentError> {
        self.ask_with(task, document, None, progress)
    }

    fn ask_with(
        &self,
        task: Task,
        document: Option<Input<'_>>,
        watermark: Option<&Watermark>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Answer, DocumentError> {
        let (request, font) = self.request(task, watermark)?;
        let errand = Errand {
            program: &self.program,
            request: &request,
            font,
            document: document.filter(|_| task.needs_document()),
        };
        let mut hearing = Hearing::new(task, &self.limits, progress);
        let digest = process::run(&errand, &mut |frame| hearing.take(frame))?;
        hearing.conclude(digest.unwrap_or_default())
    }

    /// The first frame, and the font that goes with it.
    pub(crate) fn request(
        &self,
        task: Task,
        watermark: Option<&Watermark>,
    ) -> Result<(Request, Option<&[u8]>), DocumentError> {
        let draws = matches!(task, Task::Render { .. } | Task::Stay);
        let font = self.fallback_font.as_ref().filter(|_| draws);
        if font.is_some_and(|font| font.bytes.len() as u64 > FONT_BYTES) {
            return Err(DocumentError::io("the fallback font is longer than 64 MiB"));
        }
        let request = Request {
            version: VERSION,
            task,
            limits: self.limits.clone(),
            watermark: watermark.map(Watermark::bounded),
            font_face: font.map(|font| font.face),
        };
        Ok((request, font.map(|font| font.bytes.as_slice())))
    }
}

pub(crate) fn go_on(_: Progress) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

pub(crate) fn incomplete() -> DocumentError {
    DocumentError::io("the child's answer is incomplete or out of order")
}

/// What a child answered, checked for shape and order.
pub(crate) struct Answer {
    pub(crate) info: DocumentInfo,
    pub(crate) outline: Option<Vec<OutlineEntry>>,
    pub(crate) texts: Vec<PageText>,
    derived: DerivedDigest,
    picture: Option<Vec<u8>>,
    probe: Option<Vec<(String, Attempt)>>,
    findings: Findings,
}

impl Answer {
    pub(crate) fn into_picture(self) -> Result<Picture, DocumentError> {
        Ok(Picture {
            png: self.picture.ok_or_else(incomplete)?,
            findings: self.findings,
            confinement: self.info.confinement,
        })
    }
}

/// Takes the frames of an answer. The child parsed hostile bytes, so nothing it says is taken on trust: kinds,
/// order and counts are checked here.
pub(crate) struct Hearing<'a> {
    task: Task,
    limits: &'a Limits,
    progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    confinement: Option<Confinement>,
    sizes: Option<Vec<PageSize>>,
    outline: Option<Vec<OutlineEntry>>,
    texts: Vec<PageText>,
    derived: DerivedDigest,
    picture: Option<Vec<u8>>,
    probe: Option<Vec<(String, Attempt)>>,
    findings: Option<Findings>,
}

impl<'a> Hearing<'a> {
    pub(crate) fn new(
        task: Task,
        limits: &'a Limits,
        progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Self {
        Self {
            task,
            limits,
            progress,
            confinement: None,
            sizes: None,
            outline: None,
            texts: Vec::new(),
            derived: DerivedDigest::new(&ENGINE),
            picture: None,
            probe: None,
            findings: None,
        }
    }

    /// Of a child that said before how it is confined and which pages there are.
    pub(crate) fn resumed(
        task: Task,
        limits: &'a Limits,
        progress: &'a mut dyn FnMut(Progress) -> ControlFlow<()>,
        info: &DocumentInfo,
    ) -> Self {
        Self {
            confinement: Some(info.confinement.clone()),
            sizes: Some(info.pages.clone()),
            ..Self::new(task, limits, progress)
        }
    }

    pub(crate) fn take(&mut self, frame: Frame) -> Result<Step, DocumentError> {
        match frame.kind {
            Kind::Refused => return Err(parse::<DocumentError>(&frame)?.cleaned()),
            Kind::Confinement if self.confinement.is_none() => self.take_confinement(&frame)?,
            _ if self.confinement.is_none() => return Err(incomplete()),
            Kind::Info if self.sizes.is_none() => {
                self.take_sizes(&frame)?;
                if self.task == Task::Stay {
                    self.findings = Some(Findings::default());
                    return Ok(Step::Complete);
                }
            }
            Kind::Outline if self.outline.is_none() => self.take_outline(&frame)?,
            Kind::Page => self.take_page(&frame)?,
            Kind::Picture if self.picture.is_none() => self.picture = Some(frame.payload),
            Kind::Probe if self.probe.is_none() => self.probe = Some(parse(&frame)?),
            Kind::End => {
                self.findings = Some(parse(&frame)?);
                return Ok(Step::Complete);
            }
            _ => return Err(incomplete()),
        }
        Ok(Step::More)
    }

    fn take_confinement(&mut self, frame: &Frame) -> Result<(), DocumentError> {
        let confinement: Confinement = parse(frame)?;
        let missing = confinement.missing();
        if self.limits.require_full && !missing.is_empty() {
            return Err(DocumentError::Confinement { missing }.cleaned());
        }
        self.confinement = Some(confinement);
        Ok(())
    }

    fn take_sizes(&mut self, frame: &Frame) -> Result<(), DocumentError> {
        let Opened { engine, pages: sizes } = parse(frame)?;
        if engine != ENGINE {
            return Err(DocumentError::io(format!(
                "the child is of engine {engine}, not {ENGINE}"
            )));
        }
        if sizes.len() as u64 > u64::from(self.limits.pages) {
            return Err(DocumentError::TooLarge {
                what: Quantity::Pages,
                limit: self.limits.pages.into(),
            });
        }
        self.sizes = Some(sizes);
        Ok(())
    }

    fn take_outline(&mut self, frame: &Frame) -> Result<(), DocumentError> {
        let outline: Vec<OutlineEntry> = parse(frame)?;
        let pages = self.sizes.as_ref().map_or(0, Vec::len);
        let sound = |entry: &OutlineEntry| {
            entry.level < OUTLINE_DEPTH && entry.page >= 1 && entry.page as usize <= pages
        };
        let wanted = matches!(self.task, Task::Outline | Task::Ingest);
        if !wanted || outline.len() > OUTLINE_ENTRIES || !outline.iter().all(sound) {
            return Err(incomplete());
        }
        let cleaned = outline.into_iter().map(|entry| OutlineEntry {
            title: cut_title(&entry.title),
            ..entry
        });
        self.outline = Some(cleaned.collect());
        Ok(())
    }

    fn take_page(&mut self, frame: &Frame) -> Result<(), DocumentError> {
        let page: PageText = parse(frame)?;
        let pages = self.sizes.as_ref().map_or(0, Vec::len);
        let expected = match self.task {
            Task::Text { page } if self.texts.is_empty() => page as usize,
            Task::Ingest => self.texts.len() + 1,
            _ => return Err(incomplete()),
        };
        if page.page as usize != expected || expected > pages {
            return Err(incomplete());
        }
        self.derived.page(&page);
        let told = Progress {
            page: page.page,
            pages: u32::try_from(pages).unwrap_or(u32::MAX),
        };
        self.texts.push(page);
        match (self.progress)(told) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(DocumentError::Cancelled),
        }
    }

    pub(crate) fn conclude(self, document_sha256: String) -> Result<Answer, DocumentError> {
        let pages = match self.task {
            Task::Probe { .. } => Vec::new(),
            _ => self.sizes.ok_or_else(incomplete)?,
        };
        Ok(Answer {
            info: DocumentInfo {
                engine: ENGINE,
                document_sha256,
                pages,
                confinement: self.confinement.ok_or_else(incomplete)?,
            },
            outline: self.outline,
            texts: self.texts,
            derived: self.derived,
            picture: self.picture,
            probe: self.probe,
            findings: self.findings.ok_or_else(incomplete)?,
        })
    }
}

fn parse<T: DeserializeOwned>(frame: &Frame) -> Result<T, DocumentError> {
    serde_json::from_slice(&frame.payload).map_err(|_| incomplete())
}
