//! Tender packages in and archive packages out.

use crate::desk::Desk;
use crate::error::ClientError;
use crate::roles::{titles, words};
use crate::tender_package::{self, TenderPackage};
use protocol::window::{PackageFinding, PackageView, SiteLine, Words};
use record::Digest;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A tender package as read, with every finding; the package itself where it can be used.
pub(super) fn package(folder: &Path) -> (PackageView, Option<TenderPackage>) {
    let (package, found) = match TenderPackage::read(folder) {
        Ok(package) => {
            let warnings = package.warnings.clone();
            (Some(package), warnings)
        }
        Err(found) => (None, found),
    };
    let mut view = PackageView {
        folder: folder.display().to_string(),
        title: Words::default(),
        regime: String::new(),
        rulebook: String::new(),
        documents: Vec::new(),
        stages: Vec::new(),
        sites: Vec::new(),
        findings: found.iter().map(finding).collect(),
        usable: package.is_some(),
    };
    if let Some(package) = &package {
        fill(&mut view, package);
    }
    (view, package)
}

fn finding(found: &tender_package::PackageFinding) -> PackageFinding {
    PackageFinding {
        error: tender_package::is_error(found),
        file: found.file.clone(),
        at: found.at.clone(),
        text: words::text(&found.text),
    }
}

fn fill(view: &mut PackageView, package: &TenderPackage) {
    view.title = words::text(&package.tender.title);
    view.regime = serde_json::to_value(package.tender.regime)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    view.rulebook = Digest::of(&package.rulebook_bytes).to_string();
    view.documents = package
        .tender
        .documents
        .iter()
        .map(|line| {
            Words::new(
                format!("{}（{}）", line.title.zh, size(line.size)),
                format!("{} ({})", line.title.en, size(line.size)),
            )
        })
        .collect();
    view.stages = package
        .rulebook
        .stages
        .iter()
        .map(|stage| (stage.id.as_str().to_owned(), titles::stage(stage.id.as_str())))
        .collect();
    view.sites = package
        .sites
        .sites
        .iter()
        .map(|site| SiteLine {
            site: site.site.clone(),
            host: site.host,
            organisation: site.organisation.clone(),
            booths: site.booths.iter().map(|booth| (booth.clone(), false)).collect(),
            enrolled: false,
        })
        .collect();
}

/// Fetches the archive package, `full` or `public`, and writes it into a folder. The name has record id and profile;
/// a file of that name is never overwritten.
///
/// # Errors
/// The line; [`ClientError::File`].
pub fn save_package(desk: &Desk, profile: &str, folder: &Path) -> Result<PathBuf, ClientError> {
    if !["full", "public"].contains(&profile) {
        return Err(ClientError::check(
            "归档包只有完整和公开两种",
            "a package is full or public",
        ));
    }
    let origin = desk.replica.origin();
    let path = folder.join(format!("{origin}-{profile}.tar"));
    let fault = |error: std::io::Error| ClientError::File(format!("{}: {error}", path.display()));
    let exists = || ClientError::File(format!("{} exists already", path.display()));
    if path.exists() {
        return Err(exists());
    }
    let bytes = desk.link.archive(&origin, profile)?;
    let part = folder.join(format!("{origin}-{profile}.tar.part"));
    let mut file = std::fs::File::create(&part).map_err(fault)?;
    file.write_all(&bytes)
        .and_then(|()| file.sync_all())
        .map_err(fault)?;
    // A link fails where the name is taken meanwhile; a rename would overwrite.
    let linked = std::fs::hard_link(&part, &path);
    let removed = std::fs::remove_file(&part);
    match linked {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(exists()),
        other => other.and(removed).map_err(fault)?,
    }
    if let Ok(folder) = std::fs::File::open(folder) {
        folder.sync_all().map_err(fault)?;
    }
    Ok(path)
}

/// Bytes for people, as the windows write them elsewhere.
fn size(bytes: u64) -> String {
    const KIBI: u64 = 1024;
    const MEBI: u64 = KIBI * KIBI;
    match bytes {
        ..KIBI => format!("{bytes} B"),
        KIBI..MEBI => format!("{} KiB", (bytes + KIBI / 2) / KIBI),
        _ => {
            let tenths = (bytes * 10 + MEBI / 2) / MEBI;
            format!("{}.{} MiB", tenths / 10, tenths % 10)
        }
    }
}
