//! From the text of a parameter to the value that its schema speaks of.

use serde_json::{Map, Value};

use crate::compile::{Parameter, Style, Types};
use crate::limits::PARAMETER_ELEMENTS;

/// What stands in the request for one parameter.
#[derive(Debug)]
pub(super) enum Text {
    /// One text, decoded, and its raw form where separators count before decoding.
    One {
        decoded: String,
        raw: Option<String>,
    },
    /// Several texts of one name, or several names.
    Many(Vec<(String, String)>),
}

/// Makes the values that `text` can mean, the likeliest first. Nothing when it has no meaning or too many parts.
pub(super) fn values(parameter: &Parameter, text: &Text) -> Vec<Value> {
    match text {
        Text::Many(pairs) if pairs.len() > PARAMETER_ELEMENTS => Vec::new(),
        Text::Many(pairs) => many(parameter, pairs),
        Text::One { decoded, .. } if parameter.style == Style::Json => {
            serde_json::from_str(decoded).into_iter().collect()
        }
        Text::One { decoded, raw } => one(parameter, decoded, raw.as_deref()),
    }
}

fn many(parameter: &Parameter, pairs: &[(String, String)]) -> Vec<Value> {
    if parameter.types.array && pairs.iter().all(|(name, _)| *name == parameter.name) {
        let items = pairs.iter().map(|(_, text)| scalar(parameter.items, text));
        return vec![Value::Array(items.collect())];
    }
    vec![object(
        parameter,
        pairs
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )]
}

fn one(parameter: &Parameter, decoded: &str, raw: Option<&str>) -> Vec<Value> {
    let types = parameter.types;
    let mut values = scalars(types, decoded);
    let (separator, pairs) = match parameter.style {
        Style::Separated(separator) => (separator, false),
        Style::Pairs => (',', true),
        Style::Exploded | Style::Json | Style::Unchecked => return values,
    };
    let parts = parts(decoded, raw, separator);
    if parts.len() > PARAMETER_ELEMENTS {
        return Vec::new();
    }
    if types.array {
        let items = parts.iter().map(|part| scalar(parameter.items, part));
        values.insert(0, Value::Array(items.collect()));
    }
    if types.object && (pairs || parts.len().is_multiple_of(2)) {
        let named = if pairs {
            let split = parts.iter().filter_map(|part| part.split_once('='));
            object(parameter, split)
        } else {
            object(
                parameter,
                parts
                    .chunks(2)
                    .map(|pair| (pair[0].as_str(), pair[1].as_str())),
            )
        };
        let place = usize::from(types.array);
        values.insert(place, named);
    }
    values
}

fn parts(decoded: &str, raw: Option<&str>, separator: char) -> Vec<String> {
    if decoded.is_empty() {
        return Vec::new();
    }
    let raw_works = separator == ',' || separator == '|';
    match raw {
        // A comma that is encoded belongs to a value.
        Some(raw) if raw_works && raw.contains(separator) => {
            raw.split(separator).map(super::query::decode).collect()
        }
        Some(_) if separator == ',' => vec![decoded.to_owned()],
        _ => decoded
            .split(separator)
            .map(|part| part.trim().to_owned())
            .collect(),
    }
}

fn object<'a>(parameter: &Parameter, pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Value {
    let mut object = Map::new();
    for (name, text) in pairs {
        let known = parameter.properties.iter().find(|(known, _)| known == name);
        let types = known.map_or_else(Types::all, |(_, types)| *types);
        object.insert(name.to_owned(), scalar(types, text));
    }
    Value::Object(object)
}

/// The likeliest meaning of a text.
fn scalar(types: Types, text: &str) -> Value {
    scalars(types, text)
        .into_iter()
        .next()
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

/// Every meaning of a text, the likeliest first. There is always one: a text that is no number is judged as a text.
fn scalars(types: Types, text: &str) -> Vec<Value> {
    let mut values = Vec::with_capacity(1);
    if types.boolean && (text == "true" || text == "false") {
        values.push(Value::Bool(text == "true"));
    }
    if types.number
        && let Some(number) = number(text)
    {
        values.push(number);
    }
    if types.null && (text.is_empty() || text == "null") {
        values.push(Value::Null);
    }
    if types.string || values.is_empty() {
        values.push(Value::String(text.to_owned()));
    }
    values
}

/// A number as JSON writes it; `1e400` and `0x10` are none.
fn number(text: &str) -> Option<Value> {
    let first = text.bytes().next()?;
    if text.len() > 64 || !(first == b'-' || first.is_ascii_digit()) {
        return None;
    }
    serde_json::from_str(text).ok().filter(Value::is_number)
}
