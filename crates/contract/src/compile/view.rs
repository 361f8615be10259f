//! The document as a request sees it (`readOnly` counts for nothing) and as a response does (`writeOnly` must not appear).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::pointer;

/// Which way a value travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    /// From the client to the service.
    Request,
    /// Back.
    Response,
}

impl Direction {
    const fn word(self) -> &'static str {
        match self {
            Self::Request => "readOnly",
            Self::Response => "writeOnly",
        }
    }
}

/// A copy of `root` for one direction.
///
/// A `readOnly` property is not required of a request and not looked at in one: clients send back what they got, and the service ignores
/// it. A `writeOnly` property is not required of a response and forbidden in one: it is a secret most of the time.
pub(crate) fn view(root: &Value, direction: Direction) -> Value {
    let mut copy = root.clone();
    walk(root, &mut copy, direction, &BTreeSet::new());
    copy
}

/// `outer` are the properties that an enclosing `allOf` marks.
fn walk(root: &Value, value: &mut Value, direction: Direction, outer: &BTreeSet<String>) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| walk(root, item, direction, &BTreeSet::new())),
        Value::Object(object) => {
            let mut marked = outer.clone();
            collect(root, object, direction, &mut marked, 0);
            if !marked.is_empty() {
                apply(root, object, direction, &marked);
            }
            for (key, child) in object.iter_mut() {
                match (key.as_str(), child) {
                    ("example" | "examples" | "default" | "enum" | "const", _) => {}
                    ("allOf", Value::Array(branches)) => branches
                        .iter_mut()
                        .for_each(|branch| walk(root, branch, direction, &marked)),
                    (_, child) => walk(root, child, direction, &BTreeSet::new()),
                }
            }
        }
        _ => {}
    }
}

fn collect(
    root: &Value,
    object: &Map<String, Value>,
    direction: Direction,
    marked: &mut BTreeSet<String>,
    depth: usize,
) {
    if depth > 8 {
        return;
    }
    if let Some(Value::Object(properties)) = object.get("properties") {
        for (name, schema) in properties {
            if is_marked(root, schema, direction) {
                marked.insert(name.clone());
            }
        }
    }
    for branch in object
        .get("allOf")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(Value::Object(branch)) = pointer::follow(root, branch) {
            collect(root, branch, direction, marked, depth + 1);
        }
    }
}

fn is_marked(root: &Value, schema: &Value, direction: Direction) -> bool {
    let says = |schema: &Value| schema.get(direction.word()) == Some(&Value::Bool(true));
    says(schema) || pointer::follow(root, schema).is_some_and(says)
}

fn apply(
    root: &Value,
    object: &mut Map<String, Value>,
    direction: Direction,
    marked: &BTreeSet<String>,
) {
    if let Some(Value::Array(required)) = object.get_mut("required") {
        required.retain(|name| !name.as_str().is_some_and(|name| marked.contains(name)));
    }
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for (_, schema) in properties.iter_mut() {
            if is_marked(root, schema, direction) {
                *schema = json!(direction == Direction::Request);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_only_and_write_only_count_in_their_direction() {
        let root = json!({
            "A": {"required": ["id", "secret", "name"], "properties": {
                "id": {"$ref": "#/Id"}, "secret": {"type": "string", "writeOnly": true}, "name": {"type": "string"}}},
            "B": {"allOf": [{"$ref": "#/A"}, {"required": ["id", "name"]}]},
            "Id": {"type": "integer", "readOnly": true}
        });
        let request = view(&root, Direction::Request);
        assert_eq!(request["A"]["required"], json!(["secret", "name"]));
        assert_eq!(request["A"]["properties"]["id"], json!(true));
        assert_eq!(request["B"]["allOf"][1]["required"], json!(["name"]));
        let response = view(&root, Direction::Response);
        assert_eq!(response["A"]["required"], json!(["id", "name"]));
        assert_eq!(response["A"]["properties"]["secret"], json!(false));
        assert_eq!(response["B"], root["B"]);
    }
}
