//! Changes of what lies beside the acts: blobs, openings, checkpoints, register, manifest, extract, raw bytes.

use crate::mutations::change::{Change, Must, Pick, parsed};
use crate::mutations::needed::keep_lines;
use crate::mutations::parcel::{Parcel, body};
use audit::blobs::BlobKind;
use audit::package::{Profile, blob_file, checkpoint_file, entry_file};
use record::{BlobRef, Digest, Entry};

fn blob_digest(parcel: &Parcel, pick: &mut Pick<'_>) -> Option<Digest> {
    let digests: Vec<Digest> = parcel.blobs.keys().copied().collect();
    pick.of(&digests)
}

pub(crate) fn blobs_exchanged(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (first, second) = (blob_digest(&parcel, pick)?, blob_digest(&parcel, pick)?);
    let (of_first, of_second) = (
        parcel.blobs.get(&first)?.clone(),
        parcel.blobs.get(&second)?.clone(),
    );
    (first != second).then_some(())?;
    parcel.blobs.insert(first, of_second);
    parcel.blobs.insert(second, of_first);
    Some(Change::objects(
        parcel,
        &[&blob_file(&first), &blob_file(&second)],
    ))
}

pub(crate) fn blob_missing(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let digest = blob_digest(&parcel, pick)?;
    parcel.blobs.remove(&digest)?;
    Some(Change::objects(parcel, &[&blob_file(&digest)]))
}

/// A blob that must be inside is listed as outside, or one that nobody names, or one with another size.
pub(crate) fn external(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let (digest, way) = (blob_digest(&parcel, pick)?, pick.below(3));
    let bytes = parcel.blobs.get(&digest)?.clone();
    let mut blob = BlobRef::of(&bytes);
    let profile = parcel.manifest.profile;
    let named = parcel
        .entries
        .iter()
        .filter_map(body)
        .flat_map(|body| audit::blobs::named(&body.core));
    let what: Vec<BlobKind> = named
        .filter(|named| named.blob == blob)
        .map(|named| named.what)
        .collect();
    match way {
        0 if what.iter().any(|what| !what.may_be_external(profile)) => {
            parcel.blobs.remove(&digest);
        }
        1 => blob = BlobRef::of(b"nobody names me"),
        2 => {
            blob.size += 1;
            parcel.blobs.remove(&digest);
        }
        _ => return None,
    }
    parcel.manifest.external.push(blob);
    parcel.manifest.external.sort();
    Some(Change::objects(parcel, &[&blob_file(&blob.digest)]))
}

fn opened(parcel: &Parcel, name: &str) -> Vec<u64> {
    parcel.which(|entry| entry.openings.keys().any(|own| name.is_empty() || own == name))
}

pub(crate) fn opening_changed(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.of(&opened(&parcel, ""))?;
    let salt = pick.coin();
    let opening = parcel.entry(index).openings.values_mut().next()?;
    if salt {
        opening.salt.0[0] ^= 1
    } else {
        *opening.value.last_mut()? ^= 1
    }
    Some(Change::beside(parcel, [index]))
}

pub(crate) fn file_key_removed(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let index = pick.of(&opened(&parcel, "key"))?;
    parcel.entry(index).openings.remove("key")?;
    Some(Change::beside(parcel, [index]))
}

pub(crate) fn openings_exchanged(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let name = pick.of(&["key", "personal", "identity"])?;
    let with = opened(&parcel, name);
    let (first, second) = (pick.of(&with)?, pick.of(&with)?);
    (first != second).then_some(())?;
    let of_first = parcel.entry(first).openings.get(name)?.clone();
    let of_second = parcel.entry(second).openings.insert(name.to_owned(), of_first)?;
    parcel.entry(first).openings.insert(name.to_owned(), of_second);
    Some(Change::beside(parcel, [first, second]))
}

const WITNESSES: [&str; 3] = ["— centre.witness", "— court.witness", "— university.witness"];

/// Too few cosignatures, or none from outside the centre.
pub(crate) fn cosignatures_removed(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let kept = pick.of(&WITNESSES)?;
    keep_lines(&mut parcel.checkpoint, |line| {
        line.starts_with(kept) || !line.contains(".witness.")
    });
    Some(Change::objects(parcel, &["checkpoint.note"]))
}

