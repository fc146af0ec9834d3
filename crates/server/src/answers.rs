//! Answers: JSON of the protocol, or its error body with the status of its code.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use centre::CentreError;
use protocol::{ErrorBody, ErrorCode};

/// What a command answers.
pub(crate) type Answer<T> = Result<Json<T>, Failure>;

/// A failed command: the body and its status.
#[derive(Debug)]
pub(crate) struct Failure {
    status: StatusCode,
    body: ErrorBody,
}

/// What the log and the metrics say of a failed command; rides in the response's extensions.
#[derive(Clone, Debug)]
pub(crate) struct Failed {
    pub(crate) code: ErrorCode,
    pub(crate) refusal: Option<String>,
}

impl Failure {
    pub(crate) fn new(error: ErrorCode, detail: &str) -> Self {
        Self {
            status: StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            body: ErrorBody {
                error,
                refusal: None,
                detail: detail.to_owned(),
            },
        }
    }

    pub(crate) fn too_large() -> Self {
        Self {
            status: StatusCode::PAYLOAD_TOO_LARGE,
            ..Self::new(ErrorCode::BadRequest, "the body is too large")
        }
    }

    pub(crate) fn internal() -> Self {
        Self::new(ErrorCode::Internal, "see the centre's log")
    }
}

impl From<CentreError> for Failure {
    fn from(error: CentreError) -> Self {
        let body = error.body();
        if body.error == ErrorCode::Internal || matches!(error, CentreError::Store(_)) {
            tracing::error!(%error, "the centre failed");
        }
        let mut failure = Self::new(body.error, "");
        failure.body = body;
        failure
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let failed = Failed {
            code: self.body.error,
            refusal: self.body.refusal.clone(),
        };
        let mut response = (self.status, Json(self.body)).into_response();
        response.extensions_mut().insert(failed);
        response
    }
}

/// The answer to whatever the table does not name.
pub(crate) fn no_such_command() -> Failure {
    Failure::new(ErrorCode::NotFound, "no such command")
}
