//! Every member of the workspace takes lints, version and edition from it, and says what it is for.

use std::path::Path;

use toml::Value;

use super::Violation;
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace, files: &[(String, String)]) -> Vec<Violation> {
    let text_of = |path: &str| {
        files
            .iter()
            .find(|(other, _)| other == path)
            .map(|(_, text)| text.as_str())
    };
    let mut violations = Vec::new();
    for member in workspace.members() {
        let directory = workspace.directory(member);
        let inside = |file: &str| format!("{directory}/{file}");
        let manifest = inside("Cargo.toml");
        violations.extend(check_manifest(&manifest, text_of(&manifest).unwrap_or_default()));
        for root in ["src/lib.rs", "src/main.rs"].map(inside) {
            if let Some(text) = text_of(&root) {
                violations.extend(check_root(&root, text));
            }
        }
    }
    violations
}

fn check_manifest(path: &str, text: &str) -> Vec<Violation> {
    let manifest: Value = match toml::from_str(text) {
        Ok(manifest) => manifest,
        Err(error) => {
            return vec![Violation::new(
                path,
                format!("no manifest: {}", error.message()),
                "write one",
            )];
        }
    };
    let inherits = |keys: &[&str]| {
        let value = keys.iter().try_fold(&manifest, |value, key| value.get(key));
        value
            .and_then(|value| value.get("workspace"))
            .and_then(Value::as_bool)
            == Some(true)
    };
    let mut violations = Vec::new();
    let wanted: [(&[&str], &str); 3] = [
        (&["lints"], "[lints] workspace = true"),
        (&["package", "version"], "version.workspace = true"),
        (&["package", "edition"], "edition.workspace = true"),
    ];
    for (keys, line) in wanted {
        if !inherits(keys) {
            let what = format!("{} is not taken from the workspace", keys.join("."));
            violations.push(Violation::new(path, what, format!("write `{line}`")));
        }
    }
    violations
}

fn check_root(path: &str, text: &str) -> Option<Violation> {
    let documented = text.trim_start().starts_with("//!");
    let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
    (!documented).then(|| {
        let instead = "let the first line be `//!` and say what the crate is for and what must not be in it";
        Violation::new(
            path,
            format!("{name} does not start with its documentation"),
            instead,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_must_take_three_things_from_the_workspace() {
        let good = "[package]\nname = \"x\"\nversion.workspace = true\nedition.workspace = true\n[lints]\nworkspace = true\n";
        assert_eq!(check_manifest("Cargo.toml", good), []);
        let missing = |without: &str, with: &str| check_manifest("Cargo.toml", &good.replace(without, with));
        assert!(
            missing("[lints]\nworkspace = true\n", "")[0]
                .what
                .starts_with("lints ")
        );
        assert!(
            missing("workspace = true\n[lints]\nworkspace = true", "workspace = false")[0]
                .what
                .starts_with("lints ")
        );
        assert!(
            missing("version.workspace = true", "version = \"1.0.0\"")[0]
                .what
                .starts_with("package.version ")
        );
        assert!(
            missing("edition.workspace = true", "edition = \"2021\"")[0]
                .what
                .starts_with("package.edition ")
        );
        assert!(
            missing("[package]", "[package")[0]
                .what
                .starts_with("no manifest")
        );
    }

    #[test]
    fn a_root_must_start_with_its_documentation() {
        assert_eq!(check_root("crates/x/src/lib.rs", "//! What it is for.\n"), None);
        let found =
            check_root("crates/x/src/lib.rs", "mod x;\n//! Too late.\n").expect("it does not start with it");
        assert!(found.what.starts_with("lib.rs "), "{found:?}");
    }
}