/// Cosignatures of witnesses of the same names with other keys.
pub(crate) fn foreign_witnesses(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let mut note = parsed(&parcel.checkpoint);
    let text = note.text().to_owned();
    keep_lines(&mut parcel.checkpoint, |line| !line.contains(".witness."));
    let mut bare = parsed(&parcel.checkpoint);
    for witness in &pick.bench.foreign.keys.witnesses {
        let sign = |message: &[u8]| witness.key.sign(message);
        bare.cosign(&witness.verifier, 1_772_413_355, sign).ok()?;
    }
    note = bare;
    (note.text() == text).then_some(())?;
    parcel.checkpoint = note.format();
    Some(Change::objects(parcel, &["checkpoint.note"]))
}

/// The time in a cosignature is another.
pub(crate) fn cosignature_time(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let witness = pick.of(&WITNESSES)?;
    let line = parcel
        .checkpoint
        .lines()
        .find(|line| line.starts_with(witness))?
        .to_owned();
    let (name, bytes) = line.rsplit_once(' ')?;
    let mut bytes = STANDARD.decode(bytes).ok()?;
    bytes[11] ^= 1; // four bytes of key id, eight of time
    parcel.checkpoint = parcel
        .checkpoint
        .replace(&line, &format!("{name} {}", STANDARD.encode(bytes)));
    Some(Change::objects(parcel, &["checkpoint.note"]))
}

pub(crate) fn foreign_checkpoint(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    parcel.checkpoint.clone_from(&pick.bench.foreign.full.checkpoint);
    Some(Change::objects(parcel, &["checkpoint.note"]))
}

/// An earlier checkpoint is another record's, lacks its quorum, or goes by another size.
pub(crate) fn earlier_checkpoint(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let sizes: Vec<u64> = parcel.history.keys().copied().collect();
    let size = pick.of(&sizes)?;
    let mut note = parcel.history.get(&size)?.clone();
    let mut named = size;
    match pick.below(3) {
        0 => {
            let foreign = &pick.bench.foreign.full.history;
            let (other, foreign) = foreign.range(size..).next()?;
            (named, note) = (*other, foreign.clone());
        }
        1 => keep_lines(&mut note, |line| {
            !line.contains("court") && !line.contains("university")
        }),
        _ => {
            named = size + 1;
            if sizes.contains(&named) {
                return None;
            }
        }
    }
    parcel.history.remove(&size);
    parcel.history.insert(named, note);
    Some(Change::objects(parcel, &[&checkpoint_file(named)]))
}

pub(crate) fn register(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let lines = &mut parcel.register.entries;
    match pick.below(5) {
        0 => parcel.register = pick.bench.foreign.full.register.clone(),
        1 => {
            let proof = lines[0].inclusion.clone();
            lines[0].inclusion = std::mem::replace(&mut lines[1].inclusion, proof);
        }
        2 => lines[1] = lines[0].clone(),
        3 => lines[0] = pick.bench.foreign.full.register.entries[0].clone(),
        _ => {
            lines.pop();
        }
    }
    Some(Change::objects(parcel, &["register.json"]))
}

/// The whole evaluation of another centre.
pub(crate) fn other_evaluation(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let foreign = &pick.bench.foreign;
    let (other, bytes) = if parcel.is_full() {
        (&foreign.full, &foreign.packed.full)
    } else {
        (&foreign.public, &foreign.packed.public)
    };
    Some(Change {
        bytes: Some(bytes.clone()),
        ..Change::beside(other.clone(), [0])
    })
}

pub(crate) fn profile(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let _ = pick;
    parcel.manifest.profile = if parcel.is_full() {
        Profile::Public
    } else {
        Profile::Full
    };
    let changed: Vec<u64> = parcel.which(|entry| {
        let shown = audit::package::disclosure::public_entry(entry);
        shown != *entry || entry.disclosed.is_none()
    });
    Some(Change::beside(parcel, changed))
}

pub(crate) fn manifest(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    if pick.coin() {
        parcel.manifest.origin = pick.bench.foreign.full.manifest.origin;
        return Some(Change::objects(parcel, &["checkpoint.note", &entry_file(0)]));
    }
    let mut bytes = parcel.pack();
    let at = bytes.windows(10).position(|window| window == b"\"withheld\"")?;
    let digest = bytes[..at].iter().rposition(|byte| *byte == b':')?;
    bytes[digest + 1] = if bytes[digest + 1] == b'9' {
        b'8'
    } else {
        bytes[digest + 1] + 1
    };
    let objects = ["manifest.json", "register.json", "outcome.json"];
    Some(Change {
        bytes: Some(bytes),
        ..Change::objects(parcel, &objects)
    })
}

