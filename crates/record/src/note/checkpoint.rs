use super::NoteError;
use crate::{
    base64_bytes,
    ids::{Digest, Origin},
};
use std::{fmt, str::FromStr};

/// The origin line of a record's checkpoints: `conclave.record/` and the origin in hex.
pub fn origin_line(origin: &Origin) -> String {
    format!("conclave.record/{origin}")
}

/// What a checkpoint says: the tree of a log at one size.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checkpoint {
    /// The log: [`origin_line`] for a record.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    /// Root over them.
    pub root: Digest,
}

/// The text that is signed: origin, size, base64 of the root, each with a newline.
impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{}\n{}\n{}",
            self.origin,
            self.size,
            base64_bytes::encode(&self.root.0)
        )
    }
}

impl FromStr for Checkpoint {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Checkpoint, NoteError> {
        let fault = |line, what| NoteError::Line { line, what };
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, ""] = lines[..] else {
            return Err(fault(lines.len(), "a checkpoint has exactly three lines"));
        };
        if origin.is_empty() || origin.chars().any(char::is_control) {
            return Err(fault(1, "origin is empty or has control characters"));
        }
        let number: u64 = size.parse().map_err(|_| fault(2, "size is not a number"))?;
        if number.to_string() != size {
            return Err(fault(2, "size is not in its shortest form"));
        }
        let root = base64_bytes::decode(root).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        let root = Digest(root.ok_or_else(|| fault(3, "root is not the base64 of 32 bytes"))?);
        Ok(Checkpoint {
            origin: origin.to_owned(),
            size: number,
            root,
        })
    }
}
