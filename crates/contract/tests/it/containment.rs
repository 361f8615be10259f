//! The comparison of schemas is sound: what it proves holds for every value that was tried.

use jsonschema::Validator;
use serde_json::{Value, json};
use trunkline_contract::{Reading, Relation, compare};

use crate::generate::{Chance, instance, mutate, schema};

fn root(chance: &mut Chance) -> Value {
    json!({"$defs": {
        "X": schema(chance, 1).as_object().filter(|object| !object.contains_key("$ref")).map_or(json!(true), |object| json!(object)),
        "Y": {"type": "object", "properties": {"a": {"$ref": "#/$defs/Y"}, "b": {"type": "integer", "minimum": chance.below(3)}}},
    }})
}

fn validator(root: &Value, schema: &Value) -> Option<Validator> {
    let whole = json!({"$defs": root["$defs"], "allOf": [schema]});
    jsonschema::draft202012::options()
        .should_validate_formats(false)
        .build(&whole)
        .ok()
}

#[test]
fn what_is_proved_holds_for_every_value() {
    let (mut proved, mut told_apart, mut values) = (0, 0, 0);
    for seed in 1..=6_000 {
        let mut chance = Chance::new(seed);
        let old = root(&mut chance);
        let new = if seed % 3 == 0 {
            root(&mut chance)
        } else {
            old.clone()
        };
        let a = schema(&mut chance, 3);
        let b = if seed % 4 == 0 {
            schema(&mut chance, 2)
        } else {
            mutate(&mut chance, &a)
        };
        let (Some(va), Some(vb)) = (validator(&old, &a), validator(&new, &b)) else {
            continue;
        };
        let relation = compare(&old, &a, &new, &b, Reading::Exact);
        let (a_in_b, b_in_a) = match relation {
            Relation::Equal => (true, true),
            Relation::Widens => (true, false),
            Relation::Narrows => (false, true),
            Relation::Incomparable | Relation::Unknown => (false, false),
        };
        told_apart += usize::from(relation != Relation::Unknown);
        proved += usize::from(a_in_b || b_in_a);
        for _ in 0..40 {
            let value = if chance.below(2) == 0 {
                instance(&mut chance, &old, &a, 5)
            } else {
                instance(&mut chance, &new, &b, 5)
            };
            let (in_a, in_b) = (va.is_valid(&value), vb.is_valid(&value));
            values += usize::from(in_a || in_b);
            assert!(
                !(a_in_b && in_a && !in_b),
                "seed {seed}: {relation:?}, {value} fits\n{a}\nand not\n{b}\nold {old}\nnew {new}"
            );
            assert!(
                !(b_in_a && in_b && !in_a),
                "seed {seed}: {relation:?}, {value} fits\n{b}\nand not\n{a}\nold {old}\nnew {new}"
            );
        }
    }
    // The test is worth something only while there is much to prove.
    assert!(
        proved > 1_500 && told_apart > 3_000 && values > 50_000,
        "{proved} proved, {told_apart} told apart, {values} values"
    );
}

#[test]
fn relations_of_plain_pairs() {
    let any = json!({});
    for (a, b, expected) in [
        (
            json!({"type": "string"}),
            json!({"type": "string", "description": "x"}),
            Relation::Equal,
        ),
        (
            json!({"type": "integer"}),
            json!({"type": "number"}),
            Relation::Widens,
        ),
        (
            json!({"type": "string"}),
            json!({"type": "integer"}),
            Relation::Incomparable,
        ),
        (
            json!({"type": "integer", "minimum": 1}),
            json!({"type": "integer", "exclusiveMinimum": 0}),
            Relation::Equal,
        ),
        (
            json!({"type": "string", "pattern": "a"}),
            json!({"type": "string", "pattern": "b"}),
            Relation::Unknown,
        ),
        (
            json!({"type": "string"}),
            json!({"type": "string", "pattern": "b"}),
            Relation::Narrows,
        ),
        (
            json!({"enum": ["a", "b"]}),
            json!({"enum": ["b", "c"]}),
            Relation::Incomparable,
        ),
        (
            json!({"enum": ["a", "b"]}),
            json!({"type": "string"}),
            Relation::Widens,
        ),
        (
            json!({"type": ["string", "null"]}),
            json!({"anyOf": [{"type": "null"}, {"type": "string"}]}),
            Relation::Equal,
        ),
        (
            json!({"oneOf": [{"type": "null"}, {"type": "string"}]}),
            json!({"type": "string"}),
            Relation::Narrows,
        ),
        (
            json!({"type": "object", "required": ["a"]}),
            json!({"type": "object"}),
            Relation::Widens,
        ),
        (
            json!({"type": "object"}),
            json!({"type": "object", "additionalProperties": false}),
            Relation::Narrows,
        ),
        (
            json!({"allOf": [{"minimum": 1}, {"maximum": 5}], "type": "number"}),
            json!({"type": "number", "minimum": 1, "maximum": 5}),
            Relation::Equal,
        ),
        (
            json!({"type": "array", "items": {"type": "integer"}}),
            json!({"type": "array", "items": {"type": "number"}}),
            Relation::Widens,
        ),
        (
            json!({"type": "array", "maxItems": 3}),
            json!({"type": "array", "maxItems": 2}),
            Relation::Narrows,
        ),
        (
            json!({"not": {"type": "string"}}),
            json!({"not": {"type": "string"}, "minimum": 1}),
            Relation::Narrows,
        ),
        (
            json!({"multipleOf": 4}),
            json!({"multipleOf": 2}),
            Relation::Widens,
        ),
    ] {
        assert_eq!(
            compare(&any, &a, &any, &b, Reading::Exact),
            expected,
            "{a} and {b}"
        );
    }
}

#[test]
fn undeclared_properties_of_an_api_are_read_as_not_sent() {
    let any = json!({});
    let (a, b) = (
        json!({"type": "object"}),
        json!({"type": "object", "properties": {"a": {"type": "string"}}}),
    );
    assert_eq!(compare(&any, &a, &any, &b, Reading::Api), Relation::Equal);
    assert_eq!(
        compare(&any, &a, &any, &b, Reading::Exact),
        Relation::Narrows
    );
}

#[test]
fn a_schema_of_itself_ends() {
    let tree = |kind: &str| json!({"T": {"type": "object", "properties": {"v": {"type": kind}, "next": {"$ref": "#/T"}, "all": {"type": "array", "items": {"$ref": "#/T"}}}}});
    let of = json!({"$ref": "#/T"});
    assert_eq!(
        compare(&tree("integer"), &of, &tree("integer"), &of, Reading::Exact),
        Relation::Equal
    );
    assert_eq!(
        compare(&tree("integer"), &of, &tree("number"), &of, Reading::Exact),
        Relation::Widens
    );
}
