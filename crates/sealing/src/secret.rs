//! Secret bytes: zeroed on drop, never printed, never serialised.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `N` secret bytes.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes<const N: usize>([u8; N]);

impl<const N: usize> SecretBytes<N> {
    /// Takes the bytes over. The caller's own copy, if any, is the caller's to wipe.
    pub fn new(bytes: [u8; N]) -> Self {
        SecretBytes(bytes)
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// Secret bytes of any length, such as an encoded private key.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretVec(Vec<u8>);

impl SecretVec {
    /// Takes the bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        SecretVec(bytes)
    }

    /// The bytes themselves.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// The x-coordinate of an ECDH result on P-256, 32 bytes: what a token gives out, and what
/// partial decryptions combine to. Input of the key derivation of HPKE, not itself a key.
pub type SharedPoint = SecretBytes<32>;

/// The PIN of a key file or token.
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// Takes the text over. Its bytes are used as they are, without normalisation.
    pub fn new(text: String) -> Self {
        Pin(Zeroizing::new(text))
    }

    /// The PIN's bytes in UTF-8.
    pub fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}
