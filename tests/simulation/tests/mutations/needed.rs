//! For each check a package that it alone finds unsound: with the check switched off the verdict is "sound". Most need
//! keys that no single attacker has, which is the point: what is left then is this one check.

use crate::mutations::bench::Bench;
use crate::mutations::keys::Draft;
use crate::mutations::parcel::{Parcel, body, kind, set_body, signature};
use evaluation::acts::result::ResultComputed;
use evaluation::acts::setup::RoleAssigned;
use evaluation::personal::PersonalSignature;
use evaluation::{Act, State};
use record::{BlobRef, Body, Core, Digest, VerifiedLeaf};
use serde_json::json;

/// Checks that find nothing alone, and why.
pub(crate) const WITHOUT_A_MUTANT: &[(&str, &str)] = &[(
    "round.sheets",
    "has notes only: a faulty sheet blocks nobody; that counted sheets open is replay's",
)];

/// A package that only `check` finds unsound.
pub(crate) fn only(check: &str, bench: &Bench) -> Option<Vec<u8>> {
    let mut parcel = bench.full.clone();
    match check {
        "package.canonical" => parcel.slack = 512,
        "package.manifest" => {
            parcel.extra.insert("extra.txt".to_owned(), b"slack".to_vec());
        }
        "entry.sequence" => {
            let entry = record::Entry {
                index: 7,
                ..parcel.entries[2].clone()
            };
            parcel.extra.insert(
                "entries/00000002.json".to_owned(),
                serde_json::to_vec(&entry).expect("JSON"),
            );
        }
        "act.form" => {
            let mut bytes = serde_json::to_vec(&parcel.entries[2]).expect("JSON");
            bytes.push(b'\n');
            parcel.extra.insert("entries/00000002.json".to_owned(), bytes);
        }
        "act.signature" => signature(parcel.entry(2)).0[5] ^= 1,
        "act.commitment" => {
            let before = parcel.entries[2].leaf.clone();
            let mut body = body(&parcel.entries[2]).expect("full");
            body.core.payload["organisation"] = json!("示例乙县公共资源交易中心");
            let body = Body::new(body.core, body.attachments).expect("a body");
            set_body(parcel.entry(2), &body);
            parcel.entry(2).leaf = before;
        }
        "attachment.opening" => {
            let index = parcel.of_kind("part.opened")[0];
            parcel
                .entry(index)
                .openings
                .get_mut("key")
                .expect("opened")
                .salt
                .0[0] ^= 1;
        }
        "tree.root" => parcel.entry(parcel.len() - 1).time += 1,
        "checkpoint.log" => keep_lines(&mut parcel.checkpoint, |line| {
            !line.starts_with("— centre.rehearsal ")
        }),
        "checkpoint.cosignatures" => keep_lines(&mut parcel.checkpoint, |line| {
            !line.contains("court.witness") && !line.contains("university.witness")
        }),
        "checkpoint.history" => {
            let first = parcel.history.values_mut().next().expect("kept");
            keep_lines(first, |line| {
                !line.contains("court.witness") && !line.contains("university.witness")
            });
        }
        "blob.present" => {
            let report = payload(&parcel, "report.made", "/report/digest");
            let report: Digest = serde_json::from_value(report).expect("a digest");
            parcel.blobs.get_mut(&report).expect("inside")[0] ^= 1;
        }
        "register.inclusion" => {
            parcel.register.entries.pop();
        }
        other => return signed_anew(other, bench),
    }
    Some(parcel.pack())
}

