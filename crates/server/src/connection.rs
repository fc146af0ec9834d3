//! Connections: bounded, with a time for the handshake, for each head of a request and for reading answers.

use crate::gate::Caller;
use crate::server::App;
use crate::stall::Unstalled;
use crate::tls::principal_of;
use axum::Router;
use axum::body::Body;
use centre::Principal;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

/// Most bytes of a request's head.
const MAX_HEAD: usize = 64 * 1024;
/// Pause after the system could not accept, so that a lack of descriptors does not become a busy loop.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The places that connections take.
struct Places {
    app: Arc<App>,
    taken: Mutex<(usize, BTreeMap<IpAddr, usize>)>,
}

/// One connection's place; freed when dropped.
struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let limits = &self.app.limits;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = taken.1.get(&address).copied().unwrap_or(0);
        if taken.0 >= limits.connections || of_address >= limits.connections_per_address {
            return None;
        }
        taken.0 += 1;
        taken.1.insert(address, of_address + 1);
        self.app.metrics.connections.fetch_add(1, Ordering::Relaxed);
        Some(Place {
            places: self.clone(),
            address,
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0 -= 1;
        if let Some(count) = taken.1.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                taken.1.remove(&self.address);
            }
        }
        self.places
            .app
            .metrics
            .connections
            .fetch_sub(1, Ordering::Relaxed);
    }
}

/// Accepts connections until closing; with TLS when there is an acceptor.
pub(crate) async fn accept(
    app: Arc<App>,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    mut closing: watch::Receiver<bool>,
) {
    let places = Arc::new(Places {
        app: app.clone(),
        taken: Mutex::default(),
    });
    loop {
        let accepted = tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, address)) => {
                // No place: the connection is closed at once, which costs nothing.
                let Some(place) = places.take(address.ip()) else {
                    continue;
                };
                let connection = Connection {
                    app: app.clone(),
                    router: router.clone(),
                    address,
                    closing: closing.clone(),
                    _place: place,
                };
                tokio::spawn(connection.run(stream, tls.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "no connection was accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

struct Connection {
    app: Arc<App>,
    router: Router,
    address: SocketAddr,
    closing: watch::Receiver<bool>,
    _place: Place,
}

impl Connection {
    async fn run(self, stream: TcpStream, tls: Option<TlsAcceptor>) {
        // Without it small answers wait for the peer's acknowledgements; with an error they merely do.
        let _ = stream.set_nodelay(true);
        let Some(tls) = tls else {
            return self.serve(stream, None).await;
        };
        let time = Duration::from_secs(self.app.limits.handshake_seconds);
        let stream = match tokio::time::timeout(time, tls.accept(stream)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a handshake failed");
                return;
            }
            Err(_) => return,
        };
        let certificates = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let principal = match certificates.first() {
            None => Principal::Anonymous,
            Some(leaf) => match principal_of(leaf) {
                Some(principal) => principal,
                None => return, // the handshake refused it already
            },
        };
        let caller = Caller {
            principal,
            chain: Arc::new(certificates.iter().map(|der| der.to_vec()).collect()),
            address: self.address,
        };
        self.serve(stream, Some(caller)).await;
    }

    async fn serve<S>(mut self, stream: S, caller: Option<Caller>)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let stream = Unstalled::new(stream, self.app.limits.write());
        let router = self.router.clone();
        let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
            if let Some(caller) = &caller {
                request.extensions_mut().insert(caller.clone());
            }
            router.clone().oneshot(request.map(Body::new))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.app.limits.header())
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        tokio::select! {
            ended = connection.as_mut() => return log_end(ended),
            _ = self.closing.wait_for(|closing| *closing) => {}
        }
        connection.as_mut().graceful_shutdown();
        log_end(connection.await);
    }
}

fn log_end(ended: Result<(), hyper::Error>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
