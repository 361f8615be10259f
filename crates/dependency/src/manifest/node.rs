//! `package.json`.

use serde_json::Value;
use trunkline_project::DependencyKind;

use super::json::{Section, sections};
use super::list::slots;
use super::{Declaration, Described, Origin};

const KINDS: &[(&str, DependencyKind)] = &[
    ("dependencies", DependencyKind::Runtime),
    ("optionalDependencies", DependencyKind::Runtime),
    ("devDependencies", DependencyKind::Development),
    ("peerDependencies", DependencyKind::Peer),
];
const FOLDERS: &[&str] = &["file:", "link:", "portal:"];

pub(super) fn describe(text: &str) -> Option<Described> {
    let package: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()?;
    let mut declarations = Vec::new();
    for section in sections(text) {
        let kind = KINDS.iter().find(|(name, _)| *name == section.name);
        if let Some((_, kind)) = kind {
            declarations.extend(needs(text, &section, *kind));
        }
    }
    let commands = package.get("bin").and_then(Value::as_object);
    Some(Described {
        declarations,
        licence: package
            .get("license")
            .and_then(Value::as_str)
            .map(str::to_owned),
        other_names: commands
            .into_iter()
            .flat_map(serde_json::Map::keys)
            .cloned()
            .collect(),
        ..Described::default()
    })
}

fn needs(text: &str, section: &Section<'_>, kind: DependencyKind) -> Vec<Declaration> {
    let places: Vec<_> = section
        .members
        .iter()
        .map(|member| member.whole.clone())
        .collect();
    let slots = slots(&places, section.close, false);
    let all = section.members.iter().zip(slots).map(|(member, slot)| {
        let wanted = member.value.clone().map_or("", |value| &text[value]);
        Declaration {
            name: member.name.to_owned(),
            key: member.name.to_owned(),
            origin: origin(wanted),
            wanted: wanted.to_owned(),
            kind,
            shared: false,
            indirect: false,
            start: member.whole.start,
            range: member.value.clone(),
            entry: Some(slot.removal(text)),
        }
    });
    all.collect()
}

fn origin(wanted: &str) -> Origin {
    if wanted.starts_with("workspace:") {
        Origin::Workspace
    } else if FOLDERS.iter().any(|start| wanted.starts_with(start)) {
        Origin::Folder
    } else if wanted.contains(':') || wanted.contains('/') {
        Origin::Elsewhere
    } else {
        Origin::Range
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_have_places() {
        let text = "{\n  \"name\": \"a\",\n  \"license\": \"MIT\",\n  \"bin\": {\"run-a\": \"x.js\"},\n  \"dependencies\": {\n    \"@s/b\": \"workspace:*\",\n    \"react\": \"^19.0.0\"\n  },\n  \"peerDependencies\": {\"vue\": \"git+https://e.org/v\"}\n}\n";
        let described = describe(text).unwrap();
        let all: Vec<_> = described
            .declarations
            .iter()
            .map(|one| {
                (
                    one.name.as_str(),
                    one.origin,
                    &text[one.entry.clone().unwrap()],
                )
            })
            .collect();
        assert_eq!(
            all,
            [
                (
                    "@s/b",
                    Origin::Workspace,
                    "    \"@s/b\": \"workspace:*\",\n"
                ),
                ("react", Origin::Range, ",\n    \"react\": \"^19.0.0\""),
                ("vue", Origin::Elsewhere, "\"vue\": \"git+https://e.org/v\""),
            ]
        );
        assert_eq!(described.other_names, ["run-a"]);
        assert!(
            !Described {
                text: text.into(),
                ..described
            }
            .rest()
            .contains("react")
        );
    }
}
