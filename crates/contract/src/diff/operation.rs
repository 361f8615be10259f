//! One operation in two documents.

use serde_json::Value;

use super::change::{Changes, Severity};
use super::document::Views;
use super::{body, parameter, response, security};
use crate::document::RawOperation;

pub(super) fn compare(
    old: (&Views, &RawOperation<'_>),
    new: (&Views, &RawOperation<'_>),
    changes: &mut Changes,
) {
    let (before, after) = (old.1, new.1);
    identity(before, after, changes);
    lifetime(before, after, changes);
    tags(before, after, changes);
    parameter::compare(old, new, changes);
    body::compare(old, new, changes);
    response::compare(old, new, changes);
    security::operations(
        before.value.get("security"),
        after.value.get("security"),
        changes,
    );
}

/// An operation that is gone. `path_stays` says whether its path has other methods left.
pub(super) fn removed(
    old: &RawOperation<'_>,
    path_stays: bool,
    today: Option<&str>,
    changes: &mut Changes,
) {
    let what = if path_stays { "api" } else { "api-path" };
    if old.value["deprecated"] != Value::Bool(true) {
        let rule = format!("{what}-removed-without-deprecation");
        changes.add(
            Severity::Breaking,
            rule,
            "",
            "the operation was removed without being deprecated first",
        );
        return;
    }
    match (sunset(old.value), today) {
        (None, _) => {
            let rule = format!("{what}-removed-with-deprecation");
            changes.add(
                Severity::Info,
                rule,
                "",
                "the deprecated operation was removed",
            );
        }
        (Some(sunset), Some(today)) if sunset <= today => {
            let rule = format!("{what}-removed-after-sunset");
            changes.add(
                Severity::Info,
                rule,
                "",
                format!("the operation was removed after its sunset on {sunset}"),
            );
        }
        (Some(sunset), today) => {
            let severity = if today.is_some() {
                Severity::Breaking
            } else {
                Severity::Warning
            };
            let rule = format!("{what}-removed-before-sunset");
            changes.add(
                severity,
                rule,
                "",
                format!("the operation was removed, and its sunset is on {sunset}"),
            );
        }
    }
}

fn sunset(operation: &Value) -> Option<&str> {
    operation
        .get("x-sunset")
        .and_then(Value::as_str)
        .and_then(|text| text.get(..10))
}

fn identity(old: &RawOperation<'_>, new: &RawOperation<'_>, changes: &mut Changes) {
    match (
        old.value["operationId"].as_str(),
        new.value["operationId"].as_str(),
    ) {
        (Some(before), Some(after)) if before != after => {
            changes.add(
                Severity::Info,
                "api-operation-id-changed",
                "operationId",
                "the operation has another id",
            );
        }
        (Some(_), None) => {
            changes.add(
                Severity::Info,
                "api-operation-id-removed",
                "operationId",
                "the operation lost its id",
            );
        }
        (None, Some(_)) => {
            changes.add(
                Severity::Info,
                "api-operation-id-added",
                "operationId",
                "the operation got an id",
            );
        }
        _ => {}
    }
}

fn lifetime(old: &RawOperation<'_>, new: &RawOperation<'_>, changes: &mut Changes) {
    let deprecated =
        |operation: &RawOperation<'_>| operation.value["deprecated"] == Value::Bool(true);
    match (deprecated(old), deprecated(new)) {
        (false, true) => changes.add(
            Severity::Info,
            "endpoint-deprecated",
            "",
            "the operation is deprecated now",
        ),
        (true, false) => changes.add(
            Severity::Info,
            "endpoint-reactivated",
            "",
            "the operation is no longer deprecated",
        ),
        (true, true) => match (sunset(old.value), sunset(new.value)) {
            (Some(before), Some(after)) if after < before => {
                let text = format!("the sunset moved from {before} to {after}");
                changes.add(
                    Severity::Breaking,
                    "api-sunset-date-changed-too-small",
                    "x-sunset",
                    text,
                );
            }
            (Some(_), None) => {
                changes.add(
                    Severity::Breaking,
                    "sunset-deleted",
                    "x-sunset",
                    "the date of the sunset is gone",
                );
            }
            _ => {}
        },
        (false, false) => {}
    }
}

fn tags(old: &RawOperation<'_>, new: &RawOperation<'_>, changes: &mut Changes) {
    let list = |operation: &RawOperation<'_>| -> Vec<String> {
        let tags = operation.value["tags"].as_array();
        tags.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect()
    };
    let (before, after) = (list(old), list(new));
    if before.iter().any(|tag| !after.contains(tag)) {
        changes.add(
            Severity::Info,
            "api-tag-removed",
            "tags",
            "the operation lost a tag",
        );
    }
    if after.iter().any(|tag| !before.contains(tag)) {
        changes.add(
            Severity::Info,
            "api-tag-added",
            "tags",
            "the operation got a tag",
        );
    }
}
