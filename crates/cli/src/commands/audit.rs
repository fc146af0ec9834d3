//! `conclave audit verify` and `conclave audit replay`.

use super::{Fault, read};
use ::audit::anchors::Anchors;
use ::audit::checks::Checks;
use ::audit::package::{Limits, read as read_package};
use ::audit::replay::{Filter, Replay, StepOutcome};
use clap::{Subcommand, ValueEnum};
use evaluation::Language;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Tongue {
    Zh,
    En,
}

impl From<Tongue> for Language {
    fn from(tongue: Tongue) -> Self {
        match tongue {
            Tongue::Zh => Language::ZhCn,
            Tongue::En => Language::En,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Audit {
    /// Checks a package. Exit: 0 sound, 1 not sound, 2 unusable, 3 consistent but origin not established, 4 sound but
    /// unfinished.
    Verify {
        /// The package.
        package: PathBuf,
        /// Local anchors: CA roots, log key, witness keys. Never taken from the package.
        #[arg(long)]
        anchors: Option<PathBuf>,
        /// The report as JSON.
        #[arg(long)]
        json: bool,
        /// Language of the report.
        #[arg(long, value_enum, default_value_t = Tongue::Zh)]
        lang: Tongue,
    },
    /// Steps through the acts of a package.
    Replay {
        /// The package.
        package: PathBuf,
        /// First act shown.
        #[arg(long, default_value_t = 0)]
        from: u64,
        /// How many acts at most.
        #[arg(long)]
        steps: Option<u64>,
        /// Only this act type.
        #[arg(long = "type")]
        kind: Option<String>,
        /// Only this stage instance.
        #[arg(long)]
        instance: Option<String>,
        /// Only this actor: the beginning of its key, hex.
        #[arg(long)]
        actor: Option<String>,
    },
}

impl Audit {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        match self {
            Audit::Verify {
                package,
                anchors,
                json,
                lang,
            } => verify(&package, anchors, json, lang.into()),
            Audit::Replay {
                package,
                from,
                steps,
                kind,
                instance,
                actor,
            } => {
                let filter = Filter {
                    kind,
                    instance,
                    actor,
                };
                replay(&package, from, steps, &filter)
            }
        }
    }
}

fn verify(
    package: &std::path::Path,
    anchors: Option<PathBuf>,
    json: bool,
    language: Language,
) -> Result<ExitCode, Fault> {
    let bytes = read(package)?;
    let anchors = anchors
        .map(|path| {
            Anchors::parse(&read(&path)?).map_err(|e| Fault::Other(format!("{}: {e}", path.display())))
        })
        .transpose()?;
    let report = ::audit::verify(&bytes, anchors.as_ref(), &Checks::all());
    println!(
        "{}",
        if json {
            report.to_json()
        } else {
            report.text(language)
        }
    );
    Ok(ExitCode::from(report.verdict.code()))
}

fn replay(path: &std::path::Path, from: u64, steps: Option<u64>, filter: &Filter) -> Result<ExitCode, Fault> {
    let package = read_package(&read(path)?, Limits::default()).map_err(|e| Fault::Other(e.to_string()))?;
    let mut replay = Replay::new(&package);
    replay.jump(from);
    let mut left = steps.unwrap_or(u64::MAX);
    let mut refused = false;
    while left > 0 {
        let Some(step) = replay.next_shown(filter) else {
            break;
        };
        left -= 1;
        refused |= matches!(step.outcome, StepOutcome::Refused(_));
        println!("{}", line(&step));
    }
    Ok(ExitCode::from(u8::from(refused)))
}

/// One act in a line: place, centre time, type, Chinese word, instance, actor, what came of it, what it changed.
fn line(step: &::audit::replay::Step) -> String {
    let outcome = match &step.outcome {
        StepOutcome::Ok => String::new(),
        StepOutcome::Refused(code) => format!("  REFUSED {code}"),
        StepOutcome::Withheld => "  withheld".to_owned(),
        StepOutcome::NoAct(why) => format!("  no act: {why}"),
        StepOutcome::NotReplayed => "  not replayed".to_owned(),
    };
    let at = format!("{:>6}  {}  {} {}", step.index, step.time, step.kind, step.zh);
    format!(
        "{at}  [{}]  {}{outcome}  {}",
        step.instance,
        step.actor,
        step.changed.join("; ")
    )
}
