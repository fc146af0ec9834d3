//! PDF documents, parsed and rendered in a confined child process.
//!
//! A document of a bid is hostile until proven otherwise. So no byte of it is parsed in the process that
//! asks: [`Reader`] starts the same program again with the hidden argument [`CHILD_ARGUMENT`], hands it the
//! document over a pipe, and takes page count, sizes, text with positions or a picture of one page back. The
//! child gives up files, network, new processes and the right to unbounded memory and time before it reads
//! the first byte; see `docs/formats/documents.md` for the frames and for what each layer does.
//!
//! A program that uses [`Reader::this_program`] must give the child its turn first thing in `main`:
//!
//! ```no_run
//! # use conclave_documents as documents;
//! fn main() -> std::process::ExitCode {
//!     let arguments: Vec<_> = std::env::args_os().collect();
//!     if arguments.get(1).is_some_and(|first| first == documents::CHILD_ARGUMENT) {
//!         return documents::child_main(&arguments[2..]);
//!     }
//!     // ... the program's own work
//!     std::process::ExitCode::SUCCESS
//! }
//! ```

mod child;
mod confinement;
mod derived;
mod engine;
mod error;
mod frame;
mod input;
mod limits;
mod open_document;
mod probe;
mod process;
mod reader;
mod request;
mod text;
mod watermark;

pub use child::child_main;
pub use confinement::{Confinement, Layer};
pub use derived::{DerivedDigest, derived_digest};
pub use engine::{ENGINE, Engine};
pub use error::{DocumentError, Language, Quantity};
pub use input::Input;
pub use limits::Limits;
pub use open_document::OpenDocument;
pub use probe::{Attempt, ProbeReport};
pub use reader::{FallbackFont, Progress, Reader};
pub use text::{
    BoundingBox, DocumentInfo, Findings, Ingest, OUTLINE_DEPTH, OUTLINE_ENTRIES, OUTLINE_TITLE, OutlineEntry,
    PageSize, PageText, Picture, TextLine,
};
pub use watermark::{WATERMARK_CHARACTERS, WATERMARK_LINES, Watermark};

/// The first argument that turns a program into the document child.
pub const CHILD_ARGUMENT: &str = "document-child";
