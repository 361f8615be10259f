//! The graph of projects.

use std::collections::{BTreeMap, HashMap, VecDeque};

use crate::error::ProjectError;
use crate::model::{Dependency, DependencyKind, Ecosystem, External, Finding};
use crate::path;
use crate::service::Service;
use crate::{Manifest, resolve};

/// How alike a name must be to be suggested; 1 is the same.
const ALIKE: f64 = 0.5;

/// A folder that is built, tested and deployed by itself.
#[derive(Clone, Debug)]
pub struct Project {
    /// What its ecosystem calls it.
    pub name: String,
    /// Whose manifest it has.
    pub ecosystem: Ecosystem,
    /// The folder; empty where it is the root of the repository.
    pub folder: String,
    /// The manifest.
    pub manifest: String,
    /// Its version, where the manifest has one.
    pub version: Option<String>,
    /// What `service.toml` beside the manifest says.
    pub service: Option<Box<Service>>,
    /// What it needs of the repository, in order and each once.
    pub dependencies: Vec<Dependency>,
    /// What it needs from outside.
    pub externals: Vec<External>,
    /// The workspace that it is a member of, by its place in the graph.
    pub workspace: Option<usize>,
}

/// Projects that share one lockfile.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// Whose it is.
    pub ecosystem: Ecosystem,
    /// The folder of its root.
    pub folder: String,
    /// The manifest that makes it one.
    pub manifest: String,
    /// What members share of that manifest, to be compared and nothing else.
    pub(crate) shared: String,
}

/// One need of one project.
#[derive(Clone, Copy, Debug)]
pub struct Edge<'a> {
    /// Who needs.
    pub from: &'a Project,
    /// What is needed.
    pub to: &'a Project,
    /// What for.
    pub kind: DependencyKind,
}

/// The projects of one commit.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// All of them, in the order of their folders.
    pub projects: Vec<Project>,
    /// All workspaces, in the order of their folders.
    pub workspaces: Vec<Workspace>,
    /// What a person should look at.
    pub findings: Vec<Finding>,
    /// Who needs each project, by its place.
    dependents: Vec<Vec<usize>>,
    by_folder: HashMap<String, Vec<usize>>,
}

impl Graph {
    /// The graph of what `manifests` say, those that could not be read among them.
    #[must_use]
    pub fn new(manifests: impl IntoIterator<Item = Result<Manifest, Finding>>) -> Self {
        let mut findings = Vec::new();
        let manifests = manifests
            .into_iter()
            .filter_map(|manifest| manifest.map_err(|finding| findings.push(finding)).ok());
        let manifests: Vec<_> = manifests.collect();
        let (projects, workspaces) = resolve::resolve(manifests, &mut findings);
        findings.sort();
        let mut dependents = vec![Vec::new(); projects.len()];
        let mut by_folder: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, project) in projects.iter().enumerate() {
            by_folder
                .entry(project.folder.clone())
                .or_default()
                .push(place);
            for dependency in &project.dependencies {
                let all: &mut Vec<usize> = &mut dependents[dependency.project];
                if all.last() != Some(&place) {
                    all.push(place);
                }
            }
        }
        Self {
            projects,
            workspaces,
            findings,
            dependents,
            by_folder,
        }
    }

    /// The places of those who need the project at `place`.
    #[must_use]
    pub fn dependents(&self, place: usize) -> &[usize] {
        &self.dependents[place]
    }

    /// The projects that the file at `file` belongs to: those of the nearest folder that has one.
    #[must_use]
    pub fn owners(&self, file: &str) -> &[usize] {
        path::upwards(path::folder(file))
            .find_map(|folder| self.by_folder.get(folder))
            .map_or(&[], Vec::as_slice)
    }

    /// All needs, in the order of those who have them.
    pub fn edges(&self) -> impl Iterator<Item = Edge<'_>> {
        self.projects.iter().flat_map(move |from| {
            from.dependencies.iter().map(move |dependency| Edge {
                from,
                to: &self.projects[dependency.project],
                kind: dependency.kind,
            })
        })
    }

    /// The place of the project that `name` stands for: its name, its service's name, `ecosystem:name`, or its folder.
    ///
    /// # Errors
    /// [`ProjectError`] where none or several are called that.
    pub fn find(&self, name: &str) -> Result<usize, ProjectError> {
        let folder = name.trim_start_matches("./").trim_end_matches('/');
        let called = |project: &Project| {
            project.name == name
                || project
                    .service
                    .as_ref()
                    .is_some_and(|service| service.name == name)
                || project.label() == name
                || (!folder.is_empty() && project.folder == folder)
        };
        let found = self
            .projects
            .iter()
            .enumerate()
            .filter(|(_, project)| called(project));
        match found.collect::<Vec<_>>().as_slice() {
            [(place, _)] => Ok(*place),
            [] => Err(ProjectError::Unknown {
                name: name.to_owned(),
                near: self.near(name),
            }),
            several => Err(ProjectError::Ambiguous {
                name: name.to_owned(),
                among: several
                    .iter()
                    .map(|(_, project)| format!("{} in {}", project.label(), project.place()))
                    .collect(),
            }),
        }
    }

    /// A name that is much like `name`.
    fn near(&self, name: &str) -> Option<String> {
        let near = self.projects.iter().map(|project| {
            let alike = strsim::normalized_damerau_levenshtein(name, &project.name);
            (alike, &project.name)
        });
        near.filter(|(alike, _)| *alike >= ALIKE)
            .max_by(|(one, _), (other, _)| one.total_cmp(other))
            .map(|(_, name)| name.clone())
    }

    /// A shortest way from one project to another along its needs, both ends included; nothing where it does not need it.
    #[must_use]
    pub fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        let mut before = BTreeMap::from([(from, from)]);
        let mut next = VecDeque::from([from]);
        while let Some(place) = next.pop_front() {
            if place == to {
                let mut way = vec![to];
                let mut at = to;
                while at != from {
                    at = before[&at];
                    way.push(at);
                }
                way.reverse();
                return Some(way);
            }
            for dependency in &self.projects[place].dependencies {
                before.entry(dependency.project).or_insert_with(|| {
                    next.push_back(dependency.project);
                    place
                });
            }
        }
        None
    }

    /// Projects in an order in which each comes after what it needs to be built, and those that need one another in a circle.
    #[must_use]
    pub fn order(&self) -> (Vec<usize>, Vec<usize>) {
        let builds = |kind| matches!(kind, DependencyKind::Runtime | DependencyKind::Build);
        let mut open: Vec<usize> = self
            .projects
            .iter()
            .map(|project| {
                let needs = project.dependencies.iter().filter(|one| builds(one.kind));
                needs.count()
            })
            .collect();
        let mut ready: VecDeque<usize> =
            (0..open.len()).filter(|place| open[*place] == 0).collect();
        let mut order = Vec::with_capacity(open.len());
        while let Some(place) = ready.pop_front() {
            order.push(place);
            for dependent in &self.dependents[place] {
                let needs = self.projects[*dependent].dependencies.iter();
                let done = needs.filter(|one| one.project == place && builds(one.kind));
                let done = done.count();
                open[*dependent] -= done;
                if done > 0 && open[*dependent] == 0 {
                    ready.push_back(*dependent);
                }
            }
        }
        let circle = (0..open.len()).filter(|place| open[*place] > 0).collect();
        (order, circle)
    }
}

