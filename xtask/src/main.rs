//! The workspace's own checks and generators: `cargo xtask tidy`, `cargo xtask reference`.

mod reference;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;

/// Checks and generators of the Trunkline workspace.
#[derive(Debug, Parser)]
enum Task {
    /// Holds the tree to the rules of the house.
    Tidy,
    /// Writes docs/reference from the code.
    Reference {
        /// Changes nothing and fails when a page is stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let root = workspace_root();
    match Task::parse() {
        Task::Tidy => tidy::run(&root),
        Task::Reference { check } => reference::run(&root, check),
    }
}

/// The folder that holds the workspace, wherever cargo was called from.
///
/// Cargo says it when it runs the program: two checkouts that share a target folder may share the program as well.
fn workspace_root() -> PathBuf {
    let built = || PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(built, PathBuf::from);
    here.parent().map(Path::to_path_buf).unwrap_or(here)
}
