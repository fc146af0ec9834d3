//! Bidders' commands over server-authenticated TLS, and the clerk's on the lot's keys and parts.

use super::{blocking, digest, named, origin, submit};
use crate::answers::Answer;
use crate::bodies;
use crate::gate::Caller;
use crate::server::App;
use axum::body::{Body, HttpBody as _};
use axum::extract::{Path, State};
use axum::{Extension, Json};
use centre::Principal;
use protocol::{Acknowledged, Bundle, IngestKey, PartKey, Receipt, StageDocument, StoredBlob};
use record::ActId;
use std::sync::Arc;

type Application = State<Arc<App>>;

pub(crate) async fn ingest_key(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    body: Body,
) -> Answer<IngestKey> {
    let origin = origin(&record)?;
    bodies::none(body).await?;
    blocking(&app, move |centre| centre.ingest_key(&caller.principal, &origin))
        .await
        .map(Json)
}

pub(crate) async fn part_decrypt(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path((record, submission, part)): Path<(String, String, String)>,
    body: Body,
) -> Answer<PartKey> {
    let origin = origin(&record)?;
    bodies::none(body).await?;
    blocking(&app, move |centre| {
        centre.part_decrypt(&caller.principal, &origin, &submission, &part)
    })
    .await
    .map(Json)
}

pub(crate) async fn bundle(State(app): Application, Path(record): Path<String>) -> Answer<Bundle> {
    let origin = origin(&record)?;
    blocking(&app, move |centre| centre.bundle(&origin))
        .await
        .map(Json)
}

pub(crate) async fn blob_put(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path((record, name)): Path<(String, String)>,
    body: Body,
) -> Answer<StoredBlob> {
    let origin = origin(&record)?;
    let address = caller.address.ip();
    // What is announced is counted before it is read, what is not announced after.
    let announced = body.size_hint().lower();
    if let Err(failure) = app.upload_quota.take(address, announced, app.centre.now()) {
        bodies::drain(body).await;
        return Err(failure);
    }
    let blob = bodies::blob(body, app.limits.blob_bytes, digest(&name)?, &app.bidder_blobs).await?;
    let more = (blob.bytes.len() as u64).saturating_sub(announced);
    app.upload_quota.take(address, more, app.centre.now())?;
    let (bytes, _share) = blob.parts();
    blocking(&app, move |centre| centre.bid_blob_put(&origin, &bytes))
        .await
        .map(Json)
}

pub(crate) async fn act(
    State(app): Application,
    Path(record): Path<String>,
    body: Body,
) -> Answer<Acknowledged> {
    let submission = bodies::json(body, app.limits.json_bytes).await?;
    // A bidder's act is authorised by its submission key alone, whatever certificate came with the connection.
    submit(&app, origin(&record)?, Principal::Anonymous, submission)
        .await
        .map(Json)
}

pub(crate) async fn receipt(
    State(app): Application,
    Path((record, act)): Path<(String, String)>,
) -> Answer<Receipt> {
    let origin = origin(&record)?;
    let act: ActId = named(&act, "not found: act")?;
    blocking(&app, move |centre| centre.bid_receipt(&origin, &act))
        .await
        .map(Json)
}

pub(crate) async fn stage(State(app): Application, Path(record): Path<String>) -> Answer<StageDocument> {
    let origin = origin(&record)?;
    blocking(&app, move |centre| centre.bid_stage(&origin))
        .await
        .map(Json)
}
