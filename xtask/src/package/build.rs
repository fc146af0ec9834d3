//! The build that packages are made of: which profile, which version, which time.

use std::path::PathBuf;
use std::process::Command;

use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// How the programs are built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Profile {
    /// What ships.
    Release,
    /// The programs of tests; the packages say so in their version.
    Dev,
}

/// A finished build.
pub(super) struct Build {
    pub(super) profile: Profile,
    pub(super) version: String,
    /// Folder of the programs.
    programs: PathBuf,
    /// Seconds since 1970 of the commit: the only time in a package.
    pub(super) epoch: String,
}

impl Build {
    /// Describes what `cargo build` left, without building.
    pub(super) fn of(workspace: &Workspace, profile: Profile) -> Outcome<Self> {
        let member = workspace
            .members()
            .find(|member| member.name == "conclave-server");
        let member = member.ok_or_else(|| Failure::new("the workspace has no conclave-server"))?;
        let (folder, suffix) = match profile {
            Profile::Release => ("release", ""),
            // Sorts before the release of the same number, for dpkg and for rpm.
            Profile::Dev => ("debug", "~dev"),
        };
        let mut git = Command::new("git");
        git.args(["log", "-1", "--format=%ct"])
            .current_dir(&workspace.root);
        Ok(Self {
            profile,
            version: format!("{}{suffix}", member.version),
            programs: workspace.target.join(folder),
            epoch: commands::output(&mut git)?.trim().to_owned(),
        })
    }

    /// Builds every program of the workspace. The front end, which one of them holds, comes before.
    pub(super) fn programs(workspace: &Workspace, profile: Profile) -> Outcome<String> {
        let mut line = vec!["build", "--workspace", "--bins", "--locked"];
        if profile == Profile::Release {
            line.push("--release");
        }
        commands::run(commands::cargo(&line).current_dir(&workspace.root))?;
        Ok(format!("{profile:?}"))
    }

    pub(super) fn program(&self, name: &str) -> Outcome<PathBuf> {
        let path = self.programs.join(name);
        if path.is_file() {
            return Ok(path);
        }
        Err(Failure::new(format!("{} is not built", path.display())))
    }
}
