//! Encryption at rest under a key that is kept outside the database (protocol.md 2).
//!
//! Each store draws a random id when it is made. Its own key is HKDF-SHA256(at-rest key, id), so that a row
//! can't be carried to another store, and what is bound to a row (table, index, field) can't be carried
//! to another row. AES-256-GCM with random 96-bit nonces: a store's own key seals far fewer than 2^32 values.

use std::fs::{self, OpenOptions};
use std::io::Read;
use std::path::Path;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hkdf};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::StoreError;
use crate::files::{sync_parent, write_new};

/// Length of an at-rest key in bytes.
pub const KEY_LEN: usize = 32;
/// Length of the random id of a store in bytes.
pub(crate) const STORE_ID_LEN: usize = 16;
/// Length of the value that tells a wrong key from a damaged file.
const CHECK_LEN: usize = 24;
const FINGERPRINT_LEN: usize = 16;

/// The key of a centre's stores: 32 bytes, kept in a file of its own, never in the database.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct AtRestKey([u8; KEY_LEN]);

impl std::fmt::Debug for AtRestKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AtRestKey(..)")
    }
}

impl AtRestKey {
    /// Takes the 32 bytes as they are: a data key unwrapped elsewhere, or a test's.
    #[must_use]
    pub fn from_bytes(bytes: [u8; KEY_LEN]) -> Self {
        Self(bytes)
    }

    /// Reads the key file at `path`, or makes it (mode 0600, durable) from `random` if there is none.
    ///
    /// # Errors
    /// `KeyFileOpen` if group or others may touch the file; `Damaged` if it is not 32 bytes; `Io`, `Full`.
    pub fn load_or_create(path: &Path, random: &dyn SecureRandom) -> Result<Self, StoreError> {
        if path.try_exists()? {
            return Self::load(path);
        }
        let mut bytes = [0u8; KEY_LEN];
        random
            .fill(&mut bytes)
            .map_err(|_| StoreError::io("the random source failed"))?;
        write_new(path, &bytes)?;
        sync_parent(path)?;
        Ok(Self(bytes))
    }

    /// Reads the key file at `path`.
    ///
    /// # Errors
    /// As [`AtRestKey::load_or_create`], and `Io` if there is no such file.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let mut file = OpenOptions::new().read(true).open(path)?;
        refuse_open_to_others(path, &file.metadata()?)?;
        let mut bytes = [0u8; KEY_LEN + 1];
        let mut read = 0;
        while read < bytes.len() {
            match file.read(&mut bytes[read..])? {
                0 => break,
                n => read += n,
            }
        }
        let key = bytes.first_chunk::<KEY_LEN>().copied();
        bytes.zeroize();
        match (read, key) {
            (KEY_LEN, Some(key)) => Ok(Self(key)),
            _ => Err(StoreError::damaged(format!("key file {}", path.display()))),
        }
    }
}

#[cfg(unix)]
fn refuse_open_to_others(path: &Path, metadata: &fs::Metadata) -> Result<(), StoreError> {
    use std::os::unix::fs::PermissionsExt;
    if metadata.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    Err(StoreError::KeyFileOpen {
        path: path.display().to_string(),
    })
}

#[cfg(not(unix))]
fn refuse_open_to_others(_: &Path, _: &fs::Metadata) -> Result<(), StoreError> {
    Ok(())
}

/// The id and key check a store keeps in clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoreId {
    pub(crate) id: [u8; STORE_ID_LEN],
    pub(crate) check: Vec<u8>,
}

impl StoreId {
    /// Bytes for a file: id, then check.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        [self.id.as_slice(), &self.check].concat()
    }

    /// Parses [`StoreId::to_bytes`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (id, check) = bytes.split_first_chunk::<STORE_ID_LEN>()?;
        Some(Self {
            id: *id,
            check: check.to_vec(),
        })
    }
}

struct Length(usize);

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

/// Seals and opens the values of one store.
pub(crate) struct Sealer {
    prk: hkdf::Prk,
    key: LessSafeKey,
    random: SystemRandom,
}

