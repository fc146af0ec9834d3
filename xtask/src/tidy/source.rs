//! What must not stand in a source file.

use super::Violation;
use super::mask::{find_word, is_word, line_of};
use super::rust::{RustFile, matching};
use crate::arrows;

/// Outside tests of pure crates, with what to do instead.
const IMPURE: [(&str, &str); 12] = [
    ("SystemTime::now", "take the time as an argument"),
    ("Instant::now", "take the time as an argument"),
    ("ASN1Time::now", "take the time as an argument"),
    ("OffsetDateTime::now_utc", "take the time as an argument"),
    (
        "SystemRandom",
        "take the generator as an argument: `&dyn SecureRandom`",
    ),
    ("OsRng", "take the generator as an argument"),
    ("SysRng", "take the generator as an argument"),
    ("getrandom", "take the bytes as an argument"),
    ("std::env", "take the value as an argument"),
    (
        "std::fs",
        "take bytes and give bytes; a shell or an adapter reads and writes",
    ),
    ("std::net", "facts in, work out: a shell or an app sends"),
    ("std::process", "a shell or an adapter starts processes"),
];

/// Crates whose numbers are exact.
const EXACT: [&str; 2] = ["conclave-rules", "conclave-evaluation"];

/// Endings of type names that say nothing.
const EMPTY_NAMES: [&str; 6] = ["Manager", "Service", "Helper", "Helpers", "Util", "Utils"];

/// Names of files in which everything gathers.
const EMPTY_FILES: [&str; 4] = ["utils", "util", "helpers", "helper"];

/// In two halves, so that this file passes its own check.
const LEFT_OVER: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];

/// Directories of the machines of those who write. The halves as above.
const MACHINE_PATHS: [&str; 3] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/ho", "me/"),
];

/// Checks of any file people write.
pub(crate) fn check_text(path: &str, text: &str) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut refuse = |at: usize, what: String, instead: &str| {
        violations.push(Violation::new(
            format!("{path}:{}", line_of(text, at)),
            what,
            instead,
        ));
    };
    for word in LEFT_OVER {
        // In quotes the last of them is the code of no currency (ISO 4217).
        let quoted = |at: &usize| {
            let around = [at.checked_sub(1), Some(at + word.len())];
            let is_quote =
                |at: Option<usize>| matches!(at.and_then(|at| text.as_bytes().get(at)), Some(b'"' | b'`'));
            around.into_iter().all(is_quote)
        };
        for at in find_word(text, word).filter(|at| !quoted(at)) {
            refuse(
                at,
                format!("{word} is left over"),
                "do it now, or say in docs/ what is missing and why",
            );
        }
    }
    for machine_path in MACHINE_PATHS {
        // Inside a longer path or an address it is somebody else's directory.
        let starts = |at: &usize| {
            !at.checked_sub(1).is_some_and(|before| {
                let before = text.as_bytes()[before];
                is_word(before) || matches!(before, b'.' | b'-' | b'}' | b'~' | b'>')
            })
        };
        for (at, _) in text.match_indices(machine_path).filter(|(at, _)| starts(at)) {
            let instead = "use a path relative to the repository, or one that the caller gives";
            refuse(
                at,
                format!("{machine_path} is a directory of one machine"),
                instead,
            );
        }
    }
    violations
}

/// Checks of Rust code, without comments and literals.
pub(crate) fn check_rust(file: &RustFile) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut refuse = |at: usize, what: String, instead: &str| {
        violations.push(Violation::new(
            format!("{}:{}", file.path, line_of(&file.code, at)),
            what,
            instead,
        ));
    };
    let stem = file
        .path
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".rs"))
        .unwrap_or_default();
    let directories = file.path.split('/').rev().skip(1);
    if let Some(empty) = directories.chain([stem]).find(|name| EMPTY_FILES.contains(name)) {
        refuse(
            0,
            format!("`{empty}` says nothing"),
            "name the file after what is in it, or put it beside its user",
        );
    }
    for at in find_word(&file.code, "unsafe") {
        refuse(
            at,
            "unsafe code".into(),
            "use a crate whose safe interface does it",
        );
    }
    for (at, name) in type_names(&file.code) {
        let instead = "name the thing: what it is, keeps or does in the words of the field";
        refuse(at, format!("the type name {name} says nothing"), instead);
    }
    let member = file.member.as_deref().unwrap_or_default();
    if arrows::pure_crates().any(|pure| pure == member) {
        for (at, what, instead) in impure(&file.code) {
            if !file.is_test_line(line_of(&file.code, at)) {
                refuse(at, format!("{what} in a pure crate"), instead);
            }
        }
    }
    if EXACT.contains(&member) {
        for (at, what) in floats(&file.code) {
            refuse(
                at,
                format!("{what} in a crate of exact numbers"),
                "use decimals, and exact rationals between them",
            );
        }
    }
    violations
}