/// Packages of somebody who holds every key.
fn signed_anew(check: &str, bench: &Bench) -> Option<Vec<u8>> {
    let (base, keys) = (&bench.full, &bench.keys);
    let change: Box<dyn Fn(&mut Draft) -> bool> = match check {
        "time.order" => Box::new(|draft| {
            draft.time -= if draft.core.kind == "archived" { 2_000 } else { 0 };
            true
        }),
        "time.cosigned" => {
            let mut parcel = base.clone();
            let earlier: Vec<_> = keys
                .cosigned(&base.checkpoint)
                .into_iter()
                .map(|(n, at)| (n, at - 60))
                .collect();
            parcel.checkpoint = keys.checkpoint(&parcel, parcel.len(), &earlier);
            return Some(parcel.pack());
        }
        "deadline.window" => {
            let mut parcel = base.clone();
            let reached = parcel.of_kind("deadline.reached")[0];
            let (size, note) = parcel.history.range(reached + 1..).next().expect("kept");
            let late: Vec<_> = keys
                .cosigned(note)
                .into_iter()
                .map(|(n, at)| (n, at + 15))
                .collect();
            let note = keys.checkpoint(&parcel, *size, &late);
            parcel.history.insert(*size, note);
            return Some(parcel.pack());
        }
        "origin.anchors" => return Some(another_organisation(bench)),
        "certificate.chain" => return Some(foreign_role(bench)),
        "replay" => {
            let last = *base.of_kind("report.signed").last().expect("signed");
            let id = body(&base.entries[usize::try_from(last).expect("small")])
                .expect("full")
                .core
                .id;
            Box::new(move |draft| draft.core.id != id)
        }
        // The personal signature under a member's report is another member's, and opened.
        "personal.signature" => {
            let signed = *base.of_kind("report.signed").last().expect("signed");
            let (id, chains) = (bench.core(signed).id, member_chains(bench, signed));
            Box::new(move |draft| {
                if draft.core.id == id {
                    draft.person = Some(chains.clone());
                }
                true
            })
        }
        "part.key" => return Some(another_price(bench)),
        "result" => {
            let outcome: Digest = serde_json::from_value(payload(base, "result.computed", "/outcome/digest"))
                .expect("a digest");
            let text = String::from_utf8(base.blobs[&outcome].clone()).expect("UTF-8");
            return Some(another_outcome(
                bench,
                base,
                text.replace("89.44", "79.44").into_bytes(),
            ));
        }
        "archive.final" => Box::new(|draft| {
            if draft.core.kind == "archived" {
                draft.core.payload["manifest"] = json!(Digest([1; 32]));
            }
            true
        }),
        _ => return None,
    };
    let mut parcel = keys.rewrite(base, |_, draft, _| change(draft));
    keys.renew_notes(&mut parcel);
    Some(parcel.pack())
}

/// Everybody names another organisation for a witness than the anchors do. A ceremony is bound to all acts before it,
/// so not even every signing key makes a record from its first act anew that can be replayed: the public package.
fn another_organisation(bench: &Bench) -> Vec<u8> {
    let mut parcel = bench.keys.rewrite(&bench.full, |_, draft, _| {
        if draft.core.kind == "record.created" {
            draft.core.payload["witnesses"][1]["organisation"] = json!("another");
        }
        true
    });
    bench.keys.renew_notes(&mut parcel);
    let parcel = Parcel {
        manifest: bench.public.manifest.clone(),
        entries: parcel
            .entries
            .iter()
            .map(audit::package::disclosure::public_entry)
            .collect(),
        blobs: bench.public.blobs.clone(),
        outcome: bench.public.outcome.clone(),
        custody: Default::default(),
        ..parcel
    };
    parcel.pack()
}

