//! A centre with one record, its clerk, and links to it.

use crate::clock::GateClock;
use centre::{Centre, CentreKeys, CentreSetting};
use client::Author;
use client::author::Draft;
use client::http_link::{HttpLink, HttpSetting, TlsIdentity};
use client::link::Link;
use client::ports::SystemRandom;
use conclave_server::stores::{SqliteStores, blobs, probe};
use conclave_server::tls::server_config;
use conclave_server::{Limits, Server, ServerSetting};
use evaluation::acts::setup::{CentreLine, RecordCreated, RoleAssigned, SiteEnrolled, WitnessLine};
use evaluation::{PersonId, Role, SiteId};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use record::{
    BlobRef, DeviceId, EMPTY_ROOT, KeyAlgorithm, Millis, Origin, PublicKey, Seen, Submission, Tree,
    VerifierKey,
};
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sealing::ed25519::Ed25519Key;
use sealing::sign::SigningKeyPair;
use serde::Serialize;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use storage::AtRestKey;
use tokio::runtime::Runtime;

pub(crate) const RULEBOOK: &[u8] = include_bytes!("../../../rules/tests/rulebooks/procurement.json");
const ORGANISATION: &str = "agent";

/// A certificate authority.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub(crate) root: Vec<u8>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = named("authority", "authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().to_vec();
        Self {
            issuer: Issuer::new(params, key),
            root,
        }
    }

    pub(crate) fn certify(&self, name: &str, role: Role, key: &SigningKeyPair) -> Vec<u8> {
        let mut params = named(name, role.name());
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let pkcs8 = PrivatePkcs8KeyDer::from(key.pkcs8().expose().to_vec());
        let pair = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8, &rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
        params.signed_by(&pair, &self.issuer).unwrap().der().to_vec()
    }

    /// PEM of a certificate for 127.0.0.1, and of its key.
    pub(crate) fn server(&self) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

fn named(name: &str, unit: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params
        .distinguished_name
        .push(DnType::OrganizationName, ORGANISATION);
    params
        .distinguished_name
        .push(DnType::OrganizationalUnitName, unit);
    params
}

pub(crate) fn key() -> SigningKeyPair {
    SigningKeyPair::generate(&mut SystemRandom)
}

pub(crate) fn now() -> Millis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    u64::try_from(since.as_millis()).unwrap()
}

/// A running server with one record.
pub(crate) struct Fixture {
    pub(crate) runtime: Runtime,
    server: Option<Server>,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) operator: std::net::SocketAddr,
    pub(crate) authority: Authority,
    pub(crate) clock: Arc<GateClock>,
    pub(crate) clerk: Author,
    clerk_chain: Vec<Vec<u8>>,
    pub(crate) witnesses: Vec<(Ed25519Key, VerifierKey)>,
    pub(crate) origin: Origin,
    _folder: tempfile::TempDir,
}

impl Fixture {
    pub(crate) fn start() -> Self {
        Self::with(|_| {})
    }

    /// Starts a server with these limits and makes a record through its own commands.
    pub(crate) fn with(change: impl FnOnce(&mut Limits)) -> Self {
        Self::made(false, change)
    }

    /// A centre in development mode.
    pub(crate) fn in_development() -> Self {
        Self::made(true, |_| {})
    }

