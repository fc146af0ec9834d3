//! C2SP signed notes (c2sp.org/signed-note), checkpoints (c2sp.org/tlog-checkpoint) and cosignatures
//! (c2sp.org/tlog-cosignature, cosignature/v1), narrowed to what a record needs.
//!
//! Narrower than C2SP: a checkpoint has no extension lines; a note has at most [`MAX_NOTE`] bytes and
//! [`MAX_SIGNATURES`] signatures, and no key signs it twice.

mod checkpoint;
mod key;

pub use checkpoint::{Checkpoint, origin_line};
pub use key::{KeyAlgorithm, VerifierKey};

use crate::base64_bytes;
use ring::signature::{ED25519, UnparsedPublicKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// Greatest length of a signed note, in bytes.
pub const MAX_NOTE: usize = 16 * 1024;

/// Greatest number of signatures of a note.
pub const MAX_SIGNATURES: usize = 32;

/// Greatest time of a cosignature (c2sp.org/tlog-cosignature).
const MAX_SECONDS: u64 = i64::MAX as u64;

/// Why a key, checkpoint or note is not one, or does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// A key name that is empty or has white space, control characters or `+`.
    #[error("key name {0:?} is not allowed")]
    Name(String),
    /// A text that is not `name+id+base64`.
    #[error("verifier key: {0}")]
    VerifierKey(&'static str),
    /// More bytes than a note may have.
    #[error("note has {got} bytes, more than {MAX_NOTE}")]
    TooLong {
        /// Bytes found.
        got: usize,
    },
    /// More signatures than a note may have.
    #[error("note has {got} signatures, more than {MAX_SIGNATURES}")]
    TooManySignatures {
        /// Signatures found.
        got: usize,
    },
    /// The form of the note is wrong.
    #[error("note, line {line}: {what}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// What is wrong there.
        what: &'static str,
    },
    /// Two signatures by one key.
    #[error("note, line {line}: second signature by {name:?}")]
    SignedTwice {
        /// Number of the line, from 1.
        line: usize,
        /// Name of the key.
        name: String,
    },
    /// The note carries no signature by that key.
    #[error("not signed by {0:?}")]
    NotSigned(String),
    /// The signature by that key does not verify.
    #[error("signature by {0:?} does not verify")]
    BadSignature(String),
    /// A log key where a cosigner's key is needed, or the other way round.
    #[error("key {name:?} is not for this kind of signature")]
    WrongAlgorithm {
        /// Name of the key.
        name: String,
    },
    /// A time beyond 2^63 - 1 seconds.
    #[error("cosignature time is out of range")]
    Time,
    /// Two notes about different checkpoints.
    #[error("the notes have different texts")]
    DifferentText,
}

/// One signature line of a note. Says nothing by itself; [`SignedCheckpoint::verify_log`] and
/// [`SignedCheckpoint::verify_cosignature`] judge it under a known key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// Id of the key ([`VerifierKey::id`]).
    pub key_id: [u8; 4],
    /// What follows the key id: 64 bytes of a log key, 8 bytes of time and 64 of a cosigner.
    pub bytes: Vec<u8>,
}

impl NoteSignature {
    fn is_by(&self, name: &str, key_id: [u8; 4]) -> bool {
        self.name == name && self.key_id == key_id
    }

    fn parse(line: &str) -> Result<NoteSignature, &'static str> {
        let line = line
            .strip_prefix("— ")
            .ok_or("a signature begins with an em dash and a space")?;
        let (name, blob) = line
            .split_once(' ')
            .ok_or("a signature is a key name, a space and base64")?;
        if !key::is_name(name) {
            return Err("key name");
        }
        let blob = base64_bytes::decode(blob).ok_or("signature is not canonical base64")?;
        let (key_id, bytes) = blob
            .split_first_chunk::<4>()
            .ok_or("signature is shorter than a key id")?;
        if bytes.is_empty() {
            return Err("signature is empty");
        }
        Ok(NoteSignature {
            name: name.to_owned(),
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    }
}

impl fmt::Display for NoteSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blob = [&self.key_id[..], &self.bytes].concat();
        writeln!(f, "— {} {}", self.name, base64_bytes::encode(&blob))
    }
}

