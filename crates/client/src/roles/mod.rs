//! What a person of each role sees and may do at a real seat: read models from the verified copy, and one function a
//! use case. Virtual people of a rehearsal decide when; how is here.

pub mod clerk;
pub mod criteria;
pub mod draw;
pub mod expert;
pub mod holder;
pub mod joint;
pub mod new_pc;
pub mod observer;
mod payload;
pub mod problem;
pub mod purchaser;
pub mod result;
pub mod rulebook;
pub mod sends;
pub mod site_desk;
pub mod timeline;
pub mod titles;
pub mod verifier;
pub mod words;
