//! `poetry.lock`. It does not say what the project itself needs; the manifest does.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Wrong;
use crate::lock::{Format, Lock, Package};

use super::python::{checksum, normal};

/// The source of what names none.
const REGISTRY: &str = "registry";

#[derive(Deserialize)]
struct PoetryLock {
    #[serde(default)]
    package: Vec<PoetryPackage>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Deserialize)]
struct PoetryPackage {
    name: String,
    version: String,
    #[serde(default)]
    files: Vec<File>,
    #[serde(default)]
    dependencies: BTreeMap<String, IgnoredAny>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    r#type: Option<String>,
    url: Option<String>,
    resolved_reference: Option<String>,
}

/// Where Poetry before 1.5 had the files.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Metadata {
    files: BTreeMap<String, Vec<File>>,
}

#[derive(Deserialize)]
struct File {
    hash: String,
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let file: PoetryLock = toml::from_str(text).map_err(|error| Wrong::toml(text, &error))?;
    let mut lock = Lock::new(Format::Poetry);
    for package in &file.package {
        let old = file.metadata.files.get(&package.name);
        let files = package.files.iter().chain(old.into_iter().flatten());
        lock.add(Package {
            name: normal(&package.name),
            version: package.version.clone(),
            source: source(package.source.as_ref()),
            checksum: checksum(files.map(|file| file.hash.as_str())),
            ..Package::default()
        })?;
    }
    let by_name = lock.by_name();
    for (place, package) in file.package.iter().enumerate() {
        // A need for another platform than those of the lock is not there, and one that depends on the platform may be there twice.
        let names: BTreeSet<String> = package
            .dependencies
            .keys()
            .map(|name| normal(name))
            .collect();
        let needs = names.iter().filter_map(|name| by_name.get(name)).flatten();
        let needs = needs.copied().collect();
        lock.connect(place, needs)?;
    }
    Ok(lock)
}

fn source(source: Option<&Source>) -> Option<String> {
    let Some(source) = source else {
        return Some(REGISTRY.to_owned());
    };
    if source.r#type.as_deref() == Some("directory") {
        return None;
    }
    let url = source.url.clone().unwrap_or_default();
    Some(match &source.resolved_reference {
        Some(commit) => format!("{url}#{commit}"),
        None => url,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_says_what_is_needed_first() {
        let mut lock = read(
            r#"[[package]]
name = "Requests"
version = "2.32.0"
files = [{ file = "r.whl", hash = "sha256:aa" }]
[package.dependencies]
urllib3 = ">=1.21.1,<3"
win-inet = { version = "*", markers = "sys_platform == 'win32'" }
[[package]]
name = "urllib3"
version = "2.2.0"
[[package]]
name = "local"
version = "0.1.0"
[package.source]
type = "directory"
url = "../local"
[metadata]
lock-version = "2.1"
[metadata.files]
urllib3 = [{ file = "u.whl", hash = "sha256:bb" }]
"#,
        )
        .unwrap();
        lock.require("", [("requests", "^2")]);
        assert_eq!(lock.reachable(""), [0, 1]);
        assert_eq!(lock.packages[1].checksum.as_deref(), Some("sha256:bb"));
        assert_eq!(lock.packages[2].source, None);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let torn = read("[[package]]\nname = \"a\"\nversion = 1\n").unwrap_err();
        assert_eq!(torn.of("poetry.lock").line(), Some(3));
    }
}