impl Project {
    /// Its ecosystem and its name, such as `cargo:billing`.
    #[must_use]
    pub fn label(&self) -> String {
        format!("{}:{}", self.ecosystem, self.name)
    }

    /// Its folder as people write it.
    #[must_use]
    pub fn place(&self) -> &str {
        if self.folder.is_empty() {
            "."
        } else {
            &self.folder
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn graph(files: &[(&str, &str)]) -> Graph {
        let manifests = files
            .iter()
            .map(|(path, text)| Manifest::read(path, text.as_bytes()));
        Graph::new(manifests)
    }

    /// The edges, as `from -> to`.
    pub(crate) fn edges(graph: &Graph) -> Vec<String> {
        let edges = graph.edges();
        edges
            .map(|edge| format!("{} -> {}", edge.from.name, edge.to.name))
            .collect()
    }

    fn cargo(name: &str, needs: &[&str]) -> String {
        let needs = needs
            .iter()
            .map(|need| format!("{need} = {{ path = \"../{need}\" }}\n"));
        format!(
            "[package]\nname = \"{name}\"\n[dependencies]\n{}",
            needs.collect::<String>()
        )
    }

    #[test]
    fn projects_are_found_by_what_people_call_them() {
        let graph = graph(&[
            ("a/Cargo.toml", &cargo("billing", &[])),
            ("a/service.toml", "name = \"bills\""),
            ("b/package.json", r#"{"name": "billing"}"#),
        ]);
        assert_eq!(graph.find("bills").unwrap(), 0);
        assert_eq!(graph.find("node:billing").unwrap(), 1);
        assert_eq!(graph.find("./b/").unwrap(), 1);
        let ambiguous = graph.find("billing").unwrap_err().to_string();
        assert_eq!(
            ambiguous,
            "several projects are called `billing`: cargo:billing in a, node:billing in b"
        );
        let unknown = graph.find("bill").unwrap_err().to_string();
        assert_eq!(
            unknown,
            "there is no project `bill`; did you mean `billing`?"
        );
    }

    #[test]
    fn an_order_has_what_is_needed_first_and_tells_of_circles() {
        let graph = graph(&[
            ("a/Cargo.toml", &cargo("a", &["b", "c"])),
            ("b/Cargo.toml", &cargo("b", &["c"])),
            ("c/Cargo.toml", &cargo("c", &[])),
            ("x/Cargo.toml", &cargo("x", &["y"])),
            ("y/Cargo.toml", &cargo("y", &["x"])),
        ]);
        assert_eq!(graph.order(), (vec![2, 1, 0], vec![3, 4]));
        assert_eq!(graph.way(0, 2), Some(vec![0, 2]));
        assert_eq!(graph.way(2, 0), None);
        assert_eq!(graph.way(3, 3), Some(vec![3]));
    }

    #[test]
    fn a_file_belongs_to_the_nearest_project() {
        let graph = graph(&[
            ("Cargo.toml", &cargo("root", &[])),
            ("a/Cargo.toml", &cargo("a", &[])),
            ("a/package.json", r#"{"name": "a"}"#),
        ]);
        assert_eq!(graph.owners("src/main.rs"), [0]);
        assert_eq!(graph.owners("a/b/c.rs"), [1, 2]);
        assert_eq!(graph.owners("ab/c.rs"), [0]);
    }
}
