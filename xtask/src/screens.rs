//! `cargo xtask screens`: every screen of the desktop client in every state, as pictures, and checked by machine.

use std::process::Command;

use crate::commands;
use crate::frontend;
use crate::packages::{self, Consent};
use crate::steps::{Outcome, Steps};
use crate::workspace::Workspace;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install missing system packages without asking, as CI does
    #[arg(long)]
    yes: bool,
    /// Every scene once, in a look that goes round, without pictures: what `cargo xtask test` does
    #[arg(long)]
    check_only: bool,
    /// Every scene once, in that look, with its picture
    #[arg(long, conflicts_with = "check_only")]
    once: bool,
    /// Only scenes whose name contains this, e.g. `supervisor/` or `/offline`
    #[arg(long, value_name = "WORDS")]
    only: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut steps = Steps::default();
    steps.run("system packages", || {
        packages::install_missing_of(packages::FOR_SCREENS, Consent::from(arguments.yes))
    })?;
    let mut workspace = None;
    steps.run("lock file", || {
        workspace = Some(Workspace::load()?);
        Ok(String::new())
    })?;
    let workspace = workspace.expect("the step above succeeded");
    steps.run("gallery", || {
        frontend::install(&workspace)?;
        frontend::gallery(&workspace)?;
        Ok(String::new())
    })?;
    let out = workspace.root.join("out/screens");
    let mut wishes = vec!["--out".to_owned(), out.display().to_string()];
    for (wanted, flag) in [(arguments.check_only, "--check-only"), (arguments.once, "--once")] {
        wishes.extend(wanted.then(|| flag.to_owned()));
    }
    if let Some(only) = &arguments.only {
        wishes.extend(["--only".to_owned(), only.clone()]);
    }
    steps.run("screens", || show(&workspace, &wishes))?;
    if !arguments.check_only {
        println!("\nPictures: {}", out.join("index.html").display());
    }
    Ok(())
}

/// The step of `cargo xtask test`; the gallery is built there already.
pub(crate) fn check(workspace: &Workspace) -> Outcome<String> {
    show(workspace, &["--check-only".to_owned()])
}

/// Runs the checks of the front end over the built gallery. Findings go to the terminal, their number to the table.
fn show(workspace: &Workspace, wishes: &[String]) -> Outcome<String> {
    let mut command = Command::new("node");
    command
        .arg("checks/screens.mjs")
        .args(wishes)
        .current_dir(frontend::folder(workspace));
    let mut note = String::new();
    commands::run_watched(&mut command, |line| {
        if let Some(sums) = line.strip_prefix("screens: ") {
            sums.clone_into(&mut note);
        }
    })?;
    Ok(note)
}
