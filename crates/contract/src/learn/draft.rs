//! The draft of a document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::learner::Learner;
use super::segment::Kind;
use super::shape::Shape;
use super::tree::{Part, Stats, parameter, template};

pub(super) fn draft(learner: &Learner, title: &str) -> Value {
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    learner.each(&mut |parts, method, stats| {
        let item = paths
            .entry(template(parts))
            .or_insert_with(|| path_item(parts));
        item.insert(method.to_ascii_lowercase(), operation(stats));
    });
    let title = if title.trim().is_empty() {
        "Learned API"
    } else {
        title
    };
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": title,
            "version": "0.0.0",
            "description": "A draft made from requests that were seen. Correct it before it is used."
        },
        "paths": paths,
    })
}

fn path_item(parts: &[Part]) -> Map<String, Value> {
    let kinds = parts.iter().filter_map(|part| match part {
        Part::Parameter(kind) => Some(*kind),
        Part::Literal(_) => None,
    });
    let parameters: Vec<_> = kinds
        .enumerate()
        .map(|(index, kind)| {
            let schema = match kind {
                Kind::Integer => json!({"type": "integer"}),
                Kind::Uuid => json!({"type": "string", "format": "uuid"}),
                Kind::Text => json!({"type": "string"}),
            };
            json!({"name": parameter(index + 1), "in": "path", "required": true, "schema": schema})
        })
        .collect();
    let mut item = Map::new();
    if !parameters.is_empty() {
        item.insert("parameters".to_owned(), json!(parameters));
    }
    item
}

fn operation(stats: &Stats) -> Value {
    let mut operation = Map::new();
    let query: Vec<_> = stats
        .query
        .iter()
        .map(|(name, count)| {
            // Any text is let through: the values were never looked at.
            json!({"name": name, "in": "query", "required": *count >= stats.count && stats.count >= 20, "schema": {}})
        })
        .collect();
    if !query.is_empty() {
        operation.insert("parameters".to_owned(), json!(query));
    }
    if !stats.requests.is_empty() {
        let good: u64 = stats
            .statuses
            .iter()
            .filter(|(status, _)| **status < 400)
            .map(|(_, answers)| answers.count)
            .sum();
        let body = json!({"required": stats.bodies >= good, "content": content(&stats.requests)});
        operation.insert("requestBody".to_owned(), body);
    }
    let responses: Map<_, _> = stats
        .statuses
        .iter()
        .map(|(status, answers)| {
            let mut response = Map::new();
            response.insert("description".to_owned(), json!(reason(*status)));
            if !answers.bodies.is_empty() {
                response.insert("content".to_owned(), content(&answers.bodies));
            }
            (status.to_string(), Value::Object(response))
        })
        .collect();
    operation.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(operation)
}

fn reason(status: u16) -> String {
    let known = http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason());
    known.map_or_else(|| format!("Status {status}"), str::to_owned)
}

fn content(bodies: &BTreeMap<String, Shape>) -> Value {
    let media: Map<_, _> = bodies
        .iter()
        .map(|(name, shape)| (name.clone(), json!({"schema": shape.schema()})))
        .collect();
    Value::Object(media)
}
