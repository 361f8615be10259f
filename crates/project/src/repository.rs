//! Reading manifests and changes straight from a git repository, a bare one too; nothing is checked out.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use gix::ObjectId;
use gix::bstr::ByteSlice as _;
use gix::diff::tree::{Recorder, State, recorder};
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind;
use gix::prelude::ObjectIdExt as _;
use trunkline_lockfile::{Format, limits};

use crate::affected::{Affected, Change, affected};
use crate::error::ProjectError;
use crate::graph::Graph;
use crate::locks::{Closures, Locks};
use crate::manifest::{Manifest, is_manifest};
use crate::model::Finding;

/// Bytes of a manifest above which it is not read.
const LARGE: u64 = 1 << 20;
/// Memory for objects that are read again, in bytes.
const OBJECT_CACHE: usize = 16 << 20;
/// Folders deeper than this are not looked into.
const DEPTH: usize = 64;
/// Graphs that are kept, the last used first.
const KEPT: usize = 8;

/// A git repository. One that stays open answers again from what it knows: objects never change, so what it has read stays true.
pub struct Repository {
    inner: gix::Repository,
    /// Graphs by the trees that they are of.
    graphs: RefCell<VecDeque<(ObjectId, Arc<Graph>)>>,
}

/// What lies between two states.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The projects of the one.
    pub base: Arc<Graph>,
    /// The projects of the other.
    pub head: Arc<Graph>,
    /// The files that differ.
    pub changes: Vec<Change>,
    /// The projects of the other that these touch.
    pub affected: Vec<Affected>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Repository")
            .field(&self.inner.git_dir())
            .finish()
    }
}

/// A state of all files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The commit.
    pub commit: ObjectId,
    tree: ObjectId,
}

impl Repository {
    /// The repository at `path`, or that `path` lies in.
    ///
    /// # Errors
    /// [`ProjectError::NoRepository`] where there is none.
    pub fn discover(path: &Path) -> Result<Self, ProjectError> {
        let no_repository = |source| ProjectError::NoRepository {
            path: path.to_owned(),
            source: Box::new(source),
        };
        let mut repository = gix::discover(path).map_err(no_repository)?;
        repository.object_cache_size_if_unset(OBJECT_CACHE);
        Ok(Self {
            inner: repository,
            graphs: RefCell::default(),
        })
    }

    /// The commit that `revision` names, as git reads it: a branch, a tag, an id, `HEAD~3`.
    ///
    /// # Errors
    /// [`ProjectError::NoCommit`] where it names none.
    pub fn revision(&self, revision: &str) -> Result<Revision, ProjectError> {
        let no_commit = || ProjectError::NoCommit(revision.to_owned());
        let id = self
            .inner
            .rev_parse_single(revision)
            .map_err(|_| no_commit())?;
        let object = id.object().map_err(|_| no_commit())?;
        let commit = object.peel_to_commit().map_err(|_| no_commit())?;
        Ok(Revision {
            commit: commit.id,
            tree: commit.tree_id().map_err(unreadable)?.detach(),
        })
    }

    /// The best common ancestor of two commits: where the one left the way of the other.
    ///
    /// # Errors
    /// [`ProjectError::NoCommit`] where they have none.
    pub fn merge_base(&self, one: Revision, other: Revision) -> Result<Revision, ProjectError> {
        let none = || ProjectError::NoCommit(format!("{}...{}", one.commit, other.commit));
        let base = self.inner.merge_base(one.commit, other.commit);
        let base = base.map_err(unreadable)?.ok_or_else(none)?;
        let commit = base.object().map_err(unreadable)?;
        let commit = commit.try_into_commit().map_err(unreadable)?;
        Ok(Revision {
            commit: commit.id,
            tree: commit.tree_id().map_err(unreadable)?.detach(),
        })
    }

    /// What lies between two states, and which projects that touches.
    ///
    /// # Errors
    /// [`ProjectError::Unreadable`] where an object is missing or broken.
    pub fn compare(&self, from: Revision, to: Revision) -> Result<Comparison, ProjectError> {
        let changes = self.changes(from, to)?;
        let base = self.graph(from)?;
        // Projects are what manifests say, and most changes leave these alone.
        let head = if changes.iter().any(|change| is_manifest(&change.0)) {
            self.graph(to)?
        } else {
            self.keep(to.tree, &base);
            Arc::clone(&base)
        };
        let locks = self.locks(&changes, from, to)?;
        let affected = affected(&base, &head, &changes, &locks);
        Ok(Comparison {
            base,
            head,
            changes,
            affected,
        })
    }

    /// What the lockfiles among `changes` said and say.
    fn locks(
        &self,
        changes: &[Change],
        from: Revision,
        to: Revision,
    ) -> Result<Locks, ProjectError> {
        let mut locks = Locks::default();
        for Change(path) in changes {
            if Format::of(path).is_none() {
                continue;
            }
            let read = |revision: Revision| {
                let bytes = self.blob(revision, path)?;
                Ok::<_, ProjectError>(Closures::read(path, &bytes.unwrap_or_default()))
            };
            locks.add(path, read(from)?, read(to)?);
        }
        Ok(locks)
    }

