//! The centre, clients and a log witness are killed with -9 at every fault point while virtual people act: nothing
//! acknowledged is lost (the oracle is the seats' own outboxes), and the archive is sound.

#[path = "kills/secrets.rs"]
mod secrets;

use conclave_system::{program, sample};
use rustix::process::Signal;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::hash::{Hash as _, Hasher as _};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Where each process dies, in order of its lives; each point twice. The centre's first life ends with a record's first
/// act not yet durable.
const CENTRE: [&str; 11] = [
    "centre.before_append=1",
    "centre.after_commit=6",
    "centre.after_checkpoint=6",
    "centre.before_acknowledge=6",
    "centre.before_cosignature=6",
    "store.before_commit=6",
    "store.after_commit=6",
    "store.after_checkpoint=6",
    "blob.before_rename=1",
    "blob.after_rename=1",
    "centre.before_project=3",
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
/// A bidder: before and after its submission, its replacement, and the first half of a key that it gives.
const BIDDER: [&str; 4] = [
    "client.before_send=1",
    "vault.after_commit=2",
    "client.after_acknowledge=1",
    "vault.before_commit=2",
];
/// One seat of every client kind, and a log witness.
const SEATS: [(&str, &[&str]); 9] = [
    ("clerk", &CLERK),
    ("holder-1", &HOLDER),
    ("booth-A-01", &BOOTH),
    ("supervisor", &HOLDER),
    ("desk-guest-a", &HOLDER),
    ("purchaser", &HOLDER),
    ("custodian-1", &HOLDER),
    ("bidder-B", &BIDDER),
    ("witness-court", &WITNESS),
];
/// Without two of the three holders no round opens. Each stops at every release.
const STOPS: [&str; 2] = [
    "holder-2:holder.before_release=1",
    "holder-3:holder.before_release=1",
];
/// Named points between receipt and projection at which processes die here.
const POINTS: usize = 17;

/// Who died at which point, and how often, as the run reports it.
type Deaths = BTreeMap<(String, String), usize>;

/// `SEAT:POINT=N` for every kill of a run, the centre's points `rounds` times over. Without a seed the moments are
/// those above; with one each comes somewhere else.
fn plan(rounds: usize, seed: Option<u64>) -> Vec<String> {
    let centre = std::iter::repeat_n(("centre", &CENTRE[..]), rounds);
    let points = centre
        .chain(SEATS)
        .flat_map(|(seat, points)| points.iter().map(move |point| (seat, *point)));
    let kills = points.enumerate().map(|(place, (seat, point))| {
        let (name, count) = point.split_once('=').expect("a point has a count");
        let count: u64 = count.parse().expect("a count is a number");
        let count = seed.map_or(count, |seed| {
            let mut hasher = std::hash::DefaultHasher::new();
            (seed, place).hash(&mut hasher);
            1 + hasher.finish() % (count + count / 2)
        });
        format!("{seat}:{name}={count}")
    });
    kills.collect()
}

/// A run as it goes. If a test fails meanwhile, its processes end: those that the run itself named.
struct Rehearsal {
    child: Child,
    out: PathBuf,
    ended: bool,
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        for process in secrets::processes(&self.out).into_values() {
            secrets::signal(process, Signal::KILL);
        }
    }
}

