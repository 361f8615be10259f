//! Shape: `lib.rs` and `mod.rs` are tables of contents, `main.rs` is a few lines.

use syn::Item;
use syn::spanned::Spanned;

use super::finding::Finding;
use super::rules::Rules;
use super::tree::{File, Tree};

/// Looks at every `lib.rs`, `mod.rs` and `main.rs` below a `src` folder.
pub(super) fn check(tree: &Tree, rules: &Rules) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.contains("src/")) {
        match file.name() {
            "lib.rs" | "mod.rs" => findings.extend(contents(file)),
            "main.rs" => findings.extend(main(file, rules.limits.main_lines)),
            _ => {}
        }
    }
    findings
}

fn main(file: &File, limit: usize) -> Option<Finding> {
    let lines = file.text()?.lines().count();
    (lines > limit).then(|| {
        let message = format!("{lines} lines, at most {limit}: parse and hand over");
        Finding::new("shape", &file.path, message)
    })
}

fn contents(file: &File) -> Vec<Finding> {
    let parsed = file.text().and_then(|text| syn::parse_file(text).ok());
    let items = parsed.map(|parsed| parsed.items).unwrap_or_default();
    items
        .iter()
        .filter(|item| !declares(item))
        .map(|item| {
            let message = format!(
                "`{}` only declares, re-exports and documents: move this to a file of its own",
                file.name()
            );
            Finding::new("shape", &file.path, message).at(item.span().start().line)
        })
        .collect()
}

/// Whether the item is a line of a table of contents.
fn declares(item: &Item) -> bool {
    match item {
        Item::Mod(module) => module.content.is_none(),
        Item::Use(_) | Item::ExternCrate(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::real;
    use crate::tidy::tree::fixture;

    #[test]
    fn a_table_of_contents_is_fine() {
        let (_folder, tree) = fixture::tree(&[
            (
                "crates/a/src/lib.rs",
                "//! Doc.\nmod b;\npub use b::C;\n#[cfg(test)]\nmod tests;\n",
            ),
            ("crates/a/src/main.rs", "fn main() {}\n"),
        ]);
        assert_eq!(check(&tree, &real()), []);
    }

    #[test]
    fn code_in_it_is_not() {
        let long = "// line\n".repeat(41);
        let (_folder, tree) = fixture::tree(&[
            ("crates/a/src/b/mod.rs", "mod c;\n\nfn helper() {}\n"),
            ("crates/a/src/main.rs", &long),
        ]);
        let found = check(&tree, &real());
        assert_eq!(found.len(), 2, "{found:?}");
        assert_eq!(found[0].line, Some(3));
    }
}
