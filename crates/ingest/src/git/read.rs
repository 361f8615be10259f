//! Walking a repository with gix.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use gix::bstr::{BStr, ByteSlice as _};
use gix::diff::Rewrites;
use gix::object::tree::diff::Change;
use gix::revision::walk::Sorting;
use gix::traverse::commit::simple::CommitTimeOrder;
use trunkline_model::{Coded, ErrorCode, Timestamp, code};

use super::{FileChange, GitCommit};

/// Memory for objects that are read again and again, in bytes: neighbouring commits share most of their trees.
const OBJECT_CACHE: usize = 32 << 20;

/// What to read of a repository.
#[derive(Clone, Debug, Default)]
pub struct GitOptions {
    /// The repository's name; the name of its folder where it is not given.
    pub repository: Option<String>,
    /// Only commits from this time on.
    pub since: Option<Timestamp>,
    /// At most so many commits, the newest.
    pub limit: Option<usize>,
    /// Whether to look for renamed files. Costs time where many files appear and vanish in one commit.
    pub renames: bool,
}

/// Why a repository cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// There is none at the path, or it is damaged.
    #[error("there is no git repository at {}", path.display())]
    Open {
        /// The path.
        path: PathBuf,
        /// What was found instead.
        #[source]
        source: Box<gix::Error>,
    },
    /// It has no commit yet.
    #[error("the git repository at {} has no commit that HEAD points to", path.display())]
    Empty {
        /// The path.
        path: PathBuf,
        /// What was found instead.
        #[source]
        source: Box<gix::Error>,
    },
    /// An object of it cannot be read.
    #[error("the commit {hash} cannot be read")]
    Commit {
        /// The commit.
        hash: String,
        /// What is wrong with it.
        #[source]
        source: Box<gix::Error>,
    },
}

impl Coded for GitError {
    fn code(&self) -> &'static ErrorCode {
        &code::INGEST_GIT
    }
}

/// The commits of a repository, newest first.
pub struct Commits {
    repository: gix::Repository,
    name: String,
    renames: bool,
    ids: std::vec::IntoIter<gix::ObjectId>,
}

impl std::fmt::Debug for Commits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Commits")
            .field("name", &self.name)
            .field("left", &self.ids.len())
            .finish_non_exhaustive()
    }
}

/// Reads the commits that lead to the HEAD of the repository at or above `path`, newest first.
///
/// The walk itself is done at once, which is quick; each commit's files are compared as the iterator comes to it.
///
/// # Errors
/// [`GitError`] when there is no repository, or no commit in it.
pub fn read_commits(path: impl AsRef<Path>, options: &GitOptions) -> Result<Commits, GitError> {
    let path = path.as_ref();
    let open = |source| GitError::Open {
        path: path.into(),
        source: Box::new(source),
    };
    let mut repository = gix::discover(path).map_err(open)?;
    repository.object_cache_size_if_unset(OBJECT_CACHE);
    let name = options
        .repository
        .clone()
        .unwrap_or_else(|| folder_name(&repository));
    let ids = walk(&repository, path, options)?;
    Ok(Commits {
        repository,
        name,
        renames: options.renames,
        ids: ids.into_iter(),
    })
}

fn walk(
    repository: &gix::Repository,
    path: &Path,
    options: &GitOptions,
) -> Result<Vec<gix::ObjectId>, GitError> {
    let empty = |source| GitError::Empty {
        path: path.into(),
        source: Box::new(source),
    };
    let head = repository.head_id().map_err(empty)?;
    let sorting = match options.since {
        Some(since) => Sorting::ByCommitTimeCutoff {
            order: CommitTimeOrder::NewestFirst,
            seconds: since.as_micros().div_euclid(1_000_000),
        },
        None => Sorting::ByCommitTime(CommitTimeOrder::NewestFirst),
    };
    let broken = |source| GitError::Commit {
        hash: head.to_string(),
        source: Box::new(source),
    };
    let walk = repository
        .rev_walk([head])
        .sorting(sorting)
        .all()
        .map_err(broken)?;
    let ids = walk.take(options.limit.unwrap_or(usize::MAX));
    ids.map(|info| info.map(|info| info.id))
        .collect::<Result<_, _>>()
        .map_err(broken)
}

