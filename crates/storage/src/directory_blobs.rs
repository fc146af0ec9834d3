//! Blobs as files of one folder, encrypted.
//!
//! A file is `magic (8) ‖ salt (32) ‖ chunks`; a chunk is up to 1 MiB of AES-256-GCM ciphertext and its tag, under a
//! key of its own file (HKDF over the salt), with the nonce `counter ‖ last` of the STREAM construction: a chunk moved,
//! dropped or cut off does not open. The file's name is a MAC of digest and size, so the folder tells neither.
//! A blob is written under `partial/`, synced, renamed, and the folder synced, in this order.

use std::fs::{self, File};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};

use record::{BlobRef, Digest};
use ring::aead::{Aad, LessSafeKey, MAX_TAG_LEN, NONCE_LEN, Nonce};
use ring::{digest, hmac};

use crate::at_rest::{Sealer, StoreId, aead_key};
use crate::blob_store::{BlobStore, MAX_BLOB, damaged, too_large};
use crate::files::{create_new, remove_if_there, sync_folder, write_new};
use crate::{AtRestKey, StoreError, faultpoint};

const MAGIC: &[u8; 8] = b"CnclvBb1";
const SALT_LEN: usize = 32;
const HEADER_LEN: usize = MAGIC.len() + SALT_LEN;
const CHUNK: usize = 1024 * 1024;
const TAG_LEN: usize = MAX_TAG_LEN;

/// Blobs in a folder that one process holds at a time.
pub struct DirectoryBlobs {
    folder: PathBuf,
    sealer: Sealer,
    names: hmac::Key,
    /// Held as long as the store is: a second process would sweep our partial files.
    _lock: File,
}

impl DirectoryBlobs {
    /// Opens the folder, or makes it. What an interrupted put left is swept away.
    ///
    /// # Errors
    /// `Busy` if another process has it open; `WrongKey`, `Damaged`, `Full`, `Io`.
    pub fn open(folder: &Path, key: &AtRestKey) -> Result<Self, StoreError> {
        fs::create_dir_all(folder)?;
        let lock = lock(folder)?;
        let sealer = open_sealer(folder, key)?;
        make_folders(folder)?;
        sweep(&folder.join("partial"))?;
        let names = hmac::Key::new(hmac::HMAC_SHA256, &sealer.subkey(&[b"blob name"])?);
        Ok(Self {
            folder: folder.to_path_buf(),
            sealer,
            names,
            _lock: lock,
        })
    }

    fn path(&self, blob: &BlobRef) -> PathBuf {
        let mut context = hmac::Context::with_key(&self.names);
        context.update(&blob.digest.0);
        context.update(&blob.size.to_be_bytes());
        let name = hex::encode(context.sign().as_ref());
        self.folder.join(&name[..2]).join(&name[2..])
    }

    fn file_key(&self, salt: &[u8; SALT_LEN]) -> Result<LessSafeKey, StoreError> {
        aead_key(&self.sealer.subkey(&[b"blob file", salt])?)
    }

    /// Encrypts `source` into `file`, and says what it was.
    fn encrypt(&self, source: &mut dyn Read, file: &mut File) -> Result<BlobRef, StoreError> {
        let mut salt = [0u8; SALT_LEN];
        self.sealer.fill_random(&mut salt)?;
        let key = self.file_key(&salt)?;
        file.write_all(MAGIC)?;
        file.write_all(&salt)?;
        let mut plain = Plain::default();
        let mut chunk = read_chunk(source)?;
        let mut counter = 0;
        loop {
            // Only the next one tells whether this one is the last.
            let next = if chunk.len() == CHUNK {
                read_chunk(source)?
            } else {
                Vec::new()
            };
            let last = next.is_empty();
            plain.add(&chunk)?;
            let tag = key
                .seal_in_place_separate_tag(nonce(counter, last), Aad::empty(), &mut chunk)
                .map_err(|_| StoreError::io("encryption failed"))?;
            file.write_all(&chunk)?;
            file.write_all(tag.as_ref())?;
            if last {
                return Ok(plain.finish());
            }
            counter += 1;
            chunk = next;
        }
    }

