//! What a check of a rulebook found.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::Text;

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The rulebook may not be used.
    Error,
    /// A person should look at it.
    Warning,
}

/// One finding about a rulebook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Id of the rule: of the law table (`SC-1`, `RES-1`) or of the format (`RB-1` to `RB-9`).
    pub rule: String,
    /// Error or warning.
    pub severity: Severity,
    /// Where, as a JSON path: `criteria[0].kind.range`.
    pub at: String,
    /// What is wrong, for people.
    pub text: Text,
}

impl Finding {
    pub(crate) fn error(
        rule: &str,
        at: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            rule: rule.to_owned(),
            severity: Severity::Error,
            at: at.into(),
            text: Text::new(zh, en),
        }
    }

    pub(crate) fn warning(
        rule: &str,
        at: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(rule, at, zh, en)
        }
    }
}
