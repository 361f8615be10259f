//! Writing into a section.

use serde_json::{Map, Value};

/// The leaf of the metadata that says when a value was written.
pub(crate) fn stamp(now: i64) -> Value {
    Value::Object(Map::from_iter([("timestamp".to_owned(), now.into())]))
}

/// Writes `change` into `state` and the time of each written leaf into `metadata`. What is null goes, and objects are united; everything
/// else, arrays too, is replaced as a whole.
pub(crate) fn merge(
    state: &mut Map<String, Value>,
    metadata: &mut Map<String, Value>,
    change: &Map<String, Value>,
    now: i64,
) {
    for (name, value) in change {
        match value {
            Value::Null => {
                state.shift_remove(name);
                metadata.shift_remove(name);
            }
            Value::Object(change) => {
                let inner = object(state, name);
                let times = object(metadata, name);
                // Where an array or a leaf was, its time goes with it.
                if inner.1 {
                    times.0.clear();
                }
                merge(inner.0, times.0, change, now);
            }
            value => {
                state.insert(name.clone(), value.clone());
                metadata.insert(name.clone(), times(value, now));
            }
        }
    }
}

/// The object called `name`, and whether it is new.
fn object<'a>(
    members: &'a mut Map<String, Value>,
    name: &str,
) -> (&'a mut Map<String, Value>, bool) {
    let slot = members.entry(name).or_insert(Value::Null);
    let new = !slot.is_object();
    if new {
        *slot = Value::Object(Map::new());
    }
    match slot {
        Value::Object(members) => (members, new),
        // It was made an object just above.
        _ => unreachable!(),
    }
}

/// The times of a value that was written as a whole; those of an array stand in an array of the same length.
pub(crate) fn times(value: &Value, now: i64) -> Value {
    match value {
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), times(value, now)))
                .collect(),
        ),
        Value::Array(items) => Value::Array(items.iter().map(|item| times(item, now)).collect()),
        _ => stamp(now),
    }
}
