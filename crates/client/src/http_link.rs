//! The link over HTTP: TLS 1.3, one caller, no proxy, no redirects.
//!
//! What the centre answers is believed no more than any other bytes; the replica checks it. Waiting goes over the
//! live channel: a thread of the link listens, and wakes who waits. Where no channel can be had, waiting lasts as
//! long as the caller allowed, and the caller asks again.

mod channel;
mod identity;
mod outside;

pub use identity::{Certified, TlsIdentity, self_signed, self_signed_witness};
pub use outside::{HttpLinks, SystemClock, ports};

use crate::error::ClientError;
use crate::link::{Answer, Link};
use channel::{Channel, Kind};
use protocol::{
    Acknowledged, BUILD_DEFAULT, BUILD_DRIVEN, BUILD_HEADER, Bundle, COMMANDS, Connections, Cosignature,
    ErrorBody, Feed, HeldBlobs, IngestKey, MissingBlobs, PartKey, Receipt, RecordLine, ReplacementAsk,
    ReplacementTaken, Replacements, RestoreState, ReturnedLeaves, StageDocument, StoredBlob, WitnessPage,
};
use record::{ActId, Digest, Origin, Submission};
use reqwest::blocking::{Client, ClientBuilder, RequestBuilder, Response};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Url, redirect};
use rustls_pki_types::CertificateDer;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::ToSocketAddrs as _;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(10);
/// Longest silence of the centre within an answer. The centre gives up at 30 s.
const ANSWER: Duration = Duration::from_secs(40);
/// Longest silence of a live channel, whose keep-alive comes every 10 s.
const LIVE_SILENCE: Duration = Duration::from_secs(35);
/// Idle connections are closed before the centre closes them.
const IDLE: Duration = Duration::from_secs(15);
/// Slowest line that a blob may take, bytes a second.
const SLOWEST: u64 = 64 * 1024;
/// Largest JSON answer: a page of 256 leaves with all that belongs to them.
const MAX_JSON: u64 = 256 << 20;
/// Largest answer in bytes: an archive package.
const MAX_BYTES: u64 = 4 << 30;

/// Where the centre is, whom to believe, and who calls.
pub struct HttpSetting {
    /// `https://host:port`.
    pub base_url: String,
    /// CA roots (DER), installed locally; nothing else vouches for the centre.
    pub ca_roots: Vec<Vec<u8>>,
    /// The caller's key and certificate; `None` for bidders.
    pub identity: Option<TlsIdentity>,
    /// Name that the centre's certificate must carry, if it is not the host of the URL.
    pub server_name: Option<String>,
    /// This program is a build that tests drive; only a centre in development mode takes it.
    pub driven: bool,
}

/// The link.
pub struct HttpLink {
    client: Client,
    base: Url,
    channels: Mutex<BTreeMap<Kind, Channel>>,
    /// The same connection setting for live channels, with their own time for silence.
    live_client: Client,
}

impl HttpLink {
    /// Makes the link. The first connection is made by the first call.
    ///
    /// # Errors
    /// [`ClientError::Format`] when the setting can't be used; [`ClientError::Line`] when the host has no address.
    pub fn connect(setting: HttpSetting) -> Result<Self, ClientError> {
        let mut base = Url::parse(&setting.base_url).map_err(|e| ClientError::Format(e.to_string()))?;
        if base.scheme() != "https" || base.host_str().is_none() {
            return Err(ClientError::Format(
                "the centre's URL is https://host:port".to_owned(),
            ));
        }
        let name = named_host(&mut base, setting.server_name.as_deref())?;
        let tls = tls_config(&setting.ca_roots, setting.identity)?;
        let build = if setting.driven {
            BUILD_DRIVEN
        } else {
            BUILD_DEFAULT
        };
        let build = HeaderMap::from_iter([(
            HeaderName::from_static(BUILD_HEADER),
            HeaderValue::from_static(build),
        )]);
        let client = |silence: Duration| -> Result<Client, ClientError> {
            let mut builder = ClientBuilder::new()
                .tls_backend_preconfigured(tls.clone())
                .https_only(true)
                .default_headers(build.clone())
                .no_proxy()
                .redirect(redirect::Policy::none())
                .http1_only()
                .tcp_nodelay(true)
                .connect_timeout(CONNECT)
                .timeout(silence)
                .pool_idle_timeout(IDLE);
            if let Some((name, addresses)) = &name {
                builder = builder.resolve_to_addrs(name, addresses);
            }
            builder.build().map_err(|e| ClientError::Format(chain(&e)))
        };
        Ok(Self {
            client: client(ANSWER)?,
            live_client: client(LIVE_SILENCE)?,
            base,
            channels: Mutex::new(BTreeMap::new()),
        })
    }