fn folder_name(repository: &gix::Repository) -> String {
    let folder = repository.workdir().unwrap_or_else(|| repository.git_dir());
    let folder = folder.canonicalize().unwrap_or_else(|_| folder.into());
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let name = name.strip_suffix(".git").unwrap_or(&name);
    if name.is_empty() {
        "repository".into()
    } else {
        name.into()
    }
}

impl Iterator for Commits {
    type Item = Result<GitCommit, GitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let id = self.ids.next()?;
        let commit = self.read(id);
        Some(commit.map_err(|source| GitError::Commit {
            hash: id.to_string(),
            source: Box::new(source),
        }))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ids.size_hint()
    }
}

impl ExactSizeIterator for Commits {}

impl Commits {
    fn read(&self, id: gix::ObjectId) -> Result<GitCommit, gix::Error> {
        let commit = self.repository.find_commit(id)?;
        let author = commit.author()?.trim();
        let committer = commit.committer()?.trim();
        let message = commit.message()?;
        let committed = commit
            .time()
            .map_or(Timestamp::default(), |time| seconds(time.seconds));
        let files = self.files(&commit)?;
        let sum = |count: fn(&FileChange) -> Option<u64>| files.iter().filter_map(count).sum();
        Ok(GitCommit {
            repository: self.name.clone(),
            hash: id.to_string(),
            parents: commit.parent_ids().map(|id| id.to_string()).collect(),
            author: text(author.name),
            author_email: text(author.email),
            committer: text(committer.name),
            authored: author
                .time()
                .map_or(committed, |time| seconds(time.seconds)),
            committed,
            title: text(message.title).trim_end().replace('\n', " "),
            message: message.body.map(text).unwrap_or_default().trim_end().into(),
            files_changed: files.len() as u64,
            insertions: sum(|file| file.insertions),
            deletions: sum(|file| file.deletions),
            files,
        })
    }

    /// The files that a commit changed, compared with its first parent; all of them for a commit without one.
    fn files(&self, commit: &gix::Commit<'_>) -> Result<Vec<FileChange>, gix::Error> {
        let parent = match commit.parent_ids().next() {
            // The first commits of a shallow clone name parents that are not there; git shows them as if they had none.
            Some(parent) => match self.repository.find_commit(parent) {
                Ok(parent) => parent.tree()?,
                Err(_) if self.repository.is_shallow()? => self.repository.empty_tree(),
                Err(error) => return Err(error),
            },
            None => self.repository.empty_tree(),
        };
        let mut files = Vec::new();
        let mut lines = self.repository.diff_resource_cache_for_tree_diff()?;
        let renames = self.renames.then(Rewrites::default);
        let mut changes = parent.changes()?;
        changes.options(|options| {
            options.track_path().track_rewrites(renames);
        });
        changes.for_each_to_obtain_tree(&commit.tree()?, |change| {
            if !change.entry_mode().is_tree() {
                files.push(file(change, &mut lines));
                lines.clear_resource_cache_keep_allocation();
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(files)
    }
}

fn file(change: Change<'_, '_, '_>, lines: &mut gix::diff::blob::Platform) -> FileChange {
    let (name, from) = match change {
        Change::Addition { .. } => ("added", None),
        Change::Deletion { .. } => ("deleted", None),
        Change::Modification { .. } => ("modified", None),
        Change::Rewrite {
            copy: true,
            source_location,
            ..
        } => ("copied", Some(text(source_location))),
        Change::Rewrite {
            source_location, ..
        } => ("renamed", Some(text(source_location))),
    };
    // A submodule has no lines, nor has a binary file; neither is a reason to miss the commit.
    let counts = change
        .diff(lines)
        .ok()
        .and_then(|mut diff| diff.line_counts().ok().flatten());
    FileChange {
        path: text(change.location()),
        change: name.into(),
        from,
        insertions: counts.map(|counts| u64::from(counts.insertions)),
        deletions: counts.map(|counts| u64::from(counts.removals)),
    }
}

fn text(bytes: &BStr) -> String {
    bytes.to_str_lossy().into_owned()
}

fn seconds(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds.saturating_mul(1_000_000))
}
