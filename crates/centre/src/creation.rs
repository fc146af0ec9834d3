//! How a record begins: rulebook and tender are put, then its clerk's first act creates it.

use crate::centre::Centre;
use crate::error::CentreError;
use crate::principal::Principal;
use evaluation::certificates::verify_chain;
use protocol::{Acknowledged, StoredBlob};
use record::{Submission, VerifiedAct, verify_submission};
use std::sync::{Arc, Mutex, PoisonError};

impl Centre {
    /// Rulebook and tender, before the record exists. The table admits certified clerks alone ([`crate::admitted`]).
    ///
    /// # Errors
    /// Store faults.
    pub fn setup_blob_put(&self, principal: &Principal, bytes: &[u8]) -> Result<StoredBlob, CentreError> {
        let Principal::Key(_) = principal else {
            return Err(CentreError::Unauthenticated);
        };
        Ok(StoredBlob {
            blob: self.blobs.put(bytes)?,
        })
    }

    /// The first act of a new record: its author is certified as a clerk under the centre's anchors.
    ///
    /// # Errors
    /// [`CentreError::Refused`] and others.
    pub fn record_create(
        &self,
        principal: &Principal,
        submission: &Submission,
    ) -> Result<Acknowledged, CentreError> {
        let act = verify_submission(submission).map_err(|e| CentreError::BadRequest(e.to_string()))?;
        let Principal::Key(key) = principal else {
            return Err(CentreError::Unauthenticated);
        };
        if act.core().actor != *key {
            return Err(CentreError::Forbidden("the actor is not the caller"));
        }
        self.accept_first(&act)?;
        let origin = act.core().origin;
        if let Ok(core) = self.core(&origin) {
            return self
                .commit(&core, vec![act])
                .pop()
                .unwrap_or(Err(CentreError::Internal("no answer".to_owned())));
        }
        let core = Arc::new(Mutex::new(self.replayed(&origin)?));
        let answer = self
            .commit(&core, vec![act])
            .pop()
            .unwrap_or(Err(CentreError::Internal("no answer".to_owned())))?;
        self.records
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(origin, core);
        self.settle_register()?;
        Ok(answer)
    }

    fn accept_first(&self, act: &VerifiedAct) -> Result<(), CentreError> {
        let created: evaluation::acts::setup::RecordCreated =
            serde_json::from_value(act.core().payload.clone())
                .map_err(|e| CentreError::BadRequest(e.to_string()))?;
        let chain = evaluation::acts::decode_chain(&created.clerk.certificate)?;
        let trusted = verify_chain(&chain, &self.roots, self.now())?;
        if trusted.subject().is_development() && !self.development() {
            return Err(CentreError::Forbidden(
                "development keys are refused outside development mode",
            ));
        }
        if created.development != self.development() {
            return Err(CentreError::Forbidden(
                "the record does not say what mode the centre runs in",
            ));
        }
        let centre = &created.centre;
        if centre.log_key != self.keys.log_verifier() || centre.act_key != self.keys.act_public() {
            return Err(CentreError::Forbidden("the record names another centre"));
        }
        Ok(())
    }
}
