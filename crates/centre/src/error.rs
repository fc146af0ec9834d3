//! Errors of the centre, each with its code on the wire.

use evaluation::Refusal;
use protocol::{ErrorBody, ErrorCode};
use storage::StoreError;

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CentreError {
    /// No certificate, or a key that nothing here knows.
    #[error("the caller is not known")]
    Unauthenticated,
    /// Known, but not allowed this.
    #[error("not allowed: {0}")]
    Forbidden(&'static str),
    /// No such record, blob or submission.
    #[error("not found: {0}")]
    NotFound(&'static str),
    /// Not well formed or too large.
    #[error("bad request: {0}")]
    BadRequest(String),
    /// The evaluation refused.
    #[error("refused: {0}")]
    Refused(#[from] Refusal),
    /// The queue or the disk is full.
    #[error("busy: {0}")]
    Busy(&'static str),
    /// A bound on what callers may bring is reached.
    #[error("quota: {0}")]
    Quota(&'static str),
    /// Cosignatures are missing, or the record is read-only until it is rebuilt.
    #[error("waiting: {0}")]
    Waiting(&'static str),
    /// The store failed.
    #[error("store: {0}")]
    Store(#[from] StoreError),
    /// A fault of our own.
    #[error("internal: {0}")]
    Internal(String),
}

impl CentreError {
    /// The answer on the wire. Details of store and internal faults stay in the log.
    pub fn body(&self) -> ErrorBody {
        let (error, refusal, detail) = match self {
            CentreError::Unauthenticated => (ErrorCode::Unauthenticated, None, self.to_string()),
            CentreError::Forbidden(_) => (ErrorCode::Forbidden, None, self.to_string()),
            CentreError::NotFound(_) => (ErrorCode::NotFound, None, self.to_string()),
            CentreError::BadRequest(_) => (ErrorCode::BadRequest, None, self.to_string()),
            CentreError::Refused(refusal) => (
                ErrorCode::Refused,
                Some(refusal.code.as_str().to_owned()),
                refusal.detail.clone(),
            ),
            CentreError::Busy(_) => (ErrorCode::Busy, None, self.to_string()),
            CentreError::Quota(_) => (ErrorCode::Quota, None, self.to_string()),
            CentreError::Waiting(_) => (ErrorCode::Waiting, None, self.to_string()),
            CentreError::Store(StoreError::Full) => (ErrorCode::Busy, None, "the store is full".to_owned()),
            CentreError::Store(_) | CentreError::Internal(_) => {
                (ErrorCode::Internal, None, "see the centre's log".to_owned())
            }
        };
        ErrorBody {
            error,
            refusal,
            detail,
        }
    }
}
