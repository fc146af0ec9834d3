//! Records, their acts, feed, blobs and archive; health and metrics.

use super::{blocking, digest, origin, submit};
use crate::answers::{Answer, Failure};
use crate::bodies;
use crate::gate::{Caller, certified};
use crate::live::{FeedSource, Opening};
use crate::server::App;
use audit::package::Profile;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use centre::CentreError;
use protocol::{
    Acknowledged, Connections, ErrorCode, Feed, HeldBlobs, MissingBlobs, RecordLine, ReplacementAsk,
    ReplacementTaken, Replacements, RestoreState, ReturnedLeaves, StoredBlob,
};
use record::PublicKey;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

type Application = State<Arc<App>>;

/// The answer of `health`.
#[derive(Serialize)]
pub(crate) struct Health {
    /// The store took a write just now.
    writable: bool,
    /// Development mode.
    development: bool,
}

pub(crate) async fn health(State(app): Application) -> Answer<Health> {
    if app.writable().await {
        Ok(Json(Health {
            writable: true,
            development: app.centre.development(),
        }))
    } else {
        Err(Failure::new(ErrorCode::Busy, "the store can't be written"))
    }
}

pub(crate) async fn metrics(State(app): Application) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.metrics.text(),
    )
}

pub(crate) async fn list(
    State(app): Application,
    Extension(caller): Extension<Caller>,
) -> Answer<Vec<RecordLine>> {
    let principal = caller.principal;
    let lines = blocking(&app, move |centre| centre.record_list(&principal)).await?;
    // A key that nothing here knows gets no list, not even an empty one; who is certified may have no record yet.
    if lines.is_empty() && certified(&app, &caller.chain).is_none() {
        return Err(CentreError::Unauthenticated.into());
    }
    Ok(Json(lines))
}

pub(crate) async fn create(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    body: Body,
) -> Answer<Acknowledged> {
    let submission = bodies::json(body, app.limits.json_bytes).await?;
    let answer = blocking(&app, move |centre| {
        centre.record_create(&caller.principal, &submission)
    })
    .await?;
    app.watches.any_grew();
    Ok(Json(answer))
}

pub(crate) async fn setup_blob_put(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(name): Path<String>,
    body: Body,
) -> Answer<StoredBlob> {
    let blob = bodies::blob(body, app.limits.blob_bytes, digest(&name)?, &app.member_blobs).await?;
    let (bytes, _share) = blob.parts();
    blocking(&app, move |centre| {
        centre.setup_blob_put(&caller.principal, &bytes)
    })
    .await
    .map(Json)
}

pub(crate) async fn act_submit(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    body: Body,
) -> Answer<Acknowledged> {
    let submission = bodies::json(body, app.limits.json_bytes).await?;
    submit(&app, origin(&record)?, caller.principal, submission)
        .await
        .map(Json)
}

/// Where a feed goes on.
#[derive(Deserialize)]
pub(crate) struct From {
    #[serde(default)]
    cursor: String,
}

pub(crate) async fn feed(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    Query(from): Query<From>,
) -> Answer<Feed> {
    let origin = origin(&record)?;
    blocking(&app, move |centre| {
        centre.feed(&caller.principal, &origin, &from.cursor)
    })
    .await
    .map(Json)
}

pub(crate) async fn live(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    Query(from): Query<From>,
) -> Result<Response, Failure> {
    let origin = origin(&record)?;
    known_in(&app, &caller, origin).await?;
    let opening = Opening {
        centre: app.centre.clone(),
        caller: caller.principal,
        about: Some(origin),
        source: FeedSource::new(origin, from.cursor),
        notices: app.watches.record(origin),
        cadence: app.cadence,
    };
    opening.open(&app.channels).await
}

/// Whether the caller is known in the record: asked before anything large is read or kept for it.
async fn known_in(app: &App, caller: &Caller, origin: record::Origin) -> Result<(), Failure> {
    let principal = caller.principal;
    let lines = blocking(app, move |centre| centre.record_list(&principal)).await?;
    if lines.iter().any(|line| line.origin == origin) {
        Ok(())
    } else {
        Err(CentreError::Unauthenticated.into())
    }
}

