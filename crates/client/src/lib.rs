//! What every seat has in common: the link to the centre, a verified copy of the record, a vault, an outbox, and
//! one controller a role.
//!
//! Safety checks of experts, holders and bidders run here, from record bytes and local anchors, never from what
//! the centre says is allowed ([`checks`]). The crate opens no window and decides no rule of the evaluation.

pub mod acting;
pub mod author;
pub mod bidding;
pub mod checks;
pub mod desk;
pub mod drafts;
mod error;

pub mod http_link;
pub mod kept_blobs;
pub mod library;
pub mod link;
pub mod log_witness;
pub mod ports;
pub mod rehearsal;
pub mod replacement;

pub mod replica;
pub mod roles;
mod rollback;
pub mod tender_package;
pub mod vault_key;
pub mod workplace;

pub use author::{Author, PersonalKey};
pub use desk::Desk;
pub use error::ClientError;
pub use library::Library;
pub use link::Link;
pub use replica::Replica;
pub use rollback::{LostAct, RollBack};
