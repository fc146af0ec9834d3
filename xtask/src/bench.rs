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
    /// An evaluation's CPU time, beside the same sum in Python's `fractions`
    Rules,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    match arguments.what {
        What::Client { runs } => client(arguments, runs),
        What::Rules => rules(),
    }
}

fn rules() -> Outcome {
    let mut steps = Steps::default();
    let workspace = Workspace::load()?;
    steps.run("build", || {
        let line = [
            "build",
            "--release",
            "--locked",
            "--package",
            "conclave-simulation",
            "--example",
            "bench_rules",
        ];
        commands::run(commands::cargo(&line).current_dir(&workspace.root))?;
        Ok(String::new())
    })?;
    steps.run("bench rules", || {
        let sheets = workspace.target.join("bench_rules.txt");
        let mut bench = Command::new(workspace.target.join("release/examples/bench_rules"));
        bench
            .arg(
                workspace
                    .root
                    .join("tests/simulation/examples/rules_yardstick.py"),
            )
            .arg(&sheets);
        commands::run(&mut bench)?;
        Ok(String::new())
    })
}

fn client(arguments: &Arguments, runs: u32) -> Outcome {
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