pub(crate) async fn blob_put(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path((record, name)): Path<(String, String)>,
    body: Body,
) -> Answer<StoredBlob> {
    let origin = origin(&record)?;
    if let Err(failure) = known_in(&app, &caller, origin).await {
        bodies::drain(body).await;
        return Err(failure);
    }
    let blob = bodies::blob(body, app.limits.blob_bytes, digest(&name)?, &app.member_blobs).await?;
    let (bytes, _share) = blob.parts();
    blocking(&app, move |centre| {
        centre.blob_put(&caller.principal, &origin, &bytes)
    })
    .await
    .map(Json)
}

pub(crate) async fn blob_get(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path((record, name)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let (origin, digest) = (origin(&record)?, digest(&name)?);
    let bytes = blocking(&app, move |centre| {
        centre.blob_get(&caller.principal, &origin, &digest)
    })
    .await?;
    Ok(octets(bytes))
}

pub(crate) async fn presence(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
) -> Answer<Connections> {
    let origin = origin(&record)?;
    let channels = app.channels.clone();
    blocking(&app, move |centre| {
        let of = |key: &PublicKey| channels.presence().of(&origin, key);
        centre.presence(&caller.principal, &origin, &of)
    })
    .await
    .map(Json)
}

pub(crate) async fn replacement_ask(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    body: Body,
) -> Answer<ReplacementTaken> {
    let origin = origin(&record)?;
    let ask: ReplacementAsk = bodies::json(body, app.limits.json_bytes).await?;
    blocking(&app, move |centre| {
        centre.replacement_ask(&caller.principal, &origin, &ask)
    })
    .await
    .map(Json)
}

pub(crate) async fn replacement_list(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
) -> Answer<Replacements> {
    let origin = origin(&record)?;
    blocking(&app, move |centre| {
        centre.replacement_list(&caller.principal, &origin)
    })
    .await
    .map(Json)
}

pub(crate) async fn archive_get(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path((record, profile)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let origin = origin(&record)?;
    let profile = match profile.as_str() {
        "full" => Profile::Full,
        "public" => Profile::Public,
        _ => return Err(Failure::new(ErrorCode::NotFound, "no such profile")),
    };
    let package = blocking(&app, move |centre| {
        centre.archive(&caller.principal, &origin, profile)
    })
    .await?;
    Ok(octets(package))
}

pub(crate) async fn leaves_return(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    body: Body,
) -> Answer<RestoreState> {
    let origin = origin(&record)?;
    let leaves: ReturnedLeaves = bodies::json(body, app.limits.json_bytes).await?;
    let state = blocking(&app, move |centre| {
        centre.leaves_return(&caller.principal, &origin, leaves)
    })
    .await?;
    app.watches.grew(&origin);
    Ok(Json(state))
}

pub(crate) async fn blobs_missing(
    State(app): Application,
    Path(record): Path<String>,
    body: Body,
) -> Answer<MissingBlobs> {
    let origin = origin(&record)?;
    let held: HeldBlobs = bodies::json(body, app.limits.json_bytes).await?;
    blocking(&app, move |centre| centre.blobs_missing(&origin, &held))
        .await
        .map(Json)
}

pub(crate) async fn blob_return(
    State(app): Application,
    Path((record, name)): Path<(String, String)>,
    body: Body,
) -> Answer<StoredBlob> {
    let (origin, digest) = (origin(&record)?, digest(&name)?);
    // Nobody's bytes are read for a blob that nothing lacks.
    if let Err(failure) = blocking(&app, move |centre| centre.blob_lacking(&origin, &digest)).await {
        bodies::drain(body).await;
        return Err(failure);
    }
    let blob = bodies::blob(body, app.limits.blob_bytes, digest, &app.bidder_blobs).await?;
    let (bytes, _share) = blob.parts();
    let answer = blocking(&app, move |centre| centre.blob_return(&origin, &bytes)).await?;
    app.watches.any_grew();
    Ok(Json(answer))
}

fn octets(bytes: Vec<u8>) -> Response {
    ([(CONTENT_TYPE, "application/octet-stream")], bytes).into_response()
}
