//! The wraps of a part's file key: to the quorum of holders behind the ingest key, and to the
//! bidder.
//!
//! A wrap to the quorum is opened by partial decryptions of its encapsulated key E. A holder who
//! answered for any E would be an oracle: E shifted or copied from another bid would open that
//! bid. So a wrap carries a proof of knowledge of its ephemeral secret, bound to its place, and
//! nobody answers without having checked it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use zeroize::Zeroize;

use super::{FileKey, PartId};
use crate::Random;
use crate::bytes::sha256;
use crate::ceremony::{CombineFault, HolderShare, RoundKey};
use crate::curve::{P256, Point, SecretScalar};
use crate::hpke::{self, HpkeError, Sealed, TAG};
use crate::proofs::{Partial, SchnorrProof, check_and_combine, check_partial, partial_decrypt};
use crate::provider::{Agree, KeyError};
use crate::secret::SecretBytes;

const INGEST: &[u8] = b"conclave/bid/ingest/v1\0";
const QUORUM: &[u8] = b"conclave/bid/quorum/v1\0";
const BIDDER: &[u8] = b"conclave/bid/bidder/v1\0";
const EPHEMERAL: &[u8] = b"conclave/bid/ephemeral/v1\0";
const PARTIAL: &[u8] = b"conclave/bid/partial/v1\0";

/// A wrapped key: 32 bytes and the tag.
const KEY_CIPHERTEXT: usize = 32 + TAG;
/// The wrap to the ingest key, wrapped to the lot key.
const QUORUM_CIPHERTEXT: usize = 65 + KEY_CIPHERTEXT + TAG;

/// Who can open a part after the deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// Quorum and bidder together: K = K_b xor K_q.
    And,
    /// Either: K_q = K_b = K.
    Or,
}

/// Where a wrap belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrapContext {
    /// The part.
    pub id: PartId,
    /// The lot key.
    pub y: Point,
}

/// The wraps of one part's file key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wraps {
    /// How the file key is split.
    pub mode: Mode,
    /// HPKE to the lot key of HPKE to the ingest key of K_q.
    pub quorum: Sealed,
    /// Knowledge of the ephemeral secret of `quorum`.
    pub proof: SchnorrProof,
    /// HPKE to the bidder's key of K_b.
    pub bidder: Sealed,
}

impl Wraps {
    /// What must not occur twice under one lot key: the x-coordinate of the encapsulated key
    /// (a point and its mirror image have the same shared secret).
    pub fn ephemeral(&self) -> [u8; 32] {
        let mut x = [0; 32];
        x.copy_from_slice(&self.quorum.enc[1..33]);
        x
    }
}

/// Why a wrap is refused or does not open.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrapFault {
    /// A field is not of its fixed length, or an encapsulated key is not a point.
    #[error("not laid out as a wrap")]
    Layout,
    /// The proof of the ephemeral secret does not hold: made for another place, or by somebody
    /// who does not know the secret.
    #[error("the proof of the ephemeral secret does not hold")]
    Proof,
    /// The ephemeral occurred before under this lot key.
    #[error("the encapsulated key occurred before")]
    Reused,
    /// The lot key given is not that of the context. (The caller's fault.)
    #[error("the lot key is not that of the wrap")]
    LotKey,
    /// The partial decryptions do not combine.
    #[error(transparent)]
    Combine(CombineFault),
    /// The outer layer does not open: the bidder's fault.
    #[error("the wrap to the lot key does not open")]
    Quorum,
    /// The inner layer does not open: the bidder's fault, if the ingest key is the right one.
    #[error("the wrap to the ingest key does not open")]
    Ingest,
    /// The wrap to the bidder does not open.
    #[error("the wrap to the bidder does not open")]
    Bidder,
    /// The own key did not do its part.
    #[error(transparent)]
    Key(KeyError),
}

/// Wraps a file key. In mode [`Mode::And`] it is split into two random halves.
///
/// # Errors
/// [`HpkeError::PublicKey`] when one of the keys is not a point.
pub fn wrap(
    context: &WrapContext,
    mode: Mode,
    key: &FileKey,
    ingest: &[u8; 65],
    bidder: &[u8; 65],
    random: &mut dyn Random,
) -> Result<Wraps, HpkeError> {
    let (quorum_half, bidder_half) = split(mode, key, random);
    let info = |tag| info(tag, mode, context);
    let inner = hpke::seal(ingest, &info(INGEST), b"", quorum_half.expose(), random)?;
    let ephemeral = SecretScalar::<P256>::random(random);
    let y = context.y.to_bytes();
    let w = inner.to_bytes();
    let quorum = hpke::seal_with_ephemeral(&y, &info(QUORUM), b"", &w, &ephemeral)?;
    let proof_context = proof_context(context, mode, &quorum);
    Ok(Wraps {
        mode,
        proof: SchnorrProof::prove(EPHEMERAL, &proof_context, &ephemeral, random),
        quorum,
        bidder: hpke::seal(bidder, &info(BIDDER), b"", bidder_half.expose(), random)?,
    })
}

