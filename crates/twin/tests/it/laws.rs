//! What holds for any documents and any updates.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use trunkline_twin::{Document, Limits, Request};

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        (0..4_i64).prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        "[a-c]{0,2}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            members(inner).prop_map(Value::from),
        ]
    })
}

fn members(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::vec(("[a-d]", value), 0..4).prop_map(|members| members.into_iter().collect())
}

/// A change in which members may be null.
fn change() -> impl Strategy<Value = Value> {
    let member = prop_oneof![4 => value(), 1 => Just(Value::Null)];
    members(member).prop_map(Value::from)
}

fn updates() -> impl Strategy<Value = Vec<Value>> {
    let one = (change(), change()).prop_map(
        |(desired, reported)| json!({"state": {"desired": desired, "reported": reported}}),
    );
    prop::collection::vec(one, 1..6)
}

fn apply(before: Option<&Document>, payload: &Value, now: i64) -> Document {
    let request = Request::read(payload.to_string().as_bytes(), &Limits::default()).unwrap();
    let before = before.cloned().map(Arc::new);
    let updated = Document::update(before.as_ref(), request, &Limits::default(), now).unwrap();
    (**updated.document()).clone()
}

fn get(document: &Document) -> Value {
    let text = Document::get(Some(document), None, None).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Whether both have the same members, arrays of the same length, and a time where the state has a leaf.
fn alike(state: &Value, metadata: &Value) -> bool {
    match (state, metadata) {
        (Value::Object(state), Value::Object(metadata)) => {
            state.len() == metadata.len()
                && state
                    .iter()
                    .all(|(name, value)| metadata.get(name).is_some_and(|time| alike(value, time)))
        }
        (Value::Array(state), Value::Array(metadata)) => {
            state.len() == metadata.len()
                && state
                    .iter()
                    .zip(metadata)
                    .all(|(value, time)| alike(value, time))
        }
        (Value::Object(_) | Value::Array(_), _) => false,
        (_, time) => time.get("timestamp").is_some_and(Value::is_i64),
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(members) => members.values().any(has_null),
        Value::Array(items) => items.iter().any(has_null),
        _ => false,
    }
}

proptest! {
    #[test]
    fn every_leaf_has_a_time_and_nothing_is_null(updates in updates()) {
        let mut document = None;
        for (payload, now) in updates.iter().zip(1..) {
            let next = apply(document.as_ref(), payload, now);
            for section in [&next.desired, &next.reported] {
                let state = section.state.clone().into();
                let metadata = serde_json::to_value(&section.metadata).unwrap();
                prop_assert!(alike(&state, &metadata), "{state} {metadata}");
                prop_assert!(!has_null(&state), "{state}");
            }
            prop_assert_eq!(next.version, now as u64);
            document = Some(next);
        }
    }

    #[test]
    fn a_device_that_reports_the_difference_has_none_left(updates in updates()) {
        let document = updates.iter().zip(1..).fold(None, |document: Option<Document>, (payload, now)| {
            Some(apply(document.as_ref(), payload, now))
        }).unwrap();
        let answer = get(&document);
        if let Some(delta) = answer["state"].get("delta") {
            let obeyed = apply(Some(&document), &json!({"state": {"reported": delta}}), 100);
            let left = get(&obeyed);
            prop_assert_eq!(left["state"].get("delta"), None);
        }
    }

    #[test]
    fn the_same_update_again_changes_nothing_but_the_times(updates in updates()) {
        let document = updates.iter().zip(1..).fold(None, |document: Option<Document>, (payload, now)| {
            Some(apply(document.as_ref(), payload, now))
        }).unwrap();
        let last = updates.last().unwrap();
        let again = apply(Some(&document), last, 100);
        prop_assert_eq!(&again.desired.state, &document.desired.state);
        prop_assert_eq!(&again.reported.state, &document.reported.state);
    }
}
