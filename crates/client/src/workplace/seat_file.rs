//! What is installed on a PC: which seats may be taken there, with which key, at which centre; and the tokens that
//! people bring. Keys in files are for development; a token's slot stands where the file stands here.

use crate::author::PersonalKey;
use crate::error::ClientError;
use crate::rehearsal::ClerkPlan;
use audit::anchors::Anchors;
use evaluation::{Role, SiteId};
use protocol::window::{self, SeatLine, Words};
use record::{DeviceId, Origin};
use sealing::provider::{KeyFile, KeyFileProvider, KeyProvider, Pin};
use sealing::sign::SigningKeyPair;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// What is done at a seat.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Post {
    /// Clerk, with what was prepared for the evaluation.
    Clerk(Box<ClerkPlan>),
    /// Holder, with the key file of its encryption key.
    Holder(String),
    /// Site desk.
    SiteDesk(SiteId),
    /// Supervisor or witness person.
    Observer(Role),
    /// Purchaser.
    Purchaser,
    /// A booth PC.
    Booth {
        /// Booth.
        booth: String,
        /// Device id of the PC.
        device: DeviceId,
        /// Milliseconds between snapshots of the drafts.
        cadence: u64,
    },
}

/// A seat of this PC.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatFile {
    /// `conclave.workplace-seat/1`.
    pub format: String,
    /// Name on this PC.
    pub seat: String,
    /// Record.
    pub origin: Origin,
    /// `https://host:port`.
    pub centre: String,
    /// Local anchors, JSON text.
    pub anchors: String,
    /// Key file: the function key, or a booth PC's device key.
    pub key: String,
    /// PIN of a booth PC's device key: the PC opens without a person. Everybody else types it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_pin: Option<String>,
    /// Chain, base64 DER.
    pub chain: Vec<String>,
    /// Organisation or site, for the list of seats.
    pub organisation: String,
    /// What is done there.
    pub post: Post,
}

/// Format name of [`SeatFile`].
pub const SEAT_FORMAT: &str = "conclave.workplace-seat/1";

/// What a person carries: the personal key, its chain and the key of the own vault, under one PIN.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenFile {
    /// `conclave.token/1`.
    pub format: String,
    /// Personal key file.
    pub personal: String,
    /// Chain, base64 DER.
    pub chain: Vec<String>,
    /// Vault key file.
    pub vault: String,
    /// Number on the slip that was printed for this member beforehand; without one the site desk makes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// Format name of [`TokenFile`].
pub const TOKEN_FORMAT: &str = "conclave.token/1";

/// Most seats and tokens that a PC lists.
const MOST: usize = 64;

fn key_file(text: &str) -> Result<KeyFile, ClientError> {
    KeyFile::parse(text.as_bytes()).map_err(|e| ClientError::Format(e.to_string()))
}

impl SeatFile {
    /// Local anchors.
    ///
    /// # Errors
    /// Not an anchors file.
    pub fn anchors(&self) -> Result<Anchors, ClientError> {
        Anchors::parse(self.anchors.as_bytes()).map_err(|e| ClientError::Format(e.to_string()))
    }

    /// The seat's key in memory, for acts that ask for no PIN of their own.
    ///
    /// # Errors
    /// A wrong PIN.
    pub fn unlock(&self, pin: &Pin) -> Result<SigningKeyPair, ClientError> {
        Ok(key_file(&self.key)?.unlock(pin)?.p256()?)
    }

    /// The seat's key behind its provider.
    ///
    /// # Errors
    /// Not a P-256 key file.
    pub fn provider(&self) -> Result<KeyFileProvider, ClientError> {
        Ok(key_file(&self.key)?.provider()?)
    }

    /// The seat's key for one personal act.
    ///
    /// # Errors
    /// Not a P-256 key file, a damaged chain.
    pub fn personal(&self, pin: &str) -> Result<PersonalKey, ClientError> {
        Ok(PersonalKey {
            provider: self.provider()?,
            chain: evaluation::acts::decode_chain(&self.chain)?,
            pin: Pin::new(pin.to_owned()),
        })
    }

    /// Another key of the seat, e.g. a holder's encryption key.
    ///
    /// # Errors
    /// Not a P-256 key file.
    pub fn further(text: &str) -> Result<KeyFileProvider, ClientError> {
        Ok(key_file(text)?.provider()?)
    }

    /// Its window.
    pub fn desk(&self) -> window::Desk {
        match &self.post {
            Post::Clerk(_) => window::Desk::Clerk,
            Post::Holder(_) => window::Desk::Holder,
            Post::SiteDesk(_) => window::Desk::Operator,
            Post::Observer(_) => window::Desk::Supervisor,
            Post::Purchaser => window::Desk::Purchaser,
            Post::Booth { .. } => window::Desk::Expert,
        }
    }

