//! The hand that writes scores. It has a vault of its own, so that it waits for no line; and what the disk does not
//! take now it keeps in memory, says so, and writes as soon as the disk lets it.

use super::{Cells, DraftCell, check_draft, row, written};
use crate::error::ClientError;
use evaluation::BidderId;
use std::collections::BTreeMap;
use storage::{Change, StoreError, Vault};

/// Row by which the disk is tried.
const PROBE: &str = "disk-probe";

/// A vault for scores, with what is not in it yet.
pub struct Pen {
    vault: Vault,
    /// By row, the newest of each.
    unwritten: BTreeMap<String, (DraftCell, Change)>,
    fault: Option<StoreError>,
}

impl Pen {
    /// A pen on a vault, with nothing unwritten.
    pub fn new(vault: Vault) -> Self {
        Self {
            vault,
            unwritten: BTreeMap::new(),
            fault: None,
        }
    }

    /// Takes one cell as it stands; `true`: it is durable, `false`: it is kept in memory until the disk takes it.
    ///
    /// # Errors
    /// [`ClientError::Check`] as [`super::put_draft`]; a damaged vault.
    pub fn put(
        &mut self,
        instance: &str,
        bidder: &BidderId,
        criterion: &str,
        cell: &DraftCell,
        reason_max_bytes: u32,
    ) -> Result<bool, ClientError> {
        check_draft(cell, reason_max_bytes)?;
        let key = row(instance, bidder, criterion);
        let change = written(key.clone(), cell)?;
        self.unwritten.insert(key.clone(), (cell.clone(), change));
        match self.write_all() {
            Ok(()) => Ok(true),
            Err(error) if error.is_of_the_disk() => Ok(false),
            Err(error) => {
                self.unwritten.remove(&key);
                Err(error.into())
            }
        }
    }

    /// Writes what is unwritten, all at once.
    fn write_all(&mut self) -> Result<(), StoreError> {
        let changes: Vec<Change> = self
            .unwritten
            .values()
            .map(|(_, change)| change.clone())
            .collect();
        let written = self.vault.reopen().and_then(|()| self.vault.apply(&changes));
        self.fault = written.as_ref().err().cloned();
        written?;
        self.unwritten.clear();
        Ok(())
    }

    /// Tries again what the disk refused. Does nothing while there was no trouble.
    pub fn retry(&mut self) {
        if self.fault.is_some() || !self.unwritten.is_empty() {
            // What it still refuses stays, and is told by `fault`.
            let _ = self.prove();
        }
    }

    /// Everything is durable, and the disk takes more.
    ///
    /// # Errors
    /// What the disk says.
    pub fn prove(&mut self) -> Result<(), StoreError> {
        self.write_all()?;
        let tried = self.vault.put(PROBE, b"");
        self.fault = tried.as_ref().err().cloned();
        tried.map(drop)
    }

    /// Cells that are in memory alone.
    pub fn unwritten(&self) -> usize {
        self.unwritten.len()
    }

    /// Why the disk does not take what is written; `None`: it does, as far as is known.
    pub fn fault(&self) -> Option<&StoreError> {
        self.fault.as_ref()
    }

    /// The vault itself.
    pub fn vault(&self) -> &Vault {
        &self.vault
    }
}

impl Cells for Pen {
    fn cell(&self, instance: &str, bidder: &BidderId, criterion: &str) -> Result<DraftCell, ClientError> {
        match self.unwritten.get(&row(instance, bidder, criterion)) {
            Some((cell, _)) => Ok(cell.clone()),
            None => self.vault.cell(instance, bidder, criterion),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use storage::disk_faults::{DiskFault, plan};

    const ROUND: &str = "scored/1";

    fn typed(value: &str) -> DraftCell {
        DraftCell {
            value: Some(value.to_owned()),
            reason: String::new(),
        }
    }

    #[test]
    fn what_the_disk_refuses_stands_in_the_sheet_and_is_written_when_it_can_be() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("vault.sqlite");
        let open = || Vault::open(&path, &[3; 32]).expect("the file is whole");
        let mut pen = Pen::new(open());
        let bidder = BidderId::new("B1").expect("an ordinal");
        for fault in [DiskFault::Full, DiskFault::ReadOnly, DiskFault::Broken] {
            let put = |pen: &mut Pen, value: &str| {
                pen.put(ROUND, &bidder, "1.1", &typed(value), 480)
                    .expect("a score")
            };
            assert!(put(&mut pen, "3"), "durable");
            plan(folder.path(), Some(fault));
            assert!(!put(&mut pen, "4") && !put(&mut pen, "5"), "in memory");
            assert_eq!(pen.unwritten(), 1, "the newest of a cell");
            assert!(pen.fault().is_some() && pen.prove().is_err());
            let shown = pen.cell(ROUND, &bidder, "1.1").expect("whole");
            assert_eq!(shown, typed("5"), "on the screen");
            assert_eq!(
                open().cell(ROUND, &bidder, "1.1").expect("whole"),
                typed("3"),
                "on the disk"
            );
            pen.retry();
            assert_eq!(pen.unwritten(), 1, "still refused");
            plan(folder.path(), None);
            pen.retry();
            assert_eq!((pen.unwritten(), pen.fault()), (0, None));
            assert_eq!(open().cell(ROUND, &bidder, "1.1").expect("whole"), typed("5"));
        }
    }
}
