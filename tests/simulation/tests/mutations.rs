//! Changes of an archived evaluation by attackers with and without keys: none is sound, each is named.
//!
//! `CONCLAVE_MUTATIONS` is the number of mutants, `CONCLAVE_SEED` decides them.

mod mutations {
    pub(crate) mod acts;
    pub(crate) mod bench;
    pub(crate) mod campaign;
    pub(crate) mod change;
    pub(crate) mod custody;
    pub(crate) mod keys;
    pub(crate) mod needed;
    pub(crate) mod objects;
    pub(crate) mod order;
    pub(crate) mod parcel;
}

use audit::Checks;
use evaluation::Language;
use mutations::bench::Bench;
use mutations::{campaign, needed, objects};
use std::sync::LazyLock;

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

static SEED: LazyLock<u64> = LazyLock::new(|| number("CONCLAVE_SEED", 1));
static BENCH: LazyLock<Bench> = LazyLock::new(|| Bench::new(*SEED));

#[test]
fn no_mutant_is_sound_and_each_is_named() {
    let (seed, count) = (*SEED, number("CONCLAVE_MUTATIONS", 500));
    println!("CONCLAVE_SEED={seed} CONCLAVE_MUTATIONS={count}");
    let rows = campaign::run(&BENCH, seed, count);
    println!("{}", campaign::table(&rows));
    let faults: Vec<String> = rows
        .iter()
        .filter_map(|row| {
            Some(format!(
                "{} {} {:?}: {}",
                row.number,
                row.kind,
                row.power,
                row.fault.as_ref()?
            ))
        })
        .collect();
    assert!(
        faults.is_empty(),
        "seed {seed}: {} of {count}\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn what_a_package_may_lack() {
    let bench = &*BENCH;
    assert_eq!(bench.full.pack(), bench.packed.full, "packing changes nothing");
    assert_eq!(
        bench.public.pack(),
        bench.packed.public,
        "nor does packing the public package"
    );
    for (what, parcel) in objects::permitted(&bench.full) {
        let report = bench.verify(&parcel.pack(), &Checks::all());
        assert_eq!(report.code, 0, "{what}: {}", report.text(Language::En));
    }
}

#[test]
fn a_custodian_opens_what_the_package_keeps_for_him() {
    let bench = &*BENCH;
    let without = bench.verify(&bench.packed.full, &Checks::all());
    let with = bench.verify_as_custodian(&bench.packed.full, Some(&bench.anchors));
    assert_eq!(with.code, 0, "{}", with.text(Language::En));
    assert_eq!(without.code, 0, "{}", without.text(Language::En));
    let shut = without.personal.under_custody;
    let sheets = bench.full.of_kind("sheet.sealed").len() as u64;
    let kept = bench.full.custody.len() as u64;
    assert!(kept > 0 && sheets > 0);
    assert_eq!(shut, kept + sheets, "what is kept and not opened is counted");
    assert!(without.text(Language::En).contains("under custody: not opened"));
    assert_eq!(with.personal.under_custody, 0);
    assert_eq!(with.personal.verified, without.personal.verified + shut);
    let public = audit::read(&bench.packed.public, audit::Limits::default()).expect("a package");
    assert_eq!(
        public.directory("custody/").count(),
        0,
        "nothing of custody is public"
    );
}

#[test]
fn each_check_finds_what_no_other_check_finds() {
    let bench = &*BENCH;
    let mut rewritten = bench.keys.rewrite(&bench.full, |_, _, _| true);
    bench.keys.renew_notes(&mut rewritten);
    assert_eq!(
        bench.verify(&rewritten.pack(), &Checks::all()).code,
        0,
        "signing anew changes nothing"
    );
    let mut without = Vec::new();
    for check in Checks::names() {
        let Some(package) = needed::only(check, bench) else {
            without.push(check);
            continue;
        };
        let report = bench.verify(&package, &Checks::all());
        let text = report.text(Language::En);
        assert_eq!(report.code, 1, "{check}: {text}");
        assert!(
            report.errors().all(|finding| finding.check == check),
            "{check}: {text}"
        );
        let off = bench.verify(&package, &Checks::without(check).expect("a check"));
        assert_eq!(off.code, 0, "{check} off: {}", off.text(Language::En));
    }
    let listed: Vec<&str> = needed::WITHOUT_A_MUTANT.iter().map(|(check, _)| *check).collect();
    assert_eq!(without, listed);
}
