//! Non-interactive proofs: knowledge of a discrete logarithm (Schnorr) and equality of two
//! (Chaum-Pedersen), both made non-interactive by hashing everything that is claimed.
//!
//! A proof is the pair (c, z), challenge and response, 64 bytes. The verifier recomputes the
//! commitments and compares the whole challenge. Scalars have one encoding, so a proof has one.

use p256::elliptic_curve::{Group, ops::LinearCombination};
use serde::{Deserialize, Serialize};

use crate::Random;
use crate::bytes::put_lp;
use crate::ceremony::{CombineFault, HolderShare, RoundKey};
use crate::curve::{Curve, P256, Point, Scalar, SecretScalar, hash_to_scalar};
use crate::polynomial::lagrange_at_zero;
use crate::secret::{SecretBytes, SharedPoint};

const SCHNORR: &[u8] = b"conclave/schnorr/v1\0";
const DLEQ: &[u8] = b"conclave/dleq/v1\0";
const NONCE: &[u8] = b"conclave/nonce/v1\0";

/// Proof of knowledge of the discrete logarithm of a point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct SchnorrProof<C: Curve = P256> {
    /// The challenge.
    pub c: Scalar<C>,
    /// The response, k + c·x.
    pub z: Scalar<C>,
}

impl<C: Curve> SchnorrProof<C> {
    /// Proves knowledge of `secret` for `secret.public()`, bound to a domain (what the proof is
    /// for, a fixed tag) and a context (where it belongs).
    pub fn prove(domain: &[u8], context: &[u8], secret: &SecretScalar<C>, random: &mut dyn Random) -> Self {
        let public = secret.public();
        let k = nonce(secret, &[domain, context], random);
        let c = schnorr_challenge(domain, context, &public, &k.public());
        let z = Scalar(k.0 + c.0 * secret.0);
        SchnorrProof { c, z }
    }

    /// Whether the proof is one of knowledge of the logarithm of `public`, for this domain and
    /// context.
    pub fn verify(&self, domain: &[u8], context: &[u8], public: &Point<C>) -> bool {
        let generator = Point(C::ProjectivePoint::generator());
        commitment(&generator, &self.z, public, &self.c)
            .is_some_and(|r| self.c == schnorr_challenge(domain, context, public, &r))
    }
}

/// One holder's partial decryption of an encapsulated key E: share times E, with the proof that
/// the same share is behind the holder's verification key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Partial<C: Curve = P256> {
    /// The holder, from one.
    pub holder: u8,
    /// Share times E.
    pub point: Point<C>,
    /// The challenge.
    pub c: Scalar<C>,
    /// The response.
    pub z: Scalar<C>,
}

/// A partial decryption whose proof holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedPartial<C: Curve = P256> {
    holder: u8,
    point: Point<C>,
}

impl<C: Curve> CheckedPartial<C> {
    /// The holder, from one.
    pub fn holder(&self) -> u8 {
        self.holder
    }
}

/// Decrypts partially: share times `enc`, with proof, bound to a context. Before calling this
/// for a bid see [`crate::bid::partial_for_wrap`], which checks the wrap first: a partial
/// decryption of an arbitrary point can open somebody else's message.
pub fn partial_decrypt<C: Curve>(
    share: &HolderShare<C>,
    enc: &Point<C>,
    context: &[u8],
    random: &mut dyn Random,
) -> Partial<C> {
    let secret = share.secret();
    let point = secret.multiply(enc);
    let k = nonce(secret, &[DLEQ, context, &enc.to_bytes()], random);
    let claim = DleqClaim {
        context,
        holder: share.holder(),
        verification: &share.verification(),
        enc,
        point: &point,
    };
    let c = claim.challenge(&k.public(), &k.multiply(enc));
    let z = Scalar(k.0 + c.0 * secret.0);
    Partial {
        holder: share.holder(),
        point,
        c,
        z,
    }
}

/// Checks a partial decryption of `enc` against the holder's verification key; `None` when the
/// proof doesn't hold.
pub fn check_partial<C: Curve>(
    partial: &Partial<C>,
    verification: &Point<C>,
    enc: &Point<C>,
    context: &[u8],
) -> Option<CheckedPartial<C>> {
    let generator = Point(C::ProjectivePoint::generator());
    let a = commitment(&generator, &partial.z, verification, &partial.c)?;
    let b = commitment(enc, &partial.z, &partial.point, &partial.c)?;
    let claim = DleqClaim {
        context,
        holder: partial.holder,
        verification,
        enc,
        point: &partial.point,
    };
    (claim.challenge(&a, &b) == partial.c).then_some(CheckedPartial {
        holder: partial.holder,
        point: partial.point,
    })
}

