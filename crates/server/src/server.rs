//! The running server: listeners, timers, shutdown.

use crate::bodies::BlobMemory;
use crate::config::Limits;
use crate::connection::accept;
use crate::live::{Cadence, Channels};
use crate::metrics::Metrics;
use crate::queue::Queues;
use crate::routes;
use crate::upload_quota::UploadQuota;
use crate::watches::Watches;
use centre::Centre;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{Mutex, watch};
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;

/// Between looks for centre acts that are due.
const TICK: Duration = Duration::from_millis(250);
/// How long an answer of the store's probe counts.
const PROBE_LIFE: Duration = Duration::from_secs(1);

/// Writes something small to the store's disk.
pub type Probe = Arc<dyn Fn() -> io::Result<()> + Send + Sync>;

/// What a server is made of.
pub struct ServerSetting {
    /// The centre.
    pub centre: Arc<Centre>,
    /// CA roots (DER): who is a clerk before a record exists.
    pub roots: Vec<Vec<u8>>,
    /// TLS ([`crate::tls::server_config`]).
    pub tls: rustls::ServerConfig,
    /// Address of the commands; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Address of the metrics.
    pub operator_listen: SocketAddr,
    /// Bounds.
    pub limits: Limits,
    /// Whether client addresses are logged.
    pub log_addresses: bool,
    /// Live channels speak only at multiples of this.
    pub cover_interval: Option<Duration>,
    /// Whether the store can be written.
    pub probe: Probe,
}

/// What the commands share.
pub(crate) struct App {
    pub(crate) centre: Arc<Centre>,
    pub(crate) roots: Vec<Vec<u8>>,
    pub(crate) limits: Limits,
    pub(crate) log_addresses: bool,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) watches: Arc<Watches>,
    pub(crate) queues: Queues,
    pub(crate) channels: Arc<Channels>,
    pub(crate) member_blobs: BlobMemory,
    pub(crate) bidder_blobs: BlobMemory,
    pub(crate) upload_quota: UploadQuota,
    pub(crate) cadence: Cadence,
    probe: Probe,
    probed: Mutex<Option<(Instant, bool)>>,
}

impl App {
    fn new(setting: ServerSetting) -> Self {
        let limits = setting.limits;
        let metrics = Arc::new(Metrics::new());
        let watches = Arc::new(Watches::new());
        let queues = Queues::new(
            setting.centre.clone(),
            watches.clone(),
            metrics.clone(),
            limits.queue,
        );
        let channels = Channels::new(
            limits.live_channels,
            limits.live_channels_per_key,
            metrics.clone(),
        );
        Self {
            centre: setting.centre,
            roots: setting.roots,
            log_addresses: setting.log_addresses,
            queues,
            channels,
            member_blobs: BlobMemory::new(limits.blob_memory_bytes),
            bidder_blobs: BlobMemory::new(limits.blob_memory_bytes),
            upload_quota: UploadQuota::new(limits.bid_bytes_per_address_minute),
            cadence: Cadence {
                keep_alive: limits.keep_alive(),
                cover: setting.cover_interval,
            },
            probe: setting.probe,
            probed: Mutex::new(None),
            limits,
            metrics,
            watches,
        }
    }

    /// Whether the store can be written; asked at most once a second, however many ask.
    pub(crate) async fn writable(&self) -> bool {
        let mut probed = self.probed.lock().await;
        if let Some((when, writable)) = *probed
            && when.elapsed() < PROBE_LIFE
        {
            return writable;
        }
        let probe = self.probe.clone();
        let answer = tokio::task::spawn_blocking(move || probe()).await;
        let writable = match answer {
            Ok(Ok(())) => true,
            Ok(Err(error)) => {
                tracing::error!(%error, "the store can't be written");
                false
            }
            Err(_) => false,
        };
        *probed = Some((Instant::now(), writable));
        writable
    }
}

/// A server that listens.
pub struct Server {
    app: Arc<App>,
    address: SocketAddr,
    operator_address: SocketAddr,
    /// True once; tasks that must end hold a receiver.
    closing: watch::Sender<bool>,
}

impl Server {
    /// Binds and serves, on the runtime this is called in.
    ///
    /// # Errors
    /// When an address can't be bound.
    pub async fn start(setting: ServerSetting) -> io::Result<Self> {
        let listener = TcpListener::bind(setting.listen).await?;
        let operator = TcpListener::bind(setting.operator_listen).await?;
        let tls = TlsAcceptor::from(Arc::new(setting.tls.clone()));
        let app = Arc::new(App::new(setting));
        let closing = watch::Sender::new(false);
        let server = Self {
            address: listener.local_addr()?,
            operator_address: operator.local_addr()?,
            app: app.clone(),
            closing,
        };
        let (public, for_operator) = (routes::public(&app), routes::operator(&app));
        let closing = || server.closing.subscribe();
        tokio::spawn(accept(app.clone(), listener, Some(tls), public, closing()));
        tokio::spawn(accept(app.clone(), operator, None, for_operator, closing()));
        tokio::spawn(tick(app, closing()));
        Ok(server)
    }

    /// Address of the commands.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Address of the metrics.
    pub fn operator_address(&self) -> SocketAddr {
        self.operator_address
    }

    /// Stops accepting, ends live channels, lets requests under way finish, then decides every queued act.
    /// Whether all of it was done in time; what was acknowledged is durable in any case.
    pub async fn shutdown(self) -> bool {
        self.closing.send_replace(true);
        self.app.channels.close();
        let grace = Duration::from_secs(self.app.limits.shutdown_seconds);
        let finishing = async {
            self.closing.closed().await;
            self.app.queues.finish().await;
            let centre = self.app.centre.clone();
            let closed = tokio::task::spawn_blocking(move || centre.close()).await;
            if !matches!(closed, Ok(Ok(()))) {
                tracing::error!(
                    "bids that waited could not be entered; their bidders have no acknowledgement"
                );
            }
        };
        tokio::time::timeout(grace, finishing).await.is_ok()
    }
}

/// Looks for centre acts that are due, and tells who waits for them.
async fn tick(app: Arc<App>, mut closing: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut failing = false;
    loop {
        tokio::select! {
            biased;
            _ = closing.wait_for(|closing| *closing) => return,
            _ = ticks.tick() => {}
        }
        let centre = app.centre.clone();
        let ticked = tokio::task::spawn_blocking(move || centre.tick()).await;
        let failed = match ticked {
            Ok(Ok(grew)) => {
                if grew {
                    app.watches.any_grew();
                }
                None
            }
            Ok(Err(error)) => Some(error.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = failed.as_ref().filter(|_| !failing) {
            tracing::error!(%error, "centre acts that are due could not be made");
        }
        failing = failed.is_some();
    }
}
