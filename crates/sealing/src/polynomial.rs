//! Polynomials over the scalars, in the clear and in the exponent.

use p256::elliptic_curve::{Field, Group};

use crate::curve::{Curve, Point, SecretScalar};

/// f(x), coefficients from the constant term up.
pub(crate) fn evaluate<C: Curve>(coefficients: &[SecretScalar<C>], x: u8) -> C::Scalar {
    let x = C::Scalar::from(u64::from(x));
    coefficients
        .iter()
        .rev()
        .fold(C::Scalar::ZERO, |sum, c| sum * x + c.0)
}

/// f(x) times the generator, from the commitments to the coefficients.
pub(crate) fn evaluate_public<C: Curve>(commitments: &[Point<C>], x: u8) -> C::ProjectivePoint {
    let x = C::Scalar::from(u64::from(x));
    commitments
        .iter()
        .rev()
        .fold(C::ProjectivePoint::identity(), |sum, c| sum * x + c.0)
}

/// The Lagrange coefficients at zero of distinct, non-zero places.
pub(crate) fn lagrange_at_zero<C: Curve>(places: &[u8]) -> Vec<C::Scalar> {
    let scalar = |place: u8| C::Scalar::from(u64::from(place));
    let coefficient = |&i: &u8| {
        let others = places.iter().copied().filter(|&j| j != i);
        let (numerator, denominator) = others.fold((C::Scalar::ONE, C::Scalar::ONE), |(n, d), j| {
            (n * scalar(j), d * (scalar(j) - scalar(i)))
        });
        let inverse = Option::<C::Scalar>::from(Field::invert(&denominator))
            .expect("differences of distinct places below 256 are not zero");
        numerator * inverse
    };
    places.iter().map(coefficient).collect()
}
