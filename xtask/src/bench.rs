//! `cargo xtask bench`: figures, each beside its peer in the same run.

use std::process::Command;

use crate::packages::{self, Consent};
use crate::steps::{Outcome, Steps};
use crate::workspace::Workspace;
use crate::{commands, frontend};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install missing system packages without asking
    #[arg(long)]
    yes: bool,
    #[command(subcommand)]
    what: What,
}

#[derive(clap::Subcommand)]
enum What {
    /// The desktop client beside an empty window of the same toolkit: start, memory, clicks, scrolling
    Client {
        /// Starts of each, in turns
        #[arg(long, default_value_t = 12)]
        runs: u32,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let What::Client { runs } = arguments.what;
    let mut steps = Steps::default();
    steps.run("system packages", || {
        packages::install_missing(Consent::from(arguments.yes))
    })?;
    let workspace = Workspace::load()?;
    steps.run("front end", || {
        frontend::build(&workspace)?;
        frontend::gallery(&workspace)?;
        Ok(String::new())
    })?;
    // What ships is a release build; it differs from this one by the feature that lets a driver in.
    steps.run("build", || {
        let line = [
            "build",
            "--release",
            "--locked",
            "--workspace",
            "--bins",
            "--examples",
            "--features",
            "conclave-desktop/driven",
        ];
        commands::run(commands::cargo(&line).current_dir(&workspace.root))?;
        Ok(String::new())
    })?;
    steps.run("bench client", || {
        let programs = workspace.target.join("release");
        let mut bench = Command::new(programs.join("examples/bench_client"));
        bench
            .arg(&programs)
            .arg(workspace.root.join("ui/dist-gallery"))
            .arg(workspace.root.join("tests/desktop/pages"))
            .arg(runs.to_string());
        commands::run(&mut bench)?;
        Ok(String::new())
    })
}
