//! What windows and the client's Rust side say to each other: read models, and the table of window commands.
//!
//! The window asks, shows and offers; every answer here was decided elsewhere. TypeScript types come from these
//! types and from [`WINDOW_COMMANDS`]; so do the capability files, one a window.

/// TypeScript declarations of types, in order.
macro_rules! declared {
    ($config:expr, $($type:ident),+) => {
        vec![$(<$type as ts_rs::TS>::decl($config)),+]
    };
}
use declared;

mod clerk;
mod common;
mod entry;
mod expert;
mod offices;
mod reading;
mod rulebook;
mod table;
mod verifier;

pub use clerk::*;
pub use common::*;
pub use entry::*;
pub use expert::*;
pub use offices::*;
pub use reading::*;
pub use rulebook::*;
pub use table::{WINDOW_COMMANDS, Window, WindowCommand, capability, typescript};
pub use verifier::*;