/// Combines the partial decryptions of `t` different holders, all of the same point, to the
/// x-coordinate of round secret times that point.
///
/// # Errors
/// [`CombineFault::TooFew`] when fewer than `t` holders are among them.
pub fn combine_partials<C: Curve>(
    partials: &[CheckedPartial<C>],
    t: u8,
) -> Result<SharedPoint, CombineFault> {
    let mut good: Vec<&CheckedPartial<C>> = partials.iter().collect();
    good.sort_by_key(|p| p.holder);
    good.dedup_by_key(|p| p.holder);
    let Some(good) = good.get(..usize::from(t)) else {
        let have = u8::try_from(good.len()).expect("holders are numbered by a byte");
        return Err(CombineFault::TooFew { bad: vec![], have });
    };
    let places: Vec<u8> = good.iter().map(|p| p.holder).collect();
    let sum = good
        .iter()
        .zip(lagrange_at_zero::<C>(&places))
        .fold(C::ProjectivePoint::identity(), |sum, (p, l)| sum + p.point.0 * l);
    let point = Point::<C>::from_group(sum).ok_or(CombineFault::Inconsistent)?;
    Ok(SecretBytes::new(point.x()))
}

/// Checks the partial decryptions of `enc` and combines the good ones. Bad ones are named, and
/// skipped as long as enough good ones are left.
///
/// # Errors
/// [`CombineFault::TooFew`] with the bad holders.
pub fn check_and_combine<C: Curve>(
    round_key: &RoundKey<C>,
    partials: &[Partial<C>],
    enc: &Point<C>,
    context: &[u8],
) -> Result<(SharedPoint, Vec<u8>), CombineFault> {
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for partial in partials {
        let checked = round_key
            .verification_of(partial.holder)
            .and_then(|key| check_partial(partial, key, enc, context));
        match checked {
            Some(checked) => good.push(checked),
            None => bad.push(partial.holder),
        }
    }
    match combine_partials(&good, round_key.t) {
        Ok(shared) => Ok((shared, bad)),
        Err(CombineFault::TooFew { have, .. }) => Err(CombineFault::TooFew { bad, have }),
        Err(fault) => Err(fault),
    }
}

/// What a Chaum-Pedersen proof is about: log of `verification` to the generator = log of `point`
/// to `enc`.
struct DleqClaim<'a, C: Curve> {
    context: &'a [u8],
    holder: u8,
    verification: &'a Point<C>,
    enc: &'a Point<C>,
    point: &'a Point<C>,
}

impl<C: Curve> DleqClaim<'_, C> {
    fn challenge(&self, a: &Point<C>, b: &Point<C>) -> Scalar<C> {
        let mut input = Vec::new();
        put_lp(&mut input, self.context);
        input.push(self.holder);
        for point in [self.verification, self.enc, self.point, a, b] {
            input.extend_from_slice(&point.to_bytes());
        }
        hash_to_scalar(DLEQ, &[&input])
    }
}

fn schnorr_challenge<C: Curve>(domain: &[u8], context: &[u8], public: &Point<C>, r: &Point<C>) -> Scalar<C> {
    let mut input = Vec::new();
    put_lp(&mut input, domain);
    put_lp(&mut input, context);
    input.extend_from_slice(&public.to_bytes());
    input.extend_from_slice(&r.to_bytes());
    hash_to_scalar(SCHNORR, &[&input])
}

/// z·base - c·public: the prover's commitment, all values public.
fn commitment<C: Curve>(
    base: &Point<C>,
    z: &Scalar<C>,
    public: &Point<C>,
    c: &Scalar<C>,
) -> Option<Point<C>> {
    Point::from_group(C::ProjectivePoint::lincomb_vartime(&[
        (base.0, z.0),
        (public.0, -c.0),
    ]))
}

/// A nonce from fresh randomness, the secret and what is proven: with a broken source it still
/// differs whenever what is proven differs, so a proof never gives the secret away.
fn nonce<C: Curve>(secret: &SecretScalar<C>, claim: &[&[u8]], random: &mut dyn Random) -> SecretScalar<C> {
    let fresh = SecretScalar::<C>::random(random).to_secret_bytes();
    let mut input = Vec::new();
    for part in claim {
        put_lp(&mut input, part);
    }
    let own = secret.to_secret_bytes();
    SecretScalar(hash_to_scalar::<C>(NONCE, &[fresh.expose(), own.expose(), &input]).0)
}
