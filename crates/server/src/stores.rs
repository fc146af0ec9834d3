//! Where a centre keeps its records: `records/<origin>.sqlite` and `blobs/` of its data folder.

use centre::StoreFactory;
use record::Origin;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use storage::{AtRestKey, DirectoryBlobs, RecordStore, SqliteRecordStore, StoreError};

const EXTENSION: &str = "sqlite";

/// One SQLite file a record.
pub struct SqliteStores {
    folder: PathBuf,
    key: AtRestKey,
}

impl SqliteStores {
    /// The stores below a data folder; makes the folder.
    ///
    /// # Errors
    /// What the system says.
    pub fn open(data: &Path, key: AtRestKey) -> Result<Self, StoreError> {
        let folder = data.join("records");
        fs::create_dir_all(&folder)?;
        Ok(Self { folder, key })
    }
}

impl StoreFactory for SqliteStores {
    fn open(&self, origin: &Origin) -> Result<Box<dyn RecordStore>, StoreError> {
        let path = self.folder.join(format!("{origin}.{EXTENSION}"));
        Ok(Box::new(SqliteRecordStore::open(&path, &self.key)?))
    }

    fn list(&self) -> Result<Vec<Origin>, StoreError> {
        let mut origins = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != EXTENSION) {
                continue; // journals of the database
            }
            let name = path
                .file_stem()
                .and_then(|stem| stem.to_str())
                .unwrap_or_default();
            origins.extend(name.parse::<Origin>().ok());
        }
        origins.sort_unstable();
        Ok(origins)
    }
}

/// The blobs below a data folder.
///
/// # Errors
/// As [`DirectoryBlobs::open`]; `Busy` when another process has them.
pub fn blobs(data: &Path, key: &AtRestKey) -> Result<DirectoryBlobs, StoreError> {
    DirectoryBlobs::open(&data.join("blobs"), key)
}

/// Writes and syncs a small file in the data folder: whether the store can be written at all.
///
/// # Errors
/// What the system says.
pub fn probe(data: &Path) -> std::io::Result<()> {
    let path = data.join("probe");
    let mut file = fs::File::create(&path)?;
    file.write_all(b"writable\n")?;
    file.sync_all()
}
