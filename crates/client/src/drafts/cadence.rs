//! When snapshots leave the PC: at the moment the expert's client accepted a round and at every whole multiple of the
//! cadence after it, until the record closes the round.
//!
//! What is typed, and how much, changes neither the moments nor the sizes. Sealing does not end it: that somebody
//! sealed is public, but whether he still changes something afterwards is not. The close is the same act for all.

use super::{announce, upload};
use crate::desk::{Desk, Sent};
use crate::error::ClientError;
use evaluation::CodeName;
use record::Millis;
use storage::Vault;

/// Cadence of the procedure, milliseconds: once a minute (protocol 4). Only rehearsals go by another one.
pub const DEFAULT_CADENCE: Millis = 60_000;

const PREFIX: &str = "draft-clock/";

/// The cadence. What it has done stands in the vault, so a PC that starts again goes on in step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cadence(Millis);

/// What the vault says of one round: when it was accepted, and the first multiple that is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Schedule {
    accepted: Millis,
    next: u64,
}

impl Cadence {
    /// A snapshot every so many milliseconds, at least one.
    pub fn new(every: Millis) -> Self {
        Self(every.max(1))
    }

    /// The round was accepted at `now`: its key was checked. Only the first time counts.
    ///
    /// # Errors
    /// The vault.
    pub fn accept(self, vault: &mut Vault, instance: &str, now: Millis) -> Result<(), ClientError> {
        if Schedule::read(vault, instance)?.is_some() {
            return Ok(());
        }
        let schedule = Schedule {
            accepted: now,
            next: 0,
        };
        schedule.write(vault, instance)
    }

    /// Whether the round was accepted on this PC.
    ///
    /// # Errors
    /// The vault.
    pub fn is_accepted(self, vault: &Vault, instance: &str) -> Result<bool, ClientError> {
        Ok(Schedule::read(vault, instance)?.is_some())
    }

    /// Multiples of the cadence whose snapshot has left, or was missed because the PC was off or had no line.
    ///
    /// # Errors
    /// The vault.
    pub fn passed(self, vault: &Vault, instance: &str) -> Result<u64, ClientError> {
        Ok(Schedule::read(vault, instance)?.map_or(0, |schedule| schedule.next))
    }

    /// The multiple whose snapshot is due now. Missed ones are not made up for.
    ///
    /// # Errors
    /// The vault.
    pub fn due(self, vault: &Vault, instance: &str, now: Millis) -> Result<Option<u64>, ClientError> {
        let due = Schedule::read(vault, instance)?.and_then(|schedule| {
            let multiple = now.checked_sub(schedule.accepted)? / self.0;
            (multiple >= schedule.next).then_some(multiple)
        });
        Ok(due)
    }

    /// Makes and sends the snapshot that is due by the centre's clock, if one is.
    ///
    /// # Errors
    /// As [`Desk::act`]; without a line the snapshot stays due.
    pub fn keep(
        self,
        desk: &mut Desk,
        line: &CodeName,
        instance: &str,
        vault_key: &[u8; 65],
    ) -> Result<Option<Sent>, ClientError> {
        let now = desk.centre_now();
        let Some(multiple) = self.due(&desk.vault, instance, now)? else {
            return Ok(None);
        };
        let saved = upload(desk, line, instance, vault_key)?;
        if let Some(mut schedule) = Schedule::read(&desk.vault, instance)? {
            schedule.next = multiple + 1;
            // From here on the act is the outbox's matter, which sends it as soon as there is a line.
            schedule.write(&mut desk.vault, instance)?;
        }
        announce(desk, instance, &saved).map(Some)
    }
}

impl Schedule {
    fn read(vault: &Vault, instance: &str) -> Result<Option<Self>, ClientError> {
        let bytes = vault.get(&format!("{PREFIX}{instance}"))?.unwrap_or_default();
        let numbers = bytes.split_first_chunk::<8>();
        Ok(numbers.and_then(|(accepted, next)| {
            Some(Self {
                accepted: Millis::from_be_bytes(*accepted),
                next: u64::from_be_bytes(next.try_into().ok()?),
            })
        }))
    }

    fn write(self, vault: &mut Vault, instance: &str) -> Result<(), ClientError> {
        let bytes = [self.accepted.to_be_bytes(), self.next.to_be_bytes()].concat();
        vault.put(&format!("{PREFIX}{instance}"), &bytes)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUND: &str = "scored/1";

    fn vault() -> (tempfile::TempDir, Vault) {
        let folder = tempfile::tempdir().expect("a folder");
        let vault = Vault::open(&folder.path().join("vault.sqlite"), &[3; 32]).expect("a new vault");
        (folder, vault)
    }

    fn sent(cadence: Cadence, vault: &mut Vault, multiple: u64) {
        let mut schedule = Schedule::read(vault, ROUND).expect("whole").expect("accepted");
        schedule.next = multiple + 1;
        schedule.write(vault, ROUND).expect("kept");
        assert_eq!(cadence.passed(vault, ROUND).expect("whole"), multiple + 1);
    }

    #[test]
    fn due_at_acceptance_and_at_every_multiple_once() {
        let (_folder, mut vault) = vault();
        let cadence = Cadence::new(60_000);
        let due = |vault: &Vault, now| cadence.due(vault, ROUND, now).expect("whole");
        assert_eq!(
            due(&vault, 5_000),
            None,
            "nothing is due before a round is accepted"
        );
        cadence.accept(&mut vault, ROUND, 5_000).expect("kept");
        cadence
            .accept(&mut vault, ROUND, 9_000)
            .expect("the first time counts");
        assert_eq!(due(&vault, 5_000), Some(0));
        sent(cadence, &mut vault, 0);
        assert_eq!(due(&vault, 64_999), None);
        assert_eq!(due(&vault, 65_000), Some(1));
        sent(cadence, &mut vault, 1);
        assert_eq!(due(&vault, 124_999), None);
    }

    #[test]
    fn a_missed_multiple_does_not_shift_those_to_come() {
        let (_folder, mut vault) = vault();
        let cadence = Cadence::new(60_000);
        cadence.accept(&mut vault, ROUND, 0).expect("kept");
        assert_eq!(cadence.due(&vault, ROUND, 200_000).expect("whole"), Some(3));
        sent(cadence, &mut vault, 3);
        assert_eq!(cadence.due(&vault, ROUND, 239_999).expect("whole"), None);
        assert_eq!(cadence.due(&vault, ROUND, 240_000).expect("whole"), Some(4));
    }

    #[test]
    fn a_clock_that_goes_back_waits_and_rounds_do_not_share_a_schedule() {
        let (_folder, mut vault) = vault();
        let cadence = Cadence::new(1_000);
        cadence.accept(&mut vault, ROUND, 10_000).expect("kept");
        assert_eq!(cadence.due(&vault, ROUND, 9_999).expect("whole"), None);
        assert_eq!(cadence.due(&vault, "conformity/1", 10_000).expect("whole"), None);
    }
}
