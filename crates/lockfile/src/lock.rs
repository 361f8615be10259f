//! The one shape of all lockfiles.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::error::Wrong;

/// What is read at most.
pub mod limits {
    /// Bytes of a lockfile.
    pub const BYTES: usize = 32 << 20;
    /// Packages of a lockfile.
    pub const PACKAGES: usize = 200_000;
    /// Needs of all packages of a lockfile together.
    pub const NEEDS: usize = 4_000_000;
    /// Versions of one package, in a lock that tells them apart by what is needed of each.
    pub const VERSIONS: usize = 256;
    /// Bytes of the way to a package, such as `node_modules/a/node_modules/b`.
    pub const WAY: usize = 4_096;
}

/// Which tool wrote a lockfile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// `Cargo.lock`.
    Cargo,
    /// `package-lock.json` or `npm-shrinkwrap.json`.
    Npm,
    /// `pnpm-lock.yaml`.
    Pnpm,
    /// `yarn.lock`, of whatever version.
    Yarn,
    /// `bun.lock`.
    Bun,
    /// `go.sum`.
    Go,
    /// `uv.lock`.
    Uv,
    /// `poetry.lock`.
    Poetry,
}

impl Format {
    /// The format of the file at `path`, by its name; nothing where it is no lockfile.
    #[must_use]
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        Some(match name {
            "Cargo.lock" => Self::Cargo,
            "package-lock.json" | "npm-shrinkwrap.json" => Self::Npm,
            "pnpm-lock.yaml" => Self::Pnpm,
            "yarn.lock" => Self::Yarn,
            "bun.lock" => Self::Bun,
            "go.sum" => Self::Go,
            "uv.lock" => Self::Uv,
            "poetry.lock" => Self::Poetry,
            _ => return None,
        })
    }
}

/// One version of one package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Package {
    /// What its ecosystem calls it.
    pub name: String,
    /// Its version; empty where the lock has none, as for members of a workspace of pnpm.
    pub version: String,
    /// Where it comes from; nothing where that is a folder of the repository.
    pub source: Option<String>,
    /// What its content hashes to, as the tool writes it.
    pub checksum: Option<String>,
    /// Its licence, where the lock has it, as `package-lock.json` does.
    pub licence: Option<String>,
    /// What it needs, by the places in the lock, in order and each once.
    pub dependencies: Vec<usize>,
}

/// What a lockfile says.
#[derive(Clone, Debug)]
pub struct Lock {
    /// Which tool wrote it.
    pub format: Format,
    /// All packages, members of the workspace among them, in the order of the file.
    pub packages: Vec<Package>,
    /// What each member needs directly. A member goes by its folder as seen from the lock, which is empty for the root, and in a lock of
    /// Cargo by its name. Locks of yarn 1, Go and Poetry do not say: see [`Lock::require`].
    pub roots: BTreeMap<String, Vec<usize>>,
    /// What was asked for, such as `lodash@^4`, and what it led to.
    requests: HashMap<String, usize>,
    needs: usize,
}

impl Lock {
    pub(crate) fn new(format: Format) -> Self {
        Self {
            format,
            packages: Vec::new(),
            roots: BTreeMap::new(),
            requests: HashMap::new(),
            needs: 0,
        }
    }

    /// Adds a package, and gives its place.
    pub(crate) fn add(&mut self, package: Package) -> Result<usize, Wrong> {
        if self.packages.len() == limits::PACKAGES {
            return Err(Wrong::TooMany {
                what: "packages",
                limit: limits::PACKAGES,
            });
        }
        self.packages.push(package);
        Ok(self.packages.len() - 1)
    }

    /// Says what the package at `place` needs.
    pub(crate) fn connect(&mut self, place: usize, mut needs: Vec<usize>) -> Result<(), Wrong> {
        needs.sort_unstable();
        needs.dedup();
        self.needs += needs.len();
        if self.needs > limits::NEEDS {
            return Err(Wrong::TooMany {
                what: "needs",
                limit: limits::NEEDS,
            });
        }
        self.packages[place].dependencies = needs;
        Ok(())
    }

    /// Remembers that `request` led to the package at `place`.
    pub(crate) fn answer(&mut self, request: String, place: usize) {
        self.requests.insert(request, place);
    }

    /// The package that `name` in the range `wanted` led to.
    pub(crate) fn requested(&self, name: &str, wanted: &str) -> Option<usize> {
        let exact = self.requests.get(&format!("{name}@{wanted}"));
        let npm = || self.requests.get(&format!("{name}@npm:{wanted}"));
        exact.or_else(npm).copied()
    }

