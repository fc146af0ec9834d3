//! What a package holds: the tables in `installers/*/package.toml`.

use std::fs;

use serde::Deserialize;

use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// The folders of `installers/` that describe a package.
const FOLDERS: [&str; 2] = ["server", "desktop"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Layout {
    pub(super) name: String,
    pub(super) section: String,
    pub(super) summary: String,
    pub(super) description: String,
    /// Folders that are this package's own.
    pub(super) folders: Vec<String>,
    pub(super) deb: DebRelations,
    pub(super) rpm: RpmRelations,
    #[serde(rename = "file")]
    pub(super) files: Vec<Entry>,
    pub(super) kept: Kept,
}

/// What is said about other packages beside the libraries, which the programs tell themselves.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DebRelations {
    pub(super) depends: Vec<String>,
    pub(super) recommends: Vec<String>,
    pub(super) suggests: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RpmRelations {
    pub(super) requires: Vec<String>,
    pub(super) recommends: Vec<String>,
}

/// One file: where it comes from (exactly one of three) and where it goes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Entry {
    pub(super) to: String,
    /// Of the build.
    pub(super) program: Option<String>,
    /// Of the repository.
    pub(super) from: Option<String>,
    /// Written here.
    pub(super) generated: Option<Generated>,
    /// An administrator may change it, and keeps the change.
    #[serde(default)]
    pub(super) config: bool,
    #[serde(default)]
    pub(super) executable: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Generated {
    Copyright,
    ThirdParty,
}

/// What the installed programs write, and whose it is.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) user: String,
    pub(super) folder: String,
    pub(super) beside: Vec<String>,
    pub(super) unit: String,
}

impl Entry {
    pub(super) fn mode(&self) -> u32 {
        if self.program.is_some() || self.executable {
            0o755
        } else {
            0o644
        }
    }
}

impl Layout {
    pub(super) fn all(workspace: &Workspace) -> Outcome<Vec<Self>> {
        FOLDERS
            .map(|folder| Self::read(workspace, folder))
            .into_iter()
            .collect()
    }

    fn read(workspace: &Workspace, folder: &str) -> Outcome<Self> {
        let path = format!("installers/{folder}/package.toml");
        let text = fs::read_to_string(workspace.root.join(&path));
        let text = text.map_err(|error| Failure::new(format!("{path}: {error}")))?;
        let layout: Self = toml::from_str(&text).map_err(|error| Failure::new(format!("{path}: {error}")))?;
        match layout.fault() {
            None => Ok(layout),
            Some(fault) => Err(Failure::new(format!("{path}: {fault}"))),
        }
    }

    /// What is wrong with the table itself.
    fn fault(&self) -> Option<String> {
        for entry in &self.files {
            let sources = [
                entry.program.is_some(),
                entry.from.is_some(),
                entry.generated.is_some(),
            ];
            if sources.iter().filter(|there| **there).count() != 1 {
                return Some(format!("{}: exactly one of program, from, generated", entry.to));
            }
            if entry.config != entry.to.starts_with("/etc/") {
                return Some(format!(
                    "{}: what lies in /etc is configuration, and nothing else is",
                    entry.to
                ));
            }
            if entry.to.starts_with("/usr/local/") || entry.to.starts_with("/opt/") {
                return Some(format!("{}: this place is the administrator's", entry.to));
            }
        }
        None
    }

    /// A script of `installers/scripts` with this package's names.
    pub(super) fn script(&self, workspace: &Workspace, name: &str) -> Outcome<String> {
        let path = format!("installers/scripts/{name}");
        let text = fs::read_to_string(workspace.root.join(&path));
        let text = text.map_err(|error| Failure::new(format!("{path}: {error}")))?;
        let kept = &self.kept;
        Ok(text
            .replace("@NAME@", &self.name)
            .replace("@UNIT@", &kept.unit)
            .replace("@USER@", &kept.user)
            .replace("@FOLDER@", &kept.folder)
            .replace(
                " @BESIDE@",
                &kept
                    .beside
                    .iter()
                    .map(|path| format!(" {path}"))
                    .collect::<String>(),
            ))
    }

    /// Every path of the package with its mode as `ls` shows it, in order: folders end with `/`.
    pub(super) fn listing(&self) -> Vec<String> {
        let mut lines: Vec<_> = self
            .files
            .iter()
            .map(|entry| {
                let mode = if entry.mode() == 0o755 {
                    "-rwxr-xr-x"
                } else {
                    "-rw-r--r--"
                };
                format!("{mode} root/root {}", entry.to)
            })
            .chain(
                self.folders
                    .iter()
                    .map(|path| format!("drwxr-xr-x root/root {path}/")),
            )
            .collect();
        lines.sort();
        lines
    }

    /// The programs, as they are called in the build.
    pub(super) fn programs(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter_map(|entry| entry.program.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        name = "x"
        section = "net"
        summary = "s"
        description = "d"
        folders = ["/etc/x"]
        deb = { depends = [], recommends = [], suggests = [] }
        rpm = { requires = [], recommends = [] }
        kept = { user = "x", folder = "/var/lib/x", beside = [], unit = "x.service" }
        [[file]]
        program = "x"
        to = "/usr/bin/x"
        [[file]]
        from = "x.toml"
        to = "/etc/x/x.toml"
        config = true
    "#;

    fn fault(text: &str) -> Option<String> {
        toml::from_str::<Layout>(text).expect("a table").fault()
    }

    #[test]
    fn a_table_that_would_lose_an_administrators_change_is_refused() {
        assert_eq!(fault(SOUND), None);
        let without = fault(&SOUND.replace("config = true", "")).expect("no configuration");
        assert!(without.starts_with("/etc/x/x.toml:"), "{without}");
        assert!(fault(&SOUND.replace("/usr/bin/x", "/usr/local/bin/x")).is_some());
        assert!(fault(&SOUND.replace("program = \"x\"", "program = \"x\"\nfrom = \"y\"")).is_some());
    }

    #[test]
    fn the_listing_names_modes_and_owners() {
        let layout: Layout = toml::from_str(SOUND).expect("a table");
        assert_eq!(
            layout.listing(),
            [
                "-rw-r--r-- root/root /etc/x/x.toml",
                "-rwxr-xr-x root/root /usr/bin/x",
                "drwxr-xr-x root/root /etc/x/"
            ]
        );
    }
}
