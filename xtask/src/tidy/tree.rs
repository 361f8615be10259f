//! The files that git tracks or would track.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// One file of the tree, read when somebody asks.
#[derive(Debug)]
pub(super) struct File {
    /// The path from the workspace root, with `/`.
    pub(super) path: String,
    full: PathBuf,
    text: OnceCell<Option<String>>,
}

impl File {
    /// The text of the file; `None` when it is not UTF-8.
    pub(super) fn text(&self) -> Option<&str> {
        self.text
            .get_or_init(|| std::fs::read_to_string(&self.full).ok())
            .as_deref()
    }

    /// The size in bytes.
    pub(super) fn bytes(&self) -> u64 {
        std::fs::metadata(&self.full).map_or(0, |meta| meta.len())
    }

    /// The last part of the path.
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// What stands after the last dot of the name, or the whole name.
    pub(super) fn ending(&self) -> &str {
        self.name().rsplit('.').next().unwrap_or("")
    }
}

/// The tree that the rules look at.
#[derive(Debug)]
pub(super) struct Tree {
    files: Vec<File>,
}

impl Tree {
    /// The tracked files of the git repository at `root`, and those that only lack a `git add`.
    pub(super) fn of_git(root: &Path) -> anyhow::Result<Self> {
        let output = Command::new("git")
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .current_dir(root)
            .output()
            .context("git is needed to list the files")?;
        ensure!(
            output.status.success(),
            "git ls-files: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let listing = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        let names = listing.split('\0').filter(|name| !name.is_empty());
        Ok(Self::new(root, names))
    }

    /// The files of `names` below `root` that are there.
    pub(super) fn new<'a>(root: &Path, names: impl Iterator<Item = &'a str>) -> Self {
        let mut files: Vec<File> = names
            .map(|name| File {
                path: name.into(),
                full: root.join(name),
                text: OnceCell::new(),
            })
            .filter(|file| file.full.is_file())
            .collect();
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        Self { files }
    }

    /// Every file, sorted by path.
    pub(super) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter()
    }

    /// The file at exactly this path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()
            .map(|index| &self.files[index])
    }

    /// The text of the file at exactly this path; empty when there is none.
    pub(super) fn text(&self, path: &str) -> &str {
        self.file(path).and_then(File::text).unwrap_or("")
    }

    /// The Rust files.
    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.ending() == "rs")
    }

    /// The manifests of all packages, without the workspace's own.
    pub(super) fn manifests(&self) -> impl Iterator<Item = &File> {
        self.files()
            .filter(|file| file.name() == "Cargo.toml" && file.path != "Cargo.toml")
    }
}

#[cfg(test)]
pub(super) mod fixture {
    //! A small tree in a temporary folder.

    use super::Tree;

    /// A tree of these files; the folder goes with the guard.
    pub(in crate::tidy) fn tree(files: &[(&str, &str)]) -> (tempfile::TempDir, Tree) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let full = folder.path().join(path);
            std::fs::create_dir_all(full.parent().unwrap()).unwrap();
            std::fs::write(full, text).unwrap();
        }
        let tree = Tree::new(folder.path(), files.iter().map(|(path, _)| *path));
        (folder, tree)
    }
}
