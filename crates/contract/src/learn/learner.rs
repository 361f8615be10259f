//! What is observed, and what can be asked of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trunkline_model::Timestamp;

use super::draft;
use super::shape::{Room, Shape};
use super::tree::{Node, Part, Stats, template};
use crate::check::Mismatch;
use crate::compile::{Contract, essence};
use crate::document::is_method;

/// The limits of a learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LearnLimits {
    /// Operations that are kept.
    pub operations: usize,
    /// Properties of one object that are kept by name.
    pub properties: usize,
    /// Properties that are kept in all; each takes some hundred bytes.
    pub parts: usize,
    /// Bytes of a body beyond which it is not looked at.
    pub body_bytes: usize,
}

impl Default for LearnLimits {
    fn default() -> Self {
        Self {
            operations: 1_000,
            properties: 100,
            parts: 50_000,
            body_bytes: 64 * 1024,
        }
    }
}

/// One request and its answer. Nothing of it is kept but names, types and counts.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// In capitals.
    pub method: &'a str,
    /// Without the query.
    pub path: &'a str,
    /// The names in the query.
    pub query_keys: &'a [&'a str],
    /// The body of the request, where there was one.
    pub request: Option<SeenBody<'a>>,
    /// The status of the answer.
    pub status: u16,
    /// The body of the answer, where there was one.
    pub response: Option<SeenBody<'a>>,
    /// When it was.
    pub at: Timestamp,
}

/// A body.
#[derive(Clone, Copy, Debug)]
pub struct SeenBody<'a> {
    /// Its media type.
    pub content_type: &'a str,
    /// All of it, when it is JSON and was sampled.
    pub json: Option<&'a [u8]>,
}

/// An operation that was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Endpoint {
    /// In capitals.
    pub method: String,
    /// Such as `/orders/{id}`.
    pub path: String,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// How often each status was answered.
    pub statuses: BTreeMap<u16, u64>,
}

/// An operation that was seen and that a contract does not have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Undocumented {
    /// The operation.
    pub endpoint: Endpoint,
    /// Whether the contract has the path, and lacks only the method.
    pub path_is_documented: bool,
}

/// Learns what an API looks like. Its state can be kept: it is `Serialize` and `Deserialize`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Learner {
    limits: LearnLimits,
    root: Node,
    operations: usize,
    parts: usize,
    dropped: u64,
}

/// Names in a query that are kept of one operation.
const QUERY_KEYS: usize = 50;
/// Statuses and media types that are kept of one operation.
const STATUSES: usize = 24;
const MEDIA_TYPES: usize = 4;
/// Segments of a path beyond which it is not looked at.
const SEGMENTS: usize = 24;

impl Learner {
    /// A learner that has seen nothing.
    #[must_use]
    pub fn new(limits: LearnLimits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// Looks at one request and its answer. What a service does not know (404, 405, 501) says nothing of it and is passed over.
    pub fn observe(&mut self, seen: &Seen<'_>) {
        if matches!(seen.status, 404 | 405 | 501)
            || !(100..600).contains(&seen.status)
            || !is_method(seen.method)
        {
            return;
        }
        let segments: Vec<_> = seen
            .path
            .strip_prefix('/')
            .unwrap_or(seen.path)
            .split('/')
            .collect();
        let segments = if segments == [""] {
            &[][..]
        } else {
            &segments[..]
        };
        let grow = self.operations < self.limits.operations;
        let node = if segments.len() > SEGMENTS {
            None
        } else {
            self.root.at(segments, 0, grow)
        };
        let known = node
            .as_ref()
            .is_some_and(|node| node.methods.contains_key(seen.method));
        let Some(node) = node.filter(|_| known || grow) else {
            self.dropped += 1;
            return;
        };
        let stats = node
            .methods
            .entry(seen.method.to_owned())
            .or_insert_with(|| Stats::new(seen.at));
        let mut room = Room {
            parts: &mut self.parts,
            most_parts: self.limits.parts,
            most_properties: self.limits.properties,
        };
        note(stats, seen, &mut room, self.limits.body_bytes);
        if !known {
            // Collapsing may have made fewer of them; to count too many only stops a little earlier.
            self.operations += 1;
        }
    }

    /// How many observations were passed over because there was no room.
    #[must_use]
    pub const fn dropped(&self) -> u64 {
        self.dropped
    }

    /// The operations that were seen, by path and method.
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        let mut found = Vec::new();
        self.each(&mut |parts, method, stats| found.push(endpoint(parts, method, stats)));
        found.sort_by(|a, b| (&a.path, &a.method).cmp(&(&b.path, &b.method)));
        found
    }

