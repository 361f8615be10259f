//! `Cargo.toml`.

use toml_edit::{Item, Key, TableLike};
use trunkline_project::DependencyKind;

use crate::path;

use super::list::own_lines;
use super::toml_text::{entries, inside, parse, table, whole};
use super::{Declaration, Described, Origin};

const KINDS: &[(&str, DependencyKind)] = &[
    ("dependencies", DependencyKind::Runtime),
    ("build-dependencies", DependencyKind::Build),
    ("build_dependencies", DependencyKind::Build),
    ("dev-dependencies", DependencyKind::Development),
    ("dev_dependencies", DependencyKind::Development),
];

pub(super) fn describe(text: &str) -> Option<Described> {
    let document = parse(text)?;
    let root: &dyn TableLike = document.as_table();
    let mut declarations = Vec::new();
    let mut tables = vec![root];
    if let Some(targets) = table(root, &["target"]) {
        let all = targets.iter();
        tables.extend(all.filter_map(|(_, item)| item.as_table_like()));
    }
    for within in tables {
        for (name, kind) in KINDS {
            let needs = table(within, &[name]).map(entries).unwrap_or_default();
            declarations.extend(
                needs
                    .iter()
                    .map(|(key, item)| declaration(text, key, item, *kind)),
            );
        }
    }
    let shared = table(root, &["workspace", "dependencies"]).map(entries);
    for (key, item) in shared.unwrap_or_default() {
        declarations.push(Declaration {
            shared: true,
            ..declaration(text, key, item, DependencyKind::Runtime)
        });
    }
    let package = table(root, &["package"]);
    let licence = package.and_then(|package| package.get("license"));
    let of_workspace = table(root, &["workspace", "package"]);
    let of_workspace = of_workspace.and_then(|package| package.get("license"));
    let library = table(root, &["lib"]).and_then(|library| library.get("name")?.as_str());
    Some(Described {
        declarations,
        licence: licence
            .and_then(Item::as_str)
            .or(of_workspace.and_then(Item::as_str))
            .map(str::to_owned),
        inherits_licence: licence.is_some_and(Item::is_table_like),
        other_names: library.into_iter().map(str::to_owned).collect(),
        elsewhere: elsewhere(root),
        ..Described::default()
    })
}

/// The folders of targets whose sources do not lie below the manifest.
fn elsewhere(root: &dyn TableLike) -> Vec<String> {
    let targets = ["bin", "example", "test", "bench"].into_iter();
    let targets = targets.filter_map(|name| root.get(name)?.as_array_of_tables());
    let paths = targets
        .flatten()
        .filter_map(|one| one.get("path")?.as_str());
    let library = table(root, &["lib"]).and_then(|library| library.get("path")?.as_str());
    let outside = paths.chain(library).filter(|path| path.starts_with(".."));
    outside.map(|path| path::folder(path).to_owned()).collect()
}

fn declaration(text: &str, key: &Key, item: &Item, kind: DependencyKind) -> Declaration {
    let known = key.get();
    let details = item.as_table_like();
    let detail = |name: &str| details.and_then(|details| details.get(name));
    let version = if item.is_str() {
        Some(item)
    } else {
        detail("version")
    };
    let origin = if detail("workspace").and_then(Item::as_bool) == Some(true) {
        Origin::Workspace
    } else if detail("path").is_some() {
        Origin::Folder
    } else if detail("git").is_some() || detail("registry").is_some() {
        Origin::Elsewhere
    } else {
        Origin::Range
    };
    let entry = whole(key, item);
    Declaration {
        name: detail("package")
            .and_then(Item::as_str)
            .unwrap_or(known)
            .to_owned(),
        key: known.to_owned(),
        origin,
        wanted: version
            .and_then(Item::as_str)
            .unwrap_or_default()
            .to_owned(),
        kind,
        shared: false,
        indirect: false,
        start: key.span().map_or(0, |span| span.start),
        range: version.and_then(|version| inside(text, version)),
        entry: entry.and_then(|entry| own_lines(text, &entry)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"[package]
name = "a"
license.workspace = true
[lib]
name = "other"
[dependencies]
one = "1.2" # first
two = { version = "2", features = ["x"] }
three.workspace = true
four = { path = "../four" }
five.version = "5"
five.features = [
    "y",
]
[target.'cfg(unix)'.dev-dependencies.six]
version = "6"
package = "real-six"
"#;

    #[test]
    fn needs_have_places() {
        let described = describe(TEXT).unwrap();
        let all: Vec<_> = described
            .declarations
            .iter()
            .map(|one| {
                let range = one.range.clone().map(|range| &TEXT[range]);
                let entry = one.entry.clone().map(|entry| &TEXT[entry]);
                (one.name.as_str(), one.origin, range, entry)
            })
            .collect();
        assert_eq!(
            all,
            [
                (
                    "one",
                    Origin::Range,
                    Some("1.2"),
                    Some("one = \"1.2\" # first\n")
                ),
                (
                    "two",
                    Origin::Range,
                    Some("2"),
                    Some("two = { version = \"2\", features = [\"x\"] }\n")
                ),
                (
                    "three",
                    Origin::Workspace,
                    None,
                    Some("three.workspace = true\n")
                ),
                (
                    "four",
                    Origin::Folder,
                    None,
                    Some("four = { path = \"../four\" }\n")
                ),
                (
                    "five",
                    Origin::Range,
                    Some("5"),
                    Some("five.version = \"5\"\nfive.features = [\n    \"y\",\n]\n")
                ),
                ("real-six", Origin::Range, Some("6"), None),
            ]
        );
        assert_eq!(described.other_names, ["other"]);
        assert!(described.inherits_licence);
    }

    #[test]
    fn a_root_declares_for_its_members() {
        let text =
            "[workspace.package]\nlicense = \"MIT\"\n[workspace.dependencies]\nserde = \"1\"\n";
        let described = describe(text).unwrap();
        assert!(described.declarations[0].shared);
        assert_eq!(described.licence.as_deref(), Some("MIT"));
        assert!(describe("[package").is_none());
    }
}
