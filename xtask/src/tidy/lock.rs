//! The lock file: one version of what must agree, and one source.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::finding::Finding;
use super::rules::Rules;
use super::tree::Tree;

const PATH: &str = "Cargo.lock";
/// The only source: what cargo writes for crates.io.
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Lock {
    #[serde(default)]
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    source: Option<String>,
}

/// Crates whose types must agree have one version, and everything comes from crates.io.
pub(super) fn check(tree: &Tree, rules: &Rules) -> anyhow::Result<Vec<Finding>> {
    let lock: Lock = toml::from_str(tree.text(PATH))?;
    let mut findings = Vec::new();
    let mut versions: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for package in &lock.package {
        versions
            .entry(&package.name)
            .or_default()
            .push(&package.version);
        if let Some(source) = package
            .source
            .as_deref()
            .filter(|source| *source != CRATES_IO)
        {
            let message = format!("`{}` comes from {source}, not from crates.io", package.name);
            findings.push(Finding::new("lock", PATH, message));
        }
    }
    for single in &rules.single {
        if let Some(many) = versions
            .get(single.name.as_str())
            .filter(|all| all.len() > 1)
        {
            let message = format!(
                "`{}` stands in {} versions: {}",
                single.name,
                many.len(),
                many.join(", ")
            );
            findings.push(Finding::new("lock", PATH, message));
        }
    }
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::real;
    use crate::tidy::tree::fixture;

    #[test]
    fn two_versions_and_a_foreign_source_are_found() {
        let text = format!(
            "[[package]]\nname = \"arrow\"\nversion = \"59.3.0\"\nsource = \"{CRATES_IO}\"\n\n[[package]]\nname = \"arrow\"\nversion = \"60.1.0\"\nsource = \"{CRATES_IO}\"\n\n[[package]]\nname = \"fork\"\nversion = \"1.0.0\"\nsource = \"git+https://example.com/fork\"\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\n"
        );
        let (_folder, tree) = fixture::tree(&[("Cargo.lock", &text)]);
        let found: Vec<_> = check(&tree, &real())
            .unwrap()
            .into_iter()
            .map(|one| one.message)
            .collect();
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("fork") && found[1].contains("2 versions"));
    }
}
