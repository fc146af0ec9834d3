//! Trouble with a disk, planned by a test: what is written to databases under a folder fails as on a full, a
//! read-only or a broken disk, until told otherwise. Reading goes on, as it does there.
//!
//! Nothing that ships plans any; without a plan a write looks at one flag.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use crate::StoreError;

/// What is wrong with a disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskFault {
    /// No room is left: nothing is stored.
    Full,
    /// It may be read only: nothing is stored.
    ReadOnly,
    /// A commit fails, and the file must be opened again before it takes anything.
    Broken,
}

static ANY: AtomicBool = AtomicBool::new(false);
static PLANNED: Mutex<BTreeMap<PathBuf, DiskFault>> = Mutex::new(BTreeMap::new());

/// From now on the disk under `folder` is in this trouble; `None`: in none.
pub fn plan(folder: &Path, fault: Option<DiskFault>) {
    let mut planned = PLANNED.lock().unwrap_or_else(PoisonError::into_inner);
    match fault {
        Some(fault) => planned.insert(folder.to_owned(), fault),
        None => planned.remove(folder),
    };
    ANY.store(!planned.is_empty(), Ordering::SeqCst);
}

/// The trouble of the disk on which a file lies.
pub(crate) fn at(path: &Path) -> Option<DiskFault> {
    if !ANY.load(Ordering::SeqCst) {
        return None;
    }
    let planned = PLANNED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut faults = planned.iter();
    faults
        .find(|(folder, _)| path.starts_with(folder))
        .map(|(_, fault)| *fault)
}

impl DiskFault {
    /// What the store answers.
    pub(crate) fn error(self) -> StoreError {
        match self {
            DiskFault::Full => StoreError::Full,
            DiskFault::ReadOnly => StoreError::ReadOnly,
            DiskFault::Broken => StoreError::io("the disk does not answer"),
        }
    }
}
