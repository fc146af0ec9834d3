//! Opening a sheet with the published round secret, and checking all of it.

use super::{Block, SheetContext, SheetHead, blob_length, content_digest, custody, inner_message};
use crate::bytes::Reader;
use crate::ceremony::RoundSecret;
use crate::hpke::{self, Sealed};
use crate::secret::SecretBytes;
use crate::sign;

/// A sheet that opened and passed every check.
#[derive(Debug)]
pub struct OpenedSheet {
    /// The head.
    pub head: SheetHead,
    /// The head's exact bytes.
    pub head_bytes: Vec<u8>,
    /// The blocks, in the head's order.
    pub blocks: Vec<Block>,
    /// The custody bytes, for the custodians ([`super::open_custody`]).
    pub custody: Vec<u8>,
    /// The content digest d.
    pub digest: [u8; 32],
    /// The commitment c of the custody bytes.
    pub custody_commitment: [u8; 32],
}

/// Why a sealed sheet does not count. All inputs are public after the opening, so each is the
/// author's provable fault, and none touches another sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SheetFault {
    /// The secret is not that of the context's round key. (The caller's fault.)
    #[error("the round secret is not that of the round key")]
    RoundKey,
    /// The blob is not of the round's length.
    #[error("the blob has not the length of the round")]
    Length,
    /// The blob was made for another place, by another key, or changed.
    #[error("the sheet does not open")]
    Decryption,
    /// The plaintext is not laid out as the format says.
    #[error("the plaintext is not laid out as a sheet")]
    Layout,
    /// The padding is not zero.
    #[error("the padding is not zero")]
    Padding,
    /// The head is not of the format.
    #[error("the head is not of the format")]
    Head,
    /// The head is for another rulebook.
    #[error("the head is for another rulebook")]
    Rulebook,
    /// The head is for another stage instance.
    #[error("the head is for another stage instance")]
    Instance,
    /// The blocks are not those the head lists.
    #[error("the blocks are not those the head lists")]
    Blocks,
    /// A block is not the one its commitment fixes.
    #[error("a block does not match its commitment")]
    Commitment,
    /// The custody bytes are not a list of copies.
    #[error("the custody part is not laid out as the format says")]
    Custody,
    /// The inner signature is not that of the line's evaluation key.
    #[error("the inner signature does not hold")]
    InnerSignature,
}

/// Opens a sealed sheet and checks length, place, padding, head, commitments and signature.
///
/// # Errors
/// [`SheetFault`].
pub fn open_sheet(
    secret: &RoundSecret,
    context: &SheetContext,
    blob: &[u8],
    sheet_size: usize,
) -> Result<OpenedSheet, SheetFault> {
    if *secret.y() != context.y {
        return Err(SheetFault::RoundKey);
    }
    if blob.len() != blob_length(sheet_size) {
        return Err(SheetFault::Length);
    }
    let context_bytes = context.encode();
    let sealed = Sealed::from_bytes(blob).ok_or(SheetFault::Length)?;
    let plaintext = hpke::open(secret.secret(), &sealed.enc, &context_bytes, b"", &sealed.ct)
        .map_err(|_| SheetFault::Decryption)?;
    let inner = unpad(&plaintext)?;
    let (sheet, signature) = parse(inner)?;
    check(context, &sheet)?;
    let message = inner_message(&context_bytes, &sheet.digest, &sheet.custody_commitment);
    if !sign::verify(&context.evaluation_key, &message, &signature) {
        return Err(SheetFault::InnerSignature);
    }
    Ok(sheet)
}

fn unpad(plaintext: &[u8]) -> Result<&[u8], SheetFault> {
    let mut reader = Reader::new(plaintext);
    let inner = reader.lp().ok_or(SheetFault::Layout)?;
    if reader.rest().iter().any(|b| *b != 0) {
        return Err(SheetFault::Padding);
    }
    Ok(inner)
}

fn parse(inner: &[u8]) -> Result<(OpenedSheet, [u8; 64]), SheetFault> {
    let mut reader = Reader::new(inner);
    let parts = parse_layout(&mut reader).ok_or(SheetFault::Layout)?;
    if !reader.rest().is_empty() {
        return Err(SheetFault::Layout);
    }
    let (head_bytes, blocks, custody, signature) = parts;
    let sheet = OpenedSheet {
        head: SheetHead::parse(head_bytes).ok_or(SheetFault::Head)?,
        head_bytes: head_bytes.to_vec(),
        blocks,
        custody: custody.to_vec(),
        digest: content_digest(head_bytes),
        custody_commitment: custody::commitment(custody),
    };
    Ok((sheet, signature))
}

type Layout<'a> = (&'a [u8], Vec<Block>, &'a [u8], [u8; 64]);

fn parse_layout<'a>(reader: &mut Reader<'a>) -> Option<Layout<'a>> {
    let head = reader.lp()?;
    let count = reader.u16()?;
    let mut blocks = Vec::new();
    for _ in 0..count {
        let salt = SecretBytes::new(reader.array()?);
        let bidder = String::from_utf8(reader.lp()?.to_vec()).ok()?;
        let bytes = reader.lp()?.to_vec();
        blocks.push(Block { bidder, bytes, salt });
    }
    Some((head, blocks, reader.lp()?, reader.array()?))
}

fn check(context: &SheetContext, sheet: &OpenedSheet) -> Result<(), SheetFault> {
    if sheet.head.rulebook != context.rulebook {
        return Err(SheetFault::Rulebook);
    }
    if sheet.head.instance != context.instance {
        return Err(SheetFault::Instance);
    }
    let listed = sheet.head.blocks.iter().map(|line| &line.bidder);
    if !listed.eq(sheet.blocks.iter().map(|block| &block.bidder)) {
        return Err(SheetFault::Blocks);
    }
    let mut pairs = sheet.head.blocks.iter().zip(&sheet.blocks);
    if !pairs.all(|(line, block)| line.commitment == block.commitment()) {
        return Err(SheetFault::Commitment);
    }
    if !custody::well_formed(&sheet.custody) {
        return Err(SheetFault::Custody);
    }
    Ok(())
}
