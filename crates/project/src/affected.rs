//! Which projects a change touches, and why.

use std::collections::{HashMap, VecDeque};

use crate::graph::{Graph, Project};
use crate::locks::Locks;
use crate::model::{DependencyKind, Ecosystem};
use crate::path;
use crate::shared::{TOOLS, shared_files};

/// A file that was added, changed or removed, by its path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change(pub String);

/// A project that a change touches, by its place in the graph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Affected {
    /// Which project.
    pub project: usize,
    /// Why.
    pub reason: Reason,
    /// Whether only what it is tested with is touched: what it makes stays as it is, and so do those who need it.
    pub tests_only: bool,
}

/// Why a project is touched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// A file of its own changed.
    File(String),
    /// A file that its whole workspace shares changed.
    Shared(String),
    /// A project that it needs is touched, by its place.
    Needs(usize),
    /// A project that it needed is gone.
    Gone(String),
}

/// The projects of `head` that `changes` touch, which lead from `base` to it; in the order of the graph, each once.
///
/// Who needs a touched project is touched, over any number of others. What is only needed for tests goes one step and no further. A lockfile
/// that is among `locks` touches only those who reach something of it that is another; any other touches all who share it.
#[must_use]
pub fn affected(base: &Graph, head: &Graph, changes: &[Change], locks: &Locks) -> Vec<Affected> {
    let mut touched = Touched::new(head);
    let now: HashMap<_, _> = head
        .projects
        .iter()
        .enumerate()
        .map(|(place, project)| (key(project), place))
        .collect();
    for Change(file) in changes {
        for owner in head.owners(file) {
            touched.add(*owner, Reason::File(file.clone()), false);
        }
        // What was removed belonged to a project of the old graph, which may be gone with it.
        for owner in base.owners(file) {
            let project = &base.projects[*owner];
            if let Some(place) = now.get(&key(project)) {
                if head.owners(file).is_empty() {
                    touched.add(*place, Reason::File(file.clone()), false);
                }
                continue;
            }
            let dependents = base.dependents(*owner).iter();
            for place in dependents.filter_map(|one| now.get(&key(&base.projects[*one]))) {
                touched.add(*place, Reason::Gone(project.name.clone()), false);
            }
        }
        for place in sharers(base, head, file) {
            if !locks.means(file, &head.projects[place]) {
                continue;
            }
            touched.add(place, Reason::Shared(file.clone()), false);
        }
    }
    touched.spread();
    touched.all()
}

fn key(project: &Project) -> (Ecosystem, &str) {
    (project.ecosystem, &project.folder)
}

/// Those who are built with the file at `file` although it is not their own.
fn sharers<'a>(base: &'a Graph, head: &'a Graph, file: &str) -> Vec<usize> {
    if TOOLS.contains(&file) {
        return (0..head.projects.len()).collect();
    }
    let shares = |place: usize| {
        let workspace = &head.workspaces[place];
        let Some(below) = path::below(file, &workspace.folder) else {
            return false;
        };
        shared_files(workspace.ecosystem).contains(&below)
            || (file == workspace.manifest
                && shared_before(base, head, place) != Some(&workspace.shared))
    };
    let workspaces: Vec<bool> = (0..head.workspaces.len()).map(shares).collect();
    if !workspaces.contains(&true) {
        return Vec::new();
    }
    let members = head.projects.iter().enumerate().filter(|(_, project)| {
        project
            .workspace
            .is_some_and(|workspace| workspaces[workspace])
    });
    members.map(|(place, _)| place).collect()
}

/// What members of the workspace at `place` shared in the old graph.
fn shared_before<'a>(base: &'a Graph, head: &Graph, place: usize) -> Option<&'a String> {
    let now = &head.workspaces[place];
    let before = base
        .workspaces
        .iter()
        .find(|before| before.manifest == now.manifest);
    before.map(|before| &before.shared)
}

struct Touched<'a> {
    graph: &'a Graph,
    found: Vec<Option<(Reason, bool)>>,
    /// Those whose dependents are still to be looked at.
    next: VecDeque<usize>,
}

impl<'a> Touched<'a> {
    fn new(graph: &'a Graph) -> Self {
        Self {
            graph,
            found: vec![None; graph.projects.len()],
            next: VecDeque::new(),
        }
    }

    /// The first reason stays, unless it was about tests alone.
    fn add(&mut self, place: usize, reason: Reason, tests_only: bool) {
        let known = &mut self.found[place];
        let is_news = match known {
            None => true,
            Some((_, only)) => *only && !tests_only,
        };
        if is_news {
            *known = Some((reason, tests_only));
            if !tests_only {
                self.next.push_back(place);
            }
        }
    }

    fn spread(&mut self) {
        let graph = self.graph;
        while let Some(place) = self.next.pop_front() {
            for dependent in graph.dependents(place) {
                let needs = graph.projects[*dependent].dependencies.iter();
                let tests_only = needs
                    .filter(|need| need.project == place)
                    .all(|need| need.kind == DependencyKind::Development);
                self.add(*dependent, Reason::Needs(place), tests_only);
            }
        }
    }

