use crate::fixture::{NoteKey, log_key, witness_key};
use conclave_record::{
    Checkpoint, Digest, KeyAlgorithm, NoteError, NoteSignature, Origin, SignedCheckpoint, VerifierKey,
    note::{MAX_NOTE, MAX_SIGNATURES},
    origin_line, sign_checkpoint,
};
use proptest::prelude::*;

const SECONDS: u64 = 1_767_225_601;

fn checkpoint() -> Checkpoint {
    Checkpoint {
        origin: origin_line(&Origin([0xa0; 16])),
        size: 8,
        root: Digest::of(b"root"),
    }
}

fn signed() -> SignedCheckpoint {
    let log = log_key();
    sign_checkpoint(&checkpoint(), &log.key, |message| log.sign(message)).expect("a log key")
}

fn cosigned() -> SignedCheckpoint {
    let witness = witness_key();
    let mut note = signed();
    note.cosign(&witness.key, SECONDS, |message| witness.sign(message))
        .expect("a witness key");
    note
}

fn numbered_witness(number: u8) -> NoteKey {
    NoteKey::new(
        &format!("w{number}.example"),
        KeyAlgorithm::Cosignature,
        [number; 32],
    )
}

/// A tree head of the Go checksum database, under the key built into the Go command.
#[test]
fn a_published_checkpoint_verifies() {
    let key: VerifierKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
        .parse()
        .expect("a key");
    let note = "go.sum database tree\n65209736\n5+uGFjx6xBZG8ip1+wi77v+grwbhhukIrxEUS8PXvRo=\n\n— sum.golang.org \
                Az3grnbssgK7ubgFX36gVETtNv0U23qxyAhAMai2QUfeGa3nB/akvkMdlUErfcZz7l/R3cVtYspg3dxXABkGZZKdsQ8=\n";
    let signed = SignedCheckpoint::parse(note.as_bytes()).expect("a note");
    let checkpoint = signed.verify_log(&key).expect("signed by that key");
    assert_eq!(
        (checkpoint.origin.as_str(), checkpoint.size),
        ("go.sum database tree", 65_209_736)
    );
    assert_eq!(signed.format(), note);
    let changed = note.replace("65209736", "65209737");
    let changed = SignedCheckpoint::parse(changed.as_bytes()).expect("a note");
    assert_eq!(
        changed.verify_log(&key),
        Err(NoteError::BadSignature("sum.golang.org".into()))
    );
}

#[test]
fn published_keys_have_their_ids() {
    let keys = [
        (
            "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            KeyAlgorithm::LogEd25519,
        ),
        (
            "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
            KeyAlgorithm::Cosignature,
        ),
    ];
    for (text, algorithm) in keys {
        let key: VerifierKey = text.parse().expect(text);
        assert_eq!(key.algorithm(), algorithm);
        assert_eq!(key.to_string(), text);
    }
}

/// The example of c2sp.org/tlog-cosignature, whose keys are not published: form, time and byte-for-byte
/// rewriting.
#[test]
fn the_example_of_the_standard_is_read() {
    let note = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
                — example.com/behind-the-sofa \
                Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
                — witness.example.com/w1 \
                jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n";
    let signed: SignedCheckpoint = note.parse().expect("a note");
    let lengths: Vec<usize> = signed
        .signatures()
        .iter()
        .map(|signature| signature.bytes.len())
        .collect();
    assert_eq!((signed.checkpoint().size, lengths), (20_852_163, vec![64, 72]));
    assert_eq!(signed.signatures()[1].bytes[..8], 1_679_315_147_u64.to_be_bytes());
    assert_eq!(signed.to_string(), note);
}

#[test]
fn log_and_witness_sign_and_verify() {
    let note = SignedCheckpoint::parse(cosigned().format().as_bytes()).expect("a note");
    assert_eq!(note.verify_log(&log_key().key), Ok(&checkpoint()));
    assert_eq!(note.verify_cosignature(&witness_key().key), Ok(SECONDS));
    assert!(
        note.text()
            .starts_with("conclave.record/a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0\n8\n")
    );
    let json = serde_json::to_string(&note).expect("a string");
    assert_eq!(
        serde_json::from_str::<SignedCheckpoint>(&json).expect("a note"),
        note
    );
}

