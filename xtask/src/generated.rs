//! Files that are generated and committed: they must equal what the code says today.

use std::fs;
use std::process::Command;

use crate::commands;
use crate::steps::{Failure, Outcome};
use crate::workspace::Workspace;

/// A file, and the example program whose standard output is its content.
struct Generated {
    file: &'static str,
    package: &'static str,
    example: &'static str,
    argument: Option<&'static str>,
}

const fn page(file: &'static str, package: &'static str, example: &'static str) -> Generated {
    Generated {
        file,
        package,
        example,
        argument: None,
    }
}

/// The capability file of a window.
const fn capability(file: &'static str, window: &'static str) -> Generated {
    Generated {
        file,
        package: "conclave-protocol",
        example: "window",
        argument: Some(window),
    }
}

const GENERATED: &[Generated] = &[
    page("docs/formats/catalogue.md", "conclave-evaluation", "catalogue"),
    page("docs/formats/access.md", "conclave-evaluation", "access"),
    page("docs/formats/problems.md", "conclave-client", "problems"),
    page("ui/src/generated/window.ts", "conclave-protocol", "window"),
    page(
        "ui/src/fixtures/rulebook.recorded.json",
        "conclave-client",
        "rulebook_scenes",
    ),
    capability("src-tauri/capabilities/entry.json", "entry"),
    capability("src-tauri/capabilities/expert.json", "expert"),
    capability("src-tauri/capabilities/clerk.json", "clerk"),
    capability("src-tauri/capabilities/hall.json", "hall"),
    capability("src-tauri/capabilities/purchaser.json", "purchaser"),
    capability("src-tauri/capabilities/holder.json", "holder"),
    capability("src-tauri/capabilities/supervisor.json", "supervisor"),
    capability("src-tauri/capabilities/operator.json", "operator"),
    capability("src-tauri/capabilities/verifier.json", "verifier"),
    capability("src-tauri/capabilities/rulebook.json", "rulebook"),
];

impl Generated {
    /// What to run to renew it.
    fn arguments(&self) -> Vec<&'static str> {
        let mut arguments = vec!["run", "-q", "-p", self.package, "--example", self.example];
        if let Some(argument) = self.argument {
            arguments.extend(["--", argument]);
        }
        arguments
    }
}

/// Runs every generator and compares. The programs are those of the whole workspace's build: building one package by
/// itself would build its dependencies once more. Returns a note for the table of steps.
pub(crate) fn check(workspace: &Workspace) -> Outcome<String> {
    let programs = workspace.target.join("debug/examples");
    for generated in GENERATED {
        let mut program = Command::new(programs.join(generated.example));
        let fresh = commands::output(program.args(generated.argument).current_dir(&workspace.root))?;
        let committed = fs::read_to_string(workspace.root.join(generated.file)).unwrap_or_default();
        compare(generated.file, &generated.arguments(), &committed, &fresh)?;
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
