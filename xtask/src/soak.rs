//! `cargo xtask soak`: the long campaigns, again and again with fresh seeds, until the time is over.
//!
//! A campaign is an ordinary test that reads how much to do from its own variable and its seed from
//! `CONCLAVE_SEED`; under `cargo test` alone it does little, here it does much.

use std::hash::{BuildHasher, RandomState};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::commands;
use crate::steps::{Failure, Outcome, Steps};
use crate::workspace::Workspace;
use crate::{frontend, test};

struct Campaign {
    name: &'static str,
    what: &'static str,
    package: &'static str,
    /// The test binary: `tests/<binary>.rs` of the package.
    binary: &'static str,
    /// Only tests whose names have this in them; of a binary with nothing else, empty.
    only: &'static str,
    /// The variable that says how much one run does, and the value for a soak.
    amount: (&'static str, u32),
}

/// All of them. A row is added with its test.
const CAMPAIGNS: &[Campaign] = &[
    Campaign {
        name: "mutations",
        what: "changed archive packages; the auditor must notice every one",
        package: "conclave-simulation",
        binary: "mutations",
        only: "",
        amount: ("CONCLAVE_MUTATIONS", 10_000),
    },
    Campaign {
        name: "seeds",
        what: "whole evaluations on simulated clocks, nets and stores",
        package: "conclave-simulation",
        binary: "seeds",
        only: "",
        amount: ("CONCLAVE_SEEDS", 200),
    },
    Campaign {
        name: "kills",
        what: "real processes killed at any moment; nothing acknowledged may be lost",
        package: "conclave-system",
        binary: "kills",
        only: "",
        amount: ("CONCLAVE_KILLS", 1_000),
    },
    Campaign {
        name: "windows",
        what: "whole evaluations through real windows, in both languages",
        package: "conclave-windows",
        binary: "main_job",
        only: "",
        amount: ("CONCLAVE_WINDOW_RUNS", 10),
    },
    Campaign {
        name: "rules",
        what: "changed rulebooks and cases; each is refused with its place, or evaluated and derived whole",
        package: "conclave-rules",
        binary: "rules",
        only: "fuzz::",
        amount: ("CONCLAVE_RULE_INPUTS", 100_000),
    },
];

const SEED: &str = "CONCLAVE_SEED";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Stop beginning new runs after this time; every campaign runs at least once
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Every run does this share of its campaign's amount: a few percent for a look of some minutes
    #[arg(long, default_value_t = 100)]
    percent: u32,
    /// The first seed, the next runs count up from it [default: a fresh one]
    #[arg(long)]
    seed: Option<u64>,
    /// Only these campaigns: mutations, seeds, kills, windows, rules [default: all]
    #[arg(value_name = "CAMPAIGN")]
    campaigns: Vec<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Outcome {
    let campaigns = chosen(&arguments.campaigns)?;
    let workspace = Workspace::load()?;
    let mut steps = Steps::default();
    steps.run("build", || {
        // The tests of real processes and windows start these.
        frontend::build(&workspace)?;
        test::build_driven(&workspace)?;
        let programs = ["build", "--workspace", "--bins", "--locked"];
        commands::run(commands::cargo(&programs).current_dir(&workspace.root))?;
        for campaign in &campaigns {
            commands::run(
                test_command(campaign)
                    .arg("--no-run")
                    .current_dir(&workspace.root),
            )?;
        }
        Ok(String::new())
    })?;
    let first_seed = arguments.seed.unwrap_or_else(fresh_seed);
    let limit = Duration::from_secs(arguments.minutes * 60);
    let started = Instant::now();
    for (round, seed) in seeds_from(first_seed).enumerate() {
        for campaign in &campaigns {
            if round > 0 && started.elapsed() >= limit {
                return Ok(());
            }
            steps.run(&format!("{}, seed {seed}", campaign.name), || {
                run_once(campaign, seed, arguments.percent, &workspace)
            })?;
        }
    }
    Ok(())
}

fn run_once(campaign: &Campaign, seed: u64, percent: u32, workspace: &Workspace) -> Outcome<String> {
    let variable = campaign.amount.0;
    let amount = share(campaign.amount.1, percent);
    let again = again(campaign, seed, amount);
    println!("{}: {}", campaign.name, campaign.what);
    println!("  again: {again}");
    let mut command = test_command(campaign);
    command
        .args(
            ["--", "--nocapture", campaign.only]
                .into_iter()
                .filter(|word| !word.is_empty()),
        )
        .env(variable, amount.to_string())
        .env(SEED, seed.to_string());
    commands::run(command.current_dir(&workspace.root)).map_err(|failure| Failure {
        message: format!("{}; the same again: {again}", failure.message),
        ..failure
    })?;
    Ok(format!("{variable}={amount}"))
}

fn test_command(campaign: &Campaign) -> Command {
    commands::cargo(&[
        "test",
        "--locked",
        "--package",
        campaign.package,
        "--test",
        campaign.binary,
    ])
}

/// `percent` of an amount, at least one.
fn share(amount: u32, percent: u32) -> u32 {
    let share = u64::from(amount) * u64::from(percent) / 100;
    u32::try_from(share).unwrap_or(u32::MAX).max(1)
}

/// The line that repeats one run.
fn again(campaign: &Campaign, seed: u64, amount: u32) -> String {
    let variable = campaign.amount.0;
    let Campaign {
        package,
        binary,
        only,
        ..
    } = campaign;
    let line = format!(
        "{SEED}={seed} {variable}={amount} cargo test -p {package} --test {binary} -- --nocapture {only}"
    );
    line.trim_end().to_owned()
}

/// In the order of the table, whatever the order asked for.
fn chosen(names: &[String]) -> Outcome<Vec<&'static Campaign>> {
    if let Some(unknown) = names
        .iter()
        .find(|name| !CAMPAIGNS.iter().any(|campaign| campaign.name == **name))
    {
        let known = CAMPAIGNS
            .iter()
            .map(|campaign| format!("\n  {:<12} {}", campaign.name, campaign.what));
        let known: String = known.collect();
        return Err(Failure::new(format!(
            "there is no campaign {unknown}; there are:{known}"
        )));
    }
    let wanted = |campaign: &&Campaign| names.is_empty() || names.iter().any(|name| name == campaign.name);
    Ok(CAMPAIGNS.iter().filter(wanted).collect())
}

