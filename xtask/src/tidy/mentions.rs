//! Files and directories that the documents mention must exist.

use super::Violation;
use super::mask::line_of;

/// How a path of the repository begins.
const BEGINNINGS: [&str; 8] = [
    "crates/",
    "docs/",
    "installers/",
    "samples/",
    "src-tauri/",
    "tests/",
    "ui/",
    "xtask/",
];

pub(crate) fn is_checked(path: &str) -> bool {
    matches!(path, "README.md" | "ARCHITECTURE.md") || (path.starts_with("docs/") && path.ends_with(".md"))
}

/// `exists` is asked with paths relative to the root of the repository.
pub(crate) fn check(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (at, span) in spans(text) {
        for mentioned in span.split_whitespace().filter_map(path_in) {
            if !exists(mentioned) {
                violations.push(Violation::new(
                    format!("{path}:{}", line_of(text, at)),
                    format!("`{mentioned}` does not exist"),
                    "name the path as it is now, or take the sentence out",
                ));
            }
        }
    }
    violations
}

/// The texts between single backticks, with their places. A span ends with its line; fenced blocks have none.
fn spans(text: &str) -> Vec<(usize, &str)> {
    let mut spans = Vec::new();
    let (mut at, mut fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let mut offset = at;
            for (position, piece) in line.split('`').enumerate() {
                if position % 2 == 1 {
                    spans.push((offset, piece));
                }
                offset += piece.len() + 1;
            }
        }
        at += line.len();
    }
    spans
}

/// The path in a word such as `crates/x/src/y.rs:12`, `crates/x/src/y.rs::name` or `crates/*/src`: as far as it is
/// exact.
fn path_in(word: &str) -> Option<&str> {
    if !BEGINNINGS.iter().any(|beginning| word.starts_with(beginning)) {
        return None;
    }
    let word = word.split([':', '#', ',', ';', ')']).next().unwrap_or(word);
    let exact = match word.find(['*', '<', '{', '[', '…', '$']) {
        Some(open) => &word[..word[..open].rfind('/').map_or(0, |slash| slash + 1)],
        None => word,
    };
    Some(exact.trim_end_matches(['/', '.']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(text: &str) -> Vec<String> {
        let there = ["crates", "crates/rules", "crates/rules/src/lib.rs", "docs"];
        let found = check("README.md", text, |path| there.contains(&path));
        found
            .into_iter()
            .map(|violation| format!("{} {}", violation.place, violation.what))
            .collect()
    }

    #[test]
    fn a_mentioned_path_that_does_not_exist_is_found_with_its_line() {
        let text = "See `crates/rules/`.\nAnd `crates/gone/src/lib.rs` too.\n";
        assert_eq!(
            missing(text),
            ["README.md:2 `crates/gone/src/lib.rs` does not exist"]
        );
    }

    #[test]
    fn what_stands_around_a_path_is_no_part_of_it() {
        for text in [
            "`crates/rules/src/lib.rs:12`",
            "`crates/rules/src/lib.rs::name`",
            "`crates/*/src/lib.rs`",
            "`docs/adr-<number>.md`",
            "`vi crates/rules/src/lib.rs, docs`",
            "crates/gone without backticks",
            "`a/crates/gone`",
            "```\ncrates/gone `crates/gone`\n```\n",
        ] {
            assert_eq!(missing(text), [] as [String; 0], "{text}");
        }
        assert_eq!(
            missing("`cargo run -- tests/gone/*.json`").len(),
            1,
            "the exact part is checked"
        );
    }

    #[test]
    fn the_documents_are_checked_and_nothing_else() {
        assert!(is_checked("README.md") && is_checked("docs/adr/0001-layers.md"));
        assert!(!is_checked("crates/rules/README.md") && !is_checked("docs/acts.json"));
    }
}