#[test]
fn other_keys_do_not_verify() {
    let note = cosigned();
    let (log, witness) = (log_key().key, witness_key().key);
    let stranger = NoteKey::new("stranger.example", KeyAlgorithm::LogEd25519, [9; 32]).key;
    assert_eq!(
        note.verify_log(&stranger),
        Err(NoteError::NotSigned("stranger.example".into()))
    );
    // Same name, other key: another id, so not signed by it.
    let impostor = NoteKey::new(log.name(), KeyAlgorithm::LogEd25519, [9; 32]).key;
    assert_eq!(
        note.verify_log(&impostor),
        Err(NoteError::NotSigned(log.name().into()))
    );
    // A key is for one kind of signature only.
    assert_eq!(
        note.verify_log(&witness),
        Err(NoteError::WrongAlgorithm {
            name: witness.name().into()
        })
    );
    assert_eq!(
        note.verify_cosignature(&log),
        Err(NoteError::WrongAlgorithm {
            name: log.name().into()
        })
    );
    assert!(sign_checkpoint(&checkpoint(), &witness, |_| [0; 64]).is_err());
    assert!(signed().cosign(&log, SECONDS, |_| [0; 64]).is_err());
    let mut badly_signed = signed();
    badly_signed
        .cosign(&witness, SECONDS, |_| [0; 64])
        .expect("form only");
    assert_eq!(
        badly_signed.verify_cosignature(&witness),
        Err(NoteError::BadSignature(witness.name().into()))
    );
}

/// The time of a cosignature is signed, and a log's signature can't be passed off as a cosignature.
#[test]
fn the_time_is_signed() {
    let witness = witness_key();
    let mut note = signed();
    let other_time = format!("cosignature/v1\ntime {}\n{}", SECONDS + 1, note.text());
    note.cosign(&witness.key, SECONDS, |_| witness.sign(other_time.as_bytes()))
        .expect("form only");
    assert_eq!(
        note.verify_cosignature(&witness.key),
        Err(NoteError::BadSignature(witness.key.name().into()))
    );
    let mut note = signed();
    let text = note.text().to_owned();
    note.cosign(&witness.key, SECONDS, |_| witness.sign(text.as_bytes()))
        .expect("form only");
    assert_eq!(
        note.verify_cosignature(&witness.key),
        Err(NoteError::BadSignature(witness.key.name().into()))
    );
    assert_eq!(
        signed().cosign(&witness.key, 1 << 63, |_| [0; 64]),
        Err(NoteError::Time)
    );
    // Correctly signed, but beyond what a time may be.
    let late = format!("cosignature/v1\ntime {}\n{}", 1_u64 << 63, signed().text());
    let bytes = [&(1_u64 << 63).to_be_bytes()[..], &witness.sign(late.as_bytes())].concat();
    let name = witness.key.name().to_owned();
    let line = NoteSignature {
        name,
        key_id: witness.key.id(),
        bytes,
    };
    let note = SignedCheckpoint::parse(format!("{}{line}", signed()).as_bytes()).expect("a note");
    assert_eq!(note.verify_cosignature(&witness.key), Err(NoteError::Time));
}

#[test]
fn malformed_notes_are_refused() {
    let good = cosigned().format();
    let (text, signatures) = good.split_once("\n\n").expect("an empty line");
    let (first, second) = signatures.split_once('\n').expect("two signatures");
    let root = Digest::of(b"root");
    let with_text = |text: &str| format!("{text}\n\n{signatures}");
    let with_signatures = |signatures: &str| format!("{text}\n\n{signatures}");
    let cases = [
        ("no signature", with_signatures("")),
        ("no empty line", good.replace("\n\n", "\n")),
        ("no last newline", good.trim_end().to_owned()),
        ("extension line", with_text(&format!("{text}\nmore"))),
        ("empty extension line", with_text(&format!("{text}\n"))),
        ("two lines", with_text("log\n8")),
        ("empty origin", with_text(text.trim_start_matches(|c| c != '\n'))),
        ("leading zero", with_text(&text.replace("\n8\n", "\n08\n"))),
        ("plus sign", with_text(&text.replace("\n8\n", "\n+8\n"))),
        ("negative size", with_text(&text.replace("\n8\n", "\n-8\n"))),
        (
            "size beyond 64 bits",
            with_text(&text.replace("\n8\n", "\n18446744073709551616\n")),
        ),
        ("short root", with_text("log\n8\nAAAA")),
        ("root without padding", with_text(text.trim_end_matches('='))),
        ("hex root", with_text(&format!("log\n8\n{root}"))),
        ("carriage returns", good.replace('\n', "\r\n")),
        ("control character", good.replace("conclave", "con\u{7}clave")),
        ("hyphen for the dash", good.replace('—', "-")),
        ("two spaces", good.replace("— ", "—  ")),
        ("no name", good.replace(log_key().key.name(), "")),
        ("plus in a name", good.replace("centre.example", "centre+example")),
        (
            "space in a name",
            good.replace("centre.example", "centre example"),
        ),
        (
            "ideographic space in a name",
            good.replace("centre.example", "centre\u{3000}example"),
        ),
        (
            "signed twice",
            with_signatures(&format!("{first}\n{second}{first}\n")),
        ),
        ("only a key id", with_signatures("— a.example AAAAAA==\n")),
        ("short signature", with_signatures("— a.example AAAA\n")),
        ("not base64", with_signatures("— a.example AAAA!AAA\n")),
        ("trailing bits", with_signatures("— a.example AAAAAAB=\n")),
        (
            "empty line between signatures",
            with_signatures(&format!("{first}\n\n{second}")),
        ),
        ("bytes before", format!("\n{good}")),
        ("bytes after", format!("{good}x")),
    ];
    for (what, note) in cases {
        assert_ne!(note, good, "{what}");
        assert!(
            SignedCheckpoint::parse(note.as_bytes()).is_err(),
            "{what}: {note:?}"
        );
    }
    assert!(SignedCheckpoint::parse(b"\xff\n0\n\n\n").is_err());
    assert!(SignedCheckpoint::parse(good.as_bytes()).is_ok());
}

