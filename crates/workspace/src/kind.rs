//! Files of one kind, handed over each time one of them changes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Bytes of the largest file that is read.
const LARGEST: u64 = 4 << 20;
/// Files of one kind that are read at the most.
const MOST_FILES: usize = 1_000;

/// A file of the workspace: its path from the workspace's folder, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceFile {
    /// The path, with `/` between its parts.
    pub name: String,
    /// The text.
    pub text: String,
}

/// What a room does with its files, each time one of them changes.
pub type Apply = Box<dyn Fn(Vec<WorkspaceFile>) + Send + Sync>;

/// Files of one kind, and who wants them.
pub struct Kind {
    /// The folder below the workspace.
    folder: &'static str,
    /// The endings of the files' names.
    endings: &'static [&'static str],
    apply: Apply,
    seen: BTreeMap<PathBuf, Stamp>,
    /// The folders that files were looked for in.
    pub(crate) folders: Vec<PathBuf>,
    /// The files as they were read, for those that cannot be read any more.
    texts: BTreeMap<PathBuf, WorkspaceFile>,
}

impl fmt::Debug for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Kind")
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// By this a changed file is known.
type Stamp = (SystemTime, u64);

impl Kind {
    /// Files below `folder` whose names end in one of `endings`, for `apply`.
    #[must_use]
    pub fn new(folder: &'static str, endings: &'static [&'static str], apply: Apply) -> Self {
        Self {
            folder,
            endings,
            apply,
            seen: BTreeMap::new(),
            folders: Vec::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Hands the files over where one of them changed since the last time, or `first` says to do so in any case.
    pub(crate) fn look(&mut self, workspace: &Path, first: bool) {
        let mut found = BTreeMap::new();
        self.folders.clear();
        self.list(&workspace.join(self.folder), 0, &mut found);
        if found == self.seen && !first {
            return;
        }
        // A file that is there and cannot be read is as it was: a rule must not vanish because a file grew too large.
        let texts = found.keys().map(|path| {
            let file = read(workspace, path).or_else(|| self.texts.get(path).cloned());
            (
                path.clone(),
                file.unwrap_or_else(|| unreadable(workspace, path)),
            )
        });
        self.texts = texts.collect();
        (self.apply)(self.texts.values().cloned().collect());
        self.seen = found;
    }

    fn list(&mut self, folder: &Path, depth: usize, found: &mut BTreeMap<PathBuf, Stamp>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        if self.folders.len() < MOST_FILES {
            self.folders.push(folder.into());
        }
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let path = entry.path();
            if metadata.is_dir() && depth < 2 {
                self.list(&path, depth + 1, found);
            } else if metadata.is_file() && self.wants(&path) && found.len() < MOST_FILES {
                let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.insert(path, (changed, metadata.len()));
            }
        }
    }

    fn wants(&self, path: &Path) -> bool {
        let name = path.file_name().map(std::ffi::OsStr::to_string_lossy);
        let whole = path.to_string_lossy();
        name.is_some_and(|name| !name.starts_with('.'))
            && self.endings.iter().any(|ending| whole.ends_with(ending))
    }
}

/// Stands for a file that never could be read. No room can make anything of it, so that it is named as a problem where people look.
fn unreadable(workspace: &Path, path: &Path) -> WorkspaceFile {
    let name = path.strip_prefix(workspace).unwrap_or(path);
    WorkspaceFile {
        name: name.to_string_lossy().into_owned(),
        text: "this file is no UTF-8 text of at most 4 MiB".to_owned(),
    }
}

fn read(workspace: &Path, path: &Path) -> Option<WorkspaceFile> {
    let name = path.strip_prefix(workspace).ok()?.to_string_lossy();
    let size = std::fs::metadata(path).ok()?.len();
    if size > LARGEST {
        tracing::warn!(file = %name, size, most = LARGEST, "a file of the workspace is too large, and its last good version holds");
        return None;
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Some(WorkspaceFile {
            name: name.into_owned(),
            text,
        }),
        Err(error) => {
            tracing::warn!(file = %name, %error, "a file of the workspace cannot be read, and its last good version holds");
            None
        }
    }
}
