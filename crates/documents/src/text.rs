//! What a document gives: sizes, text with positions, pictures.

use serde::{Deserialize, Serialize};

use crate::confinement::Confinement;
use crate::engine::Engine;

/// The size of a page as shown, that is after its rotation, in points (1/72 inch).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PageSize {
    /// Width in points.
    pub width: f32,
    /// Height in points.
    pub height: f32,
}

/// A rectangle on a page as shown: points from its upper left corner, x to the right, y down. In a picture
/// of `dpi` dots per inch a point is `dpi / 72` pixels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BoundingBox {
    /// Left edge.
    pub left: f32,
    /// Upper edge.
    pub top: f32,
    /// Right edge.
    pub right: f32,
    /// Lower edge.
    pub bottom: f32,
}

/// Glyphs on one baseline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TextLine {
    /// Its characters in reading order, spaces where the gaps are wide.
    pub text: String,
    /// Around all its glyphs.
    pub bounds: BoundingBox,
    /// Direction of reading in degrees clockwise: 0 to the right, 90 downwards (vertical writing too).
    pub direction: u16,
}

/// Most entries of an outline.
pub const OUTLINE_ENTRIES: usize = 10_000;
/// Most levels of an outline.
pub const OUTLINE_DEPTH: u32 = 16;
/// Longest title of an entry, bytes.
pub const OUTLINE_TITLE: usize = 512;

/// A heading of the outline (bookmarks).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineEntry {
    /// Its words, at most [`OUTLINE_TITLE`] bytes, without control characters.
    pub title: String,
    /// The page it leads to, counted from 1.
    pub page: u32,
    /// Its level, counted from 0, below [`OUTLINE_DEPTH`].
    pub level: u32,
}

/// A title within its bound, on one line.
pub(crate) fn cut_title(title: &str) -> String {
    let mut cut = String::new();
    for letter in title.trim().chars() {
        let letter = if letter.is_control() { ' ' } else { letter };
        if cut.len() + letter.len_utf8() > OUTLINE_TITLE {
            break;
        }
        cut.push(letter);
    }
    cut
}

/// The text of one page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PageText {
    /// The page, counted from 1.
    pub page: u32,
    /// Its size.
    pub size: PageSize,
    /// Its lines in reading order: by direction, then from line to line.
    pub lines: Vec<TextLine>,
    /// Glyphs whose character the document does not tell, so that they are missing in `lines`.
    pub unmapped_glyphs: u32,
    /// Glyphs in `lines` that are not painted (the text layer of a scan, or text meant to mislead).
    pub invisible_glyphs: u32,
    /// Glyphs left out because they lie outside the page.
    pub outside_glyphs: u32,
}

impl PageText {
    /// The lines, each ended by a line feed.
    pub fn plain(&self) -> String {
        self.lines
            .iter()
            .flat_map(|line| [line.text.as_str(), "\n"])
            .collect()
    }
}

/// What every answer says of the document.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentInfo {
    /// What read it.
    pub engine: Engine,
    /// SHA-256 of the document, lower-case hexadecimal; computed by the parent from the bytes it sent.
    pub document_sha256: String,
    /// Its pages in order.
    pub pages: Vec<PageSize>,
    /// How the child was confined.
    pub confinement: Confinement,
}

/// What the engine met that a reader of its answer should know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// Fonts the document uses without carrying them, by name, sorted. They are replaced, so the picture may
    /// differ from the author's.
    pub substituted_fonts: Vec<String>,
    /// How often a font was of a kind the engine does not read.
    pub unsupported_fonts: u32,
    /// How often an image could not be decoded.
    pub undecoded_images: u32,
    /// How often the appearance of an annotation could not be drawn.
    pub undrawn_annotations: u32,
}

/// All of a document's text, and what lets an auditor repeat it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ingest {
    /// Engine, digest of the document, sizes, confinement.
    pub info: DocumentInfo,
    /// The outline; empty where there is none that can be followed. Not part of `derived_sha256`.
    #[serde(default)]
    pub outline: Vec<OutlineEntry>,
    /// The text of every page, in order.
    pub pages: Vec<PageText>,
    /// What the engine met.
    pub findings: Findings,
    /// [`crate::derived_digest`] of engine and pages.
    pub derived_sha256: String,
}

/// A picture of one page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The picture, PNG. Decode it only where a hostile picture does no harm.
    pub png: Vec<u8>,
    /// What the engine met.
    pub findings: Findings,
    /// How the child was confined.
    pub confinement: Confinement,
}
