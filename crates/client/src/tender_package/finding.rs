//! What is wrong with a package, where, and what to do.

use super::is_error;
use rules::{Finding, Severity, Text};
use serde::Serialize;
use std::io;

/// Most findings of one package: what is more is of no more use.
const MAX_FINDINGS: usize = 256;

/// One finding about a tender package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PackageFinding {
    /// Error or warning.
    pub severity: Severity,
    /// File inside the folder.
    pub file: String,
    /// Member of the file, as a JSON path; empty for the whole file.
    pub at: String,
    /// Id of the rule that it breaks; empty when it is the format's.
    pub rule: String,
    /// What is wrong and what to do.
    pub text: Text,
}

#[derive(Default)]
pub(super) struct Findings(Vec<PackageFinding>);

impl Findings {
    fn push(&mut self, finding: PackageFinding) {
        // Errors are not crowded out by warnings: the first are enough to refuse.
        if self.0.len() < MAX_FINDINGS {
            self.0.push(finding);
        } else if is_error(&finding)
            && let Some(warning) = self.0.iter_mut().find(|known| !is_error(known))
        {
            *warning = finding;
        }
    }

    pub(super) fn error(
        &mut self,
        file: &str,
        at: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.push(PackageFinding {
            severity: Severity::Error,
            file: file.to_owned(),
            at: at.into(),
            rule: String::new(),
            text: Text::new(zh, en),
        });
    }

    pub(super) fn warning(
        &mut self,
        file: &str,
        at: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) {
        self.push(PackageFinding {
            severity: Severity::Warning,
            file: file.to_owned(),
            at: at.into(),
            rule: String::new(),
            text: Text::new(zh, en),
        });
    }

    /// The file is not of its form; `detail` says where.
    pub(super) fn shape(&mut self, file: &str, detail: &str) {
        self.error(
            file,
            "",
            format!("不符合格式：{detail}。请对照格式说明修改。"),
            format!("is not of its form: {detail}. Compare with the description of the format."),
        );
    }

    pub(super) fn unreadable(&mut self, file: &str, error: &io::Error) {
        self.error(
            file,
            "",
            format!("读不出来：{error}。请检查文件是否齐全、能否打开。"),
            format!("can't be read: {error}. See that the file is there and may be opened."),
        );
    }

    pub(super) fn of_rulebook(&mut self, file: &str, finding: Finding) {
        self.push(PackageFinding {
            severity: finding.severity,
            file: file.to_owned(),
            at: finding.at,
            rule: finding.rule,
            text: finding.text,
        });
    }

    pub(super) fn has_errors(&self) -> bool {
        self.0.iter().any(is_error)
    }

    pub(super) fn into_list(self) -> Vec<PackageFinding> {
        self.0
    }
}
