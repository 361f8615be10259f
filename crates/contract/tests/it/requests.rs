//! Requests held against a contract.

use http::HeaderMap;
use serde_json::{Value, json};
use trunkline_contract::{Contract, Document, Mismatch};
use trunkline_model::Coded;

fn contract() -> Contract {
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "T", "version": "1"},
        "servers": [{"url": "https://api.example.com/v1"}],
        "components": {"schemas": {"Pet": {
            "type": "object", "required": ["id", "name"], "additionalProperties": false,
            "properties": {"id": {"type": "integer", "readOnly": true}, "name": {"type": "string", "minLength": 1, "maxLength": 10},
                "tags": {"type": "array", "items": {"type": "string"}}, "born": {"type": "string", "format": "date"}}
        }}},
        "paths": {
            "/pets": {
                "get": {"operationId": "list", "parameters": [
                    {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                    {"name": "kind", "in": "query", "schema": {"type": "array", "items": {"enum": ["cat", "dog"]}}},
                    {"name": "ids", "in": "query", "explode": false, "schema": {"type": "array", "items": {"type": "integer"}, "maxItems": 3}},
                    {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                    {"name": "page", "in": "query", "schema": {"type": "object", "properties": {"offset": {"type": "integer"}, "size": {"type": "integer"}}}},
                    {"name": "where", "in": "query", "content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}},
                    {"name": "X-Trace", "in": "header", "required": true, "schema": {"type": "string", "pattern": "^[a-f]+$"}},
                    {"name": "theme", "in": "cookie", "schema": {"enum": ["dark", "light"]}}
                ], "responses": {}},
                "post": {"requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}, "image/*": {}}}, "responses": {}}
            },
            "/pets/{id}": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}], "get": {"responses": {}}},
            "/pets/mine": {"get": {"responses": {}}}
        }
    });
    Contract::compile(&Document::from_value(document).unwrap()).unwrap()
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(*name, value.parse().unwrap());
    }
    headers
}

/// Place and rule of each violation, or nothing.
fn broken(result: Result<trunkline_contract::Matched, Mismatch>) -> Vec<String> {
    match result {
        Ok(_) => Vec::new(),
        Err(mismatch) => mismatch
            .violations()
            .iter()
            .map(|one| format!("{} {}", one.place, one.rule))
            .collect(),
    }
}

#[test]
fn paths_and_methods() {
    let contract = contract();
    let matched = contract.match_operation("GET", "/v1/pets/7").unwrap();
    assert_eq!(
        (
            matched.path_template.as_str(),
            matched.path_params[0].1.as_str()
        ),
        ("/v1/pets/{id}", "7")
    );
    assert_eq!(
        contract
            .match_operation("GET", "/v1/pets/mine")
            .unwrap()
            .path_template,
        "/v1/pets/mine"
    );
    assert_eq!(
        contract
            .match_operation("HEAD", "/v1/pets")
            .unwrap()
            .path_template,
        "/v1/pets"
    );
    let unknown = contract.match_operation("GET", "/pets").unwrap_err();
    assert_eq!(
        (unknown.code().code, unknown.code().status),
        ("TL-CONTRACT-010", 404)
    );
    let method = contract.match_operation("DELETE", "/v1/pets").unwrap_err();
    assert_eq!(method.code().status, 405);
    assert!(matches!(method, Mismatch::Method { allowed } if allowed == ["GET", "POST"]));
    let list = contract
        .match_operation("GET", "/v1/pets")
        .unwrap()
        .operation;
    let post = contract
        .match_operation("POST", "/v1/pets")
        .unwrap()
        .operation;
    assert!(!contract.needs_body(list) && contract.needs_body(post));
    assert_eq!(contract.operation(list).id.as_deref(), Some("list"));
}

#[test]
fn parameters_are_read_by_their_types_and_styles() {
    let contract = contract();
    assert_eq!(contract.warnings().len(), 1, "{:?}", contract.warnings());
    let good = headers(&[("x-trace", "abc"), ("cookie", "a=b; theme=dark")]);
    for (query, expected) in [
        ("", vec![]),
        ("limit=5&kind=cat&kind=dog&ids=1,2,3", vec![]),
        ("kind=cat", vec![]),
        ("limit=101", vec!["query.limit maximum"]),
        ("limit=x", vec!["query.limit type"]),
        ("limit=1.5", vec!["query.limit type"]),
        ("limit=", vec!["query.limit type"]),
        ("kind=cow", vec!["query.kind/0 enum"]),
        ("ids=1,x", vec!["query.ids/1 type"]),
        ("ids=1,2,3,4", vec!["query.ids maxItems"]),
        ("offset=1&size=b", vec!["query.page/size type"]),
        ("where=%7B%22a%22%3A1%7D", vec![]),
        ("where=%7B%7D", vec!["query.where required"]),
        ("where=nonsense", vec!["query.where format"]),
        ("filter[a]=1&unknown=2", vec![]),
        ("%6cimit=101", vec!["query.limit maximum"]),
    ] {
        assert_eq!(
            broken(contract.check_request("GET", "/v1/pets", Some(query), &good, None)),
            expected,
            "{query}"
        );
    }
    let bad = headers(&[("x-trace", "XYZ"), ("cookie", "theme=blue")]);
    assert_eq!(
        broken(contract.check_request("GET", "/v1/pets", None, &bad, None)),
        ["header.X-Trace pattern", "cookie.theme enum"]
    );
    assert_eq!(
        broken(contract.check_request("GET", "/v1/pets", None, &HeaderMap::new(), None)),
        ["header.X-Trace required"]
    );
    assert_eq!(
        broken(contract.check_request("GET", "/v1/pets/x", None, &HeaderMap::new(), None)),
        ["path.id type"]
    );
}

#[test]
fn bodies_are_checked_by_their_media_type() {
    let contract = contract();
    let json = headers(&[("content-type", "application/json; charset=utf-8")]);
    let check = |headers: &HeaderMap, body: Option<&[u8]>| {
        broken(contract.check_request("POST", "/v1/pets", None, headers, body))
    };
    let none = Vec::<String>::new();
    assert_eq!(
        check(&json, Some(br#"{"name":"Rex"}"#)),
        none,
        "readOnly properties are not required"
    );
    assert_eq!(
        check(&json, Some(br#"{"name":"Rex","id":"any"}"#)),
        none,
        "and not looked at"
    );
    assert_eq!(
        check(&json, Some(br#"{"name":""}"#)),
        ["body/name minLength"]
    );
    assert_eq!(
        check(&json, Some(br#"{"name":"a","tags":["x",1]}"#)),
        ["body/tags/1 type"]
    );
    assert_eq!(check(&json, Some(br#"{"nam":"a"}"#)).len(), 2);
    assert_eq!(
        check(&json, Some(br#"{"name":"a","born":"never"}"#)),
        none,
        "formats are notes"
    );
    assert_eq!(check(&json, Some(b"{")), ["body json"]);
    assert_eq!(check(&json, Some(b"")), ["body required"]);
    assert_eq!(check(&json, None), none);
    assert_eq!(
        check(&headers(&[("content-type", "text/xml")]), None),
        ["content-type content-type"]
    );
    assert_eq!(
        check(&headers(&[("content-type", "image/png")]), Some(b"\x89PNG")),
        none
    );
}

#[test]
fn violations_are_few_and_do_not_repeat_values() {
    let contract = contract();
    let json = headers(&[("content-type", "application/json")]);
    let secret = "s3cret".repeat(100);
    let tags: Vec<_> = (0..1_000).map(|_| json!({"token": secret})).collect();
    let body = json!({"name": secret, "tags": tags, (secret.as_str()): 1}).to_string();
    let mismatch = contract
        .check_request("POST", "/v1/pets", None, &json, Some(body.as_bytes()))
        .unwrap_err();
    assert_eq!(mismatch.violations().len(), 16);
    for one in mismatch.violations() {
        assert!(
            one.place.len() < 200 && one.text.len() < 300 && !one.text.contains(&secret[..81]),
            "{one:?}"
        );
    }
    assert_eq!(mismatch.code().code, "TL-CONTRACT-012");
}

#[test]
fn formats_are_held_when_asked() {
    let document = Document::from_value(json!({"openapi": "3.1.0", "info": {}, "paths": {"/a": {"get": {
        "parameters": [{"name": "d", "in": "query", "schema": {"type": "string", "format": "date"}}], "responses": {}}}}}))
    .unwrap();
    let options = trunkline_contract::CompileOptions {
        formats: true,
        ..Default::default()
    };
    let contract = Contract::compile_with(&document, options).unwrap();
    assert_eq!(
        broken(contract.check_request("GET", "/a", Some("d=x"), &HeaderMap::new(), None)),
        ["query.d format"]
    );
}

#[test]
fn a_broken_document_is_refused_with_its_place() {
    for (paths, says) in [
        (
            json!({"/a": {"get": {"parameters": [{"in": "query"}]}}}),
            "/paths/~1a/get/parameters/0: a parameter needs a name",
        ),
        (
            json!({"/a": {"get": {"responses": {"2000": {}}}}}),
            "/paths/~1a/get/responses/2000",
        ),
        (
            json!({"/a/{x}": {"get": {}}, "/a/{y}": {"get": {}}}),
            "twice",
        ),
        (
            json!({"/a": {"get": {"parameters": [{"name": "q", "in": "query", "schema": {"type": "strng"}}]}}}),
            "/paths/~1a/get/parameters/0/schema",
        ),
    ] {
        let document = Document::from_value(json!({"openapi": "3.1.0", "paths": paths})).unwrap();
        let error = Contract::compile(&document)
            .map(|_| Value::Null)
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{error} lacks {says}");
    }
}

#[test]
fn a_contract_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>(value: T) -> T {
        value
    }
    assert_eq!(shared(contract()).operations().count(), 4);
}
