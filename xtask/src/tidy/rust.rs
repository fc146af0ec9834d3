//! A Rust file as the checks see it: its code without comments and literals, which lines are tests, its functions.

use super::mask::{find_word, is_word, line_of, mask};

pub(crate) struct RustFile {
    pub(crate) path: String,
    /// The workspace member it belongs to, by name.
    pub(crate) member: Option<String>,
    /// The code alone; see [`mask`].
    pub(crate) code: String,
    /// For each line, whether it belongs to a test.
    test_lines: Vec<bool>,
}

/// A function outside tests.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// Counted from 1.
    pub(crate) line: usize,
    /// In lines, the first and the last included.
    pub(crate) length: usize,
}

impl RustFile {
    /// `members`: directory and name of each.
    pub(crate) fn read(path: &str, text: &str, members: &[(String, String)]) -> Self {
        let code = mask(text);
        let owner = members
            .iter()
            .filter(|(directory, _)| {
                path.strip_prefix(directory.as_str())
                    .is_some_and(|rest| rest.starts_with('/'))
            })
            .max_by_key(|(directory, _)| directory.len());
        let inside = owner.map_or(path, |(directory, _)| &path[directory.len() + 1..]);
        let lines = code.lines().count();
        let test_lines = if is_test_file(inside) {
            vec![true; lines]
        } else {
            test_lines(&code, lines)
        };
        Self {
            path: path.to_owned(),
            member: owner.map(|(_, name)| name.clone()),
            code,
            test_lines,
        }
    }

    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.test_lines.get(line - 1).copied().unwrap_or(false)
    }

    /// Lines outside tests, comments and blank ones included.
    pub(crate) fn length(&self) -> usize {
        self.test_lines.iter().filter(|test| !**test).count()
    }

    pub(crate) fn functions(&self) -> Vec<Function> {
        let found = find_word(&self.code, "fn").filter_map(|at| function(&self.code, at));
        found
            .filter(|function| !self.is_test_line(function.line))
            .collect()
    }
}

/// By its place in its package: integration tests, benchmarks, and test modules in files of their own.
fn is_test_file(inside: &str) -> bool {
    let stem = inside
        .rsplit('/')
        .next()
        .and_then(|name| name.strip_suffix(".rs"))
        .unwrap_or_default();
    inside.starts_with("tests/")
        || inside.starts_with("benches/")
        || inside.contains("/tests/")
        || stem == "tests"
        || stem.ends_with("_tests")
}

fn test_lines(code: &str, lines: usize) -> Vec<bool> {
    let mut test = vec![false; lines];
    for (at, _) in code.match_indices("#[").chain(code.match_indices("#![")) {
        let open = at + code[at..].find('[').expect("the pattern has one");
        let Some(close) = matching(code, open) else {
            continue;
        };
        if !is_test_attribute(&code[open + 1..close]) {
            continue;
        }
        let whole_file = code[at..].starts_with("#!");
        let end = if whole_file {
            code.len()
        } else {
            item_end(code, close + 1)
        };
        let (first, last) = (line_of(code, at), line_of(code, end));
        for line in test.iter_mut().take(last).skip(first - 1) {
            *line = true;
        }
    }
    test
}

fn is_test_attribute(attribute: &str) -> bool {
    let attribute = attribute.trim();
    let conditional = attribute.starts_with("cfg(") && !attribute.contains("not(");
    let name = attribute.split('(').next().unwrap_or_default();
    name == "test"
        || name.ends_with("::test")
        || (conditional && find_word(attribute, "test").next().is_some())
}

/// The last byte of the item that starts here: its closing brace, or the semicolon of an item without one.
fn item_end(code: &str, start: usize) -> usize {
    body(code, start).map_or_else(
        |semicolon| semicolon,
        |open| matching(code, open).unwrap_or(code.len()),
    )
}

/// The brace that opens the body of an item, or as an error the place of the semicolon that ends it before.
fn body(code: &str, start: usize) -> Result<usize, usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code.as_bytes()[start..].iter().enumerate() {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Ok(start + offset),
            b';' if depth == 0 => return Err(start + offset),
            _ => {}
        }
    }
    Err(code.len())
}

/// The bracket that closes the one at `open`.
pub(crate) fn matching(code: &str, open: usize) -> Option<usize> {
    let mut depth = 0_i32;
    for (offset, byte) in code.as_bytes()[open..].iter().enumerate() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(open + offset);
        }
    }
    None
}

/// The function whose `fn` stands here. None for a function type, a declaration, or a macro's pattern.
fn function(code: &str, at: usize) -> Option<Function> {
    let rest = code[at + 2..].trim_start();
    let name: String = rest
        .bytes()
        .take_while(|byte| is_word(*byte))
        .map(char::from)
        .collect();
    if name.is_empty() {
        return None;
    }
    let open = body(code, at).ok()?;
    let close = matching(code, open)?;
    let line = line_of(code, at);
    Some(Function {
        name,
        line,
        length: line_of(code, close) - line + 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> RustFile {
        RustFile::read(
            "crates/x/src/y.rs",
            text,
            &[("crates/x".into(), "conclave-x".into())],
        )
    }

    #[test]
    fn test_items_are_told_from_the_rest() {
        let text = "\
fn a() {}
#[cfg(test)]
use x::{y, z};
#[test]
#[should_panic]
fn b() {
}
struct S;
#[cfg(not(test))]
fn c() {}
#[tokio::test(flavor = \"multi_thread\")]
async fn d() {
}
#[cfg(all(test, unix))]
mod tests {
    fn e() {}
}
fn f() {}
";
        let file = file(text);
        let outside: Vec<_> = (1..=18).filter(|line| !file.is_test_line(*line)).collect();
        assert_eq!(outside, [1, 8, 9, 10, 18]);
        assert_eq!(file.length(), 5);
        let names: Vec<_> = file
            .functions()
            .into_iter()
            .map(|function| function.name)
            .collect();
        assert_eq!(names, ["a", "c", "f"]);
    }

    #[test]
    fn whole_test_files_by_place_in_their_package() {
        let members = [
            ("tests/system".into(), "conclave-system".into()),
            ("crates/x".into(), "conclave-x".into()),
        ];
        let length = |path: &str| RustFile::read(path, "fn a() {}\n", &members).length();
        assert_eq!(length("crates/x/tests/all.rs"), 0);
        assert_eq!(length("crates/x/src/y/tests.rs"), 0);
        assert_eq!(length("crates/x/src/y.rs"), 1);
        assert_eq!(length("tests/system/tests/kills.rs"), 0);
        assert_eq!(
            length("tests/system/src/lib.rs"),
            1,
            "only the place in the package counts"
        );
        assert_eq!(file("#![cfg(test)]\nfn a() {}\n").length(), 0);
    }

    #[test]
    fn functions_with_their_lengths() {
        let text = "\
fn short() { let brace = '{'; }
trait T {
    fn declared(&self);
}
fn with_array(x: [u8; 3]) -> fn(u8) -> u8
where
    X: Y,
{
    if true {
    }
}
";
        let found = file(text).functions();
        let expected = [("short", 1, 1), ("with_array", 5, 7)];
        let found: Vec<_> = found
            .iter()
            .map(|f| (f.name.as_str(), f.line, f.length))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn the_member_with_the_longest_directory_owns_a_file() {
        let members = [("crates/x".into(), "x".into()), ("crates/xy".into(), "xy".into())];
        assert_eq!(
            RustFile::read("crates/xy/src/a.rs", "", &members)
                .member
                .as_deref(),
            Some("xy")
        );
        assert_eq!(RustFile::read("other/a.rs", "", &members).member, None);
    }
}
