//! Kill -9 in the middle of the work: what was acknowledged is there, and nothing else is half there.
//!
//! A child process is this test binary again, running the one ignored test below.

use std::io::{BufRead, BufReader, Lines, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};

use conclave_storage::{
    AtRestKey, BlobStore, Change, DirectoryBlobs, RecordStore, SqliteRecordStore, StoredAct, Vault,
    faultpoint,
};
use record::{BlobRef, Digest};
use ring::rand::{SecureRandom, SystemRandom};
use testkit::store_contract::acts;

const ROLE: &str = "STORAGE_TEST_ROLE";
const FOLDER: &str = "STORAGE_TEST_FOLDER";
const KEY: [u8; 32] = [5; 32];
/// More acknowledgements than any fault point here lets pass.
const SOON: u64 = 50;

fn record_store(folder: &Path) -> SqliteRecordStore {
    SqliteRecordStore::open(&folder.join("record.sqlite"), &AtRestKey::from_bytes(KEY)).expect("opens")
}

fn vault(folder: &Path) -> Vault {
    Vault::open(&folder.join("vault.sqlite"), &KEY).expect("opens")
}

fn blobs(folder: &Path) -> DirectoryBlobs {
    DirectoryBlobs::open(&folder.join("blobs"), &AtRestKey::from_bytes(KEY)).expect("opens")
}

fn acknowledge(number: u64) {
    // A line of its own, whatever the test runner wrote before.
    let mut out = std::io::stdout().lock();
    write!(out, "\nack {number}\n")
        .and_then(|()| out.flush())
        .expect("the parent reads");
}

/// Appends without end, in batches of 1 to 5; acknowledges the length after each.
fn append_without_end(folder: &Path) {
    let mut store = record_store(folder);
    let mut len = store.len().expect("reads");
    loop {
        let until = len + 1 + len % 5;
        store.append(len, &acts(len, until)).expect("appends");
        len = until;
        acknowledge(len);
        if len.is_multiple_of(3) {
            let root = Digest::of(&len.to_be_bytes());
            store
                .put_checkpoint(len, &root, &format!("note {len}"))
                .expect("over committed acts");
        }
    }
}

/// Puts a row and an item together without end; acknowledges the number of the round.
fn put_without_end(folder: &Path) {
    let mut vault = vault(folder);
    let mut round = vault.sequence().expect("reads") / 2;
    loop {
        round += 1;
        let value = round.to_be_bytes().to_vec();
        let put = Change::Put {
            key: format!("row/{:03}", round % 50),
            value: value.clone(),
        };
        vault
            .apply(&[put, Change::Enqueue { item: value }])
            .expect("puts");
        acknowledge(round);
    }
}

fn put_blobs_without_end(folder: &Path) {
    let store = blobs(folder);
    for number in 0u64.. {
        store.put(&blob_content(number)).expect("puts");
        acknowledge(number);
    }
}

fn blob_content(number: u64) -> Vec<u8> {
    number
        .to_be_bytes()
        .repeat(1_000 + 20_000 * (number % 10) as usize)
}

#[test]
#[ignore = "the child process of the tests in this file"]
fn child_process() {
    let (Ok(role), Some(folder)) = (std::env::var(ROLE), std::env::var_os(FOLDER)) else {
        return;
    };
    faultpoint::arm_for_development().expect("a known fault");
    match role.as_str() {
        "record" => append_without_end(Path::new(&folder)),
        "vault" => put_without_end(Path::new(&folder)),
        "blobs" => put_blobs_without_end(Path::new(&folder)),
        other => panic!("unknown role {other}"),
    }
}

struct Working {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    acknowledged: Option<u64>,
}

impl Working {
    fn start(role: &str, folder: &Path, fault: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this binary"))
            .args(["child_process", "--exact", "--ignored", "--nocapture"])
            .env(ROLE, role)
            .env(FOLDER, folder)
            .env(faultpoint::VARIABLE, fault)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("starts");
        let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        Self {
            child,
            lines,
            acknowledged: None,
        }
    }

    /// Reads up to `count` acknowledgements, or to the end of the output.
    fn read(&mut self, count: u64) {
        let mut left = count;
        while left > 0 {
            let Some(Ok(line)) = self.lines.next() else { return };
            if let Some(number) = line.strip_prefix("ack ").and_then(|number| number.parse().ok()) {
                self.acknowledged = Some(number);
                left -= 1;
            }
        }
    }

    /// Kills by id, reads what was said before death; gives the last acknowledged number.
    fn kill(mut self) -> Option<u64> {
        self.child.kill().expect("our own child");
        self.read(u64::MAX);
        self.end()
    }

    /// Waits for death by a fault point, which must come within the first acknowledgements.
    fn finish(mut self) -> Option<u64> {
        self.read(SOON);
        if self.acknowledged.is_some_and(|number| number >= SOON) {
            self.child.kill().expect("our own child");
            panic!("the fault point was not reached");
        }
        self.end()
    }

    fn end(mut self) -> Option<u64> {
        let status = self.child.wait().expect("our own child");
        assert_killed(status);
        self.acknowledged
    }
}

#[cfg(unix)]
fn assert_killed(status: ExitStatus) {
    use std::os::unix::process::ExitStatusExt;
    assert_eq!(
        status.signal(),
        Some(9),
        "the child must die by the kill, not by an error of its own: {status}"
    );
}

#[cfg(not(unix))]
fn assert_killed(status: ExitStatus) {
    assert!(!status.success());
}

fn below(bound: u64) -> u64 {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).expect("system random");
    u64::from_be_bytes(bytes) % bound
}

