//! The round-key ceremony: n holders make a key nobody holds, any t of them can open with it
//! (Pedersen's distributed key generation with Feldman's commitments; protocol.md 4.2).
//!
//! Holder i deals a random polynomial of degree t - 1: commitments, proof of possession, and to
//! every holder (himself included) its value encrypted. The sum of the polynomials is shared; its
//! constant term x is the round secret, Y = x·G the round key. Holders are numbered from one.
//!
//! The holders' encryption keys are on P-256 (HPKE of suite 1) whichever curve is shared on.

mod deal;
mod release;

pub use deal::{Deal, DealFault, EncryptedShare, check_deal, deal, deals_digest};
pub use release::{CombineFault, Combined, RoundSecret, combine};

use std::fmt;

use p256::elliptic_curve::{Field, Group};
use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use crate::curve::{Curve, P256, Point, SecretScalar};
use crate::hpke;
use crate::polynomial::evaluate_public;
use crate::provider::{Agree, KeyError};

/// How many holders there are and how many of them open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quorum {
    n: u8,
    t: u8,
}

impl Quorum {
    /// A quorum of `t` of `n`; `None` unless 2 ≤ t ≤ n, since one holder must never open alone.
    pub fn new(n: u8, t: u8) -> Option<Self> {
        (2 <= t && t <= n).then_some(Quorum { n, t })
    }

    /// The number of holders.
    pub fn n(self) -> u8 {
        self.n
    }

    /// The number of holders that open.
    pub fn t(self) -> u8 {
        self.t
    }
}

/// A holder's share of the round secret. It is nowhere stored: the holder recomputes it from the
/// deals in the record whenever it is needed.
pub struct HolderShare<C: Curve = P256> {
    holder: u8,
    secret: SecretScalar<C>,
}

impl<C: Curve> HolderShare<C> {
    /// The holder, from one.
    pub fn holder(&self) -> u8 {
        self.holder
    }

    /// The verification key: share times generator.
    pub fn verification(&self) -> Point<C> {
        self.secret.public()
    }

    /// Gives the share away, for the release. Not secret from then on.
    pub fn reveal(&self) -> [u8; 32] {
        *self.secret.to_secret_bytes().expose()
    }

    pub(crate) fn secret(&self) -> &SecretScalar<C> {
        &self.secret
    }
}

impl<C: Curve> fmt::Debug for HolderShare<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HolderShare({}, [secret])", self.holder)
    }
}

/// The public result of a ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct RoundKey<C: Curve = P256> {
    /// How many holders open.
    pub t: u8,
    /// The round key: sheets and bids are sealed to it.
    pub y: Point<C>,
    /// The verification key of each holder, in their order.
    pub verification: Vec<Point<C>>,
}

impl<C: Curve> RoundKey<C> {
    /// The verification key of a holder; `None` for a number nobody has.
    pub fn verification_of(&self, holder: u8) -> Option<&Point<C>> {
        self.verification.get(usize::from(holder.checked_sub(1)?))
    }
}

/// A holder's refusal of a deal: it stops the ceremony, with the dealer's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("complaint about the deal of holder {dealer}: {fault}")]
pub struct Complaint {
    /// The dealer complained about, from one.
    pub dealer: u8,
    /// What is wrong.
    pub fault: ComplaintFault,
}

/// What is wrong with a deal in the eyes of the holder who got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ComplaintFault {
    /// The public part is bad; everybody sees it.
    #[error(transparent)]
    Deal(#[from] DealFault),
    /// The sub-share does not decrypt, or is not a scalar.
    #[error("the sub-share does not decrypt")]
    Undecryptable,
    /// The sub-share is not the value the commitments promise.
    #[error("the sub-share does not match the commitments")]
    Mismatch,
}

/// Why a list of deals has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutcomeFault {
    /// Not exactly one deal of each holder, in their order.
    #[error("the deals are not one of each holder, in order")]
    Dealers,
    /// A deal is bad.
    #[error("the deal of holder {dealer}: {fault}")]
    Deal {
        /// The dealer, from one.
        dealer: u8,
        /// What is wrong.
        fault: DealFault,
    },
    /// The sum of the deals is the identity, or gives a holder nothing.
    #[error("the deals cancel out")]
    Degenerate,
}

/// Why a holder got no share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReceiveFault {
    /// Not exactly one deal of each holder in their order, or `me` is not a holder.
    #[error("the deals are not one of each holder, in order")]
    Dealers,
    /// A dealer is at fault.
    #[error(transparent)]
    Complaint(Complaint),
    /// The own key did not do its part; nobody's fault.
    #[error(transparent)]
    Key(KeyError),
    /// The sub-shares cancel out.
    #[error("the deals cancel out")]
    Degenerate,
}

