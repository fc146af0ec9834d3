//! The `conclave` command.

mod commands;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Remote multi-site bid evaluations with isolated booths: seats, bids, audit.
#[derive(Parser)]
#[command(name = "conclave", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Verifies or replays an archive package, with no centre at all.
    #[command(subcommand)]
    Audit(commands::audit::Audit),
    /// Seals and submits a bid.
    #[command(subcommand)]
    Bid(commands::bid::Bid),
    /// Reads documents in a confined child process.
    #[command(subcommand)]
    Doc(commands::doc::Doc),
    /// Checks a tender package before an evaluation is set up from it.
    #[command(subcommand)]
    Tender(commands::tender::Tender),
    /// Evaluates a case file: rulebook, bids and scores in, result with its derivation out.
    Evaluate(commands::evaluate::Evaluate),
    /// Checks rulebooks against their regimes, and prints some to begin with.
    #[command(subcommand)]
    Rules(commands::rules::Rules),
    /// Makes development keys.
    #[command(subcommand)]
    Key(commands::key::Key),
    /// Plays a seat of a rehearsal.
    Person(commands::person::Person),
    /// Runs a log witness.
    Witness(commands::person::Person),
    /// Rehearses the sample evaluation with real processes, from sealed bids to a verified archive.
    Demo(commands::demo::Demo),
}

fn main() -> ExitCode {
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    if arguments
        .get(1)
        .is_some_and(|argument| argument == documents::CHILD_ARGUMENT)
    {
        return documents::child_main(&arguments[2..]);
    }
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Command::Audit(command) => command.run(),
        Command::Bid(command) => command.run(),
        Command::Doc(command) => command.run(),
        Command::Tender(command) => command.run(),
        Command::Evaluate(command) => command.run(),
        Command::Rules(command) => command.run(),
        Command::Key(command) => command.run(),
        Command::Person(command) | Command::Witness(command) => command.run(),
        Command::Demo(command) => command.run(),
    };
    result.unwrap_or_else(|fault| {
        eprintln!("conclave: {fault}");
        ExitCode::from(2)
    })
}
