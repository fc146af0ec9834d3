//! `cargo xtask demo`: from a fresh machine to a played evaluation and its verdict.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use crate::commands;
use crate::packages::{self, Consent};
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install missing system packages without asking
    #[arg(long)]
    yes: bool,
    /// Write the results to this directory instead of out/demo, which the next demo replaces
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut steps = Steps::default();
    steps.run("system packages", || {
        packages::install_missing(Consent::from(arguments.yes))
    })?;
    let workspace = Workspace::load()?;
    steps.run("build", || {
        let line = ["build", "--locked", "-p", "conclave-cli", "-p", "conclave-server"];
        commands::run(commands::cargo(&line).current_dir(&workspace.root))?;
        Ok(String::new())
    })?;
    steps.run("demo", || {
        let out = results_directory(arguments.keep.as_ref(), &workspace)?;
        let mut conclave = Command::new(workspace.target.join("debug/conclave"));
        commands::run(
            conclave
                .arg("demo")
                .arg("--out")
                .arg(&out)
                .current_dir(&workspace.root),
        )?;
        Ok(format!("results in {}", out.display()))
    })
}

/// The default directory is emptied: pictures of yesterday must not pass for those of today.
/// A directory the user names is never touched here.
fn results_directory(keep: Option<&PathBuf>, workspace: &Workspace) -> Outcome<PathBuf> {
    if let Some(named) = keep {
        // The demo runs at the root of the repository, the user may stand elsewhere.
        return std::path::absolute(named)
            .map_err(|error| Failure::new(format!("{}: {error}", named.display())));
    }
    let inside = PathBuf::from("out/demo");
    let old = workspace.root.join(&inside);
    if old.exists() {
        fs::remove_dir_all(&old).map_err(|error| Failure::new(format!("{}: {error}", old.display())))?;
    }
    Ok(inside)
}
