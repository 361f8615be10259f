//! Whether an alternative lets one value through.

use serde_json::Value;

use super::shape::{Answer, Numbers, Shape, Side, Strings, same_value, shapes};

/// Whether `shape` lets `value` through.
pub(super) fn accepts(side: Side<'_>, shape: &Shape, value: &Value, depth: usize) -> Answer {
    if depth > 16 {
        return Answer::Unknown;
    }
    if shape
        .values
        .as_ref()
        .is_some_and(|values| !values.iter().any(|other| same_value(other, value)))
    {
        // Nested numbers may be the same in two spellings, which is not looked into.
        let open = value.is_array() || value.is_object();
        return if open { Answer::Unknown } else { Answer::No };
    }
    let answer = match value {
        Value::Null => yes(shape.null),
        Value::Bool(_) => yes(shape.boolean),
        Value::Number(_) => shape
            .number
            .as_ref()
            .map_or(Answer::No, |part| number(part, value)),
        Value::String(text) => shape
            .string
            .as_ref()
            .map_or(Answer::No, |part| string(part, text)),
        Value::Array(items) => array(side, shape, items, depth),
        Value::Object(_) => object(side, shape, value, depth),
    };
    match answer {
        Answer::Yes if !shape.opaque.is_empty() => Answer::Unknown,
        answer => answer,
    }
}

/// Whether one of the alternatives lets `value` through.
pub(super) fn any_accepts(
    side: Side<'_>,
    alternatives: &[Shape],
    value: &Value,
    depth: usize,
) -> Answer {
    let mut answer = Answer::No;
    for shape in alternatives {
        match accepts(side, shape, value, depth) {
            Answer::Yes => return Answer::Yes,
            Answer::Unknown => answer = Answer::Unknown,
            Answer::No => {}
        }
    }
    answer
}

const fn yes(good: bool) -> Answer {
    if good { Answer::Yes } else { Answer::No }
}

fn number(part: &Numbers, value: &Value) -> Answer {
    let Some(number) = value.as_f64() else {
        return Answer::Unknown;
    };
    let low = part
        .low
        .is_none_or(|(at, open)| if open { number > at } else { number >= at });
    let high = part
        .high
        .is_none_or(|(at, open)| if open { number < at } else { number <= at });
    if !low || !high || (part.integer && number.fract() != 0.0) {
        return Answer::No;
    }
    if part.multiples.is_empty() && part.formats.is_empty() {
        Answer::Yes
    } else {
        Answer::Unknown
    }
}

fn string(part: &Strings, text: &str) -> Answer {
    let length = text.chars().count() as u64;
    if length < part.shortest || part.longest.is_some_and(|longest| length > longest) {
        return Answer::No;
    }
    if part.patterns.is_empty() && part.formats.is_empty() {
        Answer::Yes
    } else {
        Answer::Unknown
    }
}

fn all(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut result = Answer::Yes;
    for answer in answers {
        match answer {
            Answer::No => return Answer::No,
            Answer::Unknown => result = Answer::Unknown,
            Answer::Yes => {}
        }
    }
    result
}

fn array(side: Side<'_>, shape: &Shape, items: &[Value], depth: usize) -> Answer {
    let Some(part) = &shape.array else {
        return Answer::No;
    };
    let count = items.len() as u64;
    if count < part.fewest || part.most.is_some_and(|most| count > most) {
        return Answer::No;
    }
    let each = items
        .iter()
        .enumerate()
        .map(|(index, item)| any_accepts(side, &shapes(side, part.at(index)), item, depth + 1));
    match all(each) {
        Answer::Yes if part.unique && count > 1 => Answer::Unknown,
        answer => answer,
    }
}

fn object(side: Side<'_>, shape: &Shape, value: &Value, depth: usize) -> Answer {
    let (Some(part), Some(object)) = (&shape.object, value.as_object()) else {
        return Answer::No;
    };
    let count = object.len() as u64;
    if count < part.fewest
        || part.most.is_some_and(|most| count > most)
        || part.required.iter().any(|name| !object.contains_key(name))
    {
        return Answer::No;
    }
    all(object
        .iter()
        .map(|(name, value)| any_accepts(side, &shapes(side, part.of(name)), value, depth + 1)))
}
