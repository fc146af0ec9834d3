//! Every blob that an act names is inside with its digest and size, or listed as external where its kind may be.

use super::{Applied, Findings};
use crate::blobs::named;
use crate::context::Context;
use crate::package::{BLOBS, blob_file};
use std::collections::BTreeSet;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let profile = context.package.profile();
    let external: BTreeSet<_> = context.package.manifest().external.iter().collect();
    let mut wanted = BTreeSet::new();
    let mut outside = BTreeSet::new();
    for slot in &context.slots {
        for named in slot.core().map(named).unwrap_or_default() {
            let blob = named.blob;
            let file = blob_file(&blob.digest);
            match context.package.file(&file) {
                Some(bytes) if blob.matches(bytes) => {}
                Some(_) => findings.both(slot.index, &file, "digest or size differs from the act's"),
                None if !external.contains(&blob) => findings.both(slot.index, &file, "is missing"),
                None if !named.what.may_be_external(profile) => {
                    findings.both(
                        slot.index,
                        &file,
                        format!("{:?} may not lie outside the package", named.what),
                    );
                }
                None => {
                    outside.insert(blob);
                }
            }
            wanted.insert(file);
        }
    }
    for (file, _) in context
        .package
        .directory(BLOBS)
        .filter(|(file, _)| !wanted.contains(*file))
    {
        findings.object(file, "is named by no disclosed act");
    }
    for blob in external.into_iter().filter(|blob| !outside.contains(*blob)) {
        findings.object(
            blob_file(&blob.digest),
            "is listed as external, yet inside or named by no disclosed act",
        );
    }
    if !outside.is_empty() {
        findings.note(
            None,
            Some("external".to_owned()),
            format!("{} blobs lie outside the package", outside.len()),
        );
    }
    Applied::Done
}
