//! Exact rational numbers: what every intermediate value of an evaluation is.

use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// The longest numerator or denominator, in bits, that a computation may reach.
pub const MAX_BITS: u64 = 65_536;

/// Why an arithmetic step has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// Numerator or denominator would be longer than [`MAX_BITS`].
    #[error("the number is longer than {MAX_BITS} bits")]
    TooLarge,
    /// The divisor is zero.
    #[error("division by zero")]
    DivisionByZero,
    /// The text is not a reduced fraction such as `3`, `-7/2`.
    #[error("not a reduced fraction")]
    Syntax,
}

/// An exact rational number, always reduced, denominator positive.
///
/// In JSON a string: `"12"`, `"-7/2"`. No operation rounds; rounding is
/// [`Rounding::apply`](crate::Rounding::apply) and happens only where a rulebook says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Exact(BigRational);

impl Exact {
    /// Zero.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// A whole number over a power of ten.
    pub(crate) fn from_scaled(mantissa: BigInt, scale: u32) -> Self {
        Self(BigRational::new(mantissa, power_of_ten(scale)))
    }

    pub(crate) fn ratio(&self) -> &BigRational {
        &self.0
    }

    fn bounded(value: BigRational) -> Result<Self, NumberError> {
        if value.numer().bits() > MAX_BITS || value.denom().bits() > MAX_BITS {
            return Err(NumberError::TooLarge);
        }
        Ok(Self(value))
    }

    /// `self + other`.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn checked_add(&self, other: &Self) -> Result<Self, NumberError> {
        Self::bounded(&self.0 + &other.0)
    }

    /// `self - other`.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn checked_sub(&self, other: &Self) -> Result<Self, NumberError> {
        Self::bounded(&self.0 - &other.0)
    }

    /// `self * other`.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn checked_mul(&self, other: &Self) -> Result<Self, NumberError> {
        Self::bounded(&self.0 * &other.0)
    }

    /// `self / other`.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`], [`NumberError::TooLarge`].
    pub fn checked_div(&self, other: &Self) -> Result<Self, NumberError> {
        if other.0.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        Self::bounded(&self.0 / &other.0)
    }

    /// The sum of all values; zero of none.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn sum<'a>(values: impl IntoIterator<Item = &'a Self>) -> Result<Self, NumberError> {
        let mut total = Self::zero();
        for value in values {
            total = total.checked_add(value)?;
        }
        Ok(total)
    }

    /// Whether the value is zero.
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Whether the value is greater than zero.
    pub fn is_positive(&self) -> bool {
        self.0.is_positive()
    }

    /// Whether the value is less than zero.
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Whether the value is a whole number.
    pub fn is_whole(&self) -> bool {
        self.0.is_integer()
    }
}

impl From<u32> for Exact {
    fn from(value: u32) -> Self {
        Self(BigRational::from_integer(BigInt::from(value)))
    }
}

impl From<Exact> for String {
    fn from(value: Exact) -> Self {
        value.to_string()
    }
}

impl TryFrom<String> for Exact {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.denom().is_one() {
            write!(f, "{}", self.0.numer())
        } else {
            write!(f, "{}/{}", self.0.numer(), self.0.denom())
        }
    }
}

impl FromStr for Exact {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // 65,536 bits are 19,729 decimal digits; two of them, a sign and a stroke.
        if text.len() > 2 * 19_729 + 2 {
            return Err(NumberError::TooLarge);
        }
        let (numerator, denominator) = text.split_once('/').unwrap_or((text, "1"));
        let numerator = BigInt::from_str(numerator).map_err(|_| NumberError::Syntax)?;
        let denominator = BigInt::from_str(denominator).map_err(|_| NumberError::Syntax)?;
        if !denominator.is_positive() {
            return Err(NumberError::Syntax);
        }
        let value = Self::bounded(BigRational::new(numerator, denominator))?;
        // One number, one spelling.
        if value.to_string() == text {
            Ok(value)
        } else {
            Err(NumberError::Syntax)
        }
    }
}

impl JsonSchema for Exact {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Exact".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(0|-?[1-9][0-9]*)(/[1-9][0-9]*)?$",
            "description": "A reduced fraction."
        })
    }
}

pub(crate) fn power_of_ten(exponent: u32) -> BigInt {
    BigInt::from(10u32).pow(exponent)
}
