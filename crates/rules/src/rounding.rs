//! Rounding: the modes a rulebook may name, and how a number is shown.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::{plain_text, small_text};
use crate::exact::{Exact, NumberError, power_of_ten};

/// The most places a rulebook may round to.
pub const MAX_PLACES: u32 = 20;

/// The most places in which an unrounded number is shown exactly.
const SHOWN_EXACT_PLACES: u32 = 12;

/// The places in which a number without a short decimal form is shown.
const SHOWN_PLACES: u32 = 6;

/// How a number is rounded (SC-9, SC-10, SC-12: no law fixes it, so the rulebook does).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    /// To the nearest, a half away from zero (四舍五入).
    HalfUp,
    /// To the nearest, a half to the even digit.
    HalfEven,
    /// Towards zero (SC-12).
    Truncate,
    /// Towards plus infinity.
    Up,
    /// Towards minus infinity.
    Down,
    /// Not at all: the exact value is carried on.
    None,
}

/// A mode and the number of digits after the point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    /// The mode.
    pub mode: RoundingMode,
    /// Digits after the point, 0..=20; without meaning for [`RoundingMode::None`].
    pub places: u32,
}

impl Rounding {
    /// The rounded value.
    ///
    /// # Errors
    /// [`NumberError::TooLarge`].
    pub fn apply(self, value: &Exact) -> Result<Exact, NumberError> {
        if self.mode == RoundingMode::None {
            return Ok(value.clone());
        }
        if let Some(rounded) = self.apply_small(value) {
            return Ok(rounded);
        }
        let scale = Exact::from_scaled(power_of_ten(self.places), 0);
        let scaled = value.checked_mul(&scale)?;
        let whole = round_to_whole(&scaled.ratio(), self.mode);
        Ok(Exact::from_scaled(whole, self.places))
    }
}

impl Rounding {
    /// The same in plain integers, where they are wide enough.
    fn apply_small(self, value: &Exact) -> Option<Exact> {
        Exact::from_small_scaled(self.small_digits(value)?, self.places)
    }

    /// The digits of the rounded value without their point, where they are few enough.
    fn small_digits(self, value: &Exact) -> Option<i128> {
        let (numerator, denominator) = value.halves()?;
        let scaled = numerator.checked_mul(10i128.checked_pow(self.places)?)?;
        let (floor, rest) = match (i64::try_from(scaled), i64::try_from(denominator)) {
            // Shorter divisions are some ten times as fast.
            (Ok(scaled), Ok(denominator)) => (
                i128::from(scaled.div_euclid(denominator)),
                i128::from(scaled.rem_euclid(denominator)),
            ),
            _ => (scaled.div_euclid(denominator), scaled.rem_euclid(denominator)),
        };
        let half = (rest * 2).cmp(&denominator);
        let up = rest != 0 && goes_up(self.mode, half, scaled < 0, floor % 2 != 0);
        Some(floor + i128::from(up))
    }
}

/// Whether a value between two whole numbers goes to the upper one: `half` compares its fraction with a half.
fn goes_up(mode: RoundingMode, half: Ordering, negative: bool, floor_is_odd: bool) -> bool {
    match mode {
        RoundingMode::HalfUp => half.is_gt() || (half.is_eq() && !negative),
        RoundingMode::HalfEven => half.is_gt() || (half.is_eq() && floor_is_odd),
        RoundingMode::Truncate => negative,
        RoundingMode::Up => true,
        // `None` never comes here.
        RoundingMode::Down | RoundingMode::None => false,
    }
}

fn round_to_whole(value: &BigRational, mode: RoundingMode) -> BigInt {
    let (floor, rest) = value.numer().div_mod_floor(value.denom());
    if rest.is_zero() {
        return floor;
    }
    let ceiling = &floor + 1;
    let negative = value.is_negative();
    let twice: BigInt = rest * 2;
    let half = twice.cmp(value.denom());
    if goes_up(mode, half, negative, floor.is_odd()) {
        ceiling
    } else {
        floor
    }
}

/// A number as people read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Decimal text.
    pub text: String,
    /// Whether the text is only near the value, which has no short decimal form.
    pub approximate: bool,
}

/// Shows a value. A rounded one has exactly the places of its rounding. Another is shown exactly when
/// 12 places are enough, else half-up to 6 places and marked approximate.
pub fn shown(value: &Exact, rounding: Option<Rounding>) -> Shown {
    if let Some(rounding) = rounding.filter(|r| r.mode != RoundingMode::None) {
        return grid_text(value, rounding.places, rounding.mode);
    }
    let exact = match value.halves() {
        Some((_, denominator)) => short_places(denominator),
        None => (0..=SHOWN_EXACT_PLACES).find(|places| is_on_grid(value, *places)),
    };
    grid_text(value, exact.unwrap_or(SHOWN_PLACES), RoundingMode::HalfUp)
}

/// The digits after the point of a reduced fraction, where they end and are few.
fn short_places(mut denominator: i128) -> Option<u32> {
    let mut count = |prime: i128| {
        let mut times = 0;
        while denominator % prime == 0 {
            denominator /= prime;
            times += 1;
        }
        times
    };
    let places: u32 = count(2).max(count(5));
    (denominator == 1 && places <= SHOWN_EXACT_PLACES).then_some(places)
}

fn is_on_grid(value: &Exact, places: u32) -> bool {
    match value.halves() {
        Some((_, denominator)) => 10i128
            .checked_pow(places)
            .is_some_and(|power| power % denominator == 0),
        None => power_of_ten(places).is_multiple_of(value.ratio().denom()),
    }
}

fn grid_text(value: &Exact, places: u32, mode: RoundingMode) -> Shown {
    let approximate = !is_on_grid(value, places);
    let small = Rounding { mode, places }.small_digits(value);
    if let Some(digits) = small.and_then(|digits| i64::try_from(digits).ok()) {
        let text = small_text(digits, places);
        return Shown { text, approximate };
    }
    let scaled = &*value.ratio() * power_of_ten(places);
    Shown {
        text: plain_text(&round_to_whole(&scaled, mode), places),
        approximate,
    }
}
