//! The few calls to the system whose failure a test must be able to provoke.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The disk under the log. Every method has the real thing as its default; a test replaces one.
pub trait Disk: Send + Sync + std::fmt::Debug {
    /// Bytes that an ordinary process may still write under `directory`.
    ///
    /// # Errors
    /// What the system says.
    fn free_bytes(&self, directory: &Path) -> io::Result<u64> {
        let space = rustix::fs::statvfs(directory)?;
        Ok(space.f_bavail.saturating_mul(space.f_frsize))
    }

    /// Writes all of `bytes` at `position` of `file`.
    ///
    /// # Errors
    /// What the system says; a part may have been written.
    fn write(&self, file: &File, bytes: &[u8], position: u64) -> io::Result<()> {
        file.write_all_at(bytes, position)
    }

    /// Returns once the bytes and the length of `file` are on disk.
    ///
    /// # Errors
    /// What the system says; which bytes are on disk is then unknown, even if a later call succeeds.
    fn sync(&self, file: &File) -> io::Result<()> {
        file.sync_data()
    }

    /// Cuts `file` to `length` bytes.
    ///
    /// # Errors
    /// What the system says.
    fn truncate(&self, file: &File, length: u64) -> io::Result<()> {
        file.set_len(length)
    }
}

/// The disk of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDisk;

impl Disk for SystemDisk {}
