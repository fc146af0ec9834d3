//! Real windows, as their users have them: under virtual displays, driven by WebKit's own driver.
//!
//! A play looks at the screen and does what a person would; it reads no store and calls no command of its own. What it
//! waits for it waits for by looking, with a limit that only a failing run reaches.

pub mod desks;
mod display;
mod driver;
mod job;
mod language;
pub mod measure;
mod new_pc;
mod press;
mod rehearsal;
mod small_disk;
mod window;

pub use display::Display;
pub use driver::Driver;
pub use job::{Programs, Told, main_job};
pub use language::Language;
pub use new_pc::{Moved, new_pc};
pub use rehearsal::Rehearsal;
pub use small_disk::SmallDisk;
pub use window::{Fault, Opening, Patience, Window, attach};
