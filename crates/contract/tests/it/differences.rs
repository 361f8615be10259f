//! One change at a time: which rule it is, and how bad.

use serde_json::{Value, json};
use trunkline_contract::{Change, Document, Severity, breaking, diff, diff_on};

use Severity::{Breaking, Info, Warning};

fn document(operation: &Value) -> Document {
    documents(&json!({"/things/{id}": {"post": operation}}))
}

fn documents(paths: &Value) -> Document {
    Document::from_value(
        json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "paths": paths}),
    )
    .unwrap()
}

fn operation(parameters: &Value, request: &Value, response: &Value) -> Value {
    json!({
        "parameters": parameters,
        "requestBody": {"content": {"application/json": {"schema": request}}},
        "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": response}}}}
    })
}

fn told(changes: &[Change]) -> Vec<(Severity, &str)> {
    changes
        .iter()
        .map(|change| (change.severity, change.rule.as_str()))
        .collect()
}

/// The table of `changes.txt`: each row must be told with its rule, and nothing worse than its severity.
#[test]
fn schemas() {
    let rows = include_str!("changes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    for row in rows {
        let cells: Vec<_> = row.split(" | ").collect();
        let [place, before, after, worst, rule] = cells[..] else {
            panic!("{row}");
        };
        let worst = match worst {
            "breaking" => Breaking,
            "warning" => Warning,
            _ => Info,
        };
        let (direction, property) = place.split_once('.').unwrap_or((place, ""));
        let make = |text: &str| {
            let mut schema: Value = serde_json::from_str(text).unwrap();
            if !property.is_empty() {
                schema = json!({"type": "object", "properties": {property: schema}});
            }
            match direction {
                "request" => document(&operation(&json!([]), &schema, &json!(true))),
                _ => document(&operation(&json!([]), &json!(true), &schema)),
            }
        };
        let changes = diff(&make(before), &make(after));
        let told = told(&changes);
        let found = told
            .iter()
            .map(|(severity, _)| *severity)
            .max()
            .unwrap_or(Info);
        assert_eq!(found, worst, "{row}: {told:?}");
        assert!(
            rule == "-" || told.contains(&(worst, rule)),
            "{row}: {told:?}"
        );
    }
}

#[test]
fn parameters() {
    let q = |more: Value| {
        let mut parameter = json!({"name": "q", "in": "query", "schema": {"type": "string"}});
        more.as_object()
            .unwrap()
            .iter()
            .for_each(|(key, value)| parameter[key] = value.clone());
        parameter
    };
    let plain = || json!([q(json!({}))]);
    for (before, after, worst, rule) in [
        (json!([]), plain(), Info, "new-optional-request-parameter"),
        (
            json!([]),
            json!([q(json!({"required": true}))]),
            Breaking,
            "new-required-request-parameter",
        ),
        (plain(), json!([]), Warning, "request-parameter-removed"),
        (
            json!([q(json!({"deprecated": true}))]),
            json!([]),
            Info,
            "request-parameter-removed-with-deprecation",
        ),
        (
            plain(),
            json!([q(json!({"required": true}))]),
            Breaking,
            "request-parameter-became-required",
        ),
        (
            plain(),
            json!([q(json!({"schema": {"type": "string", "enum": ["a"]}}))]),
            Breaking,
            "request-parameter-became-enum",
        ),
        (
            plain(),
            json!([q(json!({"schema": {"type": "integer"}}))]),
            Breaking,
            "request-parameter-type-changed",
        ),
        (
            plain(),
            json!([q(json!({"explode": false}))]),
            Warning,
            "request-parameter-style-changed",
        ),
        (
            json!([q(json!({"schema": {"type": "integer", "default": 1}}))]),
            json!([q(json!({"schema": {"type": "integer", "default": 5}}))]),
            Warning,
            "request-parameter-default-value-changed",
        ),
    ] {
        let make =
            |parameters: &Value| document(&operation(parameters, &json!(true), &json!(true)));
        let changes = diff(&make(&before), &make(&after));
        assert_eq!(told(&changes), [(worst, rule)], "{before} -> {after}");
    }
}

#[test]
fn operations_bodies_and_statuses() {
    let get = |operation: Value| json!({"/a": {"get": operation, "put": {"responses": {}}}});
    let ok = || json!({"responses": {"200": {"description": "ok"}}});
    let with = |key: &str, value: Value| {
        let mut operation = ok();
        operation[key] = value;
        operation
    };
    let body = |required: bool, media: &str| json!({"required": required, "content": {media: {}}});
    for (before, after, expected) in [
        (
            get(ok()),
            json!({}),
            vec![
                (Breaking, "api-path-removed-without-deprecation"),
                (Breaking, "api-path-removed-without-deprecation"),
            ],
        ),
        (
            get(ok()),
            json!({"/a": {"put": {"responses": {}}}}),
            vec![(Breaking, "api-removed-without-deprecation")],
        ),
        (
            get(with("deprecated", json!(true))),
            json!({"/a": {"put": {"responses": {}}}}),
            vec![(Info, "api-removed-with-deprecation")],
        ),
        (
            json!({}),
            json!({"/b": {"get": ok()}}),
            vec![(Info, "endpoint-added")],
        ),
        (
            get(ok()),
            get(with("deprecated", json!(true))),
            vec![(Info, "endpoint-deprecated")],
        ),
        (
            get(with("operationId", json!("a"))),
            get(ok()),
            vec![(Info, "api-operation-id-removed")],
        ),
        (
            get(with("tags", json!(["a"]))),
            get(ok()),
            vec![(Info, "api-tag-removed")],
        ),
        (
            get(ok()),
            get(with("requestBody", body(true, "a/b"))),
            vec![(Breaking, "request-body-added-required")],
        ),
        (
            get(ok()),
            get(with("requestBody", body(false, "a/b"))),
            vec![(Info, "request-body-added-optional")],
        ),
        (
            get(with("requestBody", body(false, "a/b"))),
            get(ok()),
            vec![(Breaking, "request-body-removed")],
        ),
        (
            get(with("requestBody", body(false, "a/b"))),
            get(with("requestBody", body(true, "a/b"))),
            vec![(Breaking, "request-body-became-required")],
        ),
        (
            get(with("requestBody", body(false, "a/b"))),
            get(with("requestBody", body(false, "a/c"))),
            vec![
                (Breaking, "request-body-media-type-removed"),
                (Info, "request-body-media-type-added"),
            ],
        ),
        (
            get(ok()),
            get(json!({"responses": {"204": {"description": "none"}}})),
            vec![
                (Breaking, "response-success-status-removed"),
                (Info, "response-success-status-added"),
            ],
        ),
    ] {
        let changes = diff(&documents(&before), &documents(&after));
        assert_eq!(told(&changes), expected, "{before} -> {after}");
    }
}

