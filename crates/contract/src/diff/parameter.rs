//! The parameters of an operation in two documents.

use serde_json::Value;

use super::change::{Changes, Direction, Severity};
use super::document::Views;
use super::walk::{Pair, walk};
use crate::document::RawOperation;

type Found<'a> = Vec<(String, &'a Value, String)>;

/// Parameters by place and name. In a path the position counts, not the name.
fn keyed<'a>(operation: &RawOperation<'a>) -> Found<'a> {
    let mut found = Vec::new();
    for (parameter, at) in &operation.parameters {
        let (Some(place), Some(name)) = (parameter["in"].as_str(), parameter["name"].as_str())
        else {
            continue;
        };
        let key = match place {
            "path" => {
                let before = operation
                    .path
                    .find(&format!("{{{name}}}"))
                    .map_or("", |end| &operation.path[..end]);
                format!("path.{}", before.matches('{').count())
            }
            "header" => format!("header.{}", name.to_ascii_lowercase()),
            place => format!("{place}.{name}"),
        };
        found.push((key, *parameter, at.clone()));
    }
    found
}

pub(super) fn compare(
    old: (&Views, &RawOperation<'_>),
    new: (&Views, &RawOperation<'_>),
    changes: &mut Changes,
) {
    let (before, after) = (keyed(old.1), keyed(new.1));
    let place = |parameter: &Value| {
        format!(
            "{}.{}",
            parameter["in"].as_str().unwrap_or_default(),
            parameter["name"].as_str().unwrap_or_default()
        )
    };
    for (key, parameter, at) in &before {
        let place = place(parameter);
        match after.iter().find(|(other, _, _)| other == key) {
            Some((_, now, now_at)) => {
                one(
                    (old.0, parameter, at),
                    (new.0, now, now_at),
                    &place,
                    changes,
                );
            }
            None => {
                // A service ignores a query that it does not know, but its answer is another one.
                let deprecated = parameter["deprecated"] == Value::Bool(true);
                let (severity, rule) = if deprecated {
                    (Severity::Info, "request-parameter-removed-with-deprecation")
                } else {
                    (Severity::Warning, "request-parameter-removed")
                };
                changes.add(severity, rule, &place, "the parameter was removed");
            }
        }
    }
    for (key, parameter, _) in &after {
        if before.iter().any(|(other, _, _)| other == key) {
            continue;
        }
        if is_required(parameter) {
            let text = "a required parameter is new";
            changes.add(
                Severity::Breaking,
                "new-required-request-parameter",
                &place(parameter),
                text,
            );
        } else {
            let text = "an optional parameter is new";
            changes.add(
                Severity::Info,
                "new-optional-request-parameter",
                &place(parameter),
                text,
            );
        }
    }
}

fn is_required(parameter: &Value) -> bool {
    parameter["required"] == Value::Bool(true) || parameter["in"] == "path"
}

fn one(
    old: (&Views, &Value, &str),
    new: (&Views, &Value, &str),
    place: &str,
    changes: &mut Changes,
) {
    let (before, after) = (old.1, new.1);
    match (is_required(before), is_required(after)) {
        (false, true) => {
            changes.add(
                Severity::Breaking,
                "request-parameter-became-required",
                place,
                "the parameter is required now",
            );
        }
        (true, false) => {
            changes.add(
                Severity::Info,
                "request-parameter-became-optional",
                place,
                "the parameter is optional now",
            );
        }
        _ => {}
    }
    let written = |parameter: &Value| (parameter["style"].clone(), parameter["explode"].clone());
    if written(before) != written(after) {
        changes.add(
            Severity::Warning,
            "request-parameter-style-changed",
            place,
            "the parameter is written in another way",
        );
    }
    if before["deprecated"] != after["deprecated"] && after["deprecated"] == Value::Bool(true) {
        changes.add(
            Severity::Info,
            "request-parameter-deprecated",
            place,
            "the parameter is deprecated now",
        );
    }
    let schema = |views: &Views, at: &str| {
        let parameter = views.request.pointer(at);
        let direct = parameter.and_then(|parameter| parameter.get("schema"));
        let medium = || {
            parameter?
                .get("content")?
                .as_object()?
                .values()
                .next()?
                .get("schema")
        };
        direct.or_else(medium).cloned().unwrap_or(Value::Bool(true))
    };
    let (was, is) = (schema(old.0, old.2), schema(new.0, new.2));
    let pair = Pair {
        old: &old.0.request,
        new: &new.0.request,
        direction: Direction::Request,
        what: "parameter",
    };
    walk(pair, (&was, &is), place, changes);
}