/// Types whose whole last word is one of the empty ones. An associated type that a foreign trait wants by that
/// very name is not ours to name.
fn type_names(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for keyword in ["struct", "enum", "trait", "union", "type"] {
        for at in find_word(code, keyword) {
            let start = at + keyword.len();
            let rest = code[start..].trim_start();
            let name = &rest[..rest.bytes().take_while(|byte| is_word(*byte)).count()];
            let empty = EMPTY_NAMES
                .iter()
                .any(|empty| name.ends_with(empty) && !(keyword == "type" && name == *empty));
            if empty {
                found.push((at, name));
            }
        }
    }
    found
}

fn impure(code: &str) -> Vec<(usize, &'static str, &'static str)> {
    let mut found = Vec::new();
    for (what, instead) in IMPURE {
        found.extend(find_word(code, what).map(|at| (at, what, instead)));
        if let Some(module) = what.strip_prefix("std::") {
            let grouped = groups_of_std(code).filter(|(_, names)| names.contains(&module));
            found.extend(grouped.map(|(at, _)| (at, what, instead)));
        }
    }
    found
}

/// Every `std::{...}` with the first parts of the names in it.
fn groups_of_std(code: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    find_word(code, "std")
        .filter(|at| code[*at..].starts_with("std::{"))
        .filter_map(|at| {
            let open = at + "std::".len();
            let close = matching(code, open)?;
            let mut depth = 0;
            let parts = code[open + 1..close].split(move |character| {
                depth += i32::from(character == '{') - i32::from(character == '}');
                character == ',' && depth == 0
            });
            let names = parts
                .map(|part| part.trim().split([':', ' ']).next().unwrap_or_default())
                .collect();
            Some((at, names))
        })
}

/// The types, and literals such as `1.5` or `2e3`.
fn floats(code: &str) -> Vec<(usize, &str)> {
    let mut found: Vec<_> = ["f32", "f64"]
        .into_iter()
        .flat_map(|word| find_word(code, word).map(move |at| (at, word)))
        .collect();
    let bytes = code.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !is_word(bytes[at]) {
            at += 1;
            continue;
        }
        let start = at;
        let end_of_word =
            |from: usize| from + bytes[from..].iter().take_while(|byte| is_word(**byte)).count();
        at = end_of_word(at);
        // After a dot it is a field of a tuple.
        let number = bytes[start].is_ascii_digit() && !(start > 0 && bytes[start - 1] == b'.');
        if !number {
            continue;
        }
        let fraction = bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit);
        if fraction {
            at = end_of_word(at + 1);
        }
        let word = &code[start..at];
        let suffixed = !word.starts_with("0x") && (word.ends_with("f32") || word.ends_with("f64"));
        if fraction || suffixed || is_exponent(word) {
            found.push((start, word));
        }
    }
    found
}