/// Before the end a supervisor is seated whom another CA certifies.
fn foreign_role(bench: &Bench) -> Vec<u8> {
    let assigned = bench.full.of_kind("role.assigned")[0];
    let mut base = bench.full.clone();
    let place = base.entries.len() - 1;
    let copy = base.entries[usize::try_from(assigned).expect("small")].clone();
    base.entries.insert(
        place,
        record::Entry {
            time: base.entries[place].time,
            ..copy
        },
    );
    let archived = bench.core(bench.full.len() - 1);
    let newcomer = bench.foreign.authority_key();
    let mut parcel = bench.keys.rewrite(&base, |index, draft, tree| {
        if index == place as u64 {
            let mut role: RoleAssigned = serde_json::from_value(draft.core.payload.clone()).expect("a role");
            role.person = evaluation::PersonId::new("p-099".to_owned()).expect("a pseudonym");
            role.role = evaluation::Role::Supervisor;
            (role.encryption_key, role.site, role.key) = (None, None, newcomer);
            role.certificate = vec![bench.foreign_certificate(&role)];
            draft.core = Core {
                id: record::ActId([9; 16]),
                payload: json!(role),
                ..archived.clone()
            };
            draft.core.kind = "role.assigned".to_owned();
            draft.core.instance.clear();
            draft.core.seen = record::Seen {
                size: tree.size(),
                root: tree.root(),
            };
        }
        true
    });
    bench.keys.renew_notes(&mut parcel);
    parcel.pack()
}

/// The certificate chain of a member other than the one whose key signed an act.
fn member_chains(bench: &Bench, signed: u64) -> Vec<String> {
    let actor = bench.core(signed).actor;
    let bound = bench
        .full
        .of_kind("key.bound")
        .into_iter()
        .find(|index| bench.core(*index).actor != actor);
    let bound = usize::try_from(bound.expect("another member")).expect("small");
    let value = &bench.full.entries[bound].openings["personal"].value;
    serde_json::from_slice::<PersonalSignature>(value)
        .expect("a personal signature")
        .certificate
}

/// A price that the bidder did not state, and the result that follows from it.
fn another_price(bench: &Bench) -> Vec<u8> {
    let mut first = true;
    let parcel = bench.keys.rewrite(&bench.full, |_, draft, _| {
        if draft.core.kind == "price.entered" && std::mem::take(&mut first) {
            draft.core.payload["amount"] = json!("5000000.00");
        }
        true
    });
    let mut state = State::new();
    for (index, entry) in (0..).zip(&parcel.entries) {
        if kind(entry) == "result.computed" {
            break;
        }
        let bare = record::Entry {
            openings: Default::default(),
            ..entry.clone()
        };
        let Ok(VerifiedLeaf::Full(act, ..)) = record::verify_entry(&bare) else {
            panic!("act {index} holds")
        };
        state
            .apply(&Act::new(&act, index, entry.time), &bench.blobs())
            .expect("admitted");
    }
    let outcome = evaluation::acts::result::recompute(&state).expect("a result");
    another_outcome(bench, &parcel, outcome.to_json_bytes())
}

fn another_outcome(bench: &Bench, base: &Parcel, outcome: Vec<u8>) -> Vec<u8> {
    let blob = BlobRef::of(&outcome);
    let old: Digest =
        serde_json::from_value(payload(base, "result.computed", "/outcome/digest")).expect("a digest");
    assert_ne!(blob.digest, old, "the outcome differs");
    let computed = ResultComputed::of(&serde_json::from_slice(&outcome).expect("an outcome"));
    assert_eq!(computed.outcome, blob, "the outcome is canonical");
    let mut parcel = bench.keys.rewrite(base, |_, draft, _| {
        if draft.core.kind == "result.computed" {
            draft.core.payload = json!(computed);
        }
        true
    });
    parcel.blobs.remove(&old);
    parcel.blobs.insert(blob.digest, outcome);
    bench.keys.renew_notes(&mut parcel);
    parcel.pack()
}

fn payload(parcel: &Parcel, kind: &str, pointer: &str) -> serde_json::Value {
    let index = usize::try_from(parcel.of_kind(kind)[0]).expect("small");
    let Core { payload, .. } = body(&parcel.entries[index]).expect("full").core;
    payload.pointer(pointer).expect("a member").clone()
}

pub(crate) fn keep_lines(note: &mut String, keep: impl Fn(&str) -> bool) {
    let lines: Vec<&str> = note.lines().filter(|line| keep(line)).collect();
    *note = format!("{}\n", lines.join("\n"));
}
