//! What every command passes: who calls, how long it may take, what is counted and logged of it.

use crate::answers::{Failed, Failure, no_such_command};
use crate::bodies::drain;
use crate::server::App;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use centre::Principal;
use evaluation::Role;
use evaluation::certificates::{Subject, verify_chain};
use futures_util::FutureExt as _;
use protocol::{Access, BUILD_DEFAULT, BUILD_DRIVEN, BUILD_HEADER, Command, ErrorCode, Method};
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Who is at the other end of a connection, as the handshake proved it.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) principal: Principal,
    /// Certificates given, leaf first, DER.
    pub(crate) chain: Arc<Vec<Vec<u8>>>,
    pub(crate) address: SocketAddr,
}

/// Serves one command: checks, runs, counts, logs. Never logged: bodies, keys, names; addresses only where the
/// configuration says so.
pub(crate) async fn serve(
    State((app, command)): State<(Arc<App>, &'static Command)>,
    mut request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let caller = request.extensions().get::<Caller>().cloned();
    let address = caller.as_ref().filter(|_| app.log_addresses).map(|c| c.address);
    let serving = AssertUnwindSafe(async {
        match admit(&app, command, caller.as_ref(), &request) {
            Ok(()) => run(&app, command, request, next).await,
            Err(failure) => {
                drain(std::mem::replace(request.body_mut(), Body::empty())).await;
                failure.into_response()
            }
        }
    });
    let response = serving.catch_unwind().await.unwrap_or_else(|_| {
        tracing::error!(command = command.name, "a command panicked");
        Failure::internal().into_response()
    });
    let status = response.status().as_u16();
    let failed = failed_of(&response);
    app.metrics.answered(command.name, status, failed);
    tracing::info!(
        command = command.name,
        status,
        refusal = failed.and_then(|failed| failed.refusal.as_deref()),
        milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        address = address.map(tracing::field::display),
        "command"
    );
    response
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
    }
}

/// Refuses before the body is read whoever the table does not admit. What a known caller may do is the centre's
/// to say.
fn admit(app: &App, command: &Command, caller: Option<&Caller>, request: &Request) -> Result<(), Failure> {
    if request.method().as_str() != method_name(command.method) {
        return Err(no_such_command());
    }
    known_build(app, request)?;
    let principal = caller.map_or(Principal::Anonymous, |caller| caller.principal);
    let clerk = || caller.is_some_and(|caller| is_clerk(app, &caller.chain));
    let clerk = command.access == Access::Clerk && clerk();
    Ok(centre::admitted(command.access, &principal, clerk)?)
}

/// A build that tests drive obeys whoever drives it: only a centre in development mode takes it.
fn known_build(app: &App, request: &Request) -> Result<(), Failure> {
    match request.headers().get(BUILD_HEADER).map(|build| build.as_bytes()) {
        None => Ok(()),
        Some(build) if build == BUILD_DEFAULT.as_bytes() => Ok(()),
        Some(build) if build == BUILD_DRIVEN.as_bytes() && app.centre.development() => Ok(()),
        Some(build) if build == BUILD_DRIVEN.as_bytes() => Err(Failure::new(
            ErrorCode::DrivenBuild,
            "this client is a build for tests; the centre takes it in development mode only",
        )),
        Some(_) => Err(Failure::new(ErrorCode::BadRequest, "no such build")),
    }
}

/// What a chain certifies under the centre's own anchors, in a mode that takes it.
pub(crate) fn certified(app: &App, chain: &[Vec<u8>]) -> Option<Subject> {
    let trusted = verify_chain(chain, &app.roots, app.centre.now()).ok()?;
    let subject = trusted.subject();
    (app.centre.development() || !subject.is_development()).then(|| subject.clone())
}

/// Before a record exists only the certificate can say that the caller is a clerk.
fn is_clerk(app: &App, chain: &[Vec<u8>]) -> bool {
    certified(app, chain).is_some_and(|subject| subject.has_role(Role::Clerk))
}

async fn run(app: &App, command: &Command, request: Request, next: Next) -> Response {
    let seconds = match command.name {
        "setup_blob_put" | "blob_put" | "bid_blob_put" | "blob_return" | "blob_get" | "archive_get"
        | "part_decrypt" => app.limits.blob_seconds,
        _ => app.limits.request_seconds,
    };
    match tokio::time::timeout(Duration::from_secs(seconds), next.run(request)).await {
        Ok(response) if response.status().is_client_error() && failed_of(&response).is_none() => {
            // Parameters that the router could not read.
            Failure::new(ErrorCode::BadRequest, "the request is not well formed").into_response()
        }
        Ok(response) => response,
        Err(_) => Failure::new(ErrorCode::Busy, "the request took too long").into_response(),
    }
}

fn failed_of(response: &Response) -> Option<&Failed> {
    response.extensions().get::<Failed>()
}

/// The answer outside the table, its body thrown away.
pub(crate) async fn outside(request: Request) -> Response {
    drain(request.into_body()).await;
    no_such_command().into_response()
}
