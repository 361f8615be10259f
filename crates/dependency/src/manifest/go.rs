//! `go.mod`.

use std::collections::BTreeSet;

use trunkline_project::DependencyKind;

use super::{Declaration, Described, Origin};

pub(super) fn describe(text: &str) -> Described {
    let mut declarations: Vec<Declaration> = Vec::new();
    let mut replaced = BTreeSet::new();
    let mut block = "";
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let (code, comment) = line.split_once("//").unwrap_or((line, ""));
        let mut words: Vec<&str> = code.split_whitespace().collect();
        match (words.as_slice(), block) {
            ([")"], _) => block = "",
            ([name, "("], "") => block = name,
            ([], _) | (_, "") => {}
            (_, name) => words.insert(0, name),
        }
        match words.as_slice() {
            ["require", name, version] if *version != "(" => {
                let place = place_of(line, version);
                declarations.push(Declaration {
                    name: name.trim_matches('"').to_owned(),
                    key: name.trim_matches('"').to_owned(),
                    origin: Origin::Range,
                    wanted: (*version).to_owned(),
                    kind: DependencyKind::Runtime,
                    shared: false,
                    indirect: comment.trim_start().starts_with("indirect"),
                    start,
                    range: place.map(|place| start + place..start + place + version.len()),
                    entry: Some(start..start + line.len()),
                });
            }
            ["replace", name, ..] => {
                replaced.insert(name.trim_matches('"').to_owned());
            }
            _ => {}
        }
        start += line.len();
    }
    for declaration in &mut declarations {
        if replaced.contains(&declaration.name) {
            declaration.origin = Origin::Elsewhere;
        }
    }
    Described {
        declarations,
        ..Described::default()
    }
}

/// Where a word stands by itself in a line.
fn place_of(line: &str, word: &str) -> Option<usize> {
    let places = line.match_indices(word).map(|(place, _)| place);
    places
        .filter(|place| line[..*place].ends_with(char::is_whitespace))
        .last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_have_places() {
        let text = "module e.org/a\n\nrequire e.org/b v1.0.0 // of ours\nrequire (\n\te.org/c v0.1.0 // indirect\n\te.org/d v1.2.3\n)\nreplace e.org/d => ../d\n";
        let described = describe(text);
        let all: Vec<_> = described
            .declarations
            .iter()
            .map(|one| {
                let range = &text[one.range.clone().unwrap()];
                let entry = &text[one.entry.clone().unwrap()];
                (one.name.as_str(), range, entry, one.indirect, one.origin)
            })
            .collect();
        assert_eq!(
            all,
            [
                (
                    "e.org/b",
                    "v1.0.0",
                    "require e.org/b v1.0.0 // of ours\n",
                    false,
                    Origin::Range
                ),
                (
                    "e.org/c",
                    "v0.1.0",
                    "\te.org/c v0.1.0 // indirect\n",
                    true,
                    Origin::Range
                ),
                (
                    "e.org/d",
                    "v1.2.3",
                    "\te.org/d v1.2.3\n",
                    false,
                    Origin::Elsewhere
                ),
            ]
        );
    }
}
