//! Decimals as they are written: the only form a number has in a rulebook, a sheet or a price.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::{BigInt, Sign};
use num_traits::Signed;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::exact::Exact;

/// The most digits a decimal may have, before and after the point together.
pub const MAX_DIGITS: usize = 40;

/// The longest text of a decimal, in bytes: digits, sign and point.
pub const MAX_DECIMAL_BYTES: usize = MAX_DIGITS + 2;

/// Why a text is not a decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecimalError {
    /// Something else than `-?digits[.digits]`: a plus, an exponent, a space, a bare point.
    #[error("a decimal is written -?digits[.digits], for example 12.50")]
    Syntax,
    /// A whole part such as `007`.
    #[error("a decimal has no leading zeros")]
    LeadingZero,
    /// `-0`, `-0.00`.
    #[error("zero has no sign")]
    NegativeZero,
    /// More than [`MAX_DIGITS`] digits.
    #[error("a decimal has at most {MAX_DIGITS} digits")]
    TooLong,
}

/// A decimal number as written, its trailing zeros kept.
///
/// In JSON a string, `"12.50"`; numbers of JSON are refused since readers disagree about them.
/// Comparison is by value: `12.5` equals `12.50`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Decimal {
    mantissa: BigInt,
    scale: u32,
}

impl Decimal {
    /// The same value as an exact rational.
    pub fn exact(&self) -> Exact {
        Exact::from_scaled(self.mantissa.clone(), self.scale)
    }

    /// Digits after the point, as written.
    pub fn places(&self) -> u32 {
        self.scale
    }
}

/// Writes `mantissa / 10^scale` with exactly `scale` digits after the point.
pub(crate) fn plain_text(mantissa: &BigInt, scale: u32) -> String {
    let scale = scale as usize;
    let digits = mantissa.abs().to_string();
    let padded = format!("{digits:0>width$}", width = scale + 1);
    let (whole, fraction) = padded.split_at(padded.len() - scale);
    let sign = if mantissa.sign() == Sign::Minus { "-" } else { "" };
    if fraction.is_empty() {
        format!("{sign}{whole}")
    } else {
        format!("{sign}{whole}.{fraction}")
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_DECIMAL_BYTES {
            return Err(DecimalError::TooLong);
        }
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (whole, fraction) = match unsigned.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (unsigned, None),
        };
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_digits(whole) || fraction.is_some_and(|part| !is_digits(part)) {
            return Err(DecimalError::Syntax);
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(DecimalError::LeadingZero);
        }
        let fraction = fraction.unwrap_or_default();
        if whole.len() + fraction.len() > MAX_DIGITS {
            return Err(DecimalError::TooLong);
        }
        let magnitude =
            BigInt::parse_bytes(format!("{whole}{fraction}").as_bytes(), 10).ok_or(DecimalError::Syntax)?;
        let negative = unsigned.len() != text.len();
        if negative && magnitude.sign() == Sign::NoSign {
            return Err(DecimalError::NegativeZero);
        }
        Ok(Self {
            mantissa: if negative { -magnitude } else { magnitude },
            scale: u32::try_from(fraction.len()).map_err(|_| DecimalError::TooLong)?,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&plain_text(&self.mantissa, self.scale))
    }
}

impl TryFrom<String> for Decimal {
    type Error = DecimalError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Decimal> for String {
    fn from(value: Decimal) -> Self {
        value.to_string()
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Decimal {}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        self.exact().cmp(&other.exact())
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^-?(0|[1-9][0-9]*)(\\.[0-9]+)?$",
            "maxLength": MAX_DECIMAL_BYTES,
            "description": "A decimal number as a string; at most 40 digits; no exponent, no plus, no leading zeros, no negative zero."
        })
    }
}
