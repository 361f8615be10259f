//! When the values of a section were written.

use serde::de::Error as _;
use serde::ser::{SerializeMap as _, SerializeSeq as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The seconds in which the values of a section were written. Written out, each is `{"timestamp": second}`; held, it is the number alone,
/// since a map for each value would be most of what a twin costs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Times(pub(crate) Map<String, Value>);

impl Times {
    /// The shape of the section, with the second since 1970 in the place of each value that is no object and no array.
    #[must_use]
    pub const fn seconds(&self) -> &Map<String, Value> {
        &self.0
    }
}

/// The times of a value that was written as a whole; those of an array stand in an array of the same length.
pub(crate) fn times(value: &Value, now: i64) -> Value {
    match value {
        Value::Object(members) => Value::Object(all(members, now).0),
        Value::Array(items) => Value::Array(items.iter().map(|item| times(item, now)).collect()),
        _ => now.into(),
    }
}

/// The times of members that were all written at once.
pub(crate) fn all(members: &Map<String, Value>, now: i64) -> Times {
    let each = members
        .iter()
        .map(|(name, value)| (name.clone(), times(value, now)));
    Times(each.collect())
}

/// The second as AWS writes it.
pub(crate) struct Stamp<'a>(pub(crate) &'a Value);

impl Serialize for Stamp<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry("timestamp", self.0)?;
        map.end()
    }
}

struct Members<'a>(&'a Map<String, Value>);

struct Time<'a>(&'a Value);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, time) in self.0 {
            map.serialize_entry(name, &Time(time))?;
        }
        map.end()
    }
}

impl Serialize for Time<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Object(members) => Members(members).serialize(serializer),
            Value::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    sequence.serialize_element(&Time(item))?;
                }
                sequence.end()
            }
            second => Stamp(second).serialize(serializer),
        }
    }
}

impl Serialize for Times {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Members(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Times {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Map::deserialize(deserializer)?;
        let held = members.values_mut().try_for_each(hold);
        held.map_err(D::Error::custom)?;
        Ok(Self(members))
    }
}

/// Puts the second in the place of each `{"timestamp": second}`. A member of the state that is called so has an object there itself.
fn hold(time: &mut Value) -> Result<(), &'static str> {
    match time {
        Value::Object(members) => {
            if members.len() == 1
                && let Some(second) = members.get("timestamp").filter(|second| second.is_i64())
            {
                *time = second.clone();
                return Ok(());
            }
            members.values_mut().try_for_each(hold)
        }
        Value::Array(items) => items.iter_mut().try_for_each(hold),
        _ => Err("the times of a section are objects with a timestamp"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_second_is_written_as_a_timestamp_and_read_again() {
        let stamp = |second: i64| json!({"timestamp": second});
        let written = json!({
            "a": stamp(1),
            "b": [stamp(2), {"c": stamp(3)}, []],
            "timestamp": stamp(4),
            "d": {"timestamp": stamp(5)},
            "e": {},
        });
        let times: Times = serde_json::from_value(written.clone()).unwrap();
        let held =
            json!({"a": 1, "b": [2, {"c": 3}, []], "timestamp": 4, "d": {"timestamp": 5}, "e": {}});
        assert_eq!(Some(times.seconds()), held.as_object());
        assert_eq!(serde_json::to_value(&times).unwrap(), written);
        for wrong in [json!({"a": 1}), json!({"a": {"timestamp": "1"}}), json!([])] {
            assert!(serde_json::from_value::<Times>(wrong).is_err());
        }
    }
}
