//! Rounding: the modes a rulebook may name, and how a number is shown.

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::decimal::plain_text;
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
        let scale = Exact::from_scaled(power_of_ten(self.places), 0);
        let scaled = value.checked_mul(&scale)?;
        let whole = round_to_whole(scaled.ratio(), self.mode);
        Ok(Exact::from_scaled(whole, self.places))
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
    let goes_up = match mode {
        RoundingMode::HalfUp => half.is_gt() || (half.is_eq() && !negative),
        RoundingMode::HalfEven => half.is_gt() || (half.is_eq() && floor.is_odd()),
        RoundingMode::Truncate => negative,
        RoundingMode::Up => true,
        // `None` never comes here.
        RoundingMode::Down | RoundingMode::None => false,
    };
    if goes_up { ceiling } else { floor }
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
    match (0..=SHOWN_EXACT_PLACES).find(|places| is_on_grid(value, *places)) {
        Some(places) => grid_text(value, places, RoundingMode::HalfUp),
        None => grid_text(value, SHOWN_PLACES, RoundingMode::HalfUp),
    }
}

fn is_on_grid(value: &Exact, places: u32) -> bool {
    power_of_ten(places).is_multiple_of(value.ratio().denom())
}

fn grid_text(value: &Exact, places: u32, mode: RoundingMode) -> Shown {
    let scaled = value.ratio() * power_of_ten(places);
    Shown {
        text: plain_text(&round_to_whole(&scaled, mode), places),
        approximate: !is_on_grid(value, places),
    }
}