/// A checkpoint and signatures. The text always says the checkpoint; the signatures are not yet judged.
///
/// `Display` writes the note, `FromStr` reads it, and the note read and written again is the same bytes. In
/// JSON: the note as a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    text: String,
    signatures: Vec<NoteSignature>,
}

impl SignedCheckpoint {
    /// Reads a signed note.
    pub fn parse(bytes: &[u8]) -> Result<SignedCheckpoint, NoteError> {
        if bytes.len() > MAX_NOTE {
            return Err(NoteError::TooLong { got: bytes.len() });
        }
        let note = std::str::from_utf8(bytes).map_err(|_| NoteError::Line {
            line: 1,
            what: "not UTF-8",
        })?;
        let (text, signatures) = note
            .rfind("\n\n")
            .map(|at| (&note[..=at], &note[at + 2..]))
            .ok_or(NoteError::Line {
                line: 1,
                what: "no empty line before the signatures",
            })?;
        let checkpoint: Checkpoint = text.parse()?;
        let mut signed = SignedCheckpoint {
            checkpoint,
            text: text.to_owned(),
            signatures: Vec::new(),
        };
        let first_line = text.matches('\n').count() + 2;
        let fault = |line, what| NoteError::Line { line, what };
        let Some(lines) = signatures.strip_suffix('\n') else {
            return Err(fault(first_line, "signatures do not end in a newline"));
        };
        for (line, text) in (first_line..).zip(lines.split('\n')) {
            let signature = NoteSignature::parse(text).map_err(|what| fault(line, what))?;
            if signed.signature(&signature.name, signature.key_id).is_some() {
                return Err(NoteError::SignedTwice {
                    line,
                    name: signature.name,
                });
            }
            signed.signatures.push(signature);
        }
        match signed.signatures.len() {
            got if got > MAX_SIGNATURES => Err(NoteError::TooManySignatures { got }),
            _ => Ok(signed),
        }
    }

    /// The note: text, empty line, signatures in their order.
    pub fn format(&self) -> String {
        self.to_string()
    }

