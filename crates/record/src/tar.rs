//! The canonical tar of the archive package: one set of files has exactly one encoding.
//!
//! POSIX ustar with fixed headers, ordered by name, two zero blocks at the end and not one more. Reading =
//! parsing, encoding again and comparing byte for byte, so there is no room for slack.
//! `docs/formats/record.md` 3.

use std::collections::BTreeMap;

const BLOCK: usize = 512;
/// Greatest size of one file: what eleven octal digits hold.
const MAX_FILE: u64 = 0o77_777_777_777;

/// Why a tar can't be written or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TarError {
    /// A name outside the rule: 1 to 100 bytes of `[A-Za-z0-9._/-]`, relative, no empty, `.` or `..` part.
    #[error("file name {0:?} is not allowed")]
    Name(String),
    /// A file whose name is a directory of another file.
    #[error("{0:?} is a file and a directory")]
    FileIsDirectory(String),
    /// A file too large for the size field.
    #[error("{name:?} has {size} bytes, more than a ustar header holds")]
    FileTooLarge {
        /// Name of the file.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// The bytes end before the tar does.
    #[error("truncated at byte {offset}")]
    Truncated {
        /// Where the bytes end.
        offset: usize,
    },
    /// Readable or not: these are not the bytes the encoder makes.
    #[error("not canonical at byte {offset}: {what}")]
    NotCanonical {
        /// The first byte, or the block, that differs.
        offset: usize,
        /// What differs.
        what: &'static str,
    },
    /// More content than the reader allows.
    #[error("more than {limit} bytes of content")]
    TotalTooLarge {
        /// The limit given.
        limit: u64,
    },
    /// More files than the reader allows.
    #[error("more than {limit} files")]
    TooManyFiles {
        /// The limit given.
        limit: usize,
    },
}

/// Encodes `files` (name to content). The order of the map, by bytes of the name, is the order of the tar.
pub fn encode(files: &BTreeMap<String, Vec<u8>>) -> Result<Vec<u8>, TarError> {
    check_names(files)?;
    let padded: usize = files
        .values()
        .map(|content| BLOCK + content.len().next_multiple_of(BLOCK))
        .sum();
    let mut out = Vec::with_capacity(padded + 2 * BLOCK);
    for (name, content) in files {
        out.extend_from_slice(&header(name, content.len() as u64)?);
        out.extend_from_slice(content);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    Ok(out)
}

/// Decodes a canonical tar holding at most `max_total` bytes of content in at most `max_files` files.
///
/// [`TarError::Truncated`] says that bytes are missing at the end; [`TarError::NotCanonical`] that something
/// differs from what [`encode`] writes.
pub fn decode(bytes: &[u8], max_total: u64, max_files: usize) -> Result<BTreeMap<String, Vec<u8>>, TarError> {
    let files = parse(bytes, max_total, max_files)?;
    let again = encode(&files)?;
    match again.iter().zip(bytes).position(|(ours, theirs)| ours != theirs) {
        Some(offset) => Err(TarError::NotCanonical {
            offset,
            what: "differs from the canonical encoding",
        }),
        None if again.len() != bytes.len() => Err(TarError::NotCanonical {
            offset: again.len().min(bytes.len()),
            what: "bytes after the end",
        }),
        None => Ok(files),
    }
}

fn parse(bytes: &[u8], max_total: u64, max_files: usize) -> Result<BTreeMap<String, Vec<u8>>, TarError> {
    let truncated = TarError::Truncated { offset: bytes.len() };
    let mut files = BTreeMap::new();
    let mut offset = 0;
    let mut total = 0_u64;
    loop {
        let block = bytes
            .get(offset..offset + BLOCK)
            .ok_or_else(|| truncated.clone())?;
        if block.iter().all(|byte| *byte == 0) {
            // The second zero block; what follows it is found by the comparison.
            return bytes
                .get(offset + BLOCK..offset + 2 * BLOCK)
                .map(|_| files)
                .ok_or(truncated);
        }
        let (name, size) = parse_header(block, offset)?;
        total = total.saturating_add(size);
        if total > max_total {
            return Err(TarError::TotalTooLarge { limit: max_total });
        }
        let length = usize::try_from(size).map_err(|_| TarError::TotalTooLarge { limit: max_total })?;
        let content_at = offset + BLOCK;
        let next = content_at.saturating_add(length.next_multiple_of(BLOCK));
        if next > bytes.len() {
            return Err(truncated);
        }
        if files
            .insert(name, bytes[content_at..content_at + length].to_vec())
            .is_some()
        {
            return Err(TarError::NotCanonical {
                offset,
                what: "name occurs twice",
            });
        }
        if files.len() > max_files {
            return Err(TarError::TooManyFiles { limit: max_files });
        }
        offset = next;
    }
}

/// Reads name and size only; every other field is judged by the comparison with the canonical header.
fn parse_header(block: &[u8], offset: usize) -> Result<(String, u64), TarError> {
    let name_field = &block[..100];
    let name_end = name_field
        .iter()
        .position(|byte| *byte == 0)
        .unwrap_or(name_field.len());
    let name = std::str::from_utf8(&name_field[..name_end])
        .ok()
        .filter(|name| is_name(name))
        .ok_or(TarError::NotCanonical {
            offset,
            what: "file name",
        })?;
    let digits = &block[124..135];
    let size = digits.iter().try_fold(0_u64, |size, digit| match digit {
        b'0'..=b'7' => Some(size * 8 + u64::from(digit - b'0')),
        _ => None,
    });
    let size = size.ok_or(TarError::NotCanonical {
        offset: offset + 124,
        what: "size field",
    })?;
    Ok((name.to_owned(), size))
}

fn is_name(name: &str) -> bool {
    let characters = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._/-".contains(&byte));
    name.len() <= 100 && characters && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn check_names(files: &BTreeMap<String, Vec<u8>>) -> Result<(), TarError> {
    for name in files.keys() {
        if !is_name(name) {
            return Err(TarError::Name(name.clone()));
        }
        for (at, _) in name.match_indices('/') {
            if files.contains_key(&name[..at]) {
                return Err(TarError::FileIsDirectory(name[..at].to_owned()));
            }
        }
    }
    Ok(())
}

fn header(name: &str, size: u64) -> Result<[u8; BLOCK], TarError> {
    if size > MAX_FILE {
        return Err(TarError::FileTooLarge {
            name: name.to_owned(),
            size,
        });
    }
    let mut block = [0; BLOCK];
    let mut put = |at: usize, field: &[u8]| block[at..at + field.len()].copy_from_slice(field);
    put(0, name.as_bytes());
    put(100, b"0000644\0"); // mode
    put(108, b"0000000\0"); // uid
    put(116, b"0000000\0"); // gid
    put(124, format!("{size:011o}\0").as_bytes());
    put(136, b"00000000000\0"); // mtime
    put(148, b"        "); // checksum, counted as spaces
    put(156, b"0"); // regular file
    put(257, b"ustar\x0000");
    put(329, b"0000000\0"); // device major
    put(337, b"0000000\0"); // device minor
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    Ok(block)
}
