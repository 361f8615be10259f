//! Two documents.

use std::collections::BTreeMap;

use serde_json::Value;

use super::change::{Change, Changes, Severity};
use super::operation;
use super::security;
use crate::compile::{ViewDirection, view};
use crate::document::{Document, RawOperation, operations};

/// The two views of one document.
pub(super) struct Views {
    pub(super) request: Value,
    pub(super) response: Value,
}

impl Views {
    fn of(document: &Document) -> Self {
        Self {
            request: view(document.value(), ViewDirection::Request),
            response: view(document.value(), ViewDirection::Response),
        }
    }
}

/// Everything that changed from `old` to `new`, the worst first. Whether a sunset has passed is not known here; see [`diff_on`].
#[must_use]
pub fn diff(old: &Document, new: &Document) -> Vec<Change> {
    diff_on(old, new, None)
}

/// Like [`diff`], on a day (`2026-11-25`): a deprecated operation may go once its `x-sunset` has passed.
#[must_use]
pub fn diff_on(old: &Document, new: &Document, today: Option<&str>) -> Vec<Change> {
    let mut changes = Changes {
        same: old == new,
        ..Changes::default()
    };
    let views = (Views::of(old), Views::of(new));
    let (before, after) = (by_key(old), by_key(new));
    let paths =
        |operations: &BTreeMap<Key, RawOperation<'_>>| -> std::collections::BTreeSet<String> {
            operations.keys().map(|(path, _)| path.clone()).collect()
        };
    let new_paths = paths(&after);
    for (key, operation) in &before {
        changes.operation = format!("{} {}", operation.method, operation.path);
        match after.get(key) {
            Some(now) => operation::compare((&views.0, operation), (&views.1, now), &mut changes),
            None => operation::removed(operation, new_paths.contains(&key.0), today, &mut changes),
        }
    }
    for (key, operation) in &after {
        if !before.contains_key(key) {
            changes.operation = format!("{} {}", operation.method, operation.path);
            changes.add(Severity::Info, "endpoint-added", "", "the operation is new");
        }
    }
    changes.operation = String::new();
    security::documents(old.value(), new.value(), &mut changes);
    metadata(old, new, &mut changes);
    let mut found = changes.found;
    found.sort_by(|a, b| {
        (b.severity, &a.operation, &a.place, &a.rule, &a.text).cmp(&(
            a.severity,
            &b.operation,
            &b.place,
            &b.rule,
            &b.text,
        ))
    });
    found.dedup();
    found
}

fn metadata(old: &Document, new: &Document, changes: &mut Changes) {
    if old.title() != new.title() {
        changes.add(
            Severity::Info,
            "api-title-changed",
            "info.title",
            "the title of the API changed",
        );
    }
    if old.version() != new.version() {
        let text = format!(
            "the version of the API went from `{}` to `{}`",
            short(old.version()),
            short(new.version())
        );
        changes.add(Severity::Info, "api-version-changed", "info.version", text);
    }
}

fn short(text: &str) -> String {
    text.chars().take(40).collect()
}

type Key = (String, String);

/// Operations by path and method. What a parameter of a path is called does not matter to those who call it.
fn by_key(document: &Document) -> BTreeMap<Key, RawOperation<'_>> {
    operations(document)
        .into_iter()
        .map(|operation| {
            (
                (nameless(operation.path), operation.method.clone()),
                operation,
            )
        })
        .collect()
}

pub(super) fn nameless(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    let mut inside = false;
    for character in path.chars() {
        match character {
            '{' => {
                inside = true;
                text.push_str("{}");
            }
            '}' => inside = false,
            other if !inside => text.push(other),
            _ => {}
        }
    }
    text
}
