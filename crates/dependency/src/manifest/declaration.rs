//! What a manifest says it depends on, and where.

use std::ops::Range;

use trunkline_project::{DependencyKind, Ecosystem};

use crate::path;

use super::{cargo, go, node, python};

/// Bytes of a manifest above which it is not read.
const LARGE: usize = 1 << 20;

/// Where a need is met from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// From a registry, in a range of versions; or from a member of the workspace of that name.
    Range,
    /// From wherever the root of the workspace says.
    Workspace,
    /// From a folder.
    Folder,
    /// From a repository, an address, a catalogue or under another name.
    Elsewhere,
}

/// One need, where a manifest declares it.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    /// What its ecosystem calls it.
    pub(crate) name: String,
    /// What this manifest calls it.
    pub(crate) key: String,
    pub(crate) origin: Origin,
    /// Which versions are wanted, as it stands there; empty where it does not say.
    pub(crate) wanted: String,
    pub(crate) kind: DependencyKind,
    /// Whether it is what a root declares for members, and no need of its own.
    pub(crate) shared: bool,
    /// Whether others need it and the tool alone wrote it down.
    pub(crate) indirect: bool,
    /// Where it begins.
    pub(crate) start: usize,
    /// The range, which can be replaced.
    pub(crate) range: Option<Range<usize>>,
    /// What has to go where it is removed.
    pub(crate) entry: Option<Range<usize>>,
}

/// What a manifest says beside its name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Described {
    pub(crate) declarations: Vec<Declaration>,
    /// Its licence, as an SPDX expression.
    pub(crate) licence: Option<String>,
    /// Whether its licence is that of its workspace.
    pub(crate) inherits_licence: bool,
    /// What sources call it, where the manifest says so: a library, or commands.
    pub(crate) other_names: Vec<String>,
    /// Folders outside its own in which targets lie, as seen from it: `../../tests/bench`.
    pub(crate) elsewhere: Vec<String>,
    /// Whether others find it without naming it, as plugins are.
    pub(crate) is_plugin: bool,
    pub(crate) text: String,
}

impl Described {
    pub(crate) fn line(&self, declaration: &Declaration) -> usize {
        path::line_at(&self.text, declaration.start)
    }

    /// The text without the places where dependencies are declared.
    pub(crate) fn rest(&self) -> String {
        let mut bytes = self.text.clone().into_bytes();
        for declaration in &self.declarations {
            let range = declaration.entry.clone().or(declaration.range.clone());
            for byte in range.into_iter().flatten() {
                if bytes.get(byte).is_some_and(|byte| *byte != b'\n') {
                    bytes[byte] = b' ';
                }
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// Reads the manifest at `path`; nothing where it is none or is broken, which the graph has told by then.
pub(crate) fn describe(path: &str, bytes: &[u8]) -> Option<(Ecosystem, Described)> {
    if bytes.len() > LARGE {
        return None;
    }
    let text = std::str::from_utf8(bytes).ok()?;
    let (ecosystem, described) = match path::name(path) {
        "Cargo.toml" => (Ecosystem::Cargo, cargo::describe(text)?),
        "package.json" => (Ecosystem::Node, node::describe(text)?),
        "go.mod" => (Ecosystem::Go, go::describe(text)),
        "pyproject.toml" => (Ecosystem::Python, python::describe(text)?),
        _ => return None,
    };
    let text = text.to_owned();
    Some((ecosystem, Described { text, ..described }))
}
