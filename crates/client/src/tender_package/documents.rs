//! The files of the folder: inside it, no links, each with the digest and size that the manifest says.

use super::{DocumentLine, MANIFEST, finding::Findings};
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

const MAX_NAME: usize = 100;

/// A name that stays inside the folder: ASCII letters, digits, `._/-`, no part empty, `.` or `..`.
fn inside(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty()
        && name.len() <= MAX_NAME
        && name
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && part.chars().all(plain))
}

/// Opens a plain file of the folder, following no link on the way.
pub(super) fn open(folder: &Path, name: &str, found: &mut Findings) -> Option<File> {
    if !inside(name) {
        found.error(
            MANIFEST,
            "",
            format!("文件名 {name:?} 不可用：只用字母、数字、点、下划线、短横，并留在文件夹之内。"),
            format!(
                "the file name {name:?} can't be used: letters, digits, '.', '_', '-', inside the folder."
            ),
        );
        return None;
    }
    let mut place = PathBuf::from(folder);
    let mut plain = false;
    for part in name.split('/') {
        place.push(part);
        match std::fs::symlink_metadata(&place) {
            Ok(there) if there.is_symlink() => {
                found.error(
                    name,
                    "",
                    "是链接：请放文件本身。",
                    "is a link: put the file itself there.",
                );
                return None;
            }
            Ok(there) => plain = there.is_file(),
            Err(error) => {
                found.unreadable(name, &error);
                return None;
            }
        }
    }
    if !plain {
        found.error(name, "", "不是文件。", "is not a file.");
        return None;
    }
    File::open(&place)
        .map_err(|error| found.unreadable(name, &error))
        .ok()
}

pub(super) fn check(folder: &Path, documents: &[DocumentLine], found: &mut Findings) {
    for document in documents {
        let Some(file) = open(folder, &document.file, found) else {
            continue;
        };
        match measure(file) {
            Err(error) => found.unreadable(&document.file, &error),
            Ok((size, _)) if size != document.size => found.error(
                &document.file,
                "",
                format!(
                    "长度 {size} 字节，清单写的是 {}：文件被换过，或清单没更新。以发布的文件为准。",
                    document.size
                ),
                format!(
                    "has {size} bytes, the manifest says {}: the file or the manifest is an old one. The published file counts.",
                    document.size
                ),
            ),
            Ok((_, digest)) if digest != document.digest.0 => found.error(
                &document.file,
                "",
                "内容与清单中的摘要不符：文件被换过，或清单没更新。以发布的文件为准。",
                "is not the file whose digest the manifest has. The published file counts.",
            ),
            Ok(_) => {}
        }
    }
}

/// Length and SHA-256, read in pieces: a document may be larger than memory.
fn measure(mut file: File) -> std::io::Result<(u64, [u8; 32])> {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    let mut piece = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = file.read(&mut piece)?;
        if read == 0 {
            break;
        }
        size += read as u64;
        context.update(&piece[..read]);
    }
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok((size, digest))
}
