//! Rulebooks in files, and the draft that survives a window that is closed.

use crate::error::ClientError;
use protocol::window::{RulebookDraft, RulebookFile, RulebookSaved};
use record::Digest;
use rules::MAX_RULEBOOK_BYTES;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

/// Reads a rulebook's text, whatever stands in it.
///
/// # Errors
/// [`ClientError::File`]; more than a rulebook may have; bytes that are no text.
pub fn open(path: &str) -> Result<RulebookFile, ClientError> {
    let path = Path::new(path.trim());
    let bytes = read(path)?;
    let digest = Digest::of(&bytes).to_string();
    let text = String::from_utf8(bytes);
    let text =
        text.map_err(|_| ClientError::check("文件不是文本（UTF-8）", "the file is no text (UTF-8)"))?;
    Ok(RulebookFile {
        path: path.display().to_string(),
        text,
        digest,
    })
}

fn read(path: &Path) -> Result<Vec<u8>, ClientError> {
    let fault = |why: String| ClientError::File(format!("{}: {why}", path.display()));
    let file = std::fs::File::open(path).map_err(|e| fault(e.to_string()))?;
    let mut bytes = Vec::new();
    file.take(MAX_RULEBOOK_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| fault(e.to_string()))?;
    if bytes.len() > MAX_RULEBOOK_BYTES {
        return Err(fault(format!("longer than {MAX_RULEBOOK_BYTES} bytes")));
    }
    Ok(bytes)
}

/// Writes a text, whole or not at all. A file that stands there already is replaced only if its bytes have the digest
/// `over`, as whoever saves knows it; else nothing is touched and the answer has the digest of what is there.
///
/// # Errors
/// [`ClientError::File`]; a text longer than a rulebook may be.
pub fn save(path: &str, text: &str, over: Option<&str>) -> Result<RulebookSaved, ClientError> {
    if text.len() > MAX_RULEBOOK_BYTES {
        return Err(ClientError::check("评标办法过长", "the rulebook is too long"));
    }
    let mut path = PathBuf::from(path.trim());
    if path.extension().is_none() {
        path.set_extension("json");
    }
    let fault = |error: std::io::Error| ClientError::File(format!("{}: {error}", path.display()));
    let digest = Digest::of(text.as_bytes()).to_string();
    let answer = |written: bool, digest: String| RulebookSaved {
        path: path.display().to_string(),
        written,
        digest,
    };
    let stands = match std::fs::symlink_metadata(&path) {
        Ok(_) => Some(Digest::of(&read(&path)?).to_string()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(fault(error)),
    };
    match &stands {
        Some(there) if *there == digest => return Ok(answer(true, digest)),
        Some(there) if over != Some(there.as_str()) => return Ok(answer(false, there.clone())),
        _ => {}
    }
    let part = beside(&path);
    write_whole(&part, text).map_err(fault)?;
    let placed = match stands {
        Some(_) => std::fs::rename(&part, &path),
        // A link fails where the name was taken meanwhile; a rename would overwrite.
        None => std::fs::hard_link(&part, &path).and_then(|()| std::fs::remove_file(&part)),
    };
    if let Err(error) = placed {
        let _ = std::fs::remove_file(&part);
        if error.kind() == std::io::ErrorKind::AlreadyExists {
            return Ok(answer(false, Digest::of(&read(&path)?).to_string()));
        }
        return Err(fault(error));
    }
    if let Some(folder) = path.parent().and_then(|folder| std::fs::File::open(folder).ok()) {
        folder.sync_all().map_err(fault)?;
    }
    Ok(answer(true, digest))
}

/// A name beside a file for what is not whole yet.
fn beside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".part");
    path.with_file_name(name)
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn draft_path(workplace: &Path) -> PathBuf {
    workplace.join("drafts").join("rulebook.json")
}

/// What was written and not saved when the window was last closed.
///
/// # Errors
/// None: a draft that can't be read is none.
pub fn draft(workplace: &Path) -> Result<Option<RulebookDraft>, ClientError> {
    let bytes = std::fs::read(draft_path(workplace)).ok();
    Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Keeps what is not saved, whole or not at all; `None` once everything is.
///
/// # Errors
/// [`ClientError::File`].
pub fn keep_draft(workplace: &Path, draft: Option<&RulebookDraft>) -> Result<(), ClientError> {
    let path = draft_path(workplace);
    let fault = |error: std::io::Error| ClientError::File(format!("{}: {error}", path.display()));
    let Some(draft) = draft else {
        return match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(fault(error)),
            _ => Ok(()),
        };
    };
    let text = serde_json::to_string(draft).map_err(|e| ClientError::Format(e.to_string()))?;
    std::fs::create_dir_all(workplace.join("drafts")).map_err(fault)?;
    let part = beside(&path);
    write_whole(&part, &text).map_err(fault)?;
    std::fs::rename(&part, &path).map_err(fault)
}