    fn all(self) -> Vec<Affected> {
        let found = self.found.into_iter().enumerate();
        found
            .filter_map(|(project, found)| {
                let (reason, tests_only) = found?;
                Some(Affected {
                    project,
                    reason,
                    tests_only,
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::graph::tests::graph;

    const ROOT: &str = "[workspace]\nmembers = [\"*\"]\n[workspace.dependencies]\nserde = \"1\"";

    fn cargo(name: &str, needs: &str) -> String {
        format!("[package]\nname = \"{name}\"\n{needs}")
    }

    fn sample(root: &str) -> Graph {
        graph(&[
            ("Cargo.toml", root),
            (
                "a/Cargo.toml",
                &cargo("a", "[dependencies]\nb = { path = \"../b\" }"),
            ),
            (
                "b/Cargo.toml",
                &cargo("b", "[build-dependencies]\nc = { path = \"../c\" }"),
            ),
            ("c/Cargo.toml", &cargo("c", "")),
            (
                "t/Cargo.toml",
                &cargo("t", "[dev-dependencies]\nc = { path = \"../c\" }"),
            ),
            (
                "u/Cargo.toml",
                &cargo("u", "[dependencies]\nt = { path = \"../t\" }"),
            ),
        ])
    }

    /// What is touched, as `name: reason`.
    fn told(base: &Graph, head: &Graph, files: &[&str]) -> Vec<String> {
        let changes: Vec<_> = files.iter().map(|file| Change((*file).into())).collect();
        let name = |place: usize| &head.projects[place].name;
        let all = affected(base, head, &changes, &Locks::default());
        let all = all.iter().map(|one| {
            let reason = match &one.reason {
                Reason::File(file) => file.clone(),
                Reason::Shared(file) => format!("shared {file}"),
                Reason::Needs(place) => format!("needs {}", name(*place)),
                Reason::Gone(project) => format!("gone {project}"),
            };
            let tests = if one.tests_only { " (tests)" } else { "" };
            format!("{}: {reason}{tests}", name(one.project))
        });
        all.collect()
    }

    #[test]
    fn who_needs_what_changed_is_touched_and_tests_go_one_step() {
        let graph = sample(ROOT);
        assert_eq!(
            told(&graph, &graph, &["c/src/lib.rs"]),
            [
                "a: needs b",
                "b: needs c",
                "c: c/src/lib.rs",
                "t: needs c (tests)"
            ]
        );
        assert_eq!(told(&graph, &graph, &["a/x", "README.md"]), ["a: a/x"]);
        assert!(told(&graph, &graph, &["README.md"]).is_empty());
    }

    #[test]
    fn what_a_workspace_shares_touches_its_members() {
        let (one, other) = (
            sample(ROOT),
            sample(
                "[workspace]\nmembers = [\"a\", \"b\", \"c\", \"t\", \"u\"]\n[workspace.dependencies]\nserde = \"1\"",
            ),
        );
        assert!(
            told(&one, &other, &["Cargo.toml"]).is_empty(),
            "only who the members are"
        );
        let third =
            sample("[workspace]\nmembers = [\"*\"]\n[workspace.dependencies]\nserde = \"2\"");
        assert_eq!(told(&one, &third, &["Cargo.toml"]).len(), 5);
        assert_eq!(told(&one, &one, &["Cargo.lock"])[0], "a: shared Cargo.lock");
        assert_eq!(told(&one, &one, &["mise.toml"]).len(), 5);
        assert!(told(&one, &one, &["docs/Cargo.lock"]).is_empty());
    }

    #[test]
    fn what_is_gone_touches_who_needed_it() {
        let base = sample(ROOT);
        let head = graph(&[
            ("Cargo.toml", ROOT),
            ("a/Cargo.toml", &cargo("a", "")),
            ("b/Cargo.toml", &cargo("b", "")),
        ]);
        let gone = told(
            &base,
            &head,
            &["c/Cargo.toml", "c/src/lib.rs", "b/src/old.rs"],
        );
        assert_eq!(gone, ["b: gone c"]);
    }

    proptest! {
        /// Whoever can reach a changed project over its needs is touched, and nobody else.
        #[test]
        fn touched_is_who_reaches_the_change(
            needs in prop::collection::vec(prop::collection::vec(0_usize..12, 0..4), 12),
            changed in 0_usize..12,
        ) {
            let texts: Vec<_> = needs.iter().enumerate().map(|(place, needs)| {
                let mut needs: Vec<_> = needs.iter().filter(|need| **need != place).collect();
                needs.sort_unstable();
                needs.dedup();
                let needs = needs.iter().map(|need| format!("p{need:02} = {{ path = \"../p{need:02}\" }}\n"));
                (format!("p{place:02}/Cargo.toml"), cargo(&format!("p{place:02}"), &format!("[dependencies]\n{}", needs.collect::<String>())))
            }).collect();
            let texts: Vec<_> = texts.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
            let graph = graph(&texts);
            let all = affected(&graph, &graph, &[Change(format!("p{changed:02}/x"))], &Locks::default());
            let all: Vec<_> = all.iter().map(|one| one.project).collect();
            let wanted: Vec<_> = (0..12).filter(|place| graph.way(*place, changed).is_some()).collect();
            prop_assert_eq!(all, wanted);
        }
    }
}
