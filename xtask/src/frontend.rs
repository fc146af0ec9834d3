//! The front end of the desktop client: installed from its lock file, built, checked.

use std::path::PathBuf;
use std::process::Command;

use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

fn npm(workspace: &Workspace, arguments: &[&str]) -> Outcome {
    let mut command = Command::new("npm");
    commands::run(command.args(arguments).current_dir(folder(workspace)))
}

pub(crate) fn folder(workspace: &Workspace) -> PathBuf {
    workspace.root.join("ui")
}

/// Installs what the lock file names where it is not there yet.
pub(crate) fn install(workspace: &Workspace) -> Outcome {
    if !commands::exists("npm") {
        return Err(Failure::new("npm is missing: install Node.js 20.19 or newer"));
    }
    if !is_installed(workspace) {
        npm(workspace, &["ci", "--no-audit", "--no-fund"])?;
    }
    Ok(())
}

/// Installs, and builds the bundle that ships.
pub(crate) fn build(workspace: &Workspace) -> Outcome<String> {
    install(workspace)?;
    npm(workspace, &["run", "--silent", "build"])?;
    Ok(String::new())
}

/// Whether the installed packages are those of the lock file: npm writes a copy of it beside them, newer or as old.
fn is_installed(workspace: &Workspace) -> bool {
    let age = |path: PathBuf| path.metadata().and_then(|found| found.modified()).ok();
    let installed = age(folder(workspace).join("node_modules/.package-lock.json"));
    let locked = age(folder(workspace).join("package-lock.json"));
    matches!((installed, locked), (Some(installed), Some(locked)) if installed >= locked)
}

/// Types, languages, unit tests, and whether the gallery builds.
pub(crate) fn check(workspace: &Workspace) -> Outcome<String> {
    npm(workspace, &["run", "--silent", "check"])?;
    npm(workspace, &["run", "--silent", "test"])?;
    gallery(workspace)?;
    Ok(String::new())
}

/// The gallery: the same screens over recorded answers.
pub(crate) fn gallery(workspace: &Workspace) -> Outcome {
    npm(workspace, &["run", "--silent", "gallery"])
}
