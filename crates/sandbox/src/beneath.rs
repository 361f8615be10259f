//! Paths in a folder that somebody else filled: none of them leads out, and none over a link, also where it changes meanwhile.

use std::os::fd::OwnedFd;
use std::path::Path;

use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, mkdirat, openat2};
use rustix::io::{Errno, Result};

/// Such a folder.
pub(crate) struct Beneath(OwnedFd);

impl Beneath {
    /// The folder at `root`, which is trusted.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        openat2(CWD, root, flags, Mode::empty(), ResolveFlags::empty()).map(Self)
    }

    /// Itself.
    pub(crate) const fn root(&self) -> &OwnedFd {
        &self.0
    }

    /// What is at `path`, by its place alone.
    pub(crate) fn find(&self, path: &str) -> Result<OwnedFd> {
        open(&self.0, path, OFlags::PATH)
    }

    /// What is to be made at `path`, made: a file where the name has an ending, else a folder.
    pub(crate) fn make_named(&self, path: &str) -> Result<OwnedFd> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if !name.trim_start_matches('.').contains('.') {
            return self.make(path);
        }
        let folder = self.make(folder)?;
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC;
        let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        openat2(&folder, name, flags, Mode::from_raw_mode(0o644), inside)
    }

    /// The folder at `path`, which is made where it is not there.
    pub(crate) fn make(&self, path: &str) -> Result<OwnedFd> {
        let mut folder = open(&self.0, ".", OFlags::PATH)?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            match mkdirat(&folder, name, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(error),
            }
            folder = open(&folder, name, OFlags::PATH | OFlags::DIRECTORY)?;
        }
        Ok(folder)
    }
}

fn open(folder: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd> {
    let path = if path.is_empty() { "." } else { path };
    let inside = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    openat2(folder, path, flags | OFlags::CLOEXEC, Mode::empty(), inside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_leads_out_and_nothing_over_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("root");
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::create_dir(folder.path().join("other")).unwrap();
        symlink("../other", root.join("out")).unwrap();
        symlink("a", root.join("in")).unwrap();
        let beneath = Beneath::open(&root).unwrap();
        for good in ["", "a", "a/b", "a/../a/b"] {
            assert!(beneath.find(good).is_ok(), "{good}");
        }
        for bad in [
            "out",
            "out/x",
            "in",
            "in/b",
            "..",
            "a/../../other",
            "/etc",
            "none",
        ] {
            assert!(beneath.find(bad).is_err(), "{bad}");
        }
        for bad in ["out/x", "in/x", "../x", "a/../../x", "out"] {
            assert!(beneath.make(bad).is_err(), "{bad}");
        }
        assert!(beneath.make("a/c/d").is_ok() && beneath.make("a").is_ok());
        assert!(root.join("a/c/d").is_dir());
        for bad in ["out/x.txt", "../x.txt", "in/x.txt"] {
            assert!(beneath.make_named(bad).is_err(), "{bad}");
        }
        for good in ["n/file.txt", "n/folder", "n/.hidden"] {
            assert!(beneath.make_named(good).is_ok(), "{good}");
        }
        assert!(root.join("n/file.txt").is_file() && root.join("n/folder").is_dir());
        let left: Vec<_> = std::fs::read_dir(folder.path().join("other"))
            .unwrap()
            .collect();
        assert!(left.is_empty());
    }
}
