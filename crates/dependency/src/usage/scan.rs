//! Reading the sources of all projects once.

use std::collections::{BTreeMap, BTreeSet};

use trunkline_project::{Ecosystem, Graph};

use crate::catalogue::Catalogue;
use crate::error::DependencyError;
use crate::path;
use crate::source::Sources;

use super::names::Names;
use super::word::{is_identifier, is_name, words};
use super::{go, node, python, rust};

/// Bytes of a file above which it is not read, and its project not judged.
const LARGE: usize = 2 << 20;
/// Bytes of all sources together.
const TOTAL: u64 = 2 << 30;
/// Folders whose files only look like sources.
const SAMPLES: &[&str] = &[
    "fixtures",
    "__fixtures__",
    "testdata",
    "templates",
    "__snapshots__",
];
const SCRIPT: &[&str] = &[
    "js", "jsx", "mjs", "cjs", "ts", "tsx", "mts", "cts", "vue", "svelte", "astro",
];
const BESIDE_SCRIPT: &[&str] = &[
    "json", "json5", "jsonc", "md", "mdx", "css", "scss", "sass", "less", "html", "yaml", "yml",
    "toml", "sh", "graphql",
];
const BESIDE_PYTHON: &[&str] = &[
    "cfg", "ini", "toml", "txt", "yaml", "yml", "json", "md", "rst", "sh", "ipynb", "pyx",
];

/// What the sources of a project name.
#[derive(Debug, Default)]
pub(crate) struct Uses {
    /// Projects that may be used.
    pub(crate) mentioned: BTreeSet<usize>,
    /// Projects that are imported, with the first file and line.
    pub(crate) imported: BTreeMap<usize, (String, usize)>,
    /// Names that the project gives to something of its own.
    own: BTreeSet<String>,
    /// Imports of Rust by name, before it is known what the project calls its own.
    pending: BTreeMap<String, (String, usize)>,
    /// Projects that are named where names are given to paths.
    configured: BTreeSet<usize>,
    /// Sources in the language of the project.
    pub(crate) files: usize,
    /// Whether a file was too large to be read.
    pub(crate) is_partial: bool,
}

/// Reads all sources, and says for each project what they name.
pub(crate) fn scan(
    graph: &Graph,
    catalogue: &Catalogue<'_>,
    sources: &dyn Sources,
    paths: &[String],
) -> Result<Vec<Uses>, DependencyError> {
    let scan = Scan {
        graph,
        names: &Names::new(graph, catalogue, paths),
    };
    let elsewhere = elsewhere(graph, catalogue);
    let mut all: Vec<Uses> = graph.projects.iter().map(|_| Uses::default()).collect();
    let mut total = 0_u64;
    for file in paths.iter().filter(|file| !path::is_foreign(file)) {
        let owners = graph.owners(file);
        let read_by = owners.iter().filter(|place| scan.reads(**place, file));
        let read_by: Vec<usize> = read_by.copied().collect();
        // Others may read them too, so that only uses count, and not what they lack.
        let beside = elsewhere.iter().filter(|(folder, place)| {
            path::below(file, folder).is_some() && scan.reads(*place, file)
        });
        let beside: Vec<usize> = beside.map(|(_, place)| *place).collect();
        if read_by.is_empty() && beside.is_empty() {
            continue;
        }
        let Some(bytes) = sources.read(file)? else {
            continue;
        };
        total += bytes.len() as u64;
        if total > TOTAL {
            return Err(DependencyError::TooMuch {
                what: "bytes of sources",
                limit: TOTAL,
            });
        }
        let text = std::str::from_utf8(&bytes).ok();
        for place in read_by {
            match text.filter(|text| text.len() <= LARGE) {
                Some(text) => scan.file(place, file, text, &mut all[place]),
                None => all[place].is_partial = true,
            }
        }
        for place in beside {
            match text.filter(|text| text.len() <= LARGE) {
                Some(text) => scan.mentions(place, file, text, &mut all[place]),
                None => all[place].is_partial = true,
            }
        }
    }
    for (place, uses) in all.iter_mut().enumerate() {
        if let Some(described) = catalogue.get(&graph.projects[place].manifest) {
            scan.mentions(place, "", &described.rest(), uses);
        }
        scan.settle(place, uses);
    }
    Ok(all)
}

/// Folders outside those of projects in which they have targets, with the projects.
fn elsewhere(graph: &Graph, catalogue: &Catalogue<'_>) -> Vec<(String, usize)> {
    let projects = graph.projects.iter().enumerate();
    let folders = projects.flat_map(|(place, project)| {
        let described = catalogue.get(&project.manifest).into_iter();
        let all = described.flat_map(|described| &described.elsewhere);
        let folder = path::folder(&project.manifest);
        all.filter_map(move |target| Some((path::join(folder, target)?, place)))
    });
    folders.collect()
}

struct Scan<'a> {
    graph: &'a Graph,
    names: &'a Names,
}

