//! Random schemas, and values that a schema lets through (not all of them: who uses them asks jsonschema first).

use serde_json::{Map, Value, json};

/// A small generator of pseudo-random numbers (xorshift), so that a seed gives the same case everywhere.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 11) % limit as u64) as usize
    }

    fn one<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    fn rarely(&mut self) -> bool {
        self.below(4) == 0
    }
}

const NAMES: [&str; 3] = ["a", "b", "c"];

/// A schema over a small world, so that two of them often have to do with each other.
pub(crate) fn schema(chance: &mut Chance, depth: usize) -> Value {
    match chance.below(if depth == 0 { 7 } else { 14 }) {
        0 => json!(true),
        1 => json!({"enum": (0..=chance.below(3)).map(|_| scalar(chance)).collect::<Vec<_>>()}),
        2 => json!({"const": scalar(chance)}),
        3 => number(chance, "integer"),
        4 => number(chance, "number"),
        5 => string(chance),
        6 => {
            json!({"type": [chance.one(&["null", "string", "integer"]), chance.one(&["boolean", "number"])]})
        }
        7 | 8 => object(chance, depth),
        9 => array(chance, depth),
        10 => json!({"anyOf": [schema(chance, depth - 1), schema(chance, depth - 1)]}),
        11 => json!({"oneOf": [schema(chance, depth - 1), schema(chance, depth - 1)]}),
        12 => json!({"allOf": [schema(chance, depth - 1), schema(chance, depth - 1)]}),
        _ => json!({"$ref": format!("#/$defs/{}", chance.one(&["X", "Y"]))}),
    }
}

fn scalar(chance: &mut Chance) -> Value {
    chance.one(&[
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(1),
        json!(2.5),
        json!(4),
        json!(""),
        json!("a"),
        json!("ab"),
        json!([]),
        json!({}),
        json!({"a": 1}),
    ])
}

fn number(chance: &mut Chance, kind: &str) -> Value {
    let mut schema = json!({"type": kind});
    for word in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"] {
        if chance.rarely() {
            schema[word] = chance.one(&[
                json!(-1),
                json!(0),
                json!(1),
                json!(1.5),
                json!(3),
                json!(10),
            ]);
        }
    }
    if chance.rarely() {
        schema["multipleOf"] = chance.one(&[json!(1), json!(2), json!(4), json!(0.5)]);
    }
    schema
}

fn string(chance: &mut Chance) -> Value {
    let mut schema = json!({"type": "string"});
    if chance.rarely() {
        schema["minLength"] = json!(chance.below(3));
    }
    if chance.rarely() {
        schema["maxLength"] = json!(chance.below(4));
    }
    if chance.rarely() {
        schema["pattern"] = chance.one(&[json!("^a"), json!("b$"), json!("^a*$")]);
    }
    schema
}

fn object(chance: &mut Chance, depth: usize) -> Value {
    let mut schema = json!({"type": "object"});
    let mut properties = Map::new();
    for name in NAMES {
        if chance.below(2) == 0 {
            properties.insert(name.to_owned(), self::schema(chance, depth - 1));
        }
    }
    schema["properties"] = Value::Object(properties);
    let required: Vec<_> = NAMES.iter().filter(|_| chance.rarely()).collect();
    schema["required"] = json!(required);
    match chance.below(5) {
        0 => schema["additionalProperties"] = json!(false),
        1 => schema["additionalProperties"] = self::schema(chance, depth - 1),
        2 => schema["patternProperties"] = json!({"^c": self::schema(chance, depth - 1)}),
        _ => {}
    }
    for word in ["minProperties", "maxProperties"] {
        if chance.rarely() {
            schema[word] = json!(chance.below(4));
        }
    }
    if chance.rarely() {
        schema["not"] = self::schema(chance, 0);
    }
    schema
}