    /// URL of a command of the table, its parameters filled in order.
    fn url(&self, command: &str, parameters: &[&str]) -> (Method, Url) {
        let line = COMMANDS.iter().find(|line| line.name == command);
        let line = line.expect("the link calls commands of the table only");
        let mut parameters = parameters.iter();
        let mut url = self.base.clone();
        {
            let mut segments = url.path_segments_mut().expect("an https URL has a path");
            segments.clear();
            for segment in line.path.split('/').skip(1) {
                segments.push(if segment.starts_with('{') {
                    parameters.next().expect("a value for each parameter")
                } else {
                    segment
                });
            }
        }
        let method = match line.method {
            protocol::Method::Get => Method::GET,
            protocol::Method::Post => Method::POST,
            protocol::Method::Put => Method::PUT,
        };
        (method, url)
    }

    fn request(&self, command: &str, parameters: &[&str]) -> RequestBuilder {
        let (method, url) = self.url(command, parameters);
        self.client.request(method, url)
    }

    fn call<T: DeserializeOwned>(&self, command: &str, parameters: &[&str]) -> Answer<T> {
        json(send(self.request(command, parameters))?)
    }

    fn post<T: DeserializeOwned>(
        &self,
        command: &str,
        parameters: &[&str],
        body: &impl Serialize,
    ) -> Answer<T> {
        json(send(self.request(command, parameters).json(body))?)
    }