/// Checks a wrap's form and the proof of its ephemeral secret. Whether the ephemeral is new is
/// the caller's to check with [`Wraps::ephemeral`].
///
/// # Errors
/// [`WrapFault::Layout`], [`WrapFault::Proof`].
pub fn check_wrap(context: &WrapContext, wraps: &Wraps) -> Result<(), WrapFault> {
    checked_point(context, wraps).map(drop)
}

fn checked_point(context: &WrapContext, wraps: &Wraps) -> Result<Point, WrapFault> {
    let lengths = wraps.quorum.ct.len() == QUORUM_CIPHERTEXT && wraps.bidder.ct.len() == KEY_CIPHERTEXT;
    let point = |enc| Point::<P256>::from_bytes(enc).map_err(|_| WrapFault::Layout);
    let quorum = point(&wraps.quorum.enc)?;
    point(&wraps.bidder.enc)?;
    if !lengths {
        return Err(WrapFault::Layout);
    }
    let proof_context = proof_context(context, wraps.mode, &wraps.quorum);
    if !wraps.proof.verify(EPHEMERAL, &proof_context, &quorum) {
        return Err(WrapFault::Proof);
    }
    Ok(quorum)
}

/// A holder's partial decryption of a wrap, after checking it. `earlier` are the ephemerals of
/// all other wraps admitted under this lot key, withdrawn ones included.
///
/// # Errors
/// [`WrapFault::Layout`], [`WrapFault::Proof`], [`WrapFault::Reused`].
pub fn partial_for_wrap(
    share: &HolderShare,
    context: &WrapContext,
    wraps: &Wraps,
    earlier: &BTreeSet<[u8; 32]>,
    random: &mut dyn Random,
) -> Result<Partial, WrapFault> {
    let point = checked_point(context, wraps)?;
    if earlier.contains(&wraps.ephemeral()) {
        return Err(WrapFault::Reused);
    }
    let partial_context = partial_context(context, wraps);
    Ok(partial_decrypt(share, &point, &partial_context, random))
}

/// Checks a holder's partial decryption of a wrap, and the wrap itself. Anybody can.
///
/// # Errors
/// [`WrapFault::Layout`], [`WrapFault::Proof`], [`WrapFault::LotKey`]; [`WrapFault::Combine`] names the holder
/// whose partial decryption is bad.
pub fn check_partial_for_wrap(
    round_key: &RoundKey,
    context: &WrapContext,
    wraps: &Wraps,
    partial: &Partial,
) -> Result<(), WrapFault> {
    if round_key.y != context.y {
        return Err(WrapFault::LotKey);
    }
    let point = checked_point(context, wraps)?;
    let partial_context = partial_context(context, wraps);
    round_key
        .verification_of(partial.holder)
        .and_then(|verification| check_partial(partial, verification, &point, &partial_context))
        .map(drop)
        .ok_or(WrapFault::Combine(CombineFault::TooFew {
            bad: vec![partial.holder],
            have: 0,
        }))
}

/// The ingest key: public part and ECDH.
pub struct Ingest<'a, 'b> {
    /// The public key, SEC1 uncompressed.
    pub public: &'a [u8; 65],
    /// Its ECDH.
    pub agree: &'a mut Agree<'b>,
}

/// The outcome of unwrapping by the quorum.
#[derive(Debug)]
pub struct Unwrapped {
    /// K_q.
    pub key: FileKey,
    /// Holders whose partial decryptions were bad and skipped.
    pub bad: Vec<u8>,
}

