//! `package-lock.json` and `npm-shrinkwrap.json`, of npm 7 and later.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::error::Wrong;
use crate::lock::{Format, Lock, Package, check_way};

use super::path;

const MODULES: &str = "node_modules/";
/// The source of what names none: npm can be told to leave it out.
const REGISTRY: &str = "registry";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NpmLock {
    lockfile_version: Option<u32>,
    packages: Option<BTreeMap<String, NpmPackage>>,
}

type Names = BTreeMap<String, IgnoredAny>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NpmPackage {
    name: Option<String>,
    #[serde(default)]
    version: String,
    resolved: Option<String>,
    integrity: Option<String>,
    #[serde(default)]
    link: bool,
    license: Option<Value>,
    #[serde(default)]
    dependencies: Names,
    #[serde(default)]
    optional_dependencies: Names,
    #[serde(default)]
    dev_dependencies: Names,
    #[serde(default)]
    peer_dependencies: Names,
}

impl NpmPackage {
    fn needs(&self) -> impl Iterator<Item = &String> {
        let all = [
            &self.dependencies,
            &self.optional_dependencies,
            &self.dev_dependencies,
            &self.peer_dependencies,
        ];
        all.into_iter().flat_map(BTreeMap::keys)
    }
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let file: NpmLock = serde_json::from_str(text).map_err(|error| Wrong::json(&error))?;
    let (Some(2 | 3), Some(packages)) = (file.lockfile_version, file.packages) else {
        return Err(Wrong::Unsupported(
            "versions 2 and 3 of the format are read; `npm install --package-lock-only` of npm 7 or later writes them".into(),
        ));
    };
    let mut lock = Lock::new(Format::Npm);
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (location, package) in &packages {
        check_way(location)?;
        if !package.link {
            places.insert(location, lock.add(shape(location, package))?);
        }
    }
    for (location, package) in &packages {
        let Some(target) = package.resolved.as_deref().filter(|_| package.link) else {
            continue;
        };
        // A link stands for the folder that it leads to.
        if let Some(place) = places.get(target).copied() {
            places.insert(location, place);
        }
    }
    for (location, package) in packages.iter().filter(|(_, package)| !package.link) {
        // Optional and peer packages may be absent.
        let needs: Vec<usize> = package
            .needs()
            .filter_map(|name| find(&places, location, name))
            .collect();
        if is_member(location) {
            let mut needs = needs.clone();
            needs.sort_unstable();
            needs.dedup();
            lock.roots.insert(location.clone(), needs);
        }
        lock.connect(places[location.as_str()], needs)?;
    }
    Ok(lock)
}

/// Whether a location is a folder of the repository.
fn is_member(location: &str) -> bool {
    !location.split('/').any(|name| name == "node_modules")
}

fn shape(location: &str, package: &NpmPackage) -> Package {
    let folder = location.rsplit_once(MODULES);
    let name = folder.map_or(location, |(_, name)| name);
    let source = || package.resolved.clone().unwrap_or_else(|| REGISTRY.into());
    Package {
        name: package.name.clone().unwrap_or_else(|| name.to_owned()),
        version: package.version.clone(),
        source: (!is_member(location)).then(source),
        checksum: package.integrity.clone(),
        licence: package
            .license
            .as_ref()
            .and_then(Value::as_str)
            .map(str::to_owned),
        dependencies: Vec::new(),
    }
}

/// What Node finds for `name` from `location`: in its own `node_modules`, or in those of the folders above.
fn find(places: &HashMap<&str, usize>, location: &str, name: &str) -> Option<usize> {
    let mut from = location.to_owned();
    loop {
        let here = path::join(&from, MODULES)?;
        if let Some(place) = places.get(format!("{here}/{name}").as_str()) {
            return Some(*place);
        }
        if from.is_empty() {
            return None;
        }
        let above = from.rsplit_once('/').map_or("", |(above, _)| above);
        let above = above.strip_suffix("node_modules").unwrap_or(above);
        from.truncate(above.trim_end_matches('/').len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{"name": "shop", "lockfileVersion": 3, "packages": {
        "": {"name": "shop", "workspaces": ["packages/*"], "devDependencies": {"ms": "^2"}},
        "node_modules/@shop/a": {"resolved": "packages/a", "link": true},
        "node_modules/@shop/b": {"resolved": "packages/b", "link": true},
        "node_modules/debug": {"version": "4.4.0", "resolved": "https://registry.npmjs.org/debug/-/debug-4.4.0.tgz", "integrity": "sha512-d", "license": "MIT", "dependencies": {"ms": "^2.1"}, "peerDependencies": {"absent": "1"}},
        "node_modules/debug/node_modules/ms": {"version": "2.1.3", "integrity": "sha512-n"},
        "node_modules/ms": {"version": "2.0.0", "resolved": "https://registry.npmjs.org/ms/-/ms-2.0.0.tgz", "integrity": "sha512-o"},
        "packages/a": {"name": "@shop/a", "version": "1.0.0", "dependencies": {"@shop/b": "*"}},
        "packages/b": {"name": "@shop/b", "version": "1.0.0", "dependencies": {"debug": "^4", "ms": "2.0.0"}}
    }}"#;

    #[test]
    fn packages_are_found_as_node_finds_them() {
        let lock = read(LOCK).unwrap();
        let reached = |member: &str| {
            let places = lock.reachable(member);
            let names = places.iter().map(|place| {
                let package = &lock.packages[*place];
                format!("{}@{}", package.name, package.version)
            });
            names.collect::<Vec<_>>()
        };
        let b = ["debug@4.4.0", "ms@2.1.3", "ms@2.0.0"];
        assert_eq!(reached("packages/b"), b);
        assert_eq!(reached("packages/a"), [&b[..], &["@shop/b@1.0.0"]].concat());
        assert_eq!(reached(""), ["ms@2.0.0"]);
        let debug = &lock.packages[1];
        assert_eq!(debug.licence.as_deref(), Some("MIT"));
        assert_eq!(lock.packages[2].source.as_deref(), Some(REGISTRY));
    }

    #[test]
    fn a_lock_of_npm_6_is_refused_with_what_to_do() {
        let old = read(r#"{"lockfileVersion": 1, "dependencies": {}}"#).unwrap_err();
        let old = old.of("package-lock.json").to_string();
        assert!(old.contains("npm install --package-lock-only"), "{old}");
        let torn = read("{\n\"lockfileVersion\": 3,\n").unwrap_err();
        assert_eq!(torn.of("package-lock.json").line(), Some(3));
    }
}
