//! The container of a bid's part: a header that commits to the key, then chunks of 64 KiB under
//! AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015).

use std::io::{self, Read, Write};

use hkdf::Hkdf;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{FileKey, MAX_PART_NAME, PartId};
use crate::bytes::{Reader, sha256};
use crate::hpke::TAG;
use crate::{Random, Suite};

/// Plaintext bytes of every chunk but the last.
pub const CHUNK: usize = 64 * 1024;

const MAGIC: &[u8; 16] = b"CONCLAVE-BID-v1\0";
const STREAM: &[u8] = b"conclave/bid/stream/v1";
const COMMIT: &[u8] = b"conclave/bid/commit/v1";
/// Header bytes before the part's name.
const FIXED: usize = 16 + 1 + 16 + 16 + 4;

/// The header of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartHeader {
    /// Where the container belongs.
    pub id: PartId,
    /// The salt of the key derivation.
    pub salt: [u8; 32],
    /// The commitment to the file key.
    pub key_commitment: [u8; 32],
}

/// Why a container does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartFault {
    /// The header is not one of the format.
    #[error("not a sealed part of a bid")]
    Header,
    /// The container is another part, of another submission or record.
    #[error("the container belongs to another part")]
    Place,
    /// The key is not the one committed to.
    #[error("the key is not that of the container")]
    Key,
    /// A chunk was changed, moved, cut off or added.
    #[error("chunk {0} does not open")]
    Chunk(u32),
    /// More chunks than the counter has room for (256 TiB).
    #[error("the part is too long")]
    TooLong,
}

/// Why a stream was not sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The container is bad.
    #[error(transparent)]
    Part(#[from] PartFault),
}

impl PartHeader {
    /// The header of a new container.
    fn new(id: &PartId, key: &FileKey, random: &mut dyn Random) -> Result<Self, PartFault> {
        if id.part.len() > MAX_PART_NAME {
            return Err(PartFault::Header);
        }
        let mut salt = [0; 32];
        random.fill(&mut salt);
        Ok(PartHeader {
            id: id.clone(),
            salt,
            key_commitment: key_commitment(key, &salt),
        })
    }

    /// The header's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        out.extend_from_slice(&self.id.encode());
        out.extend_from_slice(&self.salt);
        out.extend_from_slice(&self.key_commitment);
        out
    }

    /// Reads the header a stream begins with, and no byte more.
    ///
    /// # Errors
    /// [`StreamError`]; [`PartFault::Header`] also when the stream ends in it.
    pub fn read(reader: &mut dyn Read) -> Result<Self, StreamError> {
        let mut bytes = read_up_to(reader, FIXED)?;
        let name = name_length(&bytes).ok_or(PartFault::Header)?;
        bytes.extend(read_up_to(reader, name + 64)?);
        Ok(Self::decode(&bytes).ok_or(PartFault::Header)?)
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes.get(MAGIC.len() + 1..)?);
        let header = PartHeader {
            id: PartId {
                origin: reader.array()?,
                submission: reader.array()?,
                part: String::from_utf8(reader.lp()?.to_vec()).ok()?,
            },
            salt: reader.array()?,
            key_commitment: reader.array()?,
        };
        reader.rest().is_empty().then_some(header)
    }

    /// Whether `key` is the file key committed to.
    pub fn commits_to(&self, key: &FileKey) -> bool {
        self.key_commitment == key_commitment(key, &self.salt)
    }
}

/// Checks magic, suite and length of the fixed beginning; the name's length.
fn name_length(fixed: &[u8]) -> Option<usize> {
    let mut reader = Reader::new(fixed);
    let known = reader.array::<16>()? == *MAGIC && Suite::from_byte(reader.u8()?).is_some();
    reader.take(32)?;
    let name = usize::try_from(reader.u32()?).ok()?;
    (known && name <= MAX_PART_NAME).then_some(name)
}

/// Seals a part in memory.
///
/// # Errors
/// [`PartFault::Header`] when the part's name is too long.
pub fn seal_part(
    id: &PartId,
    key: &FileKey,
    plaintext: &[u8],
    random: &mut dyn Random,
) -> Result<Vec<u8>, PartFault> {
    let mut out = Vec::with_capacity(plaintext.len() + plaintext.len() / CHUNK * TAG + 512);
    seal_part_stream(id, key, &mut &*plaintext, &mut out, random).map_err(in_memory)?;
    Ok(out)
}

/// Seals a part from a reader to a writer.
///
/// # Errors
/// [`StreamError`].
pub fn seal_part_stream(
    id: &PartId,
    key: &FileKey,
    plaintext: &mut dyn Read,
    container: &mut dyn Write,
    random: &mut dyn Random,
) -> Result<(), StreamError> {
    let header = PartHeader::new(id, key, random)?;
    let encoded = header.encode();
    container.write_all(&encoded)?;
    let mut chunks = Chunks::new(key, &header.salt, &encoded);
    let mut current = read_up_to(plaintext, CHUNK)?;
    loop {
        let next = read_up_to(plaintext, CHUNK)?;
        let last = next.is_empty();
        chunks.seal(&mut current, last)?;
        container.write_all(&current)?;
        if last {
            return Ok(());
        }
        current = next;
    }
}

