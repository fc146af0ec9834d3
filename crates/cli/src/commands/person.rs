//! `conclave person` and `conclave witness`: one seat of a rehearsal in a process of its own.

use super::{Fault, make_folder, read};
use clap::Args;
use client::ClientError;
use client::http_link::ports;
use client::rehearsal::{Progress, Seat, Seated, turn};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long a seat waits for the record to grow before it looks at its own clock again.
const PATIENCE: Duration = Duration::from_millis(500);

/// One seat.
#[derive(Args)]
pub(crate) struct Person {
    /// Seat file.
    #[arg(long)]
    seat: PathBuf,
    /// Folder of this seat: vault, memory.
    #[arg(long)]
    folder: PathBuf,
    /// Thought after each act, milliseconds: somebody looks on.
    #[arg(long, default_value_t = 0)]
    think: u64,
}

impl Person {
    pub(crate) fn run(self) -> Result<ExitCode, Fault> {
        tracing_subscriber::fmt()
            .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
            .with_writer(std::io::stderr)
            .init();
        storage::faultpoint::arm_for_development().map_err(|e| Fault::Other(e.to_string()))?;
        let seat: Seat =
            serde_json::from_slice(&read(&self.seat)?).map_err(|e| Fault::Other(e.to_string()))?;
        make_folder(&self.folder)?;
        let ports = ports(&seat.centre, seat.anchors()?.ca_roots, false);
        match seat.open(&self.folder, &ports)? {
            Seated::Desk(mut desk, mut part) => loop {
                match turn(&mut desk, &mut *part)? {
                    Progress::Acted => pause(Duration::from_millis(self.think)),
                    Progress::Waiting => desk.wait(PATIENCE),
                    Progress::Done => return Ok(ExitCode::SUCCESS),
                }
            },
            Seated::Bidder(mut bidder) => loop {
                match bidder.step()? {
                    Progress::Acted => {}
                    Progress::Waiting => pause(PATIENCE),
                    Progress::Done => return Ok(ExitCode::SUCCESS),
                }
            },
            Seated::LogWitness(mut witness) => loop {
                match witness.round(PATIENCE) {
                    Ok(_) => {}
                    Err(error @ ClientError::Unsound(_)) => return Err(error.into()),
                    Err(_) => pause(PATIENCE),
                }
            },
        }
    }
}

/// A bidder has no live channel: it asks again after a while. A person thinks.
#[expect(
    clippy::disallowed_methods,
    reason = "a caller without a live channel can only ask again later; thought takes time"
)]
pub(crate) fn pause(time: Duration) {
    std::thread::sleep(time);
}