/// A number of the public extract and of its node are another; or a formula, which no arithmetic looks at; or the
/// whole extract is another evaluation's.
pub(crate) fn extract(mut parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let mut extract: serde_json::Value = serde_json::from_slice(parcel.outcome.as_ref()?).ok()?;
    match pick.below(4) {
        0 => {
            let derivation = extract.pointer_mut("/outcome/derivation")?.as_object_mut()?;
            let (_, node) = derivation.iter_mut().next()?;
            node["formula"] = serde_json::json!("1");
            parcel.outcome = Some(serde_json::to_vec(&extract).ok()?);
            return Some(Change::objects(parcel, &["outcome.json"]));
        }
        1 => {
            let foreign = pick.bench.foreign.public.outcome.clone();
            (foreign != parcel.outcome).then_some(())?;
            parcel.outcome = foreign;
            return Some(Change::objects(parcel, &["outcome.json"]));
        }
        _ => {}
    }
    let ranked = extract.pointer("/outcome/ranking/0/bidder")?.as_str()?.to_owned();
    let bidder = extract.pointer_mut(&format!("/outcome/bidders/{ranked}"))?;
    let name = pick.of(&["technical", "evaluated_price", "price_points", "total"])?;
    let node = bidder[name]["node"].as_str()?.to_owned();
    for field in ["value", "shown"] {
        bidder[name][field] = serde_json::json!("77.00");
    }
    if pick.coin() {
        let node = extract.pointer_mut("/outcome/derivation")?.get_mut(&node)?;
        node["value"] = serde_json::json!("77.00");
        node["shown"] = serde_json::json!("77.00");
    }
    parcel.outcome = Some(serde_json::to_vec(&extract).ok()?);
    Some(Change::objects(parcel, &["outcome.json"]))
}

pub(crate) fn bits(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let mut bytes = packed(&parcel, pick);
    for _ in 0..1 + pick.below(4) {
        let place = usize::try_from(pick.below(bytes.len() as u64)).ok()?;
        bytes[place] ^= 1 << pick.below(8);
    }
    Some(Change {
        bytes: Some(bytes),
        must: Must::Unreadable,
        ..Change::objects(parcel, &[""])
    })
}

pub(crate) fn raw_cut(parcel: Parcel, pick: &mut Pick<'_>) -> Option<Change> {
    let mut bytes = packed(&parcel, pick);
    let length = pick.below(bytes.len() as u64);
    bytes.truncate(usize::try_from(length).ok()?);
    Some(Change {
        bytes: Some(bytes),
        must: Must::Unreadable,
        ..Change::objects(parcel, &[""])
    })
}

fn packed(parcel: &Parcel, pick: &Pick<'_>) -> Vec<u8> {
    let packed = &pick.bench.packed;
    if parcel.is_full() {
        packed.full.clone()
    } else {
        packed.public.clone()
    }
}

/// What a package may lack and stay sound; each is noted or of no consequence.
pub(crate) fn permitted(parcel: &Parcel) -> Vec<(&'static str, Parcel)> {
    let change = |change: fn(&mut Parcel)| {
        let mut parcel = parcel.clone();
        change(&mut parcel);
        parcel
    };
    vec![
        (
            "one cosignature less than all, the quorum there",
            change(|parcel| {
                keep_lines(&mut parcel.checkpoint, |line| !line.starts_with("— court"));
            }),
        ),
        (
            "earlier checkpoints that are not the deadline's",
            change(|parcel| {
                let reached = parcel.of_kind("deadline.reached")[0];
                let kept = parcel.history.range(reached + 1..).next().map(|(size, _)| *size);
                parcel.history.retain(|size, _| Some(*size) == kept);
            }),
        ),
        (
            "personal signatures that were erased",
            change(|parcel| {
                parcel.entries.iter_mut().for_each(|entry: &mut Entry| {
                    entry.openings.remove("personal");
                });
            }),
        ),
        (
            "containers and snapshots outside",
            change(|parcel| {
                let named = parcel
                    .entries
                    .iter()
                    .filter_map(body)
                    .flat_map(|body| audit::blobs::named(&body.core));
                let outside: std::collections::BTreeSet<BlobRef> = named
                    .filter(|named| named.what.may_be_external(Profile::Full))
                    .map(|named| named.blob)
                    .collect();
                parcel
                    .blobs
                    .retain(|digest, _| outside.iter().all(|blob| blob.digest != *digest));
                parcel.manifest.external = outside.into_iter().collect();
            }),
        ),
    ]
}
