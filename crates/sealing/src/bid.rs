//! Sealed bids: parts encrypted each under its own file key ([`seal_part`], [`open_part`]), and
//! the file key wrapped to the quorum of holders and to the bidder ([`wrap`]); protocol.md 5.

mod container;
mod wraps;

pub use container::{
    CHUNK, PartFault, PartHeader, StreamError, open_part, open_part_stream, seal_part, seal_part_stream,
};
pub use wraps::{
    Ingest, Mode, Unwrapped, WrapContext, WrapFault, Wraps, check_partial_for_wrap, check_wrap, file_key,
    partial_for_wrap, unwrap_bidder, unwrap_quorum, wrap,
};

use crate::Suite;
use crate::bytes::put_lp;
use crate::secret::SecretBytes;

/// The key of one part's container, or a half of it.
pub type FileKey = SecretBytes<32>;

/// The longest name of a part, in bytes.
pub const MAX_PART_NAME: usize = 64;

/// Which part of which submission of which record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PartId {
    /// The record's origin.
    pub origin: [u8; 16],
    /// The submission's random id.
    pub submission: [u8; 16],
    /// The part's name, at most [`MAX_PART_NAME`] bytes.
    pub part: String,
}

impl PartId {
    /// suite u8 ‖ origin ‖ submission ‖ lp(part).
    fn encode(&self) -> Vec<u8> {
        let mut out = vec![Suite::P256.byte()];
        out.extend_from_slice(&self.origin);
        out.extend_from_slice(&self.submission);
        put_lp(&mut out, self.part.as_bytes());
        out
    }
}
