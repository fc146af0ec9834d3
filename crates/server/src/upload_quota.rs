//! Bytes of sealed parts that one address may bring a minute: bidders have no certificate, so anybody can try.

use crate::answers::Failure;
use protocol::ErrorCode;
use record::Millis;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

const MINUTE: Millis = 60_000;

/// Bytes by address in the minute that runs.
#[derive(Debug)]
pub(crate) struct UploadQuota {
    bytes: u64,
    taken: Mutex<(Millis, BTreeMap<IpAddr, u64>)>,
}

impl UploadQuota {
    pub(crate) fn new(bytes: u64) -> Self {
        Self {
            bytes,
            taken: Mutex::default(),
        }
    }

    /// Counts bytes that an address is about to bring.
    ///
    /// # Errors
    /// `quota`: nothing is counted then.
    pub(crate) fn take(&self, address: IpAddr, bytes: u64, now: Millis) -> Result<(), Failure> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.0 != now / MINUTE {
            *taken = (now / MINUTE, BTreeMap::new());
        }
        let of_address = taken.1.entry(address).or_default();
        let sum = of_address.saturating_add(bytes);
        if sum > self.bytes {
            return Err(Failure::new(
                ErrorCode::Quota,
                "this address has brought its bytes of this minute",
            ));
        }
        *of_address = sum;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_its_own_bytes_each_minute() {
        let quota = UploadQuota::new(100);
        let (a, b) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        assert!(quota.take(a, 60, 0).is_ok());
        assert!(quota.take(a, 41, 59_999).is_err());
        assert!(
            quota.take(a, 40, 59_999).is_ok(),
            "what was refused was not counted"
        );
        assert!(quota.take(b, 100, 59_999).is_ok());
        assert!(quota.take(a, 100, 60_000).is_ok());
    }
}
