//! One file a command.

pub(crate) mod audit;
pub(crate) mod bid;
pub(crate) mod conditions;
pub(crate) mod demo;
pub(crate) mod doc;
pub(crate) mod evaluate;
pub(crate) mod key;
pub(crate) mod person;
pub(crate) mod process;
pub(crate) mod rules;
pub(crate) mod tender;

use std::path::Path;

/// Why a command was not done: what happened, in one sentence.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// A file.
    #[error("{0}: {1}")]
    File(String, std::io::Error),
    /// The client.
    #[error(transparent)]
    Client(#[from] client::ClientError),
    /// Something else.
    #[error("{0}")]
    Other(String),
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    std::fs::read(path).map_err(|e| Fault::File(path.display().to_string(), e))
}

pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Fault> {
    std::fs::write(path, bytes).map_err(|e| Fault::File(path.display().to_string(), e))
}

pub(crate) fn make_folder(path: &Path) -> Result<(), Fault> {
    std::fs::create_dir_all(path).map_err(|e| Fault::File(path.display().to_string(), e))
}
