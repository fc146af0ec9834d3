//! The manifest says what is inside: every file with digest and size, what is withheld, what lies outside.

use super::{Applied, Findings};
use crate::context::Context;
use crate::package::{
    BLOBS, CHECKPOINT, CHECKPOINTS, CUSTODY, ENTRIES, FileLine, MANIFEST, OUTCOME, Profile, REGISTER,
    WithheldLine, disclosure,
};
use record::Digest;
use std::collections::BTreeMap;

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    let manifest = context.package.manifest();
    if context.package.file(MANIFEST) != Some(manifest.to_json_bytes().as_slice()) {
        findings.object(MANIFEST, "not canonical");
    }
    files(context, findings);
    if let Ok(note) = &context.checkpoint {
        let checkpoint = note.checkpoint();
        if (manifest.size, manifest.root) != (checkpoint.size, checkpoint.root) {
            findings.object(MANIFEST, "size and root are not those of checkpoint.note");
        }
    }
    let withheld: Vec<WithheldLine> = match context.package.profile() {
        Profile::Full => Vec::new(),
        Profile::Public => context
            .slots
            .iter()
            .filter_map(|slot| disclosure::withheld(slot.read()?))
            .collect(),
    };
    if withheld != manifest.withheld {
        findings.object(MANIFEST, "the list of what is withheld differs from the entries");
    }
    if !manifest.external.is_sorted_by(|a, b| a < b) {
        findings.object(MANIFEST, "external blobs are not ordered, or one is listed twice");
    }
    Applied::Done
}

fn files(context: &Context<'_>, findings: &mut Findings) {
    let listed = &context.package.manifest().files;
    if !listed.is_sorted_by(|a, b| a.name < b.name) {
        findings.object(MANIFEST, "files are not ordered, or one is listed twice");
    }
    let lines: BTreeMap<&str, &FileLine> = listed.iter().map(|line| (line.name.as_str(), line)).collect();
    for (name, content) in context.package.files() {
        if name == MANIFEST {
            continue;
        }
        match lines.get(name.as_str()) {
            None => findings.object(name, "is not in the manifest"),
            Some(line) if line.digest != Digest::of(content) || line.size != content.len() as u64 => {
                findings.object(name, "digest or size differs from the manifest");
            }
            Some(_) if !has_a_place(name, context.package.profile()) => {
                findings.object(name, "has no place in a package")
            }
            Some(_) => {}
        }
    }
    for name in lines
        .keys()
        .filter(|name| !context.package.files().contains_key(**name))
    {
        findings.object(*name, "is in the manifest and missing");
    }
}

fn has_a_place(name: &str, profile: Profile) -> bool {
    if name.starts_with(CUSTODY) {
        return profile == Profile::Full;
    }
    [CHECKPOINT, REGISTER, OUTCOME].contains(&name)
        || [ENTRIES, CHECKPOINTS, BLOBS]
            .iter()
            .any(|directory| name.starts_with(directory))
}
