//! `pyproject.toml`.

use std::ops::Range;

use toml_edit::{Array, Item, TableLike};
use trunkline_project::DependencyKind;

use crate::path;

use super::list::{own_lines, slots};
use super::toml_text::{entries, inside, parse, quoted, table, whole};
use super::{Declaration, Described, Origin};

pub(super) fn describe(text: &str) -> Option<Described> {
    let document = parse(text)?;
    let root: &dyn TableLike = document.as_table();
    let mut declarations = Vec::new();
    for (kind, list) in lists(root) {
        declarations.extend(requirements(text, list, kind));
    }
    if let Some(sources) = table(root, &["tool", "uv", "sources"]) {
        relocate(&mut declarations, sources);
    }
    declarations.extend(poetry(text, root));
    let project = table(root, &["project"]);
    let licence = project.and_then(|project| project.get("license"));
    let old = licence.and_then(|licence| licence.as_table_like()?.get("text")?.as_str());
    let of_poetry = table(root, &["tool", "poetry"]).and_then(|one| one.get("license")?.as_str());
    let scripts = table(root, &["project", "scripts"]).map(entries);
    Some(Described {
        declarations,
        licence: licence
            .and_then(Item::as_str)
            .or(old)
            .or(of_poetry)
            .map(str::to_owned),
        other_names: scripts
            .into_iter()
            .flatten()
            .map(|(key, _)| key.get().to_owned())
            .collect(),
        is_plugin: table(root, &["project", "entry-points"]).is_some()
            || table(root, &["tool", "poetry", "plugins"]).is_some(),
        ..Described::default()
    })
}

/// All lists of requirements.
fn lists(root: &dyn TableLike) -> Vec<(DependencyKind, &Array)> {
    use DependencyKind::{Build, Development, Runtime};
    let one = |kind, way: &[&str], name: &str| {
        let list = table(root, way).and_then(|found| found.get(name)?.as_array());
        list.map(|list| (kind, list))
    };
    let all = |kind, way: &[&str]| {
        let found = table(root, way).map(entries).unwrap_or_default();
        let lists = found.into_iter().filter_map(|(_, item)| item.as_array());
        lists.map(move |list| (kind, list)).collect::<Vec<_>>()
    };
    let mut lists = Vec::new();
    lists.extend(one(Runtime, &["project"], "dependencies"));
    lists.extend(all(Runtime, &["project", "optional-dependencies"]));
    lists.extend(all(Development, &["dependency-groups"]));
    lists.extend(one(Development, &["tool", "uv"], "dev-dependencies"));
    lists.extend(one(Build, &["build-system"], "requires"));
    lists
}

fn requirements(text: &str, list: &Array, kind: DependencyKind) -> Vec<Declaration> {
    let Some(span) = list.span() else {
        return Vec::new();
    };
    let values = list.iter().filter_map(|value| {
        let span = value.span()?;
        Some((value, span))
    });
    let values: Vec<_> = values.collect();
    let places: Vec<_> = values.iter().map(|(_, span)| span.clone()).collect();
    let slots = slots(&places, span.end.saturating_sub(1), true);
    let mut declarations = Vec::new();
    for ((value, span), slot) in values.iter().zip(slots) {
        let Some((word, name, wanted)) = value.as_str().and_then(requirement) else {
            continue;
        };
        let inside = quoted(text, word, span.clone());
        declarations.push(Declaration {
            name: path::python_name(name),
            key: path::python_name(name),
            origin: if word[wanted.clone()].starts_with('@') {
                Origin::Elsewhere
            } else {
                Origin::Range
            },
            wanted: word[wanted.clone()].to_owned(),
            kind,
            shared: false,
            indirect: false,
            start: span.start,
            range: inside.map(|inside| inside.start + wanted.start..inside.start + wanted.end),
            entry: Some(slot.removal(text)),
        });
    }
    declarations
}

/// A requirement (PEP 508), its name, and the place of its range between extras and markers.
fn requirement(word: &str) -> Option<(&str, &str, Range<usize>)> {
    let is_name =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let start = word.len() - word.trim_start().len();
    let length = word[start..].find(|letter| !is_name(letter));
    let end = length.map_or(word.len(), |length| start + length);
    let name = &word[start..end];
    if name.is_empty() {
        return None;
    }
    let extras = word[end..].trim_start().starts_with('[');
    let from = if extras {
        end + word[end..].find(']')? + 1
    } else {
        end
    };
    let to = word[from..]
        .find(';')
        .map_or(word.len(), |place| from + place);
    let wanted = word[from..to].trim();
    let from = from + (word[from..to].len() - word[from..to].trim_start().len());
    Some((word, name, from..from + wanted.len()))
}

