//! Sealing: round-key ceremony, sealed sheets, sealed bids, signatures, key provider trait.
//!
//! Pure: no clock, no random source, no files. Randomness is an argument ([`Random`]), private
//! operations of a token are arguments ([`provider::KeyProvider`], [`provider::Agree`]).
//! The formats, exact to the byte, are in `docs/formats/sealing.md` and `docs/formats/keyfile.md`.
//!
//! Conventions: integers are big-endian; `lp(x)` is the length of `x` as u32, then `x`; P-256
//! points are 65 bytes SEC1 uncompressed; in JSON fixed-length values are lower-case hex and
//! ciphertexts are base64 (standard alphabet, padded).

pub mod bid;
mod bytes;
pub mod ceremony;
pub mod curve;
pub mod ed25519;
pub mod hpke;
mod keyfile;
mod polynomial;
pub mod proofs;
pub mod provider;
pub mod secret;
pub mod sheet;
pub mod sign;

/// The source of random bytes. Always an argument: the crate holds none, so that every output
/// can be reproduced in tests and no weak source can slip in.
pub trait Random {
    /// Fills `out` with bytes nobody can predict.
    fn fill(&mut self, out: &mut [u8]);
}

/// The algorithm suite. Suite 2 (SM2, SM3, SM4) has its place in the formats and is not yet
/// readable: its byte is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Suite {
    /// P-256, SHA-256, AES-256-GCM; byte 1.
    P256,
}

impl Suite {
    /// The byte that stands for the suite in every format.
    pub fn byte(self) -> u8 {
        match self {
            Suite::P256 => 1,
        }
    }

    /// The suite of a byte; `None` for one this version can't compute with.
    pub fn from_byte(byte: u8) -> Option<Self> {
        (byte == 1).then_some(Suite::P256)
    }
}
