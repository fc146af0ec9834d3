//! Checks of the repository itself. Every message says what to do instead.

mod mask;
mod members;
mod mentions;
mod purity;
mod ratchet;
mod rust;
mod source;

use std::fmt;

use crate::arrows;
use crate::steps::{Failure, Outcome};
use crate::workspace::{self, Workspace};
use rust::RustFile;

/// One thing that is not as it must be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    /// File, and line where there is one.
    pub(crate) place: String,
    pub(crate) what: String,
    /// What to do instead.
    pub(crate) instead: String,
}

impl Violation {
    pub(crate) fn new(place: impl Into<String>, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            what: what.into(),
            instead: instead.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}\n    instead: {}", self.place, self.what, self.instead)
    }
}

/// Prints the violations in order of place; fails if there is one.
pub(crate) fn report(violations: &[Violation]) -> Outcome {
    let mut sorted: Vec<_> = violations.iter().collect();
    sorted.sort();
    for violation in &sorted {
        println!("{violation}");
    }
    match sorted.len() {
        0 => Ok(()),
        1 => Err(Failure::new("1 violation, see above")),
        many => Err(Failure::new(format!("{many} violations, see above"))),
    }
}

/// `cargo xtask tidy`
pub(crate) fn run() -> Outcome {
    println!("{}", check(&Workspace::load()?)?);
    Ok(())
}

/// All checks, so that one run shows everything. Returns a note for the table of steps.
pub(crate) fn check(workspace: &Workspace) -> Outcome<String> {
    let files = workspace::written_files(&workspace.root)?;
    let members: Vec<_> = workspace
        .members()
        .map(|member| (workspace.directory(member), member.name.clone()))
        .collect();
    let rust_files: Vec<_> = files
        .iter()
        .filter(|(path, _)| path.ends_with(".rs"))
        .map(|(path, text)| RustFile::read(path, text, &members))
        .collect();

    let mut violations = arrows::check(workspace);
    violations.extend(purity::check(workspace)?);
    violations.extend(members::check(workspace, &files));
    for (path, text) in &files {
        violations.extend(source::check_text(path, text));
        if mentions::is_checked(path) {
            violations.extend(mentions::check(path, text, |mentioned| {
                workspace.root.join(mentioned).exists()
            }));
        }
    }
    for file in &rust_files {
        violations.extend(source::check_rust(file));
    }
    let limits = ratchet::Limits::load(&workspace.root)?;
    violations.extend(ratchet::check(&rust_files, &limits));
    for warning in ratchet::warnings(&rust_files, &limits) {
        println!("note: {warning}");
    }
    report(&violations)?;
    Ok(format!("{} files, {} of Rust", files.len(), rust_files.len()))
}
