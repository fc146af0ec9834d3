//! Processes of a rehearsal: started, watched, and started again after a kill.

use super::Fault;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const SIGKILL: i32 = 9;

/// Which process dies where, by seat, in order; and where which one stops, in every life.
pub(crate) struct Kills {
    kills: BTreeMap<String, VecDeque<String>>,
    stops: BTreeMap<String, Vec<String>>,
}

impl Kills {
    /// Reads `SEAT:POINT=N`.
    pub(crate) fn parse(kills: &[String], stops: &[String]) -> Result<Self, Fault> {
        let mut parsed = Self {
            kills: BTreeMap::new(),
            stops: BTreeMap::new(),
        };
        for text in kills {
            let (seat, fault) = seat_and_point(text)?;
            parsed.kills.entry(seat).or_default().push_back(fault);
        }
        for text in stops {
            let (seat, fault) = seat_and_point(text)?;
            parsed
                .stops
                .entry(seat)
                .or_default()
                .push(format!("stop:{fault}"));
        }
        Ok(parsed)
    }

    /// Every kill and every stop belongs to a seat that was started.
    pub(crate) fn all_placed(&self) -> Result<(), Fault> {
        match self.kills.keys().chain(self.stops.keys()).next() {
            None => Ok(()),
            Some(seat) => Err(Fault::Other(format!("no seat {seat}"))),
        }
    }
}

fn seat_and_point(text: &str) -> Result<(String, String), Fault> {
    text.split_once(':')
        .map(|(seat, fault)| (seat.to_owned(), fault.to_owned()))
        .ok_or_else(|| Fault::Other(format!("{text} is not SEAT:POINT=N")))
}

/// A process that ends with the rehearsal.
pub(crate) struct Process {
    name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    log: PathBuf,
    /// Where this life ends, if it was told to.
    fault: Option<String>,
    faults: VecDeque<String>,
    deaths: Vec<String>,
    stops: Vec<String>,
    stopped: bool,
    child: Child,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Only a process that was started here, by its handle. One that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    pub(crate) fn start(
        name: &str,
        program: PathBuf,
        arguments: Vec<OsString>,
        log: PathBuf,
        kills: &mut Kills,
    ) -> Result<Self, Fault> {
        let mut faults = kills.kills.remove(name).unwrap_or_default();
        let stops = kills.stops.remove(name).unwrap_or_default();
        let fault = faults.pop_front();
        let child = spawn(name, &program, &arguments, &log, &armed(fault.as_deref(), &stops))?;
        Ok(Self {
            name: name.to_owned(),
            program,
            arguments,
            log,
            fault,
            faults,
            deaths: Vec::new(),
            stops,
            stopped: false,
            child,
        })
    }

    /// Its seat, and its process now.
    pub(crate) fn life(&self) -> (&str, u32) {
        (&self.name, self.child.id())
    }

    /// Whether it stopped since the last time this was asked.
    pub(crate) fn has_stopped(&mut self) -> bool {
        if self.stops.is_empty() {
            return false;
        }
        let before = self.stopped;
        self.stopped = state_of(self.child.id()) == Some('T');
        self.stopped && !before
    }

    /// Its seat, and the fault points at which it died so far.
    pub(crate) fn deaths(&self) -> (&str, &[String]) {
        (&self.name, &self.deaths)
    }

    /// Starts it again after a kill, and says whether it did; a bad end of its own ends the rehearsal.
    pub(crate) fn look(&mut self) -> Result<bool, Fault> {
        let status = self
            .child
            .try_wait()
            .map_err(|e| Fault::File(self.name.clone(), e))?;
        match status {
            Some(status) if status.signal() == Some(SIGKILL) => {
                let Some(fault) = self.fault.take() else {
                    return Err(Fault::Other(format!("somebody else killed {}", self.name)));
                };
                let point = fault.split('=').next().unwrap_or_default();
                self.deaths.push(point.to_owned());
                self.fault = self.faults.pop_front();
                let faults = armed(self.fault.as_deref(), &self.stops);
                self.child = spawn(&self.name, &self.program, &self.arguments, &self.log, &faults)?;
                Ok(true)
            }
            Some(status) if !status.success() => Err(Fault::Other(format!(
                "{} ended badly; see {}",
                self.name,
                self.log.display()
            ))),
            _ => Ok(false),
        }
    }
}

/// What a life is told: where it ends, and where it stops.
fn armed(fault: Option<&str>, stops: &[String]) -> String {
    let all: Vec<&str> = fault
        .into_iter()
        .chain(stops.iter().map(String::as_str))
        .collect();
    all.join(",")
}

/// State letter of a process (proc(5)); `T` is stopped by a signal.
fn state_of(process: u32) -> Option<char> {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may hold anything; the state follows the last one.
    text.rsplit_once(") ")?.1.chars().next()
}

fn spawn(
    name: &str,
    program: &PathBuf,
    arguments: &[OsString],
    log: &PathBuf,
    faults: &str,
) -> Result<Child, Fault> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .map_err(|e| Fault::File(log.display().to_string(), e))?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    if faults.is_empty() {
        command.env_remove(storage::faultpoint::VARIABLE);
    } else {
        command.env(storage::faultpoint::VARIABLE, faults);
    }
    command.spawn().map_err(|e| Fault::File(name.to_owned(), e))
}
