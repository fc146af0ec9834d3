use conclave_record::tar::{TarError, decode, encode};
use proptest::prelude::*;
use std::{
    collections::BTreeMap,
    io::Write,
    process::{Command, Stdio},
};

const NO_LIMIT: (u64, usize) = (u64::MAX, usize::MAX);

fn files(list: &[(&str, &[u8])]) -> BTreeMap<String, Vec<u8>> {
    list.iter()
        .map(|(name, content)| ((*name).to_owned(), content.to_vec()))
        .collect()
}

fn example() -> BTreeMap<String, Vec<u8>> {
    files(&[
        ("record/acts.json", b"[]"),
        ("a", &[7; 512]),
        ("b-1_x.bin", &[0; 513]),
        ("empty", b""),
    ])
}

fn read(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, TarError> {
    decode(bytes, NO_LIMIT.0, NO_LIMIT.1)
}

/// Puts the right checksum into the header at `at`, so that nothing but the changed field is wrong.
fn repair_checksum(bytes: &mut [u8], at: usize) {
    bytes[at + 148..at + 156].fill(b' ');
    let sum: u32 = bytes[at..at + 512].iter().map(|byte| u32::from(*byte)).sum();
    bytes[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn run_tar(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new("tar")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("tar is on every machine that builds this");
    child
        .stdin
        .take()
        .expect("piped")
        .write_all(input)
        .expect("tar reads to the end");
    let output = child.wait_with_output().expect("tar ends");
    assert!(output.status.success(), "tar {arguments:?}: {}", output.status);
    output.stdout
}

#[test]
fn tar_reads_it() {
    let bytes = encode(&example()).expect("allowed names");
    assert_eq!(
        run_tar(&["-tf", "-"], &bytes),
        b"a\nb-1_x.bin\nempty\nrecord/acts.json\n"
    );
    for (name, content) in example() {
        assert_eq!(run_tar(&["-xOf", "-", &name], &bytes), content, "{name}");
    }
}

#[test]
fn an_empty_tar_is_two_zero_blocks() {
    assert_eq!(encode(&BTreeMap::new()), Ok(vec![0; 1024]));
    assert_eq!(read(&[0; 1024]), Ok(BTreeMap::new()));
}

#[test]
fn every_prefix_is_truncated() {
    let bytes = encode(&example()).expect("allowed names");
    for length in 0..bytes.len() {
        assert_eq!(
            read(&bytes[..length]),
            Err(TarError::Truncated { offset: length })
        );
    }
}

#[test]
fn slack_is_refused() {
    let bytes = encode(&example()).expect("allowed names");
    for slack in [&[0][..], &[0; 512], &[0; 9216], b"x"] {
        let longer = [&bytes, slack].concat();
        let verdict = read(&longer);
        assert!(
            matches!(verdict, Err(TarError::NotCanonical { offset, .. }) if offset == bytes.len()),
            "{verdict:?}"
        );
    }
    let mut padded = encode(&files(&[("a", b"x")])).expect("an allowed name");
    padded[513] = b'y';
    assert!(matches!(
        read(&padded),
        Err(TarError::NotCanonical { offset: 513, .. })
    ));
}

#[test]
fn order_and_duplicates_are_refused() {
    let block = |name: &str| {
        let tar = encode(&files(&[(name, name.as_bytes())])).expect("an allowed name");
        tar[..1024].to_vec()
    };
    let end = vec![0; 1024];
    assert!(read(&[block("a"), block("b"), end.clone()].concat()).is_ok());
    let reordered = read(&[block("b"), block("a"), end.clone()].concat());
    assert!(
        matches!(reordered, Err(TarError::NotCanonical { offset: 0, .. })),
        "{reordered:?}"
    );
    let twice = read(&[block("a"), block("a"), end].concat());
    assert_eq!(
        twice,
        Err(TarError::NotCanonical {
            offset: 1024,
            what: "name occurs twice"
        })
    );
}

#[test]
fn every_other_header_field_is_fixed() {
    let fields: [(&str, usize, &[u8]); 11] = [
        ("mode", 100, b"0000755\0"),
        ("uid", 108, b"0001750\0"),
        ("gid", 116, b"0001750\0"),
        ("mtime", 136, b"00000000001\0"),
        ("type", 156, b"\0"),
        ("link name", 157, b"x"),
        ("magic", 257, b"ustar  \0"),
        ("user name", 265, b"root"),
        ("group name", 297, b"root"),
        ("device", 329, b"0000001\0"),
        ("prefix", 345, b"dir"),
    ];
    for (what, at, field) in fields {
        let mut bytes = encode(&files(&[("a", b"x")])).expect("an allowed name");
        bytes[at..at + field.len()].copy_from_slice(field);
        repair_checksum(&mut bytes, 0);
        assert!(
            matches!(read(&bytes), Err(TarError::NotCanonical { .. })),
            "{what}"
        );
    }
    let mut spaced = encode(&files(&[("a", b"x")])).expect("an allowed name");
    spaced[124..136].copy_from_slice(b"         1 \0");
    repair_checksum(&mut spaced, 0);
    assert_eq!(
        read(&spaced),
        Err(TarError::NotCanonical {
            offset: 124,
            what: "size field"
        })
    );
}

#[test]
fn names_are_closed() {
    let long = "n".repeat(100);
    assert!(read(&encode(&files(&[(&long, b"x")])).expect("100 bytes")).is_ok());
    let too_long = "n".repeat(101);
    for name in [
        "", "/a", "a/", "a//b", ".", "..", "./a", "a/../b", "a b", "a\\b", "é", "a\0", &too_long,
    ] {
        assert_eq!(
            encode(&files(&[(name, b"")])),
            Err(TarError::Name(name.to_owned())),
            "{name:?}"
        );
    }
    assert!(encode(&files(&[("a.b/..c", b"")])).is_ok());
    let clash = encode(&files(&[("a", b""), ("a-b", b""), ("a/b", b"")]));
    assert_eq!(clash, Err(TarError::FileIsDirectory("a".into())));
}

#[test]
fn limits_hold() {
    let bytes = encode(&example()).expect("allowed names");
    let total: usize = example().values().map(Vec::len).sum();
    assert!(decode(&bytes, total as u64, 4).is_ok());
    assert_eq!(
        decode(&bytes, total as u64 - 1, 4),
        Err(TarError::TotalTooLarge {
            limit: total as u64 - 1
        })
    );
    assert_eq!(
        decode(&bytes, total as u64, 3),
        Err(TarError::TooManyFiles { limit: 3 })
    );
    // A size field is not believed before the limit: nothing is allocated for it.
    let mut huge = bytes;
    huge[124..135].copy_from_slice(b"77777777777");
    assert_eq!(
        decode(&huge, 1 << 20, 4),
        Err(TarError::TotalTooLarge { limit: 1 << 20 })
    );
    assert!(matches!(read(&huge), Err(TarError::Truncated { .. })));
}

fn any_files() -> impl Strategy<Value = BTreeMap<String, Vec<u8>>> {
    let content = prop::collection::vec(any::<u8>(), 0..1100);
    prop::collection::btree_map("[a-z0-9_-]{1,8}\\.[a-z]{1,3}", content, 0..5)
}

proptest! {
    #[test]
    fn decode_inverts_encode(files in any_files()) {
        let bytes = encode(&files).expect("allowed names");
        prop_assert_eq!(read(&bytes), Ok(files));
    }

    /// What is accepted is what encode writes: one changed byte is refused, or lies in a file's name or
    /// content.
    #[test]
    fn accepted_is_canonical(at in any::<usize>(), value in any::<u8>()) {
        let mut bytes = encode(&example()).expect("allowed names");
        let at = at % bytes.len();
        bytes[at] = value;
        if let Ok(files) = read(&bytes) {
            prop_assert_eq!(encode(&files), Ok(bytes));
        }
    }
}
