//! The files of a checkout, with what was changed in it and not committed.
//!
//! git's index is the cache: where a file looks as it did when git last looked, its id is the one that git noted. Only others are read.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use gix::ObjectId;
use gix::index::entry::stat::Options;
use gix::index::entry::{Mode, Stage, Stat};
use gix::index::fs::Metadata;

use crate::files::{LARGE, text_of};
use crate::key::hash;
use crate::untracked::untracked;
use crate::{FileEntry, FileMode, Files, TaskError};

/// What of the looks of a file has to be the same.
const LOOKS: Options = Options {
    trust_ctime: true,
    check_stat: true,
    use_nsec: true,
    use_stdev: false,
};

/// The files of a checkout.
#[derive(Debug)]
pub struct WorkFiles {
    root: PathBuf,
    all: BTreeMap<String, FileEntry>,
}

impl WorkFiles {
    /// The files of the checkout that `path` lies in: those that git knows as they are now, and new ones that it is not told to ignore. What was
    /// found is remembered in a file of the folder `memory`, which can be removed at any time.
    ///
    /// # Errors
    /// [`TaskError::Files`] where there is no checkout, or git fails.
    pub fn open(path: &Path, memory: Option<&Path>) -> Result<Self, TaskError> {
        let repository = gix::discover(path).map_err(TaskError::files)?;
        let root = repository
            .workdir()
            .ok_or_else(|| TaskError::Files(format!("{} has no checkout", path.display())))?;
        // What is remembered is named after it, and a sandbox with other places cannot know what a path from here means.
        let root = std::fs::canonicalize(root).map_err(TaskError::files)?;
        let mut files = Self {
            root,
            all: BTreeMap::new(),
        };
        files.known(&repository)?;
        let name = hash(files.root.as_os_str().as_encoded_bytes()).to_string();
        let memory = memory.map(|folder| folder.join(name));
        files.new_ones(&repository, memory.as_deref())?;
        Ok(files)
    }

    /// The root of the checkout.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn known(&mut self, repository: &gix::Repository) -> Result<(), TaskError> {
        let index = repository.index_or_empty().map_err(TaskError::files)?;
        let written = index.timestamp();
        let mut place = PathBuf::new();
        for entry in index.entries() {
            if entry.stage() != Stage::Unconflicted {
                continue;
            }
            let bytes = entry.path(&index);
            let path = text_of(bytes);
            if entry.mode.is_submodule() {
                let (mode, id) = (FileMode::Submodule, entry.id);
                self.all.insert(path, FileEntry { mode, id });
                continue;
            }
            place.clone_from(&self.root);
            place.push(OsStr::from_bytes(bytes));
            let Ok(found) = Metadata::from_path_no_follow(&place) else {
                continue;
            };
            let Some(mode) = mode_of(&found) else {
                continue;
            };
            // A file that was written in the moment in which git looked may differ and look the same.
            let now = Stat::from_fs(&found).ok();
            let same = now
                .is_some_and(|now| entry.stat.matches(&now, LOOKS) && !now.is_racy(written, LOOKS));
            let same_kind = (entry.mode == Mode::SYMLINK) == (mode == FileMode::Link);
            let id = if same && same_kind {
                entry.id
            } else {
                match id_of(&place, mode)? {
                    Some(id) => id,
                    None => continue,
                }
            };
            self.all.insert(path, FileEntry { mode, id });
        }
        Ok(())
    }

    fn new_ones(
        &mut self,
        repository: &gix::Repository,
        memory: Option<&Path>,
    ) -> Result<(), TaskError> {
        let index = repository.index_or_empty().map_err(TaskError::files)?;
        for path in untracked(repository, &index, &self.root, memory)? {
            let place = self.root.join(OsStr::from_bytes(&path));
            let found = Metadata::from_path_no_follow(&place).ok();
            let Some(mode) = found.and_then(|found| mode_of(&found)) else {
                continue;
            };
            if let Some(id) = id_of(&place, mode)? {
                self.all.insert(text_of(&path), FileEntry { mode, id });
            }
        }
        Ok(())
    }
}

/// What a file is; nothing where it is none.
fn mode_of(found: &Metadata) -> Option<FileMode> {
    if found.is_symlink() {
        Some(FileMode::Link)
    } else if !found.is_file() {
        None
    } else if found.is_executable() {
        Some(FileMode::Program)
    } else {
        Some(FileMode::Plain)
    }
}

/// The id that git would give the file at `place`; nothing where it has gone meanwhile.
fn id_of(place: &Path, mode: FileMode) -> Result<Option<ObjectId>, TaskError> {
    let read = if mode == FileMode::Link {
        let target = std::fs::read_link(place);
        target.map(|target| target.as_os_str().as_bytes().to_vec())
    } else {
        std::fs::read(place)
    };
    let content = match read {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(TaskError::Files(format!("{}: {error}", place.display()))),
    };
    blob_id(&content).map(Some)
}

fn blob_id(content: &[u8]) -> Result<ObjectId, TaskError> {
    gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, content)
        .map_err(TaskError::files)
}

impl Files for WorkFiles {
    fn all(&self) -> &BTreeMap<String, FileEntry> {
        &self.all
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, TaskError> {
        let Some(entry) = self.all.get(path).filter(|entry| entry.mode.is_file()) else {
            return Ok(None);
        };
        let place = self.root.join(path);
        let found = std::fs::metadata(&place).map_err(TaskError::files)?;
        if found.len() > LARGE {
            return Err(TaskError::Files(format!(
                "`{path}` has more than {LARGE} bytes"
            )));
        }
        let content = std::fs::read(&place).map_err(TaskError::files)?;
        // The key has what it was, and what is done would come of what it is.
        if blob_id(&content)? != entry.id {
            return Err(TaskError::Files(format!(
                "`{path}` changed meanwhile: run it again"
            )));
        }
        Ok(Some(content))
    }
}
