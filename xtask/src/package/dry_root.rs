//! Installs and removes the packages in an empty folder, without a system in it: what is left must be what is meant.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::layout::Layout;
use super::stage;
use crate::commands;
use crate::steps::{Failure, Outcome};

/// The word that lets a purge remove what was kept.
pub(super) const WORD: &str = "remove everything kept here\n";

/// A folder that dpkg and rpm take for a root.
struct DryRoot {
    path: PathBuf,
    /// What dpkg, rpm and the accounts keep for themselves is no leftover.
    before: BTreeSet<String>,
}

/// Accounts are judged by name below; these files change with them.
const BOOKS: [&str; 3] = ["/var/lib/dpkg", "/var/lib/rpm", "/etc/.pwd.lock"];

/// Installs, removes, purges: with nothing written, with something written, and with the word. Returns a note.
pub(super) fn debs(layouts: &[Layout], files: &[PathBuf], work: &Path) -> Outcome<String> {
    let root = DryRoot::new(work.join("dry-deb"))?;
    let names: Vec<_> = layouts.iter().map(|layout| layout.name.as_str()).collect();

    root.dpkg(&["--install"], files)?;
    root.has_everything(layouts)?;
    root.accounts(layouts, true)?;
    root.dpkg_names("--remove", &names)?;
    for layout in layouts {
        root.is_there(&layout.kept.folder, true)?;
        for entry in &layout.files {
            root.is_there(&entry.to, entry.config)?;
        }
    }
    root.dpkg_names("--purge", &names)?;
    root.nothing_left(&[])?;
    root.accounts(layouts, false)?;

    // Somebody worked with it, and changed the configuration.
    root.dpkg(&["--install"], files)?;
    for layout in layouts {
        root.put(
            &format!("{}/centre/records/one.sqlite", layout.kept.folder),
            "an evaluation",
        )?;
        for beside in &layout.kept.beside {
            root.put(&format!("{beside}/key"), "a key")?;
        }
        for entry in layout.files.iter().filter(|entry| entry.config) {
            root.put(&entry.to, "changed")?;
        }
    }
    root.dpkg(&["--install"], files)?;
    for entry in layouts
        .iter()
        .flat_map(|layout| &layout.files)
        .filter(|entry| entry.config)
    {
        let text = fs::read_to_string(root.at(&entry.to)).unwrap_or_default();
        if text != "changed" {
            return Err(Failure::new(format!(
                "an installation over the old one lost the change in {}",
                entry.to
            )));
        }
    }
    root.dpkg_names("--purge", &names)?;
    let kept: Vec<_> = layouts.iter().flat_map(kept).collect();
    root.nothing_left(&kept)?;
    for path in &kept {
        root.is_there(path, true)?;
    }
    root.accounts(layouts, true)?;

    // Nobody needs it any more, and says so.
    root.dpkg(&["--install"], files)?;
    for layout in layouts {
        root.put(&format!("{}/remove-at-purge", layout.kept.folder), WORD)?;
    }
    root.dpkg_names("--purge", &names)?;
    root.nothing_left(&[])?;
    root.accounts(layouts, false)?;
    Ok("deb: installed 4 times, nothing left but what is kept".to_owned())
}

/// Scripts of rpm need a system around them: only the files are tried here.
pub(super) fn rpms(layouts: &[Layout], files: &[PathBuf], work: &Path) -> Outcome<String> {
    let mut root = DryRoot::new(work.join("dry-rpm"))?;
    // On rpm systems every folder belongs to a package; those above ours to packages of the system.
    for layout in layouts {
        let paths = layout.files.iter().map(|entry| &entry.to).chain(&layout.folders);
        let parents = paths.filter_map(|path| path.rsplit_once('/'));
        for (parent, _) in parents.filter(|(parent, _)| !layout.folders.iter().any(|ours| ours == parent)) {
            stage::make_folder(&root.at(parent))?;
        }
    }
    root.before = root.everything()?;
    let rpm = |arguments: &[&str], last: &[&Path]| {
        let mut rpm = Command::new("rpm");
        rpm.arg("--root")
            .arg(&root.path)
            .args(["--dbpath", "/var/lib/rpm"])
            .args(arguments)
            .args(last);
        commands::output(&mut rpm)
    };
    let paths: Vec<_> = files.iter().map(PathBuf::as_path).collect();
    rpm(&["--install", "--nodeps", "--noscripts", "--nosignature"], &paths)?;
    root.has_everything(layouts)?;
    let names: Vec<_> = layouts.iter().map(|layout| Path::new(&layout.name)).collect();
    rpm(&["--erase", "--nodeps", "--noscripts"], &names)?;
    root.nothing_left(&[])?;
    Ok("rpm: installed, nothing left".to_owned())
}

