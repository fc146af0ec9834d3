//! Every entry file is the one writing of its entry, shows what the profile must show, and its body is strict.

use super::{Applied, Findings};
use crate::context::{Context, Slot};
use crate::package::{disclosure, entry_bytes};

pub(super) fn run(context: &Context<'_>, findings: &mut Findings) -> Applied {
    for slot in &context.slots {
        if let Err(fault) = form(context, slot) {
            findings.both(slot.index, &slot.file, fault);
        }
    }
    Applied::Done
}

fn form(context: &Context<'_>, slot: &Slot) -> Result<(), String> {
    let entry = slot.entry.as_ref().map_err(Clone::clone)?;
    if context.package.file(&slot.file) != Some(entry_bytes(entry).as_slice()) {
        return Err("not canonical".to_owned());
    }
    let header = slot.header().ok_or("gives only a leaf hash")?;
    if evaluation::catalogue::find(&header.kind).is_none() {
        return Err(format!("act type {:?} is not in the catalogue", header.kind));
    }
    let shown = context.is_full() || disclosure::is_public(&header.kind);
    match (&slot.body, shown) {
        (Some(Err(fault)), _) => Err(fault.to_string()),
        (None, true) => Err("the body is withheld from a profile that shows it".to_owned()),
        (Some(_), false) => Err("shows a body that the public profile withholds".to_owned()),
        (Some(Ok(_)), true) | (None, false) => Ok(()),
    }?;
    match context.is_full() || entry.openings.is_empty() {
        true => Ok(()),
        false => Err("shows an attachment that the public profile withholds".to_owned()),
    }
}