/// Who receives: the number, and the public part of the encryption key.
#[derive(Clone, Copy, Debug)]
pub struct Receiver<'a> {
    /// The holder's number, from one.
    pub holder: u8,
    /// The holder's HPKE key, SEC1 uncompressed.
    pub public: &'a [u8; 65],
}

/// Checks all deals, decrypts the sub-shares meant for `me` and adds them up. `agree` is the
/// ECDH of the holder's encryption key.
///
/// # Errors
/// [`ReceiveFault`]; the first bad deal is complained about.
pub fn receive_shares<C: Curve>(
    context: &[u8],
    quorum: Quorum,
    me: Receiver<'_>,
    deals: &[Deal<C>],
    agree: &mut Agree<'_>,
) -> Result<HolderShare<C>, ReceiveFault> {
    if !complete(deals, quorum) || me.holder == 0 || me.holder > quorum.n {
        return Err(ReceiveFault::Dealers);
    }
    let mut sum = C::Scalar::ZERO;
    for deal in deals {
        let complain = |fault| {
            ReceiveFault::Complaint(Complaint {
                dealer: deal.dealer,
                fault,
            })
        };
        check_deal(context, deal, quorum).map_err(|fault| complain(fault.into()))?;
        let sub_share =
            open_share(context, deal, me, agree)?.ok_or_else(|| complain(ComplaintFault::Undecryptable))?;
        if sub_share.public().0 != evaluate_public(&deal.commitments, me.holder) {
            return Err(complain(ComplaintFault::Mismatch));
        }
        sum += sub_share.0;
    }
    let secret = SecretScalar::from_group(sum).ok_or(ReceiveFault::Degenerate);
    sum.zeroize();
    Ok(HolderShare {
        holder: me.holder,
        secret: secret?,
    })
}

/// The sub-share of a checked deal; `None` when it does not decrypt to a scalar.
fn open_share<C: Curve>(
    context: &[u8],
    deal: &Deal<C>,
    me: Receiver<'_>,
    agree: &mut Agree<'_>,
) -> Result<Option<SecretScalar<C>>, ReceiveFault> {
    let Some(share) = deal.shares.get(usize::from(me.holder) - 1) else {
        return Ok(None);
    };
    // An encapsulated key off the curve is the dealer's fault; a token may say so in its own way.
    if Point::<P256>::from_bytes(&share.enc).is_err() {
        return Ok(None);
    }
    let shared = agree(&share.enc).map_err(ReceiveFault::Key)?;
    let info = deal::share_info(context, deal.dealer, me.holder);
    let opened = hpke::open_with_shared(&shared, me.public, &share.enc, &info, b"", &share.ct);
    let Ok(mut plaintext) = opened else {
        return Ok(None);
    };
    let scalar = plaintext.as_slice().try_into().ok();
    let scalar = scalar.and_then(|bytes| SecretScalar::from_bytes(bytes).ok());
    plaintext.zeroize();
    Ok(scalar)
}

/// Checks all deals and computes the round key. Anybody can.
///
/// # Errors
/// [`OutcomeFault`].
pub fn outcome<C: Curve>(
    context: &[u8],
    deals: &[Deal<C>],
    quorum: Quorum,
) -> Result<RoundKey<C>, OutcomeFault> {
    if !complete(deals, quorum) {
        return Err(OutcomeFault::Dealers);
    }
    for deal in deals {
        check_deal(context, deal, quorum).map_err(|fault| OutcomeFault::Deal {
            dealer: deal.dealer,
            fault,
        })?;
    }
    let point = |sum| Point::from_group(sum).ok_or(OutcomeFault::Degenerate);
    let sum_at = |x: u8| {
        deals.iter().fold(C::ProjectivePoint::identity(), |sum, deal| {
            sum + evaluate_public(&deal.commitments, x)
        })
    };
    let y = point(sum_at(0))?;
    let verification = (1..=quorum.n).map(|holder| point(sum_at(holder)));
    Ok(RoundKey {
        t: quorum.t,
        y,
        verification: verification.collect::<Result<_, _>>()?,
    })
}

fn complete<C: Curve>(deals: &[Deal<C>], quorum: Quorum) -> bool {
    deals.iter().map(|deal| deal.dealer).eq(1..=quorum.n)
}
