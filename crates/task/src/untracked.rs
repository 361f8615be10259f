//! The files of a checkout that git does not know and is not told to ignore.
//!
//! To list all folders of a checkout takes longer than all else of a run with nothing to do. So it is remembered what was in each, and a folder that
//! looks as it did is not listed again. What decides about names is part of that: the paths that git knows, and all files with rules of what to
//! ignore.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use gix::AttributeStack;
use gix::bstr::ByteSlice as _;
use gix::index::entry::Mode;
use gix::worktree::stack::state::ignore::Source;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::TaskError;
use crate::kept;
use crate::look::{Look, now};

/// What says in a folder what of it is ignored.
const RULES: &str = ".gitignore";
/// What makes a folder another repository.
const GIT: &str = ".git";

/// Files and folders that are looked at.
const MOST: usize = 1_000_000;

/// What is in a folder of what git does not ignore.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Folder {
    /// How it looked; nothing where it was so young that it may change and look the same.
    look: Option<Look>,
    /// How the file with its rules looked.
    rules: Option<Look>,
    /// Files and links that git does not know.
    files: Vec<String>,
    /// Folders; whether one is another repository is found out each time.
    folders: Vec<String>,
}

/// All folders by their paths, under the hash of what decides about names.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Folders {
    decided_by: u64,
    all: BTreeMap<String, Folder>,
}

/// The paths of those files in the checkout `root`, as bytes. What the folders have is remembered in the file `memory`, which can be removed at any
/// time.
///
/// # Errors
/// [`TaskError::Files`] where git's rules of what to ignore cannot be read.
pub(crate) fn untracked(
    repository: &gix::Repository,
    index: &gix::index::State,
    root: &Path,
    memory: Option<&Path>,
) -> Result<Vec<Vec<u8>>, TaskError> {
    let decided_by = decided_by(repository, index);
    let known: Option<Folders> = memory.and_then(kept::read);
    let known = known.filter(|known| known.decided_by == decided_by);
    let known = known.map(|known| known.all).unwrap_or_default();
    let mut walk = Walk {
        repository,
        index,
        root,
        excludes: None,
        found: Vec::new(),
        now: BTreeMap::new(),
        news: false,
        young: false,
        broken: false,
    };
    if !walk.go(&known)? {
        // A file with rules is another: what is known of folders below it may be wrong.
        walk.found.clear();
        walk.now.clear();
        walk.go(&BTreeMap::new())?;
    }
    let news = walk.news || walk.now.len() != known.len();
    if let Some(memory) = memory.filter(|_| news && !walk.young) {
        let all = walk.now;
        kept::write(memory, &Folders { decided_by, all });
    }
    Ok(walk.found)
}

struct Walk<'a> {
    repository: &'a gix::Repository,
    index: &'a gix::index::State,
    root: &'a Path,
    excludes: Option<AttributeStack<'a>>,
    found: Vec<Vec<u8>>,
    now: BTreeMap<String, Folder>,
    news: bool,
    /// A file with rules is so young that it may change and look the same.
    young: bool,
    /// The folder that was listed last could not be read to its end.
    broken: bool,
}

