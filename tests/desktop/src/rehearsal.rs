//! A rehearsal with real processes, some of its seats left to windows.

use crate::window::{Fault, Patience};
use client::rehearsal::Paper;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

/// A running rehearsal; its processes end with this value.
pub struct Rehearsal {
    process: Child,
    /// While it is open, the centre stays.
    input: Option<ChildStdin>,
    out: PathBuf,
    patience: Patience,
}

impl Rehearsal {
    /// Starts the sample evaluation: bids are taken for so many seconds, some seats are left to windows.
    ///
    /// # Errors
    /// The program can't be started.
    pub fn start(
        conclave: &Path,
        sample: &Path,
        out: &Path,
        (bidding, windows): (u32, &[&str]),
        patience: Patience,
    ) -> Result<Self, Fault> {
        std::fs::create_dir_all(out)?;
        let log = File::create(out.join("rehearsal.log"))?;
        let mut command = Command::new(conclave);
        command
            .arg("demo")
            .arg("--out")
            .arg(out)
            .arg("--sample")
            .arg(sample);
        command.args(["--bidding", &bidding.to_string(), "--limit", "1500"]);
        for seat in windows {
            command.args(["--window", seat]);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        let input = process.stdin.take();
        Ok(Self {
            process,
            input,
            out: out.to_owned(),
            patience,
        })
    }

    /// Whether it goes on; how it ended if not.
    fn goes_on(&mut self) -> Result<(), Fault> {
        match self.process.try_wait()? {
            None => Ok(()),
            Some(status) => Err(Fault(format!("the rehearsal ended: {status}; {}", self.said()))),
        }
    }

    /// What it said so far.
    #[must_use]
    pub fn said(&self) -> String {
        std::fs::read_to_string(self.out.join("rehearsal.log")).unwrap_or_default()
    }

    /// The workplace of a seat, once it is furnished.
    ///
    /// # Errors
    /// It is not in time; the rehearsal ended.
    pub async fn workplace(&mut self, seat: &str) -> Result<PathBuf, Fault> {
        let folder = self.out.join("workplaces").join(seat);
        let patience = self.patience;
        patience
            .until(&format!("the workplace of {seat}"), async || {
                self.goes_on()?;
                Ok(folder.exists().then(|| folder.clone()))
            })
            .await
    }

    /// What a seat's person must know by heart.
    ///
    /// # Errors
    /// The seat is not furnished.
    pub fn pins(&self, seat: &str) -> Result<BTreeMap<String, String>, Fault> {
        let text = std::fs::read_to_string(self.out.join("workplaces").join(format!("{seat}.pins")))?;
        let lines = text.lines().filter_map(|line| line.split_once('\t'));
        Ok(lines
            .map(|(what, pin)| (what.to_owned(), pin.to_owned()))
            .collect())
    }

    /// The PIN of a seat with one person.
    ///
    /// # Errors
    /// The seat is not furnished.
    pub fn pin(&self, seat: &str) -> Result<String, Fault> {
        let pin = self.pins(seat)?.remove(seat);
        pin.ok_or_else(|| Fault(format!("no PIN for {seat}")))
    }

    /// What the expert means to write.
    ///
    /// # Errors
    /// The seat is not furnished.
    pub fn paper(&self) -> Result<Paper, Fault> {
        let text = std::fs::read(self.out.join("workplaces/expert.papers.json"))?;
        let papers: Vec<Paper> = serde_json::from_slice(&text)?;
        let first = papers.into_iter().next();
        first.ok_or_else(|| Fault("no paper".to_owned()))
    }

    /// Where local anchors lie.
    #[must_use]
    pub fn anchors(&self) -> PathBuf {
        self.out.join("anchors.json")
    }

    /// Stops or continues the centre's process: the line is cut, and mended.
    ///
    /// # Errors
    /// The centre's process is not known.
    pub fn cut_line(&self, cut: bool) -> Result<(), Fault> {
        let lives = std::fs::read_to_string(self.out.join("processes"))?;
        let centre = lives.lines().find_map(|line| line.strip_prefix("centre "));
        let centre = centre
            .and_then(|id| id.parse().ok())
            .and_then(Pid::from_raw)
            .ok_or_else(|| Fault("no centre runs".to_owned()))?;
        let signal = if cut { Signal::STOP } else { Signal::CONT };
        kill_process(centre, signal).map_err(|e| Fault(e.to_string()))
    }

    /// Waits until the rehearsal's own packages are fetched and it stays for the windows alone.
    ///
    /// # Errors
    /// It ends before.
    pub async fn until_archived(&mut self) -> Result<(), Fault> {
        let patience = self.patience;
        patience
            .until("archived", async || {
                self.goes_on()?;
                Ok(self.said().contains("the centre stays").then_some(()))
            })
            .await
    }

    /// Lets it end, and says what it said.
    ///
    /// # Errors
    /// It found its own package not sound, or does not end.
    pub async fn end(mut self) -> Result<String, Fault> {
        drop(self.input.take());
        let patience = self.patience;
        let status = patience
            .until("the rehearsal ends", async || Ok(self.process.try_wait()?))
            .await?;
        if status.success() {
            Ok(self.said())
        } else {
            Err(Fault(format!("the rehearsal ended: {status}; {}", self.said())))
        }
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            // Only the group that was started here.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}
