//! `pnpm-lock.yaml`, of pnpm 8 and later.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::error::Wrong;
use crate::lock::{Format, Lock, Package, limits};

use super::path;

/// Maps in maps; the format has five.
const DEPTH: usize = 32;
/// The source of what names none.
const REGISTRY: &str = "registry";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PnpmLock {
    lockfile_version: String,
    #[serde(default)]
    importers: BTreeMap<String, Importer>,
    /// What a repository of one package needs, before version 9.
    #[serde(flatten)]
    alone: Importer,
    #[serde(default)]
    packages: BTreeMap<String, PnpmPackage>,
    /// Packages with the peers that they have; before version 9 those were `packages`.
    #[serde(default)]
    snapshots: BTreeMap<String, Needs>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Importer {
    dependencies: BTreeMap<String, Direct>,
    dev_dependencies: BTreeMap<String, Direct>,
    optional_dependencies: BTreeMap<String, Direct>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Direct {
    Table { version: String },
    Version(String),
}

#[derive(Deserialize)]
struct PnpmPackage {
    name: Option<String>,
    version: Option<String>,
    #[serde(default)]
    resolution: Resolution,
    #[serde(flatten)]
    needs: Needs,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Resolution {
    integrity: Option<String>,
    tarball: Option<String>,
    repo: Option<String>,
    commit: Option<String>,
    directory: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Needs {
    dependencies: BTreeMap<String, String>,
    optional_dependencies: BTreeMap<String, String>,
}

impl Needs {
    fn all(&self) -> impl Iterator<Item = (&String, &String)> {
        self.dependencies.iter().chain(&self.optional_dependencies)
    }
}

impl Importer {
    fn all(&self) -> impl Iterator<Item = (&String, &String)> {
        let kinds = [
            &self.dependencies,
            &self.dev_dependencies,
            &self.optional_dependencies,
        ];
        kinds.into_iter().flatten().map(|(name, direct)| {
            let (Direct::Table { version } | Direct::Version(version)) = direct;
            (name, version)
        })
    }
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let mut file = parse(text)?;
    let major = file.lockfile_version.split('.').next();
    if !matches!(major, Some("6" | "9")) {
        return Err(Wrong::Unsupported(format!(
            "version {} of the format is not known; 6 and 9 are",
            file.lockfile_version
        )));
    }
    if file.importers.is_empty() {
        file.importers.insert(".".into(), file.alone);
    }
    let mut reading = Reading {
        lock: Lock::new(Format::Pnpm),
        by_key: HashMap::new(),
        members: HashMap::new(),
    };
    for folder in file.importers.keys() {
        let folder = path::join("", folder).unwrap_or_else(|| folder.clone());
        let place = reading.lock.add(Package {
            name: folder.clone(),
            ..Package::default()
        })?;
        reading.members.insert(folder, place);
    }
    if file.snapshots.is_empty() {
        for (key, package) in &file.packages {
            reading.add(key, package)?;
        }
        for (key, package) in &file.packages {
            reading.connect(key, &package.needs)?;
        }
    } else {
        for key in file.snapshots.keys() {
            let bare = without_peers(key);
            let Some(package) = file.packages.get(bare) else {
                return Err(Wrong::somewhere(format!(
                    "`{key}` is not among the packages"
                )));
            };
            reading.add(key, package)?;
        }
        for (key, needs) in &file.snapshots {
            reading.connect(key, needs)?;
        }
    }
    for (folder, importer) in &file.importers {
        reading.import(folder, importer)?;
    }
    Ok(reading.lock)
}

fn parse(text: &str) -> Result<PnpmLock, Wrong> {
    // The last document is the lock; pnpm may put one about itself before it.
    let start = text.rfind("\n---\n").map_or(0, |place| place + 1);
    let lines = text[..start].matches('\n').count();
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH,
            max_documents: 1,
            max_events: limits::BYTES,
            max_nodes: limits::BYTES,
            max_total_scalar_bytes: 2 * limits::BYTES,
            max_aliases: 0,
            max_anchors: 0,
            max_inclusion_depth: 0,
        },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(&text[start..], options).map_err(|error| {
        let problem: String = error.to_string().chars().take(400).collect();
        let line = error.location().map(|place| place.line());
        Wrong::Malformed {
            problem,
            line: line
                .and_then(|line| usize::try_from(line).ok())
                .map(|line| line + lines),
        }
    })
}

/// `react-dom@19.0.0` of `react-dom@19.0.0(react@19.0.0)`.
fn without_peers(key: &str) -> &str {
    key.split('(').next().unwrap_or(key)
}

struct Reading {
    lock: Lock,
    by_key: HashMap<String, usize>,
    members: HashMap<String, usize>,
}

impl Reading {
    fn add(&mut self, key: &str, package: &PnpmPackage) -> Result<(), Wrong> {
        let bare = without_peers(key).trim_start_matches('/');
        let (name, version) = path::name_and_rest(bare).unwrap_or((bare, ""));
        let from = &package.resolution;
        let source = match (&from.tarball, &from.repo, &from.commit) {
            _ if from.directory.is_some() => None,
            (Some(url), _, _) => Some(url.clone()),
            (None, Some(repository), Some(commit)) => Some(format!("{repository}#{commit}")),
            _ => Some(REGISTRY.to_owned()),
        };
        let place = self.lock.add(Package {
            name: package.name.clone().unwrap_or_else(|| name.to_owned()),
            version: package
                .version
                .clone()
                .unwrap_or_else(|| version.to_owned()),
            source,
            checksum: from.integrity.clone(),
            ..Package::default()
        })?;
        self.by_key.insert(key.to_owned(), place);
        Ok(())
    }

    fn connect(&mut self, key: &str, needs: &Needs) -> Result<(), Wrong> {
        let mut places = Vec::new();
        for (name, version) in needs.all() {
            // What is optional may be missing for all platforms at once.
            places.extend(self.find("", name, version));
        }
        self.lock.connect(self.by_key[key], places)
    }

    fn import(&mut self, folder: &str, importer: &Importer) -> Result<(), Wrong> {
        let folder = path::join("", folder).unwrap_or_else(|| folder.to_owned());
        let mut places = Vec::new();
        for (name, version) in importer.all() {
            let found = self.find(&folder, name, version);
            if found.is_none() && !version.starts_with("link:") {
                return Err(Wrong::somewhere(format!(
                    "the member at `{folder}` needs `{name}` {version}, which is not there"
                )));
            }
            places.extend(found);
        }
        places.sort_unstable();
        places.dedup();
        self.lock.connect(self.members[&folder], places.clone())?;
        self.lock.roots.insert(folder, places);
        Ok(())
    }

    /// What `version` of `name` stands for: a folder as seen from `folder`, a version, or the key of another name.
    fn find(&self, folder: &str, name: &str, version: &str) -> Option<usize> {
        if let Some(link) = version.strip_prefix("link:") {
            return self.members.get(&path::join(folder, link)?).copied();
        }
        let keys = [
            format!("{name}@{version}"),
            format!("/{name}@{version}"),
            version.to_owned(),
        ];
        keys.iter().find_map(|key| self.by_key.get(key)).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(lock: &Lock, member: &str) -> Vec<String> {
        let places = lock.reachable(member);
        let names = places.iter().map(|place| {
            let package = &lock.packages[*place];
            format!("{}@{}", package.name, package.version)
        });
        names.collect()
    }

    #[test]
    fn version_9_has_packages_and_snapshots() {
        let lock = read(
            "lockfileVersion: '9.0'\n\nsettings:\n  autoInstallPeers: true\n\nimporters:\n\n  .: {}\n\n  packages/a:\n    dependencies:\n      '@shop/b':\n        specifier: workspace:*\n        version: link:../b\n  packages/b:\n    dependencies:\n      old:\n        specifier: npm:react@^18\n        version: react@18.3.1\n    devDependencies:\n      react-dom:\n        specifier: ^19.0.0\n        version: 19.0.0(react@19.0.0)\n\npackages:\n\n  react-dom@19.0.0:\n    resolution: {integrity: sha512-d}\n    peerDependencies:\n      react: ^19.0.0\n  react@18.3.1:\n    resolution: {integrity: sha512-o}\n    engines: {node: '>=0.10.0'}\n  react@19.0.0:\n    resolution: {tarball: https://e.org/react.tgz}\n\nsnapshots:\n\n  react-dom@19.0.0(react@19.0.0):\n    dependencies:\n      react: 19.0.0\n  react@18.3.1: {}\n  react@19.0.0: {}\n",
        )
        .unwrap();
        let b = ["react-dom@19.0.0", "react@18.3.1", "react@19.0.0"];
        assert_eq!(reached(&lock, "packages/b"), b);
        assert_eq!(
            reached(&lock, "packages/a"),
            [&["packages/b@"], &b[..]].concat()
        );
        assert!(reached(&lock, "").is_empty());
        let react = lock.packages.last().unwrap();
        assert_eq!(react.source.as_deref(), Some("https://e.org/react.tgz"));
    }

    #[test]
    fn version_6_has_packages_alone() {
        let lock = read(
            "lockfileVersion: '6.0'\n\ndependencies:\n  debug:\n    specifier: ^4\n    version: 4.4.0(supports-color@8.1.1)\n\npackages:\n\n  /debug@4.4.0(supports-color@8.1.1):\n    resolution: {integrity: sha512-d}\n    dependencies:\n      ms: 2.1.3\n      supports-color: 8.1.1\n    dev: false\n  /ms@2.1.3:\n    resolution: {integrity: sha512-m}\n  /supports-color@8.1.1:\n    resolution: {integrity: sha512-s}\n    optionalDependencies:\n      nowhere: 1.0.0\n",
        )
        .unwrap();
        assert_eq!(
            reached(&lock, ""),
            ["debug@4.4.0", "ms@2.1.3", "supports-color@8.1.1"]
        );
    }

    #[test]
    fn what_is_wrong_has_a_place() {
        let wrong = |text: &str| read(text).unwrap_err().of("pnpm-lock.yaml");
        assert_eq!(
            wrong("lockfileVersion: 5.4\n").to_string(),
            "pnpm-lock.yaml: version 5.4 of the format is not known; 6 and 9 are"
        );
        let torn = wrong("lockfileVersion: '9.0'\npackages:\n  a@1.0.0: [\n");
        assert!(torn.line().is_some_and(|line| line >= 3), "{torn}");
        assert_eq!(
            wrong("lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      a: {specifier: '1', version: 1.0.0}\n").to_string(),
            "pnpm-lock.yaml: the member at `` needs `a` 1.0.0, which is not there"
        );
    }
}
