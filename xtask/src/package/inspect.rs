//! What is in the finished packages, held against their tables; and rules of our own for what must not be in them.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use super::deb;
use super::layout::Layout;
use crate::commands;
use crate::steps::{Failure, Outcome};

/// Exposure of a unit as `systemd-analyze security` counts it, in tenths: no more than this.
const EXPOSURE: [(&str, &str); 2] = [
    ("conclave-server.service", "15"),
    ("conclave-booth.service", "45"),
];

/// What a script is filled with.
const NAMES: [&str; 5] = ["@NAME@", "@UNIT@", "@USER@", "@FOLDER@", "@BESIDE@"];

/// Paths, modes, owners, configuration files, scripts and relations of a `.deb`.
pub(super) fn deb(layout: &Layout, file: &Path) -> Outcome {
    let listed = commands::output(Command::new("dpkg-deb").arg("--contents").arg(file))?;
    let listed = listed.lines().filter_map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let path = words.get(5)?.trim_start_matches('.');
        Some(format!("{} {} {path}", words[0], words[1]))
    });
    same(
        file,
        layout,
        listed
            .filter(|line| !is_folder_of_the_system(layout, line))
            .collect(),
    )?;
    let control = |name: &str| commands::output(Command::new("dpkg-deb").arg("--info").arg(file).arg(name));
    let conffiles: BTreeSet<_> = control("conffiles")?.lines().map(str::to_owned).collect();
    let wanted: BTreeSet<_> = layout
        .files
        .iter()
        .filter(|entry| entry.config)
        .map(|entry| entry.to.clone())
        .collect();
    if conffiles != wanted {
        return refuse(
            file,
            format!("its configuration files are {conffiles:?}, not {wanted:?}"),
        );
    }
    for name in deb::SCRIPTS {
        let script = control(name)?;
        let open = NAMES.iter().any(|name| script.contains(name));
        if !script.starts_with("#!/bin/sh\nset -e\n") || open {
            return refuse(
                file,
                format!("{name} does not begin with `set -e`, or has a name that nobody put in"),
            );
        }
    }
    let depends = commands::output(
        Command::new("dpkg-deb")
            .args(["--field"])
            .arg(file)
            .arg("Depends"),
    )?;
    let needed = if layout.name == "conclave-desktop" {
        ["libc6 (>= ", "libwebkit2gtk-4.1-0 (>= "].as_slice()
    } else {
        ["libc6 (>= "].as_slice()
    };
    lacks(file, needed, &depends)
}

/// The same of an `.rpm`.
pub(super) fn rpm(layout: &Layout, file: &Path) -> Outcome {
    let ask = |format: &str| {
        let mut rpm = Command::new("rpm");
        commands::output(
            rpm.args(["--query", "--package", "--queryformat", format])
                .arg(file),
        )
    };
    let listed = ask("[%{FILEMODES:perms} %{FILEUSERNAME}/%{FILEGROUPNAME} %{FILENAMES}\n]")?;
    let listed = listed.lines().map(|line| match line.starts_with('d') {
        true => format!("{line}/"),
        false => line.to_owned(),
    });
    same(file, layout, listed.collect())?;
    for line in ask("[%{FILEFLAGS:fflags} %{FILENAMES}\n]")?.lines() {
        let (flags, path) = line.split_once(' ').unwrap_or_default();
        let (wanted, is) = (
            path.starts_with("/etc/") && path != "/etc/conclave",
            flags.contains('c'),
        );
        if wanted != is || (is && !flags.contains('n')) {
            return refuse(file, format!("{path} has the flags `{flags}`"));
        }
    }
    let requires = ask("[%{REQUIRENAME}\n]")?;
    let needed = if layout.name == "conclave-desktop" {
        ["libc.so.6(", "libwebkit2gtk-4.1.so.0()"].as_slice()
    } else {
        ["libc.so.6("].as_slice()
    };
    lacks(file, needed, &requires)
}

