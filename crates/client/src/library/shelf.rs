//! What the library keeps on disk: files by digest, and what is known of them, all encrypted.

use crate::error::ClientError;
use documents::{DocumentError, ENGINE};
use protocol::window::{OutlineLine, PageText};
use record::BlobRef;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use storage::{AtRestKey, BlobStore, Change, DirectoryBlobs, KEY_LEN, StoreError, Vault};

const KEPT: &str = "kept/";
const READ: &str = "read/";
/// Every file, noted before it is written, so that no file is forgotten.
const FILE: &str = "file/";
/// Largest content of an opened part, bytes, and most files in it.
const MAX_CONTENT: u64 = 1 << 32;
const MAX_FILES: usize = 4_096;

/// A file of an opened part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PartFile {
    pub(super) file: String,
    pub(super) blob: BlobRef,
}

/// A blob of the record that was fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kept {
    /// As it is.
    Whole,
    /// A part, as its files.
    Part(Vec<PartFile>),
    /// A part whose content is no canonical tar.
    Broken,
}

/// What came of reading a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// It can be shown.
    Pages {
        /// Width and height, points.
        sizes: Vec<(f32, f32)>,
        outline: Vec<OutlineLine>,
        /// JSON of all [`PageText`]s.
        text: BlobRef,
    },
    /// It can't.
    Unreadable(DocumentError),
}

#[derive(Serialize, Deserialize)]
struct ReadRow {
    engine: String,
    reading: Reading,
}

fn key(prefix: &str, blob: &BlobRef) -> String {
    format!("{prefix}{}/{}", blob.digest, blob.size)
}

fn named(prefix: &str, key: &str) -> Option<BlobRef> {
    let (digest, size) = key.strip_prefix(prefix)?.split_once('/')?;
    Some(BlobRef {
        digest: digest.parse().ok()?,
        size: size.parse().ok()?,
    })
}

/// Why bytes were not kept.
#[derive(Debug)]
pub(super) enum NotKept {
    /// The bound, or the disk.
    NoRoom,
    Failed(ClientError),
}

impl From<StoreError> for NotKept {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full => Self::NoRoom,
            other => Self::Failed(other.into()),
        }
    }
}

/// What is on the shelf when it is opened.
pub(super) type Inventory = (BTreeMap<BlobRef, Kept>, BTreeMap<BlobRef, Reading>);

pub(super) struct Shelf {
    blobs: DirectoryBlobs,
    rows: Mutex<Vault>,
    /// Files on the disk; together at most `bound` bytes.
    files: Mutex<BTreeSet<BlobRef>>,
    bound: u64,
}

impl Shelf {
    pub(super) fn open(
        folder: &Path,
        key: [u8; KEY_LEN],
        bound: u64,
    ) -> Result<(Self, Inventory), ClientError> {
        let blobs = DirectoryBlobs::open(&folder.join("documents"), &AtRestKey::from_bytes(key))?;
        let rows = Vault::open(&folder.join("library.db"), &key)?;
        let shelf = Self {
            blobs,
            rows: Mutex::new(rows),
            files: Mutex::default(),
            bound,
        };
        let inventory = shelf.inventory()?;
        Ok((shelf, inventory))
    }

    /// What rows say and the folder has; a file that is gone is fetched or read again.
    fn inventory(&self) -> Result<Inventory, ClientError> {
        let (mut kept, mut read) = (BTreeMap::new(), BTreeMap::new());
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        for row in rows.list(KEPT)? {
            let row_of = named(KEPT, &row.key).zip(serde_json::from_slice::<Kept>(&row.value).ok());
            let Some((blob, entry)) = row_of else { continue };
            if self.all_there(&files_of(&blob, &entry))? {
                kept.insert(blob, entry);
            }
        }
        for row in rows.list(READ)? {
            let row_of = named(READ, &row.key).zip(serde_json::from_slice::<ReadRow>(&row.value).ok());
            let Some((blob, ReadRow { engine, reading })) = row_of else {
                continue;
            };
            // Another engine may read differently: it reads again.
            let own: Vec<BlobRef> = text_of(&reading).into_iter().collect();
            if engine == ENGINE.id() && self.all_there(&own)? {
                read.insert(blob, reading);
            }
        }
        let files = rows.list(FILE)?;
        let files = files.iter().filter_map(|row| named(FILE, &row.key)).collect();
        drop(rows);
        *self.files.lock().unwrap_or_else(PoisonError::into_inner) = files;
        Ok((kept, read))
    }

