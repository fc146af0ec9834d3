//! The desktop client without its windows: seats of this PC, their threads, and every command that a window may call.
//!
//! Each function here answers one line of the table of window commands (`protocol::window::WINDOW_COMMANDS`). None of
//! them waits for the line but those that act.

mod bench;
mod expert;
mod moving;
mod occupation;
mod offices;
mod open_seat;
mod preferences;
mod published;
mod reading;
mod seat_file;
mod troubles;
mod view;

pub use bench::OnChange;

pub use open_seat::OpenSeat;
pub use published::Published;
pub use seat_file::{Post, SEAT_FORMAT, SeatFile, TOKEN_FORMAT, TokenFile};
pub use view::View;

use crate::error::ClientError;
use crate::rehearsal::Ports;
use crate::roles::rulebook;
use documents::{Limits, Reader};
use protocol::window::{self, Preferences, RulebookDraft};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Makes the ports of a seat: address of the centre, CA roots.
pub type PortsOf = dyn Fn(&str, Vec<Vec<u8>>) -> Ports + Send + Sync;

/// A PC with its seats; at most one is taken at a time.
pub struct Workplace {
    folder: PathBuf,
    ports: Box<PortsOf>,
    reader: Reader,
    changed: OnChange,
    open: Mutex<Option<Arc<OpenSeat>>>,
}

impl Workplace {
    /// The workplace installed in a folder: `seats/*.json`, `tokens/*.json`, and a folder a seat for what it keeps.
    pub fn new(folder: &Path, ports: Box<PortsOf>, changed: OnChange) -> Self {
        Self {
            folder: folder.to_owned(),
            ports,
            reader: Reader::this_program(Limits::default()),
            changed,
            open: Mutex::new(None),
        }
    }

    /// Documents are read by another program than this one.
    #[must_use]
    pub fn reading_with(self, reader: Reader) -> Self {
        Self { reader, ..self }
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<OpenSeat>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The seat that is taken.
    ///
    /// # Errors
    /// [`ClientError::Check`] while none is.
    pub fn seat(&self) -> Result<Arc<OpenSeat>, ClientError> {
        let open = self.lock().clone();
        open.ok_or_else(|| ClientError::check("尚未就座", "no seat is taken"))
    }

    /// What this PC is set up for.
    ///
    /// # Errors
    /// A file that is not a seat.
    pub fn listing(&self) -> Result<window::Workplace, ClientError> {
        let seats = seat_file::seats(&self.folder)?;
        let mut lines: Vec<_> = seats.iter().map(SeatFile::line).collect();
        // A booth's PC does nothing but its booth's work.
        if !seats.iter().any(|seat| matches!(seat.post, Post::Booth { .. })) {
            lines.push(seat_file::verifier_line());
            lines.push(seat_file::rulebook_line());
        }
        Ok(window::Workplace {
            centre: seats.first().map(|seat| seat.centre.clone()).unwrap_or_default(),
            // Key files are all that this build knows.
            development: !seats.is_empty(),
            seats: lines,
        })
    }

    /// Takes a seat; its window is told.
    ///
    /// # Errors
    /// A wrong PIN, a damaged vault, no such seat; [`ClientError::Check`] when another is taken.
    pub fn take_seat(&self, seat: &str, pin: &str) -> Result<window::Desk, ClientError> {
        let mut open = self.lock();
        if open.is_some() {
            return Err(ClientError::check("已有人就座", "a seat is taken already"));
        }
        let listed = self.listing()?.seats.into_iter().find(|line| line.seat == seat);
        let desk = listed.map(|line| line.desk);
        let desk = desk.ok_or_else(|| ClientError::check("本机没有这个席位", "no such seat on this PC"))?;
        let seats = seat_file::seats(&self.folder)?;
        let Some(file) = seats.into_iter().find(|file| file.seat == seat) else {
            *open = Some(Arc::new(match desk {
                window::Desk::Rulebook => OpenSeat::rulebook(&self.folder),
                _ => OpenSeat::verifier(&self.folder),
            }));
            return Ok(desk);
        };
        *open = Some(Arc::new(OpenSeat::open(
            &self.folder,
            file,
            pin,
            &*self.ports,
            &self.reader,
            self.changed.clone(),
        )?));
        Ok(desk)
    }

    /// Remembered language, theme and text size of whoever sits here.
    pub fn preferences(&self) -> Preferences {
        preferences::read(&self.folder, &self.seat_name())
    }

    /// Remembers them.
    ///
    /// # Errors
    /// The disk.
    pub fn set_preferences(&self, wanted: Preferences) -> Result<Preferences, ClientError> {
        preferences::write(&self.folder, &self.seat_name(), wanted)
    }

    /// What was written in the editor of rulebooks and not saved.
    ///
    /// # Errors
    /// None.
    pub fn rulebook_draft(&self) -> Result<Option<RulebookDraft>, ClientError> {
        rulebook::draft(&self.folder)
    }

    /// Keeps it.
    ///
    /// # Errors
    /// The disk.
    pub fn keep_rulebook_draft(&self, draft: Option<&RulebookDraft>) -> Result<(), ClientError> {
        rulebook::keep_draft(&self.folder, draft)
    }

    fn seat_name(&self) -> String {
        self.lock()
            .as_ref()
            .map_or_else(|| "entry".to_owned(), |seat| seat.name().to_owned())
    }
}
