//! Sealed sheets: one expert's scores of one round, readable by nobody before the round opens
//! (protocol.md 4.4).
//!
//! The order of making one: blocks with salts ([`Block`]), the head that lists their commitments
//! ([`SheetHead`]), the personal signature over its digest ([`content_digest`],
//! [`personal_message`]), then [`seal_sheet`].

mod custody;
mod open;
mod seal;

pub use custody::{CustodyFault, MAX_CERTIFICATE, PersonalSignature, open_custody, seal_custody};
pub use open::{OpenedSheet, SheetFault, open_sheet};
pub use seal::{SealError, SealedSheet, SheetParts, seal_sheet};

use serde::{Deserialize, Serialize};

use crate::bytes::{hex_array, hex_array_option, put_lp, sha256};
use crate::curve::Point;
use crate::secret::SecretBytes;
use crate::{Random, Suite};

/// The format name in the head.
pub const FORMAT: &str = "conclave.sheet/1";

const CONTEXT: &[u8] = b"conclave/seal/v1\0";
const BLOCK: &[u8] = b"conclave/block/v1\0";
const SHEET: &[u8] = b"conclave/sheet/v1\0";
const INNER: &[u8] = b"conclave/sheet-inner/v1\0";
const PERSONAL: &[u8] = b"conclave/personal/v1\0";

/// Where a sheet belongs. Bound into the encryption and into the inner signature, so that a
/// sealed sheet opens in its own place only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetContext {
    /// The suite.
    pub suite: Suite,
    /// The record's origin.
    pub origin: [u8; 16],
    /// The stage instance.
    pub instance: String,
    /// The round key.
    pub y: Point,
    /// The roster line: the expert's code name.
    pub line: String,
    /// The line's evaluation key, SEC1 uncompressed.
    pub evaluation_key: [u8; 65],
    /// The rulebook's digest.
    pub rulebook: [u8; 32],
}

impl SheetContext {
    /// The bytes that are bound in: the tag and the fields, each length-prefixed, in order.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = CONTEXT.to_vec();
        put_lp(&mut out, &[self.suite.byte()]);
        put_lp(&mut out, &self.origin);
        put_lp(&mut out, self.instance.as_bytes());
        put_lp(&mut out, &self.y.to_bytes());
        put_lp(&mut out, self.line.as_bytes());
        put_lp(&mut out, &self.evaluation_key);
        put_lp(&mut out, &self.rulebook);
        out
    }
}

/// What one sheet says about one bid: opaque bytes with the salt of their commitment. Salt and
/// bytes are what is disclosed to show this block and no other.
pub struct Block {
    /// The bidder's identifier within the evaluation.
    pub bidder: String,
    /// The bytes of the block, JSON made by the caller.
    pub bytes: Vec<u8>,
    /// The salt of the commitment.
    pub salt: SecretBytes<32>,
}

impl Block {
    /// A block with a new salt.
    pub fn new(bidder: String, bytes: Vec<u8>, random: &mut dyn Random) -> Self {
        let mut salt = [0; 32];
        random.fill(&mut salt);
        Block {
            bidder,
            bytes,
            salt: SecretBytes::new(salt),
        }
    }

    /// The commitment that stands in the head.
    pub fn commitment(&self) -> [u8; 32] {
        block_commitment(self.salt.expose(), &self.bidder, &self.bytes)
    }
}

impl std::fmt::Debug for Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Block({}, [secret])", self.bidder)
    }
}

/// SHA-256("conclave/block/v1\0" ‖ salt ‖ lp(bidder) ‖ bytes).
pub fn block_commitment(salt: &[u8; 32], bidder: &str, bytes: &[u8]) -> [u8; 32] {
    let mut prefix = Vec::new();
    put_lp(&mut prefix, bidder.as_bytes());
    sha256(&[BLOCK, salt, &prefix, bytes])
}

/// The head of a sheet. It shows what the sheet covers, and nothing of what it says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetHead {
    /// Always [`FORMAT`].
    pub format: String,
    /// The rulebook's digest.
    #[serde(with = "hex_array")]
    pub rulebook: [u8; 32],
    /// The stage instance.
    pub instance: String,
    /// The ids of the criteria scored, in the rulebook's order.
    pub criteria: Vec<String>,
    /// The content digest of the sheet of the same line this one replaces; `null` for a first one.
    #[serde(with = "hex_array_option")]
    pub supersedes: Option<[u8; 32]>,
    /// The commitments of the blocks, in the order of the blocks; no bidder twice.
    pub blocks: Vec<BlockCommitment>,
}

/// A block's line in the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockCommitment {
    /// The bidder.
    pub bidder: String,
    /// See [`block_commitment`].
    #[serde(with = "hex_array")]
    pub commitment: [u8; 32],
}

impl SheetHead {
    /// The head as JSON without spaces, fields in their order.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("strings and lists have a JSON form")
    }

    /// Reads a head strictly; `None` for anything else, a wrong format name and a bidder listed
    /// twice included.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let head: SheetHead = serde_json::from_slice(bytes).ok()?;
        let mut bidders: Vec<&str> = head.blocks.iter().map(|b| b.bidder.as_str()).collect();
        bidders.sort_unstable();
        let unique = bidders.windows(2).all(|pair| pair[0] != pair[1]);
        (head.format == FORMAT && unique).then_some(head)
    }
}

/// The content digest d of a sheet: SHA-256("conclave/sheet/v1\0" ‖ head bytes). Through the
/// commitments it covers the blocks.
pub fn content_digest(head: &[u8]) -> [u8; 32] {
    sha256(&[SHEET, head])
}

/// What the personal key signs: "conclave/personal/v1\0" ‖ d ‖ digest of the text shown.
pub fn personal_message(digest: &[u8; 32], text_digest: &[u8; 32]) -> Vec<u8> {
    [PERSONAL, &digest[..], text_digest].concat()
}

/// What the evaluation key signs inside the seal:
/// "conclave/sheet-inner/v1\0" ‖ SHA-256(context) ‖ d ‖ c.
fn inner_message(context: &[u8], digest: &[u8; 32], custody: &[u8; 32]) -> Vec<u8> {
    [INNER, &sha256(&[context]), digest, custody].concat()
}

/// Length of the blob of a sealed sheet.
pub fn blob_length(sheet_size: usize) -> usize {
    65 + sheet_size + crate::hpke::TAG
}

/// The plaintext size a sheet needs, for fixing the sheet size of a round from its limits:
/// the head's length, for each block the lengths of bidder and bytes, and the number of
/// custodians.
pub fn needed_size(head: usize, blocks: &[(usize, usize)], custodians: usize) -> usize {
    let blocks: usize = blocks
        .iter()
        .map(|(bidder, bytes)| 32 + 4 + bidder + 4 + bytes)
        .sum();
    let custody = 1 + custodians * custody::COPY;
    4 + 4 + head + 2 + blocks + 4 + custody + 64
}
