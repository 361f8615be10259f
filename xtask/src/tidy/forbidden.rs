//! Texts that no file may hold, as `xtask/tidy.toml` lists them.

use anyhow::Context;
use regex::Regex;

use super::finding::Finding;
use super::rules::{self, Rules};
use super::tree::Tree;

/// Looks for every forbidden pattern in the files of its endings.
pub(super) fn check(tree: &Tree, rules: &Rules) -> anyhow::Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for rule in &rules.forbidden {
        let pattern = Regex::new(&rule.pattern).with_context(|| rule.pattern.clone())?;
        let files = tree
            .files()
            .filter(|file| file.path != rules::PATH && !rules.is_generated(&file.path))
            .filter(|file| rule.endings.iter().any(|ending| ending == file.ending()));
        for file in files {
            for (index, line) in file.text().unwrap_or("").lines().enumerate() {
                if let Some(hit) = pattern.find(line) {
                    let message = format!("`{}`: {}", hit.as_str().trim(), rule.because);
                    findings.push(Finding::new("forbidden", &file.path, message).at(index + 1));
                }
            }
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
    fn each_pattern_finds_its_text() {
        let unfinished = ["fn a() { to", "do!() }\n"].concat();
        let skipped = ["#[ig", "nore]\nfn a() {}\n"].concat();
        let silenced = ["#[al", "low(dead_code)]\nfn a() {}\n"].concat();
        let browser = ["test.sk", "ip('x')\n"].concat();
        let path = ["run /ro", "ot/thing here\n"].concat();
        let (_folder, tree) = fixture::tree(&[
            ("a.rs", &unfinished),
            ("b.rs", &skipped),
            ("c.rs", &silenced),
            ("d.spec.ts", &browser),
            ("e.md", &path),
            ("fine.rs", "fn a() {}\n// the target/root/x folder\n"),
            ("fine.md", "see https://example.com/work/list and .work/x\n"),
        ]);
        let found: Vec<_> = check(&tree, &real())
            .unwrap()
            .into_iter()
            .map(|one| one.file)
            .collect();
        let mut found = found;
        found.sort();
        assert_eq!(found, ["a.rs", "b.rs", "c.rs", "d.spec.ts", "e.md"]);
    }
}
