//! Exact rational numbers: what every intermediate value of an evaluation is.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::Signed;
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
    /// The root of a number below zero.
    #[error("the root of a number below zero")]
    NegativeRoot,
    /// A statistic over fewer bids than it needs.
    #[error("{needed} bids are needed, {found} are there")]
    TooFewBids {
        /// How many it needs.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// The text is not a reduced fraction such as `3`, `-7/2`.
    #[error("not a reduced fraction")]
    Syntax,
}

/// An exact rational number, always reduced, denominator positive.
///
/// In JSON a string: `"12"`, `"-7/2"`. No operation rounds; rounding is
/// [`Rounding::apply`](crate::Rounding::apply) and happens only where a rulebook says.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Exact(Repr);

/// One value has one form: small wherever both halves fit.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// Numerator and denominator; almost every number of an evaluation.
    Small(i64, i64),
    /// What does not fit.
    Large(BigRational),
}

/// Both halves of a small value, wide enough for one more operation.
type Halves = (i128, i128);

impl Exact {
    /// Zero.
    pub fn zero() -> Self {
        Self(Repr::Small(0, 1))
    }

    /// A whole number over a power of ten.
    pub(crate) fn from_scaled(mantissa: BigInt, scale: u32) -> Self {
        Self::of(BigRational::new(mantissa, power_of_ten(scale)))
    }

    /// As [`Exact::from_scaled`], where the power fits; none where it does not.
    pub(crate) fn from_small_scaled(mantissa: i128, scale: u32) -> Option<Self> {
        let power = 10i128.checked_pow(scale)?;
        Some(Self::reduced(mantissa, power))
    }

    /// `numerator / denominator`, denominator above zero.
    fn reduced(numerator: i128, denominator: i128) -> Self {
        let (n, d) = match denominator {
            1 => (numerator, 1),
            _ => {
                let common = gcd(numerator.unsigned_abs(), denominator.unsigned_abs());
                // A divisor of the denominator fits wherever that does.
                let common = i128::try_from(common).unwrap_or(1);
                (numerator / common, denominator / common)
            }
        };
        match (i64::try_from(n), i64::try_from(d)) {
            (Ok(n), Ok(d)) => Self(Repr::Small(n, d)),
            _ => Self(Repr::Large(BigRational::new_raw(n.into(), d.into()))),
        }
    }

    fn of(value: BigRational) -> Self {
        match (i64::try_from(value.numer()), i64::try_from(value.denom())) {
            (Ok(n), Ok(d)) => Self(Repr::Small(n, d)),
            _ => Self(Repr::Large(value)),
        }
    }

    /// Both halves, where they are small.
    pub(crate) fn halves(&self) -> Option<Halves> {
        match self.0 {
            Repr::Small(n, d) => Some((n.into(), d.into())),
            Repr::Large(_) => None,
        }
    }

