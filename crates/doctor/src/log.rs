//! The log: whether somebody has it open, and what the next start would find and do.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use trunkline_log::{DiskLog, LogConfig, Recovery};
use trunkline_model::SystemClock;

use super::Check;
use trunkline_platform::DataDir;
use trunkline_terminal::{bytes, count};

/// Checks the log; true with it when a platform has it open.
pub fn log(data: &DataDir, config: &LogConfig) -> (Vec<Check>, bool) {
    let folder = data.log();
    if !folder.is_dir() {
        return (vec![Check::good("log", "there is none yet")], false);
    }
    if is_locked(&folder) {
        return (
            vec![Check::good(
                "lock",
                "a platform has this data directory open",
            )],
            true,
        );
    }
    let free = Check::good("lock", "no platform has this data directory open");
    let segments = segments(&folder).unwrap_or_default();
    let size: u64 = segments
        .iter()
        .filter_map(|path| fs::metadata(path).ok())
        .map(|meta| meta.len())
        .sum();
    let detail = format!("{} segments, {}", count(segments.len() as u64), bytes(size));
    let recovery = match rehearse(&folder, &segments, config) {
        Ok(report) if !report.damage.is_empty() => {
            Check::fail("log", format!("{detail}; a start would find: {report}"))
        }
        Ok(report) if !report.is_clean() => {
            Check::warn("log", format!("{detail}; a start would find: {report}"))
        }
        Ok(report) => Check::good("log", format!("{detail}; its end is whole: {report}")),
        Err(error) => Check::fail("log", format!("{detail}; a start would fail: {error:#}")),
    };
    (vec![free, recovery], false)
}

/// Whether a living process has the log open. The lock goes with the process, so a file that only lies there does not count.
fn is_locked(folder: &Path) -> bool {
    File::open(folder.join("LOCK"))
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

/// The segment files, oldest first.
fn segments(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    found.retain(|path| path.extension().is_some_and(|ending| ending == "log"));
    found.sort();
    Ok(found)
}

/// Opens a copy of what a start would verify, so that nothing of the log itself is touched.
fn rehearse(folder: &Path, segments: &[PathBuf], config: &LogConfig) -> anyhow::Result<Recovery> {
    let copy = Copy::new()?;
    let last = segments.last();
    let verified = segments
        .iter()
        .filter(|path| Some(*path) == last || !path.with_extension("index").exists());
    let cursors = folder.join("cursors.json");
    for path in verified.chain(cursors.exists().then_some(&cursors)) {
        if let Some(name) = path.file_name() {
            fs::copy(path, copy.0.join(name))?;
        }
    }
    let config = LogConfig {
        reserve_bytes: 0,
        ..config.clone()
    };
    let (_log, report) = DiskLog::open(&copy.0, config, Arc::new(SystemClock))?;
    Ok(report)
}

/// A folder for a copy, which goes with it.
struct Copy(PathBuf);

impl Copy {
    fn new() -> io::Result<Self> {
        let path = std::env::temp_dir().join(format!("trunkline-doctor-{}", std::process::id()));
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // What cannot be removed lies in the temporary folder, which the system empties.
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}
