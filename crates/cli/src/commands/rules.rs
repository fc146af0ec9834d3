//! `conclave rules`: rulebooks by themselves.

use super::audit::Tongue;
use super::conditions::ReviewConditions;
use super::{Fault, read};
use clap::Subcommand;
use rules::{Case, ConditionRules, Conditions, Finding, ReviewRecord, Rulebook, Severity};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Subcommand)]
pub(crate) enum Rules {
    /// Checks a rulebook, or the rulebook of a case, against its regime. Exit: 0 without errors, 1 with, 2 unreadable.
    Lint {
        /// The rulebook or the case.
        file: PathBuf,
        /// The findings as JSON.
        #[arg(long)]
        json: bool,
        /// Language.
        #[arg(long, value_enum, default_value_t = Tongue::Zh)]
        lang: Tongue,
    },
    /// Looks for clauses that restrict competition. Exit: 0 nothing found, 1 findings, 2 unreadable.
    Conditions(ReviewConditions),
    /// Prints a rulebook to begin with.
    New {
        /// Which one; without, their names.
        #[arg(long)]
        preset: Option<String>,
    },
    /// Prints a JSON Schema.
    Schema {
        /// Of which format.
        #[arg(value_enum, default_value_t = Format::Rulebook)]
        of: Format,
    },
}

/// A format with a schema (`docs/formats`).
#[derive(Clone, Copy, clap::ValueEnum)]
pub(crate) enum Format {
    /// `conclave.rulebook/1`.
    Rulebook,
    /// `conclave.case/1`.
    Case,
    /// `conclave.conditions/1`.
    Conditions,
    /// `conclave.conditions_rules/1`.
    ConditionRules,
    /// `conclave.conditions_review/1`.
    ConditionsReview,
}

impl Rules {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        match self {
            Self::Lint { file, json, lang } => lint(&file, json, lang),
            Self::Conditions(review) => review.run(),
            Self::New { preset } => new(preset.as_deref()),
            Self::Schema { of } => print(&match of {
                Format::Rulebook => Rulebook::schema(),
                Format::Case => Case::schema(),
                Format::Conditions => Conditions::schema(),
                Format::ConditionRules => ConditionRules::schema(),
                Format::ConditionsReview => ReviewRecord::schema(),
            }),
        }
    }
}

fn print(value: &impl serde::Serialize) -> Result<ExitCode, Fault> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Fault::Other(error.to_string()))?;
    println!("{text}");
    Ok(ExitCode::SUCCESS)
}

fn lint(file: &std::path::Path, json: bool, lang: Tongue) -> Result<ExitCode, Fault> {
    let bytes = read(file)?;
    let book = Rulebook::parse(&bytes).or_else(|error| match Case::parse(&bytes) {
        Ok(case) => Ok(case.rulebook),
        // What is no case either is told as the rulebook it was taken for.
        Err(_) => Err(Fault::Other(format!("{}: {error}", file.display()))),
    })?;
    let findings = book.lint();
    if json {
        print(&findings)?;
    } else {
        for one in &findings {
            println!("{}", finding(one, lang));
        }
    }
    let errors = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(ExitCode::from(u8::from(errors)))
}

/// A finding as a line: what it weighs, where, which rule, what to change.
pub(super) fn finding(finding: &Finding, lang: Tongue) -> String {
    let (severity, text) = match (lang, finding.severity) {
        (Tongue::Zh, Severity::Error) => ("错误", &finding.text.zh),
        (Tongue::Zh, Severity::Warning) => ("提示", &finding.text.zh),
        (Tongue::En, Severity::Error) => ("error", &finding.text.en),
        (Tongue::En, Severity::Warning) => ("warning", &finding.text.en),
    };
    format!("{severity} {} {}: {text}", finding.rule, finding.at)
}

fn new(preset: Option<&str>) -> Result<ExitCode, Fault> {
    let Some(preset) = preset else {
        for (name, title) in rules::templates() {
            println!("{name:24} {} / {}", title.zh, title.en);
        }
        return Ok(ExitCode::SUCCESS);
    };
    match rules::template(preset) {
        Some(book) => print(&book),
        None => Err(Fault::Other(format!(
            "no preset `{preset}`; without --preset their names are printed"
        ))),
    }
}