    /// The file at `path`, where it is there and no larger than lockfiles may be.
    fn blob(&self, revision: Revision, path: &str) -> Result<Option<Vec<u8>>, ProjectError> {
        let tree = revision.tree.attach(&self.inner).object();
        let tree = tree.map_err(unreadable)?.try_into_tree();
        let tree = tree.map_err(unreadable)?;
        let Some(entry) = tree.lookup_entry_by_path(path).map_err(unreadable)? else {
            return Ok(None);
        };
        let id = entry.object_id();
        let header = self.inner.find_header(id).map_err(unreadable)?;
        if !entry.mode().is_blob() || header.size() > limits::BYTES as u64 {
            return Ok(None);
        }
        let mut blob = self.inner.find_object(id).map_err(unreadable)?;
        Ok(Some(std::mem::take(&mut blob.data)))
    }

    /// The projects of `revision`.
    ///
    /// # Errors
    /// [`ProjectError::Unreadable`] where an object is missing or broken.
    pub fn graph(&self, revision: Revision) -> Result<Arc<Graph>, ProjectError> {
        let known = {
            let graphs = self.graphs.borrow();
            let mut known = graphs.iter();
            known
                .find(|(tree, _)| *tree == revision.tree)
                .map(|(_, graph)| Arc::clone(graph))
        };
        let graph = match known {
            Some(graph) => graph,
            None => Arc::new(self.read(revision)?),
        };
        self.keep(revision.tree, &graph);
        Ok(graph)
    }

    /// Keeps a graph, and lets that go which was used longest ago.
    fn keep(&self, tree: ObjectId, graph: &Arc<Graph>) {
        let mut graphs = self.graphs.borrow_mut();
        graphs.retain(|(other, _)| *other != tree);
        graphs.push_front((tree, Arc::clone(graph)));
        graphs.truncate(KEPT);
    }

    fn read(&self, revision: Revision) -> Result<Graph, ProjectError> {
        let mut found = Vec::new();
        self.look_into(revision.tree, "", 0, &mut found)?;
        let mut manifests = Vec::with_capacity(found.len());
        for (path, id) in found {
            manifests.push(self.manifest(&path, id)?);
        }
        Ok(Graph::new(manifests))
    }

    /// Finds manifests in the folder `prefix`, which ends in `/`.
    fn look_into(
        &self,
        tree: ObjectId,
        prefix: &str,
        depth: usize,
        found: &mut Vec<(String, ObjectId)>,
    ) -> Result<(), ProjectError> {
        let tree = tree.attach(&self.inner).object().map_err(unreadable)?;
        let tree = tree.try_into_tree().map_err(unreadable)?;
        for entry in tree.iter() {
            let entry = entry.map_err(unreadable)?;
            // A name that is no text is no manifest, and nothing that tools take below it.
            let Ok(name) = entry.filename().to_str() else {
                continue;
            };
            match entry.mode().kind() {
                EntryKind::Tree if depth < DEPTH => {
                    let folder = format!("{prefix}{name}/");
                    self.look_into(entry.object_id(), &folder, depth + 1, found)?;
                }
                EntryKind::Blob | EntryKind::BlobExecutable if is_manifest(name) => {
                    let path = format!("{prefix}{name}");
                    if is_manifest(&path) {
                        found.push((path, entry.object_id()));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn manifest(
        &self,
        path: &str,
        id: ObjectId,
    ) -> Result<Result<Manifest, Finding>, ProjectError> {
        let header = self.inner.find_header(id).map_err(unreadable)?;
        if header.size() > LARGE {
            return Ok(Err(Finding {
                path: path.to_owned(),
                line: None,
                problem: format!("it has more than {LARGE} bytes"),
            }));
        }
        let blob = self.inner.find_object(id).map_err(unreadable)?;
        Ok(Manifest::read(path, &blob.data))
    }

    /// The files that differ between two states, in the order of their paths. One that moved is in it under both paths.
    ///
    /// # Errors
    /// [`ProjectError::Unreadable`] where an object is missing or broken.
    pub fn changes(&self, from: Revision, to: Revision) -> Result<Vec<Change>, ProjectError> {
        let tree = |id: ObjectId| {
            let object = id.attach(&self.inner).object().map_err(unreadable)?;
            object.try_into_tree().map_err(unreadable)
        };
        let (old, new) = (tree(from.tree)?, tree(to.tree)?);
        let iter = |tree| TreeRefIter::from_bytes(tree, self.inner.object_hash());
        let mut found = Recorder::default();
        // The comparison of trees as such: what gix builds around it reads the index and its attributes, which say nothing here.
        gix::diff::tree(
            iter(&old.data),
            iter(&new.data),
            State::default(),
            &self.inner.objects,
            &mut found,
        )
        .map_err(unreadable)?;
        let mut changes: Vec<_> = found.records.into_iter().filter_map(change).collect();
        changes.sort_unstable();
        Ok(changes)
    }
}

/// A file that differs. Folders are left out: what lies in them is told by itself.
fn change(found: recorder::Change) -> Option<Change> {
    let (mode, path) = match found {
        recorder::Change::Addition {
            entry_mode, path, ..
        }
        | recorder::Change::Deletion {
            entry_mode, path, ..
        }
        | recorder::Change::Modification {
            entry_mode, path, ..
        } => (entry_mode, path),
    };
    (!mode.is_tree()).then(|| Change(path.to_string()))
}

fn unreadable(error: impl fmt::Display) -> ProjectError {
    ProjectError::Unreadable(error.to_string())
}