    /// What the note says. Trust it after [`Self::verify_log`] only.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The text that is signed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    fn signature(&self, name: &str, key_id: [u8; 4]) -> Option<&NoteSignature> {
        self.signatures
            .iter()
            .find(|signature| signature.is_by(name, key_id))
    }

    /// Checks the log's signature and gives the checkpoint.
    pub fn verify_log(&self, key: &VerifierKey) -> Result<&Checkpoint, NoteError> {
        let bytes = self.signature_by(key, KeyAlgorithm::LogEd25519)?;
        verify_ed25519(key, self.text.as_bytes(), bytes)?;
        Ok(&self.checkpoint)
    }

    /// Checks a witness's cosignature and gives its time in seconds since the Unix epoch.
    pub fn verify_cosignature(&self, key: &VerifierKey) -> Result<u64, NoteError> {
        let bytes = self.signature_by(key, KeyAlgorithm::Cosignature)?;
        let (time, signature) = bytes
            .split_first_chunk::<8>()
            .ok_or_else(|| NoteError::BadSignature(key.name().to_owned()))?;
        let seconds = u64::from_be_bytes(*time);
        if seconds > MAX_SECONDS {
            return Err(NoteError::Time);
        }
        verify_ed25519(key, &cosigned_message(seconds, &self.text), signature)?;
        Ok(seconds)
    }

    fn signature_by(&self, key: &VerifierKey, algorithm: KeyAlgorithm) -> Result<&[u8], NoteError> {
        if key.algorithm() != algorithm {
            return Err(NoteError::WrongAlgorithm {
                name: key.name().to_owned(),
            });
        }
        let signature = self.signature(key.name(), key.id());
        signature
            .map(|found| found.bytes.as_slice())
            .ok_or_else(|| NoteError::NotSigned(key.name().to_owned()))
    }

    /// Adds the cosignature of `key` at `seconds` since the Unix epoch. `sign` is Ed25519 with the secret
    /// key.
    ///
    /// A cosigner checks consistency with what it has signed before it calls this.
    pub fn cosign(
        &mut self,
        key: &VerifierKey,
        seconds: u64,
        sign: impl FnOnce(&[u8]) -> [u8; 64],
    ) -> Result<(), NoteError> {
        if key.algorithm() != KeyAlgorithm::Cosignature {
            return Err(NoteError::WrongAlgorithm {
                name: key.name().to_owned(),
            });
        }
        if seconds > MAX_SECONDS {
            return Err(NoteError::Time);
        }
        let signature = sign(&cosigned_message(seconds, &self.text));
        let bytes = [&seconds.to_be_bytes()[..], &signature].concat();
        let line = self.text.matches('\n').count() + 2 + self.signatures.len();
        match self.add(NoteSignature {
            name: key.name().to_owned(),
            key_id: key.id(),
            bytes,
        })? {
            true => Ok(()),
            false => Err(NoteError::SignedTwice {
                line,
                name: key.name().to_owned(),
            }),
        }
    }

    /// Adds the signatures of another note with the same text, by keys that have not signed this one, and
    /// gives their number. Of two signatures by one key the one here stays: verify before merging, so that a
    /// bad one can't keep a good one out.
    pub fn merge(&mut self, other: &SignedCheckpoint) -> Result<usize, NoteError> {
        if self.text != other.text {
            return Err(NoteError::DifferentText);
        }
        let mut merged = self.clone();
        let mut added = 0;
        for signature in &other.signatures {
            added += usize::from(merged.add(signature.clone())?);
        }
        *self = merged;
        Ok(added)
    }

    /// False where that key has signed already.
    fn add(&mut self, signature: NoteSignature) -> Result<bool, NoteError> {
        if self.signature(&signature.name, signature.key_id).is_some() {
            return Ok(false);
        }
        let count = self.signatures.len() + 1;
        if count > MAX_SIGNATURES {
            return Err(NoteError::TooManySignatures { got: count });
        }
        let length = self.to_string().len() + signature.to_string().len();
        if length > MAX_NOTE {
            return Err(NoteError::TooLong { got: length });
        }
        self.signatures.push(signature);
        Ok(true)
    }
}

/// Signs a checkpoint with the log's key. `sign` is Ed25519 with the secret key, over the bytes given.
pub fn sign_checkpoint(
    checkpoint: &Checkpoint,
    key: &VerifierKey,
    sign: impl FnOnce(&[u8]) -> [u8; 64],
) -> Result<SignedCheckpoint, NoteError> {
    if key.algorithm() != KeyAlgorithm::LogEd25519 {
        return Err(NoteError::WrongAlgorithm {
            name: key.name().to_owned(),
        });
    }
    let text = checkpoint.to_string();
    // An origin with a newline would say another checkpoint.
    let checkpoint: Checkpoint = text.parse()?;
    let bytes = sign(text.as_bytes()).to_vec();
    let mut signed = SignedCheckpoint {
        checkpoint,
        text,
        signatures: Vec::new(),
    };
    signed.add(NoteSignature {
        name: key.name().to_owned(),
        key_id: key.id(),
        bytes,
    })?;
    Ok(signed)
}

/// What a cosigner signs: `cosignature/v1`, `time` and the seconds, then the text of the checkpoint.
fn cosigned_message(seconds: u64, text: &str) -> Vec<u8> {
    format!("cosignature/v1\ntime {seconds}\n{text}").into_bytes()
}

fn verify_ed25519(key: &VerifierKey, message: &[u8], signature: &[u8]) -> Result<(), NoteError> {
    UnparsedPublicKey::new(&ED25519, key.key())
        .verify(message, signature)
        .map_err(|_| NoteError::BadSignature(key.name().to_owned()))
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

impl FromStr for SignedCheckpoint {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<SignedCheckpoint, NoteError> {
        SignedCheckpoint::parse(note.as_bytes())
    }
}

impl Serialize for SignedCheckpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignedCheckpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}