#[test]
fn whoever_could_call_still_can() {
    let with = |security: Value| {
        documents(&json!({"/a": {"get": {"responses": {}, "security": security}}}))
    };
    for (before, after, expected) in [
        (
            json!([]),
            json!([{"key": []}]),
            (Breaking, "api-security-added"),
        ),
        (
            json!([{"o": ["a"]}]),
            json!([{"o": ["a", "b"]}]),
            (Breaking, "api-security-added"),
        ),
        (
            json!([{"o": ["a", "b"]}]),
            json!([{"o": ["a"]}]),
            (Info, "api-security-removed"),
        ),
        (
            json!([{"key": []}]),
            json!([{"key": []}, {"o": []}]),
            (Info, "api-security-removed"),
        ),
        (
            json!([{"key": []}, {"o": []}]),
            json!([{"o": []}]),
            (Breaking, "api-security-added"),
        ),
    ] {
        assert_eq!(told(&diff(&with(before), &with(after))), [expected]);
    }
}

#[test]
fn response_headers_and_media_types() {
    let with = |headers: Value, media: &str| {
        document(
            &json!({"responses": {"200": {"description": "ok", "headers": headers, "content": {media: {}}}}}),
        )
    };
    let none = || with(json!({}), "a/b");
    let header = |required: bool| {
        with(
            json!({"X-A": {"required": required, "schema": {"type": "string"}}}),
            "a/b",
        )
    };
    for (before, after, expected) in [
        (
            header(true),
            none(),
            vec![(Breaking, "required-response-header-removed")],
        ),
        (
            header(false),
            none(),
            vec![(Warning, "optional-response-header-removed")],
        ),
        (
            header(true),
            header(false),
            vec![(Breaking, "response-header-became-optional")],
        ),
        (none(), header(true), vec![(Info, "response-header-added")]),
        (
            none(),
            with(json!({}), "a/c"),
            vec![
                (Breaking, "response-media-type-removed"),
                (Info, "response-media-type-added"),
            ],
        ),
    ] {
        assert_eq!(told(&diff(&before, &after)), expected);
    }
}

#[test]
fn a_sunset_frees_an_operation_once_it_has_passed() {
    let old = document(&json!({"deprecated": true, "x-sunset": "2026-06-01", "responses": {}}));
    let new = documents(&json!({}));
    let rule = |today| diff_on(&old, &new, today)[0].clone();
    assert_eq!(rule(Some("2026-05-31")).severity, Breaking);
    assert_eq!(rule(Some("2026-06-01")).severity, Info);
    assert_eq!(rule(None).severity, Warning);
    let sooner = document(&json!({"deprecated": true, "x-sunset": "2026-05-01", "responses": {}}));
    assert_eq!(
        told(&diff(&old, &sooner)),
        [(Breaking, "api-sunset-date-changed-too-small")]
    );
}

#[test]
fn a_document_is_the_same_as_itself_and_names_of_path_parameters_do_not_matter() {
    let tree = json!({"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Tree"}, "p": {"type": "string", "pattern": "a", "not": {"const": "b"}}}});
    let make = |name: &str| {
        Document::from_value(json!({
            "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
            "components": {"schemas": {"Tree": tree}},
            "paths": {format!("/a/{{{name}}}"): {"post": {
                "parameters": [{"name": name, "in": "path", "required": true, "schema": {"type": "string"}}],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}},
                "responses": {"200": {"description": "x", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Tree"}}}}}}}}
        }))
        .unwrap()
    };
    assert_eq!(diff(&make("id"), &make("id")), []);
    assert_eq!(diff(&make("id"), &make("other")), []);
}

#[test]
fn a_change_in_a_shared_schema_is_told_where_it_is_used() {
    let make = |kind: &str| {
        let mut document = json!({"openapi": "3.1.0", "info": {"title": "T", "version": "1"}, "components": {"schemas": {"Money": {"type": kind}}}});
        document["paths"]["/a"]["get"] = operation(
            &json!([]),
            &json!(true),
            &json!({"type": "object", "properties": {"total": {"$ref": "#/components/schemas/Money"}}}),
        );
        Document::from_value(document).unwrap()
    };
    let changes = diff(&make("integer"), &make("string"));
    assert_eq!(breaking(&changes), 1, "{changes:?}");
    assert_eq!(
        (changes[0].operation.as_str(), changes[0].place.as_str()),
        ("GET /a", "response.200/total")
    );
}
