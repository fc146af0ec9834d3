//! The documents that a seat may read: fetched ahead, kept encrypted, read once in a confined child, at hand with the
//! line cut.
//!
//! Two threads of the library's own work through what is wanted, in the order given: one fetches and keeps, the other
//! reads. No call of a window waits for the line or for a document being read; a picture is drawn by the caller, by a
//! child that stays open on the document.

mod find;
mod listing;
mod lru;
mod pictures;
mod problems;
mod shelf;
mod wanted;
mod work;

pub use problems::of_document as document_problem;
pub use wanted::{WantedDocument, WantedKind, named_pages, wanted};

use crate::error::ClientError;
use crate::link::Link;

use documents::Reader;
use listing::Listed;
use lru::Lru;
use pictures::Pictures;
use protocol::window::{
    DocumentState, DocumentView, FindQuery, Found, Library as LibraryView, NamedPage, PageText,
};
use record::{BlobRef, Origin};
use shelf::{Kept, Reading, Shelf};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use storage::{KEY_LEN, StoreError};
use work::Failing;

/// Most hits of a search.
const MAX_HITS: usize = 500;
/// Longest words that are looked for, characters.
const MAX_WORDS: usize = 200;
/// Text of documents at hand for searching, bytes of its stored form.
const TEXTS: usize = 96 << 20;
/// Bytes that a library keeps on disk, unless told otherwise.
pub const DISK: u64 = 16 << 30;

/// Where blobs come from.
pub trait Fetch: Send + Sync {
    /// The blob, whole. It is checked against its digest afterwards.
    ///
    /// # Errors
    /// The line; a centre that refuses.
    fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, ClientError>;
}

/// A link as a source of one record's blobs.
pub struct LinkFetch<L> {
    /// The link, under a key that the record knows.
    pub link: L,
    /// The record.
    pub origin: Origin,
}

impl<L: Link + Send + Sync> Fetch for LinkFetch<L> {
    fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, ClientError> {
        self.link.blob_get(&self.origin, &blob.digest)
    }
}

type OnChange = Arc<dyn Fn() + Send + Sync>;

/// The documents of one seat.
pub struct Library {
    inner: Arc<Inner>,
    threads: Vec<JoinHandle<()>>,
}

struct Inner {
    shelf: Shelf,
    reader: Reader,
    pictures: Pictures,
    texts: Mutex<Lru<BlobRef, Arc<Vec<PageText>>>>,
    state: Mutex<State>,
    /// Something changed for the two threads.
    work: Condvar,
    on_change: Mutex<Option<OnChange>>,
}

#[derive(Default)]
struct State {
    wanted: Vec<WantedDocument>,
    fetch: Option<Arc<dyn Fetch>>,
    kept: BTreeMap<BlobRef, Kept>,
    read: BTreeMap<BlobRef, Reading>,
    failing: BTreeMap<BlobRef, Failing>,
    fetching: Option<BlobRef>,
    /// Raised by a purge: what was under way for an earlier one is thrown away.
    generation: u64,
    stop: bool,
}

impl Library {
    /// Opens the folder, or makes it, and starts the two threads. `reader` reads documents; its program must be one that
    /// gives the child its turn ([`documents::child_main`]).
    ///
    /// # Errors
    /// The store: another process holds the folder, another key, a damaged file.
    pub fn open(folder: &Path, key: [u8; KEY_LEN], reader: Reader) -> Result<Self, ClientError> {
        Self::open_within(folder, key, reader, DISK)
    }

