//! The queue's bound, and what shutdown owes to acts that wait.

use crate::fixture::Fixture;
use client::ClientError;
use client::link::Link;
use protocol::{Acknowledged, ErrorCode};
use record::Submission;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long a test waits for what must come.
const LIMIT: Duration = Duration::from_secs(60);

type Answer = Result<Acknowledged, ClientError>;

/// Submits on a thread of its own; the answer comes when it comes.
fn submit(fixture: &Fixture, act: Submission, answers: &mpsc::Sender<Answer>) {
    let (link, origin, answers) = (fixture.clerk_link(), fixture.origin, answers.clone());
    thread::spawn(move || answers.send(link.act_submit(&origin, &act)));
}

/// Stops the committer in the middle of an act; with the timer's thread two stand before the gate.
fn stop_committer(fixture: &Fixture, first: Submission, answers: &mpsc::Sender<Answer>) {
    fixture.clock.shut();
    submit(fixture, first, answers);
    fixture.clock.until_waiting(2);
}

#[test]
fn a_full_queue_says_busy_and_nothing_queued_is_lost() {
    let fixture = Fixture::with(|limits| limits.queue = 4);
    let mut acts: Vec<Submission> = (0..8).map(|n| fixture.site(&format!("site-{n}"))).collect();
    let (tell, answers) = mpsc::channel();
    stop_committer(&fixture, acts.remove(0), &tell);
    // Seven for four places: exactly three are turned away while the gate is shut.
    acts.into_iter().for_each(|act| submit(&fixture, act, &tell));
    for _ in 0..3 {
        let answer = answers.recv_timeout(LIMIT).unwrap();
        assert!(matches!(answer, Err(ClientError::Centre(body)) if body.error == ErrorCode::Busy));
    }
    fixture.clock.open();
    let mut indices: Vec<u64> = (0..5)
        .map(|_| answers.recv_timeout(LIMIT).unwrap().unwrap().index)
        .collect();
    indices.sort_unstable();
    assert_eq!(indices, [1, 2, 3, 4, 5]);
    let metrics = fixture.metrics();
    assert!(metrics.contains("conclave_queue_acts 0"));
    assert!(
        metrics.contains("conclave_commit_batch_acts_bucket{le=\"4\"} 2"),
        "{metrics}"
    );
    assert!(
        metrics.contains("conclave_refusals_total{code=\"busy\"} 3"),
        "{metrics}"
    );
}

#[test]
fn an_act_sent_twice_counts_once() {
    let fixture = Fixture::start();
    let act = fixture.site("one");
    let first = fixture.clerk_link().act_submit(&fixture.origin, &act).unwrap();
    assert_eq!(
        fixture.clerk_link().act_submit(&fixture.origin, &act).unwrap(),
        first
    );
}

#[test]
fn a_panic_in_the_centre_is_an_internal_error_and_the_record_goes_on() {
    let fixture = Fixture::start();
    let (link, act) = (fixture.clerk_link(), fixture.site("one"));
    fixture.clock.set_broken(true);
    let answer = link.act_submit(&fixture.origin, &act);
    let clerks = link.setup_blob_put(b"the gate asks the clock");
    fixture.clock.set_broken(false);
    for answer in [answer.map(drop), clerks.map(drop)] {
        let Err(ClientError::Centre(body)) = answer else {
            panic!("not an answer of the centre");
        };
        assert_eq!(
            (body.error, body.detail.as_str()),
            (ErrorCode::Internal, "see the centre's log")
        );
    }
    assert_eq!(link.act_submit(&fixture.origin, &act).unwrap().index, 1);
}

#[test]
fn shutdown_decides_what_is_queued_and_takes_no_more() {
    let mut fixture = Fixture::start();
    let acts: Vec<Submission> = (0..3).map(|n| fixture.site(&format!("site-{n}"))).collect();
    let late = fixture.site("late");
    let channel = fixture.clerk_link();
    let cursor = channel.feed(&fixture.origin, "").unwrap().cursor;
    channel.wait(&fixture.origin, &cursor, LIMIT); // a live channel is open
    let (tell, answers) = mpsc::channel();
    let mut acts = acts.into_iter();
    stop_committer(&fixture, acts.next().unwrap(), &tell);
    for act in acts {
        submit(&fixture, act, &tell);
    }
    until(&fixture, "conclave_queue_acts 2");
    let server = fixture.take_server();
    let address = server.address();
    let closing = fixture.runtime.spawn(server.shutdown());
    while std::net::TcpStream::connect(address).is_ok() {
        thread::yield_now();
    }
    fixture.clock.open();
    assert!(fixture.runtime.block_on(closing).unwrap(), "all of it in time");
    // As at the end of the process: whatever is not done now is never done.
    std::mem::replace(&mut fixture.runtime, tokio::runtime::Runtime::new().unwrap()).shutdown_background();
    for _ in 0..3 {
        assert!(answers.recv_timeout(LIMIT).unwrap().is_ok());
    }
    let refused = fixture.clerk_link().act_submit(&fixture.origin, &late);
    assert!(matches!(refused, Err(ClientError::Line(_))));
}

/// Zeros that say when all are taken, and end when told.
struct Slow {
    left: usize,
    taken: mpsc::Sender<()>,
    go: mpsc::Receiver<()>,
}

impl std::io::Read for Slow {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            self.taken.send(()).ok();
            self.go.recv().ok();
            return Ok(0);
        }
        let count = out.len().min(self.left);
        out[..count].fill(0);
        self.left -= count;
        Ok(count)
    }
}

#[test]
fn shutdown_waits_for_requests_under_way() {
    // More than all buffers between hold: once taken, the server is in the middle of the request.
    const SIZE: usize = 32 << 20;
    let mut fixture = Fixture::start();
    let client = fixture.raw(Some(fixture.clerk_certified()));
    let url = fixture.record(&format!("blobs/{}", record::Digest::of(&vec![0; SIZE])));
    let (taken, all_taken) = mpsc::channel();
    let (go, told) = mpsc::channel();
    let slow = Slow {
        left: SIZE,
        taken,
        go: told,
    };
    let upload = thread::spawn(move || client.put(url).body(reqwest::blocking::Body::new(slow)).send());
    all_taken.recv_timeout(LIMIT).unwrap();
    let server = fixture.take_server();
    let address = server.address();
    let runtime = std::mem::replace(&mut fixture.runtime, tokio::runtime::Runtime::new().unwrap());
    let ending = thread::spawn(move || {
        let whole = runtime.block_on(server.shutdown());
        runtime.shutdown_background();
        whole
    });
    while std::net::TcpStream::connect(address).is_ok() {
        thread::yield_now();
    }
    go.send(()).unwrap();
    assert_eq!(upload.join().unwrap().unwrap().status(), 200);
    assert!(ending.join().unwrap(), "all of it in time");
}

/// Waits until the metrics say so.
fn until(fixture: &Fixture, line: &str) {
    while !fixture.metrics().lines().any(|found| found == line) {
        thread::yield_now();
    }
}
