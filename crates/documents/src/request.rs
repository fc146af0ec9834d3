//! What the parent asks of the child: the first frame.

use serde::{Deserialize, Serialize};

use crate::engine::Engine;
use crate::limits::Limits;
use crate::text::PageSize;
use crate::watermark::Watermark;

/// The version of the frames; parent and child are the same program, so it only catches a mistake in set-up.
pub(crate) const VERSION: u16 = 2;

/// Longest request, in bytes.
pub(crate) const REQUEST_BYTES: u64 = 16 << 10;

/// Longest fallback font, in bytes.
pub(crate) const FONT_BYTES: u64 = 64 << 20;

/// The first frame to the child.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Request {
    pub(crate) version: u16,
    pub(crate) task: Task,
    pub(crate) limits: Limits,
    /// Burnt into the picture of [`Task::Render`].
    pub(crate) watermark: Option<Watermark>,
    /// The face of the font frame that follows, if one does.
    pub(crate) font_face: Option<u32>,
}

/// What to do. Pages count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    /// Page sizes.
    Info,
    /// Page sizes and the text of one page.
    Text { page: u32 },
    /// Page sizes and the outline.
    Outline,
    /// Page sizes, the outline and the text of every page.
    Ingest,
    /// A picture of one page.
    Render { page: u32, scale: Scale },
    /// Page sizes, then whatever is asked for, until the pipe ends.
    Stay,
    /// Try what must be impossible; `port` is a listener on the loopback interface.
    Probe { port: u16 },
}

/// How large a picture becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scale {
    /// Dots per inch.
    Dpi(u16),
    /// Width in pixels.
    Width(u16),
}

/// What a child that stays is asked: text, outline or picture.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ask {
    pub(crate) task: Task,
    pub(crate) watermark: Option<Watermark>,
}

impl Task {
    /// Whether a document frame follows the request.
    pub(crate) fn needs_document(self) -> bool {
        !matches!(self, Self::Probe { .. })
    }
}

/// The frame after a document was opened.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Opened {
    pub(crate) engine: Engine,
    pub(crate) pages: Vec<PageSize>,
}