impl Scan<'_> {
    /// Whether a file may say something about what a project uses. Its manifest does so elsewhere.
    fn reads(&self, place: usize, file: &str) -> bool {
        let end = path::extension(file);
        let project = &self.graph.projects[place];
        if *file == project.manifest || trunkline_lockfile::Format::of(file).is_some() {
            return false;
        }
        match project.ecosystem {
            Ecosystem::Cargo => matches!(end, "rs" | "md" | "toml"),
            Ecosystem::Node => SCRIPT.contains(&end) || BESIDE_SCRIPT.contains(&end),
            Ecosystem::Go => matches!(end, "go" | "tmpl" | "mod"),
            Ecosystem::Python => matches!(end, "py" | "pyi") || BESIDE_PYTHON.contains(&end),
            Ecosystem::Service => false,
        }
    }

    fn file(&self, place: usize, file: &str, text: &str, uses: &mut Uses) {
        self.mentions(place, file, text, uses);
        let end = path::extension(file);
        let ecosystem = self.graph.projects[place].ecosystem;
        let is_source = match ecosystem {
            Ecosystem::Cargo => end == "rs",
            Ecosystem::Node => SCRIPT.contains(&end),
            Ecosystem::Go => end == "go",
            Ecosystem::Python => matches!(end, "py" | "pyi"),
            Ecosystem::Service => false,
        };
        if !is_source {
            return;
        }
        uses.files += 1;
        if path::folder(file)
            .split('/')
            .any(|name| SAMPLES.contains(&name))
        {
            return;
        }
        match ecosystem {
            Ecosystem::Cargo => self.rust(file, text, uses),
            Ecosystem::Node => {
                for (module, line) in node::imports(text) {
                    if let Some(package) = node::package(&module) {
                        self.import(place, self.names.find(ecosystem, package), file, line, uses);
                    }
                }
            }
            Ecosystem::Go => {
                for (package, line) in go::imports(text) {
                    self.import(place, self.names.module_of(package), file, line, uses);
                }
            }
            Ecosystem::Python => {
                for (module, line) in python::imports(text) {
                    self.import(place, self.names.find(ecosystem, module), file, line, uses);
                }
            }
            Ecosystem::Service => {}
        }
    }

    /// Takes an import that can only mean one project, and not one of those that the project itself is called like.
    fn import(&self, place: usize, found: &[usize], file: &str, line: usize, uses: &mut Uses) {
        if let [other] = found
            && *other != place
        {
            uses.imported
                .entry(*other)
                .or_insert_with(|| (file.to_owned(), line));
        }
    }

    fn rust(&self, file: &str, text: &str, uses: &mut Uses) {
        // Most files import nothing of the repository that is not declared; hiding comments costs more than looking.
        let masked = rust::masked(text);
        let imports = rust::imports(&masked);
        uses.own.extend(imports.own.into_iter().map(str::to_owned));
        for (name, line) in imports.imported {
            if !self.names.find(Ecosystem::Cargo, name).is_empty() {
                let first = || (file.to_owned(), line);
                uses.pending.entry(name.to_owned()).or_insert_with(first);
            }
        }
    }

    /// What of imports is left when all of a project is known.
    fn settle(&self, place: usize, uses: &mut Uses) {
        let pending = std::mem::take(&mut uses.pending);
        for (name, (file, line)) in pending {
            if !uses.own.contains(&name) {
                let found = self.names.find(Ecosystem::Cargo, &name);
                self.import(place, found, &file, line, uses);
            }
        }
        for other in &uses.configured {
            uses.imported.remove(other);
        }
    }

    /// Takes every word that may mean a project.
    fn mentions(&self, place: usize, file: &str, text: &str, uses: &mut Uses) {
        let ecosystem = self.graph.projects[place].ecosystem;
        match ecosystem {
            Ecosystem::Cargo | Ecosystem::Python => {
                for (_, word) in words(text, is_identifier) {
                    uses.mentioned.extend(self.names.find(ecosystem, word));
                }
                if file.is_empty() || path::extension(file) == "toml" {
                    for (_, word) in words(text, is_name) {
                        let word = word.split('/').next().unwrap_or(word).replace('-', "_");
                        uses.mentioned.extend(self.names.find(ecosystem, &word));
                    }
                }
            }
            Ecosystem::Go => {
                for (_, word) in words(text, is_name) {
                    uses.mentioned.extend(self.names.module_of(word));
                }
            }
            Ecosystem::Node => {
                let is_configuration = is_configuration(file);
                for (_, word) in words(text, is_name) {
                    let found = self.node_word(place, file, word);
                    uses.mentioned.extend(found);
                    if is_configuration {
                        uses.configured.extend(found);
                    }
                }
            }
            Ecosystem::Service => {}
        }
    }

    /// The projects that a word of a file of Node may mean: by name, or by the way to one of its files.
    fn node_word(&self, place: usize, file: &str, word: &str) -> &[usize] {
        if word.starts_with("../") {
            let folder = if file.is_empty() {
                self.graph.projects[place].folder.as_str()
            } else {
                path::folder(file)
            };
            let target = path::join(folder, word);
            return target.map_or(&[], |target| self.graph.owners(&format!("{target}/.")));
        }
        let word = word
            .rsplit_once("node_modules/")
            .map_or(word, |(_, rest)| rest);
        let word = word.trim_end_matches(['.', '/']);
        match node::package(word) {
            Some(package) => self.names.find(Ecosystem::Node, package),
            None => &[],
        }
    }
}

/// Whether a file may give names to paths, as `tsconfig.json` and the configuration of bundlers do.
fn is_configuration(file: &str) -> bool {
    let name = path::name(file);
    name.starts_with("tsconfig") || name.starts_with("jsconfig") || name.contains(".config.")
}
