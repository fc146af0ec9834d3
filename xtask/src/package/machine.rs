//! A clean Debian in a folder: entered as it lies there, or started with its own systemd and no network but loopback.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::stage;
use crate::commands;
use crate::steps::{Failure, Outcome};

/// Debian's name of the release the packages are tried on.
pub(super) const SUITE: &str = "bookworm";

/// How many seconds a start of the system may take.
const START: &str = "180";

/// Waits for the first process below nspawn to be in the clean root, listening; says its id.
const UNTIL_STARTED: &str = r#"
    until first=$(pgrep -P "$1") &&
        nsenter --target "$first" --mount --root --wd sh -c '[ -d /trial ] && [ -S /run/systemd/private ]'; do
        sleep 0.2
    done
    echo "$first"
"#;

/// What a running system and its package tools write for themselves.
const BOOKS: [&str; 11] = [
    "/dev",
    "/etc/.pwd.lock",
    "/proc",
    "/run",
    "/sys",
    "/tmp",
    "/trial",
    "/var/cache",
    "/var/lib",
    "/var/log",
    "/var/tmp",
];

/// The folder.
pub(super) struct CleanRoot {
    pub(super) path: PathBuf,
}

impl CleanRoot {
    pub(super) fn make(path: PathBuf) -> Outcome<Self> {
        stage::remove(&path)?;
        let mut debootstrap = Command::new("debootstrap");
        debootstrap.args([
            "--variant=minbase",
            "--include=systemd,systemd-sysv,dbus,ca-certificates",
            SUITE,
        ]);
        let log = path.with_extension("log");
        let kept = File::create(&log).map_err(|error| stage::failed(&log, &error))?;
        debootstrap.arg(&path).stdout(kept).stdin(Stdio::null());
        commands::run(&mut debootstrap)?;
        stage::make_folder(&path.join("trial"))?;
        Ok(Self { path })
    }

    /// Runs a script in it, with the network of this machine.
    pub(super) fn run(&self, script: &Path) -> Outcome<String> {
        let mut nspawn = Command::new("systemd-nspawn");
        nspawn
            .args(["--quiet", "--register=no", "--keep-unit", "--pipe", "-D"])
            .arg(&self.path);
        shell(nspawn.args(["/bin/sh", "-eu", "-s"]), script)
    }

    /// Every path outside the books of a running system; of those only what has our name.
    pub(super) fn everything(&self) -> Outcome<BTreeSet<String>> {
        let mut find = Command::new("find");
        let text = commands::output(find.arg(&self.path).args(["-xdev", "-printf", "/%P\\n"]))?;
        let counts = |line: &&str| {
            let book = BOOKS.iter().any(|book| line.starts_with(book));
            // Accounts keep a copy of each file beside it.
            !line.ends_with('-') && (!book || (line.contains("conclave") && line.starts_with("/var/lib/")))
        };
        Ok(text.lines().filter(counts).map(str::to_owned).collect())
    }
}

/// The started system. Dropped, it is shut down.
pub(super) struct Machine {
    nspawn: Child,
    /// Its first process, as seen from here.
    first: String,
}

impl Machine {
    pub(super) fn start(root: &CleanRoot) -> Outcome<Self> {
        let log = root.path.with_extension("boot.log");
        let kept = File::create(&log).map_err(|error| stage::failed(&log, &error))?;
        let mut command = Command::new("systemd-nspawn");
        command.args([
            "--quiet",
            "--register=no",
            "--keep-unit",
            "--private-network",
            // The filter of this nspawn does not know the calls with which a document child confines itself.
            "--system-call-filter=landlock_create_ruleset landlock_add_rule landlock_restrict_self",
            "--boot",
            "-D",
        ]);
        command
            .arg(&root.path)
            .stdin(Stdio::null())
            .stdout(kept)
            .stderr(Stdio::null());
        let nspawn = command
            .spawn()
            .map_err(|error| Failure::new(format!("systemd-nspawn: {error}")))?;
        let mut machine = Self {
            nspawn,
            first: String::new(),
        };
        let mut wait = Command::new("timeout");
        wait.args([
            START,
            "sh",
            "-c",
            UNTIL_STARTED,
            "sh",
            &machine.nspawn.id().to_string(),
        ]);
        let waited = wait.stderr(Stdio::null()).output();
        let waited = waited.map_err(|error| Failure::new(format!("timeout: {error}")))?;
        machine.first = String::from_utf8_lossy(&waited.stdout).trim().to_owned();
        if machine.is_running() {
            return Ok(machine);
        }
        Err(Failure::new(format!(
            "the system did not start; {} says more",
            log.display()
        )))
    }

    fn is_running(&self) -> bool {
        if self.first.is_empty() {
            return false;
        }
        let mut asked = self.enter();
        asked
            .args(["timeout", START, "systemctl", "is-system-running", "--wait"])
            .stderr(Stdio::null());
        let said = asked.output().map(|output| output.stdout).unwrap_or_default();
        // Degraded: some unit of Debian's did not like to be in a container.
        matches!(String::from_utf8_lossy(&said).trim(), "running" | "degraded")
    }

    fn enter(&self) -> Command {
        let mut nsenter = Command::new("nsenter");
        nsenter.args([
            "--target",
            &self.first,
            "--mount",
            "--uts",
            "--ipc",
            "--net",
            "--pid",
            "--root",
            "--wd",
        ]);
        nsenter.args([
            "env",
            "-i",
            "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME=/tmp",
            "LANG=C.UTF-8",
        ]);
        nsenter
    }

    /// Runs a script in the running system.
    pub(super) fn run(&self, script: &Path) -> Outcome<String> {
        shell(self.enter().args(["/bin/sh", "-eu", "-s"]), script)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Asks its systemd to power off.
        let _ = Command::new("kill")
            .arg("-TERM")
            .arg(self.nspawn.id().to_string())
            .status();
        let _ = self.nspawn.wait();
    }
}

/// Gives a script to a shell, shows what it says, and returns its last line: the note of the step.
fn shell(command: &mut Command, script: &Path) -> Outcome<String> {
    let text = std::fs::read(script).map_err(|error| stage::failed(script, &error))?;
    let name = script
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let mut child = child.map_err(|error| Failure::new(format!("{name}: {error}")))?;
    if let Some(mut input) = child.stdin.take() {
        input
            .write_all(&text)
            .map_err(|error| Failure::new(format!("{name}: {error}")))?;
    }
    let output = child
        .wait_with_output()
        .map_err(|error| Failure::new(format!("{name}: {error}")))?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    print!("{said}");
    if !output.status.success() {
        return Err(Failure::new(format!("{name} ended with {}", output.status)));
    }
    Ok(said.lines().last().unwrap_or_default().to_owned())
}
