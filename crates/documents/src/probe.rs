//! Trying, from inside the confinement, what must be impossible.

use std::fs::{File, OpenOptions};
use std::io;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

use serde::{Deserialize, Serialize};

use crate::confinement::Confinement;

/// How one attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attempt {
    /// It worked: the confinement has a hole.
    Succeeded,
    /// The system refused.
    Refused {
        /// Its error number, where it gave one.
        errno: Option<i32>,
        /// Its words.
        said: String,
    },
}

/// What the child could do after it had confined itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeReport {
    /// How it was confined.
    pub confinement: Confinement,
    /// Name and end of every attempt.
    pub attempts: Vec<(String, Attempt)>,
}

impl ProbeReport {
    /// Whether nothing worked.
    pub fn is_tight(&self) -> bool {
        self.attempts
            .iter()
            .all(|(_, attempt)| matches!(attempt, Attempt::Refused { .. }))
    }
}

/// Makes every attempt once.
pub(crate) fn run(port: u16) -> Vec<(String, Attempt)> {
    vec![
        attempt("open for reading", || File::open("/etc/passwd").map(drop)),
        attempt("open for writing", || {
            OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .open("/dev/shm/conclave-probe")
                .map(drop)
        }),
        attempt("list a directory", || std::fs::read_dir("/").map(drop)),
        attempt("read a link", || std::fs::read_link("/proc/self/exe").map(drop)),
        attempt("connect over TCP", || {
            TcpStream::connect(("127.0.0.1", port)).map(drop)
        }),
        attempt("bind a UDP socket", || UdpSocket::bind("127.0.0.1:0").map(drop)),
        attempt("make a socket pair", || UnixStream::pair().map(drop)),
        attempt("start a thread", || {
            std::thread::Builder::new().spawn(|| ()).map(drop)
        }),
        attempt("start a program", || {
            // Inherited streams leave the start itself as the only thing to refuse.
            Command::new("/bin/true")
                .stdin(Stdio::inherit())
                .stdout(Stdio::inherit())
                .stderr(Stdio::inherit())
                .spawn()
                .map(drop)
        }),
        attempt("read another process", || File::open("/proc/1/mem").map(drop)),
        attempt("raise a limit", || {
            rlimit::setrlimit(rlimit::Resource::NOFILE, 64, 64)
        }),
    ]
}

fn attempt(name: &str, act: impl FnOnce() -> io::Result<()>) -> (String, Attempt) {
    let outcome = match act() {
        Ok(()) => Attempt::Succeeded,
        Err(error) => Attempt::Refused {
            errno: error.raw_os_error(),
            said: error.to_string(),
        },
    };
    (name.to_owned(), outcome)
}
