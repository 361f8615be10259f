//! Schemas that stand for themselves: `allOf: [$ref to itself]` says nothing and would never end.

use std::collections::HashMap;

use serde_json::Value;

use crate::error::ContractError;
use crate::pointer;

/// Words whose schemas are applied to the same value as the schema that has them.
const IN_PLACE: [&str; 7] = ["allOf", "anyOf", "oneOf", "not", "if", "then", "else"];

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Done,
}

/// Refuses a reference that leads back to its own schema without a property or an item between.
pub(super) fn refuse_circles(root: &Value) -> Result<(), ContractError> {
    let mut references = Vec::new();
    collect(root, &mut references);
    let mut states = HashMap::new();
    for reference in references {
        visit(root, reference, &mut states, 0)?;
    }
    Ok(())
}

fn collect<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                found.push(reference);
            }
            object.values().for_each(|child| collect(child, found));
        }
        _ => {}
    }
}

fn visit<'a>(
    root: &'a Value,
    reference: &'a str,
    states: &mut HashMap<&'a str, State>,
    depth: usize,
) -> Result<(), ContractError> {
    let refuse = |problem| ContractError::Reference {
        pointer: reference.trim_start_matches('#').to_owned(),
        reference: reference.to_owned(),
        problem,
    };
    match states.get(reference) {
        Some(State::Done) => return Ok(()),
        Some(State::Open) => return Err(refuse("leads in a circle")),
        None if depth > 4 * crate::limits::REFERENCE_CHAIN => {
            return Err(refuse("leads through too many others"));
        }
        None => {}
    }
    states.insert(reference, State::Open);
    if let Some(target) = pointer::local(root, reference) {
        let mut next = Vec::new();
        in_place(target, &mut next);
        for reference in next {
            visit(root, reference, states, depth + 1)?;
        }
    }
    states.insert(reference, State::Done);
    Ok(())
}

fn in_place<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
    let Some(object) = schema.as_object() else {
        return;
    };
    if let Some(Value::String(reference)) = object.get("$ref") {
        found.push(reference);
    }
    for word in IN_PLACE {
        match object.get(word) {
            Some(Value::Array(branches)) => {
                for branch in branches {
                    in_place(branch, found);
                }
            }

            Some(branch) => in_place(branch, found),
            None => {}
        }
    }
    if let Some(Value::Object(dependent)) = object.get("dependentSchemas") {
        dependent
            .values()
            .for_each(|branch| in_place(branch, found));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_circles_without_a_step_into_the_value_are_refused() {
        let tree = json!({"A": {"properties": {"child": {"$ref": "#/A"}}, "anyOf": [{"$ref": "#/B"}]}, "B": {"items": {"$ref": "#/A"}}});
        assert!(refuse_circles(&tree).is_ok());
        for word in ["allOf", "anyOf", "oneOf"] {
            let circle = json!({"A": {word: [{"$ref": "#/B"}]}, "B": {"not": {"$ref": "#/A"}}});
            assert!(refuse_circles(&circle).is_err(), "{word}");
        }
        assert!(
            refuse_circles(&json!({"A": {"dependentSchemas": {"x": {"$ref": "#/A"}}}})).is_err()
        );
    }
}
