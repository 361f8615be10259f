//! What is wanted and not yet so.

use serde_json::{Map, Value};

/// The part of `desired` that is missing in `reported` or unlike it, each leaf with the path to it, and the same part of the metadata
/// of `desired`. What only `reported` has is no difference.
pub(crate) fn delta(
    desired: &Map<String, Value>,
    metadata: &Map<String, Value>,
    reported: Option<&Map<String, Value>>,
) -> (Map<String, Value>, Map<String, Value>) {
    let (mut state, mut times) = (Map::new(), Map::new());
    for (name, wanted) in desired {
        let is = reported.and_then(|reported| reported.get(name));
        let time = metadata.get(name);
        let (value, time) = match (wanted, is) {
            (wanted, Some(is)) if wanted == is => continue,
            (Value::Object(wanted), Some(Value::Object(is))) => {
                let empty = Map::new();
                let time = time.and_then(Value::as_object).unwrap_or(&empty);
                let (inner, time) = delta(wanted, time, Some(is));
                if inner.is_empty() {
                    continue;
                }
                (Value::Object(inner), Some(Value::Object(time)))
            }
            (wanted, _) => (wanted.clone(), time.cloned()),
        };
        state.insert(name.clone(), value);
        if let Some(time) = time {
            times.insert(name.clone(), time);
        }
    }
    (state, times)
}
