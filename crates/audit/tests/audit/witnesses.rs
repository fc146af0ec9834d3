//! Which log witnesses count for a checkpoint, before and after replacements. Witnesses are numbers: 0, 1, 2 are the
//! first, of which 0 and 1 are outside the centre; 3 and 4 come in. w is 2.

use crate::signer::{Authorities, Counter, Draft, Log, NoteKey};
use conclave_audit::{Anchors, WitnessAnchor, WitnessHistory, WitnessSet};
use evaluation::acts::setup::WitnessLine;
use record::{Digest, KeyAlgorithm, Origin, SignedCheckpoint, Tree};
use sealing::sign::SigningKeyPair;
use serde_json::json;

const ORIGIN: Origin = Origin([5; 16]);
/// Where witness 3 replaces witness 2.
const REPLACED: u64 = 10;

fn key(n: u8) -> NoteKey {
    NoteKey::new(100 + n, &format!("witness-{n}"), KeyAlgorithm::Cosignature)
}

fn anchor(n: u8) -> WitnessAnchor {
    WitnessAnchor {
        name: format!("witness-{n}"),
        key: key(n).verifier,
        organisation: format!("organisation {n}"),
        outside: n < 2,
    }
}

fn line(n: u8) -> WitnessLine {
    let anchor = anchor(n);
    WitnessLine {
        name: anchor.name,
        key: anchor.key.to_string(),
        organisation: anchor.organisation,
        outside: anchor.outside,
    }
}

fn anchors() -> Anchors {
    Anchors {
        witnesses: WitnessSet {
            witnesses: (0..3).map(anchor).collect(),
            quorum: 2,
        },
        further_witnesses: vec![anchor(3), anchor(4)],
        ..Authorities::new().anchors()
    }
}

/// A checkpoint over so many leaves of this tree, cosigned by these.
fn over(tree: &Tree, size: u64, who: &[u8]) -> SignedCheckpoint {
    let mut note = Authorities::new().checkpoint(&ORIGIN, tree, size, 0, 100);
    for n in who {
        let key = key(*n);
        note.cosign(&key.verifier, 100, |message| key.key.sign(message))
            .expect("cosigns");
    }
    note
}

fn note(size: u64, who: &[u8]) -> SignedCheckpoint {
    let mut tree = Tree::new();
    for n in 0..40 {
        tree.push(Digest([n; 32]));
    }
    over(&tree, size, who)
}

#[track_caller]
fn counts(history: &WitnessHistory, table: &[(u64, &[u8], bool)]) {
    for (size, who, expected) in table {
        let cosigned = history.cosigned(&note(*size, who));
        assert_eq!(
            cosigned.is_quorum(),
            *expected,
            "size {size}, cosigned by {who:?}"
        );
    }
}

#[test]
fn a_checkpoint_is_counted_by_the_set_in_force_for_its_size_and_never_by_a_mix() {
    for mut history in [
        WitnessHistory::anchored(&anchors()),
        WitnessHistory::named(&[line(0), line(1), line(2)], 2),
    ] {
        history.replaced(REPLACED, "witness-2", &line(3));
        let before: [(u64, &[u8], bool); 4] = [
            (REPLACED, &[0, 2], true),
            (REPLACED, &[0, 3], false),
            (REPLACED, &[2, 3], false),
            (REPLACED, &[0], false),
        ];
        counts(&history, &before);
        // Not confirmed: only those who stay count.
        counts(
            &history,
            &[
                (REPLACED + 1, &[0, 2], false),
                (REPLACED + 1, &[0, 3], false),
                (REPLACED + 1, &[2, 3], false),
                (REPLACED + 1, &[0, 2, 3], false),
                (20, &[1, 3], false),
                (20, &[0, 1], true),
            ],
        );
        assert!(!history.count(&note(20, &[0, 2, 3])).is_quorum());
        assert_eq!(history.confirming().count(), 0);
        assert!(history.count(&note(20, &[0, 1])).is_quorum());
        counts(
            &history,
            &[
                (REPLACED + 1, &[0, 3], true),
                (REPLACED + 1, &[0, 2], false),
                (20, &[1, 3], true),
                (30, &[0, 3], true),
                (30, &[2, 3], false),
                (30, &[1, 2], false),
                (30, &[3], false),
            ],
        );
        counts(&history, &before);
        let confirming: Vec<u64> = history
            .confirming()
            .map(|(_, note)| note.checkpoint().size)
            .collect();
        assert_eq!(confirming, [20]);
    }
}

#[test]
fn nobody_outside_the_centre_confirms_nothing() {
    let mut anchors = anchors();
    anchors.witnesses.witnesses[1].outside = false;
    let mut history = WitnessHistory::anchored(&anchors);
    history.replaced(REPLACED, "witness-0", &line(3));
    assert!(!history.count(&note(20, &[1, 2])).is_quorum());
    assert_eq!(history.confirming().count(), 0);
}