fn is_exponent(word: &str) -> bool {
    let digits =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    word.split_once(['e', 'E'])
        .is_some_and(|(mantissa, exponent)| digits(mantissa) && digits(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rust(path: &str, text: &str) -> Vec<String> {
        let members =
            ["rules", "record", "storage"].map(|name| (format!("crates/{name}"), format!("conclave-{name}")));
        let found = check_rust(&RustFile::read(path, text, &members));
        found
            .into_iter()
            .map(|violation| format!("{} {}", violation.place, violation.what))
            .collect()
    }

    const NOTHING: [String; 0] = [];

    #[test]
    fn pure_crates_reach_nothing_outside() {
        for (text, what) in [
            ("let t = SystemTime::now();", "SystemTime::now"),
            ("let t = std::time::Instant::now();", "Instant::now"),
            ("let r = ring::rand::SystemRandom::new();", "SystemRandom"),
            ("use std::env;", "std::env"),
            ("use std::fs::File;", "std::fs"),
            ("use std::net::TcpStream;", "std::net"),
            (
                "use std::{\n    collections::BTreeMap, fs::{self, File}, io};",
                "std::fs",
            ),
        ] {
            let found = rust("crates/record/src/x.rs", text);
            assert!(!found.is_empty(), "{text}");
            assert_eq!(
                found[0],
                format!("crates/record/src/x.rs:1 {what} in a pure crate")
            );
            assert_eq!(
                rust("crates/storage/src/x.rs", text),
                NOTHING,
                "only pure crates are held to it"
            );
            assert_eq!(
                rust("crates/record/tests/x.rs", text),
                NOTHING,
                "tests may read files"
            );
            assert_eq!(
                rust("crates/record/src/x.rs", &format!("// {text}").replace('\n', " ")),
                NOTHING
            );
        }
        assert_eq!(
            rust(
                "crates/record/src/x.rs",
                "use std::{fmt::{self, Display}, collections::BTreeMap};"
            ),
            NOTHING
        );
        assert_eq!(
            rust(
                "crates/record/src/x.rs",
                "env!(\"CARGO_PKG_VERSION\"); std::fmt::Debug;"
            ),
            NOTHING
        );
    }

    #[test]
    fn exact_crates_have_no_floating_point_not_even_in_tests() {
        for text in [
            "x as f64",
            "fn f(x: f32)",
            "let x = 1.5;",
            "let x = 2e3;",
            "let x = 1f64;",
            "let x = 1_000.0;",
        ] {
            assert!(!rust("crates/rules/src/x.rs", text).is_empty(), "{text}");
            assert!(!rust("crates/rules/tests/x.rs", text).is_empty(), "{text}");
            assert_eq!(rust("crates/record/src/x.rs", text), NOTHING, "{text}");
        }
        for text in [
            "x.0.1",
            "0..10",
            "1.max(2)",
            "0x1e5",
            "let s = \"1.5\";",
            "f64_like",
            "1_u64",
            "x1.5e",
        ] {
            assert_eq!(rust("crates/rules/src/x.rs", text), NOTHING, "{text}");
        }
    }

    #[test]
    fn unsafe_is_found_wherever_it_stands() {
        assert_eq!(
            rust("crates/storage/src/x.rs", "\nunsafe { f() }"),
            ["crates/storage/src/x.rs:2 unsafe code"]
        );
        assert_eq!(
            rust("crates/storage/src/x.rs", "#![forbid(unsafe_code)] // unsafe"),
            NOTHING
        );
    }

    #[test]
    fn names_that_say_nothing() {
        for text in [
            "pub struct VaultManager;",
            "enum KeyHelper {}",
            "trait PageService {}",
            "type BidUtils = u8;",
        ] {
            assert_eq!(rust("crates/storage/src/x.rs", text).len(), 1, "{text}");
        }
        for text in [
            "impl Layer for X { type Service = Y; }",
            "struct Managers;",
            "let x: VaultManager;",
        ] {
            assert_eq!(rust("crates/storage/src/x.rs", text), NOTHING, "{text}");
        }
        assert_eq!(rust("crates/storage/src/utils.rs", "").len(), 1);
        assert_eq!(rust("crates/storage/src/helpers/mod.rs", "").len(), 1);
        assert_eq!(rust("crates/storage/src/utilisation.rs", ""), NOTHING);
    }

    #[test]
    fn left_over_words() {
        for word in LEFT_OVER {
            let found = check_text("a.md", &format!("fine\n// {word}: later\n"));
            assert_eq!(found.len(), 1, "{word}");
            assert_eq!(found[0].place, "a.md:2");
            assert_eq!(
                check_text("a.md", &format!("{word}LIST")),
                [],
                "part of a longer word"
            );
        }
    }

    #[test]
    fn directories_of_one_machine() {
        for machine_path in MACHINE_PATHS {
            for text in [
                format!("\"{machine_path}x\""),
                format!("{machine_path}x"),
                format!("file://{machine_path}x"),
            ] {
                assert_eq!(check_text("a.toml", &text).len(), 1, "{text}");
            }
            for text in [
                format!("https://example.org{machine_path}x"),
                format!("docs{machine_path}x"),
            ] {
                assert_eq!(check_text("a.toml", &text), [], "{text}");
            }
        }
    }
}
