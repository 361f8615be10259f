//! What sources call the projects of a repository.

use std::collections::{BTreeMap, HashMap};

use trunkline_project::{Ecosystem, Graph, Project};

use crate::catalogue::Catalogue;
use crate::path;

/// Folders of Python that hold something beside the package.
const BESIDE: &[&str] = &[
    "tests",
    "test",
    "docs",
    "examples",
    "scripts",
    "benchmarks",
    "tools",
];

/// The projects, by ecosystem and by what sources call them.
#[derive(Debug, Default)]
pub(super) struct Names {
    by_name: HashMap<Ecosystem, HashMap<String, Vec<usize>>>,
    of: BTreeMap<usize, Vec<String>>,
}

impl Names {
    pub(super) fn new(graph: &Graph, catalogue: &Catalogue<'_>, paths: &[String]) -> Self {
        let mut names = Self::default();
        let modules = python_modules(graph, paths);
        for (place, project) in graph.projects.iter().enumerate() {
            names.add(place, project.ecosystem, in_sources(project));
            let described = catalogue.get(&project.manifest);
            for other in described.into_iter().flat_map(|one| &one.other_names) {
                names.add(place, project.ecosystem, other.replace('-', "_"));
                names.add(place, project.ecosystem, other.clone());
            }
            for module in modules.get(&place).into_iter().flatten() {
                names.add(place, project.ecosystem, module.clone());
            }
            // Under the name that whoever needs it gave it.
            if project.ecosystem == Ecosystem::Cargo {
                for need in catalogue.needs(place) {
                    if let Some(target) = need.target {
                        names.add(
                            target,
                            Ecosystem::Cargo,
                            need.declaration.key.replace('-', "_"),
                        );
                    }
                }
            }
        }
        names
    }

    fn add(&mut self, place: usize, ecosystem: Ecosystem, name: String) {
        let all = self.of.entry(place).or_default();
        if all.contains(&name) {
            return;
        }
        all.push(name.clone());
        let by_name = self.by_name.entry(ecosystem).or_default();
        by_name.entry(name).or_default().push(place);
    }

    /// The projects that `name` may stand for.
    pub(super) fn find(&self, ecosystem: Ecosystem, name: &str) -> &[usize] {
        let by_name = self.by_name.get(&ecosystem);
        by_name
            .and_then(|by_name| by_name.get(name))
            .map_or(&[], Vec::as_slice)
    }

    /// The modules of Go that a package may belong to: that with the longest name.
    pub(super) fn module_of(&self, package: &str) -> &[usize] {
        let mut name = package;
        loop {
            let found = self.find(Ecosystem::Go, name);
            if !found.is_empty() {
                return found;
            }
            match name.rsplit_once('/') {
                Some((above, _)) => name = above,
                None => return &[],
            }
        }
    }
}

/// What sources call a project, going by its name.
fn in_sources(project: &Project) -> String {
    match project.ecosystem {
        Ecosystem::Cargo | Ecosystem::Python => project.name.replace('-', "_"),
        _ => project.name.clone(),
    }
}

/// The packages that the folders of Python projects hold: those with an `__init__.py`, beside the manifest or below `src`.
fn python_modules(graph: &Graph, paths: &[String]) -> BTreeMap<usize, Vec<String>> {
    let mut modules: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for file in paths
        .iter()
        .filter(|file| path::name(file) == "__init__.py")
    {
        for place in graph.owners(file) {
            let project = &graph.projects[*place];
            let Some(below) = path::below(file, &project.folder) else {
                continue;
            };
            let below = below.strip_prefix("src/").unwrap_or(below);
            if let Some((module, "__init__.py")) = below.split_once('/')
                && project.ecosystem == Ecosystem::Python
                && !BESIDE.contains(&module)
            {
                modules.entry(*place).or_default().push(module.to_owned());
            }
        }
    }
    modules
}
