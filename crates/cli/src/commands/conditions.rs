//! `conclave rules conditions`: restrictive clauses of a tender, and the review record.

use super::audit::Tongue;
use super::{Fault, read, write};
use clap::Args;
use rules::{
    Citation, ConditionFinding, ConditionRules, Conditions, ConditionsReview, ReviewRecord, Severity, Text,
    unsettled,
};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Looks for clauses that restrict competition. Exit: 0 nothing found, 1 findings, 2 unreadable.
#[derive(Args)]
pub(crate) struct ReviewConditions {
    /// The conditions, or a rulebook or a case whose criteria are taken as conditions.
    file: PathBuf,
    /// Other rules than those that come with the program.
    #[arg(long)]
    rules: Option<PathBuf>,
    /// Writes the review record here. Where one lies there already, its decisions are taken over.
    #[arg(long)]
    record: Option<PathBuf>,
    /// The review as JSON.
    #[arg(long)]
    json: bool,
    /// Language.
    #[arg(long, value_enum, default_value_t = Tongue::Zh)]
    lang: Tongue,
}

impl ReviewConditions {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let conditions = parsed(&self.file, Conditions::of_file)?;
        let rules = match &self.rules {
            Some(file) => parsed(file, ConditionRules::parse)?,
            None => ConditionRules::embedded(),
        };
        let review = rules.review(&conditions);
        let open = match &self.record {
            Some(out) => Some(keep(out, &review, &conditions)?),
            None => None,
        };
        if self.json {
            let text =
                serde_json::to_string_pretty(&review).map_err(|error| Fault::Other(error.to_string()))?;
            println!("{text}");
        } else {
            for finding in &review.findings {
                print_finding(finding, self.lang);
            }
            println!("{}", summary(&review, conditions.conditions.len(), self.lang));
            if let Some(open) = open.filter(|_| review.record_required) {
                println!("{}", to_settle(open, self.lang));
            }
        }
        Ok(ExitCode::from(u8::from(!review.findings.is_empty())))
    }
}

fn parsed<T>(file: &Path, parse: impl Fn(&[u8]) -> Result<T, rules::ConditionsError>) -> Result<T, Fault> {
    parse(&read(file)?).map_err(|error| Fault::Other(format!("{}: {error}", file.display())))
}

/// Writes the record; says how many findings must still be decided.
fn keep(out: &Path, review: &ConditionsReview, conditions: &Conditions) -> Result<usize, Fault> {
    let mut record = review.record(conditions);
    if out.exists() {
        // What people decided is never written over, nor is a file that is something else.
        record.carry(&parsed(out, ReviewRecord::parse)?);
    }
    write(out, &record.bytes())?;
    Ok(unsettled(&record).len())
}

fn said(text: &Text, lang: Tongue) -> &str {
    match lang {
        Tongue::Zh => &text.zh,
        Tongue::En => &text.en,
    }
}

fn print_finding(finding: &ConditionFinding, lang: Tongue) {
    let severity = match (lang, finding.severity) {
        (Tongue::Zh, Severity::Error) => "错误",
        (Tongue::Zh, Severity::Warning) => "提示",
        (Tongue::En, Severity::Error) => "error",
        (Tongue::En, Severity::Warning) => "warning",
    };
    let page = finding.page.map(|page| match lang {
        Tongue::Zh => format!("第 {page} 页"),
        Tongue::En => format!("page {page}"),
    });
    let place = [finding.document.clone(), finding.clause.clone(), page];
    let place: Vec<String> = [Some(finding.condition.clone())]
        .into_iter()
        .chain(place)
        .flatten()
        .collect();
    println!(
        "{severity} {} {}: {}",
        finding.rule,
        place.join(", "),
        said(&finding.text, lang)
    );
    println!("    「{}」 <- {}", finding.sentence, finding.matched.join(" + "));
    let law: Vec<String> = finding.law.iter().map(|citation| cited(citation, lang)).collect();
    println!("    {}", law.join("; "));
}

fn cited(citation: &Citation, lang: Tongue) -> String {
    let article = citation.article.as_deref().unwrap_or_default();
    let unchecked = match lang {
        _ if citation.checked => "",
        Tongue::Zh => "（引用前请核对原文）",
        Tongue::En => " (look the text up before citing it)",
    };
    format!("{}{article}{unchecked}", citation.law)
}

fn summary(review: &ConditionsReview, conditions: usize, lang: Tongue) -> String {
    let found = review.findings.len();
    let (above, required) = (
        review.threshold.as_ref().map(|t| t.above.to_string()),
        review.record_required,
    );
    match (lang, above) {
        (Tongue::Zh, Some(above)) => {
            let record = if required {
                "须有审查记录"
            } else {
                "不要求审查记录"
            };
            format!("{conditions} 个条件，{found} 处发现；超过 {above} 元须有审查记录：本项目{record}。")
        }
        (Tongue::Zh, None) => format!("{conditions} 个条件，{found} 处发现。"),
        (Tongue::En, Some(above)) => {
            let record = if required {
                "one is required"
            } else {
                "none is required"
            };
            format!(
                "{conditions} conditions, {found} findings; a review record above {above} yuan: {record}."
            )
        }
        (Tongue::En, None) => format!("{conditions} conditions, {found} findings."),
    }
}

fn to_settle(open: usize, lang: Tongue) -> String {
    match lang {
        Tongue::Zh => format!("公布前还须决定 {open} 处。"),
        Tongue::En => format!("Still to be decided before publication: {open}."),
    }
}
