//! The operations of a document, with what they inherit from their path.

use serde_json::Value;

use super::Document;
use crate::pointer::{follow_at, join};

/// The methods of OpenAPI, as a path item spells them.
pub(crate) const METHODS: [&str; 8] = [
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// An operation as the document has it.
#[derive(Clone, Debug)]
pub(crate) struct RawOperation<'a> {
    pub(crate) path: &'a str,
    /// In capitals.
    pub(crate) method: String,
    pub(crate) value: &'a Value,
    /// Where it stands.
    pub(crate) pointer: String,
    /// Its parameters and its path's, references followed, its own before the path's of the same name and place.
    pub(crate) parameters: Vec<(&'a Value, String)>,
    /// The servers that count for it.
    pub(crate) servers: Option<&'a Value>,
}

/// All operations, in the order of the document.
pub(crate) fn operations(document: &Document) -> Vec<RawOperation<'_>> {
    let root = document.value();
    let mut found = Vec::with_capacity(document.operations());
    let paths = root.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten() {
        let Some((item, at)) = follow_at(root, item, &join("/paths", path)) else {
            continue;
        };
        for method in METHODS {
            if path.starts_with('/')
                && let Some(value) = item.get(method)
            {
                let pointer = join(&at, method);
                found.push(RawOperation {
                    path,
                    method: method.to_ascii_uppercase(),
                    value,
                    parameters: parameters(root, (item, &at), (value, &pointer)),
                    pointer,
                    servers: [value, item, root]
                        .iter()
                        .find_map(|level| level.get("servers")),
                });
            }
        }
    }
    found
}

fn parameters<'a>(
    root: &'a Value,
    item: (&'a Value, &str),
    operation: (&'a Value, &str),
) -> Vec<(&'a Value, String)> {
    let mut found: Vec<(&Value, String)> = Vec::new();
    for (owner, at) in [operation, item] {
        let list = owner.get("parameters").and_then(Value::as_array);
        for (index, raw) in list.into_iter().flatten().enumerate() {
            let at = format!("{at}/parameters/{index}");
            if let Some((parameter, at)) = follow_at(root, raw, &at) {
                let same = |other: &Value| {
                    other["name"] == parameter["name"] && other["in"] == parameter["in"]
                };
                if !found.iter().any(|(other, _)| same(other)) {
                    found.push((parameter, at));
                }
            }
        }
    }
    found
}

/// Whether `method`, in capitals, is one of OpenAPI's.
pub(crate) fn is_method(method: &str) -> bool {
    METHODS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(method))
}