    /// As [`Library::open`], with a bound of its own on the bytes kept on disk.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn open_within(
        folder: &Path,
        key: [u8; KEY_LEN],
        reader: Reader,
        disk: u64,
    ) -> Result<Self, ClientError> {
        std::fs::create_dir_all(folder).map_err(StoreError::from)?;
        let (shelf, (kept, read)) = Shelf::open(folder, key, disk)?;
        let inner = Arc::new(Inner {
            shelf,
            pictures: Pictures::new(reader.clone()),
            reader,
            texts: Mutex::new(Lru::new(TEXTS)),
            state: Mutex::new(State {
                kept,
                read,
                ..State::default()
            }),
            work: Condvar::new(),
            on_change: Mutex::new(None),
        });
        let threads = work::start(&inner).map_err(StoreError::from)?;
        Ok(Self { inner, threads })
    }

    /// Says what this seat may read now ([`wanted`]) and where it comes from. What failed is tried again.
    pub fn update(&self, wanted: Vec<WantedDocument>, fetch: Arc<dyn Fetch>) {
        let mut state = self.inner.state();
        state.failing.clear();
        state.wanted = wanted;
        state.fetch = Some(fetch);
        drop(state);
        self.inner.changed();
    }

    /// Called, on a thread of the library, whenever the list may have changed. It must not wait.
    pub fn on_change(&self, call: impl Fn() + Send + Sync + 'static) {
        *lock(&self.inner.on_change) = Some(Arc::new(call));
    }

    /// Every document that this seat may read now.
    pub fn list(&self) -> LibraryView {
        let listed = self.inner.listed();
        LibraryView {
            documents: listed.into_iter().map(|listed| listed.line).collect(),
        }
    }

    /// Sizes and outline.
    ///
    /// # Errors
    /// [`ClientError::Check`] for an id that is not listed or not ready; [`ClientError::Document`] for one that can't be
    /// shown.
    pub fn document(&self, id: &str) -> Result<DocumentView, ClientError> {
        let (_, reading) = self.inner.ready(id)?;
        match reading {
            Reading::Pages { sizes, outline, .. } => Ok(DocumentView {
                id: id.to_owned(),
                pages: sizes,
                outline,
            }),
            Reading::Unreadable(error) => Err(error.into()),
        }
    }

    /// Text of a page, from 1.
    ///
    /// # Errors
    /// As [`Library::document`]; the store.
    pub fn page_text(&self, id: &str, page: u32) -> Result<PageText, ClientError> {
        let (file, reading) = self.inner.ready(id)?;
        let texts = self.inner.texts_of(&file, &reading)?;
        let at = (page as usize).checked_sub(1);
        let text = at.and_then(|at| texts.get(at)).cloned();
        let pages = u32::try_from(texts.len()).unwrap_or(u32::MAX);
        Ok(text.ok_or(documents::DocumentError::PageOutOfRange { page, pages })?)
    }

    /// Looks for words in all documents that are read, or in one: whatever the case or width of letters, Chinese text across
    /// the ends of lines.
    pub fn find(&self, query: &FindQuery) -> Found {
        let mut found = Found {
            hits: Vec::new(),
            more: false,
            unread: 0,
        };
        let words: String = query.words.chars().take(MAX_WORDS).collect();
        let needle = find::Needle::new(&words);
        for Listed { line, file } in self.inner.listed() {
            if query.document.as_ref().is_some_and(|wanted| *wanted != line.id) {
                continue;
            }
            let reading = file.and_then(|file| Some((file, self.inner.state().read.get(&file)?.clone())));
            let Some((file, reading)) = reading else {
                found.unread += u32::from(!matches!(line.state, DocumentState::Unreadable { .. }));
                continue;
            };
            let (Some(needle), Reading::Pages { .. }) = (&needle, &reading) else {
                continue;
            };
            let Ok(texts) = self.inner.texts_of(&file, &reading) else {
                found.unread += 1;
                continue;
            };
            for (page, text) in (1..).zip(texts.iter()) {
                // One above the bound tells that there are more.
                let most = MAX_HITS + 1 - found.hits.len();
                let hits = find::on_page(text, needle, most);
                found
                    .hits
                    .extend(hits.into_iter().map(|hit| hit.of(&line.id, page)));
                if found.hits.len() > MAX_HITS {
                    found.hits.truncate(MAX_HITS);
                    found.more = true;
                    return found;
                }
            }
        }
        found
    }

    /// A picture of a page, PNG, `width` (64 to 4,096) pixels wide, the lines burnt in. It is at hand or drawn now, so this
    /// may take as long as a page takes.
    ///
    /// # Errors
    /// As [`Library::document`]; a page or width out of range; the store.
    pub fn picture(
        &self,
        id: &str,
        page: u32,
        width: u16,
        watermark: &[String],
    ) -> Result<Vec<u8>, ClientError> {
        let generation = self.inner.state().generation;
        let (file, reading) = self.inner.ready(id)?;
        if let Reading::Unreadable(error) = reading {
            return Err(error.into());
        }
        let bytes = || self.inner.file(&file);
        let picture = self
            .inner
            .pictures
            .picture(&file, page, width, watermark, bytes)?;
        if self.inner.state().generation != generation {
            self.inner.pictures.clear();
            return Err(not_listed(id));
        }
        Ok(picture.to_vec())
    }

    /// The pages that bids name for criteria, of every part that is read.
    pub fn named_pages(&self) -> Vec<NamedPage> {
        let parts: Vec<_> = {
            let state = self.inner.state();
            let of_part = |wanted: &WantedDocument| match (&wanted.kind, state.kept.get(&wanted.blob)) {
                (WantedKind::Part { bidder, part }, Some(Kept::Part(files))) => {
                    Some((wanted.kind.clone(), bidder.clone(), part.clone(), files.clone()))
                }
                _ => None,
            };
            state.wanted.iter().filter_map(of_part).collect()
        };
        let mut named = Vec::new();
        for (kind, bidder, part, files) in parts {
            let statement = files.iter().find(|file| file.file == audit::statement::FILE);
            let Some(Ok(statement)) = statement.map(|file| self.inner.file(&file.blob)) else {
                continue;
            };
            let state = self.inner.state();
            let shown: Vec<_> = files
                .iter()
                .filter_map(|file| match state.read.get(&file.blob) {
                    Some(Reading::Pages { sizes, .. }) => Some((
                        file.file.clone(),
                        wanted::document_id(&kind, &file.file, &file.blob),
                        u32::try_from(sizes.len()).unwrap_or(u32::MAX),
                    )),
                    _ => None,
                })
                .collect();
            drop(state);
            named.extend(named_pages(&bidder, &part, &shown, &statement));
        }
        named
    }

    /// Removes every document, everything read of them, and closes all children: the evaluation is archived.
    ///
    /// # Errors
    /// The store; what could not be removed is removed by another call.
    pub fn purge(&self) -> Result<(), ClientError> {
        let mut state = self.inner.state();
        state.generation += 1;
        state.wanted.clear();
        state.fetch = None;
        state.kept.clear();
        state.read.clear();
        state.failing.clear();
        drop(state);
        self.inner.pictures.clear();
        lock(&self.inner.texts).clear();
        let purged = self.inner.shelf.purge();
        self.inner.changed();
        purged
    }

    /// Ends the threads and waits for them: for a fetch under way as long as its link lets it take. Dropping ends them
    /// too, without waiting.
    pub fn close(mut self) {
        self.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }

    fn stop(&self) {
        self.inner.state().stop = true;
        self.inner.work.notify_all();
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Wakes the threads and tells the listener.
    fn changed(&self) {
        self.work.notify_all();
        let call = lock(&self.on_change).clone();
        if let Some(call) = call {
            call();
        }
    }

    /// The file of a document and what was read of it.
    fn ready(&self, id: &str) -> Result<(BlobRef, Reading), ClientError> {
        let listed = self.listed().into_iter().find(|listed| listed.line.id == id);
        let file = listed.ok_or_else(|| not_listed(id))?.file;
        let reading = file.and_then(|file| Some((file, self.state().read.get(&file)?.clone())));
        reading.ok_or_else(|| {
            ClientError::check(
                format!("文件 {id} 尚未读入"),
                format!("document {id} is not read yet"),
            )
        })
    }

    fn texts_of(&self, file: &BlobRef, reading: &Reading) -> Result<Arc<Vec<PageText>>, ClientError> {
        let text = match reading {
            Reading::Pages { text, .. } => text,
            Reading::Unreadable(error) => return Err(error.clone().into()),
        };
        if let Some(texts) = lock(&self.texts).get(text) {
            return Ok(texts);
        }
        let texts = match self.shelf.texts(text) {
            Ok(texts) => Arc::new(texts),
            Err(error) => {
                // It is read again from the file.
                self.state().read.remove(file);
                self.changed();
                return Err(error);
            }
        };
        let size = usize::try_from(text.size).unwrap_or(usize::MAX);
        lock(&self.texts).put(*text, texts.clone(), size);
        Ok(texts)
    }

    /// The bytes of a kept file. One that is damaged on the disk is fetched again.
    fn file(&self, file: &BlobRef) -> Result<Vec<u8>, ClientError> {
        let bytes = self.shelf.bytes(file);
        if let Err(ClientError::Vault(StoreError::Damaged { .. })) = &bytes {
            let mut state = self.state();
            let owners = state.kept.iter();
            let owners = owners.filter(|(blob, kept)| shelf::files_of(blob, kept).contains(file));
            let owners: Vec<BlobRef> = owners.map(|(blob, _)| *blob).collect();
            for owner in owners {
                state.kept.remove(&owner);
                self.shelf.forget(&owner)?;
            }
            drop(state);
            self.changed();
        }
        bytes
    }
}

fn not_listed(id: &str) -> ClientError {
    ClientError::check(
        format!("文件 {id} 不在本席位可看的范围"),
        format!("document {id} is not among those of this seat"),
    )
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
