//! Forgotten files: a Rust file that no module declares is never compiled, and a test in it never runs.

use std::sync::LazyLock;

use regex::Regex;

use super::finding::Finding;
use super::tree::Tree;

/// The roots of module trees inside a package.
const ROOTS: &[&str] = &["lib.rs", "main.rs"];

/// Every file below `src` and below a folder of `tests` is declared by the file above it.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust()
        .filter(|file| !ROOTS.contains(&file.name()))
        .filter_map(|file| {
            let parents = parents(&file.path)?;
            let module = module(&file.path);
            let known = parents
                .iter()
                .any(|parent| declares(tree.text(parent), module));
            (!known).then(|| {
                let message = format!("no `mod {module};` in {}", parents.join(" or "));
                Finding::new("forgotten", &file.path, message)
            })
        })
        .collect()
}

/// The name under which a file is declared.
fn module(path: &str) -> &str {
    let stem = path.trim_end_matches(".rs");
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    stem.rsplit('/').next().unwrap_or(stem)
}

/// The files that may declare the one at `path`; `None` outside `src` and the folders of `tests`.
fn parents(path: &str) -> Option<Vec<String>> {
    let stem = path.strip_suffix(".rs")?;
    let stem = stem.strip_suffix("/mod").unwrap_or(stem);
    let (folder, _) = stem.rsplit_once('/')?;
    let last = folder.rsplit('/').next()?;
    let above = folder.rsplit('/').nth(1);
    if last == "src" || above == Some("tests") {
        return Some(
            ROOTS
                .iter()
                .map(|root| format!("{folder}/{root}"))
                .collect(),
        );
    }
    let inside = folder.split('/').any(|part| part == "src") || in_tests_folder(folder);
    inside.then(|| vec![format!("{folder}.rs"), format!("{folder}/mod.rs")])
}

/// Whether the folder lies deeper than a test binary's own folder, as `tests/it/part` does.
fn in_tests_folder(folder: &str) -> bool {
    let mut parts = folder.split('/').skip_while(|part| *part != "tests");
    parts.nth(2).is_some()
}

/// Whether `text` declares the module `name` in a file of its own.
fn declares(text: &str, name: &str) -> bool {
    static DECLARATION: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?mod (?:r#)?(\w+);").ok());
    DECLARATION
        .as_ref()
        .is_some_and(|pattern| pattern.captures_iter(text).any(|found| &found[1] == name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::tree::fixture;

    #[test]
    fn undeclared_files_are_found() {
        let (_folder, tree) = fixture::tree(&[
            ("crates/a/src/lib.rs", "mod used;\npub(crate) mod folder;\n"),
            ("crates/a/src/used.rs", "mod inner;\n"),
            ("crates/a/src/used/inner.rs", ""),
            ("crates/a/src/used/lost.rs", ""),
            ("crates/a/src/folder/mod.rs", ""),
            ("crates/a/src/stray.rs", ""),
            ("crates/a/tests/it/main.rs", "mod one;\n"),
            ("crates/a/tests/it/one.rs", ""),
            ("crates/a/tests/it/two.rs", ""),
            ("crates/a/build.rs", ""),
            ("crates/a/examples/speed.rs", ""),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|one| one.file).collect();
        assert_eq!(
            found,
            [
                "crates/a/src/stray.rs",
                "crates/a/src/used/lost.rs",
                "crates/a/tests/it/two.rs"
            ]
        );
    }
}
