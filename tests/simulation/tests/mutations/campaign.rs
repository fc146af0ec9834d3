//! The kinds of changes, and the corpus they make under a seed.

use crate::mutations::bench::Bench;
use crate::mutations::change::{Change, Must, Pick, Place, Power};
use crate::mutations::parcel::Parcel;
use crate::mutations::{acts, custody, objects, order};
use audit::{Checks, Report};
use conclave_simulation::Seeded;
use evaluation::Language;
use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};

type Make = fn(Parcel, &mut Pick<'_>) -> Option<Change>;

/// Every kind, and the farthest place by which its findings may name it.
pub(crate) const KINDS: &[(&str, Place, Make)] = &[
    ("number in a payload", Place::Near, acts::number),
    ("text in a payload", Place::Near, acts::string),
    ("instance", Place::Near, acts::instance),
    ("claimed time or expiry", Place::Near, acts::claimed_time),
    ("act id or device", Place::Near, acts::identity),
    ("type", Place::Near, acts::kind_of_act),
    ("actor", Place::Near, acts::actor),
    ("seen checkpoint", Place::Near, acts::seen),
    ("commitment of an attachment", Place::Near, acts::attachment),
    ("signed by a stranger", Place::Whole, acts::stranger),
    ("centre act signed anew", Place::Near, acts::centre_act),
    ("price", Place::Exact, acts::price),
    ("secret of a round", Place::Exact, acts::secret),
    ("qualification", Place::Exact, acts::qualification),
    ("report", Place::Exact, acts::report_replaced),
    ("blob rewritten", Place::Exact, acts::blob_rewritten),
    ("sheets exchanged", Place::Exact, acts::sheets_exchanged),
    ("body withheld", Place::Exact, acts::body_withheld),
    ("signature malleated", Place::Exact, acts::malleated),
    ("signature replaced", Place::Exact, acts::signature_replaced),
    ("dropped", Place::Whole, order::dropped),
    ("cut at a checkpoint", Place::Exact, order::cut_at_a_checkpoint),
    ("cut anywhere", Place::Exact, order::cut),
    ("swapped", Place::Whole, order::swapped),
    ("duplicated", Place::Whole, order::duplicated),
    ("inserted from another record", Place::Exact, order::inserted),
    ("replaced from another record", Place::Exact, order::replaced),
    ("centre time", Place::Whole, order::centre_time),
    ("blobs exchanged", Place::Exact, objects::blobs_exchanged),
    ("blob missing", Place::Exact, objects::blob_missing),
    ("external blobs", Place::Exact, objects::external),
    ("opening changed", Place::Exact, objects::opening_changed),
    ("openings exchanged", Place::Exact, objects::openings_exchanged),
    ("file key removed", Place::Exact, objects::file_key_removed),
    (
        "cosignatures removed",
        Place::Exact,
        objects::cosignatures_removed,
    ),
    ("cosignatures of others", Place::Exact, objects::foreign_witnesses),
    ("time of a cosignature", Place::Exact, objects::cosignature_time),
    (
        "checkpoint of another record",
        Place::Exact,
        objects::foreign_checkpoint,
    ),
    ("earlier checkpoint", Place::Exact, objects::earlier_checkpoint),
    ("register", Place::Exact, objects::register),
    (
        "evaluation under another CA",
        Place::Exact,
        objects::other_evaluation,
    ),
    ("profile", Place::Exact, objects::profile),
    ("manifest", Place::Exact, objects::manifest),
    ("extract of the outcome", Place::Exact, objects::extract),
    ("custody dropped", Place::Exact, custody::dropped),
    ("custody exchanged", Place::Exact, custody::exchanged),
    ("custody altered", Place::Exact, custody::altered),
    ("bits", Place::Exact, objects::bits),
    ("bytes cut off", Place::Exact, objects::raw_cut),
];

/// A mutant and what was found.
pub(crate) struct Row {
    pub(crate) number: u64,
    pub(crate) kind: &'static str,
    pub(crate) power: Power,
    pub(crate) place: Place,
    pub(crate) checks: BTreeSet<String>,
    /// What is wrong with the verification.
    pub(crate) fault: Option<String>,
}

/// Kinds take turns; the second half of the corpus holds the centre's keys; a third is of the public package.
pub(crate) fn judge(bench: &Bench, seed: u64, number: u64, count: u64) -> Row {
    let place = usize::try_from(number).expect("small") % KINDS.len();
    let (kind, farthest, make) = KINDS[place];
    // A centre act can be signed anew only by who holds its key.
    let power = if number < count / 2 && kind != "centre act signed anew" {
        Power::Outsider
    } else {
        Power::Centre
    };
    let mut pick = Pick {
        bench,
        random: Seeded::new(seed, &format!("mutant {number}")),
        power,
    };
    let Some(mut change) = (0..200).find_map(|_| {
        let parcel = if pick.below(3) == 0 {
            &bench.public
        } else {
            &bench.full
        };
        make(parcel.clone(), &mut pick)
    }) else {
        let fault = Some("found nothing to change".to_owned());
        return Row {
            number,
            kind,
            power,
            place: Place::Lost,
            checks: BTreeSet::new(),
            fault,
        };
    };
    change.cover_up(&mut pick);
    let package = change.pack();
    let verify = |anchors| {
        catch_unwind(AssertUnwindSafe(|| match change.custodian {
            true => bench.verify_as_custodian(&package, anchors),
            false => audit::verify(&package, anchors, &Checks::all()),
        }))
    };
    let report = verify(Some(&bench.anchors));
    // Who has no anchors sees another centre's sound evaluation, and can't know better.
    let without = (number.is_multiple_of(5) && kind != "evaluation under another CA").then(|| verify(None));
    let fault = match (&report, &without) {
        (Err(_), _) | (_, Some(Err(_))) => Some("the verification panics".to_owned()),
        (Ok(report), without) => fault(
            &change,
            farthest,
            report,
            without.as_ref().and_then(|r| r.as_ref().ok()),
        ),
    };
    let (place, checks) = match &report {
        Ok(report) => (
            change.place(report),
            report.errors().map(|finding| finding.check.clone()).collect(),
        ),
        Err(_) => (Place::Lost, BTreeSet::new()),
    };
    Row {
        number,
        kind,
        power,
        place,
        checks,
        fault,
    }
}

fn fault(change: &Change, farthest: Place, report: &Report, without: Option<&Report>) -> Option<String> {
    let wanted: &[u8] = match change.must {
        Must::Unsound => &[1],
        Must::Unreadable => &[1, 2],
        Must::Unfinished => &[4],
    };
    let told = || {
        format!(
            "acts {:?}, objects {:?}: {}",
            change.at,
            change.objects,
            report.text(Language::En)
        )
    };
    if !wanted.contains(&report.code) {
        return Some(format!("exit {}: {}", report.code, told()));
    }
    let sound = without.filter(|without| without.code == 3 && change.must != Must::Unfinished);
    if sound.is_some() {
        return Some(format!("exit 3 without anchors: {}", told()));
    }
    // In a full package some act has seen the leaves, so that a change has a place even without earlier checkpoints.
    let farthest = if change.parcel.is_full() {
        farthest.min(Place::Near)
    } else {
        farthest
    };
    (change.must == Must::Unsound && change.place(report) > farthest)
        .then(|| format!("named no nearer than {:?}: {}", change.place(report), told()))
}

/// Judges all mutants in two threads.
pub(crate) fn run(bench: &Bench, seed: u64, count: u64) -> Vec<Row> {
    let half = |first: u64| {
        (first..count)
            .step_by(2)
            .map(|number| judge(bench, seed, number, count))
            .collect::<Vec<Row>>()
    };
    let mut rows = std::thread::scope(|scope| {
        let other = scope.spawn(|| half(1));
        let mut rows = half(0);
        rows.extend(other.join().expect("the thread ends"));
        rows
    });
    rows.sort_by_key(|row| row.number);
    rows
}

/// How many mutants, where they were named, by which checks.
type OfKind<'a> = (usize, BTreeMap<Place, usize>, BTreeSet<&'a str>);

/// A line for each kind, a line for each check.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut kinds: BTreeMap<&str, OfKind<'_>> = BTreeMap::new();
    let mut checks: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let (number, places, found) = kinds.entry(row.kind).or_default();
        *number += 1;
        *places.entry(row.place).or_default() += 1;
        found.extend(row.checks.iter().map(String::as_str));
        row.checks
            .iter()
            .for_each(|check| *checks.entry(check).or_default() += 1);
    }
    let kinds = kinds
        .iter()
        .map(|(kind, (number, places, found))| format!("{kind}: {number}, {places:?}, {found:?}"));
    let checks = checks
        .iter()
        .map(|(check, number)| format!("{check}: in {number} mutants"));
    kinds.chain(checks).collect::<Vec<String>>().join("\n")
}
