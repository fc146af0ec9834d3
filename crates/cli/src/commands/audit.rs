//! `conclave audit verify` and `conclave audit replay`.

use super::{Fault, read};
use ::audit::anchors::Anchors;
use ::audit::checks::Checks;
use ::audit::package::{Limits, read as read_package};
use ::audit::replay::{Filter, Replay, StepOutcome};
use ::audit::{Custodian, Report};
use clap::{Subcommand, ValueEnum};
use evaluation::Language;
use sealing::curve::Point;
use sealing::provider::{KeyError, KeyFile, Purpose};
use sealing::sign::SigningKeyPair;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum Tongue {
    #[value(alias = "zh-CN")]
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
        /// A custodian's key file: opens the personal signatures in custody and checks them.
        #[arg(long, requires = "pin_file")]
        custodian: Option<PathBuf>,
        /// File that holds the PIN of the custodian's key; one final line feed is not part of it.
        #[arg(long, requires = "custodian")]
        pin_file: Option<PathBuf>,
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
                custodian,
                pin_file,
                json,
                lang,
            } => {
                let custodian = custodian.zip(pin_file);
                let report = verify(&package, anchors, custodian)?;
                let text = if json {
                    report.to_json()
                } else {
                    report.text(lang.into())
                };
                println!("{text}");
                Ok(ExitCode::from(report.verdict.code()))
            }
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

/// With a custodian's key file and the file of its PIN, custody is opened.
fn verify(
    package: &std::path::Path,
    anchors: Option<PathBuf>,
    custodian: Option<(PathBuf, PathBuf)>,
) -> Result<Report, Fault> {
    let bytes = read(package)?;
    let anchors = anchors
        .map(|path| {
            Anchors::parse(&read(&path)?).map_err(|e| Fault::Other(format!("{}: {e}", path.display())))
        })
        .transpose()?;
    let Some((file, pin_file)) = custodian else {
        return Ok(::audit::verify(&bytes, anchors.as_ref(), &Checks::all()));
    };
    let key = custodian_key(&file, &pin_file)?;
    let agree = |point: &[u8; 65]| {
        let point = Point::from_bytes(point).map_err(|_| KeyError::Point)?;
        Ok(key.secret().agree(&point))
    };
    let custodian = Custodian {
        public: key.public_key(),
        agree: &agree,
    };
    Ok(::audit::verify_as_custodian(
        &bytes,
        anchors.as_ref(),
        &Checks::all(),
        &custodian,
    ))
}

/// Unlocked once: a package holds hundreds of copies.
fn custodian_key(file: &std::path::Path, pin_file: &std::path::Path) -> Result<SigningKeyPair, Fault> {
    let fault = |e: &dyn std::fmt::Display| Fault::Other(format!("{}: {e}", file.display()));
    let key = KeyFile::parse(&read(file)?).map_err(|e| fault(&e))?;
    if key.purpose() != Purpose::Custodian {
        return Err(fault(&"not a custodian's key file"));
    }
    let unlocked = key.unlock(&super::key::pin(pin_file)?).map_err(|e| fault(&e))?;
    unlocked.p256().map_err(|e| fault(&e))
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
