//! The workspace as cargo sees it, and its files.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::commands;
use crate::steps::{Failure, Outcome};

/// What `cargo metadata` says, as far as the checks need it.
#[derive(Debug, Deserialize)]
pub(crate) struct Workspace {
    #[serde(rename = "workspace_root")]
    pub(crate) root: PathBuf,
    #[serde(rename = "target_directory")]
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
    workspace_members: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    id: String,
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// None for a path.
    pub(crate) source: Option<String>,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<String>,
}

impl Dependency {
    pub(crate) fn is_for_tests_only(&self) -> bool {
        self.kind.as_deref() == Some("dev")
    }
}

impl Workspace {
    pub(crate) fn load() -> Outcome<Self> {
        let text = commands::output(&mut commands::cargo(&[
            "metadata",
            "--format-version",
            "1",
            "--locked",
            "--quiet",
        ]))?;
        serde_json::from_str(&text).map_err(|error| Failure::new(format!("cargo metadata: {error}")))
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// The directory of a member, relative to the root, with `/` between the parts.
    pub(crate) fn directory(&self, member: &Package) -> String {
        let directory = member
            .manifest_path
            .parent()
            .expect("a manifest lies in a directory");
        relative(&self.root, directory)
    }
}

/// Every text file of the repository that people write, in order of path.
///
/// Left out: what builds leave behind, what git keeps for itself, and `samples/`, which is data.
pub(crate) fn written_files(root: &Path) -> Outcome<Vec<(String, String)>> {
    let mut files = Vec::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        let entries = fs::read_dir(&directory).map_err(|error| unreadable(&directory, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| unreadable(&directory, &error))?;
            let (path, name) = (entry.path(), entry.file_name());
            let kind = entry.file_type().map_err(|error| unreadable(&path, &error))?;
            if kind.is_dir() {
                let left_out = [".git", "target", "out", "node_modules", "samples", "dist"];
                if !left_out.iter().any(|left_out| name == *left_out) {
                    directories.push(path);
                }
            } else if kind.is_file() && is_written_text(&path) {
                let text = fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
                files.push((relative(root, &path), text));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// By the end of the name; files without one are scripts and lists.
fn is_written_text(path: &Path) -> bool {
    let written = [
        "css", "html", "js", "md", "rs", "service", "sh", "sql", "toml", "ts", "tsx", "vue", "yaml", "yml",
    ];
    match path.extension().and_then(|extension| extension.to_str()) {
        Some(extension) => written.contains(&extension),
        None => path
            .parent()
            .and_then(Path::file_name)
            .is_some_and(|directory| directory == ".ci"),
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    inside
        .components()
        .map(|part| part.as_os_str().to_string_lossy())
        .collect::<Vec<_>>()
        .join("/")
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(format!("{}: {error}", path.display()))
}
