//! Processes of a rehearsal: started, watched, and started again after a kill.

use super::Fault;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::OsString;
use std::fs::OpenOptions;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const SIGKILL: i32 = 9;

/// Which process dies where: by seat, in order.
pub(crate) struct Kills(BTreeMap<String, VecDeque<String>>);

impl Kills {
    /// Reads `SEAT:POINT=N`.
    pub(crate) fn parse(texts: &[String]) -> Result<Self, Fault> {
        let mut kills: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
        for text in texts {
            let (seat, fault) = text
                .split_once(':')
                .ok_or_else(|| Fault::Other(format!("{text} is not SEAT:POINT=N")))?;
            kills
                .entry(seat.to_owned())
                .or_default()
                .push_back(fault.to_owned());
        }
        Ok(Self(kills))
    }

    /// Every kill belongs to a seat that was started.
    pub(crate) fn all_placed(&self) -> Result<(), Fault> {
        match self.0.keys().next() {
            None => Ok(()),
            Some(seat) => Err(Fault::Other(format!("no seat {seat}"))),
        }
    }
}

/// A process that ends with the rehearsal.
pub(crate) struct Process {
    name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    log: PathBuf,
    faults: VecDeque<String>,
    killed: usize,
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
        let mut faults = kills.0.remove(name).unwrap_or_default();
        let child = spawn(name, &program, &arguments, &log, faults.pop_front())?;
        Ok(Self {
            name: name.to_owned(),
            program,
            arguments,
            log,
            faults,
            killed: 0,
            child,
        })
    }

    /// How often it was killed so far.
    pub(crate) fn killed(&self) -> usize {
        self.killed
    }

    /// Starts it again after a kill; a bad end of its own ends the rehearsal.
    pub(crate) fn look(&mut self) -> Result<(), Fault> {
        let status = self
            .child
            .try_wait()
            .map_err(|e| Fault::File(self.name.clone(), e))?;
        match status {
            Some(status) if status.signal() == Some(SIGKILL) => {
                self.killed += 1;
                let fault = self.faults.pop_front();
                self.child = spawn(&self.name, &self.program, &self.arguments, &self.log, fault)?;
                Ok(())
            }
            Some(status) if !status.success() => Err(Fault::Other(format!(
                "{} ended badly; see {}",
                self.name,
                self.log.display()
            ))),
            _ => Ok(()),
        }
    }
}

fn spawn(
    name: &str,
    program: &PathBuf,
    arguments: &[OsString],
    log: &PathBuf,
    fault: Option<String>,
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
    match fault {
        Some(fault) => command.env(storage::faultpoint::VARIABLE, fault),
        None => command.env_remove(storage::faultpoint::VARIABLE),
    };
    command.spawn().map_err(|e| Fault::File(name.to_owned(), e))
}
