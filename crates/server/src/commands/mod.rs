//! The commands of the table: each reads its parameters, calls the centre on a blocking thread, and answers.

pub(crate) mod bids;
pub(crate) mod records;
pub(crate) mod witnesses;

use crate::answers::Failure;
use crate::server::App;
use centre::{Centre, CentreError, Principal};
use protocol::{Acknowledged, ErrorCode};
use record::{Digest, Origin, Submission, verify_submission};
use std::str::FromStr;

/// Calls the centre on a blocking thread.
pub(crate) async fn blocking<T: Send + 'static>(
    app: &App,
    call: impl FnOnce(&Centre) -> Result<T, CentreError> + Send + 'static,
) -> Result<T, Failure> {
    let centre = app.centre.clone();
    match tokio::task::spawn_blocking(move || call(&centre)).await {
        Ok(answer) => Ok(answer?),
        Err(error) => {
            tracing::error!(%error, "a call of the centre ended badly");
            Err(Failure::internal())
        }
    }
}

/// A path parameter that names something; what is not its form is not there.
fn named<T: FromStr>(text: &str, what: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::new(ErrorCode::NotFound, what))
}

pub(crate) fn origin(text: &str) -> Result<Origin, Failure> {
    named(text, "not found: record")
}

pub(crate) fn digest(text: &str) -> Result<Digest, Failure> {
    text.parse()
        .map_err(|_| Failure::new(ErrorCode::BadRequest, "not a digest"))
}

/// Checks the signature beside others, then queues the act for its record's committer.
pub(crate) async fn submit(
    app: &App,
    origin: Origin,
    caller: Principal,
    submission: Submission,
) -> Result<Acknowledged, Failure> {
    let act = blocking(app, move |_| {
        verify_submission(&submission).map_err(|e| CentreError::BadRequest(e.to_string()))
    })
    .await?;
    Ok(app.queues.submit(origin, caller, act).await?)
}
