//! Writing into a section.

use serde_json::{Map, Value};

use crate::times::times;

/// Writes `change` into `state` and the second of each written leaf into `seconds`. What is null goes, and objects are united; everything
/// else, arrays too, is replaced as a whole.
pub(crate) fn merge(
    state: &mut Map<String, Value>,
    seconds: &mut Map<String, Value>,
    change: &Map<String, Value>,
    now: i64,
) {
    for (name, value) in change {
        match value {
            Value::Null => {
                state.shift_remove(name);
                seconds.shift_remove(name);
            }
            Value::Object(change) => {
                let inner = object(state, name);
                let times = object(seconds, name);
                // Where an array or a leaf was, its time goes with it.
                if inner.1 {
                    times.0.clear();
                }
                merge(inner.0, times.0, change, now);
            }
            value => {
                put(state, name, value.clone());
                put(seconds, name, times(value, now));
            }
        }
    }
}

/// Puts `value` in its place; a name that is there already is not made again.
fn put(members: &mut Map<String, Value>, name: &str, value: Value) {
    match members.get_mut(name) {
        Some(slot) => *slot = value,
        None => drop(members.insert(name.to_owned(), value)),
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
