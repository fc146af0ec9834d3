//! Which crate of the workspace may use which. Arrows only point down.

use crate::tidy::Violation;
use crate::workspace::Workspace;

/// The strata, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stratum {
    /// Functions of their arguments: no clock, no chance, no disk, no net.
    Pure,
    /// What travels, translated at one place.
    Edge,
    /// Disks, documents, devices.
    Adapter,
    /// Use cases.
    App,
    /// Processes: they wire the others.
    Shell,
    /// Tests and tools; nothing that ships uses them.
    Dev,
}

/// What one crate may use among the crates of the workspace. Dependencies for tests are free.
struct Row {
    name: &'static str,
    stratum: Stratum,
    may_use: MayUse,
}

enum MayUse {
    These(&'static [&'static str]),
    All,
}

const fn row(name: &'static str, stratum: Stratum, may_use: &'static [&'static str]) -> Row {
    Row {
        name,
        stratum,
        may_use: MayUse::These(may_use),
    }
}

/// The whole table. A new arrow is a decision: it is added here in the commit that explains it.
const ARROWS: &[Row] = &[
    row("conclave-rules", Stratum::Pure, &[]),
    row("conclave-record", Stratum::Pure, &[]),
    row("conclave-sealing", Stratum::Pure, &[]),
    row(
        "conclave-evaluation",
        Stratum::Pure,
        &["conclave-rules", "conclave-record", "conclave-sealing"],
    ),
    row(
        "conclave-audit",
        Stratum::Pure,
        &[
            "conclave-evaluation",
            "conclave-rules",
            "conclave-record",
            "conclave-sealing",
        ],
    ),
    row(
        "conclave-protocol",
        Stratum::Edge,
        &["conclave-evaluation", "conclave-record"],
    ),
    row("conclave-documents", Stratum::Adapter, &[]),
    row("conclave-storage", Stratum::Adapter, &["conclave-record"]),
    row(
        "conclave-client",
        Stratum::App,
        &[
            "conclave-protocol",
            "conclave-evaluation",
            "conclave-record",
            "conclave-sealing",
            "conclave-rules",
            "conclave-storage",
            "conclave-audit",
            "conclave-documents",
        ],
    ),
    row(
        "conclave-centre",
        Stratum::App,
        &[
            "conclave-protocol",
            "conclave-evaluation",
            "conclave-record",
            "conclave-sealing",
            "conclave-rules",
            "conclave-storage",
            "conclave-audit",
            "conclave-documents",
        ],
    ),
    row(
        "conclave-cli",
        Stratum::Shell,
        &[
            "conclave-storage",
            "conclave-client",
            "conclave-audit",
            "conclave-documents",
            "conclave-protocol",
            "conclave-evaluation",
            "conclave-record",
            "conclave-sealing",
            "conclave-rules",
            "conclave-centre",
        ],
    ),
    row(
        "conclave-desktop",
        Stratum::Shell,
        &["conclave-client", "conclave-documents", "conclave-protocol"],
    ),
    row(
        "conclave-server",
        Stratum::Shell,
        &[
            "conclave-audit",
            "conclave-centre",
            "conclave-protocol",
            "conclave-storage",
            "conclave-evaluation",
            "conclave-record",
            "conclave-documents",
            "conclave-sealing",
        ],
    ),
    row(
        "conclave-testkit",
        Stratum::Dev,
        &[
            "conclave-record",
            "conclave-storage",
            "conclave-sealing",
            "conclave-evaluation",
            "conclave-rules",
            "conclave-audit",
            "conclave-protocol",
            "conclave-client",
            "conclave-centre",
        ],
    ),
    Row {
        name: "conclave-simulation",
        stratum: Stratum::Dev,
        may_use: MayUse::All,
    },
    Row {
        name: "conclave-windows",
        stratum: Stratum::Dev,
        may_use: MayUse::All,
    },
    Row {
        name: "conclave-system",
        stratum: Stratum::Dev,
        may_use: MayUse::All,
    },
    row("xtask", Stratum::Dev, &[]),
];

/// The pure crates, by name.
pub(crate) fn pure_crates() -> impl Iterator<Item = &'static str> {
    ARROWS
        .iter()
        .filter(|row| row.stratum == Stratum::Pure)
        .map(|row| row.name)
}

/// Every arrow of the workspace that the table does not have.
pub(crate) fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for member in workspace.members() {
        let used = member
            .dependencies
            .iter()
            .filter(|dependency| !dependency.is_for_tests_only());
        let used = used.map(|dependency| dependency.name.as_str());
        let used = used.filter(|name| workspace.members().any(|other| other.name == *name));
        let place = format!("{}/Cargo.toml", workspace.directory(member));
        violations.extend(check_member(&place, &member.name, used));
    }
    violations
}

fn check_member<'a>(place: &str, name: &str, used: impl Iterator<Item = &'a str>) -> Vec<Violation> {
    let Some(row) = ARROWS.iter().find(|row| row.name == name) else {
        return vec![Violation::new(
            place,
            format!("{name} has no row in the table of arrows"),
            "add one to xtask/src/arrows.rs: its stratum and the crates it may use",
        )];
    };
    let refused = used.filter(|used| match row.may_use {
        MayUse::All => false,
        MayUse::These(these) => !these.contains(used),
    });
    let violation = |used: &str| {
        Violation::new(
            place,
            format!("{name} ({:?}) may not use {used}", row.stratum),
            "put the shared type into the lower crate, or convert at the edge; a test may use it under dev-dependencies",
        )
    };
    refused.map(violation).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(name: &str, used: &[&str]) -> Vec<Violation> {
        check_member("Cargo.toml", name, used.iter().copied())
    }

    #[test]
    fn an_arrow_that_is_not_in_the_table_is_refused() {
        let found = violations("conclave-record", &["conclave-storage"]);
        assert_eq!(found.len(), 1);
        assert!(
            found[0]
                .what
                .contains("conclave-record (Pure) may not use conclave-storage"),
            "{found:?}"
        );
        assert_eq!(violations("conclave-storage", &["conclave-record"]), []);
        assert_eq!(
            violations("conclave-simulation", &["conclave-server", "conclave-cli"]),
            []
        );
        assert_eq!(
            violations("conclave-cli", &["conclave-client", "conclave-testkit"]).len(),
            1
        );
    }

    #[test]
    fn a_crate_without_a_row_is_refused() {
        assert!(violations("conclave-media", &[])[0].what.contains("no row"));
    }

    #[test]
    fn the_table_itself_points_down_and_has_no_cycle() {
        for (position, row) in ARROWS.iter().enumerate() {
            let MayUse::These(these) = row.may_use else {
                continue;
            };
            for used in these {
                let below = ARROWS
                    .iter()
                    .position(|other| other.name == *used)
                    .expect("a row for every name");
                assert!(
                    ARROWS[below].stratum <= row.stratum,
                    "{} points up to {used}",
                    row.name
                );
                // Every row uses only rows above it: no cycle is possible.
                assert!(
                    below < position,
                    "{} uses {used}, which stands further down",
                    row.name
                );
            }
        }
    }

    #[test]
    fn nothing_that_ships_may_use_what_is_for_tests() {
        for row in ARROWS.iter().filter(|row| row.stratum != Stratum::Dev) {
            let MayUse::These(these) = row.may_use else {
                panic!("{} may use everything", row.name)
            };
            for used in these {
                let other = ARROWS
                    .iter()
                    .find(|other| other.name == *used)
                    .expect("a row for every name");
                assert_ne!(other.stratum, Stratum::Dev, "{} uses {used}", row.name);
            }
        }
    }
}