impl Walk<'_> {
    /// Walks through all folders; false where rules are other than `known` has them.
    fn go(&mut self, known: &BTreeMap<String, Folder>) -> Result<bool, TaskError> {
        let mut next = vec![Vec::new()];
        let mut place = PathBuf::new();
        while let Some(path) = next.pop() {
            place.clear();
            place.push(self.root);
            place.push(OsStr::from_bytes(&path));
            let at = now();
            let Ok(look) = std::fs::symlink_metadata(&place).map(|found| Look::of(&found)) else {
                continue;
            };
            let name = std::str::from_utf8(&path).ok();
            let before = name.and_then(|name| known.get(name));
            if !path.is_empty() && self.is_other(&place, &path) {
                continue;
            }
            let rules = |place: &Path| {
                let found = std::fs::symlink_metadata(place.join(RULES));
                found.ok().map(|found| Look::of(&found))
            };
            if let (Some(name), Some(before)) = (name, before.filter(|one| one.look == Some(look)))
            {
                if before.rules.is_some() && before.rules != rules(&place) {
                    return Ok(false);
                }
                let below = |name: &String| join(&path, name.as_bytes());
                next.extend(before.folders.iter().map(below));
                self.found.extend(before.files.iter().map(below));
                self.now.insert(name.to_owned(), before.clone());
                continue;
            }
            let own = rules(&place);
            if before.is_some_and(|before| before.rules != own) {
                return Ok(false);
            }
            self.broken = false;
            let (files, folders) = self.list(&place, &path)?;
            if self.found.len() + self.now.len() > MOST {
                return Err(TaskError::Files(format!(
                    "more than {MOST} files and folders that git does not know"
                )));
            }
            next.extend(folders.iter().map(|name| join(&path, name)));
            self.found
                .extend(files.iter().map(|name| join(&path, name)));
            self.news = true;
            self.young |= own.is_some_and(|rules| !rules.is_settled(at));
            let Some(name) = name else {
                continue;
            };
            // Whatever else is known of it, its rules are, which mean something to all below.
            let (files, folders) = (texts(files), texts(folders));
            let look = Some(look).filter(|look| {
                look.is_settled(at) && !self.broken && files.is_some() && folders.is_some()
            });
            let folder = Folder {
                look,
                rules: own,
                files: files.unwrap_or_default(),
                folders: folders.unwrap_or_default(),
            };
            self.now.insert(name.to_owned(), folder);
        }
        Ok(true)
    }

    /// Whether a folder is another repository, as git decides: what it knows files of is none, and what is none but looks like one is looked into.
    fn is_other(&self, place: &Path, path: &[u8]) -> bool {
        let git = place.join(GIT);
        let valid = std::fs::symlink_metadata(&git).is_ok_and(|found| {
            !found.is_dir() || (git.join("HEAD").is_file() && git.join("objects").is_dir())
        });
        valid && !self.index.path_is_directory(path.as_bstr())
    }

    /// The files of the folder at `path` that git does not know, and the folders in it, both without what is ignored.
    fn list(&mut self, place: &Path, path: &[u8]) -> Result<(Names, Names), TaskError> {
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        let Ok(entries) = std::fs::read_dir(place) else {
            // As for git, what cannot be read has nothing in it; the next run looks again.
            self.broken = true;
            return Ok((files, folders));
        };
        for entry in entries {
            let Ok((kind, entry)) = entry.and_then(|entry| Ok((entry.file_type()?, entry))) else {
                self.broken = true;
                continue;
            };
            let name = entry.file_name().into_vec();
            if name.eq_ignore_ascii_case(GIT.as_bytes()) {
                continue;
            }
            let whole = join(path, &name);
            if kind.is_dir() {
                if !self.is_ignored(&whole, Mode::DIR)? {
                    folders.push(name);
                }
            } else if (kind.is_file() || kind.is_symlink())
                && self.index.entry_range(whole.as_bstr()).is_none()
                && !self.is_ignored(&whole, Mode::FILE)?
            {
                files.push(name);
            }
        }
        files.sort_unstable();
        folders.sort_unstable();
        Ok((files, folders))
    }

    fn is_ignored(&mut self, path: &[u8], mode: Mode) -> Result<bool, TaskError> {
        if self.excludes.is_none() {
            let source = Source::WorktreeThenIdMappingIfNotSkipped;
            let made = self.repository.excludes(self.index, None, source);
            self.excludes = Some(made.map_err(TaskError::files)?);
        }
        let Some(excludes) = &mut self.excludes else {
            return Ok(false);
        };
        let found = excludes.at_entry(path.as_bstr(), Some(mode));
        Ok(found.map_err(TaskError::files)?.is_excluded())
    }
}

type Names = Vec<Vec<u8>>;

fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend(folder);
    if !folder.is_empty() {
        path.push(b'/');
    }
    path.extend(name);
    path
}

/// The names as texts, where all of them are.
fn texts(names: Names) -> Option<Vec<String>> {
    let texts = names.into_iter().map(|name| String::from_utf8(name).ok());
    texts.collect()
}

/// The hash of what decides about names everywhere: the paths that git knows, and the files with rules that lie outside of the checkout.
fn decided_by(repository: &gix::Repository, index: &gix::index::State) -> u64 {
    let mut hasher = Xxh3::new();
    for entry in index.entries() {
        hasher.update(entry.path(index));
        hasher.update(&[0]);
    }
    let info = repository.common_dir().join("info/exclude");
    for place in [Some(info), global_rules(repository)].into_iter().flatten() {
        hasher.update(place.as_os_str().as_bytes());
        let look = std::fs::metadata(&place).ok().map(|found| Look::of(&found));
        hasher.update(format!("{look:?}").as_bytes());
    }
    hasher.digest()
}

/// Where a person's own rules are.
fn global_rules(repository: &gix::Repository) -> Option<PathBuf> {
    let configured = repository
        .config_snapshot()
        .trusted_path("core.excludesFile");
    if let Ok(Some(place)) = configured {
        return Some(place);
    }
    let set = |name| std::env::var_os(name).filter(|text| !text.is_empty());
    let folder = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(set("HOME")?).join(".config")))?;
    Some(folder.join("git/ignore"))
}
