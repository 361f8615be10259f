//! Members of JSON objects that lie in one another.

use serde_json::{Map, Value};

/// Writes `value` to where `path` leads; what is on the way and no object becomes one.
pub(crate) fn write(members: &mut Map<String, Value>, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        return;
    };
    if rest.is_empty() {
        members.insert(first.clone(), value);
        return;
    }
    let slot = members.entry(first.as_str()).or_insert(Value::Null);
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(inner) = slot {
        write(inner, rest, value);
    }
}

/// Unites `change` with `members`: objects are united, null takes away, everything else is replaced.
pub(crate) fn unite(members: &mut Map<String, Value>, change: &Map<String, Value>) {
    for (name, value) in change {
        match (value, members.get_mut(name)) {
            (Value::Null, _) => {
                members.shift_remove(name);
            }
            (Value::Object(change), Some(Value::Object(inner))) => unite(inner, change),
            _ => {
                members.insert(name.clone(), value.clone());
            }
        }
    }
}

/// The names of a path that is written with `.` between them; nothing where one of them is empty.
pub(crate) fn read(text: &str) -> Option<Vec<String>> {
    let path: Vec<String> = text.split('.').map(Into::into).collect();
    path.iter().all(|name| !name.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(members) => members,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_path_makes_its_way() {
        let mut members = object(json!({"motor": {"speed": 1, "on": true}, "mode": "eco"}));
        let path = |text| read(text).unwrap();
        write(&mut members, &path("motor.speed"), json!(2));
        write(&mut members, &path("mode.name"), json!("eco"));
        write(&mut members, &path("limit"), json!(null));
        let wanted =
            json!({"motor": {"speed": 2, "on": true}, "mode": {"name": "eco"}, "limit": null});
        assert_eq!(Value::Object(members), wanted);
        for bad in ["", ".", "a.", ".a", "a..b"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_change_is_united_with_what_is_there() {
        let mut members = object(json!({"motor": {"speed": 1, "on": true}, "mode": "eco"}));
        unite(
            &mut members,
            &object(json!({"motor": {"speed": 2}, "mode": null, "x": [1]})),
        );
        let wanted = json!({"motor": {"speed": 2, "on": true}, "x": [1]});
        assert_eq!(Value::Object(members), wanted);
    }
}
