//! What must hold of a document before anything is made of it.

use serde_json::Value;

use super::operations::METHODS;
use crate::error::ContractError;
use crate::limits;
use crate::pointer::{self, join};

/// Refuses a document that is nested too deeply for code that walks it.
pub(super) fn depth(value: &Value) -> Result<(), ContractError> {
    let mut rest = vec![(value, 1)];
    while let Some((value, depth)) = rest.pop() {
        if depth > limits::DOCUMENT_DEPTH {
            return Err(ContractError::TooLarge(format!(
                "the document is nested deeper than {}",
                limits::DOCUMENT_DEPTH
            )));
        }
        match value {
            Value::Array(items) => rest.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(object) => rest.extend(object.values().map(|item| (item, depth + 1))),
            _ => {}
        }
    }
    Ok(())
}

/// Holds references and paths to the rules; says how many operations there are.
pub(super) fn verify(root: &Value) -> Result<usize, ContractError> {
    references(root, root, "", false)?;
    super::circles::refuse_circles(root)?;
    let Some(paths) = root.get("paths") else {
        return Ok(0);
    };
    let paths = paths
        .as_object()
        .ok_or_else(|| ContractError::shape("/paths", "the paths must be an object"))?;
    let mut count = 0;
    for (path, item) in paths {
        if path.starts_with("x-") {
            continue;
        }
        let at = join("/paths", path);
        if !path.starts_with('/') {
            return Err(ContractError::shape(&at, "a path begins with `/`"));
        }
        let item = pointer::follow(root, item)
            .and_then(Value::as_object)
            .ok_or_else(|| ContractError::shape(&at, "a path must be an object"))?;
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                count += 1;
                if !operation.is_object() {
                    let problem = "an operation must be an object";
                    return Err(ContractError::shape(&join(&at, method), problem));
                }
            }
        }
        if count > limits::OPERATIONS {
            return Err(ContractError::TooLarge(format!(
                "the document has more than {} operations",
                limits::OPERATIONS
            )));
        }
    }
    Ok(count)
}

/// Every `$ref` leads to something in this document. Within data and under `properties` the word is not a reference.
fn references(root: &Value, value: &Value, at: &str, names: bool) -> Result<(), ContractError> {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                references(root, item, &format!("{at}/{index}"), false)?;
            }
        }
        Value::Object(object) => {
            if !names && let Some(Value::String(reference)) = object.get("$ref") {
                reference_leads_somewhere(root, value, reference, at)?;
            }
            for (key, child) in object {
                let data = !names
                    && matches!(
                        key.as_str(),
                        "example" | "default" | "enum" | "const" | "value"
                    );
                if !data {
                    let names =
                        !names && matches!(key.as_str(), "properties" | "$defs" | "schemas");
                    references(root, child, &join(at, key), names)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn reference_leads_somewhere(
    root: &Value,
    value: &Value,
    reference: &str,
    at: &str,
) -> Result<(), ContractError> {
    let refuse = |problem| ContractError::Reference {
        pointer: at.to_owned(),
        reference: reference.chars().take(limits::ECHO).collect(),
        problem,
    };
    if !reference.starts_with("#/") && reference != "#" {
        return Err(refuse("leads out of the document"));
    }
    if pointer::local(root, reference).is_none() {
        return Err(refuse("leads nowhere"));
    }
    if pointer::follow(root, value).is_none() {
        return Err(refuse("leads in a circle, or through too many others"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn refused(schemas: &Value) -> ContractError {
        verify(&json!({"components": {"schemas": schemas}})).unwrap_err()
    }

    #[test]
    fn references_out_nowhere_and_in_circles_are_refused() {
        for reference in [
            "https://169.254.169.254/x",
            "other.yaml#/A",
            "file:///etc/passwd",
            "#anchor",
        ] {
            let error = refused(&json!({"A": {"$ref": reference}}));
            let ContractError::Reference {
                pointer, problem, ..
            } = error
            else {
                panic!("{error}");
            };
            assert_eq!(
                (pointer.as_str(), problem),
                ("/components/schemas/A", "leads out of the document")
            );
        }
        assert!(
            refused(&json!({"A": {"$ref": "#/components/schemas/B"}}))
                .to_string()
                .contains("nowhere")
        );
        let circle = json!({"A": {"$ref": "#/components/schemas/B"}, "B": {"$ref": "#/components/schemas/A"}});
        assert!(refused(&circle).to_string().contains("circle"));
    }

    #[test]
    fn a_property_or_a_value_called_ref_is_none() {
        let schemas =
            json!({"A": {"properties": {"$ref": {"type": "string"}}, "default": {"$ref": "x"}}});
        assert_eq!(
            verify(&json!({"components": {"schemas": schemas}})).unwrap(),
            0
        );
    }

    #[test]
    fn paths_are_objects_that_begin_with_a_slash() {
        assert!(verify(&json!({"paths": []})).is_err());
        assert!(verify(&json!({"paths": {"a": {}}})).is_err());
        assert!(verify(&json!({"paths": {"/a": {"get": 1}}})).is_err());
        assert_eq!(
            verify(&json!({"paths": {"/a": {"get": {}, "summary": "x"}, "x-a": 1}})).unwrap(),
            1
        );
        let many: serde_json::Map<_, _> = (0..=limits::OPERATIONS)
            .map(|index| (format!("/{index}"), json!({"get": {}})))
            .collect();
        assert!(matches!(
            verify(&json!({"paths": many})).unwrap_err(),
            ContractError::TooLarge(_)
        ));
    }
}
