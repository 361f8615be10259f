//! What a changed lockfile means to whom.

use std::collections::BTreeMap;

use trunkline_lockfile::{closures, read};

use crate::graph::Project;

/// The closure of each member that a lockfile knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closures(BTreeMap<String, [u8; 32]>);

impl Closures {
    /// Those of the lockfile at `path`; of one that cannot be read there are none, and it counts as a whole.
    #[must_use]
    pub fn read(path: &str, bytes: &[u8]) -> Self {
        let lock = read(path, bytes);
        Self(lock.map(|lock| closures(&lock)).unwrap_or_default())
    }

    /// The hash of all that the project reaches by the lockfile at `path`; nothing where the lockfile does not know the project. Tools name
    /// members by their names, as Cargo does, or by their folders.
    #[must_use]
    pub fn of(&self, path: &str, project: &Project) -> Option<[u8; 32]> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let below = project.folder.strip_prefix(folder);
        let below = below.unwrap_or(&project.folder).trim_start_matches('/');
        let root = if below.is_empty() { "." } else { below };
        let members = [project.name.as_str(), below, root];
        members
            .iter()
            .find_map(|member| self.0.get(*member))
            .copied()
    }
}

/// Lockfiles that changed, before and after.
#[derive(Clone, Debug, Default)]
pub struct Locks(BTreeMap<String, (Closures, Closures)>);

impl Locks {
    /// Adds what the lockfile at `path` said and says.
    pub fn add(&mut self, path: &str, before: Closures, after: Closures) {
        self.0.insert(path.to_owned(), (before, after));
    }

    /// Whether the change of the file at `path` means something to a project: a lockfile that is known does where something that the project
    /// reaches is another; anything else does in any case.
    pub(crate) fn means(&self, path: &str, project: &Project) -> bool {
        let Some((before, after)) = self.0.get(path) else {
            return true;
        };
        let (before, after) = (before.of(path, project), after.of(path, project));
        before.is_none() || before != after
    }
}