/// One run of a sample evaluation with these kills and stops. Whenever every seat that is to stop has, `look` is called
/// with the folder of the run and how often that was before, and they go on. It fails if an act that a seat's outbox
/// holds as acknowledged is missing in the record, or if the verifier finds anything.
fn run(sample: &Path, kills: &[String], stops: &[&str], mut look: impl FnMut(&Path, usize)) -> Deaths {
    let folder = tempfile::tempdir().expect("a folder for the run");
    let out = folder.path().join("run");
    let errors = folder.path().join("errors");
    let mut command = Command::new(program("conclave"));
    command
        .arg("demo")
        .arg("--out")
        .arg(&out)
        .arg("--sample")
        .arg(sample);
    command.args(["--bidding", "45", "--limit", "300"]);
    for kill in kills {
        command.args(["--kill", kill]);
    }
    for stop in stops {
        command.args(["--stop", stop]);
    }
    if !stops.is_empty() {
        command.args(["--centre-log", "trace"]);
    }
    let child = command
        .stdout(Stdio::piped())
        .stderr(File::create(&errors).expect("a file of the run"))
        .spawn()
        .expect("the program starts");
    let mut rehearsal = Rehearsal {
        child,
        out: out.clone(),
        ended: false,
    };
    let lines = BufReader::new(rehearsal.child.stdout.take().expect("a pipe"));
    let (mut text, mut looks, mut stopped) = (String::new(), 0, BTreeSet::new());
    for line in lines.lines() {
        let line = line.expect("the run writes UTF-8");
        if let Some(seat) = line.strip_prefix("stopped: ") {
            stopped.insert(seat.to_owned());
        }
        if !stops.is_empty() && stopped.len() == stops.len() {
            look(&out, looks);
            looks += 1;
            let processes = secrets::processes(&out);
            for seat in std::mem::take(&mut stopped) {
                assert!(secrets::signal(processes[&seat], Signal::CONT), "{seat} goes on");
            }
        }
        text.push_str(&line);
        text.push('\n');
    }
    let status = rehearsal.child.wait().expect("it is ours");
    rehearsal.ended = true;
    let errors = std::fs::read_to_string(errors).unwrap_or_default();
    assert!(status.success(), "{text}\n{errors}");
    assert!(
        stops.is_empty() || looks == 2,
        "both rounds were looked at: {text}"
    );
    assert!(
        text.contains("bids submitted, replaced, withdrawn: 5, 1, 1"),
        "each once: {text}"
    );
    let acknowledged = text
        .lines()
        .find_map(|line| line.strip_prefix("acknowledgements kept by the seats, each found in the record: "))
        .and_then(|count| count.parse::<usize>().ok());
    assert!(acknowledged.is_some_and(|count| count > 100), "{text}");
    let deaths = text
        .lines()
        .filter_map(|line| line.strip_prefix("killed and started again: "))
        .map(|line| {
            let (seat, rest) = line.split_once(" at ").expect("SEAT at POINT, N");
            let (point, times) = rest.split_once(", ").expect("SEAT at POINT, N");
            let times = times.parse().expect("a number of times");
            ((seat.to_owned(), point.to_owned()), times)
        });
    deaths.collect()
}

/// Deaths summed by what a key names.
fn by(deaths: &Deaths, key: impl Fn(&(String, String)) -> &String) -> BTreeMap<&String, usize> {
    let mut sums = BTreeMap::new();
    for (death, times) in deaths {
        *sums.entry(key(death)).or_default() += times;
    }
    sums
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// One run for two promises, since a run is what takes the time: nothing acknowledged is lost, and while a round is
/// sealed by all and released by nobody, nothing that was written is in the centre's memory, store or log.
#[test]
fn nothing_acknowledged_is_lost_and_nothing_sealed_is_readable_when_processes_are_killed() {
    let folder = tempfile::tempdir().expect("a folder for the sample");
    let marks = secrets::sample(&sample(), folder.path());
    let deaths = run(folder.path(), &plan(2, None), &STOPS, |out, stage| {
        secrets::look(out, &marks, stage);
    });
    let points = by(&deaths, |(_, point)| point);
    assert_eq!(points.len(), POINTS, "{points:?}");
    assert!(
        points.values().all(|times| *times >= 2),
        "each point twice: {points:?}"
    );
    let seats = by(&deaths, |(seat, _)| seat);
    for (seat, _) in SEATS {
        assert!(
            seats.contains_key(&seat.to_owned()),
            "{seat} was never killed: {seats:?}"
        );
    }
    println!("{points:?}\n{seats:?}");
}

/// The campaign of `cargo xtask soak`: runs with moments of the seed's until so many kills were done.
#[test]
fn nor_at_other_moments() {
    let Some(wanted) = number("CONCLAVE_KILLS") else {
        println!("CONCLAVE_KILLS says how many kills; none here");
        return;
    };
    let first = number("CONCLAVE_SEED").unwrap_or(1);
    let mut killed = 0;
    for seed in first.. {
        let kills = plan(2, Some(seed));
        println!("seed {seed}: {}", kills.join(" "));
        let now: usize = run(&sample(), &kills, &[], |_, _| ()).values().sum();
        assert!(now >= 12, "only {now} of the planned kills happened");
        killed += now as u64;
        println!("seed {seed}: {now} kills, {killed} of {wanted}");
        if killed >= wanted {
            return;
        }
    }
}
