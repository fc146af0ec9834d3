//! A virtual display of its own for each window: no window covers another, and no key goes astray.

use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

/// A running X server; it ends with this value.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts one of 1366 x 768 pixels, the smallest screen that desks are made for.
    ///
    /// # Errors
    /// `Xvfb` is not installed, or ends before it is ready.
    pub fn start() -> io::Result<Self> {
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1366x768x24",
                "-nolisten",
                "tcp",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        // It writes its number when it takes clients.
        let mut line = String::new();
        if let Some(output) = server.stdout.take() {
            BufReader::new(output).read_line(&mut line)?;
        }
        if line.trim().is_empty() {
            return Err(io::Error::other("Xvfb ended before it was ready"));
        }
        Ok(Self {
            server,
            name: format!(":{}", line.trim()),
        })
    }

    /// Value of `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Only what was started here, by its handle.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