/// What `tool.uv.sources` takes from elsewhere.
fn relocate(declarations: &mut [Declaration], sources: &dyn TableLike) {
    for (key, source) in entries(sources) {
        let name = path::python_name(key.get());
        let has = |detail: &str| {
            source
                .as_table_like()
                .is_some_and(|source| source.contains_key(detail))
        };
        let origin = if has("workspace") {
            Origin::Workspace
        } else if has("path") {
            Origin::Folder
        } else {
            Origin::Elsewhere
        };
        for declaration in declarations.iter_mut().filter(|one| one.name == name) {
            declaration.origin = origin;
        }
    }
}

fn poetry(text: &str, root: &dyn TableLike) -> Vec<Declaration> {
    let Some(poetry) = table(root, &["tool", "poetry"]) else {
        return Vec::new();
    };
    let mut tables = Vec::new();
    tables.extend(table(poetry, &["dependencies"]).map(|one| (DependencyKind::Runtime, one)));
    let development = table(poetry, &["dev-dependencies"]);
    tables.extend(development.map(|one| (DependencyKind::Development, one)));
    for (_, group) in table(poetry, &["group"]).map(entries).unwrap_or_default() {
        let needs = group
            .as_table_like()
            .and_then(|group| table(group, &["dependencies"]));
        tables.extend(needs.map(|one| (DependencyKind::Development, one)));
    }
    let mut declarations = Vec::new();
    for (kind, needs) in tables {
        for (key, item) in entries(needs) {
            if key.get() == "python" {
                continue;
            }
            let detail = |name: &str| item.as_table_like().and_then(|one| one.get(name));
            let version = if item.is_str() {
                Some(item)
            } else {
                detail("version")
            };
            let elsewhere = ["git", "url", "source"];
            declarations.push(Declaration {
                name: path::python_name(key.get()),
                key: path::python_name(key.get()),
                origin: if detail("path").is_some() {
                    Origin::Folder
                } else if elsewhere.iter().any(|name| detail(name).is_some()) {
                    Origin::Elsewhere
                } else {
                    Origin::Range
                },
                wanted: version
                    .and_then(Item::as_str)
                    .unwrap_or_default()
                    .to_owned(),
                kind,
                shared: false,
                indirect: false,
                start: key.span().map_or(0, |span| span.start),
                range: version.and_then(|version| inside(text, version)),
                entry: whole(key, item).and_then(|entry| own_lines(text, &entry)),
            });
        }
    }
    declarations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_have_places() {
        let text = "[project]\nlicense = {text = \"MIT\"}\ndependencies = [\n    \"httpx[http2] >=0.27 ; python_version > '3.9'\", # the client\n    \"Shop_B\",\n]\n[tool.uv.sources]\nshop-b = { workspace = true }\n[dependency-groups]\ndev = [\"pytest==8.0\", {include-group = \"lint\"}]\n";
        let described = describe(text).unwrap();
        let all: Vec<_> = described
            .declarations
            .iter()
            .map(|one| {
                let range = &text[one.range.clone().unwrap()];
                (
                    one.name.as_str(),
                    range,
                    one.origin,
                    &text[one.entry.clone().unwrap()],
                )
            })
            .collect();
        assert_eq!(
            all,
            [
                (
                    "httpx",
                    ">=0.27",
                    Origin::Range,
                    "    \"httpx[http2] >=0.27 ; python_version > '3.9'\", # the client\n"
                ),
                ("shop-b", "", Origin::Workspace, "    \"Shop_B\",\n"),
                ("pytest", "==8.0", Origin::Range, "\"pytest==8.0\", "),
            ]
        );
        assert_eq!(described.licence.as_deref(), Some("MIT"));
    }

    #[test]
    fn needs_of_poetry_have_places() {
        let text = "[tool.poetry.dependencies]\npython = \"^3.12\"\nrequests = \"^2\"\nb = { path = \"../b\" }\n[tool.poetry.group.dev.dependencies]\npytest = { version = \"^8\" }\n";
        let described = describe(text).unwrap();
        let names: Vec<_> = described
            .declarations
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["requests", "b", "pytest"]);
        let requests = &described.declarations[0];
        assert_eq!(&text[requests.range.clone().unwrap()], "^2");
        assert_eq!(
            &text[requests.entry.clone().unwrap()],
            "requests = \"^2\"\n"
        );
        assert_eq!(described.declarations[1].origin, Origin::Folder);
    }
}
