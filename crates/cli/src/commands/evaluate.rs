//! `conclave evaluate`: a case file, its result, and what was published of it.

use super::audit::Tongue;
use super::{Fault, read};
use clap::Args;
use rules::{Case, Outcome};
use std::path::PathBuf;
use std::process::ExitCode;

/// Evaluates a case. Exit: 0 evaluated, and everything published is recomputed; 1 something published differs; 2 the
/// case can't be evaluated.
#[derive(Args)]
pub(crate) struct Evaluate {
    /// The case file (`docs/formats/case.md`).
    case: PathBuf,
    /// How each total, or the ranking's figures without totals, came about.
    #[arg(long)]
    explain: bool,
    /// How this number came about: its id, `B1:total`.
    #[arg(long, value_name = "NODE")]
    node: Vec<String>,
    /// The outcome as JSON, with the derivation of every number.
    #[arg(long, conflicts_with_all = ["explain", "node"])]
    json: bool,
    /// Language.
    #[arg(long, value_enum, default_value_t = Tongue::Zh)]
    lang: Tongue,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let place = self.case.display().to_string();
        let bytes = read(&self.case)?;
        let case = Case::parse(&bytes).map_err(|error| Fault::Other(format!("{place}: {error}")))?;
        let outcome = rules::evaluate(&case.rulebook, &case.facts)
            .map_err(|error| Fault::Other(format!("{place}: {}", in_words(&error, self.lang))))?;
        let differences = case.differences(&outcome);
        if self.json {
            println!("{}", String::from_utf8_lossy(&outcome.to_json_bytes()));
        } else {
            self.tell(&case, &outcome);
        }
        for difference in &differences {
            eprintln!("{difference}");
        }
        Ok(ExitCode::from(u8::from(!differences.is_empty())))
    }

    fn tell(&self, case: &Case, outcome: &Outcome) {
        let tongue = match self.lang {
            Tongue::Zh => rules::Tongue::Zh,
            Tongue::En => rules::Tongue::En,
        };
        if let Some(title) = &case.title {
            println!("{}", tongue.of(title));
        }
        let name = |id: &rules::BidderId| match case.names.get(id) {
            Some(name) => format!("{id} {name}"),
            None => id.to_string(),
        };
        print!("{}", outcome.summary(name, tongue));
        for node in &self.node {
            print!("\n{}", outcome.explain(node, tongue));
        }
        if self.explain {
            for line in &outcome.ranking {
                let numbers = &outcome.bidders[&line.bidder];
                let figure = numbers.total.as_ref().or(numbers.evaluated_price.as_ref());
                if let Some(figure) = figure {
                    print!("\n{}", outcome.explain(&figure.node, tongue));
                }
            }
        }
        if let Ok(found) = rules::abnormal_scores(&case.rulebook, &case.facts) {
            for finding in found {
                println!("{}", tongue.of(&finding.text));
            }
        }
    }
}

/// A refusal with all that is wrong, each with its place.
fn in_words(error: &rules::EvaluateError, lang: Tongue) -> String {
    let lines: Vec<String> = match error {
        rules::EvaluateError::RulebookRefused(findings) => findings
            .iter()
            .map(|finding| super::rules::finding(finding, lang))
            .collect(),
        rules::EvaluateError::SheetRefused { problems, .. } => {
            problems.iter().map(|problem| of_sheet(problem, lang)).collect()
        }
        _ => return error.to_string(),
    };
    format!("{error}\n{}", lines.join("\n"))
}

fn of_sheet(problem: &rules::SheetProblem, lang: Tongue) -> String {
    let bidder = problem.bidder.iter().map(ToString::to_string);
    let criterion = problem.criterion.iter().map(ToString::to_string);
    let place: Vec<String> = bidder.chain(criterion).collect();
    let text = problem.text();
    let text = match lang {
        Tongue::Zh => text.zh,
        Tongue::En => text.en,
    };
    format!("{}: {text}", place.join(" "))
}
