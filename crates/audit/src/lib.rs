//! Archive package reader, the list of checks, verdict, replay. `docs/formats/archive.md`.
//!
//! | module | holds |
//! |---|---|
//! | [`anchors`] | what a verifier trusts, installed locally: CA roots, log and register key, witnesses |
//! | [`witnesses`] | which log witnesses count for a checkpoint, replacements included |
//! | [`package`] | the archive package: layout, builder, bounded reader, what the public profile discloses |
//! | [`blobs`] | the blobs that acts name, and the external manifest that `archived` signs |
//! | [`arithmetic`] | the numbers of an outcome or its [public extract](extract) recomputed |
//! | [`statement`] | the statement a bidder puts into each sealed part |
//! | [`checks`] | every check by name, each with its purpose, each to be switched off by name |
//! | [`report`] | findings, verdict with its exit code, text for people |
//! | [`replay`] | the record act by act, for people and for finding faults |
//!
//! Pure: bytes in, report out. No clock, no file, no net; nothing in a package makes it panic.

pub mod anchors;
pub mod arithmetic;
pub mod blobs;
pub mod checks;
mod context;
pub mod package;
pub mod replay;
pub mod report;
pub mod statement;
pub mod witnesses;

pub use anchors::{Anchors, AnchorsError, Cosigned, WitnessAnchor, WitnessSet};
pub use blobs::{external_manifest, named_blobs};
pub use checks::{Checks, UnknownCheck, purpose};
pub use evaluation::extract;
pub use package::{BuildError, Limits, Package, PackageParts, Profile, Unusable, build, read};
pub use replay::{Filter, Replay, Step};
pub use report::{CheckOutcome, CheckResult, Finding, PersonalSignatures, Report, Severity, Verdict};

use sealing::provider::{KeyError, SharedPoint};

/// A custodian's key, by which personal signatures are opened that lie in custody.
pub struct Custodian<'a> {
    /// The HPKE key, SEC1 uncompressed.
    pub public: [u8; 65],
    /// ECDH with its private key.
    pub agree: &'a dyn Fn(&[u8; 65]) -> Result<SharedPoint, KeyError>,
}
pub use witnesses::WitnessHistory;

/// Verifies a package under the default limits ([`Limits::default`]).
pub fn verify(bytes: &[u8], anchors: Option<&Anchors>, checks: &Checks) -> Report {
    verify_within(bytes, anchors, checks, Limits::default())
}

/// Verifies a package that is read within `limits`. Without anchors the best verdict is
/// [`Verdict::OriginNotEstablished`].
pub fn verify_within(bytes: &[u8], anchors: Option<&Anchors>, checks: &Checks, limits: Limits) -> Report {
    match read(bytes, limits) {
        Ok(package) => verify_package(&package, anchors, checks, None),
        Err(unusable) => Report::unusable(&unusable),
    }
}

/// Verifies a package under the default limits, and opens with a custodian's key what it keeps in custody.
pub fn verify_as_custodian(
    bytes: &[u8],
    anchors: Option<&Anchors>,
    checks: &Checks,
    custodian: &Custodian<'_>,
) -> Report {
    match read(bytes, Limits::default()) {
        Ok(package) => verify_package(&package, anchors, checks, Some(custodian)),
        Err(unusable) => Report::unusable(&unusable),
    }
}

/// Verifies a package that was read.
pub fn verify_package(
    package: &Package,
    anchors: Option<&Anchors>,
    checks: &Checks,
    custodian: Option<&Custodian<'_>>,
) -> Report {
    let context = context::Context::new(package, anchors, custodian);
    checks::run(&context, checks)
}
