//! Pure crates reach no runtime, net, disk, clock or source of chance, not even through what they use.

use std::collections::BTreeSet;

use super::Violation;
use crate::arrows;
use crate::commands;
use crate::steps::Outcome;
use crate::workspace::Workspace;

/// What must not be anywhere below a pure crate.
const FORBIDDEN: [&str; 13] = [
    "axum",
    "chrono",
    "fastrand",
    "getrandom",
    "hyper",
    "jiff",
    "rand",
    "reqwest",
    "rusqlite",
    "tauri",
    "tempfile",
    "time",
    "tokio",
];

/// The exact arrows that are allowed all the same: who uses it, what, why it does no harm.
const EXCEPTIONS: [(&str, &str, &str); 5] = [
    (
        "ring",
        "getrandom",
        "behind ring's SystemRandom, which tidy forbids in pure crates",
    ),
    (
        "crypto-bigint",
        "getrandom",
        "default feature of rfc6979 (deterministic ECDSA nonces), which draws nothing",
    ),
    (
        "crypto-common",
        "getrandom",
        "default feature of p256; its generators are called with a generator given",
    ),
    (
        "asn1-rs",
        "time",
        "the calendar type of certificate dates, without the clock",
    ),
    (
        "x509-parser",
        "time",
        "the calendar type of certificate dates; ASN1Time::now is forbidden by tidy",
    ),
];

/// One dependency, by names.
type Arrow = (String, String);

pub(crate) fn check(workspace: &Workspace) -> Outcome<Vec<Violation>> {
    let mut violations = Vec::new();
    for pure in arrows::pure_crates() {
        // `cargo tree` and not the metadata: only it resolves the features of this crate without those of others.
        let line = [
            "tree", "--locked", "-p", pure, "-e", "normal", "--target", "all", "--prefix", "depth", "-f",
            " {p}",
        ];
        let tree = commands::output(commands::cargo(&line).current_dir(&workspace.root))?;
        violations.extend(check_arrows(pure, &arrows_of(&tree)));
    }
    Ok(violations)
}

/// Every line is the depth, the name, the version, and more that does not matter.
fn arrows_of(tree: &str) -> BTreeSet<Arrow> {
    let mut arrows = BTreeSet::new();
    let mut path: Vec<&str> = Vec::new();
    for line in tree.lines() {
        let mut words = line.split_whitespace();
        let (Some(depth), Some(name)) = (words.next().and_then(|depth| depth.parse().ok()), words.next())
        else {
            continue;
        };
        path.truncate(depth);
        if let Some(user) = path.last() {
            arrows.insert(((*user).to_owned(), name.to_owned()));
        }
        path.push(name);
    }
    arrows
}

fn check_arrows(pure: &str, arrows: &BTreeSet<Arrow>) -> Vec<Violation> {
    let excepted = |arrow: &&Arrow| {
        !EXCEPTIONS
            .iter()
            .any(|(user, used, _)| arrow.0 == *user && arrow.1 == *used)
    };
    let refused = arrows
        .iter()
        .filter(|(_, used)| FORBIDDEN.contains(&used.as_str()))
        .filter(excepted);
    let violation = |(user, used): &Arrow| {
        Violation::new(
            format!("{pure} (pure)"),
            format!("{user} brings {used}"),
            format!(
                "leave out the feature that brings it (`cargo tree -p {pure} -e normal,features -i {used}`), or take \
                 the thing as an argument; what is harmless is listed with its reason in xtask/src/tidy/purity.rs"
            ),
        )
    };
    refused.map(violation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TREE: &str = "\
0 conclave-record v0.1.0 (/somewhere)
1 p256 v0.14.0
2 ecdsa v0.17.0
3 crypto-bigint v0.7.11
4 getrandom v0.4.3
1 ring v0.17.14
2 getrandom v0.2.17
2 cfg-if v1.0.0
1 helper v1.0.0
2 tokio v1.0.0 (*)
";

    #[test]
    fn arrows_are_read_from_the_depths() {
        let arrows = arrows_of(TREE);
        let has = |user: &str, used: &str| arrows.contains(&(user.to_owned(), used.to_owned()));
        assert!(
            has("conclave-record", "p256")
                && has("conclave-record", "ring")
                && has("conclave-record", "helper")
        );
        assert!(has("crypto-bigint", "getrandom") && has("ring", "cfg-if") && has("helper", "tokio"));
        assert_eq!(arrows.len(), 9);
    }

    #[test]
    fn a_runtime_far_below_is_found_and_the_exceptions_pass() {
        let found = check_arrows("conclave-record", &arrows_of(TREE));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].what, "helper brings tokio");
    }

    #[test]
    fn an_exception_holds_for_its_own_arrow_only() {
        let arrows = BTreeSet::from([("conclave-rules".to_owned(), "getrandom".to_owned())]);
        assert_eq!(check_arrows("conclave-rules", &arrows).len(), 1);
    }
}
