//! What a seat reads: the library behind its window, kept up with what the record opens to it.

use super::bench::OnChange;
use crate::desk::Desk;
use crate::error::ClientError;
use crate::library::{Fetch, Library, wanted};
use crate::link::Link;
use documents::Reader;
use evaluation::Role;
use protocol::window::NamedPage;
use record::{BlobRef, Digest, Origin};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// The library of a seat, once there is one; shared between the seat's thread and its windows.
pub(crate) type Shelf = Arc<Mutex<Option<Arc<Library>>>>;

/// A link of the library's own, so that fetching holds nothing up.
struct OverLink {
    link: Mutex<Box<dyn Link>>,
    origin: Origin,
}

impl Fetch for OverLink {
    fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, ClientError> {
        let link = self.link.lock().unwrap_or_else(PoisonError::into_inner);
        link.blob_get(&self.origin, &blob.digest)
    }
}

/// What the seat's thread keeps of the library.
pub(crate) struct Reading {
    shelf: Shelf,
    reader: Reader,
    fetch: Option<Arc<dyn Fetch>>,
    at: u64,
}

impl Reading {
    pub(crate) fn new(shelf: Shelf, reader: Reader) -> Self {
        Self {
            shelf,
            reader,
            fetch: None,
            at: u64::MAX,
        }
    }

    /// Opens the library of who sits here. Its key follows from the vault's data key; `link` is one of its own.
    ///
    /// # Errors
    /// The disk; another process holds the folder.
    pub(crate) fn open(
        &mut self,
        folder: &Path,
        data_key: &[u8; 32],
        link: Box<dyn Link>,
        origin: Origin,
        changed: OnChange,
    ) -> Result<(), ClientError> {
        let key = Digest::tagged("conclave/library-key/v1", &[data_key]).0;
        let library = Library::open(&folder.join("library"), key, self.reader.clone())?;
        library.on_change(move || changed());
        *lock(&self.shelf) = Some(Arc::new(library));
        self.fetch = Some(Arc::new(OverLink {
            link: Mutex::new(link),
            origin,
        }));
        self.at = u64::MAX;
        Ok(())
    }

    /// Wants what the record opens by now; destroys everything once it is archived.
    ///
    /// # Errors
    /// The disk.
    pub(crate) fn keep_up(&mut self, desk: &Desk, role: Role) -> Result<(), ClientError> {
        let size = desk.replica.state().size();
        let (Some(library), Some(fetch)) = (lock(&self.shelf).clone(), &self.fetch) else {
            return Ok(());
        };
        if size == self.at {
            return Ok(());
        }
        self.at = size;
        if desk.replica.state().archived().is_some() {
            return library.purge();
        }
        library.update(wanted(&desk.replica, &[role]), fetch.clone());
        Ok(())
    }

    /// Pages that bids name, as far as their documents are here.
    pub(crate) fn named_pages(&self) -> Vec<NamedPage> {
        let library = lock(&self.shelf).clone();
        library.map(|library| library.named_pages()).unwrap_or_default()
    }
}

/// The shelf, whoever panicked before.
pub(crate) fn lock(shelf: &Mutex<Option<Arc<Library>>>) -> std::sync::MutexGuard<'_, Option<Arc<Library>>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
