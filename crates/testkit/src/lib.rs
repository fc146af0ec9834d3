//! What several crates' tests share: contract tests that hold every store to the same behaviour, and the search for
//! texts that must not be somewhere.

pub mod needles;
pub mod store_contract;
