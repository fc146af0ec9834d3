//! Names: bidders, roster lines, criteria, stage instances. Each is checked once, when made.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The longest criterion id, stage id or roster line, in bytes.
pub const MAX_ID_BYTES: usize = 64;

/// The longest bidder id, in bytes: `B4294967295`.
pub const MAX_BIDDER_BYTES: usize = 11;

/// Why a text is not a name of the kind wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {wanted}")]
pub struct IdError {
    text: String,
    wanted: &'static str,
}

macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $wanted:literal, $pattern:literal, $max:expr, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks the text and makes the name.
            ///
            /// # Errors
            /// [`IdError`] when the text does not follow the grammar of this name.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                let check: fn(&str) -> bool = $check;
                if check(&text) {
                    Ok(Self(text.into()))
                } else {
                    Err(IdError { text, wanted: $wanted })
                }
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.as_ref().to_owned()
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "pattern": $pattern, "maxLength": $max })
            }
        }
    };
}

fn is_path_name(text: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._/-".contains(&b))
}

fn is_bidder(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('B') else {
        return false;
    };
    digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') && digits.parse::<u32>().is_ok()
}

fn is_line(text: &str) -> bool {
    (1..=MAX_ID_BYTES).contains(&text.len())
        && text == text.trim()
        && !text.chars().any(|c| c.is_control() || "\"\\:".contains(c))
}

name_type!(
    /// A bidder within one evaluation: `B` and its ordinal, `B1`. Ordered by the ordinal.
    BidderId, "a bidder id such as B1", "^B[1-9][0-9]*$", MAX_BIDDER_BYTES, is_bidder
);

name_type!(
    /// One roster line of the committee: the code name that sheets carry. No `"`, `\`, `:` or control
    /// character; at most 64 bytes.
    Line, "a roster line of 1 to 64 bytes", "^[^\"\\\\:\\u0000-\\u001f]+$", MAX_ID_BYTES, is_line
);

name_type!(
    /// A criterion: ASCII letters, digits, `.`, `_`, `/`, `-`; at most 64 bytes.
    CriterionId, "a criterion id of letters, digits and ._/-", "^[A-Za-z0-9._/-]+$", MAX_ID_BYTES, is_path_name
);

name_type!(
    /// A stage instance, `kind/number`: `scored/1`. Same characters as a criterion id.
    StageId, "a stage id of letters, digits and ._/-", "^[A-Za-z0-9._/-]+$", MAX_ID_BYTES, is_path_name
);

impl BidderId {
    /// The bidder with this ordinal; ordinals start at 1.
    ///
    /// # Errors
    /// [`IdError`] for 0.
    pub fn from_ordinal(ordinal: u32) -> Result<Self, IdError> {
        Self::new(format!("B{ordinal}"))
    }

    /// The number behind the `B`.
    pub fn ordinal(&self) -> u32 {
        self.0[1..].parse().expect("checked when made")
    }
}

impl Ord for BidderId {
    fn cmp(&self, other: &Self) -> Ordering {
        // Without leading zeros the longer number is the larger.
        (self.0.len(), &self.0).cmp(&(other.0.len(), &other.0))
    }
}

macro_rules! ordered_by_text {
    ($($name:ident),*) => {$(
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                self.0.cmp(&other.0)
            }
        }
    )*};
}

ordered_by_text!(Line, CriterionId, StageId);
