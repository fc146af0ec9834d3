//! Reading: tender and bids as pages, text, outline and hits.

use super::common::{Problem, Words};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Where a document is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum DocumentState {
    /// Waits to be fetched.
    Waiting,
    /// Being fetched or read.
    Fetching,
    /// Kept here, readable with the line cut.
    Ready,
    /// Can't be shown; the original's digest and size are known.
    Unreadable {
        /// Why.
        problem: Problem,
    },
}

/// A document of the library.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DocumentLine {
    /// Id within this seat.
    pub id: String,
    /// Bidder; `null` for the tender.
    pub bidder: Option<String>,
    /// Part of the bid, e.g. `technical`.
    pub part: Option<String>,
    /// Title.
    pub title: Words,
    /// File name.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// Bytes.
    pub size: u64,
    /// Pages; 0 until read.
    pub pages: u32,
    /// State.
    pub state: DocumentState,
}

/// All documents that this seat may read now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Library {
    /// The tender first, then bids in order.
    pub documents: Vec<DocumentLine>,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OutlineLine {
    /// Title.
    pub title: String,
    /// Page, from 1.
    pub page: u32,
    /// Depth, from 0.
    pub level: u32,
}

/// Sizes and outline of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DocumentView {
    /// Id.
    pub id: String,
    /// Width and height of each page, points.
    pub pages: Vec<(f32, f32)>,
    /// Outline; empty where the file has none.
    pub outline: Vec<OutlineLine>,
}

/// A line of text with its place on the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct TextBox {
    /// Text.
    pub text: String,
    /// Left, top, width, height as parts of the page, 0 to 1.
    pub place: (f32, f32, f32, f32),
}

/// Text of a page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PageText {
    /// Lines in reading order.
    pub lines: Vec<TextBox>,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindQuery {
    /// Words.
    pub words: String,
    /// In this document only; `null`: in all.
    pub document: Option<String>,
}

/// A hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Hit {
    /// Document.
    pub document: String,
    /// Page, from 1.
    pub page: u32,
    /// Text before the hit on its line.
    pub before: String,
    /// The hit.
    pub hit: String,
    /// Text after it.
    pub after: String,
    /// Place, as in [`TextBox`].
    pub place: (f32, f32, f32, f32),
}

/// Hits, at most 500.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Found {
    /// Hits by document, then page.
    pub hits: Vec<Hit>,
    /// There are more.
    pub more: bool,
    /// Documents that are not read yet and were not searched.
    pub unread: u32,
}

/// TypeScript declarations of this file's types.
pub(super) fn declarations(config: &ts_rs::Config) -> Vec<String> {
    super::declared!(
        config,
        DocumentState,
        DocumentLine,
        Library,
        OutlineLine,
        DocumentView,
        TextBox,
        PageText,
        FindQuery,
        Hit,
        Found
    )
}
