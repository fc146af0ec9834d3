//! The Merkle tree of a record: RFC 6962 section 2 / RFC 9162 section 2.1, SHA-256.
//!
//! Sizes and indices count leaves. Every function is total: what is out of range is an error.

use crate::ids::Digest;

/// Root of the tree without leaves: SHA-256 of nothing (RFC 9162 2.1.1).
pub const EMPTY_ROOT: Digest = Digest([
    0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
    0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
]);

/// Why a tree can't answer, or a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MerkleError {
    /// No such leaf.
    #[error("leaf {index} of a tree of {size}")]
    NoSuchLeaf {
        /// Index asked for.
        index: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The tree has not grown to that size.
    #[error("size {asked} of a tree of {size}")]
    NoSuchSize {
        /// Size asked for.
        asked: u64,
        /// Size of the tree.
        size: u64,
    },
    /// A consistency question whose old size is above its new size.
    #[error("old size {old} is above new size {new}")]
    Shrunk {
        /// Size of the old tree.
        old: u64,
        /// Size of the new tree.
        new: u64,
    },
    /// A proof with a number of hashes no honest proof has.
    #[error("proof of {got} hashes instead of {expected}")]
    ProofLength {
        /// Hashes wanted.
        expected: usize,
        /// Hashes found.
        got: usize,
    },
    /// The proof does not lead to the root of the old tree.
    #[error("proof does not lead to the old root")]
    OldRoot,
    /// The proof does not lead to the root.
    #[error("proof does not lead to the root")]
    Root,
}

/// Hash of a leaf: SHA-256(0x00 ‖ data).
pub fn leaf_hash(data: &[u8]) -> Digest {
    Digest::of_parts(&[&[0], data])
}

/// Hash of an inner node: SHA-256(0x01 ‖ left ‖ right).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[1], &left.0, &right.0])
}

/// A tree in memory. Keeps the hash of every complete subtree (64 bytes a leaf), so roots and proofs of the
/// present and of every past size cost O(log n) hashes.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// `levels[k][i]` is the hash of leaves `i << k .. (i + 1) << k`.
    levels: Vec<Vec<Digest>>,
}

impl Tree {
    /// The empty tree.
    pub fn new() -> Tree {
        Tree::default()
    }

    /// Appends a leaf hash ([`leaf_hash`]) and gives its index.
    pub fn push(&mut self, leaf: Digest) -> u64 {
        let index = self.size();
        let mut hash = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            match row.as_slice() {
                [.., left, right] if row.len().is_multiple_of(2) => hash = node_hash(left, right),
                _ => break,
            }
        }
        index
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Root over all leaves.
    pub fn root(&self) -> Digest {
        self.range(0, self.size())
    }

    /// Root the tree had when it held `size` leaves.
    pub fn root_at(&self, size: u64) -> Result<Digest, MerkleError> {
        self.has_size(size)?;
        Ok(self.range(0, size))
    }

    /// Hash of leaf `index`.
    pub fn leaf(&self, index: u64) -> Result<Digest, MerkleError> {
        self.has_leaf(index, self.size())?;
        Ok(self.range(index, index + 1))
    }

    /// Proof that leaf `index` is in the tree of `size` leaves: the sibling hashes from the leaf up (RFC
    /// 9162 2.1.3.1).
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Digest>, MerkleError> {
        self.has_size(size)?;
        self.has_leaf(index, size)?;
        let (mut from, mut to) = (0, size);
        let mut proof = Vec::new();
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                proof.push(self.range(middle, to));
                to = middle;
            } else {
                proof.push(self.range(from, middle));
                from = middle;
            }
        }
        proof.reverse();
        Ok(proof)
    }

    /// Proof that the tree of `new` leaves extends that of `old` leaves (RFC 9162 2.1.4.1). Empty when `old`
    /// is 0 or equals `new`.
    pub fn consistency(&self, old: u64, new: u64) -> Result<Vec<Digest>, MerkleError> {
        self.has_size(new)?;
        if old > new {
            return Err(MerkleError::Shrunk { old, new });
        }
        if old == 0 || old == new {
            return Ok(Vec::new());
        }
        let (mut from, mut to) = (0, new);
        let mut proof = Vec::new();
        // Invariant: from < old <= to.
        while old != to {
            let middle = from + split(to - from);
            if old <= middle {
                proof.push(self.range(middle, to));
                to = middle;
            } else {
                proof.push(self.range(from, middle));
                from = middle;
            }
        }
        // The remaining subtree ends where the old tree ended; at from == 0 it is the old tree, whose root
        // is known.
        if from != 0 {
            proof.push(self.range(from, to));
        }
        proof.reverse();
        Ok(proof)
    }

    fn has_size(&self, asked: u64) -> Result<(), MerkleError> {
        let size = self.size();
        if asked > size {
            Err(MerkleError::NoSuchSize { asked, size })
        } else {
            Ok(())
        }
    }

    fn has_leaf(&self, index: u64, size: u64) -> Result<(), MerkleError> {
        if index >= size {
            Err(MerkleError::NoSuchLeaf { index, size })
        } else {
            Ok(())
        }
    }

    /// MTH(D\[from:to\]) for a range that the splitting of RFC 9162 2.1.1 produces and that lies in the tree.
    fn range(&self, from: u64, to: u64) -> Digest {
        let count = to - from;
        if count == 0 {
            return EMPTY_ROOT;
        }
        if count.is_power_of_two() {
            // Ranges made by splitting are aligned to their size, so the subtree is stored.
            return self.levels[count.trailing_zeros() as usize][(from / count) as usize];
        }
        let middle = from + split(count);
        node_hash(&self.range(from, middle), &self.range(middle, to))
    }
}

