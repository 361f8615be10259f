//! Integration tests: one binary per crate, since each further one links the whole tree again.

use super::finding::Finding;
use super::rules::Rules;
use super::tree::Tree;

/// Only `tests/it/main.rs` and the system tests are roots of test binaries.
pub(super) fn check(tree: &Tree, rules: &Rules) -> Vec<Finding> {
    let binary = &rules.tests.binary;
    tree.rust()
        .filter_map(|file| {
            let (_, inside) = file
                .path
                .split_once("/tests/")
                .filter(|(before, _)| !before.contains("/src"))?;
            let root = match inside.split_once('/') {
                None => true,
                Some((_, rest)) => rest == "main.rs",
            };
            let allowed = inside == format!("{binary}/main.rs") || file.path == rules.tests.system;
            (root && !allowed).then(|| {
                let message =
                    format!("a second test binary: make it a module of tests/{binary}/main.rs");
                Finding::new("one-test-binary", &file.path, message)
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::real;
    use crate::tidy::tree::fixture;

    #[test]
    fn a_second_binary_is_found() {
        let (_folder, tree) = fixture::tree(&[
            ("crates/a/tests/it/main.rs", ""),
            ("crates/a/tests/it/part.rs", ""),
            ("crates/a/tests/more.rs", ""),
            ("crates/a/tests/other/main.rs", ""),
            ("crates/a/src/tests/part.rs", ""),
            ("tests/system/main.rs", ""),
        ]);
        let found: Vec<_> = check(&tree, &real())
            .into_iter()
            .map(|one| one.file)
            .collect();
        assert_eq!(
            found,
            ["crates/a/tests/more.rs", "crates/a/tests/other/main.rs"]
        );
    }
}
