//! What of a checkout a task may read and write.
//!
//! What a task reads and does not declare is not in its key, so its result would be taken for known where it is not. So it gets its own project, the
//! projects that this needs, what it declares, and the files that tools look for on the way up: nothing of other projects.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use trunkline_project::Graph;

use crate::Plan;
use crate::definition::Definition;
use crate::glob::Patterns;

/// Folders on the way up in which tools keep what was installed, and their configuration.
const INSTALLED: &[&str] = &["node_modules", ".cargo", ".yarn", ".venv", ".config"];

/// Paths from the root of a checkout, the root being empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Files, and folders with all that is in them.
    pub(crate) reads: BTreeSet<String>,
    /// Folders whose own files are read, and nothing of their folders.
    pub(crate) files_of: BTreeSet<String>,
    /// Folders that may be written with all that is in them, and are made where they are not there.
    pub(crate) writes: BTreeSet<String>,
    /// What may be written and may be a file.
    pub(crate) makes: BTreeSet<String>,
}

/// What scopes are made of.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Scopes {
    projects: Vec<Place>,
    /// The manifests of each workspace's members: tools read all of them whatever they build.
    workspaces: Vec<Vec<String>>,
}

/// A project.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    folder: String,
    needs: Vec<usize>,
    workspace: Option<usize>,
}

impl Scopes {
    pub(crate) fn new(graph: &Graph) -> Self {
        let mut workspaces = vec![Vec::new(); graph.workspaces.len()];
        let projects = graph.projects.iter().map(|project| {
            if let Some(workspace) = project.workspace {
                workspaces[workspace].push(project.manifest.clone());
            }
            let needs = project.dependencies.iter();
            Place {
                folder: project.folder.clone(),
                needs: needs.map(|dependency| dependency.project).collect(),
                workspace: project.workspace,
            }
        });
        Self {
            projects: projects.collect(),
            workspaces,
        }
    }

    /// A project and all that it needs, over any number of others.
    fn reach(&self, project: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next = vec![project];
        while let Some(place) = next.pop() {
            if reached.insert(place) {
                next.extend(self.projects.get(place).map_or(&[][..], |one| &one.needs));
            }
        }
        reached
    }
}

impl Plan {
    /// What the task with this definition may read and write.
    pub(crate) fn scope(&self, definition: &Definition) -> Scope {
        let scopes = &self.scopes;
        let reach = scopes.reach(definition.project);
        let mut scope = Scope::default();
        for place in reach.iter().filter_map(|place| scopes.projects.get(*place)) {
            scope.reads.insert(place.folder.clone());
            scope.files_of.extend(upwards(&place.folder));
            let workspace = place.workspace.and_then(|at| scopes.workspaces.get(at));
            scope.reads.extend(workspace.into_iter().flatten().cloned());
        }
        let made = self.tasks.iter().map(|task| &task.definition);
        for one in made.filter(|one| reach.contains(&one.project)) {
            let places = one.outputs.iter().flat_map(Patterns::places);
            scope.reads.extend(places);
        }
        let inputs = definition.inputs.iter();
        scope.reads.extend(inputs.flat_map(Patterns::places));
        let own = scopes.projects.get(definition.project);
        scope.writes.extend(own.map(|own| own.folder.clone()));
        scope.writes.extend(definition.caches.iter().cloned());
        if let Some(outputs) = &definition.outputs {
            let (makes, writes): (Vec<_>, Vec<_>) =
                outputs.places().partition(|place| outputs.names(place));
            scope.makes.extend(makes);
            scope.writes.extend(writes);
        }
        scope.complete()
    }
}

impl Scope {
    /// Adds what is installed on the way up, and leaves out what lies within something else.
    fn complete(mut self) -> Self {
        for paths in [&mut self.reads, &mut self.writes, &mut self.makes] {
            // A hook there is run by whoever uses git next.
            paths.retain(|path| {
                !path
                    .split('/')
                    .any(|part| part.eq_ignore_ascii_case(".git"))
            });
        }
        for folder in &self.files_of {
            let installed = INSTALLED.iter().map(|name| join(folder, name));
            self.reads.extend(installed);
        }
        self.writes = outermost(&self.writes);
        self.reads = outermost(&self.reads);
        let written = |path: &String| self.writes.iter().any(|other| is_within(path, other));
        self.makes.retain(|path| !written(path));
        self.reads.retain(|path| !written(path));
        let covered = |path: &String| {
            let mut known = self.reads.iter().chain(&self.writes);
            known.any(|other| is_within(path, other))
        };
        self.files_of.retain(|path| !covered(path));
        self
    }
}

