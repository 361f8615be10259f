//! JSON Schemas of types: a part of JSON Schema 2020-12 that takes little time whatever is held against it.

use std::collections::HashMap;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Validator};
use serde_json::{Map, Value};

/// The most bytes of a schema.
const BYTES: usize = 32 * 1024;
/// The most values in a schema, each reference counted as all that it refers to.
const WEIGHT: u64 = 4_000;
/// How many references may follow one another.
const CHAIN: usize = 32;
/// Bytes that one compiled pattern may take, and how many values it counts for: a schema has not many.
const PATTERN: usize = 256 * 1024;
const PATTERN_WEIGHT: u64 = 200;
/// Problems that are named.
const PROBLEMS: usize = 8;
/// Characters of one problem.
const TEXT: usize = 200;
/// The draft that a schema may name.
const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";
/// Words by which a schema would be named, or refer to what it does not have in it at a glance.
const OTHER_REFERENCES: [&str; 5] = [
    "$id",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$recursiveRef",
];

/// Makes what holds values against `schema`.
///
/// # Errors
/// What is wrong with it, for people.
pub(crate) fn compile(schema: &Value) -> Result<Validator, String> {
    let Value::Object(members) = schema else {
        return Err("a schema is a JSON object".into());
    };
    if schema.to_string().len() > BYTES {
        return Err(format!("a schema has at most {BYTES} bytes"));
    }
    if members.get("$schema").is_some_and(|draft| draft != DRAFT) {
        return Err(format!("`$schema` is `{DRAFT}` or left out"));
    }
    if Scale::new(schema).of(schema, 0)? > WEIGHT {
        return Err("the schema is too large with all that it refers to".into());
    }
    if let Err(error) = jsonschema::draft202012::meta::validate(schema) {
        let at = error.instance_path().to_string();
        return Err(short(&format!("{at}: {error}")));
    }
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN))
        .build(schema)
        .map_err(|error| short(&error.to_string()))
}

/// How much there is in a schema. References must end: with one that leads back to itself, holding a value against it would not.
struct Scale<'a> {
    root: &'a Value,
    /// What was weighed already; nothing while it is being weighed.
    known: HashMap<&'a str, Option<u64>>,
}

impl<'a> Scale<'a> {
    fn new(root: &'a Value) -> Self {
        Self {
            root,
            known: HashMap::from([("", None)]),
        }
    }

    fn of(&mut self, value: &'a Value, chain: usize) -> Result<u64, String> {
        let mut sum = 1_u64;
        match value {
            Value::Array(items) => {
                for item in items {
                    sum = sum.saturating_add(self.of(item, chain)?);
                }
            }
            Value::Object(members) => {
                for member in members.values() {
                    sum = sum.saturating_add(self.of(member, chain)?);
                }
                sum = sum.saturating_add(self.referred(members, chain)?);
                sum = sum.saturating_add(patterns(members) * PATTERN_WEIGHT);
            }
            _ => {}
        }
        Ok(sum)
    }

    fn referred(&mut self, members: &'a Map<String, Value>, chain: usize) -> Result<u64, String> {
        for word in OTHER_REFERENCES {
            if members.get(word).is_some_and(Value::is_string) {
                return Err(format!("a type's schema has no `{word}`"));
            }
        }
        let Some(Value::String(reference)) = members.get("$ref") else {
            return Ok(0);
        };
        if reference.contains('%') {
            // Whoever holds values against the schema would read it otherwise than it is read here.
            return Err("a reference in a type's schema has no `%`".into());
        }
        let inside = reference.strip_prefix('#');
        let target = inside.and_then(|pointer| Some((pointer, self.root.pointer(pointer)?)));
        let (pointer, target) = target.ok_or_else(|| {
            short(&format!(
                "`{reference}` refers to nothing within the schema"
            ))
        })?;
        match self.known.get(pointer) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(short(&format!("`{reference}` leads back to itself")));
            }
            None if chain >= CHAIN => return Err("too many references follow one another".into()),
            None => {}
        }
        self.known.insert(pointer, None);
        let weight = self.of(target, chain + 1)?;
        self.known.insert(pointer, Some(weight));
        Ok(weight)
    }
}

/// How many patterns stand in a schema, without those in its parts.
fn patterns(members: &Map<String, Value>) -> u64 {
    let by_name = members.get("patternProperties").and_then(Value::as_object);
    let of_text = members.get("pattern").is_some_and(Value::is_string);
    by_name.map_or(0, |names| names.len() as u64) + u64::from(of_text)
}