    /// Decrypts an open file into `sink`; anything but the blob is `Damaged`.
    fn decrypt(&self, blob: &BlobRef, file: File, sink: &mut dyn Write) -> Result<(), StoreError> {
        if file.metadata()?.len() != stored_len(blob.size) {
            return Err(damaged(blob));
        }
        let mut file = BufReader::with_capacity(64 * 1024, file);
        let mut header = [0u8; HEADER_LEN];
        file.read_exact(&mut header)?;
        let (magic, salt) = header.split_at(MAGIC.len());
        let salt = <&[u8; SALT_LEN]>::try_from(salt).map_err(|_| damaged(blob))?;
        if magic != MAGIC {
            return Err(damaged(blob));
        }
        let key = self.file_key(salt)?;
        let mut plain = Plain::default();
        let chunks = chunks(blob.size);
        let mut buffer = vec![0u8; CHUNK + TAG_LEN];
        for counter in 0..chunks {
            let left = blob.size - plain.size;
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK) + TAG_LEN;
            file.read_exact(&mut buffer[..length])?;
            let opened = key
                .open_in_place(
                    nonce(counter, counter + 1 == chunks),
                    Aad::empty(),
                    &mut buffer[..length],
                )
                .map_err(|_| damaged(blob))?;
            plain.add(opened)?;
            sink.write_all(opened)?;
        }
        if plain.finish() == *blob {
            Ok(())
        } else {
            Err(damaged(blob))
        }
    }

    fn open_file(&self, blob: &BlobRef) -> Result<Option<File>, StoreError> {
        match File::open(self.path(blob)) {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn put_partial(&self, partial: &Path, source: &mut dyn Read) -> Result<BlobRef, StoreError> {
        let mut file = create_new(partial)?;
        let blob = self.encrypt(source, &mut file)?;
        file.sync_all()?;
        let path = self.path(&blob);
        faultpoint::hit("blob.before_rename");
        // Over an older copy: the same blob, and if that copy was damaged it is healed.
        fs::rename(partial, &path)?;
        faultpoint::hit("blob.after_rename");
        sync_folder(path.parent().unwrap_or(&self.folder))?;
        Ok(blob)
    }
}

impl BlobStore for DirectoryBlobs {
    fn put_from(&self, source: &mut dyn Read) -> Result<BlobRef, StoreError> {
        let mut name = [0u8; 16];
        self.sealer.fill_random(&mut name)?;
        let partial = self.folder.join("partial").join(hex::encode(name));
        let done = self.put_partial(&partial, source);
        if done.is_err() {
            // Gives the space back; if even this fails the next open sweeps it.
            let _ = remove_if_there(&partial);
        }
        done
    }

    fn copy_to(&self, blob: &BlobRef, sink: &mut dyn Write) -> Result<bool, StoreError> {
        match self.open_file(blob)? {
            Some(file) => self.decrypt(blob, file, sink).map(|()| true),
            None => Ok(false),
        }
    }

    fn has(&self, blob: &BlobRef) -> Result<bool, StoreError> {
        match self.open_file(blob)? {
            Some(file) => Ok(file.metadata()?.len() == stored_len(blob.size)),
            None => Ok(false),
        }
    }

    fn remove(&self, blob: &BlobRef) -> Result<bool, StoreError> {
        let path = self.path(blob);
        let there = remove_if_there(&path)?;
        sync_folder(path.parent().unwrap_or(&self.folder))?;
        Ok(there)
    }
}

/// Size and digest of what went by.
struct Plain {
    size: u64,
    digest: digest::Context,
}

impl Default for Plain {
    fn default() -> Self {
        Self {
            size: 0,
            digest: digest::Context::new(&digest::SHA256),
        }
    }
}

impl Plain {
    fn add(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.size += bytes.len() as u64;
        if self.size > MAX_BLOB {
            return Err(too_large());
        }
        self.digest.update(bytes);
        Ok(())
    }

    fn finish(self) -> BlobRef {
        let mut bytes = [0u8; 32];
        bytes.copy_from_slice(self.digest.finish().as_ref());
        BlobRef {
            digest: Digest(bytes),
            size: self.size,
        }
    }
}

/// Chunks of a blob; an empty blob has one, empty.
fn chunks(size: u64) -> u64 {
    size.div_ceil(CHUNK as u64).max(1)
}

/// Exact length of the file of a blob of `size` bytes.
fn stored_len(size: u64) -> u64 {
    let tags = chunks(size).saturating_mul(TAG_LEN as u64);
    size.saturating_add(tags).saturating_add(HEADER_LEN as u64)
}

fn nonce(counter: u64, last: bool) -> Nonce {
    let mut bytes = [0u8; NONCE_LEN];
    bytes[..8].copy_from_slice(&counter.to_be_bytes());
    bytes[NONCE_LEN - 1] = u8::from(last);
    Nonce::assume_unique_for_key(bytes)
}

/// A whole chunk, or what is left of the source.
fn read_chunk(source: &mut dyn Read) -> Result<Vec<u8>, StoreError> {
    let mut chunk = Vec::new();
    source.take(CHUNK as u64).read_to_end(&mut chunk)?;
    Ok(chunk)
}

fn lock(folder: &Path) -> Result<File, StoreError> {
    let path = folder.join("lock");
    let file = fs::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StoreError::Busy),
        Err(fs::TryLockError::Error(error)) => Err(error.into()),
    }
}

fn open_sealer(folder: &Path, key: &AtRestKey) -> Result<Sealer, StoreError> {
    let path = folder.join("store");
    if path.try_exists()? {
        let stored =
            StoreId::from_bytes(&fs::read(&path)?).ok_or_else(|| StoreError::damaged("blobs key check"))?;
        return Sealer::open(key, "blobs", &stored);
    }
    if folder.join("partial").try_exists()? {
        // A new id would make every blob of the folder unreachable.
        return Err(StoreError::damaged("blobs key check (missing)"));
    }
    let (sealer, stored) = Sealer::create(key, "blobs")?;
    write_new(&path, &stored.to_bytes())?;
    sync_folder(folder)?;
    Ok(sealer)
}

/// Makes all folders before the first put, so that no put has to make one durable.
fn make_folders(folder: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(folder.join("partial"))?;
    for byte in 0..=u8::MAX {
        match fs::create_dir(folder.join(hex::encode([byte]))) {
            Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => return Err(error.into()),
            _ => {}
        }
    }
    sync_folder(folder)?;
    crate::files::sync_parent(folder)
}

fn sweep(partial: &Path) -> Result<(), StoreError> {
    for entry in fs::read_dir(partial)? {
        remove_if_there(&entry?.path())?;
    }
    sync_folder(partial)
}
