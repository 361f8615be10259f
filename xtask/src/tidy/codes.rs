//! Error codes: each has a page, each page has a code.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use super::finding::Finding;
use super::tree::Tree;

const SOURCES: &str = "crates/model/src/code/";
const PAGES: &str = "docs/errors/";
/// The sections that a person who looks up a code needs.
const SECTIONS: &[&str] = &["\n## What it means\n", "\n## What to do\n"];

/// Compares the codes of `crates/model/src/code` with the pages of `docs/errors`.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let codes = codes(tree);
    let mut findings = Vec::new();
    for (code, (file, line)) in &codes {
        let page = format!("{PAGES}{code}.md");
        if tree.file(&page).is_none() {
            let message = format!("{code} has no page: write {page}");
            findings.push(Finding::new("error-page", file, message).at(*line));
        }
    }
    for file in tree.files().filter(|file| file.path.starts_with(PAGES)) {
        let code = file.name().trim_end_matches(".md");
        let text = file.text().unwrap_or("");
        if !codes.contains_key(code) {
            let message = format!("there is no code `{code}`: remove the page or declare the code");
            findings.push(Finding::new("error-page", &file.path, message));
        } else if !text.starts_with(&format!("# {code}: ")) {
            let message = format!("the first line must be `# {code}: <title>`");
            findings.push(Finding::new("error-page", &file.path, message).at(1));
        }
        for section in SECTIONS.iter().filter(|section| !text.contains(**section)) {
            let message = format!("the section `{}` is missing", section.trim());
            findings.push(Finding::new("error-page", &file.path, message));
        }
    }
    findings
}

/// Every declared code with its place.
fn codes(tree: &Tree) -> BTreeMap<String, (String, usize)> {
    static CODE: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"^\s*[A-Z_]+ = "(TL-[A-Z]+-\d{3})""#).ok());
    let mut found = BTreeMap::new();
    for file in tree.files().filter(|file| file.path.starts_with(SOURCES)) {
        for (index, line) in file.text().unwrap_or("").lines().enumerate() {
            if let Some(hit) = CODE.as_ref().and_then(|pattern| pattern.captures(line)) {
                found.insert(hit[1].into(), (file.path.clone(), index + 1));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::fixture;

    #[test]
    fn both_directions_are_checked() {
        let whole = "# TL-LOG-001: full\n\n## What it means\nX.\n\n## What to do\nY.\n";
        let (_folder, tree) = fixture::tree(&[
            (
                "crates/model/src/code/log.rs",
                "error_codes! {\n    A = \"TL-LOG-001\", 500;\n    B = \"TL-LOG-002\", 500;\n}\n",
            ),
            ("docs/errors/TL-LOG-001.md", whole),
            ("docs/errors/TL-LOG-009.md", "# TL-LOG-009: gone\n"),
        ]);
        let found: Vec<_> = check(&tree).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 4, "{found:?}");
        assert!(found[0].contains("log.rs:3") && found[0].contains("TL-LOG-002 has no page"));
        assert!(found[1].contains("no code `TL-LOG-009`"));
        assert!(found[3].contains("What to do"));
    }
}
