//! Writing and comparing the pages.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};

const FOLDER: &str = "docs/reference";
/// The pages, each an argument of `trunkline reference`.
const PAGES: &[&str] = &["cli", "config", "errors", "events"];

/// Writes the pages below `root`, or with `check` only says which are stale.
pub(crate) fn run(root: &Path, check: bool) -> anyhow::Result<ExitCode> {
    let mut stale = Vec::new();
    for page in PAGES {
        let path = format!("{FOLDER}/{page}.md");
        let wanted = print(root, page)?;
        if write(&root.join(&path), &wanted, check).with_context(|| path.clone())? {
            stale.push(path);
        }
    }
    let mut out = std::io::stdout();
    if stale.is_empty() {
        writeln!(out, "reference: {} pages agree with the code", PAGES.len())?;
        return Ok(ExitCode::SUCCESS);
    }
    let verdict = if check { "stale" } else { "written" };
    for path in &stale {
        writeln!(out, "{path}: [reference] {verdict}")?;
    }
    if check {
        writeln!(
            out,
            "reference: run `cargo xtask reference` and commit the result"
        )?;
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether the file differs from `wanted`; puts it right unless `check`.
fn write(path: &Path, wanted: &str, check: bool) -> anyhow::Result<bool> {
    if std::fs::read_to_string(path).is_ok_and(|text| text == wanted) {
        return Ok(false);
    }
    if !check {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(path, wanted)?;
    }
    Ok(true)
}

/// The binary that `TRUNKLINE_BIN` names, as the Makefile does; else the one that was built beside this program. Cargo is not started
/// here: inside `cargo xtask` it sees other variables and would build half of the dependencies again.
fn program() -> anyhow::Result<PathBuf> {
    if let Some(binary) = std::env::var_os("TRUNKLINE_BIN") {
        return Ok(binary.into());
    }
    let beside = std::env::current_exe()?.with_file_name("trunkline");
    ensure!(
        beside.exists(),
        "{} is not built: make build",
        beside.display()
    );
    Ok(beside)
}

/// The page as the binary prints it.
fn print(root: &Path, page: &str) -> anyhow::Result<String> {
    let output = Command::new(program()?)
        .args(["reference", page])
        .current_dir(root)
        .stderr(std::process::Stdio::inherit())
        .output()
        .context("trunkline reference")?;
    ensure!(output.status.success(), "trunkline reference {page} failed");
    String::from_utf8(output.stdout).context("the page is not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_tells_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/page.md");
        assert!(write(&path, "new", true).unwrap());
        assert!(!path.exists());
        assert!(write(&path, "new", false).unwrap());
        assert!(!write(&path, "new", true).unwrap());
        assert!(write(&path, "newer", true).unwrap());
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
    }
}
