//! Files that are generated and committed: they must equal what the code says today.

use std::fs;
use std::path::Path;

use crate::commands;
use crate::steps::{Failure, Outcome};

/// File, and the arguments for `cargo` whose standard output is its content. One line a file.
const GENERATED: &[(&str, &[&str])] = &[
    (
        "docs/formats/catalogue.md",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-evaluation",
            "--example",
            "catalogue",
        ],
    ),
    (
        "docs/formats/access.md",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-evaluation",
            "--example",
            "access",
        ],
    ),
    (
        "docs/formats/problems.md",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-client",
            "--example",
            "problems",
        ],
    ),
    (
        "ui/src/generated/window.ts",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
        ],
    ),
    (
        "src-tauri/capabilities/entry.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "entry",
        ],
    ),
    (
        "src-tauri/capabilities/expert.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "expert",
        ],
    ),
    (
        "src-tauri/capabilities/clerk.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "clerk",
        ],
    ),
    (
        "src-tauri/capabilities/hall.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "hall",
        ],
    ),
    (
        "src-tauri/capabilities/purchaser.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "purchaser",
        ],
    ),
    (
        "src-tauri/capabilities/holder.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "holder",
        ],
    ),
    (
        "src-tauri/capabilities/supervisor.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "supervisor",
        ],
    ),
    (
        "src-tauri/capabilities/operator.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "operator",
        ],
    ),
    (
        "src-tauri/capabilities/verifier.json",
        &[
            "run",
            "-q",
            "--locked",
            "-p",
            "conclave-protocol",
            "--example",
            "window",
            "--",
            "verifier",
        ],
    ),
];

/// Runs every generator and compares. Returns a note for the table of steps.
pub(crate) fn check(root: &Path) -> Outcome<String> {
    for (file, arguments) in GENERATED {
        let fresh = commands::output(commands::cargo(arguments).current_dir(root))?;
        let committed = fs::read_to_string(root.join(file)).unwrap_or_default();
        compare(file, arguments, &committed, &fresh)?;
    }
    Ok(format!("{} files", GENERATED.len()))
}

fn compare(file: &str, arguments: &[&str], committed: &str, fresh: &str) -> Outcome {
    if committed == fresh {
        return Ok(());
    }
    let differs = committed
        .lines()
        .zip(fresh.lines())
        .take_while(|(old, new)| old == new)
        .count()
        + 1;
    let again = arguments.join(" ");
    Err(Failure::new(format!(
        "{file} is out of date from line {differs} on; generate it again with `cargo {again} > {file}` and commit it"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_out_of_date_is_refused_with_the_command_that_renews_it() {
        let arguments = ["run", "-p", "x"];
        assert_eq!(compare("docs/x.md", &arguments, "a\nb\n", "a\nb\n"), Ok(()));
        let failure = compare("docs/x.md", &arguments, "a\nb\n", "a\nc\n").expect_err("line 2 differs");
        assert!(failure.message.contains("line 2"), "{failure:?}");
        assert!(
            failure.message.contains("`cargo run -p x > docs/x.md`"),
            "{failure:?}"
        );
        assert!(
            compare("docs/x.md", &arguments, "", "a\n").is_err(),
            "a missing file is out of date"
        );
    }
}