/// Where `value` does not fit. Values are not repeated: they may be secret, and long.
pub(crate) fn problems(validator: &Validator, value: &Value) -> Vec<String> {
    // Most fit, and this way is several times faster than to look for errors.
    if validator.is_valid(value) {
        return Vec::new();
    }
    let problem = |error: jsonschema::ValidationError<'_>| {
        let text = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let names: Vec<&str> = unexpected.iter().take(3).map(String::as_str).collect();
                format!("`{}` is not declared", names.join("`, `"))
            }
            ValidationErrorKind::FalseSchema => "nothing may stand here".to_owned(),
            _ => error.masked_with("the value").to_string(),
        };
        match error.instance_path().to_string() {
            at if at.is_empty() => short(&text),
            at => short(&format!("{at}: {text}")),
        }
    };
    validator
        .iter_errors(value)
        .take(PROBLEMS)
        .map(problem)
        .collect()
}

fn short(text: &str) -> String {
    text.chars().take(TEXT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_named_without_its_value() {
        let schema = json!({
            "$schema": DRAFT,
            "type": "object",
            "properties": {"rpm": {"$ref": "#/$defs/speed"}, "mode": {"enum": ["a", "b"]}},
            "required": ["rpm"],
            "additionalProperties": false,
            "$defs": {"speed": {"type": "integer", "maximum": 3_000}},
        });
        let validator = compile(&schema).unwrap();
        assert!(problems(&validator, &json!({"rpm": 5, "mode": "a"})).is_empty());
        let wrong = json!({"rpm": 123_456_789, "mode": "hunter2", "other": 1});
        let found = problems(&validator, &wrong);
        assert_eq!(found.len(), 3, "{found:?}");
        let all = found.join("\n");
        assert!(
            all.contains("/rpm") && all.contains("`other` is not declared"),
            "{all}"
        );
        assert!(
            !all.contains("123456789") && !all.contains("hunter2"),
            "{all}"
        );
        assert_eq!(problems(&validator, &json!({})).len(), 1);
    }

    #[test]
    fn problems_are_few_and_short() {
        let validator = compile(&json!({"items": {"type": "string"}})).unwrap();
        let found = problems(&validator, &json!((0..100).collect::<Vec<_>>()));
        assert_eq!(found.len(), PROBLEMS);
        let long = "x".repeat(300);
        let validator = compile(&json!({"properties": {&long: {"type": "null"}}})).unwrap();
        let found = problems(&validator, &json!({&long: 1}));
        assert_eq!(found[0].chars().count(), TEXT);
    }

    #[test]
    fn a_schema_that_would_take_long_or_leads_elsewhere_is_refused() {
        // Each of the levels refers twice to the next: holding a value against it would take a million steps.
        let mut levels = json!({"l20": {"type": "integer"}});
        for level in 0..20 {
            let next = json!({"$ref": format!("#/$defs/l{}", level + 1)});
            levels[format!("l{level}")] = json!({"allOf": [next, next]});
        }
        let long: Value = (0..CHAIN + 2)
            .map(|n| {
                (
                    format!("l{n}"),
                    json!({"$ref": format!("#/$defs/l{}", n + 1)}),
                )
            })
            .chain([(format!("l{}", CHAIN + 2), json!(true))])
            .collect();
        for (schema, words) in [
            (json!(true), "is a JSON object"),
            (json!({"type": "strng"}), "/type"),
            (
                json!({"$schema": "http://json-schema.org/draft-07/schema"}),
                "2020-12",
            ),
            (json!({"$ref": "#"}), "leads back"),
            (json!({"allOf": [{"$ref": "#/allOf/0"}]}), "leads back"),
            (json!({"properties": {"enum": {"$ref": "#"}}}), "leads back"),
            (
                json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}),
                "leads back",
            ),
            (json!({"$ref": "https://example.com/a"}), "nothing within"),
            (json!({"$ref": "#/$defs/none"}), "nothing within"),
            (json!({"$ref": "#name"}), "nothing within"),
            (json!({"$dynamicRef": "#a"}), "$dynamicRef"),
            (json!({"$id": "https://example.com/a"}), "$id"),
            (json!({"$defs": levels, "$ref": "#/$defs/l0"}), "too large"),
            (
                json!({"$defs": long, "$ref": "#/$defs/l0"}),
                "follow one another",
            ),
            (
                json!({"$defs": {"a": true}, "$ref": "#/%24defs/a"}),
                "has no `%`",
            ),
            (
                json!({"allOf": (0..30).map(|n| json!({"pattern": format!("a{n}")})).collect::<Vec<_>>()}),
                "too large",
            ),
            (json!({"pattern": "(a)\\1"}), ""),
            (json!({"pattern": "a{1000}{1000}"}), ""),
            (json!({"description": "x".repeat(BYTES)}), "at most"),
        ] {
            let error = compile(&schema).unwrap_err();
            assert!(error.contains(words), "{schema}: {error}");
            assert!(error.chars().count() <= TEXT);
        }
    }

    #[test]
    fn a_pattern_takes_linear_time() {
        let validator = compile(&json!({"pattern": "^(a+)+$"})).unwrap();
        let evil = json!(format!("{}!", "a".repeat(60_000)));
        assert_eq!(problems(&validator, &evil).len(), 1);
    }
}
