//! The lockfiles of a repository, and who reaches what in them.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_lockfile::{Format, Lock, Package, read};
use trunkline_project::{Ecosystem, Graph};

use crate::catalogue::Catalogue;
use crate::error::DependencyError;
use crate::model::{Command, Finding, Kind};
use crate::path;
use crate::source::Sources;

/// Needs that are looked at, at most, to find out what one lock's duplicates cost.
const WORK: usize = 300_000_000;

/// A lockfile of the repository.
#[derive(Debug)]
pub(crate) struct LockFile {
    pub(crate) path: String,
    pub(crate) ecosystem: Ecosystem,
    pub(crate) lock: Lock,
    text: String,
    /// Members by their labels, with what they go by in the lock.
    members: BTreeMap<String, String>,
    /// Who needs each package, by its place.
    dependents: Vec<Vec<usize>>,
    /// Whether anybody reaches it.
    used: Vec<bool>,
    work: std::cell::Cell<usize>,
}

/// Reads all lockfiles of a commit. One that is broken goes to `findings`.
pub(crate) fn load(
    graph: &Graph,
    catalogue: &Catalogue<'_>,
    sources: &dyn Sources,
    paths: &[String],
    findings: &mut Vec<Finding>,
) -> Result<Vec<LockFile>, DependencyError> {
    let mut locks = Vec::new();
    for file in paths {
        let Some(format) = Format::of(file).filter(|_| !path::is_foreign(file)) else {
            continue;
        };
        let Some(bytes) = sources.read(file)? else {
            continue;
        };
        match read(file, &bytes) {
            Ok(lock) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                locks.push(LockFile::new(file, format, lock, text, graph, catalogue));
            }
            Err(error) => {
                let problem = error.to_string();
                findings.push(Finding::new(Kind::Unreadable, file, error.line(), problem));
            }
        }
    }
    Ok(locks)
}

pub(crate) const fn ecosystem(format: Format) -> Ecosystem {
    match format {
        Format::Cargo => Ecosystem::Cargo,
        Format::Npm | Format::Pnpm | Format::Yarn | Format::Bun => Ecosystem::Node,
        Format::Go => Ecosystem::Go,
        Format::Uv | Format::Poetry => Ecosystem::Python,
    }
}

impl LockFile {
    fn new(
        file: &str,
        format: Format,
        mut lock: Lock,
        text: String,
        graph: &Graph,
        catalogue: &Catalogue<'_>,
    ) -> Self {
        let ecosystem = ecosystem(format);
        let folder = path::folder(file);
        if lock.roots.is_empty() {
            root(&mut lock, folder, ecosystem, graph, catalogue);
        }
        let mut members = BTreeMap::new();
        for project in &graph.projects {
            let Some(below) = path::below(&project.folder, folder) else {
                continue;
            };
            let key = if format == Format::Cargo {
                &project.name
            } else {
                below
            };
            if project.ecosystem == ecosystem && lock.roots.contains_key(key) {
                members.insert(project.label(), key.to_owned());
            }
        }
        let mut dependents = vec![Vec::new(); lock.packages.len()];
        for (place, package) in lock.packages.iter().enumerate() {
            for need in &package.dependencies {
                dependents[*need].push(place);
            }
        }
        let mut file = Self {
            path: file.to_owned(),
            ecosystem,
            lock,
            text,
            members,
            dependents,
            used: Vec::new(),
            work: std::cell::Cell::new(0),
        };
        file.used = file.reached_without(&[]);
        file
    }

    pub(crate) fn folder(&self) -> &str {
        path::folder(&self.path)
    }

    /// Packages from outside that somebody reaches, with their places.
    pub(crate) fn outside(&self) -> impl Iterator<Item = (usize, &Package)> {
        let all = self.lock.packages.iter().enumerate();
        all.filter(|(place, package)| package.source.is_some() && self.used[*place])
    }

