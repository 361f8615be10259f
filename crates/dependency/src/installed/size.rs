//! How much lies in a folder.

use std::cell::Cell;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Files and folders of one package that are looked at, at most.
const OF_ONE: usize = 50_000;
/// Files and folders of all packages together.
const OF_ALL: usize = 1_000_000;

/// Looks into folders until it has looked at enough.
#[derive(Debug)]
pub(super) struct Looking {
    of_one: usize,
    left: Cell<usize>,
}

impl Default for Looking {
    fn default() -> Self {
        Self::up_to(OF_ONE, OF_ALL)
    }
}

/// The bytes of a file that has no more than `most`. A link is none: it may lead to what never ends.
pub(super) fn read(file: &Path, most: u64) -> Option<Vec<u8>> {
    let about = std::fs::symlink_metadata(file).ok()?;
    if !about.is_file() || about.len() > most {
        return None;
    }
    let mut bytes = Vec::new();
    let opened = File::open(file).ok()?;
    opened.take(most).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

impl Looking {
    pub(super) const fn up_to(of_one: usize, of_all: usize) -> Self {
        Self {
            of_one,
            left: Cell::new(of_all),
        }
    }

    /// Whether it looked at all that it may, so that something may not have been seen.
    pub(super) const fn is_over(&self) -> bool {
        self.left.get() == 0
    }

    /// What lies directly in `folder`, in no order; nothing where it cannot be listed, or enough was looked at.
    pub(super) fn list(&self, folder: &Path) -> Option<Vec<std::fs::DirEntry>> {
        let mut all = Vec::new();
        for entry in std::fs::read_dir(folder).ok()? {
            let left = self.left.get().checked_sub(1)?;
            self.left.set(left);
            all.push(entry.ok()?);
        }
        Some(all)
    }

    /// Bytes of the files below `folder`, other packages in a `node_modules` of its own left out. No link is followed. Nothing where there
    /// is no such folder, or it has more in it than is looked at.
    pub(super) fn bytes(&self, folder: &Path) -> Option<u64> {
        let mut bytes = 0_u64;
        let mut seen = 0_usize;
        let mut next: Vec<PathBuf> = vec![folder.to_owned()];
        while let Some(folder) = next.pop() {
            for entry in self.list(&folder)? {
                seen += 1;
                if seen > self.of_one {
                    return None;
                }
                let kind = entry.file_type().ok()?;
                if kind.is_dir() {
                    if entry.file_name() != "node_modules" {
                        next.push(entry.path());
                    }
                } else if kind.is_file() {
                    bytes = bytes.saturating_add(entry.metadata().ok()?.len());
                }
            }
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_to_look_at_is_not_known() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("a/node_modules/other")).unwrap();
        for (name, size) in [
            ("a/x", 10),
            ("b", 5),
            ("c", 1),
            ("a/node_modules/other/y", 900),
        ] {
            std::fs::write(folder.path().join(name), vec![0; size]).unwrap();
        }
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/again")).unwrap();
        let bytes = |looking: Looking| looking.bytes(folder.path());
        assert_eq!(bytes(Looking::default()), Some(16));
        assert_eq!(bytes(Looking::up_to(5, 100)), None);
        assert_eq!(bytes(Looking::up_to(100, 5)), None);
        let looking = Looking::up_to(100, 7);
        assert_eq!(
            (looking.bytes(folder.path()), looking.is_over()),
            (Some(16), false)
        );
        assert_eq!(
            (looking.bytes(folder.path()), looking.is_over()),
            (None, true)
        );
        assert_eq!(Looking::default().bytes(&folder.path().join("gone")), None);
    }
}
