//! Names and small operations in the log's directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::format::SegmentHeader;
use crate::{LogError, Offset};

/// The name of the segment that begins at `base`.
pub(super) fn segment_name(base: u64) -> String {
    format!("{base:020}.log")
}

/// The name of its index.
pub(super) fn index_name(base: u64) -> String {
    format!("{base:020}.index")
}

/// The base offset of the segment with this file name.
pub(super) fn segment_base(name: &str) -> Option<u64> {
    let base = name.strip_suffix(".log")?.parse().ok()?;
    (segment_name(base) == name).then_some(base)
}

/// Turns an error of the system into one of the log; `action` goes on after "cannot".
pub(super) fn failed(action: impl Into<String>) -> impl FnOnce(io::Error) -> LogError {
    let action = action.into();
    move |source| LogError::Io { action, source }
}

/// Takes the lock on the directory; it is held as long as the file is open.
pub(super) fn lock(directory: &Path) -> Result<File, LogError> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(directory.join("LOCK"))
        .map_err(failed(format!("open LOCK in {}", directory.display())))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(LogError::Locked {
            directory: directory.display().to_string(),
        }),
        Err(TryLockError::Error(source)) => {
            Err(failed(format!("lock {}", directory.display()))(source))
        }
    }
}

/// Makes an empty segment and its name durable. A file of that name that is there already holds nothing acknowledged.
pub(super) fn create_segment(directory: &Path, base: u64) -> io::Result<(File, SegmentHeader)> {
    let header = SegmentHeader {
        base: Offset(base),
        salt: RandomState::new().hash_one(base) as u32,
    };
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(directory.join(segment_name(base)))?;
    file.write_all(&header.encode())?;
    file.sync_all()?;
    sync_directory(directory)?;
    Ok((file, header))
}

/// Replaces a file in one step: after a crash it holds the old bytes or the new ones.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft_of(path);
    let mut file = File::create(&draft)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&draft, path)?;
    path.parent().map_or(Ok(()), sync_directory)
}

fn draft_of(path: &Path) -> PathBuf {
    path.with_added_extension("draft")
}

/// Makes new, renamed and removed names durable.
pub(super) fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}
