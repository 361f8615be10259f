//! How outputs looked when they were last read: what looks so still is not read again.
//!
//! A checkout that is used every day has thousands of outputs in it that are right, and reading all of them to know that costs more than all else of
//! a run in which nothing has to be done.

use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use crate::key::{Key, hash};
use crate::store::Store;

/// A file that is younger may change once more and look the same: so coarse are the clocks of file systems.
const YOUNG: Duration = Duration::from_millis(50);
/// Files that are remembered.
const MOST: usize = 500_000;
/// Bytes of one file's entry beside its path.
const ENTRY: usize = 32 + 6 * 8 + 4;

/// What tells a file from what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    bytes: u64,
    inode: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Look {
    fn of(found: &Metadata) -> Self {
        Self {
            bytes: found.len(),
            inode: found.ino(),
            modified: (found.mtime(), found.mtime_nsec()),
            changed: (found.ctime(), found.ctime_nsec()),
        }
    }

    /// Whether it has been so for a while.
    #[expect(
        clippy::disallowed_methods,
        reason = "compared with the times of files, which the system gives"
    )]
    fn is_settled(&self) -> bool {
        let (seconds, nanoseconds) = self.changed.max(self.modified);
        let (Ok(seconds), Ok(nanoseconds)) = (u64::try_from(seconds), u32::try_from(nanoseconds))
        else {
            return false;
        };
        let then = SystemTime::UNIX_EPOCH + Duration::new(seconds, nanoseconds);
        SystemTime::now()
            .duration_since(then)
            .is_ok_and(|age| age > YOUNG)
    }
}

/// How the outputs of one checkout looked.
#[derive(Debug)]
pub struct Looks {
    file: PathBuf,
    known: Mutex<HashMap<String, (Key, Look)>>,
    news: AtomicBool,
}

impl Looks {
    /// Those of the checkout `root`, which are kept beside the results of `store`. Where they cannot be read nothing is known.
    #[must_use]
    pub fn open(store: &Store, root: &Path) -> Self {
        let name = hash(root.as_os_str().as_encoded_bytes()).to_string();
        let file = store.root().join("looks").join(name);
        let known = std::fs::read(&file).ok();
        let known = known.and_then(|bytes| read(&bytes)).unwrap_or_default();
        Self {
            file,
            known: Mutex::new(known),
            news: AtomicBool::new(false),
        }
    }

    /// Whether the file at `path` had this content when it last looked as it does now.
    pub(crate) fn knows(&self, path: &str, found: &Metadata, content: &Key) -> bool {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.get(path);
        known.is_some_and(|(key, look)| key == content && *look == Look::of(found))
    }

    /// Notes that the file had this content, and how it looked before and after it was read.
    pub(crate) fn note(&self, path: &str, before: &Metadata, after: &Metadata, content: Key) {
        let look = Look::of(after);
        if look != Look::of(before) || !look.is_settled() {
            return;
        }
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(path.to_owned(), (content, look));
        self.news.store(true, Ordering::Relaxed);
    }

    /// Keeps them for the next run. Where they cannot be kept the next run reads more.
    pub fn save(&self) {
        if !self.news.swap(false, Ordering::Relaxed) {
            return;
        }
        let bytes = {
            let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            write(&known)
        };
        let part = self
            .file
            .with_extension(format!("part-{}", std::process::id()));
        let kept = self
            .file
            .parent()
            .map_or(Ok(()), std::fs::create_dir_all)
            .and_then(|()| std::fs::write(&part, bytes))
            .and_then(|()| std::fs::rename(&part, &self.file));
        if let Err(error) = kept {
            tracing::debug!(%error, "how outputs look is not kept");
        }
    }
}

/// The hash of what follows, then an entry for each file.
fn write(known: &HashMap<String, (Key, Look)>) -> Vec<u8> {
    let mut text = Vec::with_capacity(known.len() * (ENTRY + 64));
    for (path, (content, look)) in known {
        text.extend(content.0);
        text.extend(look.bytes.to_le_bytes());
        text.extend(look.inode.to_le_bytes());
        for (seconds, nanoseconds) in [look.modified, look.changed] {
            text.extend(seconds.to_le_bytes());
            text.extend(nanoseconds.to_le_bytes());
        }
        text.extend(u32::try_from(path.len()).unwrap_or(0).to_le_bytes());
        text.extend(path.as_bytes());
    }
    let mut bytes = hash(&text).0.to_vec();
    bytes.extend(text);
    bytes
}

/// Nothing where it is not what was written.
fn read(bytes: &[u8]) -> Option<HashMap<String, (Key, Look)>> {
    let (sum, mut rest) = bytes.split_at_checked(32)?;
    if hash(rest).0 != sum {
        return None;
    }
    let mut known = HashMap::new();
    while !rest.is_empty() {
        let (entry, behind) = rest.split_at_checked(ENTRY)?;
        let number = |at: usize| entry[at..at + 8].try_into().map(i64::from_le_bytes).ok();
        let length = u32::from_le_bytes(entry[ENTRY - 4..].try_into().ok()?);
        let (path, behind) = behind.split_at_checked(length as usize)?;
        let look = Look {
            bytes: number(32)?.cast_unsigned(),
            inode: number(40)?.cast_unsigned(),
            modified: (number(48)?, number(56)?),
            changed: (number(64)?, number(72)?),
        };
        let content = Key(entry[..32].try_into().ok()?);
        known.insert(String::from_utf8(path.to_vec()).ok()?, (content, look));
        rest = behind;
    }
    Some(known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Limits;

    #[test]
    fn what_looks_the_same_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store"), Limits::default()).unwrap();
        let looks = Looks::open(&store, folder.path());
        let place = folder.path().join("made");
        std::fs::write(&place, "one").unwrap();
        let about = || std::fs::metadata(&place).unwrap();
        let key = hash(b"one");
        // It may change within the same moment.
        looks.note("made", &about(), &about(), key);
        assert!(!looks.knows("made", &about(), &key));
        std::thread::sleep(YOUNG * 2);
        looks.note("made", &about(), &about(), key);
        assert!(looks.knows("made", &about(), &key));
        assert!(!looks.knows("made", &about(), &hash(b"two")));
        looks.save();
        let again = Looks::open(&store, folder.path());
        assert!(again.knows("made", &about(), &key));
        std::fs::write(&place, "two").unwrap();
        assert!(!again.knows("made", &about(), &key));
        // Of another checkout nothing is known, and of a broken file neither.
        let other = Looks::open(&store, Path::new("/elsewhere"));
        assert!(!other.knows("made", &about(), &key));
        let mut bytes = std::fs::read(&again.file).unwrap();
        bytes[40] ^= 1;
        std::fs::write(&again.file, bytes).unwrap();
        assert!(
            Looks::open(&store, folder.path())
                .known
                .lock()
                .unwrap()
                .is_empty()
        );
    }
}
