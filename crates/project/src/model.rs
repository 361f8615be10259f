//! The words of the room.

use std::fmt;

use serde::Serialize;

/// Whose manifest makes a folder a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// `Cargo.toml`.
    Cargo,
    /// `go.mod`.
    Go,
    /// `package.json`.
    Node,
    /// `pyproject.toml`.
    Python,
    /// `service.toml` and no other manifest.
    Service,
}

impl Ecosystem {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Go => "go",
            Self::Node => "node",
            Self::Python => "python",
            Self::Service => "service",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What something is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DependencyKind {
    /// To run.
    Runtime,
    /// To build.
    Build,
    /// To test or to develop.
    Development,
    /// Whoever uses the project has to bring it.
    Peer,
}

impl DependencyKind {
    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runtime => "runtime",
            Self::Build => "build",
            Self::Development => "development",
            Self::Peer => "peer",
        }
    }
}

/// A project that another one needs, by its place in the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dependency {
    /// Which project.
    pub project: usize,
    /// What for.
    pub kind: DependencyKind,
}

/// Something from outside of the repository that a project needs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct External {
    /// What its ecosystem calls it.
    pub name: String,
    /// Which versions are wanted, as the manifest writes it; empty where it does not say.
    pub wanted: String,
    /// What for.
    pub kind: DependencyKind,
}

/// Something about a manifest that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The manifest.
    pub path: String,
    /// The line, from 1, where one is to blame.
    pub line: Option<usize>,
    /// What is wrong.
    pub problem: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.problem),
            None => write!(f, "{}: {}", self.path, self.problem),
        }
    }
}
