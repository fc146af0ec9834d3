//! What is burnt into the picture of a page.

use serde::{Deserialize, Serialize};

/// Most lines of a watermark that are drawn.
pub const WATERMARK_LINES: usize = 8;
/// Most characters of each that are drawn.
pub const WATERMARK_CHARACTERS: usize = 64;

/// Words in every part of a picture: who reads, when, which evaluation.
///
/// They are drawn across the whole page, repeated, and make what lies under them 10 % darker; so they show on
/// white and hide no text. Empty lines are left out, more than [`WATERMARK_LINES`] lines and more than
/// [`WATERMARK_CHARACTERS`] characters of a line are cut. A character that the font of this crate lacks stands
/// there as its code point in hexadecimal, in square brackets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watermark {
    /// The lines, one under the other.
    pub lines: Vec<String>,
}

impl Watermark {
    /// Within its bounds.
    pub(crate) fn bounded(&self) -> Self {
        let cut = |line: &String| -> String {
            let visible = line.chars().filter(|letter| !letter.is_control());
            visible.take(WATERMARK_CHARACTERS).collect()
        };
        let lines = self.lines.iter().map(cut);
        let lines = lines.filter(|line| !line.trim().is_empty());
        Self {
            lines: lines.take(WATERMARK_LINES).collect(),
        }
    }
}