/// The folders above `path`, the root among them.
fn upwards(path: &str) -> impl Iterator<Item = String> {
    let mut rest = path;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        rest = rest.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(rest.to_owned())
    })
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Whether `path` is `other` or lies in it.
fn is_within(path: &str, other: &str) -> bool {
    other.is_empty()
        || path
            .strip_prefix(other)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Those that lie in no other.
fn outermost(paths: &BTreeSet<String>) -> BTreeSet<String> {
    let mut kept = BTreeSet::new();
    for path in paths {
        let mut above = upwards(path);
        if !above.any(|folder| kept.contains(&folder)) {
            kept.insert(path.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Key;
    use crate::key::tests::definition;
    use crate::plan::Task;

    fn place(folder: &str, needs: &[usize], workspace: Option<usize>) -> Place {
        Place {
            folder: folder.into(),
            needs: needs.to_vec(),
            workspace,
        }
    }

    /// `a` needs `b`, which needs `c`; `other` stands alone, and `whole` is the root.
    fn plan(definitions: Vec<Definition>) -> Plan {
        let projects = vec![
            place("p/a", &[1], Some(0)),
            place("p/b", &[2], Some(0)),
            place("lib/c", &[], None),
            place("p/other", &[], Some(0)),
            place("", &[], None),
        ];
        let members = ["p/a", "p/b", "p/other"].map(|folder| format!("{folder}/package.json"));
        let task = |definition| Task {
            definition,
            needs: Vec::new(),
            plan_key: Key([0; 32]),
            own: Key([0; 32]),
            ingredients: None,
        };
        Plan {
            tasks: definitions.into_iter().map(task).collect(),
            scopes: Scopes {
                projects,
                workspaces: vec![members.to_vec()],
            },
        }
    }

    fn of(project: usize, inputs: &[&str], outputs: &[&str], caches: &[&str]) -> Definition {
        let patterns = |all: &[&str]| {
            let all: Vec<String> = all.iter().map(|one| (*one).to_owned()).collect();
            (!all.is_empty()).then(|| Patterns::new("p/a", &all))
        };
        Definition {
            project,
            inputs: patterns(inputs),
            outputs: patterns(outputs),
            caches: caches.iter().map(|one| (*one).to_owned()).collect(),
            ..definition("x")
        }
    }

    fn set(paths: &[&str]) -> BTreeSet<String> {
        paths.iter().map(|path| (*path).to_owned()).collect()
    }

    #[test]
    fn a_task_sees_its_project_what_that_needs_and_what_is_on_the_way_up() {
        let own = of(
            0,
            &[],
            &["dist/**", "/all/a/**", "/all/b", "x"],
            &["target"],
        );
        let other = of(1, &[], &["/made/b/**"], &[]);
        let plan = plan(vec![own.clone(), other]);
        let scope = plan.scope(&own);
        assert_eq!(scope.writes, set(&["all/a", "p/a", "target"]));
        assert_eq!(scope.makes, set(&["all/b"]));
        assert_eq!(scope.files_of, set(&["", "lib", "p"]));
        for path in [
            "p/b",
            "lib/c",
            "made/b",
            "p/other/package.json",
            "node_modules",
            "p/node_modules",
        ] {
            assert!(scope.reads.contains(path), "{path}: {:?}", scope.reads);
        }
        for path in ["p/other", "p/a", "p", ""] {
            assert!(!scope.reads.contains(path), "{path}: {:?}", scope.reads);
        }
    }

    #[test]
    fn what_is_declared_is_seen_and_a_project_in_the_root_sees_all() {
        let own = of(0, &["src/**", "/proto/**", "/tool.sh"], &[], &[]);
        let scope = plan(vec![own.clone()]).scope(&own);
        assert!(scope.reads.contains("proto") && scope.reads.contains("tool.sh"));
        let git = of(0, &["/.git/config"], &["/.GIT/hooks/x"], &[".git"]);
        let scope = plan(vec![git.clone()]).scope(&git);
        assert!(
            !format!("{scope:?}").to_lowercase().contains(".git\""),
            "{scope:?}"
        );
        assert!(
            !format!("{scope:?}").to_lowercase().contains(".git/"),
            "{scope:?}"
        );
        for all in [of(4, &[], &[], &[]), of(0, &["/**"], &[], &[])] {
            let scope = plan(vec![all.clone()]).scope(&all);
            let seen = scope.reads.union(&scope.writes);
            assert!(seen.clone().any(String::is_empty), "{scope:?}");
            assert!(scope.files_of.is_empty());
        }
    }

    #[test]
    fn what_lies_within_something_else_is_left_out() {
        assert_eq!(
            outermost(&set(&["a", "a-b", "a/b", "a/b/c", "b/c"])),
            set(&["a", "a-b", "b/c"])
        );
        assert_eq!(outermost(&set(&["", "a"])), set(&[""]));
        assert_eq!(upwards("a/b/c").collect::<Vec<_>>(), ["a/b", "a", ""]);
    }
}
