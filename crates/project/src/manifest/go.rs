//! `go.mod` and `go.work`.

use std::collections::BTreeMap;

use super::{Manifest, Root, Wanted, Wrong};
use crate::glob::Members;
use crate::model::{DependencyKind, Ecosystem};
use crate::path;

/// The directives of a file, each with its line and its words; blocks in brackets are directives of their own.
fn directives(text: &str) -> Vec<(usize, Vec<&str>)> {
    let mut all = Vec::new();
    let mut block: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        let mut words: Vec<&str> = code.split_whitespace().collect();
        match (words.as_slice(), block) {
            ([], _) => {}
            ([")"], Some(_)) => block = None,
            ([name, "("], None) => block = Some(name),
            (_, Some(name)) => {
                words.insert(0, name);
                all.push((number + 1, words));
            }
            (_, None) => all.push((number + 1, words)),
        }
    }
    all
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '`'])
}

/// A place in the repository, which Go knows by its beginning.
fn is_local(place: &str) -> bool {
    place.starts_with("./") || place.starts_with("../") || matches!(place, "." | "..")
}

pub(super) fn read_module(text: &str, folder: &str) -> Result<Manifest, Wrong> {
    let mut manifest = Manifest::new(Ecosystem::Go);
    let mut replaced = BTreeMap::new();
    for (line, words) in directives(text) {
        match words.as_slice() {
            ["module", name] => manifest.name = Some(unquoted(name).to_owned()),
            ["require", name, version, ..] => {
                let wanted = Wanted::Version((*version).to_owned());
                manifest.need(unquoted(name), DependencyKind::Runtime, wanted);
            }
            ["replace", name, rest @ ..] => {
                let place = rest.iter().skip_while(|word| **word != "=>").nth(1);
                let Some(place) = place.map(|place| unquoted(place)) else {
                    return Err(Wrong {
                        problem: "a replacement has no `=>`".into(),
                        line: Some(line),
                    });
                };
                if is_local(place)
                    && let Some(folder) = path::join(folder, place)
                {
                    replaced.insert(unquoted(name).to_owned(), folder);
                }
            }
            _ => {}
        }
    }
    if manifest.name.is_none() {
        return Err("there is no line `module`".to_owned().into());
    }
    for need in &mut manifest.needs {
        if let Some(folder) = replaced.get(&need.name) {
            need.wanted = Wanted::Folder(folder.clone());
        }
    }
    Ok(manifest)
}

pub(super) fn read_workspace(text: &str, _folder: &str) -> Result<Manifest, Wrong> {
    let mut members = Vec::new();
    let mut shared = Vec::new();
    for (_, words) in directives(text) {
        match words.as_slice() {
            ["use", place] => members.push(unquoted(place).to_owned()),
            words => shared.push(words.join(" ")),
        }
    }
    let mut manifest = Manifest::new(Ecosystem::Go);
    manifest.root = Some(Root {
        members: Members::new(&members, &[]),
        needs: BTreeMap::new(),
        shared: shared.join("\n"),
    });
    Ok(manifest)
}

#[cfg(test)]
mod tests {
    use crate::manifest::tests::{needs, read};

    #[test]
    fn a_module_needs_others() {
        let manifest = read(
            "services/a/go.mod",
            "module example.org/a // the first\n\ngo 1.24\n\nrequire example.org/b v1.0.0\nrequire (\n\texample.org/c v0.1.0 // indirect\n\tgithub.com/x/y v1.2.3\n)\nreplace example.org/b => ../b\nreplace (\n  github.com/x/y v1.2.3 => github.com/z/y v1.2.4\n)\n",
        );
        assert_eq!(manifest.name.as_deref(), Some("example.org/a"));
        assert_eq!(
            needs(&manifest),
            [
                "runtime example.org/b /services/b",
                "runtime example.org/c v0.1.0",
                "runtime github.com/x/y v1.2.3",
            ]
        );
    }

    #[test]
    fn a_workspace_uses_modules() {
        let root = read("go.work", "go 1.24\nuse (\n\t./services/a\n\t.\n)\n")
            .root
            .unwrap();
        assert!(root.members.has("services/a") && root.members.has(""));
        assert!(!root.members.has("services/b"));
        assert_eq!(root.shared, "go 1.24");
    }
}
