//! The configuration file: TOML, unknown options refused. docs/formats/centre-config.md explains each.

use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file it is or names can't be read.
    #[error("{path}: {reason}")]
    File {
        /// The file.
        path: String,
        /// What the system or the parser says.
        reason: String,
    },
    /// An option has a value that can't be.
    #[error("option {option}: {reason}")]
    Option {
        /// The option.
        option: &'static str,
        /// What is wrong.
        reason: String,
    },
}

impl ConfigError {
    pub(crate) fn file(path: &Path, reason: impl ToString) -> Self {
        Self::File {
            path: path.display().to_string(),
            reason: reason.to_string(),
        }
    }

    pub(crate) fn option(option: &'static str, reason: impl ToString) -> Self {
        Self::Option {
            option,
            reason: reason.to_string(),
        }
    }
}

/// The configuration of a centre. Paths are those of the file after [`Config::read`]: absolute, or relative to
/// the working directory.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Name of the centre; key name of its checkpoints.
    pub name: String,
    /// Address of the commands, TLS.
    pub listen: SocketAddr,
    /// Address of the metrics, plain HTTP, loopback only.
    pub operator_listen: SocketAddr,
    /// Folder of records and blobs.
    pub data: PathBuf,
    /// At-rest key, outside `records` and `blobs` of the data folder.
    pub at_rest_key: PathBuf,
    /// CA roots, PEM.
    pub roots: PathBuf,
    /// Development keys are taken, fault points can be armed.
    #[serde(default)]
    pub development: bool,
    /// If set, live channels speak only at multiples of so many milliseconds.
    #[serde(default)]
    pub cover_interval_ms: Option<u64>,
    /// The server's own certificate and key.
    pub tls: TlsFiles,
    /// Key of the checkpoints, Ed25519.
    pub log_key: KeyPlace,
    /// Key of centre acts, P-256.
    pub act_key: KeyPlace,
    /// Bounds.
    #[serde(default)]
    pub limits: Limits,
    /// What is logged.
    #[serde(default)]
    pub log: Log,
}

/// PEM files of the server's certificate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// Chain, leaf first.
    pub certificate: PathBuf,
    /// Private key.
    pub key: PathBuf,
}

/// A key file and where its PIN is: exactly one of file and environment variable.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyPlace {
    /// Key file (docs/formats/keyfile.md).
    pub file: PathBuf,
    /// File that holds the PIN; one final line feed is not part of it.
    #[serde(default)]
    pub pin_file: Option<PathBuf>,
    /// Environment variable that holds the PIN.
    #[serde(default)]
    pub pin_env: Option<String>,
}

/// What is logged beside the fixed fields of a command.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// Directives of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    /// Whether client addresses are logged.
    pub addresses: bool,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            addresses: false,
        }
    }
}

/// Bounds of the process.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Acts that wait for the committer of one record (protocol 2).
    pub queue: usize,
    /// Bytes of a JSON body.
    pub json_bytes: usize,
    /// Bytes of a blob.
    pub blob_bytes: usize,
    /// Bytes of blobs on their way at once, for members and for bidders each.
    pub blob_memory_bytes: usize,
    /// Bytes of sealed parts of one record that no act names yet.
    pub unnamed_bid_bytes: u64,
    /// Hours after which such a part is removed.
    pub unnamed_bid_hours: u64,
    /// Bytes of sealed parts that one address may bring a minute.
    pub bid_bytes_per_address_minute: u64,
    /// Live channels in all.
    pub live_channels: usize,
    /// Live channels of one key; each record counts once.
    pub live_channels_per_key: usize,
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address.
    pub connections_per_address: usize,
    /// Seconds for a TLS handshake.
    pub handshake_seconds: u64,
    /// Seconds for the head of a request, and of idleness between requests.
    pub header_seconds: u64,
    /// Seconds for a request, its body included.
    pub request_seconds: u64,
    /// Seconds for a blob or an archive package.
    pub blob_seconds: u64,
    /// Seconds in which a caller must take 64 KiB of an answer, or the rest of it.
    pub write_seconds: u64,
    /// Seconds between lines of a silent live channel.
    pub keep_alive_seconds: u64,
    /// Seconds that requests under way have at shutdown.
    pub shutdown_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            queue: 4096,
            json_bytes: protocol::MAX_JSON_BODY,
            blob_bytes: 256 << 20,
            blob_memory_bytes: 512 << 20,
            unnamed_bid_bytes: 8 << 30,
            unnamed_bid_hours: 24,
            bid_bytes_per_address_minute: 1 << 30,
            live_channels: 1024,
            live_channels_per_key: 32,
            connections: 8192,
            connections_per_address: 1024,
            handshake_seconds: 10,
            header_seconds: 30,
            request_seconds: 30,
            blob_seconds: 600,
            write_seconds: 30,
            keep_alive_seconds: 10,
            shutdown_seconds: 30,
        }
    }
}

impl Limits {
    pub(crate) fn header(&self) -> Duration {
        Duration::from_secs(self.header_seconds)
    }