/// All acts of the store, checked to be the ones that were appended.
fn whole_record(folder: &Path) -> (SqliteRecordStore, Vec<StoredAct>) {
    let store = record_store(folder);
    store.check().expect("undamaged");
    let len = store.len().expect("reads");
    let read = store.read(0, u32::MAX).expect("reads");
    assert_eq!(read, acts(0, len));
    for act in &read {
        assert_eq!(store.find_act(&act.act_id), Ok(Some(act.index)));
    }
    for checkpoint in store.checkpoints(0, u32::MAX).expect("reads") {
        assert!(checkpoint.size <= len);
        assert_eq!(checkpoint.root, Digest::of(&checkpoint.size.to_be_bytes()));
    }
    (store, read)
}

/// Lengths that end a batch of `append_without_end`.
fn batch_ends(until: u64) -> Vec<u64> {
    std::iter::successors(Some(0), |len| Some(len + 1 + len % 5))
        .take_while(|len| *len <= until)
        .collect()
}

#[test]
fn twenty_kills_lose_no_acknowledged_act() {
    let folder = tempfile::tempdir().expect("temporary folder");
    let mut before = 0;
    for round in 0..20 {
        let mut child = Working::start("record", folder.path(), "");
        child.read(1 + below(40));
        let acknowledged = child.kill().expect("at least one");
        let (_, read) = whole_record(folder.path());
        let len = read.len() as u64;
        assert!(acknowledged > before, "round {round}");
        assert!(
            len >= acknowledged,
            "round {round}: {acknowledged} acknowledged, {len} there"
        );
        assert!(batch_ends(len).contains(&len), "round {round}: half a batch");
        before = len;
    }
}

#[test]
fn death_right_before_a_commit_leaves_nothing_of_it_and_right_after_all() {
    // Commits of the child: batches end at 1, 3 (then a checkpoint), 7, 10, 11.
    for (fault, acknowledged, len, checkpoint) in [
        ("store.before_commit=1", None, 0, None),
        ("store.after_commit=1", None, 1, None),
        ("store.before_commit=3", Some(3), 3, None),
        ("store.after_commit=3", Some(3), 3, Some(3)),
        ("store.after_checkpoint=1", Some(3), 3, Some(3)),
        ("store.before_commit=5", Some(7), 7, Some(3)),
        ("store.after_commit=5", Some(7), 10, Some(3)),
    ] {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(
            Working::start("record", folder.path(), fault).finish(),
            acknowledged,
            "{fault}"
        );
        let (store, read) = whole_record(folder.path());
        assert_eq!(read.len(), len, "{fault}");
        let newest = store.latest_checkpoint().expect("reads").map(|found| found.size);
        assert_eq!(newest, checkpoint, "{fault}");
    }
}

#[test]
fn ten_kills_lose_no_acknowledged_row_and_no_item() {
    let folder = tempfile::tempdir().expect("temporary folder");
    for round in 0..10 {
        let mut child = Working::start("vault", folder.path(), "");
        child.read(1 + below(40));
        let acknowledged = child.kill().expect("at least one");
        let mut vault = vault(folder.path());
        let last = vault.sequence().expect("reads") / 2;
        assert!(
            last >= acknowledged,
            "round {round}: {acknowledged} acknowledged, {last} there"
        );
        for row in vault.list("row/").expect("reads") {
            assert_eq!(
                row.value,
                (row.sequence.div_ceil(2)).to_be_bytes(),
                "row and number of one change"
            );
        }
        let items = vault.outbox().waiting(u32::MAX).expect("reads");
        let values: Vec<Vec<u8>> = items.into_iter().map(|item| item.bytes).collect();
        let expected: Vec<Vec<u8>> = (1..=last).map(|number| number.to_be_bytes().to_vec()).collect();
        assert_eq!(
            values, expected,
            "round {round}: every round's item, once, in order"
        );
    }
}

#[test]
fn death_around_a_vault_commit() {
    for (fault, rounds) in [("vault.before_commit=3", 2), ("vault.after_commit=3", 3)] {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(
            Working::start("vault", folder.path(), fault).finish(),
            Some(2),
            "{fault}"
        );
        assert_eq!(vault(folder.path()).sequence(), Ok(2 * rounds), "{fault}");
    }
}

#[test]
fn a_blob_is_there_whole_or_not_at_all() {
    for (fault, third) in [("blob.before_rename=3", false), ("blob.after_rename=3", true)] {
        let folder = tempfile::tempdir().expect("temporary folder");
        assert_eq!(
            Working::start("blobs", folder.path(), fault).finish(),
            Some(1),
            "{fault}"
        );
        let partial = folder.path().join("blobs/partial");
        let left = std::fs::read_dir(&partial).expect("a folder").count();
        assert_eq!(left, usize::from(!third), "{fault}");
        let store = blobs(folder.path());
        assert_eq!(std::fs::read_dir(&partial).expect("a folder").count(), 0, "swept");
        for number in 0..2 {
            let content = blob_content(number);
            assert_eq!(
                store.get(&BlobRef::of(&content)),
                Ok(Some(content)),
                "{fault}: acknowledged"
            );
        }
        assert_eq!(
            store.get(&BlobRef::of(&blob_content(2))),
            Ok(third.then(|| blob_content(2))),
            "{fault}"
        );
    }
}

#[test]
fn kills_in_the_middle_of_puts_leave_whole_blobs() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().expect("temporary folder");
        let mut child = Working::start("blobs", folder.path(), "");
        child.read(1 + below(20));
        let acknowledged = child.kill().expect("at least one");
        let store = blobs(folder.path());
        for number in 0..=acknowledged + 1 {
            let content = blob_content(number);
            let found = store.get(&BlobRef::of(&content)).expect("never half there");
            assert!(
                found.is_some() || number > acknowledged,
                "{number} of {acknowledged}"
            );
        }
    }
}
