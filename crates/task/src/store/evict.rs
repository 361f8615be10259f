//! Removing what was used longest ago.

use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::time::SystemTime;

use super::folder::Store;

/// Of the limit, how much is left after something was removed, in tenths.
const LEFT: u64 = 8;

impl Store {
    /// Counts what is kept.
    pub(super) fn measure(&self) -> u64 {
        self.all().iter().map(|(_, bytes, _)| bytes).sum()
    }

    /// Removes what was used longest ago where there is too much. What is being read is read to its end: its file has lost its name only.
    pub(super) fn evict(&self) {
        if self.taken().load(Ordering::Relaxed) <= self.limits.bytes {
            return;
        }
        let mut all = self.all();
        all.sort_by_key(|(_, _, used)| *used);
        let wanted = self.limits.bytes / 10 * LEFT;
        let mut bytes: u64 = all.iter().map(|(_, bytes, _)| bytes).sum();
        for (place, size, _) in all {
            if bytes <= wanted {
                break;
            }
            if std::fs::remove_file(&place).is_ok() {
                bytes = bytes.saturating_sub(size);
            }
        }
        self.taken().store(bytes, Ordering::Relaxed);
    }

    /// All files with their bytes and when they were used. Records go the same way as contents: without these they are nothing.
    fn all(&self) -> Vec<(PathBuf, u64, SystemTime)> {
        let mut found = Vec::new();
        for folder in ["objects", "records", "blobs"] {
            collect(&self.root.join(folder), &mut found);
        }
        found
    }
}

fn collect(folder: &Path, found: &mut Vec<(PathBuf, u64, SystemTime)>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(about) = entry.metadata() else {
            continue;
        };
        if about.is_dir() {
            collect(&entry.path(), found);
        } else {
            let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            found.push((entry.path(), about.len(), used));
        }
    }
}
