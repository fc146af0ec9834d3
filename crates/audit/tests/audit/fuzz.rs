//! Nothing in a package makes the auditor panic, and no changed byte passes.

use crate::fixture::{Departures, Fixture};
use crate::repack::{files, reseal, without_replay};
use conclave_audit::{Anchors, Checks, Limits, Profile, Replay, read, verify};
use evaluation::Language;
use proptest::prelude::*;
use std::sync::LazyLock;

struct Case {
    anchors: Anchors,
    packages: Vec<Vec<u8>>,
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let long = Fixture::long(Departures::default());
    let short = Fixture::short(Departures::default());
    Case {
        anchors: long.authorities.anchors(),
        packages: vec![
            long.package(Profile::Full),
            long.package(Profile::Public),
            short.package(Profile::Full),
        ],
    }
});

fn look_at(package: &[u8], checks: &Checks) -> u8 {
    let report = verify(package, Some(&CASE.anchors), checks);
    let _ = report.text(Language::ZhCn);
    if let Ok(package) = read(package, Limits::default()) {
        let mut replay = Replay::new(&package);
        while replay.step().is_some() {}
        replay.jump(1);
    }
    report.code
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_byte_never_passes(which in 0..2_usize, at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let mut package = CASE.packages[which].clone();
        let at = at.index(package.len());
        package[at] ^= flip;
        let code = look_at(&package, &without_replay());
        prop_assert!(code == 1 || code == 2, "byte {at} of package {which}: code {code}");
    }

    #[test]
    fn a_changed_file_under_its_own_manifest_does_not_panic(
        which in 0..3_usize,
        file in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        insert in prop::collection::vec(any::<u8>(), 0..6),
        remove in 0..6_usize,
    ) {
        let mut files = files(&CASE.packages[which]);
        let names: Vec<String> = files.keys().filter(|name| *name != "manifest.json").cloned().collect();
        let content = files.get_mut(file.get(&names)).expect("a file");
        let at = at.index(content.len() + 1);
        let end = (at + remove).min(content.len());
        content.splice(at..end, insert);
        look_at(&reseal(files), &Checks::all());
    }

    #[test]
    fn a_text_swapped_in_json_does_not_panic(
        which in 0..3_usize,
        file in any::<prop::sample::Index>(),
        words in prop::sample::subsequence(vec!["\"", "0", "1", "null", "true", "[", "{", "}", ",", "origin"], 2),
    ) {
        let mut files = files(&CASE.packages[which]);
        let names: Vec<String> = files.keys().filter(|name| name.ends_with(".json")).cloned().collect();
        let content = files.get_mut(file.get(&names)).expect("a file");
        let text = String::from_utf8_lossy(content).replacen(words[0], words[1], 3);
        *content = text.into_bytes();
        look_at(&record::tar::encode(&files).expect("a tar"), &Checks::all());
    }

    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        prop_assert_eq!(look_at(&bytes, &Checks::all()), 2);
    }
}
