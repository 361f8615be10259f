//! Where the tools of the ecosystems put what they fetch.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};

use crate::path;

/// Folders in which packages may lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// What Cargo keeps; below it are `registry/src/<registry>/<name>-<version>`.
    pub(super) cargo: Option<PathBuf>,
    /// The cache of modules of Go; below it are `<module>@<version>`.
    pub(super) go: Option<PathBuf>,
    /// Folders of the checkout with a manifest, in which a `node_modules` or a `.venv` may lie.
    pub(super) folders: Vec<PathBuf>,
}

impl Places {
    /// Those of the checkout at `root` with the files `paths`, on a machine with this environment.
    pub(super) fn of(
        root: &Path,
        paths: &[String],
        environment: &dyn Fn(&str) -> Option<PathBuf>,
    ) -> Self {
        let home = environment("HOME");
        let below = |name: &str| home.as_ref().map(|home| home.join(name));
        let manifests = paths.iter().filter(|file| {
            let is_manifest = matches!(path::name(file), "package.json" | "pyproject.toml");
            is_manifest && !path::is_foreign(file)
        });
        let folders: BTreeSet<PathBuf> = manifests
            .map(|file| root.join(path::folder(file)))
            .collect();
        Self {
            cargo: environment("CARGO_HOME").or_else(|| below(".cargo")),
            go: environment("GOMODCACHE")
                .or_else(|| {
                    // Of several, Go fetches into the first.
                    let all = environment("GOPATH")?;
                    let first = std::env::split_paths(&all).next()?;
                    Some(first.join("pkg/mod"))
                })
                .or_else(|| below("go/pkg/mod")),
            folders: folders.into_iter().collect(),
        }
    }

    /// Where the sources of a crate may lie.
    pub(super) fn crates(&self, name: &str, version: &str) -> Vec<PathBuf> {
        let Some(sources) = self.cargo.as_ref().map(|home| home.join("registry/src")) else {
            return Vec::new();
        };
        let name = format!("{name}-{version}");
        if !leads_down(&name) {
            return Vec::new();
        }
        let registries = std::fs::read_dir(sources).into_iter().flatten().flatten();
        registries.map(|one| one.path().join(&name)).collect()
    }

    /// Where the sources of a module of Go may lie.
    pub(super) fn module(&self, name: &str, version: &str) -> Option<PathBuf> {
        let folder = escaped(&format!("{name}@{version}"));
        let cache = self.go.as_ref().filter(|_| leads_down(&folder))?;
        Some(cache.join(folder))
    }
}

/// A path as the cache of Go writes it, so that disks that know no capitals can hold it.
fn escaped(path: &str) -> String {
    let mut escaped = String::with_capacity(path.len());
    for letter in path.chars() {
        if letter.is_ascii_uppercase() {
            escaped.push('!');
        }
        escaped.push(letter.to_ascii_lowercase());
    }
    escaped
}

/// Whether a name out of a lockfile stays below the folder that it is looked for in.
fn leads_down(name: &str) -> bool {
    Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_come_from_the_environment() {
        let paths = [
            "web/package.json",
            "web/node_modules/ms/package.json",
            "a.rs",
        ];
        let paths = paths.map(str::to_owned);
        let environment = |name: &str| match name {
            "HOME" => Some(PathBuf::from("/home/ada")),
            "GOPATH" => Some(PathBuf::from("/go")),
            _ => None,
        };
        let places = Places::of(Path::new("/shop"), &paths, &environment);
        assert_eq!(places.cargo, Some("/home/ada/.cargo".into()));
        assert_eq!(places.folders, [PathBuf::from("/shop/web")]);
        assert_eq!(
            places.module("example.org/Ada/x", "v1.0.0"),
            Some("/go/pkg/mod/example.org/!ada/x@v1.0.0".into())
        );
    }

    #[test]
    fn a_name_of_a_lockfile_leads_nowhere_else() {
        let places = Places {
            go: Some("/go".into()),
            ..Places::default()
        };
        assert_eq!(places.module("../../etc", "v1"), None);
        assert_eq!(places.module("/etc", "v1"), None);
    }
}
