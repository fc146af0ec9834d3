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
    mantissa: Mantissa,
    scale: u32,
}

/// The digits without their point; small wherever they fit.
#[derive(Debug, Clone)]
enum Mantissa {
    Small(i64),
    Large(BigInt),
}

impl Decimal {
    /// The same value as an exact rational.
    pub fn exact(&self) -> Exact {
        match &self.mantissa {
            Mantissa::Small(digits) => Exact::from_small_scaled((*digits).into(), self.scale)
                .unwrap_or_else(|| Exact::from_scaled((*digits).into(), self.scale)),
            Mantissa::Large(digits) => Exact::from_scaled(digits.clone(), self.scale),
        }
    }

    /// The sum, where every digit of it fits; none where that must be added up as rationals.
    pub(crate) fn small_sum<'a>(values: impl Iterator<Item = &'a Self>) -> Option<Exact> {
        let (mut total, mut scale) = (0i64, 0u32);
        for value in values {
            let Mantissa::Small(digits) = value.mantissa else {
                return None;
            };
            let wider = value.scale.max(scale);
            total = total.checked_mul(10i64.checked_pow(wider - scale)?)?;
            total = total.checked_add(digits.checked_mul(10i64.checked_pow(wider - value.scale)?)?)?;
            scale = wider;
        }
        Exact::from_small_scaled(total.into(), scale)
    }

    /// The digits at a scale, where they fit.
    pub(crate) fn small_at(&self, scale: u32) -> Option<i64> {
        let Mantissa::Small(digits) = self.mantissa else {
            return None;
        };
        digits.checked_mul(10i64.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    /// The digits at another scale, where both fit.
    fn at_scale(&self, scale: u32) -> Option<i128> {
        let Mantissa::Small(digits) = self.mantissa else {
            return None;
        };
        i128::from(digits).checked_mul(10i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }

    /// Whether it is a whole number of steps above `from`; the step is not zero.
    pub(crate) fn is_on_step(&self, from: &Self, step: &Self) -> bool {
        let scale = self.scale.max(from.scale).max(step.scale);
        if let (Some(own), Some(from), Some(step)) =
            (self.at_scale(scale), from.at_scale(scale), step.at_scale(scale))
        {
            return own.checked_sub(from).and_then(|above| above.checked_rem(step)) == Some(0);
        }
        let above = self.exact().checked_sub(&from.exact());
        let steps = above.and_then(|above| above.checked_div(&step.exact()));
        steps.is_ok_and(|steps| steps.is_whole())
    }

    /// Digits after the point, as written.
    pub fn places(&self) -> u32 {
        self.scale
    }
}

/// As [`plain_text`], of digits that fit.
pub(crate) fn small_text(digits: i64, scale: u32) -> String {
    // Twenty digits, a sign and a point; a longer scale is padded below.
    let mut text = String::with_capacity(24);
    let mut unsigned = digits.unsigned_abs();
    let mut reversed = [b'0'; 20];
    let mut count = 0;
    while unsigned > 0 || count == 0 {
        // A digit of base ten is below 256.
        reversed[count] = b'0' + (unsigned % 10) as u8;
        unsigned /= 10;
        count += 1;
    }
    let scale = scale as usize;
    if digits < 0 {
        text.push('-');
    }
    for place in (0..count.max(scale + 1)).rev() {
        let digit = if place < count { reversed[place] } else { b'0' };
        text.push(char::from(digit));
        if place == scale && scale > 0 {
            text.push('.');
        }
    }
    text
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
        let digits = format!("{whole}{fraction}");
        let negative = unsigned.len() != text.len();
        if negative && digits.bytes().all(|digit| digit == b'0') {
            return Err(DecimalError::NegativeZero);
        }
        let mantissa = match digits.parse::<i64>() {
            Ok(digits) => Mantissa::Small(if negative { -digits } else { digits }),
            Err(_) => {
                let digits = BigInt::parse_bytes(digits.as_bytes(), 10).ok_or(DecimalError::Syntax)?;
                Mantissa::Large(if negative { -digits } else { digits })
            }
        };
        Ok(Self {
            mantissa,
            scale: u32::try_from(fraction.len()).map_err(|_| DecimalError::TooLong)?,
        })
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.mantissa {
            Mantissa::Small(digits) => f.write_str(&small_text(*digits, self.scale)),
            Mantissa::Large(digits) => f.write_str(&plain_text(digits, self.scale)),
        }
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
        let scale = self.scale.max(other.scale);
        match (self.at_scale(scale), other.at_scale(scale)) {
            (Some(own), Some(other)) => own.cmp(&other),
            _ => self.exact().cmp(&other.exact()),
        }
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
