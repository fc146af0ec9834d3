//! The release: shares become the round secret, which is public from then on.

use std::collections::BTreeMap;
use std::fmt;

use p256::elliptic_curve::Field;

use super::RoundKey;
use crate::curve::{Curve, CurveError, P256, Point, SecretScalar};
use crate::polynomial::lagrange_at_zero;

/// The round secret x with x·G = Y.
pub struct RoundSecret<C: Curve = P256> {
    secret: SecretScalar<C>,
    y: Point<C>,
}

impl<C: Curve> RoundSecret<C> {
    /// Takes a published secret and checks it against the round key.
    ///
    /// # Errors
    /// [`CurveError::Scalar`] when it is not the secret of `y`.
    pub fn from_published(bytes: &[u8; 32], y: &Point<C>) -> Result<Self, CurveError> {
        let secret = SecretScalar::from_bytes(bytes)?;
        if secret.public() != *y {
            return Err(CurveError::Scalar);
        }
        Ok(RoundSecret { secret, y: *y })
    }

    /// The secret, to be published in the record.
    pub fn reveal(&self) -> [u8; 32] {
        *self.secret.to_secret_bytes().expose()
    }

    /// The round key.
    pub fn y(&self) -> &Point<C> {
        &self.y
    }

    pub(crate) fn secret(&self) -> &SecretScalar<C> {
        &self.secret
    }
}

impl<C: Curve> fmt::Debug for RoundSecret<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The outcome of a release.
#[derive(Debug)]
pub struct Combined<C: Curve = P256> {
    /// The round secret.
    pub secret: RoundSecret<C>,
    /// Holders whose shares were bad and skipped.
    pub bad: Vec<u8>,
}

/// Why shares or partial decryptions do not combine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombineFault {
    /// Too few good ones.
    #[error("only {have} good shares; bad are those of holders {bad:?}")]
    TooFew {
        /// Holders whose shares are bad, or who are no holders.
        bad: Vec<u8>,
        /// How many different holders gave good ones.
        have: u8,
    },
    /// The good shares give another key: the round key was not computed by the ceremony.
    #[error("the verification keys do not belong to the round key")]
    Inconsistent,
}

/// Combines released shares to the round secret. A share is good when it is the logarithm of
/// its holder's verification key; bad ones are named, and skipped as long as enough good ones are
/// left.
///
/// # Errors
/// [`CombineFault`].
pub fn combine<C: Curve>(
    round_key: &RoundKey<C>,
    shares: &[(u8, [u8; 32])],
) -> Result<Combined<C>, CombineFault> {
    let (mut good, mut bad) = (BTreeMap::new(), Vec::new());
    for (holder, bytes) in shares {
        match check_share(round_key, *holder, bytes) {
            Some(share) => {
                good.insert(*holder, share);
            }
            None => bad.push(*holder),
        }
    }
    if good.len() < usize::from(round_key.t) {
        let have = u8::try_from(good.len()).expect("holders are numbered by a byte");
        return Err(CombineFault::TooFew { bad, have });
    }
    let places: Vec<u8> = good.keys().copied().take(round_key.t.into()).collect();
    let x = good
        .values()
        .zip(lagrange_at_zero::<C>(&places))
        .fold(C::Scalar::ZERO, |sum, (share, l)| sum + share.0 * l);
    let secret = SecretScalar::from_group(x).ok_or(CombineFault::Inconsistent)?;
    if secret.public() != round_key.y {
        return Err(CombineFault::Inconsistent);
    }
    let y = round_key.y;
    let secret = RoundSecret { secret, y };
    Ok(Combined { secret, bad })
}

fn check_share<C: Curve>(round_key: &RoundKey<C>, holder: u8, bytes: &[u8; 32]) -> Option<SecretScalar<C>> {
    let verification = round_key.verification_of(holder)?;
    let share = SecretScalar::from_bytes(bytes).ok()?;
    (share.public() == *verification).then_some(share)
}
