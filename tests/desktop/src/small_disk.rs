//! A disk that fills up: a file system of its own with a stated size, for the workplace of one PC.

use rustix::io::Errno;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use std::fs::{File, create_dir_all, remove_file};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

/// What takes the room.
const FILLER: &str = "filler";
/// A page: SQLite's, and the least that the file system gives.
const PAGE: [u8; 4096] = [0; 4096];

/// A mounted file system; it is taken away with this value.
pub struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Mounts 64 MiB at a folder; `None` where this account may not mount.
    ///
    /// # Errors
    /// The folder can't be made; the system.
    pub fn mount(at: &Path) -> io::Result<Option<Self>> {
        create_dir_all(at)?;
        match mount("tmpfs", at, "tmpfs", MountFlags::empty(), c"size=64m,mode=0700") {
            Ok(()) => Ok(Some(Self { at: at.to_owned() })),
            Err(Errno::PERM | Errno::ACCESS) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Takes all the room that is left.
    ///
    /// # Errors
    /// Another one than that there is no room.
    pub fn fill(&self) -> io::Result<()> {
        let mut filler = File::create(self.at.join(FILLER))?;
        loop {
            match filler.write_all(&PAGE) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Gives it back.
    ///
    /// # Errors
    /// The system.
    pub fn free(&self) -> io::Result<()> {
        remove_file(self.at.join(FILLER))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Only what was mounted here; whoever still holds a file of it keeps that until it closes.
        let _ = unmount(&self.at, UnmountFlags::DETACH);
    }
}
