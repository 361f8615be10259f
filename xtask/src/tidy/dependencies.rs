//! Dependencies: each is used, each has a reason, and none comes by a side door.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use anyhow::Context;
use regex::Regex;
use toml::{Table, Value};

use super::finding::Finding;
use super::rules::Rules;
use super::tree::Tree;

/// Where each dependency has its reason.
const REASONS: &str = "docs/dependencies.md";

/// Workspace dependencies are used, have a reason, and are the only source of versions.
pub(super) fn check(tree: &Tree) -> anyhow::Result<Vec<Finding>> {
    let declared = workspace(tree)?;
    let named = named(tree)?;
    let used: BTreeSet<&str> = named.iter().map(|one| one.name.as_str()).collect();
    let reasons = reasons(tree.text(REASONS));
    let mut findings = Vec::new();
    for (name, inside) in &declared {
        if !used.contains(name.as_str()) {
            let message = format!("no crate uses `{name}`: remove it");
            findings.push(Finding::new("dependency", "Cargo.toml", message));
        }
        if !inside && !reasons.contains_key(name) {
            let message = format!("`{name}` has no reason: add a row");
            findings.push(Finding::new("dependency", REASONS, message));
        }
    }
    for (name, line) in reasons
        .iter()
        .filter(|(name, _)| !declared.contains_key(*name))
    {
        let message = format!("`{name}` is no dependency of the workspace: remove the row");
        findings.push(Finding::new("dependency", REASONS, message).at(*line));
    }
    for one in named.iter().filter(|one| !one.from_workspace) {
        let message = format!(
            "`{}` brings its own version: write `{}.workspace = true`",
            one.name, one.name
        );
        findings.push(Finding::new("dependency", &one.file, message));
    }
    Ok(findings)
}

/// No manifest names a crate that must come through another.
pub(super) fn banned(tree: &Tree, rules: &Rules) -> anyhow::Result<Vec<Finding>> {
    let mut all: Vec<(String, String)> = named(tree)?
        .into_iter()
        .map(|one| (one.file, one.package))
        .collect();
    all.extend(
        workspace(tree)?
            .into_keys()
            .map(|name| ("Cargo.toml".into(), name)),
    );
    let mut findings = Vec::new();
    for (file, package) in all {
        for ban in rules.banned.iter().filter(|ban| ban.name == package) {
            let message = format!("no direct dependency on `{package}`: {}", ban.because);
            findings.push(Finding::new("dependency", &file, message));
        }
    }
    Ok(findings)
}

/// The names of `[workspace.dependencies]` and whether each is a room of the workspace.
fn workspace(tree: &Tree) -> anyhow::Result<BTreeMap<String, bool>> {
    let root: Table = tree.text("Cargo.toml").parse().context("Cargo.toml")?;
    let table = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"))
        .and_then(Value::as_table);
    Ok(table
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.clone(), value.get("path").is_some()))
        .collect())
}

/// One dependency that a package's manifest names.
struct Named {
    file: String,
    name: String,
    package: String,
    from_workspace: bool,
}

fn named(tree: &Tree) -> anyhow::Result<Vec<Named>> {
    let mut found = Vec::new();
    for manifest in tree.manifests() {
        let text = manifest.text().unwrap_or("");
        let table: Table = text.parse().with_context(|| manifest.path.clone())?;
        let targets = table.get("target").and_then(Value::as_table);
        let nested = targets
            .into_iter()
            .flatten()
            .filter_map(|(_, value)| value.as_table());
        for scope in nested.chain([&table]) {
            for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
                let entries = scope.get(kind).and_then(Value::as_table);
                found.extend(entries.into_iter().flatten().map(|(name, value)| Named {
                    file: manifest.path.clone(),
                    name: name.clone(),
                    package: package(name, value),
                    from_workspace: value.get("workspace").and_then(Value::as_bool) == Some(true),
                }));
            }
        }
    }
    Ok(found)
}

/// The package behind a dependency, which may be renamed.
fn package(name: &str, value: &Value) -> String {
    value
        .get("package")
        .and_then(Value::as_str)
        .unwrap_or(name)
        .into()
}

/// The dependencies of the reasons page with their lines: the first cell of each row, in backticks.
fn reasons(text: &str) -> BTreeMap<String, usize> {
    static ROW: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^\| `([\w-]+)` \| \S").ok());
    let mut found = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        if let Some(row) = ROW.as_ref().and_then(|pattern| pattern.captures(line)) {
            found.insert(row[1].to_string(), index + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::real;
    use crate::tidy::tree::fixture;

    const ROOT: &str = "[workspace.dependencies]\ntrunkline-a = { path = \"crates/a\" }\nserde = \"1\"\nidle = \"1\"\n";

    #[test]
    fn idle_unexplained_and_private_dependencies_are_found() {
        let (_folder, tree) = fixture::tree(&[
            ("Cargo.toml", ROOT),
            (
                "crates/b/Cargo.toml",
                "[dependencies]\nserde.workspace = true\ntrunkline-a.workspace = true\n[dev-dependencies]\nown = \"2\"\n",
            ),
            (
                "docs/dependencies.md",
                "| crate | why |\n|---|---|\n| `idle` | no one knows |\n| `gone` | was here |\n",
            ),
        ]);
        let found: Vec<_> = check(&tree)
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("no crate uses `idle`"));
        assert!(found[1].contains("`serde` has no reason"));
        assert!(found[2].contains("dependencies.md:4") && found[2].contains("`gone`"));
        assert!(found[3].contains("`own` brings its own version"));
    }

    #[test]
    fn a_banned_crate_is_found_under_another_name() {
        let (_folder, tree) = fixture::tree(&[
            ("Cargo.toml", "[workspace.dependencies]\nparquet = \"59\"\n"),
            (
                "crates/b/Cargo.toml",
                "[dependencies]\ncolumns = { package = \"arrow\", version = \"59\" }\n",
            ),
        ]);
        let found: Vec<_> = banned(&tree, &real())
            .unwrap()
            .into_iter()
            .map(|one| one.file)
            .collect();
        assert_eq!(found, ["crates/b/Cargo.toml", "Cargo.toml"]);
    }
}
