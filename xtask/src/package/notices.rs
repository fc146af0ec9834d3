//! Licences: ours, and those of everything that was built into the programs of a package.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::layout::Layout;
use super::stage::failed;
use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// The licence of Conclave with its text.
const LICENCE: &str = "installers/licence/Apache-2.0.txt";

/// What a licence file's name begins with.
const BEGINNINGS: [&str; 6] = [
    "LICENSE",
    "LICENCE",
    "COPYING",
    "NOTICE",
    "COPYRIGHT",
    "UNLICENSE",
];

/// A work inside the programs.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Work {
    name: String,
    version: String,
    licence: String,
}

pub(super) fn copyright(workspace: &Workspace) -> Outcome<String> {
    let path = workspace.root.join(LICENCE);
    let text = fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
    Ok(format!(
        "Conclave\nCopyright: the authors of Conclave\nLicence: Apache-2.0, below. The programs hold works of others: \
         third-party.txt.gz names each with its licence.\n\n{text}"
    ))
}

/// The list of works, then every text of a licence once, with the works it goes with.
pub(super) fn third_party(workspace: &Workspace, layout: &Layout) -> Outcome<String> {
    let mut works = BTreeSet::new();
    let mut texts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |work: Work, folder: &Path| -> Outcome {
        for text in licence_texts(folder)? {
            texts
                .entry(text)
                .or_default()
                .insert(format!("{} {}", work.name, work.version));
        }
        works.insert(work);
        Ok(())
    };
    for (name, version) in crates_of(workspace, layout)? {
        let found = workspace
            .packages
            .iter()
            .find(|package| package.name == name && package.version == version);
        let package =
            found.ok_or_else(|| Failure::new(format!("cargo metadata does not name {name} {version}")))?;
        if package.source.is_some()
            && let Some(folder) = package.manifest_path.parent()
        {
            let licence = package
                .license
                .clone()
                .unwrap_or_else(|| "see its text".to_owned());
            add(
                Work {
                    name,
                    version,
                    licence,
                },
                folder,
            )?;
        }
    }
    if layout.programs().any(|program| program == "conclave-desktop") {
        for (work, folder) in packages_of_the_front_end(workspace)? {
            add(work, Path::new(&folder))?;
        }
    }
    // The font of watermarks.
    let font = workspace.root.join("crates/documents/assets/OFL.txt");
    let text = fs::read_to_string(&font).map_err(|error| failed(&font, &error))?;
    texts.entry(text).or_default().insert("watermark font".to_owned());

    let mut out = format!("Works of others in the programs of {}.\n\n", layout.name);
    for work in &works {
        let _ = writeln!(out, "{} {}: {}", work.name, work.version, work.licence);
    }
    for (text, names) in &texts {
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let _ = writeln!(out, "\n==== {}\n\n{}", names.join(", "), text.trim_end());
    }
    Ok(out)
}

/// Name and version of every crate that is linked into the programs, on this architecture.
fn crates_of(workspace: &Workspace, layout: &Layout) -> Outcome<BTreeSet<(String, String)>> {
    let mut line = vec![
        "tree", "--locked", "--quiet", "-e", "normal", "--prefix", "none", "--format", "{p}",
    ];
    for program in layout.programs() {
        // The command's crate has another name than its program.
        line.extend([
            "-p",
            if program == "conclave" {
                "conclave-cli"
            } else {
                program
            },
        ]);
    }
    let text = commands::output(commands::cargo(&line).current_dir(&workspace.root))?;
    let crates = text.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (name, version) = (words.next()?, words.next()?.strip_prefix('v')?);
        Some((name.to_owned(), version.to_owned()))
    });
    Ok(crates.collect())
}

/// What the front end's bundle may hold: everything but what only builds and tests it.
fn packages_of_the_front_end(workspace: &Workspace) -> Outcome<Vec<(Work, String)>> {
    let mut npm = Command::new("npm");
    npm.args(["ls", "--omit=dev", "--all", "--parseable"]);
    let text = commands::output(npm.current_dir(workspace.root.join("ui")))?;
    let mut found = Vec::new();
    // The first line is the front end itself.
    for folder in text.lines().skip(1) {
        let manifest = Path::new(folder).join("package.json");
        let bytes = fs::read(&manifest).map_err(|error| failed(&manifest, &error))?;
        let value: serde_json::Value = serde_json::from_slice(&bytes)
            .map_err(|error| Failure::new(format!("{}: {error}", manifest.display())))?;
        let word = |name: &str| value[name].as_str().unwrap_or("see its text").to_owned();
        let work = Work {
            name: word("name"),
            version: word("version"),
            licence: word("license"),
        };
        found.push((work, folder.to_owned()));
    }
    Ok(found)
}

fn licence_texts(folder: &Path) -> Outcome<Vec<String>> {
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, &error))? {
        let path = entry.map_err(|error| failed(folder, &error))?.path();
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_uppercase();
        if path.is_file() && BEGINNINGS.iter().any(|beginning| name.starts_with(beginning)) {
            let bytes = fs::read(&path).map_err(|error| failed(&path, &error))?;
            texts.push(
                String::from_utf8_lossy(&bytes)
                    .replace("\r\n", "\n")
                    .trim()
                    .to_owned(),
            );
        }
    }
    Ok(texts)
}
