//! Fixed-size values of the record. In JSON and in text each is lower-case hex; upper case is refused, so
//! that one value has one spelling.

use ring::digest::{Context, SHA256};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// Milliseconds since the Unix epoch, below 2^53.
pub type Millis = u64;

/// The greatest integer the formats carry: 2^53 - 1 (protocol.md 1; the range every JSON reader keeps
/// exactly).
pub const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

/// Why a text is not one of the fixed-size values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// Wrong number of hex digits.
    #[error("{what}: {got} hex digits instead of {expected}")]
    Length {
        /// The type that was read.
        what: &'static str,
        /// Digits wanted.
        expected: usize,
        /// Digits found.
        got: usize,
    },
    /// A character outside `0-9a-f`.
    #[error("{what}: character {position} is not a lower-case hex digit")]
    NotHex {
        /// The type that was read.
        what: &'static str,
        /// Byte position of the character.
        position: usize,
    },
    /// A public key that does not begin with 0x04.
    #[error("public key: first byte is {got:#04x}, only uncompressed points (0x04) are accepted")]
    NotUncompressed {
        /// The byte found.
        got: u8,
    },
}

fn parse_hex<const N: usize>(what: &'static str, text: &str) -> Result<[u8; N], IdError> {
    if let Some(position) = text
        .bytes()
        .position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    {
        return Err(IdError::NotHex { what, position });
    }
    let mut bytes = [0; N];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| IdError::Length {
        what,
        expected: 2 * N,
        got: text.len(),
    })?;
    Ok(bytes)
}

macro_rules! hex_value {
    ($(#[$doc:meta])* $name:ident, $size:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $size]);

        impl $name {
            /// The bytes.
            pub fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&hex::encode(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::checked(parse_hex($what, text)?)
            }
        }
    };
    ($(#[$doc:meta])* any $name:ident, $size:literal, $what:literal) => {
        hex_value!($(#[$doc])* $name, $size, $what);

        impl $name {
            fn checked(bytes: [u8; $size]) -> Result<Self, IdError> {
                Ok(Self(bytes))
            }
        }
    };
}

hex_value!(
    /// A SHA-256 digest.
    any Digest, 32, "digest"
);
hex_value!(
    /// Identity of a record: random, fixed in its first act. An act with another origin is foreign.
    any Origin, 16, "record origin"
);
hex_value!(
    /// Identity of an act, chosen at random by its author; the same id is the same act (idempotence).
    any ActId, 16, "act id"
);
hex_value!(
    /// Identity of a machine, random, given when it is enrolled.
    any DeviceId, 16, "device id"
);
hex_value!(
    /// The random value that makes a commitment hide what it commits to.
    any Salt, 32, "salt"
);
hex_value!(
    /// A signature in the fixed form r ‖ s, each 32 bytes.
    any Signature, 64, "signature"
);
hex_value!(
    /// A public key: uncompressed SEC 1 point (0x04 ‖ x ‖ y) on P-256, or on SM2 in the GM suite.
    ///
    /// The text form refuses another length or first byte. That the point lies on the curve shows when a
    /// signature is verified.
    PublicKey, 65, "public key"
);

impl PublicKey {
    fn checked(bytes: [u8; 65]) -> Result<Self, IdError> {
        match bytes[0] {
            0x04 => Ok(Self(bytes)),
            got => Err(IdError::NotUncompressed { got }),
        }
    }
}

impl Digest {
    /// Plain SHA-256 of `bytes`.
    pub fn of(bytes: &[u8]) -> Digest {
        Self::of_parts(&[bytes])
    }

    /// Domain-separated digest: SHA-256(`tag` ‖ 0x00 ‖ parts one after the other).
    ///
    /// The parts are not length-prefixed: a caller with more than one part of variable length prefixes them
    /// itself.
    pub fn tagged(tag: &str, parts: &[&[u8]]) -> Digest {
        let mut context = Context::new(&SHA256);
        context.update(tag.as_bytes());
        context.update(&[0]);
        parts.iter().for_each(|part| context.update(part));
        finish(context)
    }

    pub(crate) fn of_parts(parts: &[&[u8]]) -> Digest {
        let mut context = Context::new(&SHA256);
        parts.iter().for_each(|part| context.update(part));
        finish(context)
    }
}

fn finish(context: Context) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(context.finish().as_ref());
    Digest(bytes)
}

/// A blob named by an act: its SHA-256 and exact size in bytes. What is larger than 32 KiB is a blob
/// (protocol.md 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlobRef {
    /// Plain SHA-256 of the blob.
    pub digest: Digest,
    /// Exact length in bytes.
    pub size: u64,
}

impl BlobRef {
    /// The reference to these bytes.
    pub fn of(bytes: &[u8]) -> BlobRef {
        BlobRef {
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
        }
    }

    /// Whether these bytes are the blob.
    pub fn matches(&self, bytes: &[u8]) -> bool {
        *self == BlobRef::of(bytes)
    }
}

/// The cryptographic suite of an act. Hashes of acts and record are SHA-256 in both (protocol.md 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Suite {
    /// ECDSA on P-256 with SHA-256.
    International,
    /// SM2 with SM3.
    Gm,
}

impl Suite {
    /// The byte in a header: 1 or 2.
    pub fn byte(self) -> u8 {
        match self {
            Suite::International => 1,
            Suite::Gm => 2,
        }
    }

    /// The suite of a header byte.
    pub fn from_byte(byte: u8) -> Option<Suite> {
        match byte {
            1 => Some(Suite::International),
            2 => Some(Suite::Gm),
            _ => None,
        }
    }
}