/// What dpkg says of dependencies that an empty folder lacks is of interest only where it fails.
fn quietly(command: &mut Command) -> Outcome {
    let output = command
        .output()
        .map_err(|error| Failure::new(format!("{}: {error}", commands::shown(command))))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new(format!(
        "`{}` ended with {}: {said}",
        commands::shown(command),
        output.status
    )))
}

/// Where the paths of a package may stay after a purge.
fn kept(layout: &Layout) -> impl Iterator<Item = &str> {
    [&layout.kept.folder]
        .into_iter()
        .chain(&layout.kept.beside)
        .map(String::as_str)
}

impl DryRoot {
    fn new(path: PathBuf) -> Outcome<Self> {
        stage::remove(&path)?;
        for folder in [
            "var/lib/dpkg/info",
            "var/lib/dpkg/updates",
            "var/lib/rpm",
            "etc",
            "usr/bin",
        ] {
            stage::make_folder(&path.join(folder))?;
        }
        for (file, text) in [
            ("var/lib/dpkg/status", ""),
            ("etc/passwd", "root:x:0:0:root:/:/bin/sh\n"),
            ("etc/group", "root:x:0:\n"),
            ("etc/shadow", "root:*:1::::::\n"),
            ("etc/gshadow", "root:*::\n"),
        ] {
            stage::write(&path.join(file), text)?;
        }
        let mut root = Self {
            path,
            before: BTreeSet::new(),
        };
        root.before = root.everything()?;
        Ok(root)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.path.join(stage::inside(path))
    }

    fn put(&self, path: &str, text: &str) -> Outcome {
        let target = self.at(path);
        if let Some(parent) = target.parent() {
            stage::make_folder(parent)?;
        }
        stage::write(&target, text)
    }

    fn dpkg(&self, arguments: &[&str], files: &[PathBuf]) -> Outcome {
        let mut dpkg = Command::new("dpkg");
        dpkg.arg("--root")
            .arg(&self.path)
            .arg("--force-script-chrootless,not-root,depends,confold");
        dpkg.args(arguments).args(files);
        quietly(&mut dpkg)
    }

    fn dpkg_names(&self, what: &str, names: &[&str]) -> Outcome {
        let names: Vec<_> = names.iter().map(PathBuf::from).collect();
        self.dpkg(&[what], &names)
    }

    fn has_everything(&self, layouts: &[Layout]) -> Outcome {
        let mut paths = layouts
            .iter()
            .flat_map(|layout| &layout.files)
            .map(|entry| &entry.to);
        paths.try_for_each(|path| self.is_there(path, true))
    }

    fn is_there(&self, path: &str, wanted: bool) -> Outcome {
        if self.at(path).exists() == wanted {
            return Ok(());
        }
        let word = if wanted { "is not there" } else { "is still there" };
        Err(Failure::new(format!("{path} {word}")))
    }

    fn accounts(&self, layouts: &[Layout], wanted: bool) -> Outcome {
        for layout in layouts {
            for book in ["/etc/passwd", "/etc/group"] {
                let text = fs::read_to_string(self.at(book)).unwrap_or_default();
                if text
                    .lines()
                    .any(|line| line.starts_with(&format!("{}:", layout.kept.user)))
                    != wanted
                {
                    let word = if wanted { "lacks" } else { "still has" };
                    return Err(Failure::new(format!("{book} {word} {}", layout.kept.user)));
                }
            }
        }
        Ok(())
    }

    /// Nothing beside what was there before, and what lies in these folders.
    fn nothing_left(&self, kept: &[&str]) -> Outcome {
        let left: Vec<_> = self.everything()?.difference(&self.before).cloned().collect();
        // Folders above what is kept stay with it.
        let is_kept = |path: &String| {
            kept.iter()
                .any(|kept| path.starts_with(kept) || kept.starts_with(path.as_str()))
        };
        let left: Vec<_> = left.into_iter().filter(|path| !is_kept(path)).collect();
        if left.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("left behind: {}", left.join(", "))))
    }

    fn everything(&self) -> Outcome<BTreeSet<String>> {
        let mut find = Command::new("find");
        let text = commands::output(find.arg(&self.path).args(["-printf", "/%P\\n"]))?;
        let ours = |line: &&str| !BOOKS.iter().any(|book| line.starts_with(book));
        // Accounts keep a copy of each book beside it.
        let lines = text.lines().filter(ours).filter(|line| !line.ends_with('-'));
        Ok(lines.map(str::to_owned).collect())
    }
}
