//! `xtask/tidy.toml`: the numbers, patterns and exceptions of the rules.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rules {
    pub(super) generated: Vec<String>,
    pub(super) limits: Limits,
    pub(super) tests: Tests,
    pub(super) banned: Vec<Banned>,
    pub(super) single: Vec<Single>,
    pub(super) forbidden: Vec<Forbidden>,
}

/// Sizes that are not to be passed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) file_lines: usize,
    pub(super) function_lines: usize,
    pub(super) room_lines: usize,
    pub(super) main_lines: usize,
    pub(super) tracked_bytes: u64,
}

/// Where integration tests lie.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tests {
    pub(super) binary: String,
    pub(super) system: String,
}

/// A crate that no manifest may name.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Banned {
    #[serde(rename = "crate")]
    pub(super) name: String,
    pub(super) because: String,
}

/// A crate of which the lock file may hold one version.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Single {
    #[serde(rename = "crate")]
    pub(super) name: String,
}

/// A text that files of some endings may not hold.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forbidden {
    pub(super) pattern: String,
    pub(super) endings: Vec<String>,
    pub(super) because: String,
}

impl Rules {
    /// Reads `xtask/tidy.toml` of the workspace at `root`.
    pub(super) fn read(root: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(root.join(PATH)).context(PATH)?;
        toml::from_str(&text).context(PATH)
    }

    /// Whether a program wrote the file.
    pub(super) fn is_generated(&self, path: &str) -> bool {
        self.generated.iter().any(|name| name == path)
    }
}

/// Where the rules stand.
pub(super) const PATH: &str = "xtask/tidy.toml";

#[cfg(test)]
pub(super) fn real() -> Rules {
    Rules::read(&crate::workspace_root()).unwrap()
}