/// Checks wrap and partial decryptions, combines them and opens both layers.
///
/// # Errors
/// [`WrapFault`].
pub fn unwrap_quorum(
    context: &WrapContext,
    wraps: &Wraps,
    round_key: &RoundKey,
    partials: &[Partial],
    ingest: Ingest<'_, '_>,
) -> Result<Unwrapped, WrapFault> {
    if round_key.y != context.y {
        return Err(WrapFault::LotKey);
    }
    let point = checked_point(context, wraps)?;
    let partial_context = partial_context(context, wraps);
    let (shared, bad) =
        check_and_combine(round_key, partials, &point, &partial_context).map_err(WrapFault::Combine)?;
    let y = context.y.to_bytes();
    let Sealed { enc, ct } = &wraps.quorum;
    let outer = info(QUORUM, wraps.mode, context);
    let w = hpke::open_with_shared(&shared, &y, enc, &outer, b"", ct).map_err(|_| WrapFault::Quorum)?;
    let inner = Sealed::from_bytes(&w).ok_or(WrapFault::Ingest)?;
    Point::<P256>::from_bytes(&inner.enc).map_err(|_| WrapFault::Ingest)?;
    let tag = info(INGEST, wraps.mode, context);
    let key = open_key(&inner, &tag, ingest.public, ingest.agree, WrapFault::Ingest)?;
    Ok(Unwrapped { key, bad })
}

/// Opens the wrap to the bidder: K_b.
///
/// # Errors
/// [`WrapFault::Bidder`], [`WrapFault::Key`].
pub fn unwrap_bidder(
    context: &WrapContext,
    wraps: &Wraps,
    public: &[u8; 65],
    agree: &mut Agree<'_>,
) -> Result<FileKey, WrapFault> {
    Point::<P256>::from_bytes(&wraps.bidder.enc).map_err(|_| WrapFault::Bidder)?;
    let tag = info(BIDDER, wraps.mode, context);
    open_key(&wraps.bidder, &tag, public, agree, WrapFault::Bidder)
}

fn open_key(
    sealed: &Sealed,
    info: &[u8],
    public: &[u8; 65],
    agree: &mut Agree<'_>,
    fault: WrapFault,
) -> Result<FileKey, WrapFault> {
    let shared = agree(&sealed.enc).map_err(WrapFault::Key)?;
    let opened = hpke::open_with_shared(&shared, public, &sealed.enc, info, b"", &sealed.ct);
    let Ok(mut key) = opened else {
        return Err(fault);
    };
    let bytes = <[u8; 32]>::try_from(key.as_slice());
    key.zeroize();
    Ok(SecretBytes::new(bytes.map_err(|_| fault)?))
}

/// The file key from what was unwrapped: both halves in mode [`Mode::And`], either in
/// [`Mode::Or`]; `None` when too little is there. Whether it is the right one is said by the
/// container's header ([`super::PartHeader::commits_to`]).
pub fn file_key(mode: Mode, quorum: Option<&FileKey>, bidder: Option<&FileKey>) -> Option<FileKey> {
    match mode {
        Mode::And => Some(xor(quorum?, bidder?)),
        Mode::Or => Some(SecretBytes::new(*quorum.or(bidder)?.expose())),
    }
}

fn split(mode: Mode, key: &FileKey, random: &mut dyn Random) -> (FileKey, FileKey) {
    match mode {
        Mode::And => {
            let mut half = [0; 32];
            random.fill(&mut half);
            let half = FileKey::new(half);
            let other = xor(key, &half);
            (half, other)
        }
        Mode::Or => (FileKey::new(*key.expose()), FileKey::new(*key.expose())),
    }
}

fn xor(a: &FileKey, b: &FileKey) -> FileKey {
    SecretBytes::new(std::array::from_fn(|i| a.expose()[i] ^ b.expose()[i]))
}

/// tag ‖ suite u8 ‖ origin ‖ submission ‖ lp(part) ‖ mode u8 (0 and, 1 or) ‖ Y.
fn info(tag: &[u8], mode: Mode, context: &WrapContext) -> Vec<u8> {
    let mode = match mode {
        Mode::And => 0,
        Mode::Or => 1,
    };
    let y = context.y.to_bytes();
    [tag, &context.id.encode(), &[mode], &y].concat()
}

/// The info of the outer layer ‖ SHA-256(enc ‖ ct).
fn proof_context(context: &WrapContext, mode: Mode, quorum: &Sealed) -> Vec<u8> {
    let digest = sha256(&[&quorum.enc, &quorum.ct]);
    [&info(QUORUM, mode, context)[..], &digest].concat()
}

fn partial_context(context: &WrapContext, wraps: &Wraps) -> Vec<u8> {
    let place = proof_context(context, wraps.mode, &wraps.quorum);
    [PARTIAL, &place].concat()
}
