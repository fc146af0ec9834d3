use conclave_record::{
    Digest, EMPTY_ROOT, MerkleError, Tree, leaf_hash, merkle::node_hash, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

/// The leaves of the reference tree of the Certificate Transparency implementations, and its roots at sizes
/// 1 to 8.
pub(crate) const REFERENCE_LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];
const REFERENCE_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn digest(text: &str) -> Digest {
    text.parse().expect("a digest in hex")
}

pub(crate) fn reference_tree() -> Tree {
    let mut tree = Tree::new();
    for leaf in REFERENCE_LEAVES {
        tree.push(leaf_hash(&hex::decode(leaf).expect("hex")));
    }
    tree
}

fn numbered_leaves(count: u64) -> Vec<Digest> {
    (0..count).map(|index| leaf_hash(&index.to_be_bytes())).collect()
}

fn tree_of(leaves: &[Digest]) -> Tree {
    let mut tree = Tree::new();
    leaves.iter().for_each(|leaf| {
        tree.push(*leaf);
    });
    tree
}

/// The definition of RFC 9162 2.1.1, without storing anything.
fn definition(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => EMPTY_ROOT,
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node_hash(&definition(left), &definition(right))
        }
    }
}

#[test]
fn reference_roots() {
    assert_eq!(EMPTY_ROOT, Digest::of(b""));
    let tree = reference_tree();
    assert_eq!(Tree::new().root(), EMPTY_ROOT);
    assert_eq!(tree.root_at(0), Ok(EMPTY_ROOT));
    for (size, root) in (1..).zip(REFERENCE_ROOTS) {
        assert_eq!(tree.root_at(size), Ok(digest(root)), "size {size}");
    }
    assert_eq!(tree.root(), digest(REFERENCE_ROOTS[7]));
}

#[test]
fn reference_proofs() {
    let tree = reference_tree();
    let inclusion = [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ];
    assert_eq!(tree.inclusion(0, 8), Ok(inclusion.map(digest).to_vec()));
    let consistency = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(tree.consistency(6, 8), Ok(consistency.map(digest).to_vec()));
}

#[test]
fn every_root_follows_the_definition() {
    let leaves = numbered_leaves(70);
    let tree = tree_of(&leaves);
    for size in 0..=leaves.len() {
        assert_eq!(
            tree.root_at(size as u64),
            Ok(definition(&leaves[..size])),
            "size {size}"
        );
    }
    for (index, leaf) in (0..).zip(&leaves) {
        assert_eq!(tree.leaf(index), Ok(*leaf));
    }
}

#[test]
fn every_proof_verifies_and_no_shorter_or_longer_one() {
    let tree = tree_of(&numbered_leaves(34));
    for size in 1..=tree.size() {
        let root = tree.root_at(size).expect("in range");
        for index in 0..size {
            let leaf = tree.leaf(index).expect("in range");
            let proof = tree.inclusion(index, size).expect("in range");
            assert_eq!(
                verify_inclusion(&leaf, index, size, &proof, &root),
                Ok(()),
                "{index} in {size}"
            );
            assert_wrong_lengths(&proof, |proof| verify_inclusion(&leaf, index, size, proof, &root));
        }
        for old in 0..=size {
            let old_root = tree.root_at(old).expect("in range");
            let proof = tree.consistency(old, size).expect("in range");
            assert_eq!(
                verify_consistency(old, &old_root, size, &root, &proof),
                Ok(()),
                "{old} to {size}"
            );
            assert_wrong_lengths(&proof, |proof| {
                verify_consistency(old, &old_root, size, &root, proof)
            });
        }
    }
}

fn assert_wrong_lengths(proof: &[Digest], verify: impl Fn(&[Digest]) -> Result<(), MerkleError>) {
    let expected = proof.len();
    let longer = [proof, &[EMPTY_ROOT]].concat();
    assert_eq!(
        verify(&longer),
        Err(MerkleError::ProofLength {
            expected,
            got: expected + 1
        })
    );
    if let Some((_, shorter)) = proof.split_last() {
        assert_eq!(
            verify(shorter),
            Err(MerkleError::ProofLength {
                expected,
                got: expected - 1
            })
        );
    }
}

