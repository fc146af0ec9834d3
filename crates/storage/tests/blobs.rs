//! Both blob stores, held to one contract; and what the folder gives away and refuses.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use conclave_storage::{AtRestKey, BlobStore, DirectoryBlobs, MAX_BLOB, MemoryBlobs, StoreError};
use record::{BlobRef, Digest};

const MIB: usize = 1024 * 1024;

fn key() -> AtRestKey {
    AtRestKey::from_bytes([1; 32])
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("temporary folder")
}

fn open(folder: &Path) -> DirectoryBlobs {
    DirectoryBlobs::open(folder, &key()).expect("opens")
}

/// Bytes that differ from place to place.
fn bytes(length: usize) -> Vec<u8> {
    (0..length)
        .map(|place| (place * 7 + place / 256 + place / MIB) as u8)
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if !["lock", "store"].contains(&path.file_name().and_then(|name| name.to_str()).unwrap_or(""))
        {
            found.push(path);
        }
    }
    found
}

fn is_damaged(answer: Result<impl Sized, StoreError>, blob: &BlobRef) -> bool {
    matches!(answer, Err(StoreError::Damaged { row }) if row.contains(&blob.digest.to_string()))
}

fn keeps_the_contract(store: &dyn BlobStore) {
    for length in [0, 1, 5_000, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 17] {
        let content = bytes(length);
        let blob = BlobRef::of(&content);
        assert_eq!(store.has(&blob), Ok(false));
        assert_eq!(store.get(&blob), Ok(None));
        assert_eq!(store.put(&content), Ok(blob), "{length}");
        assert_eq!(store.put(&content), Ok(blob), "the same again");
        assert_eq!(store.has(&blob), Ok(true));
        assert_eq!(store.get(&blob), Ok(Some(content)));
        let other = BlobRef {
            size: blob.size + 1,
            ..blob
        };
        assert_eq!(store.get(&other), Ok(None), "another size is another blob");
        assert_eq!(store.remove(&blob), Ok(true));
        assert_eq!(store.remove(&blob), Ok(false));
        assert_eq!(store.get(&blob), Ok(None));
    }
    let mut sink = Vec::new();
    assert_eq!(store.copy_to(&BlobRef::of(b"never put"), &mut sink), Ok(false));
    let absurd = BlobRef {
        digest: Digest([1; 32]),
        size: u64::MAX,
    };
    assert_eq!(store.get(&absurd), Ok(None));
    let mut endless = io::repeat(7);
    assert_eq!(
        store.put_from(&mut endless),
        Err(StoreError::TooLarge {
            what: "the blob",
            limit: MAX_BLOB
        })
    );
}

#[test]
fn blobs_in_a_folder_keep_the_contract() {
    let folder = folder();
    keeps_the_contract(&open(folder.path()));
    assert_eq!(
        files(folder.path()),
        Vec::<PathBuf>::new(),
        "nothing is left over, of the refused one neither"
    );
}

#[test]
fn blobs_in_memory_keep_the_contract() {
    let store = MemoryBlobs::new();
    keeps_the_contract(&store);
    let blob = store.put(b"content").expect("puts");
    assert!(store.damage(&blob));
    assert!(is_damaged(store.get(&blob), &blob));
    assert_eq!(store.put(b"content"), Ok(blob), "putting again heals");
    assert_eq!(store.get(&blob), Ok(Some(b"content".to_vec())));
}

#[test]
fn reopening_keeps_all_and_sweeps_what_was_interrupted() {
    let folder = folder();
    let blob = open(folder.path()).put(b"content").expect("puts");
    let left = folder.path().join("partial").join("left");
    fs::write(&left, b"half").expect("writes");
    let store = open(folder.path());
    assert!(!left.exists());
    assert_eq!(store.get(&blob), Ok(Some(b"content".to_vec())));
}

#[test]
fn one_process_holds_the_folder() {
    let folder = folder();
    let store = open(folder.path());
    assert_eq!(
        DirectoryBlobs::open(folder.path(), &key()).err(),
        Some(StoreError::Busy)
    );
    drop(store);
    assert!(DirectoryBlobs::open(folder.path(), &key()).is_ok());
}

