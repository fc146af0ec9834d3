//! The centre, clients and a log witness are killed with -9 at every fault point while virtual people act: nothing
//! acknowledged is lost (the oracle is the seats' own outboxes), and the archive is sound.

use conclave_system::{conclave, sample};

/// Where each process dies, in order of its lives; each point twice.
const CENTRE: [&str; 11] = [
    "centre.before_append=6",
    "centre.after_commit=6",
    "centre.after_checkpoint=6",
    "centre.before_acknowledge=6",
    "centre.before_cosignature=6",
    "store.before_commit=6",
    "store.after_commit=6",
    "store.after_checkpoint=6",
    "blob.before_rename=1",
    "blob.after_rename=1",
    "centre.after_commit=3",
];
const CLERK: [&str; 4] = [
    "client.before_send=3",
    "client.after_acknowledge=3",
    "vault.before_commit=9",
    "vault.after_commit=9",
];
const HOLDER: [&str; 4] = [
    "client.before_send=1",
    "client.after_acknowledge=1",
    "vault.before_commit=5",
    "vault.after_commit=5",
];
const BOOTH: [&str; 4] = [
    "client.before_send=1",
    "client.after_acknowledge=1",
    "vault.before_commit=20",
    "vault.after_commit=20",
];
const WITNESS: [&str; 4] = [
    "witness.before_cosign=2",
    "witness.after_cosign=2",
    "witness.before_cosign=3",
    "witness.after_cosign=3",
];
const SEATS: [(&str, &[&str]); 8] = [
    ("clerk", &CLERK),
    ("holder-1", &HOLDER),
    ("booth-A-01", &BOOTH),
    ("supervisor", &HOLDER),
    ("desk-guest-a", &HOLDER),
    ("purchaser", &HOLDER),
    ("custodian-1", &HOLDER),
    ("witness-court", &WITNESS),
];

/// One run of the sample evaluation with these kills; says how many were done.
fn run(rounds: usize) -> usize {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let out = folder.path().join("run");
    let out = out.to_str().expect("a temporary path is UTF-8");
    let sample = sample();
    let sample = sample.to_str().expect("the repository lies at a UTF-8 path");
    let mut kills = Vec::new();
    for _ in 0..rounds {
        kills.extend(CENTRE.iter().map(|point| format!("centre:{point}")));
    }
    for (seat, points) in SEATS {
        kills.extend(points.iter().map(|point| format!("{seat}:{point}")));
    }
    let mut arguments = vec![
        "demo",
        "--out",
        out,
        "--sample",
        sample,
        "--bidding",
        "25",
        "--limit",
        "300",
    ];
    for kill in &kills {
        arguments.extend(["--kill", kill]);
    }
    let output = conclave(&arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}\n{errors}");
    let killed = text
        .lines()
        .find_map(|line| line.strip_prefix("processes killed and started again: "));
    killed
        .and_then(|count| count.parse().ok())
        .expect("the run says how many were killed")
}

#[test]
fn nothing_acknowledged_is_lost_when_processes_are_killed() {
    let wanted: usize = std::env::var("CONCLAVE_KILLS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(24);
    let mut killed = 0;
    while killed < wanted {
        let now = run(2);
        println!("{now} kills in this run");
        assert!(now >= 12, "only {now} of the planned kills happened");
        killed += now;
    }
}
