//! Licence and papers: one licence, said everywhere, and a change log.

use super::finding::Finding;
use super::tree::Tree;

/// The licence of the whole tree, as SPDX writes it.
const SPDX: &str = "Apache-2.0";

/// The licence stands in the root, in every manifest and in the console's package; the change log is there.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut need = |file: &str, fine: bool, message: &str| {
        if !fine {
            findings.push(Finding::new("licence", file, message));
        }
    };
    let licence = tree.text("LICENSE");
    need(
        "LICENSE",
        licence.contains("Apache License") && licence.contains("Version 2.0"),
        "the text of Apache-2.0 is missing",
    );
    let root = tree.text("Cargo.toml");
    need(
        "Cargo.toml",
        root.contains(&format!("license = \"{SPDX}\"")),
        "[workspace.package] must say license = \"Apache-2.0\"",
    );
    for manifest in tree.manifests() {
        let text = manifest.text().unwrap_or("");
        need(
            &manifest.path,
            text.contains("\nlicense.workspace = true\n"),
            "write `license.workspace = true`",
        );
    }
    if let Some(package) = tree.file("web/package.json") {
        let text = package.text().unwrap_or("");
        need(
            &package.path,
            text.contains(&format!("\"license\": \"{SPDX}\"")),
            "write \"license\": \"Apache-2.0\"",
        );
    }
    if tree.file("CHANGELOG.md").is_none() {
        findings.push(Finding::new(
            "changelog",
            "CHANGELOG.md",
            "the change log is missing",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::fixture;

    #[test]
    fn a_whole_set_of_papers_is_fine() {
        let (_folder, tree) = fixture::tree(&[
            ("LICENSE", "Apache License\nVersion 2.0\n"),
            ("CHANGELOG.md", "# Changes\n"),
            (
                "Cargo.toml",
                "[workspace.package]\nlicense = \"Apache-2.0\"\n",
            ),
            (
                "crates/a/Cargo.toml",
                "[package]\nlicense.workspace = true\n",
            ),
            ("web/package.json", "{\"license\": \"Apache-2.0\"}"),
        ]);
        assert_eq!(check(&tree), []);
    }

    #[test]
    fn each_missing_paper_is_named() {
        let (_folder, tree) = fixture::tree(&[
            ("Cargo.toml", "[workspace]\n"),
            ("crates/a/Cargo.toml", "[package]\n"),
            ("web/package.json", "{}"),
        ]);
        let files: Vec<_> = check(&tree).into_iter().map(|one| one.file).collect();
        assert_eq!(
            files,
            [
                "LICENSE",
                "Cargo.toml",
                "crates/a/Cargo.toml",
                "web/package.json",
                "CHANGELOG.md"
            ]
        );
    }
}