    /// Its line in the list of seats.
    pub fn line(&self) -> SeatLine {
        let title = match &self.post {
            Post::Clerk(_) => Words::new("经办人员", "Clerk"),
            Post::Holder(_) => Words::new("密钥持有人", "Holder"),
            Post::SiteDesk(_) => Words::new("场所管理员", "Site operator"),
            Post::Observer(Role::WitnessPerson) => Words::new("见证人员", "Witness"),
            Post::Observer(_) => Words::new("监督人员", "Supervisor"),
            Post::Purchaser => Words::new("采购人", "Purchaser"),
            Post::Booth { booth, .. } => Words::new(format!("评标仓 {booth}"), format!("Booth {booth}")),
        };
        SeatLine {
            seat: self.seat.clone(),
            desk: self.desk(),
            title,
            place: Words::same(self.organisation.clone()),
            needs_pin: !matches!(self.post, Post::Booth { .. }),
        }
    }
}

/// Name of the seat that needs no installation: whoever has an archive package can verify it.
pub(super) const VERIFIER: &str = "verifier";

/// The verifier's line in the list of seats.
pub(super) fn verifier_line() -> SeatLine {
    SeatLine {
        seat: VERIFIER.to_owned(),
        desk: window::Desk::Verifier,
        title: Words::new("核验人员", "Verifier"),
        place: Words::new("归档包核验，无须连接中心", "Archive packages, without a centre"),
        needs_pin: false,
    }
}

/// Name of the seat that edits rulebooks: it needs no installation either.
pub(super) const RULEBOOK: &str = "rulebook";

/// The editor's line in the list of seats.
pub(super) fn rulebook_line() -> SeatLine {
    SeatLine {
        seat: RULEBOOK.to_owned(),
        desk: window::Desk::Rulebook,
        title: Words::new("评标办法编制", "Rulebook editor"),
        place: Words::new("编制与试算，无须连接中心", "Write and try out, without a centre"),
        needs_pin: false,
    }
}

/// Reads every `*.json` of a folder that parses; at most 64.
fn read_folder<T: serde::de::DeserializeOwned>(folder: &Path) -> Result<Vec<T>, ClientError> {
    let listed = match std::fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ClientError::Format(error.to_string())),
    };
    let mut paths: Vec<PathBuf> = listed.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    let mut found = Vec::new();
    for path in paths.into_iter().take(MOST) {
        let bytes = std::fs::read(&path).map_err(|e| ClientError::Format(e.to_string()))?;
        let name = path.display();
        found.push(serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(format!("{name}: {e}")))?);
    }
    Ok(found)
}

/// The seats of a workplace folder: `seats/*.json`.
///
/// # Errors
/// A file that is not a seat.
pub(super) fn seats(folder: &Path) -> Result<Vec<SeatFile>, ClientError> {
    let seats: Vec<SeatFile> = read_folder(&folder.join("seats"))?;
    match seats.iter().find(|seat| seat.format != SEAT_FORMAT) {
        Some(seat) => Err(ClientError::Format(format!("{}: not {SEAT_FORMAT}", seat.seat))),
        None => Ok(seats),
    }
}

/// A token that was opened by its PIN.
pub(crate) struct Token {
    /// The personal key.
    pub personal: PersonalKey,
    /// The vault key.
    pub vault: KeyFileProvider,
    /// Number on the member's slip, where one was printed beforehand.
    pub ticket: Option<String>,
}

/// The token in the slot (`tokens/*.json`) that this PIN opens.
///
/// # Errors
/// [`sealing::provider::KeyError`] of a wrong PIN when none does.
pub(super) fn token(folder: &Path, pin: &str) -> Result<Token, ClientError> {
    let tokens: Vec<TokenFile> = read_folder(&folder.join("tokens"))?;
    if tokens.is_empty() {
        return Err(ClientError::check("没有插入密钥", "no token is in the slot"));
    }
    let mut refused = None;
    for token in tokens.iter().filter(|token| token.format == TOKEN_FORMAT) {
        let personal = PersonalKey {
            provider: SeatFile::further(&token.personal)?,
            chain: evaluation::acts::decode_chain(&token.chain)?,
            pin: Pin::new(pin.to_owned()),
        };
        match personal.provider.sign(&personal.pin, b"conclave/pin-check/v1\0") {
            Ok(_) => {
                let vault = SeatFile::further(&token.vault)?;
                let ticket = token.ticket.clone();
                return Ok(Token {
                    personal,
                    vault,
                    ticket,
                });
            }
            Err(error) => refused = Some(error),
        }
    }
    let refused = refused.map(ClientError::from);
    Err(refused.unwrap_or_else(|| ClientError::check("没有插入密钥", "no token is in the slot")))
}
