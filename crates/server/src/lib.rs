//! The `conclave-server` process as a library, so that tests start it as it is.
//!
//! | module | does |
//! |---|---|
//! | [`config`] | the configuration file (docs/formats/centre-config.md) |
//! | [`setting`] | reads what the configuration names, opens the centre |
//! | [`stores`] | one SQLite file a record, blobs in a folder |
//! | [`tls`] | TLS 1.3; the caller is the key that signed the handshake |
//! | [`server`] | listeners, timers, shutdown |
//! | [`routes`] | a route for each command of the table, and no other |
//!
//! Nothing is decided here: who may do what is the centre's to say. Calls of the centre block and run on blocking
//! threads; acts of one record pass through one bounded queue to one committer.

mod answers;
mod bodies;
mod commands;
pub mod config;
mod connection;
mod gate;
mod live;
pub mod logging;
mod metrics;
mod presence;
mod queue;
pub mod routes;
pub mod server;
pub mod setting;
mod stall;
pub mod stores;
pub mod tls;
mod upload_quota;
mod watches;

pub use config::{Config, Limits};
pub use server::{Server, ServerSetting};
