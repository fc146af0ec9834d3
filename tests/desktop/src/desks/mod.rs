//! What people do at their desks, with their own eyes and hands.

mod clerk;
mod expert;
mod rulebook;
mod site_desk;
mod supervisor;
mod verifier;

pub use clerk::Clerk;
pub use expert::{Expert, Trouble, codes, seat_of};
pub use rulebook::{Written, write_rulebook};
pub use site_desk::SiteDesk;
pub use supervisor::Supervisor;
pub use verifier::{Verdict, verify};
