//! The confined document child of this package's tests.

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments
        .get(1)
        .is_some_and(|first| first == documents::CHILD_ARGUMENT)
    {
        return documents::child_main(&arguments[2..]);
    }
    eprintln!("started by a document reader, not by hand");
    ExitCode::from(2)
}
