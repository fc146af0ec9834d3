//! The server as it runs: real TLS on a loopback port, real stores in a temporary folder.

#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod access;
mod bodies;
mod clock;
mod fixture;
mod live;
mod patience;
mod presence;
mod process;
mod queue;
mod quota;
mod routes;
mod tls;
