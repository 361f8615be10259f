//! What `cargo metadata` says about the packages of the workspace.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use serde::Deserialize;

/// The part of `cargo metadata --no-deps` that the layers need.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
}

/// A package of the workspace.
#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

/// One line of a package's dependencies.
#[derive(Debug, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// `None` for a normal one, otherwise `dev` or `build`.
    pub(super) kind: Option<String>,
    /// The folder of a dependency inside the workspace.
    pub(super) path: Option<String>,
}

impl Metadata {
    /// Asks cargo about the workspace at `root`.
    pub(super) fn of(root: &Path) -> anyhow::Result<Self> {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let output = Command::new(cargo)
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(root)
            .output()
            .context("cargo metadata")?;
        ensure!(
            output.status.success(),
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).context("the answer of cargo metadata")
    }
}

/// The room of a package: its name without the project's prefix.
pub(super) fn room(package: &str) -> &str {
    package.strip_prefix("trunkline-").unwrap_or(package)
}