#[test]
fn a_second_replacement_counts_only_after_the_first() {
    let mut history = WitnessHistory::anchored(&anchors());
    history.replaced(REPLACED, "witness-2", &line(3));
    history.replaced(15, "witness-1", &line(4));
    // 0 and 3 stay in the second; whether 3 counts, the first must have been confirmed for.
    assert!(!history.count(&note(20, &[0, 3])).is_quorum());
    assert!(!history.count(&note(20, &[0, 4])).is_quorum());
    // 0 and 1 confirm the first, and not the second.
    assert!(!history.count(&note(20, &[0, 1])).is_quorum());
    assert_eq!(history.confirming().count(), 1);
    counts(
        &history,
        &[
            (15, &[0, 3], true),
            (15, &[1, 3], true),
            (16, &[0, 1], false),
            (16, &[0, 4], false),
        ],
    );
    assert!(history.count(&note(21, &[0, 3])).is_quorum());
    counts(
        &history,
        &[(22, &[0, 4], true), (22, &[3, 4], false), (22, &[0, 1], false)],
    );
    assert_eq!(history.confirming().count(), 2);
}

#[test]
fn who_is_not_anchored_comes_in_and_counts_for_nothing() {
    let mut anchors = anchors();
    anchors.further_witnesses.clear();
    let mut history = WitnessHistory::anchored(&anchors);
    history.replaced(REPLACED, "witness-2", &line(3));
    assert_eq!(history.unknown(), Some("witness-3"));
    assert!(history.count(&note(20, &[0, 1])).is_quorum());
    counts(&history, &[(21, &[0, 3], false), (21, &[0, 1], true)]);
    let moved = WitnessLine {
        outside: true,
        ..line(4)
    };
    let mut history = WitnessHistory::anchored(&self::anchors());
    history.replaced(REPLACED, "witness-2", &moved);
    assert_eq!(
        history.unknown(),
        Some("witness-4"),
        "anchored as inside the centre"
    );
}

/// A record whose leaf 10 is a replacement.
fn record(kind: &str) -> Log {
    let mut log = Log::new(ORIGIN);
    let key = SigningKeyPair::generate(&mut Counter(1));
    for index in 0..15 {
        let (kind, payload) = if index == REPLACED {
            let by = line(3);
            (
                kind,
                json!({"proposal": "01010101010101010101010101010101", "replaced": "witness-2", "by": by}),
            )
        } else {
            ("site.enrolled", json!({}))
        };
        log.append(Draft {
            kind,
            instance: "",
            key: &key,
            payload,
            attachments: vec![],
            personal: None,
            time: 1_000 + index,
        });
    }
    log
}

#[test]
fn a_replacement_is_proven_by_those_who_stay_over_the_very_act() {
    let log = record("witness.replaced");
    let key = Authorities::new().log.verifier;
    let entry = &log.entries[10];
    let inclusion = log.tree.inclusion(REPLACED, 12).expect("it is there");
    let proof = |note: &SignedCheckpoint, inclusion: &[Digest]| {
        let mut history = WitnessHistory::anchored(&anchors());
        let proven = history.prove(&key, entry, inclusion, note);
        assert_eq!(
            proven.is_ok(),
            history.cosigned(&over(&log.tree, 14, &[0, 3])).is_quorum(),
            "it counts if it is proven"
        );
        proven
    };
    proof(&over(&log.tree, 12, &[0, 1]), &inclusion).expect("those who stay");
    for who in [&[0, 2][..], &[0, 3], &[2, 3], &[0, 2, 3], &[1]] {
        proof(&over(&log.tree, 12, who), &inclusion).expect_err("not those who stay");
    }
    proof(&over(&log.tree, 12, &[0, 1]), &inclusion[1..]).expect_err("not included");
    proof(&over(&log.tree, 13, &[0, 1]), &inclusion).expect_err("of another checkpoint");
    let other = record("site.enrolled");
    let mut history = WitnessHistory::anchored(&anchors());
    let inclusion = other.tree.inclusion(REPLACED, 12).expect("it is there");
    let note = over(&other.tree, 12, &[0, 1]);
    history
        .prove(&key, &other.entries[10], &inclusion, &note)
        .expect_err("another act");
}

#[test]
fn anchors_name_further_witnesses_that_differ() {
    let with_further = anchors();
    let parsed = Anchors::parse(&with_further.to_json_bytes()).expect("its own file");
    assert_eq!(parsed, with_further);
    for twice in [anchor(0), anchor(4)] {
        let mut anchors = anchors();
        anchors.further_witnesses = vec![anchor(4), twice];
        assert!(Anchors::parse(&anchors.to_json_bytes()).is_err());
    }
    let plain = Authorities::new().anchors();
    assert!(!String::from_utf8_lossy(&plain.to_json_bytes()).contains("further"));
}