    /// What was seen and is not in `contract`, the most frequent first.
    #[must_use]
    pub fn undocumented(&self, contract: &Contract) -> Vec<Undocumented> {
        let mut found = Vec::new();
        self.each(&mut |parts, method, stats| {
            let sample: String = parts
                .iter()
                .map(|part| match part {
                    Part::Literal(name) => format!("/{name}"),
                    Part::Parameter(_) => "/0".to_owned(),
                })
                .collect();
            let sample = if sample.is_empty() { "/" } else { &sample };
            let path_is_documented = match contract.match_operation(method, sample) {
                Ok(_) => return,
                Err(mismatch) => matches!(mismatch, Mismatch::Method { .. }),
            };
            found.push(Undocumented {
                endpoint: endpoint(parts, method, stats),
                path_is_documented,
            });
        });
        found.sort_by(|a, b| {
            b.endpoint
                .count
                .cmp(&a.endpoint.count)
                .then_with(|| a.endpoint.path.cmp(&b.endpoint.path))
        });
        found
    }

    /// An OpenAPI 3.1 document of what was seen: a draft for a person to correct.
    #[must_use]
    pub fn draft(&self, title: &str) -> Value {
        draft::draft(self, title)
    }

    pub(super) fn each<'a>(&'a self, tell: &mut dyn FnMut(&[Part], &'a str, &'a Stats)) {
        self.root.each(&mut Vec::new(), tell);
    }
}

fn endpoint(parts: &[Part], method: &str, stats: &Stats) -> Endpoint {
    Endpoint {
        method: method.to_owned(),
        path: template(parts),
        count: stats.count,
        first: stats.first,
        last: stats.last,
        statuses: stats
            .statuses
            .iter()
            .map(|(status, answers)| (*status, answers.count))
            .collect(),
    }
}

fn note(stats: &mut Stats, seen: &Seen<'_>, room: &mut Room<'_>, most_bytes: usize) {
    stats.count += 1;
    stats.first = stats.first.min(seen.at);
    stats.last = stats.last.max(seen.at);
    let mut keys: Vec<_> = seen
        .query_keys
        .iter()
        .filter(|key| key.len() <= 64)
        .collect();
    keys.sort_unstable();
    keys.dedup();
    for key in keys {
        let is_name = super::segment::value(key).is_none() && !key.is_empty();
        if stats.query.contains_key(*key) || (is_name && stats.query.len() < QUERY_KEYS) {
            *stats.query.entry((*key).to_owned()).or_default() += 1;
        }
    }
    // A refused request says what does not work, so its shape would only mislead.
    if let Some(body) = seen.request.filter(|_| seen.status < 400) {
        stats.bodies += 1;
        body_shape(&mut stats.requests, body, room, most_bytes);
    }
    if stats.statuses.contains_key(&seen.status) || stats.statuses.len() < STATUSES {
        let answers = stats.statuses.entry(seen.status).or_default();
        answers.count += 1;
        if let Some(body) = seen.response {
            body_shape(&mut answers.bodies, body, room, most_bytes);
        }
    }
}

fn body_shape(
    bodies: &mut BTreeMap<String, Shape>,
    body: SeenBody<'_>,
    room: &mut Room<'_>,
    most_bytes: usize,
) {
    let media_type = essence(body.content_type);
    let well_formed = media_type.len() <= 80
        && media_type
            .split('/')
            .filter(|part| !part.is_empty())
            .count()
            == 2;
    if !well_formed || (!bodies.contains_key(&media_type) && bodies.len() >= MEDIA_TYPES) {
        return;
    }
    let shape = bodies.entry(media_type).or_default();
    if let Some(bytes) = body.json.filter(|bytes| bytes.len() <= most_bytes)
        && let Ok(value) = serde_json::from_slice::<Value>(bytes)
    {
        shape.observe(&value, room);
    }
}