#[test]
fn a_wrong_key_and_a_lost_key_check_are_told_apart() {
    let folder = folder();
    let blob = open(folder.path()).put(b"content").expect("puts");
    let wrong = AtRestKey::from_bytes([2; 32]);
    assert_eq!(
        DirectoryBlobs::open(folder.path(), &wrong).err(),
        Some(StoreError::WrongKey)
    );
    assert!(
        open(folder.path()).has(&blob).expect("looks"),
        "the refused attempt harmed nothing"
    );
    let check = folder.path().join("store");
    let mut content = fs::read(&check).expect("reads");
    content[20] ^= 1;
    fs::write(&check, &content).expect("writes");
    assert!(matches!(
        DirectoryBlobs::open(folder.path(), &key()),
        Err(StoreError::Damaged { .. })
    ));
    fs::remove_file(&check).expect("removes");
    assert!(
        matches!(
            DirectoryBlobs::open(folder.path(), &key()),
            Err(StoreError::Damaged { .. })
        ),
        "a new key check would hide every blob"
    );
}

#[test]
fn neither_content_nor_digest_nor_two_equal_puts_show() {
    let folder = folder();
    let store = open(folder.path());
    let content = b"a sentence that must not be readable".repeat(40);
    let blob = store.put(&content).expect("puts");
    let file = files(folder.path()).pop().expect("one file");
    let first = fs::read(&file).expect("reads");
    assert!(!first.windows(20).any(|window| window == &content[..20]));
    assert!(
        !file
            .to_string_lossy()
            .replace('/', "")
            .contains(&blob.digest.to_string()[..16])
    );
    store.put(&content).expect("puts");
    assert_ne!(
        fs::read(&file).expect("reads"),
        first,
        "a fresh key for each file"
    );
}

#[test]
fn equal_chunks_of_one_blob_do_not_look_equal() {
    let folder = folder();
    open(folder.path()).put(&vec![0; 3 * MIB]).expect("puts");
    let file = fs::read(files(folder.path()).pop().expect("one file")).expect("reads");
    let chunks: Vec<&[u8]> = file[40..].chunks(MIB + 16).map(|chunk| &chunk[..64]).collect();
    assert_eq!(chunks.len(), 3);
    assert!(chunks[0] != chunks[1] && chunks[1] != chunks[2] && chunks[0] != chunks[2]);
}

/// Every way to change a stored file is found, and a fresh put heals it.
#[test]
fn a_changed_file_is_damaged_and_healed() {
    let folder = folder();
    let store = open(folder.path());
    let content = bytes(2 * MIB + 100);
    let blob = store.put(&content).expect("puts");
    let file = files(folder.path()).pop().expect("one file");
    let whole = fs::read(&file).expect("reads");
    let chunk = MIB + 16;
    let mut exchanged = whole.clone();
    exchanged[40..40 + chunk].copy_from_slice(&whole[40 + chunk..40 + 2 * chunk]);
    let mut changes: Vec<Vec<u8>> = vec![exchanged];
    for place in [0, 7, 8, 39, 40, 40 + MIB, 40 + chunk, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[place] ^= 1;
        changes.push(changed);
    }
    for changed in changes {
        fs::write(&file, &changed).expect("writes");
        assert_eq!(store.has(&blob), Ok(true), "its length tells nothing");
        assert!(is_damaged(store.get(&blob), &blob));
    }
    // Cut off, at a chunk's end too, or grown: not whole by its length.
    for length in [0, 20, 40, 40 + chunk, 40 + 2 * chunk, whole.len() - 1] {
        fs::write(&file, &whole[..length]).expect("writes");
        assert_eq!(store.has(&blob), Ok(false), "{length}");
        assert!(
            is_damaged(store.copy_to(&blob, &mut Vec::new()), &blob),
            "{length}"
        );
    }
    fs::write(&file, [whole.as_slice(), b"x"].concat()).expect("writes");
    assert!(is_damaged(store.copy_to(&blob, &mut Vec::new()), &blob));
    assert_eq!(store.put(&content), Ok(blob));
    assert_eq!(store.get(&blob), Ok(Some(content)));
}

struct Breaking {
    left: usize,
}

impl Read for Breaking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return Err(io::Error::from_raw_os_error(28));
        }
        let length = buffer.len().min(self.left);
        buffer[..length].fill(1);
        self.left -= length;
        Ok(length)
    }
}

#[test]
fn a_put_that_fails_leaves_nothing() {
    let folder = folder();
    let store = open(folder.path());
    assert_eq!(
        store.put_from(&mut Breaking { left: 3 * MIB }),
        Err(StoreError::Full)
    );
    assert_eq!(files(folder.path()), Vec::<PathBuf>::new());
}
