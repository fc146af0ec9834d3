//! What a document may cost.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Bounds of one request. The parent keeps `wall` and `answer_bytes`; the child applies the rest to itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest document, in bytes. At most 4 GiB - 1, the length a frame can state.
    pub document_bytes: u64,
    /// Most pages a document may have.
    pub pages: u32,
    /// Most glyphs on one page.
    pub page_glyphs: u32,
    /// Most pixels of one picture.
    pub picture_pixels: u64,
    /// Longest answer, all its frames together, in bytes.
    pub answer_bytes: u64,
    /// Address space of the child (`RLIMIT_AS`), in bytes. The document itself lies in it.
    pub address_space: u64,
    /// Stack of the parsing thread, in bytes; it counts towards the address space.
    pub stack: u64,
    /// Processor time of the child (`RLIMIT_CPU`), in seconds.
    pub cpu_seconds: u64,
    /// Time from start to the end of the answer, after which the child is killed.
    pub wall: Duration,
    /// Refuse when a layer of the confinement could not be applied.
    pub require_full: bool,
}

impl Default for Limits {
    /// Fits a bid of 256 MiB and 20,000 pages on a booth PC.
    fn default() -> Self {
        Self {
            document_bytes: 256 << 20,
            pages: 20_000,
            page_glyphs: 1_000_000,
            picture_pixels: 40_000_000,
            answer_bytes: 512 << 20,
            address_space: 1 << 30,
            stack: 16 << 20,
            cpu_seconds: 60,
            wall: Duration::from_secs(120),
            require_full: false,
        }
    }
}
