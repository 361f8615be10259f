//! From manifests to projects that need one another.

use std::collections::{BTreeMap, HashMap};

use crate::graph::{Project, Workspace};
use crate::manifest::{Manifest, Need, Root, Wanted};
use crate::model::{Dependency, Ecosystem, External, Finding};
use crate::path;
use crate::service::Service;

/// What `manifests` make together. What does not fit goes to `findings`.
pub(crate) fn resolve(
    mut manifests: Vec<Manifest>,
    findings: &mut Vec<Finding>,
) -> (Vec<Project>, Vec<Workspace>) {
    manifests.sort_by(|one, other| {
        let by_folder = one.folder().cmp(other.folder());
        by_folder.then(one.ecosystem.cmp(&other.ecosystem))
    });
    let roots = Roots::new(&manifests);
    let services = services(&manifests, findings);
    // Those of one folder stand side by side.
    let built: Vec<&Manifest> = manifests
        .chunk_by(|one, other| one.folder() == other.folder())
        .flat_map(|beside| {
            let is_project = |manifest: &&Manifest| is_project(manifest, beside, &roots);
            beside.iter().filter(is_project).collect::<Vec<_>>()
        })
        .collect();
    let index = Index::new(&built, &roots, findings);
    let projects = built
        .iter()
        .enumerate()
        .map(|(place, manifest)| project(place, manifest, &index, &services, findings))
        .collect();
    (projects, roots.workspaces())
}

/// Whether a manifest makes a project, and not a workspace or something beside another project alone; `folder` are those of its folder.
fn is_project(manifest: &Manifest, folder: &[Manifest], roots: &Roots<'_>) -> bool {
    if manifest.name.is_none() {
        return false;
    }
    let beside = |other: &&Manifest| other.path != manifest.path;
    match manifest.ecosystem {
        // Beside another manifest it only says more about that project.
        Ecosystem::Service => !folder
            .iter()
            .filter(beside)
            .any(|other| other.name.is_some()),
        // The root of a Node workspace holds tools for its members; nobody builds or publishes it.
        Ecosystem::Node => !roots.has(Ecosystem::Node, manifest.folder()),
        _ => true,
    }
}

/// What is known of services, by their folders.
fn services<'a>(
    manifests: &'a [Manifest],
    findings: &mut Vec<Finding>,
) -> HashMap<&'a str, &'a Service> {
    let mut by_folder = HashMap::new();
    let mut by_name: BTreeMap<&str, &str> = BTreeMap::new();
    for manifest in manifests {
        let Some(service) = manifest.service.as_deref() else {
            continue;
        };
        by_folder.insert(manifest.folder(), service);
        if let Some(first) = by_name.insert(&service.name, &manifest.path) {
            findings.push(Finding {
                path: manifest.path.clone(),
                line: None,
                problem: format!("{first} describes a service called `{}` too", service.name),
            });
        }
    }
    by_folder
}

/// The roots of workspaces.
struct Roots<'a>(Vec<(&'a Manifest, &'a Root)>);

impl<'a> Roots<'a> {
    fn new(manifests: &'a [Manifest]) -> Self {
        let roots = manifests.iter().filter_map(|manifest| {
            let root = manifest.root.as_ref()?;
            Some((manifest, root))
        });
        Self(roots.collect())
    }

    fn has(&self, ecosystem: Ecosystem, folder: &str) -> bool {
        let is =
            |manifest: &Manifest| manifest.ecosystem == ecosystem && manifest.folder() == folder;
        self.0.iter().any(|(manifest, _)| is(manifest))
    }

    /// The workspace that the project at `folder` is a member of: the nearest one above that takes it.
    fn of(&self, ecosystem: Ecosystem, folder: &str) -> Option<usize> {
        path::upwards(folder).find_map(|above| {
            self.0.iter().position(|(manifest, root)| {
                let Some(below) = path::below(folder, manifest.folder()) else {
                    return false;
                };
                // Cargo takes what a member needs by its path as a member as well, wherever it lies below.
                let implied = ecosystem == Ecosystem::Cargo && !root.members.leaves_out(below);
                manifest.ecosystem == ecosystem
                    && manifest.folder() == above
                    && (below.is_empty() || implied || root.members.has(below))
            })
        })
    }

    fn workspaces(&self) -> Vec<Workspace> {
        let workspaces = self.0.iter().map(|(manifest, root)| Workspace {
            ecosystem: manifest.ecosystem,
            folder: manifest.folder().to_owned(),
            manifest: manifest.path.clone(),
            shared: root.shared.clone(),
        });
        workspaces.collect()
    }
}

