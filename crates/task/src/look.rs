//! How a file or a folder looks from outside: what looks the same is the same.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

/// What is younger may change once more and look the same: so coarse are the clocks of file systems.
pub(crate) const YOUNG: Duration = Duration::from_millis(50);

/// What tells a file or a folder from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Look {
    pub(crate) bytes: u64,
    pub(crate) inode: u64,
    pub(crate) modified: (i64, i64),
    pub(crate) changed: (i64, i64),
}

impl Look {
    pub(crate) fn of(found: &Metadata) -> Self {
        Self {
            bytes: found.len(),
            inode: found.ino(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }

    /// Whether it had been so for a while at a time before it was looked at.
    pub(crate) fn is_settled(&self, at: SystemTime) -> bool {
        let (seconds, nanoseconds) = self.changed.max(self.modified);
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds))
        else {
            return false;
        };
        let then = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        at.duration_since(then).is_ok_and(|age| age > YOUNG)
    }
}

/// The time that files get.
#[expect(
    clippy::disallowed_methods,
    reason = "compared with the times of files, which the system gives"
)]
pub(crate) fn now() -> SystemTime {
    SystemTime::now()
}
