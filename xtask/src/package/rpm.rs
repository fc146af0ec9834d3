//! The `.rpm` of a package, by rpmbuild.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::build::{Build, Profile};
use super::layout::Layout;
use super::stage;
use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// Makes it from the laid out files; they stay as they are.
pub(super) fn make(
    workspace: &Workspace,
    build: &Build,
    layout: &Layout,
    root: &Path,
    out: &Path,
) -> Outcome<PathBuf> {
    let top = root.with_file_name("rpm");
    stage::remove(&top)?;
    stage::make_folder(&top)?;
    let spec = top.join(format!("{}.spec", layout.name));
    stage::write(&spec, &text(workspace, build, layout, root)?)?;
    let defined = |name: &str, value: &Path| format!("{name} {}", value.display());
    let mut rpmbuild = Command::new("rpmbuild");
    rpmbuild.args(["-bb", "--quiet", "--define", &defined("_topdir", &top)]);
    rpmbuild.args(["--define", &defined("_rpmdir", &top.join("RPMS"))]);
    rpmbuild.arg(&spec).env("SOURCE_DATE_EPOCH", &build.epoch);
    commands::output(&mut rpmbuild)?;

    let machine = std::env::consts::ARCH;
    let name = format!("{}-{}-1.{machine}.rpm", layout.name, build.version);
    let made = top.join("RPMS").join(machine).join(&name);
    let file = out.join(name);
    std::fs::copy(&made, &file).map_err(|error| Failure::new(format!("{}: {error}", made.display())))?;
    Ok(file)
}

fn text(workspace: &Workspace, build: &Build, layout: &Layout, root: &Path) -> Outcome<String> {
    let payload = match build.profile {
        Profile::Release => "w9.xzdio",
        Profile::Dev => "w1.gzdio",
    };
    // Nothing of the machine or of today goes into it; what was laid out is taken as it is.
    let mut spec = format!(
        "%global _buildhost localhost\n%global _binary_payload {payload}\n%global _build_id_links none\n\
         %global debug_package %{{nil}}\n%global __os_install_post %{{nil}}\n\
         %global use_source_date_epoch_as_buildtime 1\n%global clamp_mtime_to_source_date_epoch 1\n\
         Name: {}\nVersion: {}\nRelease: 1\nSummary: {}\nLicense: Apache-2.0\n",
        layout.name, build.version, layout.summary
    );
    for required in &layout.rpm.requires {
        let _ = writeln!(
            spec,
            "Requires: {required}\nRequires(post): {required}\nRequires(preun): {required}"
        );
    }
    for recommended in &layout.rpm.recommends {
        let _ = writeln!(spec, "Recommends: {recommended}");
    }
    let _ = writeln!(
        spec,
        "\n%description\n{}\n\n%install\ncp -a '{}/.' '%{{buildroot}}/'",
        layout.description.trim(),
        root.display()
    );
    for (section, script) in [
        ("post", "rpm-post"),
        ("preun", "rpm-preun"),
        ("postun", "rpm-postun"),
    ] {
        let _ = writeln!(
            spec,
            "\n%{section}\n{}",
            layout.script(workspace, script)?.trim_end()
        );
    }
    spec.push_str("\n%files\n");
    for folder in &layout.folders {
        let _ = writeln!(spec, "%dir %attr(0755,root,root) {folder}");
    }
    for entry in &layout.files {
        let config = if entry.config { "%config(noreplace) " } else { "" };
        let _ = writeln!(spec, "{config}%attr({:04o},root,root) {}", entry.mode(), entry.to);
    }
    Ok(spec)
}
