//! Which operation a path belongs to.

use std::collections::HashMap;

use crate::error::ContractError;
use crate::pointer::percent_decode;

/// A tree over the segments of paths. In each node a literal comes before a template.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    templates: Vec<(Vec<Piece>, Node)>,
    leaf: Option<Leaf>,
}

#[derive(Debug)]
struct Leaf {
    template: String,
    /// The names of the parameters, in the order of the path.
    names: Vec<String>,
    /// Method (in capitals) and index of the operation.
    methods: Vec<(String, usize)>,
}

/// A part of one segment.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter,
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) template: &'a str,
    pub(crate) methods: &'a [(String, usize)],
    /// The parameters, decoded.
    pub(crate) parameters: Vec<(&'a str, String)>,
}

impl Routes {
    /// Adds `template`, such as `/pets/{id}`. Two operations of one method and shape are refused.
    pub(crate) fn add(
        &mut self,
        template: &str,
        method: &str,
        operation: usize,
        pointer: &str,
    ) -> Result<(), ContractError> {
        let mut node = &mut self.root;
        let mut names = Vec::new();
        for segment in segments(template) {
            let pieces = pieces(segment, &mut names).ok_or_else(|| {
                ContractError::shape(pointer, "the braces of the path are not in pairs")
            })?;
            node = match pieces.as_slice() {
                [Piece::Text(text)] => node.literals.entry(percent_decode(text)).or_default(),
                [] => node.literals.entry(String::new()).or_default(),
                _ => node.template(pieces),
            };
        }
        let leaf = node.leaf.get_or_insert_with(|| Leaf {
            template: template.to_owned(),
            names,
            methods: Vec::new(),
        });
        if leaf.methods.iter().any(|(known, _)| known == method) {
            let problem = format!(
                "{method} {template} is there twice, the first time as {}",
                leaf.template
            );
            return Err(ContractError::shape(pointer, problem));
        }
        leaf.methods.push((method.to_owned(), operation));
        Ok(())
    }

    /// Finds the path, which is still percent-encoded and has no query.
    pub(crate) fn find(&self, path: &str) -> Option<Found<'_>> {
        let segments: Vec<_> = segments(path).map(percent_decode).collect();
        let mut values = Vec::new();
        let leaf = self.root.find(&segments, &mut values)?;
        Some(Found {
            template: &leaf.template,
            methods: &leaf.methods,
            parameters: leaf.names.iter().map(String::as_str).zip(values).collect(),
        })
    }
}

impl Node {
    fn template(&mut self, pieces: Vec<Piece>) -> &mut Self {
        let known = self
            .templates
            .iter()
            .position(|(other, _)| *other == pieces);
        let index = known.unwrap_or_else(|| {
            // The more text a template has, the more it says, so it is tried before the others.
            let text = |pieces: &[Piece]| -> usize {
                pieces
                    .iter()
                    .map(|piece| {
                        if let Piece::Text(text) = piece {
                            text.len()
                        } else {
                            0
                        }
                    })
                    .sum()
            };
            let mine = text(&pieces);
            let index = self
                .templates
                .partition_point(|(other, _)| text(other) >= mine);
            self.templates.insert(index, (pieces, Self::default()));
            index
        });
        &mut self.templates[index].1
    }

    fn find(&self, segments: &[String], values: &mut Vec<String>) -> Option<&Leaf> {
        let Some((first, rest)) = segments.split_first() else {
            return self.leaf.as_ref();
        };
        if let Some(node) = self.literals.get(first)
            && let Some(leaf) = node.find(rest, values)
        {
            return Some(leaf);
        }
        for (pieces, node) in &self.templates {
            let before = values.len();
            if take(pieces, first, values)
                && let Some(leaf) = node.find(rest, values)
            {
                return Some(leaf);
            }
            values.truncate(before);
        }
        None
    }
}

fn segments(path: &str) -> impl Iterator<Item = &str> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn pieces(segment: &str, names: &mut Vec<String>) -> Option<Vec<Piece>> {
    let mut pieces = Vec::new();
    let mut rest = segment;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}')?;
        if open > 0 {
            pieces.push(Piece::Text(rest[..open].to_owned()));
        }
        pieces.push(Piece::Parameter);
        names.push(rest[open + 1..close].to_owned());
        rest = &rest[close + 1..];
    }
    if rest.contains('}') {
        return None;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Some(pieces)
}

/// Fits one segment to its pieces; a parameter is never empty and ends at the first place where the text after it begins.
fn take(pieces: &[Piece], segment: &str, values: &mut Vec<String>) -> bool {
    let mut rest = segment;
    for (index, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => match rest.strip_prefix(text.as_str()) {
                Some(after) => rest = after,
                None => return false,
            },
            Piece::Parameter => {
                let end = match pieces.get(index + 1) {
                    Some(Piece::Text(text)) if index + 2 == pieces.len() => rest
                        .ends_with(text.as_str())
                        .then(|| rest.len() - text.len()),
                    Some(Piece::Text(text)) => rest.find(text.as_str()),
                    _ => Some(rest.len()),
                };
                match end {
                    Some(end) if end > 0 => {
                        values.push(rest[..end].to_owned());
                        rest = &rest[end..];
                    }
                    _ => return false,
                }
            }
        }
    }
    rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(routes: &Routes, path: &str) -> Option<String> {
        routes.find(path).map(|found| {
            let values: Vec<_> = found
                .parameters
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{} {}", found.template, values.join(","))
        })
    }

    #[test]
    fn a_literal_comes_before_a_template() {
        let mut routes = Routes::default();
        let paths = [
            "/pets/{id}",
            "/pets/mine",
            "/pets/{id}/photos/{n}.jpg",
            "/pets/{id}/photos/{n}",
            "/",
            "/a/{x}/c",
            "/{y}/b/d",
            "/r/{a}-{b}",
        ];
        for (index, path) in paths.iter().enumerate() {
            routes.add(path, "GET", index, "").unwrap();
        }
        for (path, expected) in [
            ("/pets/7", Some("/pets/{id} id=7")),
            ("/pets/mine", Some("/pets/mine ")),
            ("/pets/a%2Fb", Some("/pets/{id} id=a/b")),
            (
                "/pets/7/photos/1.jpg",
                Some("/pets/{id}/photos/{n}.jpg id=7,n=1"),
            ),
            ("/pets/7/photos/1", Some("/pets/{id}/photos/{n} id=7,n=1")),
            ("/", Some("/ ")),
            ("/a/b/d", Some("/{y}/b/d y=a")),
            ("/r/1-2", Some("/r/{a}-{b} a=1,b=2")),
            ("/pets/", None),
            ("/pets", None),
            ("/pets/7/", None),
        ] {
            assert_eq!(found(&routes, path).as_deref(), expected, "{path}");
        }
    }

    #[test]
    fn the_same_path_twice_and_open_braces_are_refused() {
        let mut routes = Routes::default();
        routes.add("/a/{x}", "GET", 0, "").unwrap();
        routes.add("/a/{x}", "PUT", 1, "").unwrap();
        assert!(
            routes
                .add("/a/{y}", "GET", 2, "/paths/x")
                .unwrap_err()
                .to_string()
                .contains("twice")
        );
        assert!(routes.add("/b/{y", "GET", 3, "").is_err());
    }
}
