//! `cargo xtask package --try`: the packages in a clean Debian: installed, started, used, removed. What a step does is
//! in `installers/trial`; the last line it says is what it saw.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Made;
use super::layout::Layout;
use super::machine::{CleanRoot, Machine};
use super::stage;
use crate::commands;
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;

/// What is done in the running system, in order: what it shows, and the script.
const RUNNING: [(&str, &str); 5] = [
    ("try: keys, certificates, configuration", "centre.sh"),
    ("try: the centre's service", "service.sh"),
    ("try: the command and the document child", "confined.sh"),
    ("try: windows", "windows.sh"),
    ("try: remove and purge", "remove.sh"),
];

pub(super) fn run(steps: &mut Steps, workspace: &Workspace, made: &Made, out: &Path) -> Outcome {
    if commands::output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err(Failure::new("a clean system is made and started by root"));
    }
    let scripts = workspace.root.join("installers/trial");
    let place = out.join("try");
    stage::make_folder(&place)?;
    let mut root = None;
    steps.run("try: a clean Debian", || {
        let made_root = CleanRoot::make(place.join("root"))?;
        lay_in(workspace, made, &made_root)?;
        root = Some(made_root);
        Ok(super::machine::SUITE.to_owned())
    })?;
    let root = root.ok_or_else(|| Failure::new("no root"))?;
    steps.run("try: install with apt", || root.run(&scripts.join("install.sh")))?;
    steps.run("try: purge, never started", || {
        root.run(&scripts.join("purge-unused.sh"))
    })?;
    let mut before = BTreeSet::new();
    steps.run("try: install again", || {
        before = root.everything()?;
        root.run(&scripts.join("install.sh"))
    })?;

    let mut machine = None;
    steps.run("try: start the system", || {
        machine = Some(Machine::start(&root)?);
        Ok("its own systemd, no network but loopback".to_owned())
    })?;
    let machine = machine.ok_or_else(|| Failure::new("no machine"))?;
    for (name, script) in RUNNING {
        let outcome = steps.run(name, || machine.run(&scripts.join(script)));
        keep_pictures(&root, out)?;
        outcome?;
    }
    drop(machine);
    steps.run("try: what is left", || nothing_left(&root, &before))?;
    steps.run("try: rpm", || rpm(workspace, made, &root))?;
    steps.run("try: what is left of rpm", || nothing_left(&root, &before))?;
    stage::remove(&root.path)
}

/// Packages and a tender package, where the scripts find them.
fn lay_in(workspace: &Workspace, made: &Made, root: &CleanRoot) -> Outcome {
    let trial = root.path.join("trial");
    for file in &made.debs {
        commands::output(Command::new("cp").arg(file).arg(&trial))?;
    }
    let tender = workspace.root.join("samples/procurement/tender");
    commands::output(Command::new("cp").arg("-r").arg(tender).arg(&trial)).map(|_| ())
}

fn keep_pictures(root: &CleanRoot, out: &Path) -> Outcome {
    let pictures = out.join("pictures");
    stage::make_folder(&pictures)?;
    for name in ["desk.png", "booth.png"] {
        let taken = root.path.join("trial").join(name);
        if taken.exists() {
            fs::copy(&taken, pictures.join(name)).map_err(|error| stage::failed(&taken, &error))?;
        }
    }
    Ok(())
}

fn nothing_left(root: &CleanRoot, before: &BTreeSet<String>) -> Outcome<String> {
    let after = root.everything()?;
    let left: Vec<_> = after.difference(before).map(String::as_str).collect();
    if left.is_empty() {
        return Ok(format!("nothing: {} paths before and after", before.len()));
    }
    Err(Failure::new(format!("left behind: {}", left.join(", "))))
}

/// rpm for the root that is named first.
const RPM: &str = r#"mount --bind /proc "$0/proc" && exec rpm --root "$0" --dbpath /var/lib/rpm "$@""#;

/// An rpm system is not at hand: the same root, which has every library, takes the files and runs the scripts.
fn rpm(workspace: &Workspace, made: &Made, root: &CleanRoot) -> Outcome<String> {
    let layouts = Layout::all(workspace)?;
    let rpm = |arguments: &[&str]| {
        // The scripts want /proc, as wherever a system is put together in a folder; the mount ends with the command.
        let mut rpm = Command::new("unshare");
        rpm.args(["--mount", "sh", "-c", RPM])
            .arg(&root.path)
            .args(arguments);
        rpm
    };
    let libraries = libraries(&made.rpms, root)?;
    let mut install = rpm(&["--install", "--nodeps", "--nosignature"]);
    commands::run(install.args(&made.rpms))?;
    root.run(&workspace.root.join("installers/trial/rpm.sh"))?;
    commands::run(rpm(&["--erase", "--nodeps"]).args(layouts.iter().map(|layout| &layout.name)))?;
    // The accounts stay with rpm, as everywhere there; and so do the folders, which an administrator removes.
    for layout in &layouts {
        for path in [&layout.kept.folder].into_iter().chain(&layout.kept.beside) {
            stage::remove(&root.path.join(stage::inside(path)))?;
        }
    }
    let _ = fs::remove_dir(root.path.join("etc/conclave"));
    // `filesystem` owns it on every rpm system; this root had it from our first file.
    let _ = fs::remove_dir(root.path.join("usr/share/applications"));
    Ok(format!(
        "{libraries} libraries found; installed, run, erased; kept folders removed by hand"
    ))
}

/// Counts the libraries that the packages ask for; each must be in the root.
fn libraries(files: &[PathBuf], root: &CleanRoot) -> Outcome<usize> {
    let mut ask = Command::new("rpm");
    let wanted = commands::output(ask.args(["--query", "--package", "--requires"]).args(files))?;
    let there = commands::output(
        Command::new("chroot")
            .arg(&root.path)
            .args(["/sbin/ldconfig", "-p"]),
    )?;
    let names: BTreeSet<_> = wanted
        .lines()
        .filter_map(|line| line.split_once('('))
        .map(|(name, _)| name)
        .collect();
    let libraries: Vec<_> = names.into_iter().filter(|name| name.contains(".so")).collect();
    match libraries
        .iter()
        .find(|name| !there.contains(&format!("\t{name} ")))
    {
        None => Ok(libraries.len()),
        Some(missing) => Err(Failure::new(format!("{missing} is not in the root"))),
    }
}
