//! Sealing a sheet.

use zeroize::Zeroizing;

use super::{
    Block, PersonalSignature, SheetContext, SheetHead, blob_length, content_digest, custody, inner_message,
    seal_custody,
};
use crate::Random;
use crate::bytes::put_lp;
use crate::hpke;
use crate::sign::EvaluationKey;

/// What goes into a sealed sheet.
#[derive(Debug)]
pub struct SheetParts<'a> {
    /// The head's exact bytes, those whose digest the personal key signed.
    pub head: &'a [u8],
    /// The blocks, in the head's order.
    pub blocks: &'a [Block],
    /// The personal signature over the head's digest.
    pub personal: &'a PersonalSignature,
    /// The custodians' HPKE keys.
    pub custodians: &'a [[u8; 65]],
    /// The round's padded size of the plaintext, in bytes.
    pub sheet_size: usize,
}

/// A sealed sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedSheet {
    /// enc ‖ ct; of the same length for every sheet of the round.
    pub blob: Vec<u8>,
    /// The content digest d. Secret until the round is open.
    pub digest: [u8; 32],
    /// The commitment c of the custody bytes. Secret until the round is open.
    pub custody: [u8; 32],
}

/// Why a sheet can't be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The head is not of the format.
    #[error("the head is not of the format")]
    Head,
    /// The head is for another rulebook or stage instance than the context.
    #[error("the head does not belong to the context")]
    Place,
    /// The blocks are not those the head commits to.
    #[error("the blocks are not those of the head")]
    Blocks,
    /// The key that signs is not the context's evaluation key.
    #[error("the signing key is not the evaluation key of the line")]
    EvaluationKey,
    /// The certificate is too long, or the list of custodians is empty, too long or has a bad key.
    #[error("the personal signature can't be encrypted to the custodians")]
    Custody,
    /// The content is larger than the round's sheet size.
    #[error("the sheet needs {needed} bytes, more than the sheet size of the round")]
    TooLarge {
        /// The sheet size that would do.
        needed: usize,
    },
}

/// Seals a sheet to the context's round key.
///
/// # Errors
/// [`SealError`]; a sheet that [`super::open_sheet`] would refuse is not made.
pub fn seal_sheet(
    context: &SheetContext,
    parts: &SheetParts<'_>,
    key: &EvaluationKey,
    random: &mut dyn Random,
) -> Result<SealedSheet, SealError> {
    check(context, parts, key)?;
    let digest = content_digest(parts.head);
    let custody =
        seal_custody(&digest, parts.personal, parts.custodians, random).map_err(|_| SealError::Custody)?;
    let commitment = custody::commitment(&custody);
    let context_bytes = context.encode();
    let signature = key.sign(&inner_message(&context_bytes, &digest, &commitment));
    let plaintext = plaintext(parts, &custody, &signature)?;
    let y = context.y.to_bytes();
    let sealed = hpke::seal(&y, &context_bytes, b"", &plaintext, random).expect("the round key is a point");
    let blob = sealed.to_bytes();
    debug_assert_eq!(blob.len(), blob_length(parts.sheet_size));
    Ok(SealedSheet {
        blob,
        digest,
        custody: commitment,
    })
}

fn check(context: &SheetContext, parts: &SheetParts<'_>, key: &EvaluationKey) -> Result<(), SealError> {
    let head = SheetHead::parse(parts.head).ok_or(SealError::Head)?;
    if head.rulebook != context.rulebook || head.instance != context.instance {
        return Err(SealError::Place);
    }
    let same = head.blocks.len() == parts.blocks.len()
        && head
            .blocks
            .iter()
            .zip(parts.blocks)
            .all(|(line, block)| line.bidder == block.bidder && line.commitment == block.commitment());
    if !same || u16::try_from(parts.blocks.len()).is_err() {
        return Err(SealError::Blocks);
    }
    if key.public_key() != context.evaluation_key {
        return Err(SealError::EvaluationKey);
    }
    Ok(())
}

/// len(inner) u32 ‖ inner ‖ zeros up to the sheet size.
fn plaintext(
    parts: &SheetParts<'_>,
    custody: &[u8],
    signature: &[u8; 64],
) -> Result<Zeroizing<Vec<u8>>, SealError> {
    // Room for all from the start: growing would leave copies of the content behind.
    let mut out = Zeroizing::new(Vec::with_capacity(parts.sheet_size));
    out.extend_from_slice(&[0; 4]);
    put_lp(&mut out, parts.head);
    let count = u16::try_from(parts.blocks.len()).map_err(|_| SealError::Blocks)?;
    out.extend_from_slice(&count.to_be_bytes());
    for block in parts.blocks {
        out.extend_from_slice(block.salt.expose());
        put_lp(&mut out, block.bidder.as_bytes());
        put_lp(&mut out, &block.bytes);
    }
    put_lp(&mut out, custody);
    out.extend_from_slice(signature);
    let needed = out.len();
    if needed > parts.sheet_size {
        return Err(SealError::TooLarge { needed });
    }
    let length = u32::try_from(needed - 4).map_err(|_| SealError::TooLarge { needed })?;
    out[..4].copy_from_slice(&length.to_be_bytes());
    out.resize(parts.sheet_size, 0);
    Ok(out)
}