    /// What is reached when all of `left_out` are gone.
    fn reached_without(&self, left_out: &[usize]) -> Vec<bool> {
        let count = self.lock.packages.len();
        if self.lock.roots.is_empty() {
            let mut reached = vec![true; count];
            for place in left_out {
                reached[*place] = false;
            }
            return reached;
        }
        let mut seen = vec![false; count];
        for place in left_out {
            seen[*place] = true;
        }
        let mut next = Vec::new();
        for place in self.lock.roots.values().flatten() {
            if !std::mem::replace(&mut seen[*place], true) {
                next.push(*place);
            }
        }
        while let Some(place) = next.pop() {
            for need in &self.lock.packages[place].dependencies {
                if !std::mem::replace(&mut seen[*need], true) {
                    next.push(*need);
                }
            }
        }
        for place in left_out {
            seen[*place] = false;
        }
        seen
    }

    /// The packages that `group` alone brings in, itself among them; nothing where finding out takes too long.
    pub(crate) fn only_through(&self, group: &[usize]) -> Option<Vec<usize>> {
        let edges: usize = self.dependents.iter().map(|all| all.len() + 1).sum();
        let work = self.work.get().saturating_add(edges);
        self.work.set(work);
        if work > WORK {
            return None;
        }
        let reached = self.reached_without(group);
        let gone = (0..reached.len()).filter(|place| self.used[*place] && !reached[*place]);
        Some(gone.collect())
    }

    /// The members that reach one of `group`, by their labels.
    pub(crate) fn reached_by(&self, group: &[usize]) -> BTreeSet<String> {
        let mut seen: BTreeSet<usize> = group.iter().copied().collect();
        let mut next = group.to_vec();
        while let Some(place) = next.pop() {
            for dependent in &self.dependents[place] {
                if seen.insert(*dependent) {
                    next.push(*dependent);
                }
            }
        }
        let reaches = |key: &String| {
            let roots = self.lock.roots.get(key);
            roots.is_some_and(|roots| roots.iter().any(|place| seen.contains(place)))
        };
        let members = self.members.iter().filter(|(_, key)| reaches(key));
        members.map(|(label, _)| label.clone()).collect()
    }

    /// Who needs one of `group` directly, as `name version`, in order; members go by their names.
    pub(crate) fn needed_by(&self, group: &[usize]) -> BTreeSet<String> {
        let all = group.iter().flat_map(|place| &self.dependents[*place]);
        all.map(|place| {
            let package = &self.lock.packages[*place];
            match &package.source {
                Some(_) => format!("{} {}", package.name, package.version),
                None => package.name.clone(),
            }
        })
        .collect()
    }

    /// The line on which the lock has a package, where its form tells.
    pub(crate) fn line(&self, place: usize) -> Option<usize> {
        let Package { name, version, .. } = &self.lock.packages[place];
        let found = match self.lock.format {
            Format::Cargo | Format::Uv | Format::Poetry => self
                .text
                .find(&format!("name = \"{name}\"\nversion = \"{version}\"")),
            Format::Go => self.text.find(&format!("{name} {version} ")),
            Format::Pnpm => self.text.find(&format!("{name}@{version}")),
            Format::Bun => self.text.find(&format!("[\"{name}@{version}\"")),
            Format::Npm => {
                let start = format!("node_modules/{name}\": {{");
                let version = format!("\"version\": \"{version}\"");
                let mut all = self.text.match_indices(&start).map(|(place, _)| place);
                all.find(|place| {
                    let entry = self.text[*place..].split('}').next();
                    entry.is_some_and(|entry| entry.contains(&version))
                })
            }
            Format::Yarn => {
                let start = format!("{name}@");
                let mut blocks = self.text.match_indices(&start).map(|(place, _)| place);
                blocks.find(|place| {
                    let block = self.text[*place..].split("\n\n").next().unwrap_or_default();
                    let mut lines = block.lines().skip(1);
                    lines.next().is_some_and(|line| {
                        let said = line.trim().strip_prefix("version");
                        said.is_some_and(|said| said.trim_matches([' ', ':', '"']) == version)
                    })
                })
            }
        };
        found.map(|place| path::line_at(&self.text, place))
    }

