//! Reads what the configuration names, and opens the centre.

use crate::config::{Config, ConfigError, KeyPlace};
use crate::server::ServerSetting;
use crate::stores::{SqliteStores, blobs, probe};
use crate::tls::server_config;
use centre::{Centre, CentreKeys, CentreSetting, Clock};
use record::Millis;
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use sealing::Random;
use sealing::provider::{KeyFile, Pin, Purpose, Unlocked};
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use storage::AtRestKey;

/// The system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Millis {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Millis::try_from(since.as_millis()).unwrap_or(Millis::MAX)
    }
}

/// The system's random source.
#[derive(Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) {
        getrandom::fill(out).expect("the operating system gives random bytes, or nothing here may go on");
    }
}

/// Why a centre could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The at-rest key, the blobs or a record.
    #[error("the data folder: {0}")]
    Store(#[from] storage::StoreError),
    /// A record does not replay.
    #[error("the centre: {0}")]
    Centre(#[from] centre::CentreError),
}

/// What the configuration names, read: everything but the data.
pub struct Files {
    keys: CentreKeys,
    roots: Vec<Vec<u8>>,
    tls: rustls::ServerConfig,
}

impl Files {
    /// Reads certificates, roots and keys. `--check-config` does no more than this.
    ///
    /// # Errors
    /// [`ConfigError`], naming the file.
    pub fn read(config: &Config) -> Result<Self, ConfigError> {
        let act = unlock(&config.act_key, Purpose::Function, config.development)?
            .p256()
            .map_err(|e| ConfigError::file(&config.act_key.file, e))?;
        let log = unlock(&config.log_key, Purpose::Log, config.development)?
            .ed25519()
            .map_err(|e| ConfigError::file(&config.log_key.file, e))?;
        let keys = CentreKeys::new(&config.name, log, act).map_err(|e| ConfigError::option("name", e))?;
        let roots = certificates(&config.roots)?;
        let chain = certificates(&config.tls.certificate)?;
        secret(&config.tls.key, config.development)?;
        let key = PrivateKeyDer::from_pem_file(&config.tls.key)
            .map_err(|e| ConfigError::file(&config.tls.key, format!("{e:?}")))?;
        let tls = server_config(chain, key).map_err(|e| ConfigError::file(&config.tls.certificate, e))?;
        Ok(Self {
            keys,
            roots: roots.iter().map(|der| der.to_vec()).collect(),
            tls,
        })
    }

    /// The centre's keys.
    pub fn keys(&self) -> &CentreKeys {
        &self.keys
    }
}

/// Opens the centre: every record is replayed.
///
/// # Errors
/// [`StartError`].
pub fn open(config: &Config) -> Result<ServerSetting, StartError> {
    let files = Files::read(config)?;
    let data = config.data.clone();
    fs::create_dir_all(&data).map_err(|e| ConfigError::file(&data, e))?;
    let key = at_rest_key(config)?;
    let centre = Centre::open(CentreSetting {
        keys: files.keys,
        roots: files.roots.clone(),
        development: config.development,
        stores: Arc::new(SqliteStores::open(&data, key.clone())?),
        blobs: Arc::new(blobs(&data, &key)?),
        bid_blobs: config.limits.bid_blobs(),
        clock: Arc::new(SystemClock),
        random: Box::new(SystemRandom),
    })?;
    Ok(ServerSetting {
        centre: Arc::new(centre),
        roots: files.roots,
        tls: files.tls,
        listen: config.listen,
        operator_listen: config.operator_listen,
        limits: config.limits.clone(),
        log_addresses: config.log.addresses,
        cover_interval: config.cover_interval_ms.map(Duration::from_millis),
        probe: Arc::new(move || probe(&data)),
    })
}

/// A missing at-rest key is made only where there is no data yet: else it is lost, and a new one would hide that.
fn at_rest_key(config: &Config) -> Result<AtRestKey, StartError> {
    if config.data.join("records").exists() {
        return Ok(AtRestKey::load(&config.at_rest_key)?);
    }
    if let Some(folder) = config.at_rest_key.parent() {
        fs::create_dir_all(folder).map_err(|e| ConfigError::file(folder, e))?;
    }
    let random = ring::rand::SystemRandom::new();
    Ok(AtRestKey::load_or_create(&config.at_rest_key, &random)?)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigError> {
    let error = |e: rustls_pki_types::pem::Error| ConfigError::file(path, format!("{e:?}"));
    let certificates: Vec<_> = CertificateDer::pem_file_iter(path)
        .map_err(error)?
        .collect::<Result<_, _>>()
        .map_err(error)?;
    if certificates.is_empty() {
        return Err(ConfigError::file(path, "holds no certificate"));
    }
    Ok(certificates)
}

fn unlock(place: &KeyPlace, purpose: Purpose, development: bool) -> Result<Unlocked, ConfigError> {
    let error = |e: &dyn std::fmt::Display| ConfigError::file(&place.file, e.to_string());
    let file = KeyFile::parse(&fs::read(&place.file).map_err(|e| error(&e))?).map_err(|e| error(&e))?;
    if file.purpose() != purpose {
        return Err(error(&format!(
            "the key is for {:?}, not for {purpose:?}",
            file.purpose()
        )));
    }
    file.unlock(&pin(place, development)?).map_err(|e| error(&e))
}

fn pin(place: &KeyPlace, development: bool) -> Result<Pin, ConfigError> {
    let text = match (&place.pin_file, &place.pin_env) {
        (Some(path), _) => {
            secret(path, development)?;
            fs::read_to_string(path).map_err(|e| ConfigError::file(path, e))?
        }
        (None, Some(variable)) => std::env::var(variable).map_err(|e| ConfigError::option("pin_env", e))?,
        (None, None) => return Err(ConfigError::option("pin_file", "no PIN is named")),
    };
    Ok(Pin::new(
        text.strip_suffix('\n').map_or(text.clone(), str::to_owned),
    ))
}

/// A file of secrets is the owner's alone; development is not held to it.
#[cfg(unix)]
fn secret(path: &Path, development: bool) -> Result<(), ConfigError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).map_err(|e| ConfigError::file(path, e))?;
    if development || metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(ConfigError::file(
        path,
        "group or others may touch it; mode 0600 is wanted",
    ))
}

#[cfg(not(unix))]
fn secret(_: &Path, _: bool) -> Result<(), ConfigError> {
    Ok(())
}
