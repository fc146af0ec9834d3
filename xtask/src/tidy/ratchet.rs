//! Sizes of files and functions. What is too long today stands with its number in `ratchet.toml`; the numbers
//! only shrink.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::Violation;
use super::rust::RustFile;
use crate::steps::{Failure, Outcome};

const RATCHET: &str = "xtask/ratchet.toml";
/// Lines outside tests.
const FILE_LIMIT: usize = 700;
/// From here on a file is named, without failing.
const FILE_NOTE: usize = 400;
/// Lines, for functions outside tests.
const FUNCTION_LIMIT: usize = 100;

/// The allow-list: path, or path and `::` and function, with the length it has.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Limits {
    files: BTreeMap<String, usize>,
    functions: BTreeMap<String, usize>,
}

impl Limits {
    pub(crate) fn load(root: &Path) -> Outcome<Self> {
        let text = fs::read_to_string(root.join(RATCHET));
        let text = text.map_err(|error| Failure::new(format!("{RATCHET}: {error}")))?;
        toml::from_str(&text).map_err(|error| Failure::new(format!("{RATCHET}: {error}")))
    }
}

pub(crate) fn check(files: &[RustFile], limits: &Limits) -> Vec<Violation> {
    let lengths = files.iter().map(|file| (file.path.clone(), file.length()));
    let split = "split the file: one use case, one file";
    let mut violations = compare(lengths, FILE_LIMIT, &limits.files, split);

    let functions = files.iter().flat_map(|file| {
        file.functions()
            .into_iter()
            .map(|function| (format!("{}::{}", file.path, function.name), function.length))
    });
    // Functions of one name in one file share an entry: the longest counts.
    let mut longest = BTreeMap::new();
    for (name, length) in functions {
        let known = longest.entry(name).or_insert(0);
        *known = length.max(*known);
    }
    let split = "split the function; a long match becomes a table or one function an arm";
    violations.extend(compare(
        longest.into_iter(),
        FUNCTION_LIMIT,
        &limits.functions,
        split,
    ));
    violations
}

/// Files that grow towards the limit.
pub(crate) fn warnings(files: &[RustFile], limits: &Limits) -> Vec<String> {
    let long = files.iter().filter(|file| !limits.files.contains_key(&file.path));
    let long = long.map(|file| (&file.path, file.length()));
    let long = long.filter(|(_, length)| (FILE_NOTE + 1..=FILE_LIMIT).contains(length));
    long.map(|(path, length)| {
        format!("{path} has {length} lines; aim at {FILE_NOTE}, {FILE_LIMIT} is the end")
    })
    .collect()
}

fn compare(
    lengths: impl Iterator<Item = (String, usize)>,
    limit: usize,
    listed: &BTreeMap<String, usize>,
    split: &str,
) -> Vec<Violation> {
    let mut violations = Vec::new();
    let mut refuse = |place: &str, what: String, instead: String| {
        violations.push(Violation::new(place, what, instead));
    };
    let mut seen = BTreeSet::new();
    for (name, length) in lengths {
        match listed.get(&name) {
            None if length > limit => {
                refuse(
                    &name,
                    format!("{length} lines outside tests, the limit is {limit}"),
                    split.to_owned(),
                );
            }
            Some(&number) if length > number => {
                refuse(
                    &name,
                    format!("grew from {number} to {length} lines; it may only shrink"),
                    split.to_owned(),
                );
            }
            Some(_) if length <= limit => {
                refuse(
                    &name,
                    "is no longer too long".to_owned(),
                    format!("take its line out of {RATCHET}"),
                );
            }
            Some(&number) if length < number => {
                refuse(
                    &name,
                    format!("shrank from {number} to {length} lines"),
                    format!("write {length} in {RATCHET}"),
                );
            }
            _ => {}
        }
        seen.insert(name);
    }
    for name in listed.keys().filter(|name| !seen.contains(*name)) {
        refuse(
            RATCHET,
            format!("{name} does not exist"),
            "take the line out".to_owned(),
        );
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> RustFile {
        RustFile::read(path, &"\n".repeat(lines), &[])
    }

    fn limits(text: &str) -> Limits {
        toml::from_str(text).expect("valid limits")
    }

    fn only(violations: Vec<Violation>) -> String {
        assert_eq!(violations.len(), 1, "{violations:?}");
        format!("{} {}", violations[0].place, violations[0].what)
    }

    #[test]
    fn long_files_fail_unless_listed_and_the_list_only_shrinks() {
        let none = limits("[files]\n[functions]\n");
        assert_eq!(check(&[file("a.rs", 700)], &none), []);
        assert!(only(check(&[file("a.rs", 701)], &none)).starts_with("a.rs 701 lines"));

        let listed = limits("[files]\n'a.rs' = 800\n[functions]\n");
        assert_eq!(check(&[file("a.rs", 800)], &listed), []);
        assert!(only(check(&[file("a.rs", 801)], &listed)).starts_with("a.rs grew"));
        assert!(only(check(&[file("a.rs", 799)], &listed)).starts_with("a.rs shrank"));
        assert!(only(check(&[file("a.rs", 700)], &listed)).contains("no longer"));
        assert!(only(check(&[], &listed)).contains("does not exist"));
    }

    #[test]
    fn long_functions_fail_and_tests_may_be_long() {
        let none = limits("[files]\n[functions]\n");
        let function = |before: &str, lines: usize| {
            let text = format!("{before}fn a() {{{}}}\n", "\n".repeat(lines - 1));
            RustFile::read("a.rs", &text, &[])
        };
        assert_eq!(check(&[function("", 100)], &none), []);
        assert!(only(check(&[function("", 101)], &none)).starts_with("a.rs::a 101 lines"));
        assert_eq!(check(&[function("#[test]\n", 101)], &none), []);
        let listed = limits("[files]\n[functions]\n'a.rs::a' = 101\n");
        assert_eq!(check(&[function("", 101)], &listed), []);
    }

    #[test]
    fn files_on_their_way_are_named() {
        let none = limits("[files]\n[functions]\n");
        assert_eq!(
            warnings(&[file("a.rs", 400), file("c.rs", 701)], &none),
            [] as [String; 0]
        );
        assert_eq!(warnings(&[file("b.rs", 401)], &none).len(), 1);
    }
}
