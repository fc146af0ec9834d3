//! What the people of the main job do at their desks, with their own eyes and hands.

mod clerk;
mod expert;
mod supervisor;
mod verifier;

pub use clerk::Clerk;
pub use expert::{Expert, Trouble, codes, seat_of};
pub use supervisor::Supervisor;
pub use verifier::{Verdict, verify};
