//! The words of a schema that speak of one JSON type.

use serde_json::{Map, Value};

use super::shape::{Arrays, Numbers, Objects, Shape, Strings, list};

pub(super) fn fill(shape: &mut Shape, object: &Map<String, Value>) {
    if let Some(part) = &mut shape.number {
        numbers(part, object);
    }
    if let Some(part) = &mut shape.string {
        strings(part, object);
    }
    if let Some(part) = &mut shape.array {
        arrays(part, object);
    }
    if let Some(part) = &mut shape.object {
        objects(part, object);
    }
}

fn count(object: &Map<String, Value>, word: &str) -> Option<u64> {
    let value = object.get(word)?;
    value
        .as_u64()
        .or_else(|| value.as_f64().map(|number| number as u64))
}

fn numbers(part: &mut Numbers, object: &Map<String, Value>) {
    let bound = |word: &str| object.get(word).and_then(Value::as_f64);
    part.low = tighter(
        bound("minimum").map(|at| (at, false)),
        bound("exclusiveMinimum").map(|at| (at, true)),
        true,
    );
    part.high = tighter(
        bound("maximum").map(|at| (at, false)),
        bound("exclusiveMaximum").map(|at| (at, true)),
        false,
    );
    part.multiples.extend(bound("multipleOf"));
    if let Some(format) = object.get("format").and_then(Value::as_str)
        && matches!(format, "int32" | "int64" | "float" | "double")
    {
        part.formats.insert(format.to_owned());
    }
    whole(part);
}

/// Bounds of integers in their closed, whole form. Beyond 2^53 a bound stays as it is: there it may be rounded.
pub(super) fn whole(part: &mut Numbers) {
    let safe = |at: f64| at.abs() < 9_007_199_254_740_992.0;
    if !part.integer {
        return;
    }
    if let Some((at, open)) = part.low.filter(|(at, _)| safe(*at)) {
        let up = at.ceil();
        part.low = Some((if open && up <= at { up + 1.0 } else { up }, false));
    }
    if let Some((at, open)) = part.high.filter(|(at, _)| safe(*at)) {
        let down = at.floor();
        part.high = Some((if open && down >= at { down - 1.0 } else { down }, false));
    }
}

/// The bound that lets less through.
pub(super) fn tighter(
    left: Option<(f64, bool)>,
    right: Option<(f64, bool)>,
    low: bool,
) -> Option<(f64, bool)> {
    match (left, right) {
        (Some((a, open_a)), Some((b, open_b))) => {
            let first = if low { a > b } else { a < b };
            if a == b {
                Some((a, open_a || open_b))
            } else if first {
                Some((a, open_a))
            } else {
                Some((b, open_b))
            }
        }
        (bound, None) | (None, bound) => bound,
    }
}

fn strings(part: &mut Strings, object: &Map<String, Value>) {
    part.shortest = count(object, "minLength").unwrap_or(0);
    part.longest = count(object, "maxLength");
    part.patterns.extend(
        object
            .get("pattern")
            .and_then(Value::as_str)
            .map(str::to_owned),
    );
    if let Some(format) = object.get("format").and_then(Value::as_str)
        && !matches!(format, "int32" | "int64" | "float" | "double" | "password")
    {
        part.formats.insert(format.to_owned());
    }
}

fn arrays(part: &mut Arrays, object: &Map<String, Value>) {
    part.fewest = count(object, "minItems").unwrap_or(0);
    part.most = count(object, "maxItems");
    part.unique = object.get("uniqueItems") == Some(&Value::Bool(true));
    part.prefix = list(object, "prefixItems").cloned().collect();
    part.items = object
        .get("items")
        .filter(|items| **items != Value::Bool(true))
        .cloned();
}

fn objects(part: &mut Objects, object: &Map<String, Value>) {
    if let Some(Value::Object(properties)) = object.get("properties") {
        part.properties = properties
            .iter()
            .map(|(name, schema)| (name.clone(), schema.clone()))
            .collect();
    }
    part.required = list(object, "required")
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    part.additional = object
        .get("additionalProperties")
        .filter(|schema| **schema != Value::Bool(true))
        .cloned();
    part.fewest = count(object, "minProperties").unwrap_or(0);
    part.most = count(object, "maxProperties");
}
