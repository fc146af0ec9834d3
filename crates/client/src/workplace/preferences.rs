//! Language, theme and text size, remembered per seat in a file of the workplace. They are no secret.

use crate::error::ClientError;
use protocol::window::Preferences;
use std::path::{Path, PathBuf};

fn path(folder: &Path, seat: &str) -> PathBuf {
    folder.join("preferences").join(format!("{seat}.json"))
}

/// As remembered; a seat that never chose begins with what was chosen before the login, else with the default.
pub(super) fn read(folder: &Path, seat: &str) -> Preferences {
    let read = |seat: &str| {
        let bytes = std::fs::read(path(folder, seat)).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    read(seat).or_else(|| read("entry")).unwrap_or_default()
}

/// Remembers them, whole or not at all.
///
/// # Errors
/// The disk.
pub(super) fn write(folder: &Path, seat: &str, wanted: Preferences) -> Result<Preferences, ClientError> {
    let io = |e: std::io::Error| ClientError::Format(format!("preferences: {e}"));
    let path = path(folder, seat);
    std::fs::create_dir_all(folder.join("preferences")).map_err(io)?;
    let bytes = serde_json::to_vec(&wanted).map_err(|e| ClientError::Format(e.to_string()))?;
    let new = path.with_extension("new");
    std::fs::write(&new, bytes).map_err(io)?;
    std::fs::rename(&new, &path).map_err(io)?;
    Ok(wanted)
}
