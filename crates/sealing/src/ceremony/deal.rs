//! One holder's deal: made, checked, and the digest over all of them that is acknowledged.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Quorum;
use crate::Random;
use crate::bytes::{base64_vec, hex_array, put_lp, sha256};
use crate::curve::{Curve, P256, Point, SecretScalar};
use crate::hpke::{self, HpkeError};
use crate::polynomial::evaluate;
use crate::proofs::SchnorrProof;

const POSSESSION: &[u8] = b"conclave/deal-possession/v1\0";
const SHARE: &[u8] = b"conclave/subshare/v1\0";
const DEALS: &[u8] = b"conclave/deals/v1\0";

/// Length of an encrypted sub-share: a scalar and the tag.
const SHARE_CIPHERTEXT: usize = 32 + hpke::TAG;

/// What one holder puts into the record in the ceremony.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
pub struct Deal<C: Curve = P256> {
    /// The dealing holder, from one.
    pub dealer: u8,
    /// Commitments to the t coefficients, from the constant term up.
    pub commitments: Vec<Point<C>>,
    /// Proof of possession of the constant term.
    pub proof: SchnorrProof<C>,
    /// The polynomial's value for each holder, in their order.
    pub shares: Vec<EncryptedShare>,
}

/// A sub-share, encrypted to a holder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptedShare {
    /// The receiving holder, from one.
    pub to: u8,
    /// The encapsulated key.
    #[serde(with = "hex_array")]
    pub enc: [u8; 65],
    /// The encrypted scalar, 48 bytes.
    #[serde(with = "base64_vec")]
    pub ct: Vec<u8>,
}

/// What everybody can see to be wrong with a deal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DealFault {
    /// The dealer's number is not one of a holder.
    #[error("the dealer is not a holder")]
    Dealer,
    /// Not exactly t commitments.
    #[error("the number of commitments is not the threshold")]
    Commitments,
    /// The proof of possession does not hold.
    #[error("the proof of possession does not hold")]
    Proof,
    /// Not exactly one sub-share of the right length for each holder, in their order.
    #[error("the sub-shares are not one for each holder, in order")]
    Shares,
}

/// Makes a deal. `holder_keys` are the n holders' HPKE keys in their order, `context` is the
/// digest of what the ceremony is for.
///
/// # Errors
/// [`HpkeError::PublicKey`] when the keys are not n points of P-256.
pub fn deal<C: Curve>(
    context: &[u8],
    dealer: u8,
    quorum: Quorum,
    holder_keys: &[[u8; 65]],
    random: &mut dyn Random,
) -> Result<Deal<C>, HpkeError> {
    if holder_keys.len() != usize::from(quorum.n()) {
        return Err(HpkeError::PublicKey);
    }
    let coefficients: Vec<SecretScalar<C>> = (0..quorum.t()).map(|_| SecretScalar::random(random)).collect();
    let proof_context = possession_context(context, dealer);
    let proof = SchnorrProof::prove(POSSESSION, &proof_context, &coefficients[0], random);
    let shares = (1..=quorum.n()).zip(holder_keys).map(|(to, key)| {
        let value = SecretScalar::<C>::from_group(evaluate(&coefficients, to))
            .expect("a random polynomial is zero at a given place with a chance of 2^-256");
        let plaintext = Zeroizing::new(*value.to_secret_bytes().expose());
        let info = share_info(context, dealer, to);
        let sealed = hpke::seal(key, &info, b"", &plaintext[..], random)?;
        Ok(EncryptedShare {
            to,
            enc: sealed.enc,
            ct: sealed.ct,
        })
    });
    let shares = shares.collect::<Result<_, HpkeError>>()?;
    Ok(Deal {
        dealer,
        commitments: coefficients.iter().map(SecretScalar::public).collect(),
        proof,
        shares,
    })
}

/// Checks the public part of a deal.
///
/// # Errors
/// [`DealFault`].
pub fn check_deal<C: Curve>(context: &[u8], deal: &Deal<C>, quorum: Quorum) -> Result<(), DealFault> {
    if deal.dealer == 0 || deal.dealer > quorum.n() {
        return Err(DealFault::Dealer);
    }
    if deal.commitments.len() != usize::from(quorum.t()) {
        return Err(DealFault::Commitments);
    }
    let whole = |share: &EncryptedShare| share.ct.len() == SHARE_CIPHERTEXT;
    if !deal.shares.iter().all(whole) || !deal.shares.iter().map(|s| s.to).eq(1..=quorum.n()) {
        return Err(DealFault::Shares);
    }
    let proof_context = possession_context(context, deal.dealer);
    if !deal
        .proof
        .verify(POSSESSION, &proof_context, &deal.commitments[0])
    {
        return Err(DealFault::Proof);
    }
    Ok(())
}

/// The digest of all deals, which every holder acknowledges: whoever was shown another deal than
/// the others acknowledges another digest.
pub fn deals_digest<C: Curve>(deals: &[Deal<C>]) -> [u8; 32] {
    let count = |length: usize| u32::try_from(length).expect("a list of a ceremony is short");
    let mut out = DEALS.to_vec();
    put_lp(&mut out, C::NAME.as_bytes());
    out.extend_from_slice(&count(deals.len()).to_be_bytes());
    for deal in deals {
        out.push(deal.dealer);
        out.extend_from_slice(&count(deal.commitments.len()).to_be_bytes());
        for commitment in &deal.commitments {
            out.extend_from_slice(&commitment.to_bytes());
        }
        out.extend_from_slice(&deal.proof.c.to_bytes());
        out.extend_from_slice(&deal.proof.z.to_bytes());
        out.extend_from_slice(&count(deal.shares.len()).to_be_bytes());
        for share in &deal.shares {
            out.push(share.to);
            out.extend_from_slice(&share.enc);
            put_lp(&mut out, &share.ct);
        }
    }
    sha256(&[&out])
}

fn possession_context(context: &[u8], dealer: u8) -> Vec<u8> {
    let mut out = Vec::new();
    put_lp(&mut out, context);
    out.push(dealer);
    out
}

/// The HPKE info of a sub-share.
pub(super) fn share_info(context: &[u8], dealer: u8, to: u8) -> Vec<u8> {
    let mut out = SHARE.to_vec();
    put_lp(&mut out, context);
    out.extend_from_slice(&[dealer, to]);
    out
}
