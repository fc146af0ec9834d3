//! The record: act bytes, leaves, Merkle tree, checkpoints, proofs, cosignatures. Bytes in, bytes out.
//!
//! | module | holds | format |
//! |---|---|---|
//! | [`ids`] | fixed-size values: digests, keys, signatures, ids | `docs/formats/acts.md` 1 |
//! | [`strict`] | the strict JSON every signed body obeys | `docs/formats/acts.md` 2 |
//! | [`act`] | core, body, header, commitments, submission, entry; checked acts as types | `docs/formats/acts.md` |
//! | [`merkle`] | RFC 6962 / RFC 9162 tree, inclusion and consistency | `docs/formats/record.md` 1 |
//! | [`note`] | C2SP signed notes, checkpoints, cosignatures | `docs/formats/record.md` 2 |
//! | [`tar`] | the canonical ustar of the archive package | `docs/formats/record.md` 3 |
//!
//! The crate is pure: no clock, no random source, no file. Time, salts and keys are arguments. What was
//! checked becomes a type without a public constructor: [`VerifiedAct`], [`VerifiedLeaf`].

pub mod act;
mod base64_bytes;
pub mod ids;
pub mod merkle;
pub mod note;
pub mod strict;
pub mod tar;

pub use act::{
    ActError, Body, Core, Disclosed, Entry, Header, Leaf, Opening, Seen, Submission, VerifiedAct,
    VerifiedHeader, VerifiedLeaf, commit_attachment, commit_body, low_s, personal_signing_input,
    signing_input, verify_entry, verify_submission,
};
pub use ids::{
    ActId, BlobRef, DeviceId, Digest, IdError, MAX_SAFE_INTEGER, Millis, Origin, PublicKey, Salt, Signature,
    Suite,
};
pub use merkle::{EMPTY_ROOT, MerkleError, Tree, leaf_hash, verify_consistency, verify_inclusion};
pub use note::{
    Checkpoint, KeyAlgorithm, NoteError, NoteSignature, SignedCheckpoint, VerifierKey, origin_line,
    sign_checkpoint,
};
pub use strict::{MAX_BODY, StrictError};
pub use tar::TarError;
