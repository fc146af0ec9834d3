//! Starting other programs: cargo without what `cargo run` left in the environment, and outcomes as values.

use std::env;
use std::io::{BufRead, BufReader};
use std::process::{Command, ExitStatus, Stdio};

use crate::steps::{Failure, Outcome};

/// What `cargo run` sets for this program alone. Build scripts (ring's among them) watch some of these
/// variables: left in place, every build from here would rebuild what a plain `cargo test` has built.
const SET_BY_CARGO_RUN: [&str; 4] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"];

/// `cargo` with these arguments, the same toolchain that runs this program.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, _) in env::vars_os() {
        if name
            .to_str()
            .is_some_and(|name| SET_BY_CARGO_RUN.iter().any(|prefix| name.starts_with(prefix)))
        {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// The command as one would type it, for messages.
pub(crate) fn shown(command: &Command) -> String {
    let program = std::path::Path::new(command.get_program());
    let name = program
        .file_name()
        .unwrap_or(program.as_os_str())
        .to_string_lossy();
    let arguments = command
        .get_args()
        .map(|argument| format!(" {}", argument.to_string_lossy()));
    format!("{name}{}", arguments.collect::<String>())
}

/// Runs with the terminal's own input and output; fails with the program's exit code.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = shown(command);
    println!("$ {line}");
    let status = command.status().map_err(|error| cannot_start(&line, &error))?;
    expect_success(&line, status)
}

/// Runs and returns the standard output. Errors go to the terminal.
pub(crate) fn output(command: &mut Command) -> Outcome<String> {
    let line = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| cannot_start(&line, &error))?;
    expect_success(&line, output.status)?;
    String::from_utf8(output.stdout)
        .map_err(|_| Failure::new(format!("`{line}` printed bytes that are no text")))
}

/// Runs, prints each line of the standard output the moment it comes, and shows it to `each_line` as well.
pub(crate) fn run_watched(command: &mut Command, mut each_line: impl FnMut(&str)) -> Outcome {
    let line = shown(command);
    println!("$ {line}");
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(&line, &error))?;
    let stdout = child
        .stdout
        .take()
        .expect("the standard output was asked for as a pipe");
    let mut reader = BufReader::new(stdout);
    let mut bytes = Vec::new();
    // Lines as bytes: a test may print anything.
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|read| read > 0) {
        let text = String::from_utf8_lossy(&bytes);
        print!("{text}");
        each_line(text.trim_end());
        bytes.clear();
    }
    let status = child.wait().map_err(|error| cannot_start(&line, &error))?;
    expect_success(&line, status)
}

/// Whether the program can be started from here at all.
pub(crate) fn exists(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|directory| directory.join(program).is_file()))
}

fn cannot_start(line: &str, error: &std::io::Error) -> Failure {
    Failure::new(format!("`{line}` cannot be run: {error}"))
}

fn expect_success(line: &str, status: ExitStatus) -> Outcome {
    if status.success() {
        return Ok(());
    }
    // No code: ended by a signal.
    let code = status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .unwrap_or(1);
    Err(Failure {
        message: format!("`{line}` ended with {status}"),
        code,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_of_the_program_is_kept() {
        let failure = run(Command::new("sh").args(["-c", "exit 42"])).expect_err("it exits with 42");
        assert_eq!(failure.code, 42);
        assert_eq!(run(&mut Command::new("true")), Ok(()));
    }

    #[test]
    fn watched_lines_are_all_seen_even_without_a_last_newline() {
        let mut seen = Vec::new();
        let mut command = Command::new("sh");
        command.args(["-c", "printf 'one\\ntwo'"]);
        run_watched(&mut command, |line| seen.push(line.to_owned())).expect("printf succeeds");
        assert_eq!(seen, ["one", "two"]);
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        assert_eq!(
            shown(Command::new("/usr/bin/cargo").args(["test", "--locked"])),
            "cargo test --locked"
        );
    }

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(exists("sh"));
        assert!(!exists("no-program-has-this-name"));
    }
}
