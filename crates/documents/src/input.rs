//! Where a document comes from.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A document: a file the parent may open, or bytes it has.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// A regular file.
    File(&'a Path),
    /// The document itself.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a Path> for Input<'a> {
    fn from(path: &'a Path) -> Self {
        Self::File(path)
    }
}

impl<'a> From<&'a PathBuf> for Input<'a> {
    fn from(path: &'a PathBuf) -> Self {
        Self::File(path)
    }
}

impl<'a> From<&'a [u8]> for Input<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a Vec<u8>> for Input<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> Input<'a> {
    /// A stream of the document and its length in bytes.
    pub(crate) fn open(self) -> io::Result<(Box<dyn Read + Send + 'a>, u64)> {
        match self {
            Self::File(path) => {
                let file = File::open(path)?;
                let metadata = file.metadata()?;
                if !metadata.is_file() {
                    return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
                }
                Ok((Box::new(file), metadata.len()))
            }
            Self::Bytes(bytes) => Ok((Box::new(bytes), bytes.len() as u64)),
        }
    }
}
