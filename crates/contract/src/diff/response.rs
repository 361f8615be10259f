//! The responses of an operation in two documents.

use serde_json::{Map, Value};

use super::body::media;
use super::change::{Changes, Direction, Severity};
use super::document::Views;
use super::walk::{Pair, walk};
use crate::document::RawOperation;
use crate::pointer::follow;

static NONE: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);

pub(super) fn compare(
    old: (&Views, &RawOperation<'_>),
    new: (&Views, &RawOperation<'_>),
    changes: &mut Changes,
) {
    let (before, after) = (responses(old), responses(new));
    let pair = Pair {
        old: &old.0.response,
        new: &new.0.response,
        direction: Direction::Response,
        what: "body",
    };
    for (status, response) in before
        .iter()
        .filter(|(status, _)| !status.starts_with("x-"))
    {
        let place = format!("response.{status}");
        match (after.get(status), follow(pair.old, response)) {
            (Some(now), Some(response)) => {
                if let Some(now) = follow(pair.new, now) {
                    media(pair, (response, now), &place, changes);
                    headers(pair, (response, now), &place, changes);
                }
            }
            (None, _) if status.starts_with('2') => {
                changes.add(
                    Severity::Breaking,
                    "response-success-status-removed",
                    &place,
                    "the status was removed",
                );
            }
            _ => {
                changes.add(
                    Severity::Info,
                    "response-non-success-status-removed",
                    &place,
                    "the status was removed",
                );
            }
        }
    }
    for status in after
        .keys()
        .filter(|status| !before.contains_key(*status) && !status.starts_with("x-"))
    {
        let rule = if status.starts_with('2') {
            "response-success-status-added"
        } else {
            "response-non-success-status-added"
        };
        changes.add(
            Severity::Info,
            rule,
            &format!("response.{status}"),
            "the status is new",
        );
    }
}

fn responses<'a>(side: (&'a Views, &RawOperation<'_>)) -> &'a Map<String, Value> {
    let operation = side.0.response.pointer(&side.1.pointer);
    operation
        .and_then(|operation| operation.get("responses"))
        .and_then(Value::as_object)
        .unwrap_or(&NONE)
}

fn headers(pair: Pair<'_>, responses: (&Value, &Value), place: &str, changes: &mut Changes) {
    let list = |response: &'_ Value| {
        response
            .get("headers")
            .and_then(Value::as_object)
            .cloned()
            .unwrap_or_default()
    };
    let (before, after) = (list(responses.0), list(responses.1));
    let required = |root: &Value, header: &Value| {
        follow(root, header).is_some_and(|header| header["required"] == Value::Bool(true))
    };
    for (name, header) in &before {
        let place = format!("{place}.header.{name}");
        let now = after
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, header)| header);
        let was_required = required(pair.old, header);
        match now {
            None if was_required => {
                changes.add(
                    Severity::Breaking,
                    "required-response-header-removed",
                    &place,
                    "a header that was always sent is gone",
                );
            }
            None => changes.add(
                Severity::Warning,
                "optional-response-header-removed",
                &place,
                "the header is gone",
            ),
            Some(now) => {
                if was_required && !required(pair.new, now) {
                    changes.add(
                        Severity::Breaking,
                        "response-header-became-optional",
                        &place,
                        "the header is not always sent now",
                    );
                }
                let schema = |root: &Value, header: &Value| {
                    let schema = follow(root, header).and_then(|header| header.get("schema"));
                    schema.cloned().unwrap_or(Value::Bool(true))
                };
                let pair = Pair {
                    what: "header",
                    ..pair
                };
                walk(
                    pair,
                    (&schema(pair.old, header), &schema(pair.new, now)),
                    &place,
                    changes,
                );
            }
        }
    }
    for name in after
        .keys()
        .filter(|name| !before.keys().any(|other| other.eq_ignore_ascii_case(name)))
    {
        changes.add(
            Severity::Info,
            "response-header-added",
            &format!("{place}.header.{name}"),
            "the header is new",
        );
    }
}
