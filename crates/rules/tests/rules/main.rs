//! Tests of the rules through their public interface.

mod bad_cases;
mod cases;
mod correction;
mod counts;
mod documents;
mod formulas;
mod lint;
mod numbers;
mod procurement;
mod properties;
mod published;
mod qcbs;
mod reading;
mod refusals;
mod scrutiny;
mod sheets;
mod support;
mod templates;
mod tenders;
mod ties;
