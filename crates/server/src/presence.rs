//! When keys came and went, by their live channels: in memory, bounded, never in a record.

use centre::Connection;
use record::{Millis, Origin, PublicKey};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// How many keys that left are remembered; beyond them the longest gone are forgotten.
const MAX_GONE: usize = 4096;

type Known = BTreeMap<(Origin, PublicKey), Connection>;

/// Keys that hold or held a live channel about a record.
#[derive(Default)]
pub(crate) struct Presence(Mutex<Known>);

impl Presence {
    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A channel is open; one that takes the place of another changes nothing.
    pub(crate) fn came(&self, origin: Origin, key: PublicKey, now: Millis) {
        let mut known = self.lock();
        let here = known.get(&(origin, key)).is_some_and(|known| known.connected);
        if !here {
            known.insert((origin, key), connection(true, now));
        }
    }

    /// The last channel of the key is gone.
    pub(crate) fn left(&self, origin: Origin, key: PublicKey, now: Millis) {
        let mut known = self.lock();
        known.insert((origin, key), connection(false, now));
        let gone = known.iter().filter(|(_, known)| !known.connected);
        if gone.clone().count() > MAX_GONE
            && let Some(longest) = gone.min_by_key(|(_, known)| known.since).map(|(key, _)| *key)
        {
            known.remove(&longest);
        }
    }

    /// What is known of a key.
    pub(crate) fn of(&self, origin: &Origin, key: &PublicKey) -> Option<Connection> {
        self.lock().get(&(*origin, *key)).copied()
    }
}

fn connection(connected: bool, since: Millis) -> Connection {
    Connection { connected, since }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> PublicKey {
        let mut bytes = [4; 65];
        bytes[1..5].copy_from_slice(&number.to_be_bytes());
        PublicKey(bytes)
    }

    #[test]
    fn who_left_is_remembered_up_to_a_bound_and_who_is_here_always() {
        let (presence, origin) = (Presence::default(), Origin([1; 16]));
        presence.came(origin, key(0), 5);
        presence.came(origin, key(0), 9);
        assert_eq!(presence.of(&origin, &key(0)), Some(connection(true, 5)));
        for number in 1..=u32::try_from(MAX_GONE).expect("small") + 1 {
            presence.left(origin, key(number), Millis::from(number));
        }
        assert_eq!(presence.of(&origin, &key(0)), Some(connection(true, 5)));
        assert_eq!(presence.of(&origin, &key(1)), None, "the longest gone");
        assert_eq!(presence.of(&origin, &key(2)), Some(connection(false, 2)));
        assert_eq!(presence.of(&Origin([2; 16]), &key(2)), None, "of another record");
        assert_eq!(presence.lock().len(), MAX_GONE + 1);
    }
}
