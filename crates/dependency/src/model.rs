//! The words of the room.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use trunkline_project::Ecosystem;

/// What kind of thing was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A version with a known vulnerability.
    Vulnerable,
    /// Several versions of one package, of which one would do.
    Duplicate,
    /// Several versions of one package that do not promise to fit one another.
    MajorDuplicate,
    /// Manifests ask for different ranges of one package.
    Drift,
    /// A manifest does not ask for the range that the policy pins.
    Pin,
    /// A need of another project that no file of the project uses.
    Unused,
    /// A use of another project that the manifest does not have.
    Missing,
    /// A licence that is not allowed.
    Licence,
    /// A licence that is not known.
    UnknownLicence,
    /// An exception of the policy whose time is over.
    Expired,
    /// A file that could not be read.
    Unreadable,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Vulnerable,
        Self::Duplicate,
        Self::MajorDuplicate,
        Self::Drift,
        Self::Pin,
        Self::Unused,
        Self::Missing,
        Self::Licence,
        Self::UnknownLicence,
        Self::Expired,
        Self::Unreadable,
    ];

    /// Its name, as the policy writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Vulnerable => "vulnerable",
            Self::Duplicate => "duplicate",
            Self::MajorDuplicate => "major-duplicate",
            Self::Drift => "drift",
            Self::Pin => "pin",
            Self::Unused => "unused",
            Self::Missing => "missing",
            Self::Licence => "licence",
            Self::UnknownLicence => "unknown-licence",
            Self::Expired => "expired",
            Self::Unreadable => "unreadable",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What something costs that need not be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Cost {
    /// Packages that nothing else brings in, itself among them.
    pub packages: usize,
    /// Their bytes, where they are known of one of them at least.
    pub bytes: Option<u64>,
    /// Of how many of them the bytes are not known.
    pub unmeasured: usize,
    /// Milliseconds of building them, where they are known.
    pub build_millis: Option<u64>,
}

/// How one manifest is mended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fix {
    /// The manifest.
    pub path: String,
    /// What it depends on.
    pub name: String,
    /// What becomes of that.
    pub kind: FixKind,
}

/// What becomes of a need of a manifest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FixKind {
    /// It asks for another range.
    Range {
        /// The range that it asks for, as it stands there.
        from: String,
        /// The range that it shall ask for.
        to: String,
    },
    /// It goes, wherever the manifest has it.
    Remove,
}

/// A command that a person, or a task, has to run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Command {
    /// The folder to run it in; empty for the root of the repository.
    pub folder: String,
    /// The command, for a shell.
    pub line: String,
}

impl fmt::Display for Command {
    /// As it is typed at the root of the repository.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.folder.is_empty() {
            return f.write_str(&self.line);
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@/._+-".contains(&byte);
        if self.folder.bytes().all(is_plain) {
            return write!(f, "(cd {} && {})", self.folder, self.line);
        }
        let quoted = self.folder.replace('\'', r"'\''");
        write!(f, "(cd '{quoted}' && {})", self.line)
    }
}

/// Something about dependencies that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// What kind of thing it is.
    pub kind: Kind,
    /// Whose package it is about; nothing where it is about a file.
    pub ecosystem: Option<Ecosystem>,
    /// The package or the project that it is about; the file where it is about one.
    pub name: String,
    /// The file where it shows.
    pub path: String,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
    /// The projects that it is about, such as `cargo:billing`, in order.
    pub projects: Vec<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
    /// What it costs, where that is known.
    pub cost: Option<Cost>,
    /// How manifests are mended, where they can be.
    pub fixes: Vec<Fix>,
    /// What to run where a lockfile has to change, which its own tool alone may do.
    pub command: Option<Command>,
}

impl Finding {
    pub(crate) fn new(kind: Kind, path: &str, line: Option<usize>, problem: String) -> Self {
        Self {
            kind,
            ecosystem: None,
            name: path.to_owned(),
            path: path.to_owned(),
            line,
            projects: Vec::new(),
            problem,
            hint: None,
            cost: None,
            fixes: Vec::new(),
            command: None,
        }
    }

    /// Where it shows: the file, with the line where it is known.
    #[must_use]
    pub fn place(&self) -> String {
        match self.line {
            Some(line) => format!("{}:{line}", self.path),
            None => self.path.clone(),
        }
    }

    /// What it is about.
    pub(crate) fn about(mut self, ecosystem: Ecosystem, name: &str) -> Self {
        self.ecosystem = Some(ecosystem);
        name.clone_into(&mut self.name);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place(), self.kind, self.problem)
    }
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// All findings, by kind, ecosystem and name.
    pub findings: Vec<Finding>,
    /// Findings that the policy ignores, by kind.
    pub ignored: BTreeMap<Kind, usize>,
    /// Projects that were looked at.
    pub projects: usize,
    /// Lockfiles that were read.
    pub locks: usize,
    /// Packages in them, members of workspaces left out.
    pub packages: usize,
}
