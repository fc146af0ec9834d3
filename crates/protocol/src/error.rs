//! Errors on the wire: a closed list of codes; details stay in the centre's log.

use serde::{Deserialize, Serialize};

/// What went wrong, for branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// No certificate, or one that is not known here. 401.
    Unauthenticated,
    /// Known, but not allowed this. 403.
    Forbidden,
    /// The caller's program is a build that tests drive; a centre outside development mode takes none. 403.
    DrivenBuild,
    /// No such record, blob or submission. 404.
    NotFound,
    /// The body is not well formed or too large. 400 / 413.
    BadRequest,
    /// The evaluation refused the act; `refusal` has its code. 409.
    Refused,
    /// The queue is full, or the store is; try again. 503.
    Busy,
    /// The caller's address, or all strangers together, have brought as much as is taken now; try again later. 429.
    Quota,
    /// Fewer than w cosignatures, or the record is read-only until it is rebuilt. 503.
    Waiting,
    /// A fault of the centre. 500.
    Internal,
}

impl ErrorCode {
    /// HTTP status.
    pub fn status(self) -> u16 {
        match self {
            ErrorCode::Unauthenticated => 401,
            ErrorCode::Forbidden | ErrorCode::DrivenBuild => 403,
            ErrorCode::NotFound => 404,
            ErrorCode::BadRequest => 400,
            ErrorCode::Refused => 409,
            ErrorCode::Quota => 429,
            ErrorCode::Busy | ErrorCode::Waiting => 503,
            ErrorCode::Internal => 500,
        }
    }
}

/// Body of every error answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorBody {
    /// The code.
    pub error: ErrorCode,
    /// Code of the refusal, `C-101` …, when the evaluation refused.
    pub refusal: Option<String>,
    /// One English sentence for logs and tools; people read the text of the code.
    pub detail: String,
}