/// Projects by what others know of them.
struct Index<'a> {
    roots: &'a Roots<'a>,
    workspaces: Vec<Option<usize>>,
    by_folder: HashMap<(Ecosystem, &'a str), usize>,
    by_name: HashMap<(usize, &'a str), usize>,
}

impl<'a> Index<'a> {
    fn new(built: &[&'a Manifest], roots: &'a Roots<'a>, findings: &mut Vec<Finding>) -> Self {
        let mut index = Self {
            roots,
            workspaces: Vec::with_capacity(built.len()),
            by_folder: HashMap::new(),
            by_name: HashMap::new(),
        };
        for (place, manifest) in built.iter().enumerate() {
            let workspace = roots.of(manifest.ecosystem, manifest.folder());
            index.workspaces.push(workspace);
            index
                .by_folder
                .insert((manifest.ecosystem, manifest.folder()), place);
            let (Some(workspace), Some(name)) = (workspace, &manifest.name) else {
                continue;
            };
            if let Some(first) = index.by_name.insert((workspace, name), place) {
                findings.push(Finding {
                    path: manifest.path.clone(),
                    line: None,
                    problem: format!("{} is called `{name}` too", built[first].path),
                });
            }
        }
        index
    }

    /// What the project at `place` needs: another project, something from outside, or something that is not there, which is why.
    fn find(&self, place: usize, manifest: &Manifest, need: &Need) -> Result<Found, String> {
        let workspace = self.workspaces[place];
        let (name, wanted) = match (&need.wanted, workspace) {
            (Wanted::Workspace, Some(workspace)) => {
                match self.roots.0[workspace].1.needs.get(&need.name) {
                    Some((name, wanted)) => (name, wanted),
                    None if manifest.ecosystem == Ecosystem::Cargo => {
                        let root = &self.roots.0[workspace].0.path;
                        return Err(format!("{root} has no dependency `{}`", need.name));
                    }
                    None => (&need.name, &need.wanted),
                }
            }
            (Wanted::Workspace, None) => {
                return Err(format!(
                    "it needs `{}` of its workspace and is in none",
                    need.name
                ));
            }
            (wanted, _) => (&need.name, wanted),
        };
        let member =
            || workspace.and_then(|workspace| self.by_name.get(&(workspace, name.as_str())));
        match wanted {
            Wanted::Folder(folder) => self
                .by_folder
                .get(&(manifest.ecosystem, folder.as_str()))
                .map(|place| Found::Project(*place))
                .ok_or_else(|| {
                    format!("it needs `{name}` from {folder}, where no such project is")
                }),
            Wanted::Workspace => member()
                .map(|place| Found::Project(*place))
                .ok_or_else(|| format!("no member of its workspace is called `{name}`")),
            Wanted::Version(version) => Ok(member().map_or_else(
                || Found::Outside(name.clone(), version.clone()),
                |place| Found::Project(*place),
            )),
            Wanted::Outside(version) => Ok(Found::Outside(name.clone(), version.clone())),
        }
    }
}

enum Found {
    Project(usize),
    /// Its name, and which version is wanted.
    Outside(String, String),
}

fn project(
    place: usize,
    manifest: &Manifest,
    index: &Index<'_>,
    services: &HashMap<&str, &Service>,
    findings: &mut Vec<Finding>,
) -> Project {
    let mut project = Project {
        name: manifest.name.clone().unwrap_or_default(),
        ecosystem: manifest.ecosystem,
        folder: manifest.folder().to_owned(),
        manifest: manifest.path.clone(),
        version: manifest.version.clone(),
        service: services
            .get(manifest.folder())
            .map(|service| Box::new((*service).clone())),
        dependencies: Vec::new(),
        externals: Vec::new(),
        workspace: index.workspaces[place],
    };
    for need in &manifest.needs {
        match index.find(place, manifest, need) {
            // A package may name itself, for its examples or for what it re-exports.
            Ok(Found::Project(other)) if other == place => {}
            Ok(Found::Project(other)) => project.dependencies.push(Dependency {
                project: other,
                kind: need.kind,
            }),
            Ok(Found::Outside(name, wanted)) => project.externals.push(External {
                name,
                wanted,
                kind: need.kind,
            }),
            Err(problem) => findings.push(Finding {
                path: manifest.path.clone(),
                line: None,
                problem,
            }),
        }
    }
    project.dependencies.sort_unstable();
    project.dependencies.dedup();
    project.externals.sort_unstable();
    project.externals.dedup();
    project
}

#[cfg(test)]
mod tests {
    use crate::graph::tests::{edges, graph};

    #[test]
    fn cargo_packages_need_one_another_by_path_and_by_workspace() {
        let graph = graph(&[
            (
                "Cargo.toml",
                "[workspace]\nmembers = [\"crates/*\"]\nexclude = [\"old\"]\n[workspace.dependencies]\nb = { path = \"crates/b\" }\nserde = \"1\"",
            ),
            (
                "crates/a/Cargo.toml",
                "[package]\nname = \"a\"\n[dependencies]\nb.workspace = true\nserde.workspace = true\nc.workspace = true",
            ),
            (
                "crates/b/Cargo.toml",
                "[package]\nname = \"b\"\n[dev-dependencies]\nb = { path = \".\" }\nd = { path = \"../d\" }",
            ),
            ("old/x/Cargo.toml", "[package]\nname = \"x\""),
        ]);
        assert_eq!(edges(&graph), ["a -> b"]);
        assert_eq!(graph.projects[0].externals[0].name, "serde");
        assert_eq!(graph.projects[0].externals[0].wanted, "1");
        let of: Vec<_> = graph
            .projects
            .iter()
            .map(|project| project.workspace)
            .collect();
        assert_eq!(of, [Some(0), Some(0), None]);
        let findings: Vec<_> = graph.findings.iter().map(ToString::to_string).collect();
        assert_eq!(
            findings,
            [
                "crates/a/Cargo.toml: Cargo.toml has no dependency `c`",
                "crates/b/Cargo.toml: it needs `d` from crates/d, where no such project is",
            ]
        );
    }

    #[test]
    fn node_packages_need_members_by_name() {
        let graph = graph(&[
            (
                "package.json",
                r#"{"name": "root", "workspaces": ["packages/*"]}"#,
            ),
            (
                "packages/a/package.json",
                r#"{"name": "@s/a", "dependencies": {"@s/b": "^1.0.0", "react": "19"}}"#,
            ),
            (
                "packages/b/package.json",
                r#"{"name": "@s/b", "devDependencies": {"@s/c": "workspace:*"}}"#,
            ),
            (
                "tools/package.json",
                r#"{"name": "tools", "dependencies": {"@s/b": "1"}}"#,
            ),
        ]);
        assert_eq!(edges(&graph), ["@s/a -> @s/b"]);
        assert_eq!(
            graph.findings[0].problem,
            "no member of its workspace is called `@s/c`"
        );
        let names: Vec<_> = graph
            .projects
            .iter()
            .map(|project| project.name.as_str())
            .collect();
        assert_eq!(names, ["@s/a", "@s/b", "tools"]);
        assert_eq!(graph.projects[2].externals[0].name, "@s/b");
    }

    #[test]
    fn go_modules_need_those_of_go_work_and_those_that_replace_others() {
        let graph = graph(&[
            ("go.work", "use (\n./a\n./b\n)"),
            ("a/go.mod", "module e.org/a\nrequire e.org/b v0.0.0"),
            (
                "b/go.mod",
                "module e.org/b\nrequire e.org/c v1.0.0\nreplace e.org/c => ../c",
            ),
            ("c/go.mod", "module e.org/c\nrequire e.org/a v1.0.0"),
        ]);
        assert_eq!(edges(&graph), ["e.org/a -> e.org/b", "e.org/b -> e.org/c"]);
    }

    #[test]
    fn python_projects_need_those_of_uv_and_poetry() {
        let graph = graph(&[
            (
                "pyproject.toml",
                "[tool.uv.workspace]\nmembers = [\"py/*\"]\n[tool.uv.sources]\nshop-c = { workspace = true }",
            ),
            (
                "py/a/pyproject.toml",
                "[project]\nname = \"shop-a\"\ndependencies = [\"shop_b\", \"httpx\"]\n[tool.uv.sources]\nshop-b = { workspace = true }",
            ),
            (
                "py/b/pyproject.toml",
                "[project]\nname = \"Shop.B\"\n[dependency-groups]\ndev = [\"shop-c\"]",
            ),
            ("py/c/pyproject.toml", "[project]\nname = \"shop-c\""),
            (
                "poetry/pyproject.toml",
                "[tool.poetry]\nname = \"p\"\n[tool.poetry.dependencies]\nq = { path = \"../q\" }",
            ),
            ("q/pyproject.toml", "[tool.poetry]\nname = \"q\""),
        ]);
        assert_eq!(
            edges(&graph),
            ["p -> q", "shop-a -> shop-b", "shop-b -> shop-c"]
        );
        assert!(graph.findings.is_empty());
    }

    #[test]
    fn a_service_is_a_project_or_says_more_about_one() {
        let graph = graph(&[
            ("a/Cargo.toml", "[package]\nname = \"a\""),
            ("a/service.toml", "name = \"billing\""),
            ("b/service.toml", "name = \"site\"\nkind = \"static\""),
            ("c/service.toml", "name = \"site\""),
        ]);
        let all: Vec<_> = graph.projects.iter().map(super::Project::label).collect();
        assert_eq!(all, ["cargo:a", "service:site", "service:site"]);
        assert_eq!(graph.projects[0].service.as_ref().unwrap().name, "billing");
        assert_eq!(
            graph.findings[0].to_string(),
            "c/service.toml: b/service.toml describes a service called `site` too"
        );
    }
}
