//! `conclave evaluate`: a case file, its result, and what was published of it.

use super::audit::Tongue;
use super::{Fault, read};
use clap::Args;
use rules::{Case, Outcome};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Evaluates a case, or all lots of a project with their awards. Exit: 0 evaluated, and everything published is
/// recomputed; 1 something published differs; 2 a case can't be evaluated.
#[derive(Args)]
pub(crate) struct Evaluate {
    /// The case file (`docs/formats/case.md`); of several lots all of them, which are then awarded together.
    #[arg(required = true)]
    cases: Vec<PathBuf>,
    /// How each total, or the ranking's figures without totals, came about.
    #[arg(long)]
    explain: bool,
    /// How this number came about: its id, `B1:total`.
    #[arg(long, value_name = "NODE")]
    node: Vec<String>,
    /// The outcome as JSON, with the derivation of every number; of several cases the list of their outcomes.
    #[arg(long, conflicts_with_all = ["explain", "node", "debrief"])]
    json: bool,
    /// What this bidder is told of the result, as JSON: its own numbers and the winner's.
    #[arg(long, value_name = "BIDDER", conflicts_with_all = ["explain", "node"])]
    debrief: Option<String>,
    /// Language.
    #[arg(long, value_enum, default_value_t = Tongue::Zh)]
    lang: Tongue,
}

impl Evaluate {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        let mut lots = Vec::with_capacity(self.cases.len());
        for path in &self.cases {
            lots.push(self.evaluated(path)?);
        }
        let mut differ = false;
        for (case, outcome) in &lots {
            if !self.json && self.debrief.is_none() {
                self.tell(case, outcome);
            }
            let differences = case.differences(outcome);
            differ |= !differences.is_empty();
            for difference in differences {
                eprintln!("{difference}");
            }
        }
        if let Some(bidder) = &self.debrief {
            debrief(&lots, bidder)?;
        } else if self.json {
            let outcomes: Vec<String> = lots
                .iter()
                .map(|(_, outcome)| String::from_utf8_lossy(&outcome.to_json_bytes()).into_owned())
                .collect();
            match outcomes.as_slice() {
                [one] => println!("{one}"),
                several => println!("[{}]", several.join(",")),
            }
        } else {
            self.award(&lots)?;
        }
        Ok(ExitCode::from(u8::from(differ)))
    }

    fn evaluated(&self, path: &Path) -> Result<(Case, Outcome), Fault> {
        let place = path.display();
        let bytes = read(path)?;
        let case = Case::parse(&bytes).map_err(|error| Fault::Other(format!("{place}: {error}")))?;
        let outcome = rules::evaluate(&case.rulebook, &case.facts)
            .map_err(|error| Fault::Other(format!("{place}: {}", in_words(&error, self.lang))))?;
        Ok((case, outcome))
    }

    /// Who wins which lot, where the rulebooks say how lots are awarded together.
    fn award(&self, lots: &[(Case, Outcome)]) -> Result<(), Fault> {
        let mut given = Vec::with_capacity(lots.len());
        for (case, outcome) in lots {
            let Some(rule) = &case.rulebook.awards else {
                if lots.len() > 1 {
                    return Err(Fault::Other(
                        "several cases are lots of one project, and their rulebooks say so in `awards`"
                            .to_owned(),
                    ));
                }
                return Ok(());
            };
            let name = |line: &'_ rules::Candidate| match case.names.get(&line.bidder) {
                Some(name) => Ok(name.as_str()),
                None => Err(Fault::Other(format!(
                    "bidder {} of lot {} has no `name`, by which it is known in the other lots",
                    line.bidder, rule.lot
                ))),
            };
            let candidates = outcome.candidates.iter().map(name).collect::<Result<_, _>>()?;
            given.push(rules::LotCandidates { rule, candidates });
        }
        if lots.len() < 2 {
            return Ok(());
        }
        let awards = rules::award_lots(&given).map_err(|error| Fault::Other(error.to_string()))?;
        for award in awards {
            println!("{}", awarded(&award, self.lang));
        }
        Ok(())
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

fn awarded(award: &rules::Award, lang: Tongue) -> String {
    let zh = matches!(lang, Tongue::Zh);
    let winner = award
        .winner
        .as_deref()
        .unwrap_or(if zh { "不授标" } else { "no award" });
    let mut text = match zh {
        true => format!("标段 {}：{winner}", award.lot),
        false => format!("lot {}: {winner}", award.lot),
    };
    for passed in &award.passed_over {
        let lots: Vec<String> = passed.won.iter().map(ToString::to_string).collect();
        let lots = lots.join(", ");
        text += &match zh {
            true => format!("；{} 已中标段 {lots}", passed.bidder),
            false => format!("; {} has won lot {lots}", passed.bidder),
        };
    }
    text
}

fn debrief(lots: &[(Case, Outcome)], bidder: &str) -> Result<(), Fault> {
    let id = bidder
        .parse()
        .map_err(|error| Fault::Other(format!("{bidder}: {error}")))?;
    for (_, outcome) in lots {
        let debrief = outcome
            .debrief(&id)
            .ok_or_else(|| Fault::Other(format!("{bidder} is no bidder of this case")))?;
        let text = serde_json::to_string_pretty(&debrief).map_err(|error| Fault::Other(error.to_string()))?;
        println!("{text}");
    }
    Ok(())
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
