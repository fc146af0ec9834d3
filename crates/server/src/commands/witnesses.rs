//! Log witnesses (见证节点): heads, checkpoints, cosignatures.

use super::{blocking, origin};
use crate::answers::{Answer, Failure};
use crate::bodies;
use crate::gate::Caller;
use crate::live::{HeadsSource, Opening};
use crate::server::App;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::{Extension, Json};
use protocol::{Cosignature, ErrorCode, WitnessPage};
use std::sync::Arc;

type Application = State<Arc<App>>;

pub(crate) async fn page(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path((record, size)): Path<(String, String)>,
) -> Answer<WitnessPage> {
    let origin = origin(&record)?;
    let size: u64 = size
        .parse()
        .map_err(|_| Failure::new(ErrorCode::BadRequest, "not a size"))?;
    blocking(&app, move |centre| {
        centre.witness_page(&caller.principal, &origin, size)
    })
    .await
    .map(Json)
}

pub(crate) async fn live(
    State(app): Application,
    Extension(caller): Extension<Caller>,
) -> Result<Response, Failure> {
    let opening = Opening {
        centre: app.centre.clone(),
        caller: caller.principal,
        about: None,
        source: HeadsSource::default(),
        notices: app.watches.heads(),
        cadence: app.cadence,
    };
    opening.open(&app.channels).await
}

pub(crate) async fn cosign(
    State(app): Application,
    Extension(caller): Extension<Caller>,
    Path(record): Path<String>,
    body: Body,
) -> Answer<bool> {
    let origin = origin(&record)?;
    let cosignature: Cosignature = bodies::json(body, app.limits.json_bytes).await?;
    let size = cosignature.size;
    let quorum_grew = blocking(&app, move |centre| {
        centre.cosign(&caller.principal, &origin, &cosignature)
    })
    .await?;
    if quorum_grew {
        app.metrics.cosigned(&origin, size);
    }
    app.watches.cosigned(&origin);
    Ok(Json(quorum_grew))
}