    fn put(&self, command: &str, before: &[&str], bytes: &[u8]) -> Answer<StoredBlob> {
        let digest = Digest::of(bytes).to_string();
        let parameters: Vec<&str> = before.iter().copied().chain([digest.as_str()]).collect();
        let time = ANSWER + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        json(send(
            self.request(command, &parameters)
                .body(bytes.to_vec())
                .timeout(time),
        )?)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Kind, Channel>> {
        self.channels.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The channel of a kind, opened if there is none.
    fn channel(&self, kind: Kind, cursor: &str) -> Channel {
        let (_, url) = match &kind {
            Kind::Record(origin) => self.url("live", &[&origin.to_string()]),
            Kind::Heads => self.url("witness_live", &[]),
        };
        let mut channels = self.lock();
        let channel = channels
            .entry(kind)
            .or_insert_with_key(|kind| Channel::open(self.live_client.clone(), url, kind.clone(), cursor));
        channel.clone()
    }
}

impl Drop for HttpLink {
    fn drop(&mut self) {
        self.lock().values().for_each(Channel::close);
    }
}

impl Link for HttpLink {
    fn record_list(&self) -> Answer<Vec<RecordLine>> {
        self.call("record_list", &[])
    }

    fn record_create(&self, act: &Submission) -> Answer<Acknowledged> {
        self.post("record_create", &[], act)
    }

    fn setup_blob_put(&self, bytes: &[u8]) -> Answer<StoredBlob> {
        self.put("setup_blob_put", &[], bytes)
    }

    fn act_submit(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged> {
        self.post("act_submit", &[&origin.to_string()], act)
    }

    fn feed(&self, origin: &Origin, cursor: &str) -> Answer<Feed> {
        if let Some(channel) = self.lock().get(&Kind::Record(*origin)) {
            channel.asked();
        }
        let (method, url) = self.url("feed", &[&origin.to_string()]);
        json(send(self.client.request(method, from(url, cursor)))?)
    }

    fn wait(&self, origin: &Origin, cursor: &str, at_most: Duration) {
        self.channel(Kind::Record(*origin), cursor).wait(cursor, at_most);
    }

    fn blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.put("blob_put", &[&origin.to_string()], bytes)
    }

    fn blob_get(&self, origin: &Origin, digest: &Digest) -> Answer<Vec<u8>> {
        bytes(send(
            self.request("blob_get", &[&origin.to_string(), &digest.to_string()]),
        )?)
    }

    fn ingest_key(&self, origin: &Origin) -> Answer<IngestKey> {
        self.call("ingest_key", &[&origin.to_string()])
    }

    fn part_decrypt(&self, origin: &Origin, submission: &str, part: &str) -> Answer<PartKey> {
        self.call("part_decrypt", &[&origin.to_string(), submission, part])
    }

    fn presence(&self, origin: &Origin) -> Answer<Connections> {
        self.call("presence", &[&origin.to_string()])
    }

    fn replacement_ask(&self, origin: &Origin, ask: &ReplacementAsk) -> Answer<ReplacementTaken> {
        self.post("replacement_ask", &[&origin.to_string()], ask)
    }

    fn replacement_list(&self, origin: &Origin) -> Answer<Replacements> {
        self.call("replacement_list", &[&origin.to_string()])
    }

    fn archive(&self, origin: &Origin, profile: &str) -> Answer<Vec<u8>> {
        bytes(send(
            self.request("archive_get", &[&origin.to_string(), profile]),
        )?)
    }

    fn leaves_return(&self, origin: &Origin, leaves: &ReturnedLeaves) -> Answer<RestoreState> {
        self.post("leaves_return", &[&origin.to_string()], leaves)
    }

    fn blobs_missing(&self, origin: &Origin, held: &HeldBlobs) -> Answer<MissingBlobs> {
        self.post("blobs_missing", &[&origin.to_string()], held)
    }

    fn blob_return(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.put("blob_return", &[&origin.to_string()], bytes)
    }

    fn bundle(&self, origin: &Origin) -> Answer<Bundle> {
        self.call("bundle", &[&origin.to_string()])
    }

    fn bid_blob_put(&self, origin: &Origin, bytes: &[u8]) -> Answer<StoredBlob> {
        self.put("bid_blob_put", &[&origin.to_string()], bytes)
    }

    fn bid_act(&self, origin: &Origin, act: &Submission) -> Answer<Acknowledged> {
        self.post("bid_act", &[&origin.to_string()], act)
    }

    fn bid_receipt(&self, origin: &Origin, act: &ActId) -> Answer<Receipt> {
        self.call("bid_receipt", &[&origin.to_string(), &act.to_string()])
    }

    fn bid_stage(&self, origin: &Origin) -> Answer<StageDocument> {
        self.call("bid_stage", &[&origin.to_string()])
    }

    fn witness_heads(&self, at_most: Duration) -> Answer<Vec<(Origin, u64)>> {
        self.channel(Kind::Heads, "").heads(at_most)
    }

    fn witness_page(&self, origin: &Origin, size: u64) -> Answer<WitnessPage> {
        self.call("witness_page", &[&origin.to_string(), &size.to_string()])
    }

    fn cosign(&self, origin: &Origin, cosignature: &Cosignature) -> Answer<bool> {
        self.post("cosign", &[&origin.to_string()], cosignature)
    }
}

/// The URL of a feed from a cursor on.
fn from(mut url: Url, cursor: &str) -> Url {
    url.query_pairs_mut().append_pair("cursor", cursor);
    url
}

/// Puts the certificate's name in the place of the host, and says which addresses it stands for.
fn named_host(
    base: &mut Url,
    server_name: Option<&str>,
) -> Result<Option<(String, Vec<std::net::SocketAddr>)>, ClientError> {
    let Some(name) = server_name.filter(|name| Some(*name) != base.host_str()) else {
        return Ok(None);
    };
    let port = base.port_or_known_default().unwrap_or(443);
    let host = base
        .host_str()
        .unwrap_or_default()
        .trim_matches(['[', ']'])
        .to_owned();
    let addresses = (host.as_str(), port)
        .to_socket_addrs()
        .map_err(|e| ClientError::Line(e.to_string()))?
        .collect();
    base.set_host(Some(name))
        .map_err(|e| ClientError::Format(e.to_string()))?;
    Ok(Some((name.to_owned(), addresses)))
}

/// TLS 1.3 alone, the local roots alone.
fn tls_config(
    ca_roots: &[Vec<u8>],
    identity: Option<TlsIdentity>,
) -> Result<rustls::ClientConfig, ClientError> {
    let format = |e: rustls::Error| ClientError::Format(e.to_string());
    let mut roots = rustls::RootCertStore::empty();
    for der in ca_roots {
        roots.add(CertificateDer::from(der.clone())).map_err(format)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(format)?
        .with_root_certificates(roots);
    match identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => {
            let (chain, key) = identity.into_parts();
            builder.with_client_auth_cert(chain, key).map_err(format)
        }
    }
}

/// Sends, and turns every answer that is no success into its error.
fn send(request: RequestBuilder) -> Result<Response, ClientError> {
    let response = request.send().map_err(|e| ClientError::Line(chain(&e)))?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status();
    let mut body = Vec::new();
    response
        .take(64 * 1024)
        .read_to_end(&mut body)
        .map_err(|e| ClientError::Line(e.to_string()))?;
    // Whatever is no error of the protocol does not come from a centre.
    Err(match serde_json::from_slice::<ErrorBody>(&body) {
        Ok(body) => ClientError::Centre(body),
        Err(_) => ClientError::Line(format!("something that is no centre answers {status}")),
    })
}

fn json<T: DeserializeOwned>(response: Response) -> Answer<T> {
    serde_json::from_slice(&read(response, MAX_JSON)?).map_err(|e| ClientError::Format(e.to_string()))
}

fn bytes(response: Response) -> Answer<Vec<u8>> {
    read(response, MAX_BYTES)
}

fn read(response: Response, most: u64) -> Answer<Vec<u8>> {
    let mut bytes = Vec::new();
    response
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| ClientError::Line(e.to_string()))?;
    if bytes.len() as u64 > most {
        return Err(ClientError::Format("the answer is too large".to_owned()));
    }
    Ok(bytes)
}

/// An error with all its causes, in one line; it names no URL.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&error.to_string());
        cause = error.source();
    }
    if text.is_empty() {
        "the request failed".to_owned()
    } else {
        text
    }
}