    fn all_there(&self, blobs: &[BlobRef]) -> Result<bool, StoreError> {
        for blob in blobs {
            if !self.blobs.has(blob)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Keeps a fetched blob, a part as its files. The row comes last, so what is cut off halfway is fetched again.
    pub(super) fn keep(&self, blob: &BlobRef, bytes: &[u8], is_part: bool) -> Result<Kept, NotKept> {
        let kept = if !is_part {
            self.put(bytes)?;
            Kept::Whole
        } else {
            match record::tar::decode(bytes, MAX_CONTENT, MAX_FILES) {
                Err(_) => Kept::Broken,
                Ok(content) => {
                    let mut files = Vec::new();
                    for (file, bytes) in content {
                        let blob = self.put(&bytes)?;
                        files.push(PartFile { file, blob });
                    }
                    Kept::Part(files)
                }
            }
        };
        self.put_row(&key(KEPT, blob), &kept)?;
        Ok(kept)
    }

    /// Keeps what was read of a document.
    pub(super) fn keep_pages(
        &self,
        blob: &BlobRef,
        sizes: Vec<(f32, f32)>,
        outline: Vec<OutlineLine>,
        pages: &[PageText],
    ) -> Result<Reading, NotKept> {
        let text =
            serde_json::to_vec(pages).map_err(|e| NotKept::Failed(ClientError::Format(e.to_string())))?;
        let text = self.put(&text)?;
        let reading = Reading::Pages { sizes, outline, text };
        self.keep_reading(blob, &reading)?;
        Ok(reading)
    }

    pub(super) fn keep_reading(&self, blob: &BlobRef, reading: &Reading) -> Result<(), NotKept> {
        let row = ReadRow {
            engine: ENGINE.id(),
            reading: reading.clone(),
        };
        self.put_row(&key(READ, blob), &row)
    }

    fn put(&self, bytes: &[u8]) -> Result<BlobRef, NotKept> {
        let blob = BlobRef::of(bytes);
        let known = {
            let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            let used: u64 = files.iter().map(|file| file.size).sum();
            let known = files.contains(&blob);
            if !known && used.saturating_add(blob.size) > self.bound {
                return Err(NotKept::NoRoom);
            }
            known
        };
        if !known {
            self.put_row(&key(FILE, &blob), &())?;
            let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
            files.insert(blob);
        }
        self.blobs.put(bytes)?;
        Ok(blob)
    }

    fn put_row(&self, key: &str, value: &impl Serialize) -> Result<(), NotKept> {
        let value =
            serde_json::to_vec(value).map_err(|e| NotKept::Failed(ClientError::Format(e.to_string())))?;
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.put(key, &value)?;
        Ok(())
    }

    /// A file, checked against its digest.
    pub(super) fn bytes(&self, blob: &BlobRef) -> Result<Vec<u8>, ClientError> {
        let bytes = self.blobs.get(blob)?;
        let gone = || StoreError::Damaged {
            row: blob.digest.to_string(),
        };
        Ok(bytes.ok_or_else(gone)?)
    }

    /// Forgets that a blob was fetched, so that it is fetched again.
    pub(super) fn forget(&self, blob: &BlobRef) -> Result<(), ClientError> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.remove(&key(KEPT, blob))?;
        Ok(())
    }

    pub(super) fn texts(&self, text: &BlobRef) -> Result<Vec<PageText>, ClientError> {
        serde_json::from_slice(&self.bytes(text)?).map_err(|e| ClientError::Format(e.to_string()))
    }

    /// Removes everything.
    pub(super) fn purge(&self) -> Result<(), ClientError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for file in files.iter() {
            self.blobs.remove(file)?;
        }
        files.clear();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let changes: Vec<Change> = rows
            .list("")?
            .into_iter()
            .map(|row| Change::Remove { key: row.key })
            .collect();
        if !changes.is_empty() {
            rows.apply(&changes)?;
        }
        Ok(())
    }
}

pub(super) fn files_of(blob: &BlobRef, kept: &Kept) -> Vec<BlobRef> {
    match kept {
        Kept::Whole => vec![*blob],
        Kept::Part(files) => files.iter().map(|file| file.blob).collect(),
        Kept::Broken => Vec::new(),
    }
}

fn text_of(reading: &Reading) -> Option<BlobRef> {
    match reading {
        Reading::Pages { text, .. } => Some(*text),
        Reading::Unreadable(_) => None,
    }
}
