//! One test for each rule of the shadow service.

use std::sync::Arc;

use serde_json::{Value, json};
use trunkline_twin::{Document, Limits, Part, Rejected, Request};

fn request(payload: &Value) -> Request {
    Request::read(payload.to_string().as_bytes(), &Limits::default()).unwrap()
}

/// An update, with all that is told of it.
struct Updated {
    document: Document,
    accepted: Value,
    delta: Option<Value>,
    documents: Value,
}

fn update(before: Option<&Document>, payload: &Value, now: i64) -> Updated {
    let before = before.cloned().map(Arc::new);
    let updated =
        Document::update(before.as_ref(), request(payload), &Limits::default(), now).unwrap();
    let part = |part| updated.text(part).map(|text| parse(&text));
    Updated {
        document: (**updated.document()).clone(),
        accepted: part(Part::Accepted).unwrap(),
        delta: part(Part::Delta),
        documents: part(Part::Documents).unwrap(),
    }
}

fn parse(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// The document after each of `payloads`, at the seconds 100, 200 and so on.
fn after(payloads: &[Value]) -> Document {
    let mut document = None;
    for (payload, now) in payloads.iter().zip((1_i64..).map(|n| n * 100)) {
        document = Some(update(document.as_ref(), payload, now).document);
    }
    document.unwrap()
}

fn get(document: &Document) -> Value {
    parse(&Document::get(Some(document), None, None).unwrap())
}

#[test]
fn an_update_unites_and_leaves_the_rest() {
    let document = after(&[
        json!({"state": {"reported": {"a": {"b": 1, "c": 2}, "d": [1, 2]}}}),
        json!({"state": {"reported": {"a": {"b": 3}, "d": [3]}}}),
    ]);
    assert_eq!(
        get(&document),
        json!({
            "state": {"reported": {"a": {"b": 3, "c": 2}, "d": [3]}},
            "metadata": {"reported": {
                "a": {"b": {"timestamp": 200}, "c": {"timestamp": 100}},
                "d": [{"timestamp": 200}],
            }},
            "version": 2,
            "timestamp": 200,
        })
    );
}

#[test]
fn null_removes_a_member() {
    let document = after(&[
        json!({"state": {"desired": {"a": 1, "b": {"c": 2, "d": 3}}}}),
        json!({"state": {"desired": {"a": null, "b": {"c": null}, "never": null}}}),
    ]);
    assert_eq!(get(&document)["state"]["desired"], json!({"b": {"d": 3}}));
    assert_eq!(
        get(&document)["metadata"]["desired"],
        json!({"b": {"d": {"timestamp": 100}}})
    );
}

#[test]
fn null_removes_a_section() {
    let document = after(&[
        json!({"state": {"desired": {"a": 1}, "reported": {"a": 2}}}),
        json!({"state": {"desired": null}}),
    ]);
    assert_eq!(
        get(&document),
        json!({
            "state": {"reported": {"a": 2}},
            "metadata": {"reported": {"a": {"timestamp": 100}}},
            "version": 2,
            "timestamp": 200,
        })
    );
}

#[test]
fn a_null_state_is_accepted_and_empties_the_document() {
    let updated = update(None, &json!({"state": null}), 100);
    assert_eq!(
        updated.accepted,
        json!({"state": null, "metadata": {"timestamp": 100}, "version": 1, "timestamp": 100})
    );
    assert_eq!(
        get(&updated.document),
        json!({"state": {}, "metadata": {}, "version": 1, "timestamp": 100})
    );
}

#[test]
fn sections_that_become_empty_are_gone() {
    let document = after(&[
        json!({"state": {"desired": {"a": 1}}}),
        json!({"state": {"desired": {"a": null}}}),
    ]);
    assert_eq!(
        get(&document),
        json!({"state": {}, "metadata": {}, "version": 2, "timestamp": 200})
    );
}

#[test]
fn empty_objects_inside_are_kept() {
    let document = after(&[
        json!({"state": {"desired": {"a": {}, "b": {"c": 1}}}}),
        json!({"state": {"desired": {"b": {"c": null}}}}),
    ]);
    assert_eq!(
        get(&document)["state"]["desired"],
        json!({"a": {}, "b": {}})
    );
}

#[test]
fn the_difference_is_each_wanted_leaf_that_is_missing_or_unlike() {
    let updated = update(
        None,
        &json!({"state": {
            "desired": {"same": 1, "other": {"x": 1, "y": {"z": 2}}, "missing": [1], "kind": {"a": 1}},
            "reported": {"same": 1, "other": {"x": 1, "y": {"z": 3}, "own": 4}, "only": true, "kind": 5},
        }}),
        100,
    );
    let state = json!({"other": {"y": {"z": 2}}, "missing": [1], "kind": {"a": 1}});
    assert_eq!(
        updated.delta,
        Some(json!({
            "version": 1,
            "timestamp": 100,
            "state": state,
            "metadata": {
                "other": {"y": {"z": {"timestamp": 100}}},
                "missing": [{"timestamp": 100}],
                "kind": {"a": {"timestamp": 100}},
            },
        }))
    );
    assert_eq!(get(&updated.document)["state"]["delta"], state);
}

#[test]
fn the_difference_names_all_that_differs_and_not_only_what_was_asked() {
    let first = update(None, &json!({"state": {"desired": {"a": 1, "b": 1}}}), 100).document;
    let second = update(Some(&first), &json!({"state": {"reported": {"a": 1}}}), 200);
    assert_eq!(second.delta.unwrap()["state"], json!({"b": 1}));
    let third = update(
        Some(&second.document),
        &json!({"state": {"reported": {"b": 1, "c": 1}}}),
        300,
    );
    assert_eq!(third.delta, None);
}

#[test]
fn accepted_says_what_was_asked_and_not_the_whole() {
    let first = update(None, &json!({"state": {"reported": {"a": 1}}}), 100).document;
    let second = update(
        Some(&first),
        &json!({"state": {"reported": {"b": null}, "desired": {"c": 1}}, "clientToken": "t"}),
        200,
    );
    assert_eq!(
        second.accepted,
        json!({
            "state": {"desired": {"c": 1}, "reported": {"b": null}},
            "metadata": {"desired": {"c": {"timestamp": 200}}, "reported": {"b": {"timestamp": 200}}},
            "version": 2,
            "timestamp": 200,
            "clientToken": "t",
        })
    );
    assert_eq!(second.delta.unwrap()["clientToken"], "t");
}

#[test]
fn documents_show_before_and_after() {
    let first = update(None, &json!({"state": {"desired": {"a": 1}}}), 100);
    assert_eq!(
        first.documents,
        json!({
            "current": {"state": {"desired": {"a": 1}}, "metadata": {"desired": {"a": {"timestamp": 100}}}, "version": 1},
            "timestamp": 100,
        })
    );
    let second = update(
        Some(&first.document),
        &json!({"state": {"desired": {"a": 2}}, "clientToken": "t"}),
        200,
    );
    assert_eq!(
        second.documents["previous"]["state"],
        json!({"desired": {"a": 1}})
    );
    assert_eq!(second.documents["previous"]["version"], 1);
    assert_eq!(
        second.documents["current"]["state"],
        json!({"desired": {"a": 2}})
    );
    assert_eq!(second.documents["clientToken"], "t");
}

#[test]
fn a_version_must_be_the_one_that_is_there() {
    let document = after(&[
        json!({"state": {"desired": {"a": 1}}}),
        json!({"state": {"desired": {"a": 2}}}),
    ]);
    let at = |version: u64| {
        let wanted = request(&json!({"state": {"desired": {"a": 3}}, "version": version}));
        let before = Arc::new(document.clone());
        Document::update(Some(&before), wanted, &Limits::default(), 300)
    };
    assert_eq!(at(2).unwrap().document().version, 3);
    for version in [0, 1, 3] {
        assert_eq!(at(version).unwrap_err(), Rejected::conflict());
    }
    assert_eq!(
        Rejected::conflict().document(300, Some("t")),
        json!({"code": 409, "message": "Version conflict", "timestamp": 300, "clientToken": "t"})
    );
}

#[test]
fn a_deleted_shadow_is_not_there_and_goes_on_counting_for_two_days() {
    let document = after(&[
        json!({"state": {"desired": {"a": 1}}}),
        json!({"state": {"desired": {"a": 2}}}),
    ]);
    let (kept, answer) = Document::delete(Some(&document), None, Some("t"), 1_000).unwrap();
    assert_eq!(
        parse(&answer),
        json!({"version": 2, "timestamp": 1_000, "clientToken": "t"})
    );
    assert_eq!(
        Document::get(Some(&kept), Some("n"), None)
            .unwrap_err()
            .code,
        404
    );
    assert_eq!(
        Document::delete(Some(&kept), Some("n"), None, 1_001).unwrap_err(),
        Rejected::no_shadow(Some("n"))
    );
    let again = json!({"state": {"reported": {"b": 1}}});
    let soon = update(Some(&kept), &again, 1_000 + 48 * 3_600);
    assert_eq!(soon.document.version, 3);
    assert_eq!(get(&soon.document)["state"], json!({"reported": {"b": 1}}));
    assert_eq!(soon.documents.get("previous"), None);
    let late = update(Some(&kept), &again, 1_001 + 48 * 3_600);
    assert_eq!(late.document.version, 1);
}

#[test]
fn the_state_has_a_size_and_the_times_do_not_count() {
    let limits = Limits::default();
    let of = |length: usize| {
        let wanted = request(&json!({"state": {"reported": {"a": "x".repeat(length)}}}));
        Document::update(None, wanted, &limits, 1)
    };
    let frame = r#"{"a":""}"#.len();
    assert!(of(limits.document_bytes - frame).is_ok());
    assert_eq!(of(limits.document_bytes - frame + 1).unwrap_err().code, 413);
    // Two thousand leaves have more bytes of times than of values.
    let many: Value = (0..900).map(|n| (format!("{n}"), json!(1))).collect();
    let wanted = request(&json!({"state": {"reported": many}}));
    assert!(Document::update(None, wanted, &limits, 1).is_ok());
}

#[test]
fn a_document_is_kept_as_json_and_comes_back_the_same() {
    let document = after(&[json!({"state": {"desired": {"z": 1, "a": {"y": [1, {"b": 2}]}}}})]);
    let text = serde_json::to_string(&document).unwrap();
    let back: Document = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
    assert_eq!(get(&back).to_string(), get(&document).to_string());
}
