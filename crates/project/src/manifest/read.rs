//! What a manifest says, whatever its kind.

use std::collections::BTreeMap;

use crate::glob::Members;
use crate::model::{DependencyKind, Ecosystem, Finding};
use crate::path;
use crate::service::Service;

use super::{cargo, go, node, python};

/// Folders in which a manifest belongs to somebody else's code, or to what a build left.
const FOREIGN: &[&str] = &["node_modules", "vendor", "target", ".venv", "testdata"];

/// What a manifest says.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// Where it lies.
    pub(crate) path: String,
    pub(crate) ecosystem: Ecosystem,
    /// The project's name; nothing where the manifest describes a workspace alone.
    pub(crate) name: Option<String>,
    pub(crate) version: Option<String>,
    pub(crate) needs: Vec<Need>,
    /// What it says as the root of a workspace.
    pub(crate) root: Option<Root>,
    /// What `service.toml` says.
    pub(crate) service: Option<Box<Service>>,
}

/// Something that a project needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// What its ecosystem calls it.
    pub(crate) name: String,
    pub(crate) kind: DependencyKind,
    pub(crate) wanted: Wanted,
}

/// Where something that is needed comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// From a folder of the repository.
    Folder(String),
    /// From where the root of the workspace says.
    Workspace,
    /// A version of it, which another member of the workspace may be.
    Version(String),
    /// From outside, whatever is in the repository.
    Outside(String),
}

/// The root of a workspace.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    pub(crate) members: Members,
    /// Where it says what `Wanted::Workspace` is: by name, with what the name stands for.
    pub(crate) needs: BTreeMap<String, (String, Wanted)>,
    /// What of it all members share, to be compared and nothing else.
    pub(crate) shared: String,
}

impl Manifest {
    /// Reads the manifest at `path`.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Self, Finding> {
        let finding = |problem: String, line| Finding {
            path: path.to_owned(),
            line,
            problem,
        };
        let Some(read) = reader(path) else {
            return Err(finding("it is no manifest".into(), None));
        };
        let text =
            std::str::from_utf8(bytes).map_err(|_| finding("it is not UTF-8".into(), None))?;
        let read = read(text.trim_start_matches('\u{feff}'), path::folder(path));
        let mut manifest = read.map_err(|Wrong { problem, line }| finding(problem, line))?;
        path.clone_into(&mut manifest.path);
        Ok(manifest)
    }

    /// The folder that it describes.
    pub(crate) fn folder(&self) -> &str {
        path::folder(&self.path)
    }

    pub(crate) const fn new(ecosystem: Ecosystem) -> Self {
        Self {
            path: String::new(),
            ecosystem,
            name: None,
            version: None,
            needs: Vec::new(),
            root: None,
            service: None,
        }
    }

    pub(crate) fn need(&mut self, name: &str, kind: DependencyKind, wanted: Wanted) {
        self.needs.push(Need {
            name: name.to_owned(),
            kind,
            wanted,
        });
    }
}

/// What is wrong with a text.
#[derive(Debug)]
pub(crate) struct Wrong {
    pub(crate) problem: String,
    /// The line, from 1.
    pub(crate) line: Option<usize>,
}

impl Wrong {
    pub(crate) fn toml(text: &str, error: &toml::de::Error) -> Self {
        Self {
            problem: error.message().to_owned(),
            line: error
                .span()
                .and_then(|span| text.get(..span.start))
                .map(|before| before.matches('\n').count() + 1),
        }
    }
}

impl From<String> for Wrong {
    fn from(problem: String) -> Self {
        Self {
            problem,
            line: None,
        }
    }
}

type Reader = fn(text: &str, folder: &str) -> Result<Manifest, Wrong>;

fn reader(path: &str) -> Option<Reader> {
    Some(match path::name(path) {
        "Cargo.toml" => cargo::read,
        "go.mod" => go::read_module,
        "go.work" => go::read_workspace,
        "package.json" => node::read_package,
        "pnpm-workspace.yaml" => node::read_workspace,
        "pyproject.toml" => python::read,
        "service.toml" => crate::service::read,
        _ => return None,
    })
}

/// Whether the file at `path` is a manifest of a project or a workspace.
#[must_use]
pub fn is_manifest(path: &str) -> bool {
    reader(path).is_some() && !path.split('/').any(|name| FOREIGN.contains(&name))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn read(path: &str, text: &str) -> Manifest {
        Manifest::read(path, text.as_bytes()).unwrap()
    }

    /// What is needed, as `kind name from`.
    pub(crate) fn needs(manifest: &Manifest) -> Vec<String> {
        let needs = manifest.needs.iter().map(|need| {
            let from = match &need.wanted {
                Wanted::Folder(folder) => format!("/{folder}"),
                Wanted::Workspace => "workspace".into(),
                Wanted::Version(version) => version.clone(),
                Wanted::Outside(place) => format!("outside {place}"),
            };
            format!("{} {} {from}", need.kind.as_str(), need.name)
        });
        needs.collect()
    }

    #[test]
    fn manifests_are_known_by_their_names() {
        for path in [
            "Cargo.toml",
            "a/go.mod",
            "a/b/pyproject.toml",
            "x/service.toml",
        ] {
            assert!(is_manifest(path), "{path}");
        }
        for path in [
            "Cargo.lock",
            "a/node_modules/b/package.json",
            "vendor/x/go.mod",
            "a/cargo.toml",
        ] {
            assert!(!is_manifest(path), "{path}");
        }
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let wrong = |path: &str, text: &[u8]| Manifest::read(path, text).unwrap_err().to_string();
        assert!(wrong("a/Cargo.toml", b"[package]\nname = \n").starts_with("a/Cargo.toml:2: "));
        assert!(wrong("package.json", b"{\n\n\"name\": 7}").starts_with("package.json:3: "));
        assert_eq!(wrong("go.mod", b"\xff"), "go.mod: it is not UTF-8");
    }
}
