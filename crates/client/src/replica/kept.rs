//! What of a replica stands in the vault: enough to rebuild the centre from (protocol 2, Restore), and to notice an older
//! one at once.

use super::Replica;
use crate::error::ClientError;
use crate::link::Link;
use record::Entry;
use storage::Vault;

impl Replica {
    /// Keeps every leaf received since the last call, the cursor and the cosigned checkpoint in the vault: what the
    /// centre can be rebuilt from (protocol 2, Restore). Reading does not end where the disk takes nothing: what was
    /// not kept is kept with what comes next.
    pub(super) fn keep(&mut self, vault: &mut Vault) -> Result<(), ClientError> {
        let kept = kept_count(vault)?;
        let reopened = self.reopened.clone();
        let changes = self.kept_from(kept)?;
        match vault.apply(&changes) {
            Ok(_) => self.unkept = None,
            Err(error) if error.is_of_the_disk() => {
                self.reopened = reopened;
                self.unkept = Some(error);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// What is to be kept, when leaves before `kept` are kept already.
    pub(crate) fn kept_from(&mut self, kept: u64) -> Result<Vec<storage::Change>, ClientError> {
        let mut changes = Vec::new();
        let reopened = std::mem::take(&mut self.reopened);
        for entry in self
            .entries
            .iter()
            .filter(|entry| entry.index >= kept || reopened.contains(&entry.index))
        {
            let bytes = serde_json::to_vec(entry).map_err(|e| ClientError::Format(e.to_string()))?;
            changes.push(storage::Change::Put {
                key: leaf_key(entry.index),
                value: bytes,
            });
        }
        for (key, note) in [("cosigned", &self.cosigned), ("newest", &self.newest)] {
            if let Some(note) = note {
                changes.push(storage::Change::Put {
                    key: key.to_owned(),
                    value: note.format().into_bytes(),
                });
            }
        }
        for (place, (_, note)) in self.witnesses.confirming().enumerate() {
            changes.push(storage::Change::Put {
                key: confirming_key(place),
                value: note.format().into_bytes(),
            });
        }
        let count = (self.entries.len() as u64).to_be_bytes().to_vec();
        changes.push(storage::Change::Put {
            key: "leaves".to_owned(),
            value: count,
        });
        changes.push(storage::Change::Put {
            key: "cursor".to_owned(),
            value: self.cursor.clone().into_bytes(),
        });
        Ok(changes)
    }

    /// Loads what an earlier run of this seat kept, so that an older centre is noticed at once. Without a line the
    /// seat begins anew, and reads everything again.
    ///
    /// # Errors
    /// A damaged vault; [`ClientError::Unsound`].
    pub fn load(&mut self, vault: &Vault, link: &dyn Link) -> Result<(), ClientError> {
        match self.load_kept(vault, link) {
            Err(ClientError::Line(_)) => {
                self.restart();
                Ok(())
            }
            other => other,
        }
    }

    fn load_kept(&mut self, vault: &Vault, link: &dyn Link) -> Result<(), ClientError> {
        let count = kept_count(vault)?;
        for index in 0..count {
            let Some(bytes) = vault.get(&leaf_key(index))? else {
                self.restart();
                return Ok(());
            };
            let entry: Entry =
                serde_json::from_slice(&bytes).map_err(|e| ClientError::Format(e.to_string()))?;
            self.append(entry, link)?;
        }
        if let Some(cursor) = vault.get("cursor")? {
            self.cursor = String::from_utf8_lossy(&cursor).into_owned();
        }
        self.settled = self.entries.len();
        for place in 0.. {
            let Some(note) = vault.get(&confirming_key(place))? else {
                break;
            };
            self.checkpoint(&String::from_utf8_lossy(&note))?;
        }
        for key in ["cosigned", "newest"] {
            if let Some(note) = vault.get(key)? {
                self.checkpoint(&String::from_utf8_lossy(&note))?;
            }
        }
        Ok(())
    }
}

pub(crate) fn leaf_key(index: u64) -> String {
    format!("leaf/{index:08}")
}

/// A checkpoint that confirmed a replacement of a log witness.
fn confirming_key(place: usize) -> String {
    format!("confirming/{place:02}")
}

fn kept_count(vault: &Vault) -> Result<u64, ClientError> {
    let bytes = vault
        .get("leaves")?
        .and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    Ok(bytes.map_or(0, u64::from_be_bytes))
}
