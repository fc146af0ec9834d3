//! Real processes, real TLS: where the programs lie, and how a test runs one.

pub mod memory;

use std::path::PathBuf;
use std::process::{Command, Output};

/// A program of the workspace, built beside this test (`cargo build --workspace --bins` comes first).
///
/// # Panics
/// When the program was not built.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its own program");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("tests lie in target/<profile>/deps");
    let program = folder.join(name);
    assert!(
        program.exists(),
        "{} is not built: cargo build --workspace --bins",
        program.display()
    );
    program
}

/// The project's sample package.
#[must_use]
pub fn sample() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../samples/procurement")
}

/// Runs `conclave` to its end.
///
/// # Panics
/// When the program can't be started.
#[must_use]
pub fn conclave(arguments: &[&str]) -> Output {
    Command::new(program("conclave"))
        .args(arguments)
        .output()
        .expect("the program starts")
}