/// Opens a part in memory.
///
/// # Errors
/// [`PartFault`].
pub fn open_part(key: &FileKey, container: &[u8], expected: &PartId) -> Result<Vec<u8>, PartFault> {
    let mut out = Vec::with_capacity(container.len());
    open_part_stream(key, &mut &*container, expected, &mut out).map_err(in_memory)?;
    Ok(out)
}

/// Opens a part from a reader to a writer. What was written before an error is a true beginning
/// of the part, but only `Ok` says that it is the whole.
///
/// # Errors
/// [`StreamError`].
pub fn open_part_stream(
    key: &FileKey,
    container: &mut dyn Read,
    expected: &PartId,
    plaintext: &mut dyn Write,
) -> Result<(), StreamError> {
    let header = PartHeader::read(container)?;
    if header.id != *expected {
        return Err(PartFault::Place.into());
    }
    if !header.commits_to(key) {
        return Err(PartFault::Key.into());
    }
    let mut chunks = Chunks::new(key, &header.salt, &header.encode());
    let mut current = read_up_to(container, CHUNK + TAG)?;
    loop {
        let next = read_up_to(container, CHUNK + TAG)?;
        let last = next.is_empty();
        plaintext.write_all(chunks.open(&mut current, last)?)?;
        if last {
            return Ok(());
        }
        current = next;
    }
}

/// The state of the STREAM construction: nonce = 7 derived bytes ‖ counter u32 ‖ last u8.
struct Chunks {
    key: LessSafeKey,
    prefix: [u8; 7],
    aad: [u8; 32],
    counter: Option<u32>,
}

impl Chunks {
    fn new(key: &FileKey, salt: &[u8; 32], header: &[u8]) -> Self {
        let mut okm = Zeroizing::new([0; 39]);
        expand(key, salt, STREAM, &mut okm[..]);
        let (stream_key, prefix) = okm.split_at(32);
        let stream_key = UnboundKey::new(&AES_256_GCM, stream_key).expect("32 bytes");
        Chunks {
            key: LessSafeKey::new(stream_key),
            prefix: prefix.try_into().expect("7 bytes"),
            aad: sha256(&[header]),
            counter: Some(0),
        }
    }

    fn seal(&mut self, chunk: &mut Vec<u8>, last: bool) -> Result<(), PartFault> {
        let (_, nonce) = self.next(last)?;
        self.key
            .seal_in_place_append_tag(nonce, Aad::from(self.aad), chunk)
            .expect("a chunk is below the limit of AES-GCM");
        Ok(())
    }

    fn open<'a>(&mut self, chunk: &'a mut [u8], last: bool) -> Result<&'a [u8], PartFault> {
        let (index, nonce) = self.next(last)?;
        // Only an empty part has an empty chunk: a part has one container form.
        if index > 0 && chunk.len() <= TAG {
            return Err(PartFault::Chunk(index));
        }
        let opened = self.key.open_in_place(nonce, Aad::from(self.aad), chunk);
        Ok(opened.map_err(|_| PartFault::Chunk(index))?)
    }

    fn next(&mut self, last: bool) -> Result<(u32, Nonce), PartFault> {
        let index = self.counter.ok_or(PartFault::TooLong)?;
        self.counter = index.checked_add(1);
        let mut nonce = [0; 12];
        nonce[..7].copy_from_slice(&self.prefix);
        nonce[7..11].copy_from_slice(&index.to_be_bytes());
        nonce[11] = u8::from(last);
        Ok((index, Nonce::assume_unique_for_key(nonce)))
    }
}

fn key_commitment(key: &FileKey, salt: &[u8; 32]) -> [u8; 32] {
    let mut out = [0; 32];
    expand(key, salt, COMMIT, &mut out);
    out
}

fn expand(key: &FileKey, salt: &[u8; 32], info: &[u8], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), key.expose())
        .expand(info, out)
        .expect("at most 39 bytes");
}

/// Reads until `count` bytes are there or the reader ends.
fn read_up_to(reader: &mut dyn Read, count: usize) -> io::Result<Vec<u8>> {
    // Room for the tag, so that sealing in place does not move (and leave behind) the plaintext.
    let mut out = Vec::with_capacity(count + TAG);
    reader.take(count as u64).read_to_end(&mut out)?;
    Ok(out)
}

fn in_memory(error: StreamError) -> PartFault {
    match error {
        StreamError::Part(fault) => fault,
        StreamError::Io(error) => unreachable!("slices and vectors don't fail: {error}"),
    }
}
