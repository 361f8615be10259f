//! `uv.lock`.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use toml::Spanned;

use crate::error::{Wrong, line_at};
use crate::lock::{Format, Lock, Package, add_version};

use super::path;
use super::python::{checksum, normal};

/// The newest version that is known.
const VERSION: u32 = 1;

#[derive(Deserialize)]
struct UvLock {
    version: u32,
    #[serde(default)]
    package: Vec<UvPackage>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct UvPackage {
    name: Spanned<String>,
    #[serde(default)]
    version: String,
    #[serde(default)]
    source: Source,
    #[serde(default)]
    dependencies: Vec<Need>,
    #[serde(default)]
    optional_dependencies: BTreeMap<String, Vec<Need>>,
    #[serde(default)]
    dev_dependencies: BTreeMap<String, Vec<Need>>,
    sdist: Option<File>,
    #[serde(default)]
    wheels: Vec<File>,
}

#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Source {
    registry: Option<String>,
    git: Option<String>,
    url: Option<String>,
    path: Option<String>,
    directory: Option<String>,
    editable: Option<String>,
    r#virtual: Option<String>,
}

impl Source {
    /// The folder of the repository that it is.
    fn folder(&self) -> Option<&str> {
        let folder = self.editable.as_ref().or(self.r#virtual.as_ref());
        folder.or(self.directory.as_ref()).map(String::as_str)
    }

    fn place(&self) -> Option<&String> {
        let remote = self.registry.as_ref().or(self.git.as_ref());
        remote.or(self.url.as_ref()).or(self.path.as_ref())
    }
}

#[derive(Deserialize)]
struct Need {
    name: String,
    version: Option<String>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct File {
    hash: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let file: UvLock = toml::from_str(text).map_err(|error| Wrong::toml(text, &error))?;
    if file.version > VERSION {
        return Err(Wrong::Unsupported(format!(
            "version {} of the format is not known; {VERSION} is the newest that is",
            file.version
        )));
    }
    let mut lock = Lock::new(Format::Uv);
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for package in &file.package {
        let files = package.sdist.iter().chain(&package.wheels);
        let place = lock.add(Package {
            name: normal(package.name.as_ref()),
            version: package.version.clone(),
            source: package.source.place().cloned(),
            checksum: checksum(files.filter_map(|file| file.hash.as_deref())),
            ..Package::default()
        })?;
        add_version(by_name.entry(package.name.as_ref()).or_default(), place)?;
    }
    for (place, package) in file.package.iter().enumerate() {
        let more = package
            .optional_dependencies
            .values()
            .chain(package.dev_dependencies.values());
        let mut needs = Vec::new();
        for need in package.dependencies.iter().chain(more.flatten()) {
            let mut found = by_name.get(need.name.as_str()).into_iter().flatten();
            let fits = |place: &&usize| fits(&file.package[**place], need);
            let found = found.by_ref().find(fits).ok_or_else(|| {
                let line = line_at(text, package.name.span().start);
                let (name, need) = (package.name.as_ref(), &need.name);
                Wrong::at(line, format!("`{name}` needs `{need}`, which is not there"))
            })?;
            needs.push(*found);
        }
        lock.connect(place, needs)?;
        let folder = package.source.folder();
        if let Some(folder) = folder.and_then(|folder| path::join("", folder)) {
            let needs = lock.packages[place].dependencies.clone();
            lock.roots.insert(folder, needs);
        }
    }
    Ok(lock)
}

/// Whether a package is the one that is needed; where there is one of a name, the lock says no more than that.
fn fits(package: &UvPackage, need: &Need) -> bool {
    let version = need.version.as_ref();
    let source = need.source.as_ref();
    version.is_none_or(|version| *version == package.version)
        && source.is_none_or(|source| *source == package.source)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_said_where_there_are_several() {
        let lock = read(
            r#"version = 1
revision = 2
requires-python = ">=3.12"
[manifest]
members = ["shop-a", "shop-b"]
[[package]]
name = "numpy"
version = "1.26.4"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://e.org/n.tar.gz", hash = "sha256:aa", size = 1 }
wheels = [{ url = "https://e.org/n.whl", hash = "sha256:bb", size = 1 }]
[[package]]
name = "numpy"
version = "2.0.0"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "shop-a"
version = "0.1.0"
source = { editable = "py/a" }
dependencies = [
    { name = "numpy", version = "2.0.0", source = { registry = "https://pypi.org/simple" }, marker = "python_version > '3'" },
    { name = "shop-b" },
]
[package.dev-dependencies]
dev = [{ name = "numpy", version = "1.26.4", source = { registry = "https://pypi.org/simple" } }]
[[package]]
name = "shop-b"
source = { virtual = "py/b" }
"#,
        )
        .unwrap();
        assert_eq!(lock.roots["py/a"], [0, 1, 3]);
        assert!(lock.roots["py/b"].is_empty());
        assert!(
            lock.packages[0]
                .checksum
                .as_ref()
                .unwrap()
                .starts_with("blake3:")
        );
        assert_eq!(lock.packages[3].source, None);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let torn =
            read("version = 1\n[[package]]\nname = \"a\"\ndependencies = [{ name = \"b\" }]\n");
        assert_eq!(
            torn.unwrap_err().of("uv.lock").to_string(),
            "uv.lock:3: `a` needs `b`, which is not there"
        );
    }
}