    pub(crate) fn keep_alive(&self) -> Duration {
        Duration::from_secs(self.keep_alive_seconds)
    }

    pub(crate) fn write(&self) -> Duration {
        Duration::from_secs(self.write_seconds)
    }

    /// Bounds of sealed parts, for the centre.
    pub fn bid_blobs(&self) -> centre::BidBlobLimits {
        centre::BidBlobLimits {
            unnamed_bytes: self.unnamed_bid_bytes,
            unnamed_age: self.unnamed_bid_hours.saturating_mul(3_600_000),
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        let largest_blob = usize::try_from(storage::MAX_BLOB).unwrap_or(usize::MAX);
        let ranges: [(&'static str, usize, usize); 8] = [
            ("limits.queue", self.queue, 65_536),
            ("limits.json_bytes", self.json_bytes, protocol::MAX_JSON_BODY),
            ("limits.blob_bytes", self.blob_bytes, largest_blob),
            ("limits.blob_memory_bytes", self.blob_memory_bytes, 1 << 38),
            ("limits.live_channels", self.live_channels, 1 << 20),
            (
                "limits.live_channels_per_key",
                self.live_channels_per_key,
                1 << 20,
            ),
            ("limits.connections", self.connections, 1 << 20),
            (
                "limits.connections_per_address",
                self.connections_per_address,
                1 << 20,
            ),
        ];
        for (option, value, most) in ranges {
            if value == 0 || value > most {
                return Err(ConfigError::option(option, format!("must be 1 to {most}")));
            }
        }
        if self.blob_memory_bytes < self.blob_bytes {
            return Err(ConfigError::option(
                "limits.blob_memory_bytes",
                "one blob of blob_bytes must fit",
            ));
        }
        for (option, value) in [
            ("limits.unnamed_bid_bytes", self.unnamed_bid_bytes),
            (
                "limits.bid_bytes_per_address_minute",
                self.bid_bytes_per_address_minute,
            ),
        ] {
            if value < self.blob_bytes as u64 || value > 1 << 50 {
                return Err(ConfigError::option(option, "must be blob_bytes to 2^50"));
            }
        }
        if !(1..=8_760).contains(&self.unnamed_bid_hours) {
            return Err(ConfigError::option(
                "limits.unnamed_bid_hours",
                "must be 1 to 8760",
            ));
        }
        let seconds = [
            ("limits.handshake_seconds", self.handshake_seconds),
            ("limits.header_seconds", self.header_seconds),
            ("limits.request_seconds", self.request_seconds),
            ("limits.blob_seconds", self.blob_seconds),
            ("limits.write_seconds", self.write_seconds),
            ("limits.keep_alive_seconds", self.keep_alive_seconds),
            ("limits.shutdown_seconds", self.shutdown_seconds),
        ];
        for (option, value) in seconds {
            if !(1..=86_400).contains(&value) {
                return Err(ConfigError::option(option, "must be 1 to 86400"));
            }
        }
        Ok(())
    }
}

impl Config {
    /// Reads the file, resolves its paths against its own folder, and checks it.
    ///
    /// # Errors
    /// [`ConfigError`].
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path).map_err(|e| ConfigError::file(path, e))?;
        let mut config: Config = toml::from_str(&text).map_err(|e| ConfigError::file(path, e))?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        config.resolve(&folder);
        config.check()?;
        Ok(config)
    }

    fn resolve(&mut self, folder: &Path) {
        let paths = [
            Some(&mut self.data),
            Some(&mut self.at_rest_key),
            Some(&mut self.roots),
            Some(&mut self.tls.certificate),
            Some(&mut self.tls.key),
            Some(&mut self.log_key.file),
            Some(&mut self.act_key.file),
            self.log_key.pin_file.as_mut(),
            self.act_key.pin_file.as_mut(),
        ];
        for path in paths.into_iter().flatten() {
            *path = folder.join(&*path);
        }
    }

    /// Checks what can be checked without touching a file.
    ///
    /// # Errors
    /// [`ConfigError::Option`].
    pub fn check(&self) -> Result<(), ConfigError> {
        if !self.operator_listen.ip().is_loopback() {
            return Err(ConfigError::option(
                "operator_listen",
                "must be a loopback address",
            ));
        }
        for folder in ["records", "blobs"] {
            if self.at_rest_key.starts_with(self.data.join(folder)) {
                return Err(ConfigError::option(
                    "at_rest_key",
                    "must not lie beside what it encrypts",
                ));
            }
        }
        for (option, place) in [("log_key", &self.log_key), ("act_key", &self.act_key)] {
            if place.pin_file.is_some() == place.pin_env.is_some() {
                return Err(ConfigError::option(option, "needs one of pin_file and pin_env"));
            }
        }
        if self
            .cover_interval_ms
            .is_some_and(|ms| !(10..=60_000).contains(&ms))
        {
            return Err(ConfigError::option("cover_interval_ms", "must be 10 to 60000"));
        }
        self.limits.check()
    }
}
