//! WebKit's driver, in a process group of its own: the window that it starts ends with it.

use crate::window::{Fault, Patience};
use rustix::process::{Pid, Signal, kill_process_group};
use std::fs::{File, create_dir_all};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running `WebKitWebDriver`.
pub struct Driver {
    process: Child,
    port: u16,
}

impl Driver {
    /// Starts one that shows its windows on a display and keeps what the toolkit writes in `home`.
    ///
    /// # Errors
    /// `WebKitWebDriver` is not installed, or takes no connection in time.
    pub async fn start(display: &str, home: &Path, patience: Patience) -> Result<Self, Fault> {
        // Free a moment ago; whoever took it since makes the connection fail, not another window answer.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        for folder in ["runtime", "home"] {
            create_dir_all(home.join(folder))?;
        }
        let log = File::create(home.join("driver.log"))?;
        let process = Command::new("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("DISPLAY", display)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("HOME", home.join("home"))
            .env("XDG_RUNTIME_DIR", home.join("runtime"))
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()?;
        let driver = Self { process, port };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        patience
            .until("the driver takes connections", async || {
                Ok(TcpStream::connect(address).ok())
            })
            .await?;
        Ok(driver)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Process group of the driver, of the window, and of what the window's toolkit starts.
    #[must_use]
    pub fn group(&self) -> u32 {
        self.process.id()
    }

    /// Ends driver and window at once, as a power cut would.
    pub fn kill(&mut self) {
        if let Some(group) = i32::try_from(self.process.id()).ok().and_then(Pid::from_raw) {
            // Only the group that was started here.
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.process.wait();
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.kill();
    }
}
