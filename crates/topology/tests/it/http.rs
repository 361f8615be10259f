//! The routes.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use trunkline_model::{Principal, PrincipalKind, Role, Scope};
use trunkline_web::{Authorize, Caller, ClientAddress, Decision, Question, ScopesAlone};

use crate::support::Node;

/// Lets everything be done by a role that may, but what is about `t9` or the vault.
#[derive(Debug)]
struct AllButTwo;

impl Authorize for AllButTwo {
    fn judge(&self, question: &Question<'_>) -> Decision {
        if ["t9", "place:vault"].contains(&question.resource) {
            return Decision::Deny("not this one".into());
        }
        ScopesAlone.judge(question)
    }

    fn teams(&self) -> Vec<String> {
        Vec::new()
    }
}

async fn send_as(
    role: Role,
    node: &Node,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> (StatusCode, Value) {
    let (router, _) = trunkline_topology::routes(Arc::clone(&node.topology)).split_for_parts();
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut principal = Principal::new(PrincipalKind::Token, "tok_1", "ci", vec![Scope::Owner]);
    principal.role = role;
    let caller = Caller::new(principal, ClientAddress::UNKNOWN, Arc::new(AllButTwo));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .extension(caller)
        .body(body)
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    (
        status,
        serde_json::from_slice(&bytes).unwrap_or(Value::Null),
    )
}

async fn send(node: &Node, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    send_as(Role::Operator, node, method, path, body).await
}

fn relation(from: &str, kind: &str, to: &str) -> Option<Value> {
    Some(json!({"from": from, "kind": kind, "to": to}))
}

#[tokio::test]
async fn a_relation_lives_over_http() {
    let node = Node::new().await;
    let wanted = || relation("thing:t1", "talks-through", "thing:t0");
    let (status, put) = send(&node, "PUT", "/v1/relations", wanted()).await;
    assert_eq!((status, Some(put)), (StatusCode::CREATED, wanted()));
    let (status, _) = send(&node, "PUT", "/v1/relations", wanted()).await;
    assert_eq!(status, StatusCode::OK);
    let (_, shown) = send(&node, "GET", "/v1/things/t0/relations", None).await;
    assert_eq!(
        shown,
        json!({
            "outgoing": [], "next": null,
            "incoming": [{"kind": "talks-through", "end": "thing:t1", "since": "2026-05-28T20:26:40.000000Z", "by": "tok_1"}],
        })
    );
    send(
        &node,
        "PUT",
        "/v1/relations",
        relation("place:cellar", "heated-by", "thing:t1"),
    )
    .await;
    let (_, reach) = send(&node, "GET", "/v1/things/t0/reach", None).await;
    assert_eq!(
        reach,
        json!({
            "total": 2, "complete": true,
            "ends": [{"end": "thing:t1", "distance": 1}, {"end": "place:cellar", "distance": 2}],
        })
    );
    let (_, reach) = send(&node, "GET", "/v1/things/t0/reach?depth=2&limit=1", None).await;
    assert_eq!(
        (&reach["total"], reach["ends"].as_array().unwrap().len()),
        (&json!(2), 1)
    );
    let (_, reach) = send(&node, "GET", "/v1/things/t0/reach?depth=1&kind=feeds", None).await;
    assert_eq!(reach["total"], 0);
    let path = "/v1/relations?from=thing:t1&kind=talks-through&to=thing:t0";
    for _ in 0..2 {
        let (status, _) = send(&node, "DELETE", path, None).await;
        assert_eq!(status, StatusCode::NO_CONTENT);
    }
    let (_, reach) = send(&node, "GET", "/v1/things/t0/reach", None).await;
    assert_eq!(reach["ends"], json!([]));
}

#[tokio::test]
async fn who_may_not_change_both_ends_relates_neither() {
    let node = Node::new().await;
    for (role, from, to) in [
        (Role::Viewer, "thing:t1", "thing:t0"),
        (Role::Developer, "thing:t1", "thing:t0"),
        (Role::Owner, "thing:t9", "thing:t0"),
        (Role::Owner, "thing:t1", "thing:t9"),
        (Role::Owner, "thing:t1", "place:vault"),
    ] {
        let wanted = relation(from, "feeds", to);
        let (status, problem) = send_as(role, &node, "PUT", "/v1/relations", wanted).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::FORBIDDEN, &json!("TL-ACCESS-003")),
            "{role} {from} {to}"
        );
        let path = format!("/v1/relations?from={from}&kind=feeds&to={to}");
        let (status, _) = send_as(role, &node, "DELETE", &path, None).await;
        assert_eq!(status, StatusCode::FORBIDDEN);
    }
    assert!(node.events("put").await.is_empty());
}

