//! A virtual display of its own for each window: no window covers another, and no key goes astray.

use crate::window::Fault;
use std::io::{self, BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConfigureWindowAux, ConnectionExt as _, ImageFormat, MapState, StackMode};
use x11rb::rust_connection::RustConnection;

/// Which of a program's windows lies on top of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The one that was opened first.
    First,
    /// The one that was opened last.
    Last,
}

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

    /// Brings a window to the front, as a person would: nobody else does it on this display.
    ///
    /// # Errors
    /// The server does not answer.
    pub fn raise(&self, which: Front) -> Result<(), Fault> {
        let (server, root) = self.connect()?;
        let mut shown = Vec::new();
        for window in server
            .query_tree(root)
            .map_err(fault)?
            .reply()
            .map_err(fault)?
            .children
        {
            let about = server.get_window_attributes(window).map_err(fault)?.reply();
            if about.is_ok_and(|about| about.map_state == MapState::VIEWABLE) {
                shown.push(window);
            }
        }
        // Ids of one program rise in the order in which it opened its windows.
        let wanted = match which {
            Front::First => shown.iter().min(),
            Front::Last => shown.iter().max(),
        };
        if let Some(window) = wanted {
            let above = ConfigureWindowAux::new().stack_mode(StackMode::ABOVE);
            server
                .configure_window(*window, &above)
                .map_err(fault)?
                .check()
                .map_err(fault)?;
        }
        Ok(())
    }

    /// What stands on the display now, a PNG.
    ///
    /// # Errors
    /// The server does not answer, or has other pixels than 24 bits in four bytes.
    pub fn picture(&self) -> Result<Vec<u8>, Fault> {
        let (server, root) = self.connect()?;
        let size = server.get_geometry(root).map_err(fault)?.reply().map_err(fault)?;
        let all = server.get_image(
            ImageFormat::Z_PIXMAP,
            root,
            0,
            0,
            size.width,
            size.height,
            u32::MAX,
        );
        let seen = all.map_err(fault)?.reply().map_err(fault)?;
        // Blue, green, red, nothing.
        let pixels: Vec<u8> = seen
            .data
            .as_chunks::<4>()
            .0
            .iter()
            .flat_map(|&[b, g, r, _]| [r, g, b])
            .collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size.width.into(), size.height.into());
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(fault)?;
        writer.write_image_data(&pixels).map_err(fault)?;
        writer.finish().map_err(fault)?;
        Ok(file)
    }

    fn connect(&self) -> Result<(RustConnection, u32), Fault> {
        let (server, screen) = x11rb::connect(Some(&self.name)).map_err(fault)?;
        let root = server.setup().roots.get(screen).map(|screen| screen.root);
        root.map(|root| (server, root))
            .ok_or_else(|| Fault("a display without a screen".to_owned()))
    }

    /// Value of `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

fn fault(error: impl std::fmt::Display) -> Fault {
    Fault(format!("display: {error}"))
}

impl Drop for Display {
    fn drop(&mut self) {
        // Only what was started here, by its handle.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
