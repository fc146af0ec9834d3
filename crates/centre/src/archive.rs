//! The archive package of a record (protocol 7).

use crate::blobs::Stored;
use crate::error::CentreError;
use crate::record_core::{RecordCore, custody_key};
use audit::package::{self, PackageParts, Profile, Register, RegisterLine};
use evaluation::{catalogue, personal};
use protocol::RegisterProof;
use record::{Leaf, SignedCheckpoint};
use std::collections::{BTreeMap, BTreeSet};

/// Containers larger than this stay outside the package, named by digest.
const LARGE: u64 = 64 << 20;

impl RecordCore {
    /// Builds the package: every leaf, a cosigned checkpoint over the last one, what was cosigned on the way, the
    /// register's proof, and the blobs.
    pub(crate) fn archive(&self, profile: Profile, register: RegisterProof) -> Result<Vec<u8>, CentreError> {
        let size = self.state.size();
        let note = self.quorum_note().filter(|note| note.checkpoint().size == size);
        let checkpoint = note
            .ok_or(CentreError::Waiting("fewer than w cosignatures on the last act"))?
            .clone();
        let internal = |e: &dyn std::fmt::Display| CentreError::Internal(e.to_string());
        let register = Register {
            checkpoint: SignedCheckpoint::parse(register.note.as_bytes()).map_err(|e| internal(&e))?,
            entries: register
                .entries
                .into_iter()
                .map(|(entry, inclusion)| RegisterLine { entry, inclusion })
                .collect(),
        };
        let external: BTreeSet<_> = self
            .blob_index
            .all()
            .filter(|blob| blob.size > LARGE)
            .map(|blob| blob.digest)
            .collect();
        let parts = PackageParts {
            entries: self.entries.clone(),
            checkpoint,
            history: self.cosigned_history(size)?,
            register,
            custody: self.custody()?,
            blobs: &Stored(&self.blobs),
            external,
        };
        package::build(&parts, profile).map_err(|e| internal(&e))
    }

    /// What is kept for the custodians of each act whose personal signature is not among its openings.
    fn custody(&self) -> Result<BTreeMap<u64, Vec<u8>>, CentreError> {
        let mut kept = BTreeMap::new();
        for entry in &self.entries {
            let Leaf::Header { header, .. } = &entry.leaf else {
                continue;
            };
            let personal = catalogue::find(&header.kind).is_some_and(|line| line.personal);
            if !personal || entry.openings.contains_key(personal::ATTACHMENT) {
                continue;
            }
            if let Some(bytes) = self.store.get_meta(&custody_key(entry.index))? {
                kept.insert(entry.index, bytes);
            }
        }
        Ok(kept)
    }

    /// Every earlier checkpoint that a quorum cosigned, from the store.
    fn cosigned_history(&self, before: u64) -> Result<Vec<SignedCheckpoint>, CentreError> {
        let mut history = Vec::new();
        let mut from = 0;
        loop {
            let page = self.store.checkpoints(from, 512)?;
            let Some(last) = page.last().map(|checkpoint| checkpoint.size) else {
                return Ok(history);
            };
            for stored in page.into_iter().filter(|stored| stored.size < before) {
                let note = self.stored_note(&stored)?;
                if self.has_quorum(&note) {
                    history.push(note);
                }
            }
            from = last + 1;
        }
    }
}