impl Sealer {
    /// A new store of `kind` ("record", "blobs", "vault"): draws its id.
    pub(crate) fn create(key: &AtRestKey, kind: &str) -> Result<(Self, StoreId), StoreError> {
        let mut id = [0u8; STORE_ID_LEN];
        SystemRandom::new()
            .fill(&mut id)
            .map_err(|_| StoreError::io("the random source failed"))?;
        let sealer = Self::derive(key, kind, &id)?;
        let fingerprint = sealer.fingerprint()?;
        let check = [&fingerprint[..], &checksum(&id, &fingerprint)].concat();
        Ok((sealer, StoreId { id, check }))
    }

    /// The sealer of an existing store; tells a damaged check from a wrong key.
    pub(crate) fn open(key: &AtRestKey, kind: &str, stored: &StoreId) -> Result<Self, StoreError> {
        let row = || StoreError::damaged(format!("{kind} key check"));
        let (fingerprint, sum) = stored
            .check
            .split_first_chunk::<FINGERPRINT_LEN>()
            .filter(|_| stored.check.len() == CHECK_LEN)
            .ok_or_else(row)?;
        if sum != checksum(&stored.id, fingerprint) {
            return Err(row());
        }
        let sealer = Self::derive(key, kind, &stored.id)?;
        if sealer.fingerprint()? != *fingerprint {
            return Err(StoreError::WrongKey);
        }
        Ok(sealer)
    }

    fn derive(key: &AtRestKey, kind: &str, id: &[u8]) -> Result<Self, StoreError> {
        let salt = hkdf::Salt::new(hkdf::HKDF_SHA256, &[b"conclave at rest v1", id].concat());
        let prk = salt.extract(&[kind.as_bytes(), &key.0].concat());
        let bytes = expand::<KEY_LEN>(&prk, &[b"value"])?;
        Ok(Self {
            key: aead_key(&bytes)?,
            prk,
            random: SystemRandom::new(),
        })
    }

    fn fingerprint(&self) -> Result<[u8; FINGERPRINT_LEN], StoreError> {
        expand(&self.prk, &[b"check"])
    }

    /// A key for another purpose of the same store.
    pub(crate) fn subkey(&self, info: &[&[u8]]) -> Result<[u8; KEY_LEN], StoreError> {
        expand(&self.prk, info)
    }

    pub(crate) fn fill_random(&self, bytes: &mut [u8]) -> Result<(), StoreError> {
        self.random
            .fill(bytes)
            .map_err(|_| StoreError::io("the random source failed"))
    }

    /// nonce ‖ ciphertext ‖ tag; `place` says which row and field it belongs to.
    pub(crate) fn seal(&self, place: &Place<'_>, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0u8; NONCE_LEN];
        self.fill_random(&mut nonce)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plain);
        let tag = self
            .key
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place.bytes()),
                &mut sealed[NONCE_LEN..],
            )
            .map_err(|_| StoreError::io("encryption failed"))?;
        sealed.extend_from_slice(tag.as_ref());
        Ok(sealed)
    }

    /// The plaintext, or `Damaged` naming the place.
    pub(crate) fn open_value(&self, place: &Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let damaged = || StoreError::damaged(place.to_string());
        let (nonce, body) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let mut plain = body.to_vec();
        let length = self
            .key
            .open_in_place(
                Nonce::assume_unique_for_key(*nonce),
                Aad::from(place.bytes()),
                &mut plain,
            )
            .map_err(|_| damaged())?
            .len();
        plain.truncate(length);
        Ok(plain)
    }

    /// As [`Sealer::open_value`] for a value of fixed length.
    pub(crate) fn open_array<const N: usize>(
        &self,
        place: &Place<'_>,
        sealed: &[u8],
    ) -> Result<[u8; N], StoreError> {
        <[u8; N]>::try_from(self.open_value(place, sealed)?)
            .map_err(|_| StoreError::damaged(place.to_string()))
    }
}

/// Where a sealed value stands: what its associated data is made of, and its name in an error.
pub(crate) struct Place<'a> {
    pub(crate) table: &'a str,
    pub(crate) row: &'a str,
    pub(crate) field: &'a str,
    /// Further bytes the value is bound to: clear columns of the row, its sequence.
    pub(crate) bound: &'a [u8],
}