#[tokio::test]
async fn what_the_caller_may_not_look_at_is_left_out() {
    let node = Node::new().await;
    node.put(&[
        "thing:t9 feeds thing:t0",
        "thing:t1 feeds thing:t9",
        "thing:t2 feeds thing:t0",
        "thing:t0 stands-in place:vault",
    ])
    .await;
    let viewer = |path| send_as(Role::Viewer, &node, "GET", path, None);
    let (status, shown) = viewer("/v1/things/t0/relations").await;
    assert_eq!((status, &shown["outgoing"]), (StatusCode::OK, &json!([])));
    let incoming = shown["incoming"].as_array().unwrap();
    assert_eq!(
        (incoming.len(), &incoming[0]["end"]),
        (1, &json!("thing:t2"))
    );
    let (_, reach) = viewer("/v1/things/t0/reach").await;
    assert_eq!(
        (&reach["total"], &reach["ends"]),
        (
            &json!(2),
            &json!([{"end": "thing:t2", "distance": 1}, {"end": "thing:t1", "distance": 2}])
        )
    );
    for path in ["/v1/things/t9/relations", "/v1/things/t9/reach"] {
        assert_eq!(viewer(path).await.0, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn broken_requests_are_refused_with_a_code() {
    let node = Node::new().await;
    let at = "/v1/relations";
    for (method, path, body, code) in [
        ("PUT", at, Some(json!({"from": "thing:t1"})), "TL-WEB-003"),
        (
            "PUT",
            at,
            relation("t1", "feeds", "thing:t0"),
            "TL-TOPOLOGY-001",
        ),
        (
            "PUT",
            at,
            relation("thing:t1", "a b", "thing:t0"),
            "TL-TOPOLOGY-001",
        ),
        (
            "PUT",
            at,
            relation("thing:t1", "feeds", "thing:t1"),
            "TL-TOPOLOGY-001",
        ),
        (
            "PUT",
            at,
            relation("thing:t1", "feeds", "thing:nobody"),
            "TL-FLEET-001",
        ),
        ("DELETE", at, None, "TL-WEB-006"),
        (
            "DELETE",
            "/v1/relations?from=a&kind=b&to=c",
            None,
            "TL-TOPOLOGY-001",
        ),
        ("GET", "/v1/things/nobody/relations", None, "TL-FLEET-001"),
        ("GET", "/v1/things/t1/relations?after=x", None, "TL-WEB-006"),
        ("GET", "/v1/things/nobody/reach", None, "TL-FLEET-001"),
        ("GET", "/v1/things/t1/reach?depth=11", None, "TL-WEB-006"),
        (
            "GET",
            "/v1/things/t1/reach?kind=a%20b",
            None,
            "TL-TOPOLOGY-001",
        ),
    ] {
        let (_, problem) = send(&node, method, path, body).await;
        assert_eq!(problem["code"], code, "{method} {path}");
    }
    for n in 0..100 {
        node.put(&[&format!("thing:t1 feeds place:p{n}")]).await;
    }
    let wanted = relation("thing:t1", "feeds", "place:more");
    let (status, problem) = send(&node, "PUT", at, wanted).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("TL-TOPOLOGY-002"))
    );
}

#[tokio::test]
async fn the_routes_describe_themselves() {
    let node = Node::new().await;
    let (_, document) = trunkline_topology::routes(Arc::clone(&node.topology)).split_for_parts();
    let document = serde_json::to_value(document).unwrap();
    for (path, method) in [
        ("/v1/relations", "put"),
        ("/v1/relations", "delete"),
        ("/v1/things/{thing}/relations", "get"),
        ("/v1/things/{thing}/reach", "get"),
    ] {
        assert!(
            document["paths"][path][method].is_object(),
            "{method} {path}"
        );
    }
    let parameters = &document["paths"]["/v1/relations"]["delete"]["parameters"];
    assert_eq!(parameters.as_array().unwrap().len(), 3);
    let schemas = &document["components"]["schemas"];
    for name in [
        "Relation",
        "RelationRequest",
        "RelationPage",
        "Related",
        "Reach",
        "Reached",
    ] {
        assert!(schemas[name].is_object(), "{name}");
    }
}
