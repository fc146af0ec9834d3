//! Licences, bans and sources of every locked crate, by the lists of `deny.toml`.
//!
//! `cargo deny` reads the same lists and looks deeper (licence texts), but takes minutes to install;
//! this check needs nothing and runs always.

use std::fs;

use serde::Deserialize;

use crate::steps::{Failure, Outcome};
use crate::tidy::{self, Violation};
use crate::workspace::{Package, Workspace};

#[derive(Deserialize)]
struct Lists {
    licenses: Licences,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Ban>,
}

#[derive(Deserialize)]
struct Ban {
    #[serde(rename = "crate")]
    name: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Sources {
    allow_registry: Vec<String>,
}

/// Checks every package of the lock file. Returns a note for the table of steps.
pub(crate) fn check(workspace: &Workspace) -> Outcome<String> {
    let text = fs::read_to_string(workspace.root.join("deny.toml"))
        .map_err(|error| Failure::new(format!("deny.toml: {error}")))?;
    let lists: Lists = toml::from_str(&text).map_err(|error| Failure::new(format!("deny.toml: {error}")))?;
    let mut violations = Vec::new();
    for package in &workspace.packages {
        violations.extend(check_package(package, &lists));
        if package.source.is_none() && !package.manifest_path.starts_with(&workspace.root) {
            violations.push(Violation::new(
                "Cargo.lock",
                format!("{} comes from a path outside the repository", package.name),
                "use a released version from crates.io",
            ));
        }
    }
    tidy::report(&violations)?;
    Ok(format!("{} crates", workspace.packages.len()))
}

fn check_package(package: &Package, lists: &Lists) -> Vec<Violation> {
    let named = format!("{} {}", package.name, package.version);
    let mut violations = Vec::new();
    let mut refuse =
        |what: String, instead: &str| violations.push(Violation::new("Cargo.lock", what, instead));
    match package.license.as_deref() {
        None => refuse(format!("{named} names no licence"), "use another crate"),
        Some(licence) if !allowed(licence, &lists.licenses.allow) => refuse(
            format!("{named} is under {licence}"),
            "use another crate, or allow the licence in deny.toml in a commit that says why it may ship",
        ),
        Some(_) => {}
    }
    if let Some(ban) = lists.bans.deny.iter().find(|ban| ban.name == package.name) {
        refuse(
            format!("{named} is banned"),
            &format!("{}; `cargo tree -i {}` shows who wants it", ban.reason, ban.name),
        );
    }
    if let Some(source) = &package.source {
        let registry = source.strip_prefix("registry+");
        if !registry.is_some_and(|registry| {
            lists
                .sources
                .allow_registry
                .iter()
                .any(|allowed| allowed == registry)
        }) {
            refuse(
                format!("{named} comes from {source}"),
                "use a released version from crates.io",
            );
        }
    }
    violations
}

/// Whether an SPDX expression can be met with the allowed licences alone. The old `MIT/Apache-2.0` means OR.
fn allowed(expression: &str, allow: &[String]) -> bool {
    let spaced = expression
        .replace('(', " ( ")
        .replace(')', " ) ")
        .replace('/', " OR ");
    let words: Vec<_> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allow };
    reader.alternatives() == Some(true) && reader.words.is_empty()
}

/// Reads an expression from the front. `None`: it is malformed.
struct Reader<'a> {
    words: &'a [&'a str],
    allow: &'a [String],
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn skip(&mut self, word: &str) -> bool {
        let there = self.words.first() == Some(&word);
        if there {
            self.next();
        }
        there
    }

    fn alternatives(&mut self) -> Option<bool> {
        let mut met = self.conjunction()?;
        while self.skip("OR") {
            met |= self.conjunction()?;
        }
        Some(met)
    }

    fn conjunction(&mut self) -> Option<bool> {
        let mut met = self.licence()?;
        while self.skip("AND") {
            met &= self.licence()?;
        }
        Some(met)
    }

    fn licence(&mut self) -> Option<bool> {
        if self.skip("(") {
            let met = self.alternatives()?;
            return self.skip(")").then_some(met);
        }
        let name = self
            .next()
            .filter(|word| !matches!(*word, "OR" | "AND" | "WITH" | ")"))?;
        let full = if self.skip("WITH") {
            format!("{name} WITH {}", self.next()?)
        } else {
            name.to_owned()
        };
        Some(self.allow.contains(&full))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists() -> Lists {
        toml::from_str(
            r#"
            [licenses]
            allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"]
            [bans]
            deny = [{ crate = "openssl", reason = "TLS is rustls" }]
            [sources]
            allow-registry = ["https://github.com/rust-lang/crates.io-index"]
            "#,
        )
        .expect("valid lists")
    }

    fn package(name: &str, licence: &str, source: &str) -> Package {
        serde_json::from_value(serde_json::json!({
            "id": name, "name": name, "version": "1.0.0", "license": licence, "source": source,
            "manifest_path": "Cargo.toml", "dependencies": [],
        }))
        .expect("a package as cargo metadata gives it")
    }

    const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

    #[test]
    fn licence_expressions() {
        let allow = lists().licenses.allow;
        let table = [
            ("MIT", true),
            ("MIT OR GPL-3.0-only", true),
            ("GPL-3.0-only/MIT", true),
            ("GPL-3.0-only", false),
            ("MIT AND GPL-3.0-only", false),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
            ("(MIT OR Apache-2.0) AND AGPL-3.0-only", false),
            // AND binds first.
            ("AGPL-3.0-only AND Unicode-3.0 OR MIT", true),
            ("Apache-2.0 WITH LLVM-exception", true),
            ("MIT WITH LLVM-exception", false),
            // Malformed ones are not allowed.
            ("", false),
            ("MIT OR", false),
            ("(MIT", false),
            ("MIT)", false),
            ("MIT Apache-2.0", false),
        ];
        for (expression, expected) in table {
            assert_eq!(allowed(expression, &allow), expected, "{expression}");
        }
    }

    #[test]
    fn a_crate_in_order_passes() {
        assert_eq!(
            check_package(&package("serde", "MIT OR Apache-2.0", CRATES_IO), &lists()),
            []
        );
    }

    #[test]
    fn each_list_catches_its_violation() {
        let table = [
            (
                package("mupdf", "AGPL-3.0-only", CRATES_IO),
                "is under AGPL-3.0-only",
            ),
            (package("openssl", "Apache-2.0", CRATES_IO), "is banned"),
            (
                package("x", "MIT", "git+https://example.org/x?rev=1#1"),
                "comes from git+",
            ),
            (
                package("x", "MIT", "registry+https://example.org/index"),
                "comes from registry+",
            ),
        ];
        for (package, expected) in table {
            let found = check_package(&package, &lists());
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].what.contains(expected), "{found:?}");
        }
    }
}