    /// The places of packages by their names.
    pub(crate) fn by_name(&self) -> HashMap<String, Vec<usize>> {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, package) in self.packages.iter().enumerate() {
            by_name.entry(package.name.clone()).or_default().push(place);
        }
        by_name
    }

    /// What the lock has for each of `needs`, by name and range; all versions of a name where it has nothing for the range.
    pub(crate) fn find_all<'a>(
        &self,
        by_name: &HashMap<String, Vec<usize>>,
        needs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Vec<usize> {
        let mut places = Vec::new();
        let mut unknown = BTreeSet::new();
        for (name, wanted) in needs {
            match self.requested(name, wanted) {
                Some(place) => places.push(place),
                None => {
                    unknown.insert(name);
                }
            }
        }
        // Each name once, or a crafted lock would make a long list of a short text.
        let all = unknown.iter().filter_map(|name| by_name.get(*name));
        places.extend(all.flatten());
        places
    }

    /// Says what `member` needs directly, each by its name and the range that its manifest asks for, where the lock itself does not say.
    ///
    /// A need is met by what the lock has for that range. Where it has nothing for it, as when the root overrides the range, all versions of
    /// that name are taken: a member is rather told of a change too many than of one too few.
    pub fn require<'a>(
        &mut self,
        member: &str,
        needs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let mut places = self.find_all(&self.by_name(), needs);
        places.sort_unstable();
        places.dedup();
        self.roots.insert(member.to_owned(), places);
    }

    /// The places of all packages that `member` reaches, in order. One that the lock does not know reaches all of them.
    #[must_use]
    pub fn reachable(&self, member: &str) -> Vec<usize> {
        let Some(root) = self.roots.get(member) else {
            return (0..self.packages.len()).collect();
        };
        let mut seen = vec![false; self.packages.len()];
        let mut next = Vec::new();
        for place in root {
            if !std::mem::replace(&mut seen[*place], true) {
                next.push(*place);
            }
        }
        while let Some(place) = next.pop() {
            for need in &self.packages[place].dependencies {
                if !std::mem::replace(&mut seen[*need], true) {
                    next.push(*need);
                }
            }
        }
        let places = seen.iter().enumerate().filter(|(_, seen)| **seen);
        places.map(|(place, _)| place).collect()
    }
}

/// Adds a version to those of one package.
pub(crate) fn add_version(versions: &mut Vec<usize>, place: usize) -> Result<(), Wrong> {
    if versions.len() == limits::VERSIONS {
        return Err(Wrong::TooMany {
            what: "versions of one package",
            limit: limits::VERSIONS,
        });
    }
    versions.push(place);
    Ok(())
}

/// Refuses a way to a package that no tool would write.
pub(crate) fn check_way(way: &str) -> Result<(), Wrong> {
    if way.len() > limits::WAY {
        return Err(Wrong::TooMany {
            what: "bytes in the way to a package",
            limit: limits::WAY,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, version: &str, dependencies: &[usize]) -> Package {
        Package {
            name: name.into(),
            version: version.into(),
            source: Some("registry".into()),
            dependencies: dependencies.to_vec(),
            ..Package::default()
        }
    }

    #[test]
    fn a_circle_of_packages_has_an_end() {
        let mut lock = Lock::new(Format::Yarn);
        lock.packages = vec![
            package("a", "1.0.0", &[1]),
            package("b", "1.0.0", &[0]),
            package("c", "1.0.0", &[0]),
        ];
        lock.require("x", [("a", "^1")]);
        assert_eq!(lock.reachable("x"), [0, 1]);
        assert_eq!(lock.reachable("nobody"), [0, 1, 2]);
    }

    #[test]
    fn a_range_that_was_overridden_means_all_versions() {
        let mut lock = Lock::new(Format::Yarn);
        lock.packages = vec![package("a", "1.0.0", &[]), package("a", "2.0.0", &[])];
        lock.answer("a@^1".into(), 0);
        lock.answer("a@npm:^2".into(), 1);
        lock.require("old", [("a", "^1")]);
        lock.require("new", [("a", "^2")]);
        lock.require("other", [("a", "^3"), ("b", "1")]);
        assert_eq!(lock.roots["old"], [0]);
        assert_eq!(lock.roots["new"], [1]);
        assert_eq!(lock.roots["other"], [0, 1]);
    }

    #[test]
    fn more_packages_than_are_read_are_refused() {
        let mut lock = Lock::new(Format::Go);
        lock.packages = vec![Package::default(); limits::PACKAGES];
        let error = lock.add(Package::default()).unwrap_err().of("go.sum");
        assert_eq!(error.to_string(), "go.sum has more than 200000 packages");
    }
}
