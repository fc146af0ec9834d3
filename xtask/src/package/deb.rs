//! The `.deb` of a package, by dpkg-deb.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{Build, Profile};
use super::layout::Layout;
use super::stage;
use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

pub(super) const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes it from the laid out files; they stay as they are.
pub(super) fn make(
    workspace: &Workspace,
    build: &Build,
    layout: &Layout,
    root: &Path,
    out: &Path,
) -> Outcome<PathBuf> {
    let tree = root.with_file_name("deb");
    stage::remove(&tree)?;
    commands::output(Command::new("cp").args(["-a", "--"]).arg(root).arg(&tree))?;
    let control = tree.join("DEBIAN");
    stage::make_folder(&control)?;
    stage::write(&control.join("control"), &fields(build, layout, root)?)?;
    let conffiles = layout.files.iter().filter(|entry| entry.config);
    let conffiles: String = conffiles.map(|entry| format!("{}\n", entry.to)).collect();
    stage::write(&control.join("conffiles"), &conffiles)?;
    stage::write(&control.join("md5sums"), &sums(layout, root)?)?;
    for name in SCRIPTS {
        let path = control.join(name);
        stage::write(&path, &layout.script(workspace, name)?)?;
        let mode = fs::Permissions::from_mode(0o755);
        fs::set_permissions(&path, mode).map_err(|error| stage::failed(&path, &error))?;
    }
    for name in ["control", "conffiles", "md5sums"] {
        let path = control.join(name);
        let mode = fs::Permissions::from_mode(0o644);
        fs::set_permissions(&path, mode).map_err(|error| stage::failed(&path, &error))?;
    }
    stage::same_time(&tree, &build.epoch)?;

    let file = out.join(format!(
        "{}_{}-1_{}.deb",
        layout.name,
        build.version,
        architecture()?
    ));
    let compression: &[&str] = match build.profile {
        Profile::Release => &["-Zxz"],
        Profile::Dev => &["-Zgzip", "-z1"],
    };
    let mut pack = Command::new("dpkg-deb");
    pack.args(compression).args(["--root-owner-group", "--build"]);
    pack.arg(&tree).arg(&file).env("SOURCE_DATE_EPOCH", &build.epoch);
    commands::output(&mut pack)?;
    Ok(file)
}

fn architecture() -> Outcome<String> {
    let text = commands::output(Command::new("dpkg").arg("--print-architecture"))?;
    Ok(text.trim().to_owned())
}

fn fields(build: &Build, layout: &Layout, root: &Path) -> Outcome<String> {
    let libraries = libraries(layout, root)?;
    let mut text = String::new();
    let mut field = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(text, "{name}: {value}");
        }
    };
    field("Package", &layout.name);
    field("Version", &format!("{}-1", build.version));
    field("Architecture", &architecture()?);
    field(
        "Maintainer",
        "The authors of Conclave <conclave@conclave.invalid>",
    );
    field("Section", &layout.section);
    field("Priority", "optional");
    field("Installed-Size", &kibibytes(root)?);
    field(
        "Depends",
        &[&[libraries], layout.deb.depends.as_slice()].concat().join(", "),
    );
    field("Recommends", &layout.deb.recommends.join(", "));
    field("Suggests", &layout.deb.suggests.join(", "));
    let long: Vec<_> = layout
        .description
        .trim()
        .lines()
        .map(|line| format!(" {line}"))
        .collect();
    field("Description", &format!("{}\n{}", layout.summary, long.join("\n")));
    Ok(text)
}

/// The packages whose libraries the programs are linked with, with the oldest versions that have every symbol.
fn libraries(layout: &Layout, root: &Path) -> Outcome<String> {
    // dpkg-shlibdeps wants to stand in the sources of a Debian package.
    let place = root.with_file_name("shlibdeps");
    stage::make_folder(&place.join("debian"))?;
    stage::write(
        &place.join("debian/control"),
        &format!("Source: {0}\n\nPackage: {0}\nArchitecture: any\n", layout.name),
    )?;
    let mut command = Command::new("dpkg-shlibdeps");
    command.arg("-O").current_dir(&place);
    for entry in layout.files.iter().filter(|entry| entry.program.is_some()) {
        command.arg(root.join(stage::inside(&entry.to)));
    }
    let text = commands::output(&mut command)?;
    let found = text.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    found
        .map(|line| line.trim().to_owned())
        .ok_or_else(|| Failure::new("dpkg-shlibdeps named no library"))
}

fn kibibytes(root: &Path) -> Outcome<String> {
    let text = commands::output(Command::new("du").args(["-sk", "--apparent-size"]).arg(root))?;
    Ok(text.split_whitespace().next().unwrap_or("0").to_owned())
}

fn sums(layout: &Layout, root: &Path) -> Outcome<String> {
    let mut paths: Vec<_> = layout
        .files
        .iter()
        .filter(|entry| !entry.config)
        .map(|entry| stage::inside(&entry.to))
        .collect();
    paths.sort_unstable();
    commands::output(Command::new("md5sum").args(paths).current_dir(root))
}
