//! The two curves, their points and scalars.
//!
//! Everything of the ceremony and the proofs is generic over [`Curve`]; the code is one for both.

use std::fmt;

use p256::U32;
use p256::elliptic_curve::{
    self, CurveArithmetic, CurveGroup, Field, Group, PrimeField,
    point::AffineCoordinates,
    sec1::{FromSec1Point, Sec1Point, ToSec1Point},
    subtle::ConstantTimeEq,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use zeroize::Zeroize;

use crate::Random;
use crate::bytes::{hex_to_array, put_lp, sha256};
use crate::secret::{SecretBytes, SharedPoint};

/// NIST P-256, suite 1.
pub type P256 = p256::NistP256;
/// SM2 (GB/T 32918), suite 2.
pub type Sm2 = sm2::Sm2;

/// A curve of prime order with 32-byte field elements and scalars.
pub trait Curve:
    elliptic_curve::Curve<FieldBytesSize = U32>
    + CurveArithmetic<AffinePoint: FromSec1Point<Self> + ToSec1Point<Self>>
{
    /// The name that enters every challenge and digest, so that nothing made on one curve means
    /// anything on the other.
    const NAME: &'static str;
}

impl Curve for P256 {
    const NAME: &'static str = "P-256";
}

impl Curve for Sm2 {
    const NAME: &'static str = "SM2";
}

/// Why bytes are not a point or scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurveError {
    /// Not 65 bytes SEC1 uncompressed, coordinates out of range, not on the curve, or the identity.
    #[error("not a point of the curve in uncompressed form")]
    Point,
    /// Zero, or not below the order of the curve.
    #[error("not a scalar between one and the order of the curve")]
    Scalar,
}

/// A point of the curve other than the identity, in JSON 130 hex digits (SEC1 uncompressed).
#[derive(Clone, Copy)]
pub struct Point<C: Curve = P256>(pub(crate) C::ProjectivePoint);

impl<C: Curve> Point<C> {
    /// Reads 65 bytes, SEC1 uncompressed.
    ///
    /// # Errors
    /// [`CurveError::Point`] for any other form, off-curve coordinates and the identity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, CurveError> {
        if bytes.len() != 65 || bytes[0] != 4 {
            return Err(CurveError::Point);
        }
        let encoded = Sec1Point::<C>::from_bytes(bytes).map_err(|_| CurveError::Point)?;
        let affine = Option::<C::AffinePoint>::from(C::AffinePoint::from_sec1_point(&encoded))
            .ok_or(CurveError::Point)?;
        Self::from_group(affine.into()).ok_or(CurveError::Point)
    }

    /// 65 bytes, SEC1 uncompressed.
    pub fn to_bytes(&self) -> [u8; 65] {
        self.0
            .to_affine()
            .to_sec1_point(false)
            .as_bytes()
            .try_into()
            .expect("a point other than the identity has 65 bytes uncompressed")
    }

    /// The x-coordinate, 32 bytes.
    pub fn x(&self) -> [u8; 32] {
        self.0.to_affine().x().into()
    }

    pub(crate) fn from_group(point: C::ProjectivePoint) -> Option<Self> {
        (!bool::from(point.is_identity())).then_some(Point(point))
    }
}

impl<C: Curve> PartialEq for Point<C> {
    fn eq(&self, other: &Self) -> bool {
        bool::from(self.0.ct_eq(&other.0))
    }
}

impl<C: Curve> Eq for Point<C> {}

impl<C: Curve> fmt::Debug for Point<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Point({})", hex::encode(self.to_bytes()))
    }
}

impl<C: Curve> Serialize for Point<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.to_bytes()))
    }
}

impl<'de, C: Curve> Deserialize<'de> for Point<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes: [u8; 65] =
            hex_to_array(&text).ok_or_else(|| D::Error::custom("expected 130 hex digits"))?;
        Point::from_bytes(&bytes).map_err(D::Error::custom)
    }
}

/// A public scalar, zero included: a half of a proof. In JSON 64 hex digits.
#[derive(Clone, Copy)]
pub struct Scalar<C: Curve = P256>(pub(crate) C::Scalar);

