//! `cargo xtask package`: packages of the centre and of the desktop client for Debian and for rpm systems, what is
//! checked about them, and a trial in a clean system. `installers/README.md` says what is in them.

mod build;
mod deb;
mod dry_root;
mod inspect;
mod layout;
mod machine;
mod notices;
mod rpm;
mod stage;
mod trial;

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::packages::{self, Consent};
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;
use crate::{commands, frontend};
use build::{Build, Profile};
use layout::Layout;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// How the programs are built
    #[arg(long, value_enum, default_value = "release")]
    profile: Profile,
    /// Install them into a clean Debian, start and use what they hold, remove them, and tell what is left
    #[arg(long = "try")]
    trial: bool,
    /// Take the programs that an earlier build of this profile left, as they are
    #[arg(long)]
    built: bool,
    /// Install missing system packages without asking
    #[arg(long)]
    yes: bool,
}

/// The finished files, in the order of the layouts.
struct Made {
    debs: Vec<PathBuf>,
    rpms: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let mut steps = Steps::default();
    let consent = Consent::from(arguments.yes);
    steps.run("system packages", || packages::install_missing(consent))?;
    steps.run("system packages for packaging", || {
        packages::install_missing_of(packages::FOR_PACKAGING, consent)
    })?;
    let workspace = Workspace::load()?;
    if !arguments.built {
        steps.run("front end", || frontend::build(&workspace))?;
        steps.run("build", || Build::programs(&workspace, arguments.profile))?;
    }
    let out = workspace.root.join("out/packages");
    let mut made = None;
    steps.run("packages", || {
        let (files, note) = make_and_inspect(&workspace, arguments.profile, &out)?;
        made = Some(files);
        Ok(note)
    })?;
    let made = made.ok_or_else(|| Failure::new("no packages"))?;
    steps.run("install into an empty folder, remove", || {
        install_dry(&workspace, &made, &out)
    })?;
    if arguments.trial {
        steps.run("system packages for the trial", || {
            packages::install_missing_of(packages::FOR_TRIALS, consent)
        })?;
        trial::run(&mut steps, &workspace, &made, &out)?;
    }
    println!("\n{}", out.display());
    Ok(())
}

/// The step of `cargo xtask test`: packages of the programs that the run has built, and everything about them that
/// needs no clean system. Returns a note for the table of steps.
pub(crate) fn check(workspace: &Workspace, consent: Consent) -> Outcome<String> {
    packages::install_missing_of(packages::FOR_PACKAGING, consent)?;
    let out = workspace.target.join("package-check");
    let (made, note) = make_and_inspect(workspace, Profile::Dev, &out)?;
    Ok(format!("{note}; {}", install_dry(workspace, &made, &out)?))
}

/// Installs into empty folders and removes.
fn install_dry(workspace: &Workspace, made: &Made, out: &Path) -> Outcome<String> {
    if commands::output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok("not installed anywhere: accounts and owners need root".to_owned());
    }
    let layouts = Layout::all(workspace)?;
    let debs = dry_root::debs(&layouts, &made.debs, &out.join("work"))?;
    let rpms = dry_root::rpms(&layouts, &made.rpms, &out.join("work"))?;
    Ok(format!("{debs}; {rpms}"))
}

/// Both formats of both packages, their sums, and what is in them. Returns a note as well.
fn make_and_inspect(workspace: &Workspace, profile: Profile, out: &Path) -> Outcome<(Made, String)> {
    let build = Build::of(workspace, profile)?;
    let version = commands::output(Command::new(build.program("conclave-desktop")?).arg("--version"))?;
    if version.contains("driven") {
        return Err(Failure::new(
            "conclave-desktop is the build that tests drive: it is never packaged",
        ));
    }
    stage::remove(out)?;
    stage::make_folder(out)?;
    let work = out.join("work");
    let mut made = Made {
        debs: Vec::new(),
        rpms: Vec::new(),
    };
    let mut notes = Vec::new();
    for layout in Layout::all(workspace)? {
        let root = stage::lay_out(workspace, &build, &layout, &work)?;
        notes.push(inspect::files(&layout, &root)?);
        made.debs.push(deb::make(workspace, &build, &layout, &root, out)?);
        made.rpms.push(rpm::make(workspace, &build, &layout, &root, out)?);
        inspect::deb(&layout, made.debs.last().expect("one was pushed"))?;
        inspect::rpm(&layout, made.rpms.last().expect("one was pushed"))?;
    }
    let names: Vec<_> = made
        .debs
        .iter()
        .chain(&made.rpms)
        .filter_map(|file| file.file_name())
        .collect();
    let sums = commands::output(Command::new("sha256sum").args(&names).current_dir(out))?;
    stage::write(&out.join("SHA256SUMS"), &sums)?;
    print!("{sums}");
    let note = format!("{} packages, exposure {}", names.len(), notes.join(", "));
    Ok((made, note))
}