/// Programs without debug sections, loaded anywhere; scripts that a shell takes; menu entry and units that are sound.
/// Returns the exposure of each unit.
pub(super) fn files(layout: &Layout, root: &Path) -> Outcome<String> {
    for entry in &layout.files {
        let path = root.join(entry.to.trim_start_matches('/'));
        if entry.program.is_some() {
            let header = commands::output(Command::new("readelf").args(["--wide", "-hS"]).arg(&path))?;
            if !header.contains("DYN (Position-Independent Executable") || header.contains(".debug_info") {
                return refuse(&path, "it is not stripped, or not position independent".into());
            }
        } else if entry.executable {
            commands::output(Command::new("sh").arg("-n").arg(&path))?;
        } else if entry.to.ends_with(".desktop") {
            commands::output(Command::new("desktop-file-validate").arg(&path))?;
        }
    }
    unit(layout, root)
}

fn unit(layout: &Layout, root: &Path) -> Outcome<String> {
    let name = &layout.kept.unit;
    let mut verify = Command::new("systemd-analyze");
    verify
        .args(["verify", "--recursive-errors=no", "--man=no"])
        .arg(format!("--root={}", root.display()))
        .arg(name);
    // An option that it does not know is a warning with exit code 0; so is a program that is not there.
    let said = verify
        .output()
        .map_err(|error| Failure::new(format!("systemd-analyze: {error}")))?;
    let said = String::from_utf8_lossy(&said.stderr).into_owned();
    // Cage is another package; the unit asks for it before it starts.
    let faults: Vec<_> = said
        .lines()
        .filter(|line| !line.contains("/usr/bin/cage is not executable"))
        .collect();
    if !faults.is_empty() {
        return refuse(Path::new(name), faults.join("; "));
    }
    let most = EXPOSURE
        .iter()
        .find(|(unit, _)| unit == name)
        .map_or("0", |(_, most)| most);
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--no-pager", "--offline=true", "--threshold", most]);
    security.arg(root.join("usr/lib/systemd/system").join(name));
    let text = commands::output(&mut security)?;
    let last = text
        .lines()
        .rev()
        .find(|line| line.contains("exposure level"))
        .unwrap_or_default();
    let figure = last.rsplit(": ").next().unwrap_or_default();
    Ok(format!("{name} {}", figure.split(' ').next().unwrap_or_default()))
}

/// Folders above ours: dpkg-deb lists them too.
fn is_folder_of_the_system(layout: &Layout, line: &str) -> bool {
    let path = line.rsplit(' ').next().unwrap_or_default();
    let ours = layout.folders.iter().any(|folder| path == format!("{folder}/"));
    line.starts_with("drwxr-xr-x root/root ")
        && path.ends_with('/')
        && !ours
        && layout.files.iter().any(|entry| entry.to.starts_with(path))
}

fn same(file: &Path, layout: &Layout, mut listed: Vec<String>) -> Outcome {
    listed.sort();
    let wanted = layout.listing();
    if listed == wanted {
        return Ok(());
    }
    let (listed, wanted): (BTreeSet<_>, BTreeSet<_>) =
        (listed.into_iter().collect(), wanted.into_iter().collect());
    let more: Vec<_> = listed.difference(&wanted).collect();
    let less: Vec<_> = wanted.difference(&listed).collect();
    refuse(
        file,
        format!("it holds {more:?}, which its table does not name, and lacks {less:?}"),
    )
}

fn lacks(file: &Path, needed: &[&str], relations: &str) -> Outcome {
    match needed.iter().find(|needed| !relations.contains(**needed)) {
        None => Ok(()),
        Some(missing) => refuse(
            file,
            format!("it does not ask for {missing}; it asks for: {relations}"),
        ),
    }
}

fn refuse<T>(file: &Path, what: String) -> Outcome<T> {
    Err(Failure::new(format!(
        "{}: {what}",
        file.file_name().unwrap_or_default().to_string_lossy()
    )))
}
