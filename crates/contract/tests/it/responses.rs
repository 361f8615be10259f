//! Responses held against a contract.

use http::HeaderMap;
use serde_json::json;
use trunkline_contract::{Contract, Document};

#[test]
fn status_header_media_type_and_body() {
    let document = Document::from_value(json!({
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
        "paths": {"/a": {"get": {"responses": {
            "200": {"description": "ok", "headers": {"X-Total": {"required": true, "schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"type": "object", "required": ["id", "key"], "properties": {"id": {"type": "integer"}, "key": {"type": "string", "writeOnly": true}}}}}},
            "4XX": {"description": "no", "content": {"application/problem+json": {"schema": {"required": ["title"]}}}},
            "204": {"description": "none"}
        }}}}
    }))
    .unwrap();
    let contract = Contract::compile(&document).unwrap();
    let operation = contract.match_operation("GET", "/a").unwrap().operation;
    let check =
        |status, pairs: &[(&'static str, &'static str)], body: Option<&[u8]>| -> Vec<String> {
            let headers: HeaderMap = pairs
                .iter()
                .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
                .collect();
            let found = contract
                .check_response(operation, status, &headers, body)
                .err()
                .unwrap_or_default();
            found
                .iter()
                .map(|one| format!("{} {}", one.place, one.rule))
                .collect()
        };
    let json = ("content-type", "application/json");
    let total = ("x-total", "3");
    let none = Vec::<String>::new();
    assert_eq!(check(200, &[json, total], Some(br#"{"id":1}"#)), none);
    assert_eq!(
        check(200, &[json, total], Some(br#"{"id":"1"}"#)),
        ["body/id type"]
    );
    assert_eq!(
        check(200, &[json, total], Some(br#"{"id":1,"key":"leaked"}"#)),
        ["body/key forbidden"]
    );
    assert_eq!(
        check(200, &[json], Some(br#"{"id":1}"#)),
        ["header.X-Total required"]
    );
    assert_eq!(
        check(200, &[json, ("x-total", "many")], None),
        ["header.X-Total type"]
    );
    assert_eq!(
        check(200, &[("content-type", "text/html"), total], None),
        ["content-type content-type"]
    );
    assert_eq!(
        check(
            418,
            &[("content-type", "application/problem+json")],
            Some(b"{}")
        ),
        ["body required"]
    );
    assert_eq!(check(500, &[], None), ["status status"]);
    assert_eq!(check(204, &[], Some(b"")), none);
    assert_eq!(check(304, &[], Some(b"")), none);
}
