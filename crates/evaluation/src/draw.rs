//! Draws by commit and reveal: the documented derivation that anybody recomputes (protocol 1, docs/adr/0004).

use crate::role::{CodeName, SiteId};
use record::{Digest, Origin};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Commitment of a party to its 32 random bytes: bound to record, draw and party.
pub fn commitment(origin: &Origin, draw: &str, party: u8, value: &[u8; 32]) -> Digest {
    Digest::tagged(
        "conclave/draw/commit/v1",
        &[&origin.0, &length_prefixed(draw), &[party], value],
    )
}

/// Seed of a draw from all revealed values, in order of the parties.
pub fn seed(origin: &Origin, draw: &str, values: &BTreeMap<u8, [u8; 32]>) -> Digest {
    let mut bytes = Vec::with_capacity(values.len() * 33);
    for (party, value) in values {
        bytes.push(*party);
        bytes.extend_from_slice(value);
    }
    Digest::tagged(
        "conclave/draw/seed/v1",
        &[&origin.0, &length_prefixed(draw), &bytes],
    )
}

fn length_prefixed(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).expect("an instance name is at most 64 bytes");
    [&length.to_be_bytes()[..], text.as_bytes()].concat()
}

/// Uniform numbers from a seed: SHA-256 in counter mode, 32-bit words, rejection of the biased tail.
pub struct Stream {
    seed: Digest,
    label: &'static str,
    counter: u64,
    words: Vec<u32>,
}

impl Stream {
    /// A stream of its own for each label.
    pub fn new(seed: Digest, label: &'static str) -> Self {
        Self {
            seed,
            label,
            counter: 0,
            words: Vec::new(),
        }
    }

    fn word(&mut self) -> u32 {
        if self.words.is_empty() {
            let block = Digest::tagged(self.label, &[&self.seed.0, &self.counter.to_be_bytes()]);
            self.counter += 1;
            self.words = block
                .0
                .chunks_exact(4)
                .rev()
                .map(|c| u32::from_be_bytes([c[0], c[1], c[2], c[3]]))
                .collect();
        }
        self.words.pop().expect("a block has eight words")
    }

    /// A uniform number below `bound` (bound ≥ 1).
    pub fn below(&mut self, bound: u32) -> u32 {
        let bound = bound.max(1);
        let limit = u32::MAX - u32::MAX % bound;
        loop {
            let word = self.word();
            if word < limit {
                return word % bound;
            }
        }
    }

    /// Fisher-Yates, from the last place down.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let bound = u32::try_from(last + 1).expect("lists of a draw are bounded by the catalogue");
            items.swap(last, self.below(bound) as usize);
        }
    }
}

/// One line of a drawn assignment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Assigned {
    /// Ticket of the check-in (32 hex digits).
    pub ticket: String,
    /// Drawn code name.
    pub line: CodeName,
    /// Drawn booth, at the site of the check-in.
    pub booth: String,
}

/// Assigns code names to tickets, and to each ticket a booth of its own site.
/// `None` when there are fewer code names or booths than tickets.
pub fn assign(
    seed: Digest,
    tickets: &BTreeMap<String, SiteId>,
    code_names: &[CodeName],
    booths: &BTreeMap<String, SiteId>,
) -> Option<Vec<Assigned>> {
    if code_names.len() < tickets.len() {
        return None;
    }
    let mut names = code_names.to_vec();
    Stream::new(seed, "conclave/draw/code-names/v1").shuffle(&mut names);
    let mut places: BTreeMap<&SiteId, Vec<&String>> = BTreeMap::new();
    for (booth, site) in booths {
        places.entry(site).or_default().push(booth);
    }
    let mut stream = Stream::new(seed, "conclave/draw/booths/v1");
    for list in places.values_mut() {
        stream.shuffle(list);
    }
    let mut assigned = Vec::with_capacity(tickets.len());
    for ((ticket, site), line) in tickets.iter().zip(names) {
        let booth = places.get_mut(site)?.pop()?.clone();
        assigned.push(Assigned {
            ticket: ticket.clone(),
            line,
            booth,
        });
    }
    Some(assigned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn below_is_in_range_and_reaches_every_value() {
        let mut stream = Stream::new(Digest::of(b"seed"), "t");
        let mut seen = [0u32; 7];
        for _ in 0..7000 {
            seen[stream.below(7) as usize] += 1;
        }
        assert!(seen.iter().all(|n| (800..1200).contains(n)), "{seen:?}");
    }

    #[test]
    fn every_party_moves_the_seed() {
        let origin = Origin([1; 16]);
        let values: BTreeMap<u8, [u8; 32]> = (0..3).map(|p| (p, [p; 32])).collect();
        let base = seed(&origin, "booths/1", &values);
        for party in 0..3 {
            let mut other = values.clone();
            other.insert(party, [99; 32]);
            assert_ne!(base, seed(&origin, "booths/1", &other), "party {party}");
        }
        assert_ne!(base, seed(&origin, "booths/2", &values));
    }
}
