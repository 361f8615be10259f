//! OpenAPI 3.0 schemas in the words of 3.1 (JSON Schema 2020-12).

use serde_json::{Map, Value, json};

/// Fields whose content is data, not a schema.
const DATA: [&str; 6] = ["example", "examples", "default", "enum", "const", "value"];

/// Converts a whole 3.0 document in place.
///
/// Schemas are not told apart from the rest: the words that change mean nothing elsewhere in a document, other than within data, which is
/// left alone.
pub(super) fn upgrade(document: &mut Value) {
    walk(document, false);
    document["openapi"] = json!("3.1.0");
}

/// `names` is true for an object whose keys are names, such as `properties`: a property may be called `nullable`.
fn walk(value: &mut Value, names: bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| walk(item, false)),
        Value::Object(object) => {
            if !names {
                convert(object);
            }
            for (key, child) in object.iter_mut() {
                if names || !DATA.contains(&key.as_str()) {
                    walk(child, !names && is_names(key));
                }
            }
        }
        _ => {}
    }
}

fn is_names(key: &str) -> bool {
    matches!(
        key,
        "properties"
            | "schemas"
            | "responses"
            | "parameters"
            | "headers"
            | "requestBodies"
            | "content"
            | "paths"
            | "callbacks"
            | "examples"
            | "encoding"
            | "mapping"
            | "links"
    )
}

fn convert(object: &mut Map<String, Value>) {
    // In 3.0 whatever stands beside `$ref` is ignored; in 3.1 it would count.
    if object.get("$ref").is_some_and(Value::is_string) {
        object.retain(|key, _| matches!(key.as_str(), "$ref" | "summary" | "description"));
        return;
    }
    exclusive(object, "exclusiveMinimum", "minimum");
    exclusive(object, "exclusiveMaximum", "maximum");
    if let Some(nullable) = object.get("nullable").and_then(Value::as_bool) {
        object.remove("nullable");
        if nullable {
            make_nullable(object);
        }
    }
    // Only a schema has both; a media type's or parameter's `example` stays where it is.
    if is_schema(object)
        && let Some(example) = object.remove("example")
    {
        object.insert("examples".to_owned(), json!([example]));
    }
    if object.get("type").and_then(Value::as_str) == Some("string") {
        match object.get("format").and_then(Value::as_str) {
            Some("byte") => rename_format(object, "contentEncoding", "base64"),
            Some("binary") => rename_format(object, "contentMediaType", "application/octet-stream"),
            _ => {}
        }
    }
}

fn is_schema(object: &Map<String, Value>) -> bool {
    !object.contains_key("schema")
        && !object.contains_key("content")
        && [
            "type",
            "properties",
            "items",
            "enum",
            "allOf",
            "anyOf",
            "oneOf",
        ]
        .iter()
        .any(|word| object.contains_key(*word))
}

fn rename_format(object: &mut Map<String, Value>, key: &str, value: &str) {
    object.remove("format");
    object.insert(key.to_owned(), json!(value));
}

fn exclusive(object: &mut Map<String, Value>, word: &str, bound: &str) {
    match object.get(word) {
        Some(Value::Bool(true)) => {
            object.remove(word);
            if let Some(limit) = object.remove(bound) {
                object.insert(word.to_owned(), limit);
            }
        }
        Some(Value::Bool(false)) => {
            object.remove(word);
        }
        _ => {}
    }
}

fn make_nullable(object: &mut Map<String, Value>) {
    // Without `type`, 3.0 gives `nullable` no meaning.
    if let Some(Value::String(kind)) = object.get("type").cloned() {
        object.insert("type".to_owned(), json!([kind, "null"]));
        if let Some(Value::Array(values)) = object.get_mut("enum")
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upgraded(schema: &Value) -> Value {
        let mut document = json!({"openapi": "3.0.0", "components": {"schemas": {"A": schema}}});
        upgrade(&mut document);
        document["components"]["schemas"]["A"].clone()
    }

    #[test]
    fn words_of_three_point_zero_are_translated() {
        for (old, new) in [
            (
                json!({"type": "integer", "minimum": 1, "exclusiveMinimum": true}),
                json!({"type": "integer", "exclusiveMinimum": 1}),
            ),
            (
                json!({"type": "integer", "maximum": 1, "exclusiveMaximum": false}),
                json!({"type": "integer", "maximum": 1}),
            ),
            (
                json!({"type": "string", "enum": ["a"], "nullable": true}),
                json!({"type": ["string", "null"], "enum": ["a", null]}),
            ),
            (
                json!({"type": "string", "example": "x"}),
                json!({"type": "string", "examples": ["x"]}),
            ),
            (
                json!({"type": "string", "format": "byte"}),
                json!({"type": "string", "contentEncoding": "base64"}),
            ),
            (
                json!({"$ref": "#/x", "nullable": true}),
                json!({"$ref": "#/x"}),
            ),
            (
                json!({"type": "object", "properties": {"nullable": {"type": "string"}, "example": {"type": "string", "nullable": true}}}),
                json!({"type": "object", "properties": {"nullable": {"type": "string"}, "example": {"type": ["string", "null"]}}}),
            ),
            (
                json!({"type": "string", "default": {"nullable": true}}),
                json!({"type": "string", "default": {"nullable": true}}),
            ),
        ] {
            assert_eq!(upgraded(&old), new);
        }
    }
}
