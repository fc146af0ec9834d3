//! `cargo xtask test`: every check and every test. CI runs this and nothing else.

use std::fmt;

use crate::commands;
use crate::packages::{self, Consent};
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;
use crate::{frontend, generated, licences, package, screens, tidy};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install missing system packages without asking, as CI does
    #[arg(long)]
    yes: bool,
}

/// The first failing step ends the run: what comes after takes longer and would say the same.
pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut steps = Steps::default();
    steps.run("system packages", || {
        let consent = Consent::from(arguments.yes);
        packages::install_missing_of(packages::FOR_SCREENS, consent)?;
        packages::install_missing(consent)
    })?;
    let mut workspace = None;
    steps.run("lock file", || {
        workspace = Some(Workspace::load()?);
        Ok(String::new())
    })?;
    let workspace = workspace.expect("the step above succeeded");
    let cargo = |arguments: &[&str]| {
        commands::run(commands::cargo(arguments).current_dir(&workspace.root))?;
        Ok(String::new())
    };
    steps.run("format", || cargo(&["fmt", "--all", "--check"]))?;
    steps.run("tidy", || tidy::check(&workspace))?;
    steps.run("licences, bans, sources", || licences::check(&workspace))?;
    if commands::exists("cargo-deny") {
        steps.run("cargo deny", || {
            cargo(&["deny", "--locked", "check", "bans", "licenses", "sources"])
        })?;
    }
    // The desktop client embeds the built front end, so this comes before anything is compiled.
    steps.run("front end", || frontend::build(&workspace))?;
    steps.run("front end: types, languages, tests", || {
        frontend::check(&workspace)
    })?;
    steps.run("front end: every screen", || screens::check(&workspace))?;
    steps.run("clippy", || {
        cargo(&[
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ])
    })?;
    steps.run("build the window client that WebDriver may drive", || {
        build_driven(&workspace)
    })?;
    // Tests of real processes start these; `cargo test` alone builds only those of packages with tests of their own.
    steps.run("build programs", || {
        cargo(&["build", "--workspace", "--bins", "--examples", "--locked"])
    })?;
    steps.run("generated files", || generated::check(&workspace))?;
    steps.run("packages", || {
        package::check(&workspace, Consent::from(arguments.yes))
    })?;
    steps.run("test", || run_tests(&workspace))
}

/// The build that WebDriver may drive differs by one feature; it is kept beside the default one.
pub(crate) fn build_driven(workspace: &Workspace) -> Outcome<String> {
    let line = [
        "build",
        "--workspace",
        "--bins",
        "--locked",
        "--features",
        "conclave-desktop/driven",
    ];
    commands::run(commands::cargo(&line).current_dir(&workspace.root))?;
    let programs = workspace.target.join("debug");
    let copied = std::fs::copy(
        programs.join("conclave-desktop"),
        programs.join("conclave-desktop-driven"),
    );
    copied
        .map(|_| String::new())
        .map_err(|error| Failure::new(format!("conclave-desktop-driven: {error}")))
}

/// Unit, integration and documentation tests. All are run, though some fail, so that one run shows them all.
fn run_tests(workspace: &Workspace) -> Outcome<String> {
    let mut command = commands::cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    let mut tally = Tally::default();
    let outcome = commands::run_watched(command.current_dir(&workspace.root), |line| tally.see(line));
    println!("\n{tally}");
    for ignored in &tally.ignored {
        println!("  ignored: {ignored}");
    }
    outcome.map(|()| tally.to_string())
}

/// Sums over the test binaries, read from the lines they print.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: Vec<String>,
}

impl Tally {
    fn see(&mut self, line: &str) {
        if let Some(test) = line
            .strip_prefix("test ")
            .and_then(|line| line.split_once(" ... ignored"))
        {
            self.ignored.push(format!("{}{}", test.0, test.1));
        }
        if let Some(sums) = line.strip_prefix("test result: ") {
            self.passed += number_before(sums, " passed");
            self.failed += number_before(sums, " failed");
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} passed, {} failed, {} ignored",
            self.passed,
            self.failed,
            self.ignored.len()
        )
    }
}

fn number_before(text: &str, word: &str) -> u64 {
    let before = text.find(word).map_or("", |at| &text[..at]);
    before
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_are_summed() {
        let mut tally = Tally::default();
        for line in [
            "running 3 tests",
            "test a::b ... ok",
            "test a::slow ... ignored, needs a token",
            "test result: FAILED. 1 passed; 2 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "a line of a test that passed nothing",
        ] {
            tally.see(line);
        }
        assert_eq!(tally.to_string(), "41 passed, 2 failed, 1 ignored");
        assert_eq!(tally.ignored, ["a::slow, needs a token"]);
    }
}