/// The largest power of two below `count` (`count` > 1).
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// Checks that `leaf` is leaf `index` of the tree with `size` leaves and this `root` (RFC 9162 2.1.3.2).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    proof: &[Digest],
    root: &Digest,
) -> Result<(), MerkleError> {
    if index >= size {
        return Err(MerkleError::NoSuchLeaf { index, size });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf;
    let mut siblings = proof.iter();
    while last > 0 {
        let is_right = node & 1 == 1;
        // A node that is last in its row and has no right neighbour moves up as it is.
        if is_right || node < last {
            let sibling = siblings
                .next()
                .ok_or_else(|| wrong_inclusion_length(index, size, proof))?;
            hash = if is_right {
                node_hash(sibling, &hash)
            } else {
                node_hash(&hash, sibling)
            };
        }
        node >>= 1;
        last >>= 1;
    }
    if siblings.next().is_some() {
        return Err(wrong_inclusion_length(index, size, proof));
    }
    if hash == *root {
        Ok(())
    } else {
        Err(MerkleError::Root)
    }
}

fn wrong_inclusion_length(index: u64, size: u64, proof: &[Digest]) -> MerkleError {
    let (mut node, mut last) = (index, size - 1);
    let mut expected = 0;
    while last > 0 {
        expected += usize::from(node & 1 == 1 || node < last);
        node >>= 1;
        last >>= 1;
    }
    MerkleError::ProofLength {
        expected,
        got: proof.len(),
    }
}

/// Checks that the tree of `new_size` leaves and `new_root` extends that of `old_size` and `old_root` (RFC
/// 9162 2.1.4.2). A tree extends itself and the empty tree, both by an empty proof; about the root of a tree
/// that extends the empty one nothing is said.
pub fn verify_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), MerkleError> {
    if old_size > new_size {
        return Err(MerkleError::Shrunk {
            old: old_size,
            new: new_size,
        });
    }
    if old_size == 0 && *old_root != EMPTY_ROOT {
        return Err(MerkleError::OldRoot);
    }
    if old_size == 0 || old_size == new_size {
        if !proof.is_empty() {
            return Err(MerkleError::ProofLength {
                expected: 0,
                got: proof.len(),
            });
        }
        let holds = old_size == 0 && new_size > 0 || old_root == new_root;
        return if holds { Ok(()) } else { Err(MerkleError::Root) };
    }
    walk_consistency(old_size, old_root, new_size, new_root, proof)
}

fn walk_consistency(
    old_size: u64,
    old_root: &Digest,
    new_size: u64,
    new_root: &Digest,
    proof: &[Digest],
) -> Result<(), MerkleError> {
    let wrong_length = || MerkleError::ProofLength {
        expected: consistency_length(old_size, new_size),
        got: proof.len(),
    };
    let mut hashes = proof.iter();
    // The subtree that ends where the old tree ended: the old root itself when the old size is a power of
    // two.
    let complete = (old_size - 1).trailing_ones();
    let (mut node, mut last) = ((old_size - 1) >> complete, (new_size - 1) >> complete);
    let seed = if old_size.is_power_of_two() {
        old_root
    } else {
        hashes.next().ok_or_else(wrong_length)?
    };
    let (mut old_hash, mut new_hash) = (*seed, *seed);
    while last > 0 {
        if node & 1 == 1 {
            let sibling = hashes.next().ok_or_else(wrong_length)?;
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
        } else if node < last {
            let sibling = hashes.next().ok_or_else(wrong_length)?;
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if hashes.next().is_some() {
        return Err(wrong_length());
    }
    if old_hash != *old_root {
        return Err(MerkleError::OldRoot);
    }
    if new_hash == *new_root {
        Ok(())
    } else {
        Err(MerkleError::Root)
    }
}

/// Number of hashes of the consistency proof for 0 < `old` < `new`.
fn consistency_length(old: u64, new: u64) -> usize {
    let complete = (old - 1).trailing_ones();
    let (mut node, mut last) = ((old - 1) >> complete, (new - 1) >> complete);
    let mut expected = usize::from(!old.is_power_of_two());
    while last > 0 {
        expected += usize::from(node & 1 == 1 || node < last);
        node >>= 1;
        last >>= 1;
    }
    expected
}
