//! The register (中心登记簿): creation and first leaf of every record, closing heads. Same format, the centre's
//! own acts; archives hold its inclusion proof, so that a shadow evaluation can't be swapped in (protocol 2).

use crate::centre::{Centre, lock};
use crate::error::CentreError;
use crate::keys::CentreKeys;
use crate::record_core::RecordCore;
use protocol::RegisterProof;
use record::{Digest, Millis, Origin, PublicKey, VerifiedAct};
use sealing::Random;
use serde::{Deserialize, Serialize};

/// Payload of `register.created`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CreatedLine {
    /// The register's own record id.
    pub(crate) origin: Origin,
    /// Verifier key of its checkpoints.
    pub(crate) log_key: String,
    /// Key of its acts.
    pub(crate) act_key: PublicKey,
}

/// Payload of `register.record_created`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordCreatedLine {
    pub(crate) origin: Origin,
    pub(crate) first_leaf: Digest,
}

/// Payload of `register.record_closed`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RecordClosedLine {
    pub(crate) origin: Origin,
    pub(crate) size: u64,
    pub(crate) root: Digest,
}

/// The register's own record id: derived from the centre's log key, so that there is exactly one.
pub(crate) fn origin(keys: &CentreKeys) -> Origin {
    let digest = Digest::tagged("conclave/register/v1", &[keys.log_verifier.key()]);
    let mut id = [0; 16];
    id.copy_from_slice(&digest.0[..16]);
    Origin(id)
}

impl RecordCore {
    /// An act of the register.
    pub(crate) fn register_act<T: Serialize>(
        &self,
        kind: &str,
        payload: &T,
        now: Millis,
        random: &mut dyn Random,
    ) -> Result<VerifiedAct, CentreError> {
        self.centre_act(kind, "", payload, now, random)
    }

    /// Entries about a record with their inclusion in the newest checkpoint.
    pub(crate) fn register_proof(&self, about: &Origin) -> Result<RegisterProof, CentreError> {
        let note = self
            .newest_note()
            .ok_or(CentreError::NotFound("register checkpoint"))?;
        let size = note.checkpoint().size;
        let mut entries = Vec::new();
        for entry in &self.entries {
            let body = entry
                .disclosed
                .as_ref()
                .and_then(|d| record::Body::parse(&d.body).ok());
            let named = body.and_then(|b| b.core.payload.get("origin")?.as_str().map(str::to_owned));
            if named.as_deref() == Some(&about.to_string()) {
                let proof = self.state.tree().inclusion(entry.index, size);
                entries.push((
                    entry.clone(),
                    proof.map_err(|e| CentreError::Internal(e.to_string()))?,
                ));
            }
        }
        Ok(RegisterProof {
            entries,
            note: note.format(),
            act: None,
        })
    }

    /// Whether the register notes this record's creation.
    pub(crate) fn register_knows(&self, kind: &str, about: &Origin) -> bool {
        self.entries.iter().any(|entry| {
            let body = entry
                .disclosed
                .as_ref()
                .and_then(|d| record::Body::parse(&d.body).ok());
            body.is_some_and(|b| {
                b.core.kind == kind
                    && b.core.payload.get("origin").and_then(|o| o.as_str()) == Some(&about.to_string())
            })
        })
    }
}

impl Centre {
    /// Notes in the register whatever it does not note yet. Runs after creation and archiving, and at start-up: a
    /// crash in between is healed here.
    pub(crate) fn settle_register(&self) -> Result<(), CentreError> {
        for origin in self.open_origins() {
            let core = self.core(&origin)?;
            let (first, closed) = {
                let core = lock(&core);
                let head = (core.state.size(), core.state.root());
                (
                    core.entries.first().map(record::Entry::leaf_hash),
                    core.state.archived().map(|_| head),
                )
            };
            let Some(first_leaf) = first else { continue };
            self.register_once(
                "register.record_created",
                origin,
                &RecordCreatedLine { origin, first_leaf },
            )?;
            if let Some((size, root)) = closed {
                self.register_once(
                    "register.record_closed",
                    origin,
                    &RecordClosedLine { origin, size, root },
                )?;
            }
        }
        Ok(())
    }

    pub(crate) fn register_once<T: serde::Serialize>(
        &self,
        kind: &str,
        about: Origin,
        payload: &T,
    ) -> Result<(), CentreError> {
        let now = self.now();
        let mut register = lock(&self.register);
        if register.register_knows(kind, &about) {
            return Ok(());
        }
        self.with_random(|random| {
            let act = register.register_act(kind, payload, now, random)?;
            register
                .commit(vec![act], now, random)
                .pop()
                .unwrap_or(Err(CentreError::Internal("no answer".to_owned())))
        })
        .map(drop)
    }
}