#[test]
fn out_of_range_is_an_error() {
    let tree = reference_tree();
    let root = tree.root();
    assert_eq!(
        tree.root_at(9),
        Err(MerkleError::NoSuchSize { asked: 9, size: 8 })
    );
    assert_eq!(tree.leaf(8), Err(MerkleError::NoSuchLeaf { index: 8, size: 8 }));
    assert_eq!(
        tree.inclusion(5, 5),
        Err(MerkleError::NoSuchLeaf { index: 5, size: 5 })
    );
    assert_eq!(
        tree.inclusion(0, u64::MAX),
        Err(MerkleError::NoSuchSize {
            asked: u64::MAX,
            size: 8
        })
    );
    assert_eq!(
        tree.consistency(5, 4),
        Err(MerkleError::Shrunk { old: 5, new: 4 })
    );
    assert_eq!(
        tree.consistency(0, 9),
        Err(MerkleError::NoSuchSize { asked: 9, size: 8 })
    );
    assert_eq!(
        verify_inclusion(&root, 0, 0, &[], &root),
        Err(MerkleError::NoSuchLeaf { index: 0, size: 0 })
    );
    assert_eq!(
        verify_consistency(2, &root, 1, &root, &[]),
        Err(MerkleError::Shrunk { old: 2, new: 1 })
    );
    // The largest numbers end, and with an error.
    assert!(verify_inclusion(&root, u64::MAX - 1, u64::MAX, &[], &root).is_err());
    assert!(verify_consistency(u64::MAX - 1, &root, u64::MAX, &root, &[root; 70]).is_err());
}

#[test]
fn equal_sizes_need_equal_roots_and_nothing_extends_a_false_empty_root() {
    let (left, right) = (digest(REFERENCE_ROOTS[0]), digest(REFERENCE_ROOTS[1]));
    assert_eq!(
        verify_consistency(3, &left, 3, &right, &[]),
        Err(MerkleError::Root)
    );
    assert_eq!(
        verify_consistency(0, &left, 3, &right, &[]),
        Err(MerkleError::OldRoot)
    );
    assert_eq!(
        verify_consistency(0, &EMPTY_ROOT, 0, &left, &[]),
        Err(MerkleError::Root)
    );
    assert_eq!(verify_consistency(0, &EMPTY_ROOT, 3, &left, &[]), Ok(()));
}

fn flip(digest: &Digest, bit: usize) -> Digest {
    let mut changed = *digest;
    changed.0[bit / 8] ^= 1 << (bit % 8);
    changed
}

proptest! {
    #[test]
    fn a_flipped_bit_breaks_inclusion(
        size in 1_u64..200,
        pick in any::<u64>(),
        part in any::<usize>(),
        bit in 0..256_usize,
    ) {
        let tree = tree_of(&numbered_leaves(size));
        let index = pick % size;
        let mut proof = tree.inclusion(index, size).expect("in range");
        let (mut leaf, mut root) = (tree.leaf(index).expect("in range"), tree.root());
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Ok(()));
        let parts = proof.len() + 2;
        match part % parts {
            0 => leaf = flip(&leaf, bit),
            1 => root = flip(&root, bit),
            at => proof[at - 2] = flip(&proof[at - 2], bit),
        }
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &proof, &root), Err(MerkleError::Root));
    }

    #[test]
    fn a_flipped_bit_breaks_consistency(
        size in 2_u64..200,
        pick in any::<u64>(),
        part in any::<usize>(),
        bit in 0..256_usize,
    ) {
        let tree = tree_of(&numbered_leaves(size));
        let old = 1 + pick % (size - 1);
        let mut proof = tree.consistency(old, size).expect("in range");
        let (mut old_root, mut root) = (tree.root_at(old).expect("in range"), tree.root());
        prop_assert_eq!(verify_consistency(old, &old_root, size, &root, &proof), Ok(()));
        let parts = proof.len() + 2;
        match part % parts {
            0 => old_root = flip(&old_root, bit),
            1 => root = flip(&root, bit),
            at => proof[at - 2] = flip(&proof[at - 2], bit),
        }
        let verdict = verify_consistency(old, &old_root, size, &root, &proof);
        prop_assert!(matches!(verdict, Err(MerkleError::Root | MerkleError::OldRoot)), "{:?}", verdict);
    }

    /// A leaf changed, removed or moved in the past never passes for an extension.
    #[test]
    fn a_rewritten_past_is_not_consistent(size in 2_u64..60, pick in any::<u64>()) {
        let leaves = numbered_leaves(size);
        let honest = tree_of(&leaves);
        let old = 1 + pick % (size - 1);
        let mut rewritten = leaves.clone();
        let at = usize::try_from(pick % old).expect("small");
        rewritten[at] = leaf_hash(b"rewritten");
        let rewritten = tree_of(&rewritten);
        let proof = rewritten.consistency(old, size).expect("in range");
        let old_root = honest.root_at(old).expect("in range");
        prop_assert!(verify_consistency(old, &old_root, size, &rewritten.root(), &proof).is_err());
    }

    #[test]
    fn no_input_panics(index in any::<u64>(), size in any::<u64>(), count in 0..80_usize) {
        let proof = vec![EMPTY_ROOT; count];
        prop_assert!(verify_inclusion(&EMPTY_ROOT, index, size, &proof, &EMPTY_ROOT).is_err());
        let _ = verify_consistency(index, &EMPTY_ROOT, size, &EMPTY_ROOT, &proof);
    }
}
