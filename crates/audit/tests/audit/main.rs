//! Tests of the auditor on packages made from small records, with every key in the tests' hands.

mod anchors;
mod arithmetic;
mod departures;
mod fixture;
mod fuzz;
mod mutations;
mod parts;
mod public;
mod repack;
mod replay;
mod signer;
mod verdicts;
mod witnesses;
