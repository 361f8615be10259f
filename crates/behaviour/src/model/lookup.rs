//! Values of JSON that come in.

use serde_json::{Map, Value};

use super::parts::Input;
use crate::expression::Kind;

impl Input {
    /// What `desired` says, or the default where it says nothing of the right kind.
    pub(super) fn look_up(&self, desired: &Map<String, Value>) -> f64 {
        self.wanted(desired).unwrap_or(self.default)
    }

    /// What `desired` says; nothing where it says nothing of the right kind.
    pub(super) fn wanted(&self, desired: &Map<String, Value>) -> Option<f64> {
        let value = find(desired, &self.path)?;
        number(value, self.kind).map(|value| self.bounds.hold(value))
    }
}

fn find<'v>(members: &'v Map<String, Value>, path: &[String]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    let value = members.get(first)?;
    if rest.is_empty() {
        return Some(value);
    }
    find(value.as_object()?, rest)
}

/// The value as models reckon with it.
pub(super) fn number(value: &Value, kind: Kind) -> Option<f64> {
    match (value, kind) {
        (Value::Number(number), Kind::Number) => number.as_f64().filter(|value| value.is_finite()),
        (Value::Bool(truth), Kind::Boolean) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parts::Bounds;
    use serde_json::json;

    #[test]
    fn what_is_desired_is_found_and_bounded() {
        let input = Input {
            path: vec!["motor".into(), "speed".into()],
            kind: Kind::Number,
            default: 5.0,
            bounds: Bounds {
                least: 0.0,
                most: 10.0,
            },
        };
        let look_up = |value: Value| input.look_up(value.as_object().unwrap());
        assert_eq!(look_up(json!({"motor": {"speed": 7}})), 7.0);
        assert_eq!(look_up(json!({"motor": {"speed": 70.5}})), 10.0);
        for other in [
            json!({}),
            json!({"motor": 7}),
            json!({"motor": {"speed": "7"}}),
            json!({"motor": {"speed": true}}),
            json!({"motor": {"speed": null}}),
        ] {
            assert_eq!(look_up(other), 5.0);
        }
    }
}
