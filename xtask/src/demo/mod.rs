//! `cargo xtask demo`: from a fresh machine to a played evaluation and its verdict, in windows.
//!
//! With a display the newcomer takes a seat, and virtual people play the rest. With none, the main job is driven
//! through real windows under virtual displays, with pictures kept.

mod seat;

use std::env;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use self::seat::Role;
use crate::packages::{self, Consent};
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;
use crate::{commands, frontend, test};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Install missing system packages without asking
    #[arg(long)]
    yes: bool,
    /// Write the results to this directory instead of out/demo, which the next demo replaces
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// The seat that you take, in a window [default: asked, where there is a display]
    #[arg(long, value_enum)]
    role: Option<Role>,
    /// How fast the virtual people act: quick, human [default: human beside a window, else quick]
    #[arg(long, value_parser = ["quick", "human"])]
    pace: Option<String>,
    /// Language of the windows that nobody sits at
    #[arg(long, value_parser = ["zh", "en"], default_value = "zh")]
    language: String,
    /// No windows: every seat is played by a process
    #[arg(long)]
    no_windows: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut steps = Steps::default();
    steps.run("system packages", || {
        packages::install_missing(Consent::from(arguments.yes))
    })?;
    let workspace = Workspace::load()?;
    let display = env::var_os("DISPLAY").is_some() || env::var_os("WAYLAND_DISPLAY").is_some();
    if arguments.no_windows {
        steps.run("build", || {
            build(&workspace, &["-p", "conclave-cli", "-p", "conclave-server"])
        })?;
        return steps.run("demo", || play(arguments, &workspace));
    }
    let role = match (arguments.role, display) {
        (Some(role), true) => Some(role),
        (None, true) => Some(asked()?),
        (Some(_), false) => {
            return Err(Failure::new(
                "there is no display for your window; without --role the windows are driven",
            ));
        }
        (None, false) => None,
    };
    steps.run("front end", || frontend::build(&workspace))?;
    match role {
        Some(role) => {
            steps.run("build", || build(&workspace, &["--workspace", "--bins"]))?;
            steps.run("demo", || take_part(arguments, role, &workspace))
        }
        None => {
            steps.run("build", || {
                test::build_driven(&workspace)?;
                build(&workspace, &["--workspace", "--bins", "--examples"])
            })?;
            steps.run("demo in driven windows", || drive(arguments, &workspace))
        }
    }
}

fn build(workspace: &Workspace, what: &[&str]) -> Outcome<String> {
    let line = [&["build", "--locked"], what].concat();
    commands::run(commands::cargo(&line).current_dir(&workspace.root))?;
    Ok(String::new())
}

/// `conclave demo` into a directory.
fn conclave(arguments: &Arguments, workspace: &Workspace, out: &Path, otherwise: &str) -> Command {
    let mut command = Command::new(workspace.target.join("debug/conclave"));
    let pace = arguments.pace.as_deref().unwrap_or(otherwise);
    command.arg("demo").arg("--out").arg(out).args(["--pace", pace]);
    command.current_dir(&workspace.root);
    command
}

/// Every seat is a process; nobody sits at a window.
fn play(arguments: &Arguments, workspace: &Workspace) -> Outcome<String> {
    let out = results_directory(arguments.keep.as_ref(), workspace)?;
    commands::run(&mut conclave(arguments, workspace, &out, "quick"))?;
    Ok(format!("results in {}", out.display()))
}

/// One seat is the newcomer's, in a window; virtual people play the rest.
fn take_part(arguments: &Arguments, role: Role, workspace: &Workspace) -> Outcome<String> {
    let out = results_directory(arguments.keep.as_ref(), workspace)?;
    let mut command = conclave(arguments, workspace, &out, "human");
    let mut window = None;
    match role.seat() {
        Some(seat) => {
            command.args(["--window", seat, "--bidding", "120"]);
            let furnished = format!("left to a person: {seat}");
            let workplaces = workspace.root.join(&out).join("workplaces");
            commands::run_watched(&mut command, |line| {
                if line == furnished {
                    role.explain(&workplaces);
                    window = Some(open(workspace, &workplaces.join(seat)));
                }
            })?;
        }
        None => {
            commands::run(&mut command)?;
            role.explain(&workspace.root.join(&out));
            window = Some(open(
                workspace,
                &workspace.root.join(&out).join("workplaces/verifier"),
            ));
        }
    }
    let mut window = window.ok_or_else(|| Failure::new("no window was opened"))??;
    // The rehearsal has ended; whoever still looks closes the window when it suits.
    let _ = window.wait();
    Ok(format!("results in {}", out.display()))
}

fn open(workspace: &Workspace, workplace: &Path) -> Outcome<Child> {
    let program = workspace.target.join("debug/conclave-desktop");
    let opened = Command::new(&program).arg("--workplace").arg(workplace).spawn();
    opened.map_err(|error| Failure::new(format!("{}: {error}", program.display())))
}

/// The main job through real windows, nobody at them.
fn drive(arguments: &Arguments, workspace: &Workspace) -> Outcome<String> {
    let out = workspace
        .root
        .join(results_directory(arguments.keep.as_ref(), workspace)?);
    let programs = workspace.target.join("debug");
    let pictures = out.join("pictures");
    let mut play = Command::new(programs.join("examples/play"));
    play.arg(programs.join("conclave"))
        .arg(programs.join("conclave-desktop-driven"))
        .arg(workspace.root.join("samples/procurement"))
        .args([&out, &pictures])
        .arg(&arguments.language);
    commands::run(&mut play)?;
    Ok(format!("pictures in {}", pictures.display()))
}

/// Which seat the newcomer takes.
fn asked() -> Outcome<Role> {
    if !io::stdin().is_terminal() {
        return Ok(Role::Expert);
    }
    println!("Which seat do you take? The others are played.");
    for (place, role) in Role::ALL.iter().enumerate() {
        println!("  {}  {}", place + 1, role.title());
    }
    print!("Number [1]: ");
    let mut answer = String::new();
    let read = io::stdout()
        .flush()
        .and_then(|()| io::stdin().lock().read_line(&mut answer));
    read.map_err(|error| Failure::new(format!("the answer cannot be read: {error}")))?;
    let chosen = match answer.trim() {
        "" => Some(0),
        number => number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1)),
    };
    let role = chosen.and_then(|place| Role::ALL.get(place)).copied();
    role.ok_or_else(|| Failure::new(format!("there is no seat {}", answer.trim())))
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