impl<C: Curve> Scalar<C> {
    /// Reads 32 bytes below the order.
    ///
    /// # Errors
    /// [`CurveError::Scalar`] for a value not below the order: there is one encoding a scalar.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CurveError> {
        Option::from(C::Scalar::from_repr((*bytes).into()))
            .map(Scalar)
            .ok_or(CurveError::Scalar)
    }

    /// 32 bytes, big-endian.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_repr().into()
    }
}

impl<C: Curve> PartialEq for Scalar<C> {
    fn eq(&self, other: &Self) -> bool {
        self.to_bytes() == other.to_bytes()
    }
}

impl<C: Curve> Eq for Scalar<C> {}

impl<C: Curve> fmt::Debug for Scalar<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scalar({})", hex::encode(self.to_bytes()))
    }
}

impl<C: Curve> Serialize for Scalar<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(self.to_bytes()))
    }
}

impl<'de, C: Curve> Deserialize<'de> for Scalar<C> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex_to_array(&text).ok_or_else(|| D::Error::custom("expected 64 hex digits"))?;
        Scalar::from_bytes(&bytes).map_err(D::Error::custom)
    }
}

/// A secret scalar other than zero: a private key, a polynomial coefficient, a share.
pub struct SecretScalar<C: Curve = P256>(pub(crate) C::Scalar);

impl<C: Curve> SecretScalar<C> {
    /// A new secret: 32 random bytes hashed to a scalar, so that no output of the source, however
    /// bad its form, leads to a biased value or to an endless loop.
    pub fn random(random: &mut dyn Random) -> Self {
        let mut seed = [0; 32];
        random.fill(&mut seed);
        let secret = hash_to_scalar::<C>(b"conclave/scalar/v1\0", &[&seed]);
        seed.zeroize();
        SecretScalar(secret.0)
    }

    /// Reads 32 bytes, big-endian.
    ///
    /// # Errors
    /// [`CurveError::Scalar`] for zero and for values not below the order.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, CurveError> {
        let scalar = Scalar::<C>::from_bytes(bytes)?;
        Self::from_group(scalar.0).ok_or(CurveError::Scalar)
    }

    pub(crate) fn from_group(scalar: C::Scalar) -> Option<Self> {
        (!bool::from(scalar.is_zero())).then_some(SecretScalar(scalar))
    }

    /// 32 bytes, big-endian.
    pub fn to_secret_bytes(&self) -> SecretBytes<32> {
        SecretBytes::new(self.0.to_repr().into())
    }

    /// The scalar times the generator.
    pub fn public(&self) -> Point<C> {
        Point(C::ProjectivePoint::mul_by_generator(&self.0))
    }

    /// The scalar times a point.
    pub fn multiply(&self, point: &Point<C>) -> Point<C> {
        Point(point.0 * self.0)
    }

    /// ECDH: the x-coordinate of the scalar times a point.
    pub fn agree(&self, point: &Point<C>) -> SharedPoint {
        SecretBytes::new(self.multiply(point).x())
    }
}

impl<C: Curve> Drop for SecretScalar<C> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<C: Curve> fmt::Debug for SecretScalar<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// A scalar between one and the order from bytes, by try and increment:
/// SHA-256(tag ‖ counter u8 ‖ lp(curve name) ‖ parts), the first counter whose value is in range.
/// Uniform up to the range, where a reduction would be biased.
pub fn hash_to_scalar<C: Curve>(tag: &[u8], parts: &[&[u8]]) -> Scalar<C> {
    let mut name = Vec::new();
    put_lp(&mut name, C::NAME.as_bytes());
    for counter in 0..=u8::MAX {
        let mut input: Vec<&[u8]> = vec![tag, std::slice::from_ref(&counter), &name];
        input.extend_from_slice(parts);
        let mut digest = sha256(&input);
        let secret = SecretScalar::<C>::from_bytes(&digest).map(|s| s.0);
        digest.zeroize();
        if let Ok(scalar) = secret {
            return Scalar(scalar);
        }
    }
    unreachable!("256 digests out of range have a chance below 2^-8000")
}
