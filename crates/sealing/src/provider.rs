//! Who holds a private key: a token, or in development a key file.

pub use crate::keyfile::{Algorithm, KeyFile, KeyFileError, KeyFileProvider, Purpose, Unlocked};
pub use crate::secret::{Pin, SharedPoint};

/// The ECDH of a private key that is elsewhere: from a point (SEC1 uncompressed) to the
/// x-coordinate of key times point.
pub type Agree<'a> = dyn FnMut(&[u8; 65]) -> Result<SharedPoint, KeyError> + 'a;

/// What kind of place a key lives in; goes into certificates and the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Marking {
    /// An encrypted file. Not for evaluations that count.
    Development,
    /// A token the key can't leave.
    Token,
}

/// Why a key did not do what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The PIN is wrong, or the file was changed: the two can't be told apart.
    #[error("wrong PIN")]
    WrongPin,
    /// A token blocked itself after too many wrong PINs.
    #[error("the key is blocked")]
    Blocked,
    /// The token is not there.
    #[error("the key is not present")]
    Absent,
    /// The key is of a purpose or algorithm that does not do this.
    #[error("the key is not for this use")]
    Purpose,
    /// The other side's point is not on the curve.
    #[error("not a point of P-256")]
    Point,
    /// The decrypted key is not that of the public key beside it.
    #[error("the key is damaged")]
    Damaged,
}

/// A P-256 private key behind a PIN. Every use takes the PIN anew; nothing stays unlocked.
pub trait KeyProvider {
    /// The public key, SEC1 uncompressed.
    fn public_key(&self) -> [u8; 65];

    /// What kind of place the key lives in.
    fn marking(&self) -> Marking;

    /// ECDSA with SHA-256 over `message`: r ‖ s with a low s (see [`crate::sign::normalise`]).
    ///
    /// # Errors
    /// [`KeyError`].
    fn sign(&self, pin: &Pin, message: &[u8]) -> Result<[u8; 64], KeyError>;

    /// ECDH: the x-coordinate of private key times `their_point`, with cofactor one and without
    /// a key derivation.
    ///
    /// # Errors
    /// [`KeyError`].
    fn agree(&self, pin: &Pin, their_point: &[u8; 65]) -> Result<SharedPoint, KeyError>;
}
