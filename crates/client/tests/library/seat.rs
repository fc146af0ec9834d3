//! A seat with a library, and a centre whose line fails as a test wants it.

use conclave_client::ClientError;
use conclave_client::library::{Fetch, Library, WantedDocument, WantedKind};
use documents::{Limits, Reader};
use protocol::window::{DocumentLine, DocumentState, FindQuery, Found};
use record::BlobRef;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Condvar, Mutex, mpsc};
use std::time::Duration;

pub(crate) const KEY: [u8; 32] = [7; 32];
/// A wait that only a hanging test reaches.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn sample(file: &str) -> Vec<u8> {
    let place = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../samples/procurement")
        .join(file);
    std::fs::read(&place).expect("it lies in the sample")
}

pub(crate) fn reader() -> Reader {
    Reader::new(env!("CARGO_BIN_EXE_client-document-child"), Limits::default())
}

/// A part as it is opened: the statement and a document.
pub(crate) fn part(bidder: &str, name: &str) -> Vec<u8> {
    let statement = sample(&format!("bids/{bidder}/{name}.statement.json"));
    let document = sample(&format!("bids/{bidder}/{name}.pdf"));
    tar(&[("statement.json", statement), (&format!("{name}.pdf"), document)])
}

pub(crate) fn tar(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let files: BTreeMap<String, Vec<u8>> = files
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.clone()))
        .collect();
    record::tar::encode(&files).expect("names that fit")
}

/// What a centre has, and how its line is.
#[derive(Default)]
pub(crate) struct Centre {
    pub(crate) blobs: Mutex<BTreeMap<BlobRef, Vec<u8>>>,
    pub(crate) cut: Mutex<bool>,
    /// In the order in which they were asked for.
    pub(crate) asked: Mutex<Vec<BlobRef>>,
    /// Answers other bytes for these.
    pub(crate) lies: Mutex<BTreeMap<BlobRef, Vec<u8>>>,
    /// While set, this blob's answer is held back.
    pub(crate) held: Mutex<Option<BlobRef>>,
    pub(crate) let_go: Condvar,
}

impl Fetch for Centre {
    fn blob(&self, blob: &BlobRef) -> Result<Vec<u8>, ClientError> {
        self.asked.lock().expect("whole").push(*blob);
        let held = self.held.lock().expect("whole");
        drop(
            self.let_go
                .wait_while(held, |held| *held == Some(*blob))
                .expect("whole"),
        );
        if *self.cut.lock().expect("whole") {
            return Err(ClientError::Line("cut".to_owned()));
        }
        let blobs = self.blobs.lock().expect("whole");
        let lies = self.lies.lock().expect("whole");
        let bytes = lies.get(blob).or_else(|| blobs.get(blob)).cloned();
        bytes.ok_or_else(|| ClientError::Line("not there".to_owned()))
    }
}

impl Centre {
    pub(crate) fn put(&self, kind: WantedKind, bytes: Vec<u8>) -> WantedDocument {
        let blob = BlobRef::of(&bytes);
        self.blobs.lock().expect("whole").insert(blob, bytes);
        WantedDocument { kind, blob }
    }

    pub(crate) fn part(&self, bidder: &str, name: &str, bytes: Vec<u8>) -> WantedDocument {
        let kind = WantedKind::Part {
            bidder: bidder.to_owned(),
            part: name.to_owned(),
        };
        self.put(kind, bytes)
    }

    pub(crate) fn tender(&self) -> Vec<WantedDocument> {
        let file = "tender.pdf".to_owned();
        vec![
            self.put(WantedKind::Manifest, sample("tender/tender.json")),
            self.put(WantedKind::Tender { file }, sample("tender/tender.pdf")),
        ]
    }

    pub(crate) fn hold(&self, blob: Option<BlobRef>) {
        *self.held.lock().expect("whole") = blob;
        self.let_go.notify_all();
    }
}

pub(crate) struct Seat {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) library: Library,
    pub(crate) changes: mpsc::Receiver<()>,
}

pub(crate) fn watch(library: &Library) -> mpsc::Receiver<()> {
    let (tell, changes) = mpsc::channel();
    library.on_change(move || {
        // Nobody listens any more once the test ends.
        let _ = tell.send(());
    });
    changes
}

impl Seat {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let library = Library::open(folder.path(), KEY, reader()).expect("a new one");
        let changes = watch(&library);
        Self {
            folder,
            library,
            changes,
        }
    }

    pub(crate) fn start_again(self) -> Self {
        self.library.close();
        let library = Library::open(self.folder.path(), KEY, reader()).expect("the same key");
        let changes = watch(&library);
        Self {
            folder: self.folder,
            library,
            changes,
        }
    }

    pub(crate) fn list(&self) -> Vec<DocumentLine> {
        self.library.list().documents
    }

    /// Waits for changes until the list is so.
    pub(crate) fn until(&self, so: impl Fn(&[DocumentLine]) -> bool) -> Vec<DocumentLine> {
        loop {
            let list = self.list();
            if so(&list) {
                return list;
            }
            let changed = self.changes.recv_timeout(PATIENCE);
            changed.unwrap_or_else(|_| panic!("no change any more: {list:#?}"));
        }
    }

    pub(crate) fn until_settled(&self) -> Vec<DocumentLine> {
        self.until(|list| {
            !list.is_empty()
                && list.iter().all(|line| {
                    matches!(
                        line.state,
                        DocumentState::Ready | DocumentState::Unreadable { .. }
                    )
                })
        })
    }

    pub(crate) fn find(&self, words: &str) -> Found {
        self.library.find(&FindQuery {
            words: words.to_owned(),
            document: None,
        })
    }
}

pub(crate) fn id_of(list: &[DocumentLine], bidder: Option<&str>, part: Option<&str>) -> String {
    let line = list
        .iter()
        .find(|line| line.bidder.as_deref() == bidder && line.part.as_deref() == part);
    line.expect("it is listed").id.clone()
}