    fn made(development: bool, change: impl FnOnce(&mut Limits)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        let clock = Arc::new(GateClock::default());
        let mut limits = Limits::default();
        change(&mut limits);
        let at_rest = AtRestKey::from_bytes([7; 32]);
        let act = key();
        let log = Ed25519Key::generate(&mut SystemRandom);
        let data = folder.path().to_path_buf();
        let keys = CentreKeys::new("centre.test", log, act).unwrap();
        let line = CentreLine {
            name: "centre.test".to_owned(),
            log_key: keys.log_verifier(),
            act_key: keys.act_public(),
        };
        let centre = Centre::open(CentreSetting {
            keys,
            roots: vec![authority.root.clone()],
            development,
            stores: Arc::new(SqliteStores::open(&data, at_rest.clone()).unwrap()),
            blobs: Arc::new(blobs(&data, &at_rest).unwrap()),
            bid_blobs: limits.bid_blobs(),
            clock: clock.clone(),
            random: Box::new(SystemRandom),
        })
        .unwrap();
        let (certificate, server_key) = authority.server();
        let pkcs8 = PrivatePkcs8KeyDer::from(server_key.serialize_der());
        let chain: Vec<CertificateDer<'static>> = vec![certificate.der().clone()];
        let setting = ServerSetting {
            centre: Arc::new(centre),
            roots: vec![authority.root.clone()],
            tls: server_config(chain, pkcs8.into()).unwrap(),
            listen: "127.0.0.1:0".parse().unwrap(),
            operator_listen: "127.0.0.1:0".parse().unwrap(),
            limits,
            log_addresses: false,
            cover_interval: None,
            probe: Arc::new(move || probe(&data)),
        };
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::start(setting)).unwrap();
        let clerk_key = key();
        let clerk_chain = vec![authority.certify("clerk-1", Role::Clerk, &clerk_key)];
        let mut fixture = Self {
            runtime,
            address: server.address(),
            operator: server.operator_address(),
            server: Some(server),
            authority,
            clock,
            clerk: Author::new(clerk_key, DeviceId([1; 16])),
            clerk_chain,
            witnesses: (1..=3).map(witness).collect(),
            origin: Origin([9; 16]),
            _folder: folder,
        };
        fixture.create(line, development);
        fixture
    }

    fn create(&mut self, centre: CentreLine, development: bool) {
        let link = self.clerk_link();
        link.setup_blob_put(RULEBOOK).unwrap();
        link.setup_blob_put(b"tender").unwrap();
        let created = RecordCreated {
            procedure: evaluation::PROCEDURE.to_owned(),
            clerk: self.assigned("clerk-1", Role::Clerk, self.clerk.public(), &self.clerk_chain),
            centre,
            witnesses: self
                .witnesses
                .iter()
                .map(|(_, verifier)| WitnessLine {
                    name: verifier.name().to_owned(),
                    key: verifier.to_string(),
                    organisation: verifier.name().to_owned(),
                    outside: true,
                })
                .collect(),
            quorum: 2,
            rulebook: BlobRef::of(RULEBOOK),
            tender: BlobRef::of(b"tender"),
            documents: Vec::new(),
            deadline: now() + 86_400_000,
            development,
        };
        let seen = Seen {
            size: 0,
            root: EMPTY_ROOT,
        };
        let act = self.act("record.created", &created, seen);
        assert_eq!(link.record_create(&act).unwrap().index, 0);
    }

    fn assigned(&self, person: &str, role: Role, key: PublicKey, chain: &[Vec<u8>]) -> RoleAssigned {
        use base64::Engine as _;
        let text = |der: &Vec<u8>| base64::engine::general_purpose::STANDARD.encode(der);
        RoleAssigned {
            person: PersonId::new(person).unwrap(),
            role,
            organisation: ORGANISATION.to_owned(),
            site: None,
            key,
            encryption_key: None,
            certificate: chain.iter().map(text).collect(),
        }
    }

    pub(crate) fn act<T: Serialize>(&self, kind: &str, payload: &T, seen: Seen) -> Submission {
        act_of(&self.clerk, self.origin, kind, payload, seen)
    }

    /// An act of the clerk that a record takes as often as names differ.
    pub(crate) fn site(&self, name: &str) -> Submission {
        let payload = site(name);
        self.act("site.enrolled", &payload, self.seen())
    }

    /// Seats a supervisor, and gives the key.
    pub(crate) fn supervisor(&self) -> SigningKeyPair {
        let supervisor = key();
        let chain = vec![
            self.authority
                .certify("supervisor-1", Role::Supervisor, &supervisor),
        ];
        let public = PublicKey(supervisor.public_key());
        let payload = self.assigned("supervisor-1", Role::Supervisor, public, &chain);
        let act = self.act("role.assigned", &payload, self.seen());
        self.clerk_link().act_submit(&self.origin, &act).unwrap();
        supervisor
    }

    /// The head after the first act: what later acts of these tests have seen.
    pub(crate) fn seen(&self) -> Seen {
        let feed = self.clerk_link().feed(&self.origin, "").unwrap();
        let protocol::FeedItem::Entry(first) = &feed.items[0] else {
            panic!("the feed begins with an entry");
        };
        let mut tree = Tree::default();
        tree.push(first.leaf_hash());
        Seen {
            size: 1,
            root: tree.root(),
        }
    }

    pub(crate) fn clerk_identity(&self) -> TlsIdentity {
        TlsIdentity::with_chain(self.clerk.key(), &self.clerk_chain).unwrap()
    }

    pub(crate) fn clerk_link(&self) -> HttpLink {
        self.link(Some(self.clerk_identity()))
    }

    pub(crate) fn link(&self, identity: Option<TlsIdentity>) -> HttpLink {
        HttpLink::connect(HttpSetting {
            base_url: format!("https://{}", self.address),
            ca_roots: vec![self.authority.root.clone()],
            identity,
            server_name: None,
            driven: false,
        })
        .unwrap()
    }

    /// The certificate and key of an identity that the record knows: the clerk's, for raw requests.
    pub(crate) fn clerk_certified(&self) -> (Vec<CertificateDer<'static>>, PrivatePkcs8KeyDer<'static>) {
        let chain = self
            .clerk_chain
            .iter()
            .cloned()
            .map(CertificateDer::from)
            .collect();
        let key = PrivatePkcs8KeyDer::from(self.clerk.key().pkcs8().expose().to_vec());
        (chain, key)
    }

    /// A plain HTTP client over the server's TLS, for requests that no link makes.
    pub(crate) fn raw(
        &self,
        certified: Option<(Vec<CertificateDer<'static>>, PrivatePkcs8KeyDer<'static>)>,
    ) -> reqwest::blocking::Client {
        let tls = self.tls(certified, &[&rustls::version::TLS13]);
        client_of(tls)
    }

    pub(crate) fn tls(
        &self,
        certified: Option<(Vec<CertificateDer<'static>>, PrivatePkcs8KeyDer<'static>)>,
        versions: &[&'static rustls::SupportedProtocolVersion],
    ) -> rustls::ClientConfig {
        let mut roots = rustls::RootCertStore::empty();
        roots
            .add(CertificateDer::from(self.authority.root.clone()))
            .unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .unwrap()
            .with_root_certificates(roots);
        match certified {
            None => builder.with_no_client_auth(),
            Some((chain, key)) => builder.with_client_auth_cert(chain, key.into()).unwrap(),
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.address)
    }

    pub(crate) fn record(&self, rest: &str) -> String {
        self.url(&format!("/v1/records/{}/{rest}", self.origin))
    }

    /// The metrics' text.
    pub(crate) fn metrics(&self) -> String {
        let client = reqwest::blocking::Client::builder().no_proxy();
        let client = client
            .tls_backend_preconfigured(self.tls(None, &[&rustls::version::TLS13]))
            .build()
            .unwrap();
        let response = client
            .get(format!("http://{}/metrics", self.operator))
            .send()
            .unwrap();
        assert_eq!(response.status(), 200);
        response.text().unwrap()
    }

    pub(crate) fn take_server(&mut self) -> Server {
        self.server.take().unwrap()
    }

    /// Whether the process answers and the store takes writes.
    pub(crate) fn healthy(&self) -> bool {
        self.raw(None)
            .get(self.url("/v1/health"))
            .send()
            .unwrap()
            .status()
            == 200
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.clock.open();
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}

pub(crate) fn client_of(tls: rustls::ClientConfig) -> reqwest::blocking::Client {
    reqwest::blocking::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .http1_only()
        .build()
        .unwrap()
}

pub(crate) fn site(name: &str) -> SiteEnrolled {
    SiteEnrolled {
        site: SiteId::new(name).unwrap(),
        host: false,
        organisation: ORGANISATION.to_owned(),
    }
}

pub(crate) fn act_of<T: Serialize>(
    author: &Author,
    origin: Origin,
    kind: &str,
    payload: &T,
    seen: Seen,
) -> Submission {
    let draft = Draft {
        kind,
        instance: "",
        payload,
        attachments: Vec::new(),
        personal: None,
    };
    author
        .compose(origin, draft, seen, now(), &mut SystemRandom)
        .unwrap()
}

fn witness(number: u8) -> (Ed25519Key, VerifierKey) {
    let key = Ed25519Key::generate(&mut SystemRandom);
    let name = format!("witness-{number}.test");
    let verifier = VerifierKey::new(&name, KeyAlgorithm::Cosignature, key.public()).unwrap();
    (key, verifier)
}
