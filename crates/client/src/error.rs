//! What can go wrong at a seat.

use evaluation::Refusal;
use protocol::ErrorBody;
use protocol::window::Words;
use sealing::provider::KeyError;
use storage::StoreError;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The line to the centre is cut, or the centre does not answer. Work goes on; it is sent later.
    #[error("no line to the centre: {0}")]
    Line(String),
    /// The centre answered with an error.
    #[error("the centre says {error:?}: {detail}", error = .0.error, detail = .0.detail)]
    Centre(ErrorBody),
    /// What the centre showed contradicts what it or others showed before, or the anchors. Everything stops.
    #[error("the record is not sound: {0}")]
    Unsound(String),
    /// The record names a log witness that was not installed here; nothing is sealed, released or decrypted until the
    /// anchors have it, or it is replaced in turn.
    #[error("the record names a log witness that your anchors do not know: {0}")]
    UnknownWitness(String),
    /// A check of this client refuses to go on.
    #[error("refused here: {}", .0.en)]
    Check(Words),
    /// The centre refused what was sent, with its own words: code and detail.
    #[error("the centre refused: {0}")]
    Declined(String),
    /// Another PC took this one's place: its key is refused.
    #[error("this seat was moved to another PC")]
    SeatMoved,
    /// The evaluation refuses.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A key did not do what was asked.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The vault failed.
    #[error(transparent)]
    Vault(#[from] StoreError),
    /// A file of this PC can't be read or written.
    #[error("file: {0}")]
    File(String),
    /// A document could not be read.
    #[error(transparent)]
    Document(#[from] documents::DocumentError),
    /// A file or an answer is not of its format.
    #[error("format: {0}")]
    Format(String),
}

impl ClientError {
    /// A check that refuses, in Chinese and English.
    pub fn check(zh: impl Into<String>, en: impl Into<String>) -> Self {
        ClientError::Check(Words::new(zh, en))
    }

    /// A check that refuses with a technical sentence, the same in every language.
    pub(crate) fn technical(why: impl std::fmt::Display) -> Self {
        let why = why.to_string();
        Self::check(why.clone(), why)
    }

    /// Whether trying again later may help: the line, a busy or waiting centre, an act that became stale, anchors that
    /// are not installed yet.
    pub fn is_passing(&self) -> bool {
        use protocol::ErrorCode::{Busy, Internal, Quota, Waiting};
        match self {
            ClientError::Line(_) | ClientError::UnknownWitness(_) => true,
            ClientError::Centre(body) => {
                matches!(body.error, Busy | Quota | Waiting | Internal)
                    || matches!(body.refusal.as_deref(), Some("C-106" | "C-120" | "C-127"))
            }
            _ => false,
        }
    }
}
