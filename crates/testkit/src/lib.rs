//! Contract tests that hold every store to the same behaviour.

pub mod store_contract;
