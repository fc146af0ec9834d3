//! `tender.json`: what the tender is, and where the rest is.

use super::{MANIFEST, finding::Findings};
use evaluation::acts::setup::DocumentRef;
use record::{BlobRef, Digest};
use rules::{Regime, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const FORMAT: &str = "conclave.tender/1";
const MAX_ID: usize = 64;
const MAX_DOCUMENTS: usize = 256;

/// The manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tender {
    /// `conclave.tender/1`.
    pub format: String,
    /// Number of the tender with the body that published it, 1 to 64 bytes.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Regime: that of the rulebook.
    pub regime: Regime,
    /// File of the rulebook.
    pub rulebook: String,
    /// The published documents, 1 to 256, in the order in which they are shown.
    pub documents: Vec<DocumentLine>,
    /// File of the policy.
    pub policy: String,
    /// File of the sites.
    pub sites: String,
}

/// One published document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentLine {
    /// File inside the folder.
    pub file: String,
    /// Title.
    pub title: Text,
    /// SHA-256.
    pub digest: Digest,
    /// Length in bytes.
    pub size: u64,
}

impl Tender {
    /// The published documents as `record.created` names them.
    pub fn named(&self) -> Vec<DocumentRef> {
        let named = |line: &DocumentLine| DocumentRef {
            file: line.file.clone(),
            blob: BlobRef {
                digest: line.digest,
                size: line.size,
            },
        };
        self.documents.iter().map(named).collect()
    }

    pub(super) fn check(&self, found: &mut Findings) {
        if self.format != FORMAT {
            found.error(
                MANIFEST,
                "format",
                format!("格式号不是 {FORMAT}：本软件读不了别的版本。"),
                format!("is not {FORMAT}: this software reads no other version."),
            );
        }
        if self.id.trim().is_empty() || self.id.len() > MAX_ID {
            found.error(
                MANIFEST,
                "id",
                format!("项目编号须为 1 至 {MAX_ID} 字节。"),
                format!("the number of the tender has 1 to {MAX_ID} bytes."),
            );
        }
        titled(&self.title, "title", found);
        if self.documents.is_empty() || self.documents.len() > MAX_DOCUMENTS {
            found.error(
                MANIFEST,
                "documents",
                format!("招标文件须有 1 至 {MAX_DOCUMENTS} 份。"),
                format!("a tender has 1 to {MAX_DOCUMENTS} documents."),
            );
        }
        let mut files = BTreeSet::new();
        for (place, document) in self.documents.iter().enumerate() {
            titled(&document.title, &format!("documents[{place}].title"), found);
            if !files.insert(&document.file) {
                found.error(
                    MANIFEST,
                    format!("documents[{place}].file"),
                    "同一文件列了两次：删去一处。",
                    "is named twice: leave one.",
                );
            }
        }
    }
}

fn titled(title: &Text, at: &str, found: &mut Findings) {
    if title.zh.trim().is_empty() || title.en.trim().is_empty() {
        found.error(
            MANIFEST,
            at,
            "中文、英文标题都要有。",
            "needs a Chinese and an English title.",
        );
    }
}
