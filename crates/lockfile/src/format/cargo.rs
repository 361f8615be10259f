//! `Cargo.lock`, of all versions that Cargo wrote.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use toml::Spanned;

use crate::error::{Wrong, line_at};
use crate::lock::{Format, Lock, Package, add_version};

/// The newest version that is known.
const VERSION: u32 = 4;

#[derive(Deserialize)]
struct CargoLock {
    version: Option<u32>,
    #[serde(default)]
    package: Vec<CargoPackage>,
    /// Checksums, in locks of version 1.
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct CargoPackage {
    name: Spanned<String>,
    version: String,
    source: Option<String>,
    checksum: Option<String>,
    #[serde(default)]
    dependencies: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let file: CargoLock = toml::from_str(text).map_err(|error| Wrong::toml(text, &error))?;
    if let Some(version) = file.version.filter(|version| *version > VERSION) {
        return Err(Wrong::Unsupported(format!(
            "version {version} of the format is not known; {VERSION} is the newest that is"
        )));
    }
    let mut lock = Lock::new(Format::Cargo);
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for package in &file.package {
        let name = package.name.as_ref();
        let source = package.source.as_deref().unwrap_or_default();
        let old = format!("checksum {name} {} ({source})", package.version);
        let checksum = package.checksum.as_ref().or(file.metadata.get(&old));
        let place = lock.add(Package {
            name: name.clone(),
            version: package.version.clone(),
            source: package.source.clone(),
            // What a git repository has is known by its commit, which the old format says so.
            checksum: checksum.filter(|text| *text != "<none>").cloned(),
            ..Package::default()
        })?;
        add_version(by_name.entry(name).or_default(), place)?;
    }
    for (place, package) in file.package.iter().enumerate() {
        let mut needs = Vec::with_capacity(package.dependencies.len());
        for need in &package.dependencies {
            let found = find(&lock, &by_name, need).map_err(|problem| {
                let line = line_at(text, package.name.span().start);
                Wrong::at(line, format!("`{}` needs {problem}", package.name.as_ref()))
            })?;
            needs.push(found);
        }
        if package.source.is_none() {
            let all: &mut Vec<usize> = lock.roots.entry(package.name.as_ref().clone()).or_default();
            all.extend(&needs);
            all.sort_unstable();
            all.dedup();
        }
        lock.connect(place, needs)?;
    }
    Ok(lock)
}

/// The package that a need such as `syn`, `syn 1.0.109` or `syn 1.0.109 (registry+https://…)` stands for.
fn find(lock: &Lock, by_name: &HashMap<&str, Vec<usize>>, need: &str) -> Result<usize, String> {
    let mut words = need.splitn(3, ' ');
    let name = words.next().unwrap_or_default();
    let version = words.next();
    let source = words.next().map(|text| text.trim_matches(['(', ')']));
    let fits = |place: &&usize| {
        let package = &lock.packages[**place];
        let is_source = |wanted: &str| {
            let source = package.source.as_deref().unwrap_or_default();
            // The commit is said of the package alone.
            source == wanted || source.split('#').next() == Some(wanted)
        };
        version.is_none_or(|version| package.version == version) && source.is_none_or(is_source)
    };
    let mut found = by_name.get(name).into_iter().flatten().filter(fits);
    match (found.next(), found.next()) {
        (Some(place), None) => Ok(*place),
        (None, _) => Err(format!("`{need}`, which is not there")),
        (Some(_), Some(_)) => Err(format!("`{need}`, which is there several times")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

    #[test]
    fn packages_need_one_another_by_as_much_as_tells_them_apart() {
        let lock = read(&format!(
            r#"version = 4
[[package]]
name = "app"
version = "0.1.0"
dependencies = ["syn 2.0.1", "core"]
[[package]]
name = "core"
version = "0.1.0"
dependencies = ["syn 1.0.9"]
[[package]]
name = "syn"
version = "1.0.9"
source = "{REGISTRY}"
checksum = "aa"
[[package]]
name = "syn"
version = "2.0.1"
source = "{REGISTRY}"
checksum = "bb"
"#
        ))
        .unwrap();
        assert_eq!(lock.roots["app"], [1, 3]);
        assert_eq!(lock.reachable("app"), [1, 2, 3]);
        assert_eq!(lock.reachable("core"), [2]);
        assert_eq!(lock.packages[2].checksum.as_deref(), Some("aa"));
    }

    #[test]
    fn the_oldest_format_is_read() {
        let lock = read(&format!(
            r#"[[package]]
name = "a"
version = "0.1.0"
dependencies = ["b 1.0.0 ({REGISTRY})", "c 1.0.0 (git+https://e.org/c)"]
[[package]]
name = "b"
version = "1.0.0"
source = "{REGISTRY}"
[[package]]
name = "c"
version = "1.0.0"
source = "git+https://e.org/c#0123"
[metadata]
"checksum b 1.0.0 ({REGISTRY})" = "bb"
"checksum c 1.0.0 (git+https://e.org/c#0123)" = "<none>"
"#
        ))
        .unwrap();
        assert_eq!(lock.roots["a"], [1, 2]);
        assert_eq!(lock.packages[1].checksum.as_deref(), Some("bb"));
        assert_eq!(lock.packages[2].checksum, None);
    }

    #[test]
    fn a_lock_that_is_torn_says_where() {
        let wrong = |text: &str| read(text).unwrap_err().of("Cargo.lock").to_string();
        assert_eq!(
            wrong("[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"b\"]\n"),
            "Cargo.lock:2: `a` needs `b`, which is not there"
        );
        assert!(wrong("version = 4\n\n<<<<<<< HEAD\n").starts_with("Cargo.lock:3: "));
        assert_eq!(
            wrong("version = 5"),
            "Cargo.lock: version 5 of the format is not known; 4 is the newest that is"
        );
    }
}
