//! Sizes: files, functions, rooms and tracked bytes.

use std::collections::BTreeMap;

use super::finding::Finding;
use super::rules::Rules;
use super::tree::{File, Tree};
use super::{function, prettier};

/// Files of code that a person wrote.
fn code<'a>(tree: &'a Tree, rules: &'a Rules) -> impl Iterator<Item = (&'a File, &'a str)> {
    tree.files()
        .filter(|file| matches!(file.ending(), "rs" | "ts" | "svelte"))
        .filter(|file| !rules.is_generated(&file.path))
        .filter_map(|file| file.text().map(|text| (file, text)))
}

/// No file is longer than a person reads.
pub(super) fn files(tree: &Tree, rules: &Rules) -> Vec<Finding> {
    let limit = rules.limits.file_lines;
    code(tree, rules)
        .map(|(file, text)| (file, text.lines().count()))
        .filter(|(_, lines)| *lines > limit)
        .map(|(file, lines)| {
            let message =
                format!("{lines} lines, at most {limit}: split it by what changes together");
            Finding::new("file-size", &file.path, message)
        })
        .collect()
}

/// No function is longer than a screen or two.
pub(super) fn functions(tree: &Tree, rules: &Rules) -> Vec<Finding> {
    let limit = rules.limits.function_lines;
    let mut findings = Vec::new();
    for (file, text) in code(tree, rules) {
        let measured = if file.ending() == "rs" {
            match function::lengths(text) {
                Ok(lengths) => lengths,
                Err(error) => {
                    findings.push(Finding::new("function-size", &file.path, error.to_string()));
                    continue;
                }
            }
        } else {
            prettier::lengths(text)
        };
        for length in measured.into_iter().filter(|one| one.lines > limit) {
            let message = format!(
                "`{}` has {} lines, at most {limit}",
                length.name, length.lines
            );
            findings.push(Finding::new("function-size", &file.path, message).at(length.line));
        }
    }
    findings
}

/// No room outgrows one head.
pub(super) fn rooms(tree: &Tree, rules: &Rules) -> Vec<Finding> {
    let limit = rules.limits.room_lines;
    let mut lines: BTreeMap<&str, usize> = BTreeMap::new();
    for file in tree.rust() {
        let mut parts = file.path.split('/');
        if let (Some("crates"), Some(room), Some("src")) =
            (parts.next(), parts.next(), parts.next())
        {
            *lines.entry(room).or_default() += file.text().map_or(0, |text| text.lines().count());
        }
    }
    lines
        .into_iter()
        .filter(|(_, lines)| *lines > limit)
        .map(|(room, lines)| {
            let message =
                format!("{lines} lines, at most {limit}: a room of this size is two rooms");
            Finding::new("room-size", &format!("crates/{room}"), message)
        })
        .collect()
}

/// No large file comes into git.
pub(super) fn tracked(tree: &Tree, rules: &Rules) -> Vec<Finding> {
    let limit = rules.limits.tracked_bytes;
    tree.files()
        .filter(|file| file.bytes() > limit)
        .map(|file| {
            let message = format!(
                "{} bytes, at most {limit}: keep it out of git",
                file.bytes()
            );
            Finding::new("tracked-size", &file.path, message)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::real;
    use crate::tidy::tree::fixture;

    #[test]
    fn long_files_are_found_and_generated_ones_are_not() {
        let long = "// a line\n".repeat(601);
        let (_folder, tree) = fixture::tree(&[
            ("crates/a/src/long.rs", &long),
            ("crates/a/src/short.rs", "// a line\n"),
            ("web/src/lib/api/schema.d.ts", &long),
        ]);
        let found = files(&tree, &real());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].file, "crates/a/src/long.rs");
    }

    #[test]
    fn long_functions_are_found_with_their_line() {
        let body = "    call();\n".repeat(100);
        let rust =
            format!("struct A;\nimpl A {{\n    fn long() {{\n{body}    }}\n}}\nfn short() {{}}\n");
        let script = format!("export async function long(a: string): Promise<void> {{\n{body}}}\n");
        let (_folder, tree) = fixture::tree(&[("a.rs", &rust), ("b.ts", &script)]);
        let found = functions(&tree, &real());
        let places: Vec<_> = found
            .iter()
            .map(|one| (one.file.as_str(), one.line))
            .collect();
        assert_eq!(places, [("a.rs", Some(3)), ("b.ts", Some(1))]);
    }

    #[test]
    fn a_large_room_and_a_large_file_are_found() {
        let lines = "//\n".repeat(8_001);
        let bytes = "x".repeat(1_048_577);
        let (_folder, tree) = fixture::tree(&[
            ("crates/big/src/a.rs", &lines),
            ("docs/picture.png", &bytes),
        ]);
        assert_eq!(rooms(&tree, &real())[0].file, "crates/big");
        assert_eq!(tracked(&tree, &real())[0].file, "docs/picture.png");
    }
}
