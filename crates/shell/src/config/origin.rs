//! Where a value came from.

use std::fmt;
use std::path::PathBuf;

/// Where the value of a key came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    #[default]
    Default,
    /// A line of the configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
    },
    /// A variable of the environment, by its name.
    Environment(String),
    /// A `--set` of the command line.
    Flag,
    /// The file that the key's `_file` sibling names.
    SecretFile(PathBuf),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("--set"),
            Self::SecretFile(path) => write!(f, "contents of {}", path.display()),
        }
    }
}