#[test]
fn notes_are_bounded() {
    let mut note = signed();
    for number in 1..MAX_SIGNATURES {
        let witness = numbered_witness(u8::try_from(number).expect("small"));
        note.cosign(&witness.key, SECONDS, |message| witness.sign(message))
            .expect("room");
    }
    assert!(SignedCheckpoint::parse(note.format().as_bytes()).is_ok());
    let one_more = numbered_witness(99);
    let too_many = Err(NoteError::TooManySignatures {
        got: MAX_SIGNATURES + 1,
    });
    assert_eq!(
        note.cosign(&one_more.key, SECONDS, |message| one_more.sign(message)),
        too_many
    );
    let by_hand = format!("{note}— x.example AAAAAAA=\n");
    assert_eq!(SignedCheckpoint::parse(by_hand.as_bytes()).map(drop), too_many);
    let long = signed().format().replace("centre.example", &"x".repeat(MAX_NOTE));
    assert!(matches!(
        SignedCheckpoint::parse(long.as_bytes()),
        Err(NoteError::TooLong { .. })
    ));
}

#[test]
fn cosignatures_are_merged_by_key() {
    let [first, second] = [1, 2].map(numbered_witness);
    let (mut left, mut right) = (signed(), signed());
    left.cosign(&first.key, SECONDS, |message| first.sign(message))
        .expect("room");
    right
        .cosign(&first.key, SECONDS + 9, |message| first.sign(message))
        .expect("room");
    right
        .cosign(&second.key, SECONDS, |message| second.sign(message))
        .expect("room");
    assert_eq!(left.merge(&right), Ok(1));
    assert_eq!(left.merge(&right), Ok(0));
    assert_eq!(
        left.verify_cosignature(&first.key),
        Ok(SECONDS),
        "the signature already there stays"
    );
    assert_eq!(left.verify_cosignature(&second.key), Ok(SECONDS));
    assert_eq!(left.signatures().len(), 3);
    let again = left.cosign(&first.key, SECONDS, |message| first.sign(message));
    assert_eq!(
        again,
        Err(NoteError::SignedTwice {
            line: 8,
            name: "w1.example".into()
        })
    );
    let log = log_key();
    let elsewhere = Checkpoint {
        size: 9,
        ..checkpoint()
    };
    let elsewhere = sign_checkpoint(&elsewhere, &log.key, |message| log.sign(message)).expect("a log key");
    assert_eq!(left.merge(&elsewhere), Err(NoteError::DifferentText));
}

#[test]
fn a_checkpoint_cannot_smuggle_lines() {
    let smuggled = Checkpoint {
        origin: "log\n9".into(),
        ..checkpoint()
    };
    assert!(sign_checkpoint(&smuggled, &log_key().key, |_| [0; 64]).is_err());
}

#[test]
fn keys_that_are_not_keys() {
    let good = log_key().key.to_string();
    let (name, rest) = good.split_once('+').expect("three parts");
    let (id, material) = rest.split_once('+').expect("three parts");
    let cases = [
        String::new(),
        name.to_owned(),
        format!("{name}+{id}"),
        format!("+{id}+{material}"),
        format!("{name}x+{id}+{material}"),
        format!("{name}+{}+{material}", id.to_uppercase()),
        format!("{name}+00000000+{material}"),
        format!("{name}+{id}+{}", &material[4..]),
        format!("{name}+{id}+Ag{}", &material[2..]),
        format!("{name} +{id}+{material}"),
        format!("{good}\n"),
    ];
    assert_ne!(id, id.to_uppercase(), "the id of the test key has a letter");
    for text in cases {
        assert!(text.parse::<VerifierKey>().is_err(), "{text:?}");
    }
    assert!(VerifierKey::new("a b", KeyAlgorithm::LogEd25519, [0; 32]).is_err());
}

proptest! {
    /// One changed byte anywhere: the note is refused, or one of its signatures no longer holds.
    #[test]
    fn a_changed_byte_is_found(at in any::<usize>(), change in 1..=255_u8) {
        let mut bytes = cosigned().format().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= change;
        if let Ok(note) = SignedCheckpoint::parse(&bytes) {
            let log = note.verify_log(&log_key().key).is_ok();
            let witness = note.verify_cosignature(&witness_key().key).is_ok();
            prop_assert!(!(log && witness));
            prop_assert_eq!(note.format().into_bytes(), bytes);
        }
    }
}
