//! Lays the files of a package out as they will be installed, once for both formats.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::Build;
use super::layout::{Entry, Generated, Layout};
use super::notices;
use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// The folder of one package, emptied first.
pub(super) fn lay_out(
    workspace: &Workspace,
    build: &Build,
    layout: &Layout,
    work: &Path,
) -> Outcome<PathBuf> {
    let root = work.join(&layout.name).join("root");
    remove(&root)?;
    make_folder(&root)?;
    for path in &layout.folders {
        make_folder(&root.join(inside(path)))?;
    }
    for entry in &layout.files {
        let target = root.join(inside(&entry.to));
        if let Some(parent) = target.parent() {
            make_folder(parent)?;
        }
        place(workspace, build, layout, entry, &target)?;
        let mode = fs::Permissions::from_mode(entry.mode());
        fs::set_permissions(&target, mode).map_err(|error| failed(&target, &error))?;
    }
    // Folders as the packages say them, whatever the umask; one time for everything.
    commands::output(
        Command::new("find")
            .arg(&root)
            .args(["-type", "d", "-exec", "chmod", "0755", "{}", "+"]),
    )?;
    same_time(&root, &build.epoch)?;
    Ok(root)
}

/// Gives a whole tree the time of the commit.
pub(super) fn same_time(root: &Path, epoch: &str) -> Outcome {
    let mut touch = Command::new("find");
    touch
        .arg(root)
        .args(["-exec", "touch", "--no-dereference", "--date"]);
    touch.arg(format!("@{epoch}")).args(["{}", "+"]);
    commands::output(&mut touch).map(|_| ())
}

fn place(workspace: &Workspace, build: &Build, layout: &Layout, entry: &Entry, target: &Path) -> Outcome {
    if let Some(program) = &entry.program {
        let source = build.program(program)?;
        let mut strip = Command::new("strip");
        commands::output(strip.arg("--strip-all").arg("-o").arg(target).arg(&source))?;
    } else if let Some(from) = &entry.from {
        let source = workspace.root.join(from);
        fs::copy(&source, target).map_err(|error| failed(&source, &error))?;
    } else if let Some(generated) = entry.generated {
        match generated {
            Generated::Copyright => write(target, &notices::copyright(workspace)?)?,
            Generated::ThirdParty => {
                let text = target.with_extension("");
                write(&text, &notices::third_party(workspace, layout)?)?;
                commands::output(Command::new("gzip").args(["-9n", "--force"]).arg(&text))?;
            }
        }
    }
    Ok(())
}

/// A path of the package, seen from a root.
pub(super) fn inside(path: &str) -> &str {
    path.trim_start_matches('/')
}

pub(super) fn make_folder(path: &Path) -> Outcome {
    fs::create_dir_all(path).map_err(|error| failed(path, &error))
}

/// Removes a folder and what is in it; one that is not there is removed already.
pub(super) fn remove(path: &Path) -> Outcome {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(failed(path, &error)),
        _ => Ok(()),
    }
}

pub(super) fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|error| failed(path, &error))
}

pub(super) fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
