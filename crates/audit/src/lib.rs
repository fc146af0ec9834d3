//! Archive package reader, the list of checks, verdict, replay. `docs/formats/archive.md`.
//!
//! | module | holds |
//! |---|---|
//! | [`anchors`] | what a verifier trusts, installed locally: CA roots, log and register key, witnesses |
//! | [`package`] | the archive package: layout, builder, bounded reader, what the public profile discloses |
//! | [`blobs`] | the blobs that acts name, and the external manifest that `archived` signs |
//! | [`extract`], [`arithmetic`] | the public extract of an outcome, and its recomputation |
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
pub mod extract;
pub mod package;
pub mod replay;
pub mod report;
pub mod statement;

pub use anchors::{Anchors, AnchorsError, Cosigned, WitnessAnchor, WitnessSet};
pub use blobs::{external_manifest, named_blobs};
pub use checks::{Checks, UnknownCheck};
pub use package::{BuildError, Limits, Package, PackageParts, Profile, Unusable, build, read};
pub use replay::{Filter, Replay, Step};
pub use report::{CheckOutcome, CheckResult, Finding, Report, Severity, Verdict};

/// Verifies a package under the default limits ([`Limits::default`]).
pub fn verify(bytes: &[u8], anchors: Option<&Anchors>, checks: &Checks) -> Report {
    verify_within(bytes, anchors, checks, Limits::default())
}

/// Verifies a package that is read within `limits`. Without anchors the best verdict is
/// [`Verdict::OriginNotEstablished`].
pub fn verify_within(bytes: &[u8], anchors: Option<&Anchors>, checks: &Checks, limits: Limits) -> Report {
    match read(bytes, limits) {
        Ok(package) => verify_package(&package, anchors, checks),
        Err(unusable) => Report::unusable(&unusable),
    }
}

/// Verifies a package that was read.
pub fn verify_package(package: &Package, anchors: Option<&Anchors>, checks: &Checks) -> Report {
    let context = context::Context::new(package, anchors);
    checks::run(&context, checks)
}
