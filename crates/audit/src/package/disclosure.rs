//! What the public profile discloses (protocol 7): enough to check signatures, inclusion, order, deadline and the
//! arithmetic of the result; nothing that opens a sheet, a bid or a name.

use super::WithheldLine;
use record::{Body, Entry};

/// Act types whose bodies the public profile shows. Every other body is withheld, new types included.
///
/// Left out on purpose: `round.opened` and `share.released` (x makes every sheet readable), sheets, drafts, `member.*`,
/// `key.bound` and whoever signs as a line (who sat where), `role.assigned` and `booth.enrolled` (certificates),
/// `bid.*` and `ingest_key.declared` (wrapped keys), `draw.result` (tickets and booths), `qualification.decided`,
/// `report.signed`, `witness.replacement_proposed`, `evaluation.suspended`, `evaluation.resumed`, `warning.given` and
/// `mark.set` (free text of people, and who was where), observations.
pub const PUBLIC: &[&str] = &[
    "record.created",
    "site.enrolled",
    "witness.replaced",
    "lot_key.defined",
    "key.dealt",
    "key.acknowledged",
    "key.complained",
    "deadline.reached",
    "opening.allowed",
    "opening.started",
    "part.opened",
    "opening.recorded",
    "draw.opened",
    "draw.committed",
    "draw.revealed",
    "draw.voided",
    "stage.opened",
    "stage.closed",
    "round.defined",
    "round.closed",
    "round.countersigned",
    "price.entered",
    "result.computed",
    "report.made",
    "evaluation.ended",
    "archived",
    "recovered",
];

/// Whether the public profile shows bodies of this type.
pub fn is_public(kind: &str) -> bool {
    PUBLIC.contains(&kind)
}

/// The entry as the public profile shows it: header, commitment, signature, of the types in [`PUBLIC`] the body; no
/// opening of any attachment.
pub fn public_entry(entry: &Entry) -> Entry {
    let shown = matches!(&entry.leaf, record::Leaf::Header { header, .. } if is_public(&header.kind));
    let disclosed = entry.disclosed.clone().filter(|_| shown);
    Entry {
        disclosed,
        ..entry.withheld()
    }
}

/// What an entry withholds, in the words of the manifest; `None` when nothing.
pub fn withheld(entry: &Entry) -> Option<WithheldLine> {
    let what = match &entry.disclosed {
        None => vec!["body".to_owned()],
        Some(disclosed) => {
            let body = Body::parse(&disclosed.body).ok()?;
            let missing = body
                .attachments
                .into_keys()
                .filter(|name| !entry.openings.contains_key(name));
            missing.map(|name| format!("opening:{name}")).collect()
        }
    };
    (!what.is_empty()).then_some(WithheldLine {
        index: entry.index,
        what,
    })
}