    /// The command that makes the tool of the lock take `new` of a package instead of `old`; nothing where a shell would read more out of
    /// what the lock calls it.
    pub(crate) fn update(&self, name: &str, old: &str, new: Option<&str>) -> Option<Command> {
        if ![name, old, new.unwrap_or("1")].into_iter().all(is_plain) {
            return None;
        }
        let line = match (self.lock.format, new) {
            (Format::Cargo, Some(new)) => format!("cargo update -p {name}@{old} --precise {new}"),
            (Format::Cargo, None) => format!("cargo update -p {name}@{old}"),
            (Format::Npm, _) => format!("npm update {name} --package-lock-only"),
            (Format::Pnpm, _) => format!("pnpm update --recursive --lockfile-only {name}"),
            (Format::Yarn, _) => format!("yarn up --recursive {name}"),
            (Format::Bun, _) => format!("bun update {name}"),
            (Format::Go, Some(new)) => {
                format!(
                    "go get {name}@v{} && go mod tidy",
                    new.trim_start_matches('v')
                )
            }
            (Format::Go, None) => format!("go get {name}@latest && go mod tidy"),
            (Format::Uv, _) => format!("uv lock --upgrade-package {name}"),
            (Format::Poetry, _) => format!("poetry update --lock {name}"),
        };
        Some(self.command(line))
    }

    /// The command that makes the tool of the lock do without versions that it need not have.
    pub(crate) fn unite(&self, name: &str, old: &str, new: &str) -> Option<Command> {
        let line = match self.lock.format {
            Format::Npm => "npm dedupe --package-lock-only",
            Format::Pnpm => "pnpm dedupe",
            Format::Yarn => "yarn dedupe",
            _ => return self.update(name, old, Some(new)),
        };
        Some(self.command(line.into()))
    }

    fn command(&self, line: String) -> Command {
        Command {
            folder: self.folder().to_owned(),
            line,
        }
    }
}

/// Whether a name or a version out of a file is one word to a shell, and no option to a tool.
fn is_plain(word: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"@/._+-".contains(&byte);
    !word.starts_with('-') && !word.is_empty() && word.bytes().all(fits)
}

/// The command that brings a lock up to date with manifests that changed.
pub(crate) const fn relock(format: Format) -> &'static str {
    match format {
        Format::Cargo => "cargo update --workspace",
        Format::Npm => "npm install --package-lock-only",
        Format::Pnpm => "pnpm install --lockfile-only",
        Format::Yarn => "yarn install --mode=update-lockfile",
        Format::Bun => "bun install --lockfile-only",
        Format::Go => "go mod tidy",
        Format::Uv => "uv lock",
        Format::Poetry => "poetry lock",
    }
}

/// Tells a lock that does not know it what each project below it needs.
fn root(
    lock: &mut Lock,
    folder: &str,
    ecosystem: Ecosystem,
    graph: &Graph,
    catalogue: &Catalogue<'_>,
) {
    for (place, project) in graph.projects.iter().enumerate() {
        let Some(below) = path::below(&project.folder, folder) else {
            continue;
        };
        // Only yarn has one lock for many manifests.
        let is_member =
            below.is_empty() || (lock.format == Format::Yarn && catalogue.home(place) == folder);
        if project.ecosystem != ecosystem || !is_member {
            continue;
        }
        let needs = catalogue.needs(place);
        let needs = needs
            .iter()
            .map(|need| (need.name, need.declaration.wanted.as_str()));
        lock.require(below, needs);
    }
    // The root of a workspace of Node is no project, and has needs all the same.
    let of_root = catalogue
        .roots()
        .filter(|(path, of, _)| *of == ecosystem && path::folder(path) == folder);
    for (_, _, described) in of_root {
        let needs = described.declarations.iter();
        lock.require(
            "",
            needs.map(|one| (one.name.as_str(), one.wanted.as_str())),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_more_out_of_is_no_word() {
        for plain in ["serde", "@shop/ui", "example.org/a/v2", "1.0.0-rc.1+b"] {
            assert!(is_plain(plain), "{plain}");
        }
        for odd in ["", "-rf", "a b", "a;b", "$(a)", "a&&b", "a\nb", "a'b", "é"] {
            assert!(!is_plain(odd), "{odd}");
        }
    }
}
