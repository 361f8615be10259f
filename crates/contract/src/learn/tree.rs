//! Paths as a tree, in which segments that are values become parameters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

use super::segment::{self, Kind};
use super::shape::Shape;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    literals: BTreeMap<String, Node>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parameter: Option<Box<(Kind, Node)>>,
    /// So many names were seen here that they are values.
    collapsed: bool,
    pub(super) methods: BTreeMap<String, Stats>,
}

/// What was seen of one operation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stats {
    pub(super) count: u64,
    pub(super) first: Timestamp,
    pub(super) last: Timestamp,
    pub(super) statuses: BTreeMap<u16, Answers>,
    pub(super) query: BTreeMap<String, u64>,
    pub(super) bodies: u64,
    pub(super) requests: BTreeMap<String, Shape>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Answers {
    pub(super) count: u64,
    pub(super) bodies: BTreeMap<String, Shape>,
}

/// One part of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Literal(String),
    Parameter(Kind),
}

/// How many different names may stand in one place before they are taken for values: more at the top, where the resources are.
const fn names(depth: usize) -> usize {
    if depth < 2 { 200 } else { 32 }
}

impl Node {
    /// The node of a path, made when `grow` lets it.
    pub(super) fn at(&mut self, segments: &[&str], depth: usize, grow: bool) -> Option<&mut Self> {
        let Some((first, rest)) = segments.split_first() else {
            return Some(self);
        };
        let kind = segment::value(first).or_else(|| self.collapsed.then_some(Kind::Text));
        if let Some(kind) = kind {
            if self.parameter.is_none() && !grow {
                return None;
            }
            let child = self
                .parameter
                .get_or_insert_with(|| Box::new((kind, Self::default())));
            child.0 = child.0.and(kind);
            return child.1.at(rest, depth + 1, grow);
        }
        if !self.literals.contains_key(*first) {
            if !grow {
                return None;
            }
            if self.literals.len() >= names(depth) {
                self.collapse();
                return self.at(segments, depth, grow);
            }
        }
        self.literals
            .entry((*first).to_owned())
            .or_default()
            .at(rest, depth + 1, grow)
    }

    fn collapse(&mut self) {
        self.collapsed = true;
        let mut all = self
            .parameter
            .take()
            .map_or_else(Self::default, |child| child.1);
        for (_, node) in std::mem::take(&mut self.literals) {
            all.merge(node);
        }
        self.parameter = Some(Box::new((Kind::Text, all)));
    }

    fn merge(&mut self, other: Self) {
        self.collapsed |= other.collapsed;
        for (name, node) in other.literals {
            self.literals.entry(name).or_default().merge(node);
        }
        if let Some(child) = other.parameter {
            let (kind, node) = *child;
            match &mut self.parameter {
                Some(mine) => {
                    mine.0 = mine.0.and(kind);
                    mine.1.merge(node);
                }
                None => self.parameter = Some(Box::new((kind, node))),
            }
        }
        for (method, stats) in other.methods {
            match self.methods.get_mut(&method) {
                Some(mine) => mine.merge(stats),
                None => {
                    self.methods.insert(method, stats);
                }
            }
        }
        if self.collapsed && !self.literals.is_empty() {
            self.collapse();
        }
    }

    /// Calls `tell` for every operation below.
    pub(super) fn each<'a>(
        &'a self,
        path: &mut Vec<Part>,
        tell: &mut dyn FnMut(&[Part], &'a str, &'a Stats),
    ) {
        for (method, stats) in &self.methods {
            tell(path, method, stats);
        }
        for (name, node) in &self.literals {
            path.push(Part::Literal(name.clone()));
            node.each(path, tell);
            path.pop();
        }
        if let Some(child) = &self.parameter {
            path.push(Part::Parameter(child.0));
            child.1.each(path, tell);
            path.pop();
        }
    }
}

impl Stats {
    pub(super) const fn new(at: Timestamp) -> Self {
        Self {
            count: 0,
            first: at,
            last: at,
            statuses: BTreeMap::new(),
            query: BTreeMap::new(),
            bodies: 0,
            requests: BTreeMap::new(),
        }
    }

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
        self.bodies += other.bodies;
        for (status, answers) in other.statuses {
            let mine = self.statuses.entry(status).or_default();
            mine.count += answers.count;
            for (media, shape) in answers.bodies {
                mine.bodies.entry(media).or_default().merge(shape);
            }
        }
        for (key, count) in other.query {
            *self.query.entry(key).or_default() += count;
        }
        for (media, shape) in other.requests {
            self.requests.entry(media).or_default().merge(shape);
        }
    }
}

/// The text of a template: `/orders/{id}/lines/{id2}`.
pub(super) fn template(parts: &[Part]) -> String {
    let mut text = String::new();
    let mut count = 0;
    for part in parts {
        text.push('/');
        match part {
            Part::Literal(name) => text.push_str(name),
            Part::Parameter(_) => {
                count += 1;
                text.push_str(&format!("{{{}}}", parameter(count)));
            }
        }
    }
    if text.is_empty() {
        "/".to_owned()
    } else {
        text
    }
}

/// The name of the `count`th parameter of a path.
pub(super) fn parameter(count: usize) -> String {
    if count == 1 {
        "id".to_owned()
    } else {
        format!("id{count}")
    }
}