fn seeds_from(first: u64) -> impl Iterator<Item = u64> {
    (0..).map(move |step| first.wrapping_add(step))
}

/// Seeds are only to differ; the standard library's hash keys do.
fn fresh_seed() -> u64 {
    RandomState::new().hash_one(std::process::id()) >> 16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn campaigns_are_chosen_by_name_and_an_unknown_one_is_refused() {
        assert_eq!(chosen(&[]).expect("all").len(), CAMPAIGNS.len());
        let two = chosen(&["kills".into(), "mutations".into()]).expect("both exist");
        assert_eq!(
            two.iter().map(|campaign| campaign.name).collect::<Vec<_>>(),
            ["mutations", "kills"]
        );
        let failure = chosen(&["mutation".into()]).err().expect("no such campaign");
        assert!(
            failure.message.contains("mutations"),
            "the message names what there is: {failure:?}"
        );
    }

    #[test]
    fn a_run_can_be_repeated_from_its_printed_line() {
        assert_eq!(
            again(&CAMPAIGNS[0], 7, 10_000),
            "CONCLAVE_SEED=7 CONCLAVE_MUTATIONS=10000 cargo test -p conclave-simulation --test mutations -- --nocapture"
        );
    }

    #[test]
    fn a_campaign_among_other_tests_names_its_own() {
        let rules = CAMPAIGNS.iter().find(|campaign| campaign.name == "rules");
        assert_eq!(
            again(rules.expect("it is one of them"), 7, 50),
            "CONCLAVE_SEED=7 CONCLAVE_RULE_INPUTS=50 cargo test -p conclave-rules --test rules -- --nocapture fuzz::"
        );
    }

    #[test]
    fn a_share_of_a_campaign_is_at_least_something() {
        assert_eq!(
            [share(1_000, 100), share(1_000, 3), share(200, 0)],
            [1_000, 30, 1]
        );
    }

    #[test]
    fn seeds_count_up_and_wrap() {
        assert_eq!(seeds_from(u64::MAX).take(2).collect::<Vec<_>>(), [u64::MAX, 0]);
        assert_ne!(fresh_seed(), fresh_seed());
    }
}