impl Place<'_> {
    /// Each part with its length, so that no two places give the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let parts = [
            self.table.as_bytes(),
            self.row.as_bytes(),
            self.field.as_bytes(),
            self.bound,
        ];
        let mut bytes = Vec::new();
        for part in parts {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }
}

impl std::fmt::Display for Place<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {} {}", self.table, self.row, self.field)
    }
}

/// An AES-256-GCM key from 32 bytes.
pub(crate) fn aead_key(bytes: &[u8; KEY_LEN]) -> Result<LessSafeKey, StoreError> {
    UnboundKey::new(&AES_256_GCM, bytes)
        .map(LessSafeKey::new)
        .map_err(|_| StoreError::io("the cipher refused the key"))
}

fn expand<const N: usize>(prk: &hkdf::Prk, info: &[&[u8]]) -> Result<[u8; N], StoreError> {
    let mut bytes = [0u8; N];
    prk.expand(info, Length(N))
        .and_then(|okm| okm.fill(&mut bytes))
        .map_err(|_| StoreError::io("key derivation failed"))?;
    Ok(bytes)
}

fn checksum(id: &[u8], fingerprint: &[u8]) -> [u8; CHECK_LEN - FINGERPRINT_LEN] {
    let sum = digest::digest(&digest::SHA256, &[id, fingerprint].concat());
    let mut short = [0u8; CHECK_LEN - FINGERPRINT_LEN];
    short.copy_from_slice(&sum.as_ref()[..CHECK_LEN - FINGERPRINT_LEN]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place<'a>(row: &'a str, field: &'a str) -> Place<'a> {
        Place {
            table: "act",
            row,
            field,
            bound: b"",
        }
    }

    #[test]
    fn a_value_opens_only_at_its_own_place() {
        let key = AtRestKey::from_bytes([7; 32]);
        let (sealer, _) = Sealer::create(&key, "record").expect("system random");
        let sealed = sealer.seal(&place("1", "body"), b"abc").expect("seals");
        assert_eq!(
            sealer.open_value(&place("1", "body"), &sealed),
            Ok(b"abc".to_vec())
        );
        for other in [place("2", "body"), place("1", "salt"), place("1b", "ody")] {
            assert_eq!(
                sealer.open_value(&other, &sealed),
                Err(StoreError::damaged(other.to_string()))
            );
        }
        let (foreign, _) = Sealer::create(&key, "record").expect("system random");
        assert!(foreign.open_value(&place("1", "body"), &sealed).is_err());
        assert!(sealer.open_value(&place("1", "body"), &sealed[..5]).is_err());
    }

    #[test]
    fn a_wrong_key_is_told_from_a_damaged_check() {
        let key = AtRestKey::from_bytes([7; 32]);
        let (_, stored) = Sealer::create(&key, "record").expect("system random");
        assert!(Sealer::open(&key, "record", &stored).is_ok());
        let wrong = AtRestKey::from_bytes([8; 32]);
        assert_eq!(
            Sealer::open(&wrong, "record", &stored).err(),
            Some(StoreError::WrongKey)
        );
        for position in 0..stored.check.len() {
            let mut damaged = stored.clone();
            damaged.check[position] ^= 1;
            assert!(matches!(
                Sealer::open(&key, "record", &damaged).err(),
                Some(StoreError::Damaged { .. })
            ));
        }
    }

    #[test]
    fn the_key_file_is_made_once_and_refused_when_open_to_others() {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("at-rest.key");
        let random = SystemRandom::new();
        let first = AtRestKey::load_or_create(&path, &random).expect("creates");
        let second = AtRestKey::load_or_create(&path, &random).expect("loads");
        assert_eq!(first.0, second.0);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&path).expect("exists").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("owner may");
            assert!(matches!(
                AtRestKey::load(&path),
                Err(StoreError::KeyFileOpen { .. })
            ));
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("owner may");
        }
        fs::write(&path, [1; 33]).expect("owner may");
        assert!(matches!(AtRestKey::load(&path), Err(StoreError::Damaged { .. })));
    }
}
