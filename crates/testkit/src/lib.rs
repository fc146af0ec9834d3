//! Builders, fake clock, net and disk faults, contract tests.

pub mod store_contract;
