//! The vault's data key: made once, kept only wrapped to a key that is not on the disk (protocol 3).

use crate::error::ClientError;
use sealing::provider::{KeyFileProvider, KeyProvider, Pin};
use sealing::{Random, hpke};
use std::path::Path;
use storage::Vault;

/// File of the wrapped key.
const WRAP: &str = "vault.wrap";
const INFO: &[u8] = b"conclave/vault-key/v1\0";

/// Whether a folder has a data key already: somebody opened it before.
pub fn exists(folder: &Path) -> bool {
    folder.join(WRAP).exists()
}

/// The data key of a seat's folder, made and wrapped at the first use.
///
/// # Errors
/// A wrong PIN, a damaged file, the disk.
pub fn data_key(
    folder: &Path,
    wrapping: &KeyFileProvider,
    pin: &Pin,
    random: &mut dyn Random,
) -> Result<[u8; 32], ClientError> {
    let damaged = || ClientError::Format("vault key".to_owned());
    let path = folder.join(WRAP);
    let io = |e: std::io::Error| ClientError::Format(format!("vault key: {e}"));
    if path.exists() {
        let sealed = hpke::Sealed::from_bytes(&std::fs::read(&path).map_err(io)?).ok_or_else(damaged)?;
        let shared = wrapping.agree(pin, &sealed.enc)?;
        let public = wrapping.public_key();
        let key = hpke::open_with_shared(&shared, &public, &sealed.enc, INFO, b"", &sealed.ct)
            .map_err(|e| ClientError::Format(format!("vault key: {e}")))?;
        return key.try_into().map_err(|_| damaged());
    }
    let mut key = [0; 32];
    random.fill(&mut key);
    let sealed = hpke::seal(&wrapping.public_key(), INFO, b"", &key, random)
        .map_err(|e| ClientError::Format(e.to_string()))?;
    let temporary = folder.join("vault.wrap.new");
    std::fs::write(&temporary, sealed.to_bytes()).map_err(io)?;
    std::fs::File::open(&temporary)
        .and_then(|file| file.sync_all())
        .map_err(io)?;
    std::fs::rename(&temporary, &path).map_err(io)?;
    Ok(key)
}

/// Opens the vault of a folder with its data key. Several may be open at once: each write is a transaction.
///
/// # Errors
/// A damaged vault.
pub fn vault(folder: &Path, key: &[u8; 32]) -> Result<Vault, ClientError> {
    Ok(Vault::open(&folder.join("vault.sqlite"), key)?)
}
