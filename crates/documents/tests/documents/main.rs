//! The document reader against real, broken and hostile documents, each in a real confined child.

mod bombs;
mod confinement;
mod corpus;
mod open;
mod outline;
mod pdf;
mod reading;
mod watermark;

use std::path::{Path, PathBuf};

use conclave_documents::{Limits, Reader};

/// A reader that starts this crate's own child.
fn reader() -> Reader {
    reader_with(Limits::default())
}

fn reader_with(limits: Limits) -> Reader {
    Reader::new(env!("CARGO_BIN_EXE_document-child"), limits)
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("this crate lies in its workspace")
}

/// The folder of shared documents beside the workspace. Without it a test says so and passes, except in
/// continuous integration, which must have it.
fn shared_data() -> Option<PathBuf> {
    let data = workspace().join("../shared/data");
    if data.is_dir() {
        return Some(data);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "shared data absent: {}",
        data.display()
    );
    println!("skipped: shared data absent");
    None
}

/// Every PDF below a folder, sorted.
fn pdfs_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a readable folder") {
            let path = entry.expect("a readable entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pdf") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
