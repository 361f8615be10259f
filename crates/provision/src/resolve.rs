//! The functions of templates: `Ref`, `Fn::Join`, `Fn::Select`, `Fn::Split`, `Fn::Sub` and `Fn::FindInMap`.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// How deep functions may stand in one another.
const DEPTH: usize = 16;

/// `value` with all functions replaced by what they give.
pub(super) fn resolve(
    value: &Value,
    parameters: &BTreeMap<String, Value>,
    mappings: &Value,
) -> Result<Value, String> {
    let scope = Scope {
        parameters,
        mappings,
    };
    scope.value(value, DEPTH)
}

struct Scope<'a> {
    parameters: &'a BTreeMap<String, Value>,
    mappings: &'a Value,
}

impl Scope<'_> {
    fn value(&self, value: &Value, depth: usize) -> Result<Value, String> {
        let depth = depth
            .checked_sub(1)
            .ok_or("the template's functions stand too deep in one another")?;
        match value {
            Value::Object(object) => match single(object) {
                Some(("Ref", name)) => self.parameter(name.as_str().unwrap_or_default()),
                Some((function, argument)) if function.starts_with("Fn::") => {
                    self.function(function, argument, depth)
                }
                _ => object
                    .iter()
                    .map(|(name, value)| Ok((name.clone(), self.value(value, depth)?)))
                    .collect::<Result<Map<_, _>, String>>()
                    .map(Value::Object),
            },
            Value::Array(all) => all
                .iter()
                .map(|value| self.value(value, depth))
                .collect::<Result<Vec<_>, _>>()
                .map(Value::Array),
            other => Ok(other.clone()),
        }
    }

    fn parameter(&self, name: &str) -> Result<Value, String> {
        let known = self.parameters.get(name).cloned();
        known.ok_or_else(|| format!("`{name}` is no parameter of the template"))
    }

    fn function(&self, name: &str, argument: &Value, depth: usize) -> Result<Value, String> {
        if name == "Fn::Sub" {
            return self.substitute(argument, depth);
        }
        let argument = self.value(argument, depth)?;
        let wrong = || format!("`{name}` has other arguments");
        let arguments = argument.as_array().ok_or_else(wrong)?;
        match (name, arguments.as_slice()) {
            ("Fn::Join", [Value::String(between), Value::Array(parts)]) => {
                let parts = texts(parts).ok_or_else(wrong)?;
                Ok(parts.join(between).into())
            }
            ("Fn::Split", [Value::String(at), Value::String(text)]) if !at.is_empty() => {
                Ok(text.split(at.as_str()).collect::<Vec<_>>().into())
            }
            ("Fn::Select", [place, Value::Array(all)]) => {
                let place = match place {
                    Value::String(text) => text.parse().ok(),
                    other => other.as_u64(),
                };
                let found = place
                    .and_then(|place| usize::try_from(place).ok())
                    .and_then(|place| all.get(place));
                found.cloned().ok_or_else(wrong)
            }
            (
                "Fn::FindInMap",
                [
                    Value::String(map),
                    Value::String(first),
                    Value::String(second),
                ],
            ) => {
                let found = self
                    .mappings
                    .get(map)
                    .and_then(|map| map.get(first)?.get(second));
                found.cloned().ok_or_else(|| {
                    format!("the map `{map}` has nothing for `{first}` and `{second}`")
                })
            }
            ("Fn::Join" | "Fn::Split" | "Fn::Select" | "Fn::FindInMap", _) => Err(wrong()),
            _ => Err(format!("`{name}` is no function of templates")),
        }
    }

    /// A text with `${NAME}` in it.
    fn substitute(&self, argument: &Value, depth: usize) -> Result<Value, String> {
        let (text, own) = match argument {
            Value::String(text) => (text.as_str(), Map::new()),
            Value::Array(all) => match all.as_slice() {
                [Value::String(text), Value::Object(own)] => (text.as_str(), own.clone()),
                _ => return Err("`Fn::Sub` has other arguments".into()),
            },
            _ => return Err("`Fn::Sub` has other arguments".into()),
        };
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after
                .split_once('}')
                .ok_or("a `${` in `Fn::Sub` has no end")?;
            let value = match own.get(name) {
                Some(value) => self.value(value, depth)?,
                None => self.parameter(name)?,
            };
            out.push_str(before);
            out.push_str(value.as_str().ok_or("`Fn::Sub` takes texts")?);
            rest = behind;
        }
        out.push_str(rest);
        Ok(out.into())
    }
}

fn single(object: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut all = object.iter();
    let (name, value) = all.next()?;
    all.next().is_none().then_some((name.as_str(), value))
}

fn texts(values: &[Value]) -> Option<Vec<&str>> {
    values.iter().map(Value::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn resolved(value: &Value) -> Result<Value, String> {
        let parameters = BTreeMap::from([("Serial".to_owned(), json!("a-7"))]);
        let mappings = json!({"Sites": {"oslo": {"zone": "north"}}});
        resolve(value, &parameters, &mappings)
    }

    #[test]
    fn functions_give_texts() {
        let cases = [
            (json!({"Ref": "Serial"}), json!("a-7")),
            (
                json!({"Fn::Join": ["/", ["x", {"Ref": "Serial"}]]}),
                json!("x/a-7"),
            ),
            (
                json!({"Fn::Select": ["1", {"Fn::Split": ["-", {"Ref": "Serial"}]}]}),
                json!("7"),
            ),
            (json!({"Fn::Sub": "pump-${Serial}!"}), json!("pump-a-7!")),
            (
                json!({"Fn::Sub": ["${x}${Serial}", {"x": {"Ref": "Serial"}}]}),
                json!("a-7a-7"),
            ),
            (
                json!({"Fn::FindInMap": ["Sites", "oslo", "zone"]}),
                json!("north"),
            ),
            (
                json!({"a": [{"Ref": "Serial"}, 1]}),
                json!({"a": ["a-7", 1]}),
            ),
        ];
        for (value, wanted) in cases {
            assert_eq!(resolved(&value), Ok(wanted));
        }
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        for (value, says) in [
            (json!({"Ref": "Other"}), "no parameter"),
            (json!({"Fn::Join": "x"}), "other arguments"),
            (json!({"Fn::Select": [9, ["a"]]}), "other arguments"),
            (json!({"Fn::Base64": "x"}), "other arguments"),
            (json!({"Fn::GetAtt": ["a", "b"]}), "no function"),
            (json!({"Fn::Sub": "${Serial"}), "no end"),
            (
                json!({"Fn::FindInMap": ["Sites", "rome", "zone"]}),
                "nothing for",
            ),
        ] {
            let error = resolved(&value).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        let mut deep = json!("x");
        for _ in 0..100 {
            deep = json!({"Fn::Join": ["", [deep]]});
        }
        assert!(resolved(&deep).unwrap_err().contains("too deep"));
    }
}