fn array(chance: &mut Chance, depth: usize) -> Value {
    let mut schema = json!({"type": "array"});
    if chance.below(2) == 0 {
        schema["items"] = if chance.rarely() {
            json!(false)
        } else {
            self::schema(chance, depth - 1)
        };
    }
    if chance.rarely() {
        schema["prefixItems"] = json!([self::schema(chance, depth - 1)]);
    }
    for word in ["minItems", "maxItems"] {
        if chance.rarely() {
            schema[word] = json!(chance.below(3));
        }
    }
    if chance.rarely() {
        schema["uniqueItems"] = json!(true);
    }
    schema
}

/// A small change to a schema, so that most pairs differ in one word.
pub(crate) fn mutate(chance: &mut Chance, schema: &Value) -> Value {
    let mut copy = schema.clone();
    let fresh = self::schema(chance, 1);
    match &mut copy {
        Value::Object(object) if !object.is_empty() => {
            let keys: Vec<_> = object.keys().cloned().collect();
            let key = chance.one(&keys);
            match chance.below(4) {
                0 if key != "$ref" => {
                    object.remove(&key);
                }
                1 => {
                    if let Value::Object(more) = fresh {
                        more.into_iter().filter(|(key, _)| key != "type").for_each(
                            |(key, value)| {
                                object.insert(key, value);
                            },
                        );
                    }
                }
                _ => match &mut object[&key] {
                    Value::Object(inner) if key != "const" => {
                        let names: Vec<_> = inner.keys().cloned().collect();
                        if key == "properties" || key == "patternProperties" {
                            if !names.is_empty() {
                                let name = chance.one(&names);
                                let changed = mutate(chance, &inner[&name]);
                                inner.insert(name, changed);
                            }
                        } else {
                            let changed = mutate(chance, &Value::Object(inner.clone()));
                            object.insert(key, changed);
                        }
                    }
                    Value::Array(items)
                        if matches!(key.as_str(), "anyOf" | "allOf" | "oneOf")
                            && !items.is_empty() =>
                    {
                        let index = chance.below(items.len());
                        items[index] = mutate(chance, &items[index]);
                    }
                    _ => {}
                },
            }
        }
        _ => copy = fresh,
    }
    copy
}

/// A value near to what `schema` lets through; `root` has the references.
pub(crate) fn instance(chance: &mut Chance, root: &Value, schema: &Value, depth: usize) -> Value {
    if depth == 0 || chance.below(12) == 0 {
        return scalar(chance);
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(&reference[1..]).cloned().unwrap_or_default();
        return instance(chance, root, &target, depth - 1);
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        if let Some(branches) = schema[word].as_array() {
            let branch = chance.one(branches);
            return instance(chance, root, &branch, depth - 1);
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        return chance.one(values);
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    match schema["type"].as_str() {
        Some("integer") => json!(chance.below(14) as i64 - 3),
        Some("number") => json!((chance.below(56) as f64 - 12.0) / 4.0),
        Some("string") => chance.one(&[
            json!(""),
            json!("a"),
            json!("b"),
            json!("ab"),
            json!("aaa"),
            json!("aab"),
            json!("abcd"),
        ]),
        Some("array") => {
            let items: Vec<_> = (0..chance.below(4))
                .map(|index| {
                    let item = if index == 0 && schema.get("prefixItems").is_some() {
                        &schema["prefixItems"][0]
                    } else {
                        &schema["items"]
                    };
                    instance(chance, root, item, depth - 1)
                })
                .collect();
            json!(items)
        }
        Some("object") => {
            let mut object = Map::new();
            for name in ["a", "b", "c", "d"] {
                let needed = schema["required"]
                    .as_array()
                    .is_some_and(|names| names.contains(&json!(name)));
                if needed || chance.below(2) == 0 {
                    let property = schema["properties"]
                        .get(name)
                        .unwrap_or(&schema["additionalProperties"]);
                    object.insert(name.to_owned(), instance(chance, root, property, depth - 1));
                }
            }
            Value::Object(object)
        }
        _ => scalar(chance),
    }
}
