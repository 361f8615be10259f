//! All manifests of a repository, with the places of what they say.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_project::{Ecosystem, Graph};

use crate::error::DependencyError;
use crate::manifest::{Declaration, Described, Origin, describe};
use crate::path;
use crate::source::Sources;

/// The manifests of all projects and all workspaces, by their paths.
#[derive(Debug)]
pub(crate) struct Catalogue<'a> {
    graph: &'a Graph,
    manifests: BTreeMap<String, (Ecosystem, Described)>,
    /// Manifests of workspaces that are no project's.
    roots: BTreeSet<String>,
}

/// One need of one project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need<'a> {
    /// The manifest that has it.
    pub(crate) path: &'a str,
    pub(crate) declaration: &'a Declaration,
    /// The line of the manifest.
    pub(crate) line: usize,
    /// What its ecosystem calls what is needed.
    pub(crate) name: &'a str,
    /// The project that is needed, where it is one of the repository.
    pub(crate) target: Option<usize>,
    /// The manifest of the workspace that says which version it is.
    pub(crate) shared: Option<(&'a str, &'a Declaration)>,
}

impl<'a> Catalogue<'a> {
    pub(crate) fn read(graph: &'a Graph, sources: &dyn Sources) -> Result<Self, DependencyError> {
        let mut manifests = BTreeMap::new();
        let projects = graph.projects.iter().map(|project| &project.manifest);
        let workspaces = graph.workspaces.iter().map(|workspace| &workspace.manifest);
        for path in projects.chain(workspaces) {
            if manifests.contains_key(path) {
                continue;
            }
            if let Some(bytes) = sources.read(path)?
                && let Some(described) = describe(path, &bytes)
            {
                manifests.insert(path.clone(), described);
            }
        }
        let mut roots: BTreeSet<String> = manifests.keys().cloned().collect();
        for project in &graph.projects {
            roots.remove(&project.manifest);
        }
        Ok(Self {
            graph,
            manifests,
            roots,
        })
    }

    pub(crate) fn get(&self, path: &str) -> Option<&Described> {
        self.manifests.get(path).map(|(_, described)| described)
    }

    /// Manifests that are no project's: those of workspaces alone.
    pub(crate) fn roots(&self) -> impl Iterator<Item = (&str, Ecosystem, &Described)> {
        self.roots.iter().filter_map(|path| {
            let (ecosystem, described) = self.manifests.get(path)?;
            Some((path.as_str(), *ecosystem, described))
        })
    }

    /// What the project at `place` needs.
    pub(crate) fn needs(&self, place: usize) -> Vec<Need<'_>> {
        let project = &self.graph.projects[place];
        let Some((path, (_, described))) = self.manifests.get_key_value(&project.manifest) else {
            return Vec::new();
        };
        let mut line = Lines::new(&described.text);
        let own = described.declarations.iter().filter(|one| !one.shared);
        own.map(|declaration| {
            let shared = self.shared(place, declaration);
            let name = shared.map_or(&declaration.name, |(_, shared)| &shared.name);
            Need {
                path,
                declaration,
                line: line.of(declaration.start),
                name,
                target: self.target(place, name),
                shared,
            }
        })
        .collect()
    }

    /// What the workspace of a project says of a need that it leaves to it.
    fn shared(&self, place: usize, need: &Declaration) -> Option<(&str, &Declaration)> {
        let project = &self.graph.projects[place];
        if need.origin != Origin::Workspace || project.ecosystem != Ecosystem::Cargo {
            return None;
        }
        let manifest = &self.graph.workspaces[project.workspace?].manifest;
        let (path, (_, described)) = self.manifests.get_key_value(manifest)?;
        let mut shared = described.declarations.iter().filter(|one| one.shared);
        let found = shared.find(|one| one.key == need.key)?;
        Some((path, found))
    }

    fn target(&self, place: usize, name: &str) -> Option<usize> {
        let needs = self.graph.projects[place].dependencies.iter();
        needs
            .map(|need| need.project)
            .find(|other| self.graph.projects[*other].name == name)
    }

    /// The licence of a project: that of its manifest, or of its workspace where it says so.
    pub(crate) fn licence(&self, place: usize) -> Option<&str> {
        let project = &self.graph.projects[place];
        let described = self.get(&project.manifest)?;
        if !described.inherits_licence {
            return described.licence.as_deref();
        }
        let workspace = &self.graph.workspaces[project.workspace?];
        self.get(&workspace.manifest)?.licence.as_deref()
    }

    /// The folder of the root of the workspace that a project is in, or its own.
    pub(crate) fn home(&self, place: usize) -> &str {
        let project = &self.graph.projects[place];
        project.workspace.map_or_else(
            || path::folder(&project.manifest),
            |workspace| self.graph.workspaces[workspace].folder.as_str(),
        )
    }
}

/// Counts lines of a text whose places are asked for one after the other.
struct Lines<'a> {
    text: &'a str,
    place: usize,
    line: usize,
}

impl<'a> Lines<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            text,
            place: 0,
            line: 1,
        }
    }

    fn of(&mut self, place: usize) -> usize {
        if place < self.place {
            (self.place, self.line) = (0, 1);
        }
        let between = self.text.as_bytes().get(self.place..place);
        let ends = between.into_iter().flatten().filter(|byte| **byte == b'\n');
        self.line += ends.count();
        self.place = place;
        self.line
    }
}
