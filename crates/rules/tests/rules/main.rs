//! Tests of the rules through their public interface.

mod counts;
mod documents;
mod lint;
mod numbers;
mod procurement;
mod properties;
mod published;
mod qcbs;
mod reading;
mod refusals;
mod sheets;
mod support;
mod ties;
