//! The centre's own keys: checkpoints, centre acts, cursors, cover.

use record::{DeviceId, Digest, Origin, PublicKey, VerifierKey};
use sealing::ed25519::Ed25519Key;
use sealing::sign::SigningKeyPair;

/// The centre's own keys.
pub struct CentreKeys {
    pub(crate) log: Ed25519Key,
    pub(crate) log_verifier: VerifierKey,
    pub(crate) act: SigningKeyPair,
    pub(crate) device: DeviceId,
    derived: ring::hmac::Key,
}

impl CentreKeys {
    /// Takes the log key and the act key. Cursors are masked, and cover leaves derived, under a key derived from both.
    ///
    /// # Errors
    /// When the name is not a note key name.
    pub fn new(name: &str, log: Ed25519Key, act: SigningKeyPair) -> Result<Self, record::NoteError> {
        let log_verifier = VerifierKey::new(name, record::KeyAlgorithm::LogEd25519, log.public())?;
        let seed = Digest::tagged(
            "conclave/cursor/v1",
            &[log.seed().expose(), act.secret().to_secret_bytes().expose()],
        );
        let device = Digest::tagged("conclave/centre-device/v1", &[&act.public_key()]);
        let mut id = [0; 16];
        id.copy_from_slice(&device.0[..16]);
        let derived = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &seed.0);
        Ok(Self {
            log,
            log_verifier,
            act,
            device: DeviceId(id),
            derived,
        })
    }

    /// Key of the centre's acts.
    pub fn act_public(&self) -> PublicKey {
        PublicKey(self.act.public_key())
    }

    /// Verifier key of the centre's checkpoints, as text.
    pub fn log_verifier(&self) -> String {
        self.log_verifier.to_string()
    }

    /// What only this centre can derive for a cover leaf.
    pub(crate) fn cover_mac(&self, origin: &Origin, label: &[u8], place: &[u8]) -> [u8; 32] {
        self.mac(&[b"cover", &origin.0[..], label, place].concat())
    }

    pub(crate) fn cursor_mac(
        &self,
        origin: &Origin,
        caller: &PublicKey,
        label: &[u8],
        data: &[u8],
    ) -> [u8; 32] {
        self.mac(&[&origin.0[..], &caller.0, label, data].concat())
    }

    fn mac(&self, message: &[u8]) -> [u8; 32] {
        let tag = ring::hmac::sign(&self.derived, message);
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }
}