    pub(crate) fn ratio(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Repr::Small(n, d) => Cow::Owned(BigRational::new_raw((*n).into(), (*d).into())),
            Repr::Large(value) => Cow::Borrowed(value),
        }
    }

    fn bounded(value: BigRational) -> Result<Self, NumberError> {
        if value.numer().bits() > MAX_BITS || value.denom().bits() > MAX_BITS {
            return Err(NumberError::TooLarge);
        }
        Ok(Self::of(value))
    }

    /// `self + other`.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn checked_add(&self, other: &Self) -> Result<Self, NumberError> {
        match (self.halves(), other.halves()) {
            (Some((a, b)), Some((c, d))) if b == d => Ok(Self::reduced(a + c, b)),
            (Some((a, b)), Some((c, d))) => Ok(Self::reduced(a * d + c * b, b * d)),
            _ => Self::bounded(&*self.ratio() + &*other.ratio()),
        }
    }

    /// `self - other`.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn checked_sub(&self, other: &Self) -> Result<Self, NumberError> {
        match (self.halves(), other.halves()) {
            (Some((a, b)), Some((c, d))) if b == d => Ok(Self::reduced(a - c, b)),
            (Some((a, b)), Some((c, d))) => Ok(Self::reduced(a * d - c * b, b * d)),
            _ => Self::bounded(&*self.ratio() - &*other.ratio()),
        }
    }

    /// `self * other`.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn checked_mul(&self, other: &Self) -> Result<Self, NumberError> {
        match (self.halves(), other.halves()) {
            (Some((a, b)), Some((c, d))) => Ok(Self::reduced(a * c, b * d)),
            _ => Self::bounded(&*self.ratio() * &*other.ratio()),
        }
    }

    /// `self / other`.
    ///
    /// # Errors
    /// [`NumberError::DivisionByZero`], [`NumberError::TooLarge`].
    pub fn checked_div(&self, other: &Self) -> Result<Self, NumberError> {
        if other.is_zero() {
            return Err(NumberError::DivisionByZero);
        }
        match (self.halves(), other.halves()) {
            (Some((a, b)), Some((c, d))) => Ok(Self::reduced(a * d * c.signum(), b * c.abs())),
            _ => Self::bounded(&*self.ratio() / &*other.ratio()),
        }
    }

    /// The sum of all values; zero of none.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn sum<'a>(values: impl IntoIterator<Item = &'a Self>) -> Result<Self, NumberError> {
        // Small halves are reduced once at the end: until then there is room for them.
        const ROOM: u128 = 1 << 62;
        let mut total = Self::zero();
        let (mut numerator, mut denominator): Halves = (0, 1);
        for value in values {
            let next = value.halves().and_then(|(n, d)| {
                let (n, d) = match d == denominator {
                    true => (numerator + n, d),
                    false => (numerator * d + n * denominator, denominator * d),
                };
                (n.unsigned_abs() < ROOM && d.unsigned_abs() < ROOM).then_some((n, d))
            });
            if let Some((n, d)) = next {
                (numerator, denominator) = (n, d);
            } else {
                total = total.checked_add(&Self::reduced(numerator, denominator))?;
                total = total.checked_add(value)?;
                (numerator, denominator) = (0, 1);
            }
        }
        total.checked_add(&Self::reduced(numerator, denominator))
    }

    /// The square root, half up to `places` digits after the point.
    ///
    /// # Errors
    /// [`NumberError::NegativeRoot`], [`NumberError::TooLarge`].
    pub(crate) fn checked_sqrt(&self, places: u32) -> Result<Self, NumberError> {
        if self.is_negative() {
            return Err(NumberError::NegativeRoot);
        }
        let scaled = &*self.ratio() * power_of_ten(2 * places);
        if scaled.numer().bits() > MAX_BITS {
            return Err(NumberError::TooLarge);
        }
        let root = scaled.floor().to_integer().sqrt();
        // The next half is reached where four times the value is at least (2 root + 1) squared.
        let odd: BigInt = &root * 2u32 + 1u32;
        let reached = &scaled * BigInt::from(4u32) >= BigRational::from_integer(&odd * &odd);
        let nearest = if reached { root + 1u32 } else { root };
        Ok(Self::from_scaled(nearest, places))
    }

    /// `self` to a whole power.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub(crate) fn checked_power(&self, exponent: u32) -> Result<Self, NumberError> {
        let mut power = Self::from(1);
        for _ in 0..exponent {
            power = power.checked_mul(self)?;
        }
        Ok(power)
    }

    /// `-self`.
    pub(crate) fn negated(&self) -> Self {
        match self.halves() {
            Some((n, d)) => Self::reduced(-n, d),
            None => Self::of(-&*self.ratio()),
        }
    }

    /// The absolute value.
    pub(crate) fn absolute(&self) -> Self {
        if self.is_negative() {
            self.negated()
        } else {
            self.clone()
        }
    }

    /// The whole number that it is, where it is one and fits.
    pub(crate) fn to_u32(&self) -> Option<u32> {
        match self.0 {
            Repr::Small(n, 1) => u32::try_from(n).ok(),
            _ => None,
        }
    }

    /// Whether the value is zero.
    pub fn is_zero(&self) -> bool {
        self.0 == Repr::Small(0, 1)
    }

    /// Whether the value is greater than zero.
    pub fn is_positive(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n > 0,
            Repr::Large(value) => value.is_positive(),
        }
    }

    /// Whether the value is less than zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small(n, _) => *n < 0,
            Repr::Large(value) => value.is_negative(),
        }
    }

    /// Whether the value is a whole number.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Repr::Small(_, d) => *d == 1,
            Repr::Large(value) => value.is_integer(),
        }
    }
}

/// The greatest common divisor; of two that fit in 64 bits by shorter steps.
fn gcd(a: u128, b: u128) -> u128 {
    match (u64::try_from(a), u64::try_from(b)) {
        (Ok(a), Ok(b)) => a.gcd(&b).into(),
        _ => a.gcd(&b),
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.halves(), other.halves()) {
            (Some((a, b)), Some((c, d))) => (a * d).cmp(&(c * b)),
            _ => self.ratio().cmp(&other.ratio()),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<u32> for Exact {
    fn from(value: u32) -> Self {
        Self(Repr::Small(value.into(), 1))
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
        match &self.0 {
            Repr::Small(n, 1) => write!(f, "{n}"),
            Repr::Small(n, d) => write!(f, "{n}/{d}"),
            Repr::Large(value) if value.is_integer() => write!(f, "{}", value.numer()),
            Repr::Large(value) => write!(f, "{}/{}", value.numer(), value.denom()),
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
