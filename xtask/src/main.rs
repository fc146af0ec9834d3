//! Demo, test, soak and the checks of the repository: `cargo xtask <command>`.

mod arrows;
mod bench;
mod commands;
mod demo;
mod frontend;
mod generated;
mod licences;
mod package;
mod packages;
mod screens;
mod soak;
mod steps;
mod test;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "Demo, test, soak and the checks of the repository",
    version
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Every check and every test, the fast ones first
    Test(test::Arguments),
    /// The long campaigns, with fresh seeds, until the time is over
    Soak(soak::Arguments),
    /// Build everything and play an evaluation from start to verdict
    Demo(demo::Arguments),
    /// Figures, each beside its peer in the same run
    Bench(bench::Arguments),
    /// Every screen of the desktop client in every state: pictures, and checks by machine
    Screens(screens::Arguments),
    /// Packages for Debian and for rpm systems, in out/packages
    Package(package::Arguments),
    /// The checks of the repository itself: arrows, purity, source, sizes, documents
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Test(arguments) => test::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Screens(arguments) => screens::run(&arguments),
        Command::Package(arguments) => package::run(&arguments),
        Command::Tidy => tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask: {}", failure.message);
            ExitCode::from(failure.code)
        }
    }
}
