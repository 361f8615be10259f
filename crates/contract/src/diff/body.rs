//! The body of a request, and media types of both directions.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Changes, Direction, Severity};
use super::document::Views;
use super::walk::{Pair, walk};
use crate::document::RawOperation;
use crate::pointer::follow;

pub(super) fn compare(
    old: (&Views, &RawOperation<'_>),
    new: (&Views, &RawOperation<'_>),
    changes: &mut Changes,
) {
    let (before, after) = (body(old), body(new));
    let required = |body: &Value| body["required"] == Value::Bool(true);
    match (before, after) {
        (None, None) => {}
        (None, Some(body)) if required(body) => {
            changes.add(
                Severity::Breaking,
                "request-body-added-required",
                "request.body",
                "the request has a required body now",
            );
        }
        (None, Some(_)) => {
            changes.add(
                Severity::Info,
                "request-body-added-optional",
                "request.body",
                "the request may have a body now",
            );
        }
        (Some(_), None) => {
            changes.add(
                Severity::Breaking,
                "request-body-removed",
                "request.body",
                "the request has no body any more",
            );
        }
        (Some(before), Some(after)) => {
            match (required(before), required(after)) {
                (false, true) => {
                    changes.add(
                        Severity::Breaking,
                        "request-body-became-required",
                        "request.body",
                        "the body is required now",
                    );
                }
                (true, false) => {
                    changes.add(
                        Severity::Info,
                        "request-body-became-optional",
                        "request.body",
                        "the body is optional now",
                    );
                }
                _ => {}
            }
            let pair = Pair {
                old: &old.0.request,
                new: &new.0.request,
                direction: Direction::Request,
                what: "body",
            };
            media(pair, (before, after), "request.body", changes);
        }
    }
}

fn body<'a>(side: (&'a Views, &RawOperation<'_>)) -> Option<&'a Value> {
    let root = &side.0.request;
    follow(root, root.pointer(&side.1.pointer)?.get("requestBody")?)
}

/// Compares the `content` of two bodies.
pub(super) fn media(pair: Pair<'_>, bodies: (&Value, &Value), place: &str, changes: &mut Changes) {
    let (before, after) = (content(bodies.0), content(bodies.1));
    let name = pair.direction.name();
    for (media_type, medium) in &before {
        match after.get(media_type) {
            Some(now) => {
                let schema =
                    |medium: &Value| medium.get("schema").cloned().unwrap_or(Value::Bool(true));
                walk(pair, (&schema(medium), &schema(now)), place, changes);
            }
            None if !after.contains_key("*/*") => {
                // A client that asks for, or sends, this type is lost in both directions.
                let rule = format!(
                    "{name}-{}media-type-removed",
                    if name == "request" { "body-" } else { "" }
                );
                changes.add(
                    Severity::Breaking,
                    rule,
                    place,
                    format!("the media type `{media_type}` was removed"),
                );
            }
            None => {}
        }
    }
    for media_type in after
        .keys()
        .filter(|media_type| !before.contains_key(*media_type))
    {
        let rule = format!(
            "{name}-{}media-type-added",
            if name == "request" { "body-" } else { "" }
        );
        changes.add(
            Severity::Info,
            rule,
            place,
            format!("the media type `{media_type}` is new"),
        );
    }
}

fn content(body: &Value) -> BTreeMap<String, &Value> {
    let content = body.get("content").and_then(Value::as_object);
    content
        .into_iter()
        .flatten()
        .map(|(name, medium)| (crate::compile::essence(name), medium))
        .collect()
}
