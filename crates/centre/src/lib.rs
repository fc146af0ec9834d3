//! The centre: authorise, decide, append, acknowledge, project.
//!
//! One durable append with expected position is the commit point; everything shown is a projection that can be
//! thrown away and rebuilt by the same code that runs at start-up. The crate knows no socket: the shell
//! (`conclave-server`) and the simulation call the same [`Centre`]. Time and randomness are ports.

mod acts;
mod admit;
mod archive;
mod bid_blobs;
mod blobs;
mod centre;
mod closed;
mod creation;
mod deliver;
mod error;
mod ingest;
mod keys;
mod lacking;
mod notes;
mod observe;
mod presence;
mod principal;
mod receipts;
mod record_core;
mod register;
mod replacements;
mod restore;
mod returned;
mod submissions;
mod submit;
mod timers;
mod witness;

pub use bid_blobs::BidBlobLimits;
pub use centre::{Centre, CentreSetting, Clock, StoreFactory};
pub use error::CentreError;
pub use keys::CentreKeys;
pub use presence::Connection;
pub use principal::{Principal, admitted};
pub use record_core::MAX_BATCH;
pub use restore::RETURN_WINDOW;
pub use submissions::{LEAVES_PER_ENTRY, interval};
