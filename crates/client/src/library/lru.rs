//! Values by use, bounded by their bytes.

use std::collections::BTreeMap;

struct Held<V> {
    value: V,
    size: usize,
    used: u64,
}

/// The values used last, together at most `bound` bytes.
pub(super) struct Lru<K, V> {
    bound: usize,
    size: usize,
    clock: u64,
    held: BTreeMap<K, Held<V>>,
}

impl<K: Ord + Clone, V: Clone> Lru<K, V> {
    pub(super) fn new(bound: usize) -> Self {
        Self {
            bound,
            size: 0,
            clock: 0,
            held: BTreeMap::new(),
        }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<V> {
        self.clock += 1;
        let held = self.held.get_mut(key)?;
        held.used = self.clock;
        Some(held.value.clone())
    }

    /// Keeps a value of `size` bytes; one above the bound is not kept.
    pub(super) fn put(&mut self, key: K, value: V, size: usize) {
        self.remove(&key);
        if size > self.bound {
            return;
        }
        while self.size + size > self.bound {
            let oldest = self.held.iter().min_by_key(|(_, held)| held.used);
            let Some(oldest) = oldest.map(|(key, _)| key.clone()) else {
                break;
            };
            self.remove(&oldest);
        }
        self.clock += 1;
        self.size += size;
        let used = self.clock;
        self.held.insert(key, Held { value, size, used });
    }

    fn remove(&mut self, key: &K) {
        if let Some(held) = self.held.remove(key) {
            self.size -= held.size;
        }
    }

    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.size = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::Lru;

    #[test]
    fn what_was_used_last_stays_within_the_bound() {
        let mut lru = Lru::new(100);
        for key in 0..10 {
            lru.put(key, key, 30);
            assert!(lru.size <= 100);
            // Always in use.
            assert_eq!(lru.get(&0), Some(0));
        }
        assert_eq!(lru.held.keys().copied().collect::<Vec<_>>(), [0, 8, 9]);
        lru.put(11, 11, 101);
        assert_eq!((lru.get(&11), lru.size), (None, 90));
        lru.put(0, 7, 50);
        assert_eq!((lru.get(&0), lru.size), (Some(7), 80));
        lru.clear();
        assert_eq!((lru.get(&0), lru.size), (None, 0));
    }
}
