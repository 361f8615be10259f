//! Registries: no lock or configuration file names the host that one machine fetched from.

use std::sync::LazyLock;

use regex::Regex;

use super::finding::Finding;
use super::tree::{File, Tree};

/// Files that may name a registry, by the end of their path, and the lines of them that do.
static LINES: LazyLock<Vec<(&str, Option<Regex>)>> = LazyLock::new(|| {
    let patterns = [
        ("package-lock.json", r#""resolved":\s*"[a-z+]*https?://"#),
        (".npmrc", r"(?i)\bregistry\s*="),
        (
            ".cargo/config.toml",
            r"(?i)^\s*\[(source|registries|registry)\b",
        ),
        (
            "requirements.txt",
            r"(?i)(--(extra-)?index-url|--find-links|@ *https?://)",
        ),
        ("pip.conf", r"(?i)\bindex-url\b"),
        ("yarn.lock", r"(?i)\bresolved\b"),
        ("pnpm-lock.yaml", r"(?i)\btarball:\s*https?://"),
    ];
    patterns
        .map(|(name, pattern)| (name, Regex::new(pattern).ok()))
        .into()
});

/// Looks at every lock and configuration file of a package manager; `Cargo.lock` has its own rule.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files().flat_map(lines).collect()
}

fn lines(file: &File) -> Vec<Finding> {
    let patterns = LINES.iter().filter(|(name, _)| {
        file.path
            .strip_suffix(name)
            .is_some_and(|before| before.is_empty() || before.ends_with('/'))
    });
    let mut findings = Vec::new();
    for pattern in patterns.filter_map(|(_, pattern)| pattern.as_ref()) {
        for (index, line) in file.text().unwrap_or("").lines().enumerate() {
            if pattern.is_match(line) {
                let message = "names a registry: let each machine's own settings decide";
                findings.push(Finding::new("registry", &file.path, message).at(index + 1));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::fixture;

    #[test]
    fn hosts_in_lock_and_config_files_are_found() {
        let (_folder, tree) = fixture::tree(&[
            (
                "web/package-lock.json",
                "{\n  \"resolved\": \"https://packages.example.com/a.tgz\",\n  \"funding\": \"https://a.example\"\n}\n",
            ),
            (
                "web/.npmrc",
                "omit-lockfile-registry-resolved=true\nregistry=https://packages.example.com\n",
            ),
            (
                ".cargo/config.toml",
                "[alias]\nx = \"run\"\n[source.crates-io]\n",
            ),
            (
                "tests/system/requirements.txt",
                "duckdb==1.0\n--index-url https://packages.example.com\n",
            ),
            ("docs/guide.md", "registry = https://packages.example.com\n"),
        ]);
        let found: Vec<_> = check(&tree)
            .into_iter()
            .map(|one| (one.file, one.line))
            .collect();
        let expected = [
            (".cargo/config.toml", 3),
            ("tests/system/requirements.txt", 2),
            ("web/.npmrc", 2),
            ("web/package-lock.json", 2),
        ];
        assert_eq!(
            found,
            expected.map(|(file, line)| (file.to_string(), Some(line)))
        );
    }
}
