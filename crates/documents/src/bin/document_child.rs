//! The document child and the smallest program around it, for the tests of this crate.
//!
//! `document-child info FILE` prints the number of pages, reading the file in a child of its own.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use conclave_documents::{CHILD_ARGUMENT, Limits, Reader, child_main};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    if arguments.get(1).is_some_and(|first| first == CHILD_ARGUMENT) {
        return child_main(&arguments[2..]);
    }
    match &arguments[..] {
        [_, command, file] if command == "info" => info(Path::new(file)),
        _ => {
            eprintln!("usage: document-child info FILE");
            ExitCode::from(2)
        }
    }
}

fn info(file: &Path) -> ExitCode {
    match Reader::this_program(Limits::default()).info(file) {
        Ok(info) => {
            println!("{}", info.pages.len());
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
