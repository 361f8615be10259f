//! The routes.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use trunkline_model::{Principal, PrincipalKind, Role, Scope};
use trunkline_web::{Authorize, Caller, ClientAddress, Decision, Question, ScopesAlone};

use crate::support::{Node, answer_first};

/// Lets everything be done by a role that may, but what is about `t9`.
#[derive(Debug)]
struct AllButOne;

impl Authorize for AllButOne {
    fn judge(&self, question: &Question<'_>) -> Decision {
        if question.resource == "t9" {
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
    let (router, _) = trunkline_command::routes(Arc::clone(&node.commands)).split_for_parts();
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let mut principal = Principal::new(PrincipalKind::Token, "tok_1", "ci", vec![Scope::Owner]);
    principal.role = role;
    let caller = Caller::new(principal, ClientAddress::UNKNOWN, Arc::new(AllButOne));
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

#[tokio::test]
async fn a_command_lives_over_http() {
    let node = Node::new().await;
    let wanted = json!({"name": "set", "payload": {"level": 3}, "deadline_seconds": 10});
    let (status, sent) = send(&node, "POST", "/v1/things/t1/commands", Some(wanted)).await;
    assert_eq!(
        (status, &sent["status"], &sent["payload"]),
        (StatusCode::ACCEPTED, &json!("sent"), &json!({"level": 3}))
    );
    assert_eq!(
        (&sent["by"], &sent["ended"]),
        (&json!("tok_1"), &Value::Null)
    );
    assert_eq!(node.broker.take()[0].payload, br#"{"level":3}"#);
    let id = sent["id"].as_str().unwrap();
    let (_, list) = send(&node, "GET", "/v1/things/t1/commands", None).await;
    assert_eq!(
        (&list["commands"][0]["id"], &list["next"]),
        (&sent["id"], &Value::Null)
    );
    // Lists leave out what may be large.
    assert!(list["commands"][0].get("payload").is_none());
    let (status, off) = send(&node, "DELETE", &format!("/v1/commands/{id}"), None).await;
    assert_eq!(
        (status, &off["status"]),
        (StatusCode::OK, &json!("cancelled"))
    );
    let (_, shown) = send(&node, "GET", &format!("/v1/commands/{id}"), None).await;
    assert_eq!(shown, off);
    let (_, open) = send(&node, "GET", "/v1/commands?status=sent", None).await;
    assert_eq!(open, json!({"commands": [], "next": null}));
    let (_, off) = send(&node, "GET", "/v1/commands?status=cancelled&limit=1", None).await;
    assert_eq!(off["commands"][0]["id"], sent["id"]);
}

#[tokio::test]
async fn a_list_is_narrowed_and_comes_in_pages() {
    let node = Node::new().await;
    let mut ids = Vec::new();
    for thing in ["t1", "t2", "t1", "t1"] {
        ids.insert(0, json!(node.send(thing).await.summary.id));
    }
    let all = &node;
    let get = |path: String| async move { send(all, "GET", &path, None).await.1 };
    let page = get("/v1/commands?thing=t1&status=sent&limit=2".into()).await;
    let of_page = |page: &Value| -> Vec<Value> {
        let commands = page["commands"].as_array().unwrap();
        commands.iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(of_page(&page), [ids[0].clone(), ids[1].clone()]);
    let after = page["next"].as_str().unwrap();
    let page = get(format!("/v1/commands?thing=t1&limit=2&after={after}")).await;
    assert_eq!(
        (of_page(&page), &page["next"]),
        (vec![ids[3].clone()], &Value::Null)
    );
    let page = get("/v1/commands?thing=t1&status=failed".into()).await;
    assert!(of_page(&page).is_empty());
    assert_eq!(
        of_page(&get("/v1/commands?thing=t2".into()).await),
        [ids[2].clone()]
    );
    let (status, _) = send(&node, "GET", "/v1/commands?thing=t9", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let problem = get("/v1/commands?thing=nobody".into()).await;
    assert_eq!(problem["code"], "TL-FLEET-001");
}

#[tokio::test]
async fn an_answer_in_time_is_the_answer_to_the_request() {
    let node = Node::new().await;
    let around = (Arc::clone(&node.broker), Arc::clone(&node.clock));
    let answer = r#"{"status":"failed","reason":"no power"}"#;
    let device = tokio::spawn(answer_first(Arc::clone(&node.commands), around, answer));
    let wanted = json!({"name": "set", "wait_seconds": 30});
    let (status, ended) = send(&node, "POST", "/v1/things/t1/commands", Some(wanted)).await;
    device.await.unwrap();
    assert_eq!(
        (status, &ended["status"], &ended["reason"]),
        (StatusCode::OK, &json!("failed"), &json!("no power"))
    );
}

#[tokio::test]
async fn who_may_not_send_looks_at_most() {
    let node = Node::new().await;
    let wanted = || Some(json!({"name": "set"}));
    let refused = (StatusCode::FORBIDDEN, json!("TL-ACCESS-003"));
    for (role, thing) in [
        (Role::Viewer, "t1"),
        (Role::Developer, "t1"),
        (Role::Owner, "t9"),
        (Role::Viewer, "nobody"),
    ] {
        let path = format!("/v1/things/{thing}/commands");
        let (status, problem) = send_as(role, &node, "POST", &path, wanted()).await;
        assert_eq!((status, problem["code"].clone()), refused, "{role} {thing}");
    }
    assert!(node.broker.take().is_empty());
    let sent = node.send("t1").await;
    let hidden = node.send("t9").await;
    let path =
        |command: &trunkline_command::Command| format!("/v1/commands/{}", command.summary.id);
    let (seen, unseen) = (path(&sent), path(&hidden));
    let viewer = |method, path| send_as(Role::Viewer, &node, method, path, None);
    assert_eq!(viewer("GET", &seen).await.0, StatusCode::OK);
    assert_eq!(viewer("DELETE", &seen).await.0, StatusCode::FORBIDDEN);
    assert_eq!(viewer("GET", &unseen).await.0, StatusCode::FORBIDDEN);
    assert_eq!(
        viewer("GET", "/v1/things/t9/commands").await.0,
        StatusCode::FORBIDDEN
    );
    let (_, list) = viewer("GET", "/v1/commands").await;
    let list = list["commands"].as_array().unwrap();
    assert_eq!((list.len(), &list[0]["thing"]), (1, &json!("t1")));
    let (status, _) = send(&node, "DELETE", &unseen, None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(node.status(&hidden).await, "sent");
}

#[tokio::test]
async fn broken_requests_are_refused_with_a_code() {
    let node = Node::new().await;
    let done = node.send("t1").await;
    node.answer(&done, "").await;
    let over = format!("/v1/commands/{}", done.summary.id);
    let large = json!({"name": "set", "payload": "a".repeat(65_535)});
    let to = "/v1/things/t1/commands";
    for (method, path, body, code) in [
        ("POST", to, json!({}), "TL-WEB-003"),
        ("POST", to, json!({"name": "set", "wait": 1}), "TL-WEB-003"),
        ("POST", to, json!({"name": "a b"}), "TL-COMMAND-002"),
        (
            "POST",
            to,
            json!({"name": "a", "deadline_seconds": 0}),
            "TL-COMMAND-002",
        ),
        (
            "POST",
            to,
            json!({"name": "a", "wait_seconds": 31}),
            "TL-COMMAND-002",
        ),
        ("POST", to, large, "TL-COMMAND-003"),
        (
            "POST",
            "/v1/things/nobody/commands",
            json!({"name": "a"}),
            "TL-FLEET-001",
        ),
        (
            "GET",
            "/v1/things/nobody/commands",
            Value::Null,
            "TL-FLEET-001",
        ),
        ("GET", "/v1/commands?status=done", Value::Null, "TL-WEB-006"),
        ("GET", "/v1/commands?after=x", Value::Null, "TL-WEB-006"),
        ("GET", "/v1/commands/x", Value::Null, "TL-COMMAND-001"),
        ("DELETE", "/v1/commands/x", Value::Null, "TL-COMMAND-001"),
        ("DELETE", &over, Value::Null, "TL-COMMAND-004"),
    ] {
        let body = (!body.is_null()).then_some(body);
        let (_, problem) = send(&node, method, path, body).await;
        assert_eq!(problem["code"], code, "{method} {path}");
    }
    for _ in 0..32 {
        node.send("t2").await;
    }
    let wanted = || Some(json!({"name": "a"}));
    let (status, problem) = send(&node, "POST", "/v1/things/t2/commands", wanted()).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::TOO_MANY_REQUESTS, &json!("TL-COMMAND-005"))
    );
    let away = Node::new().await;
    away.broker.set_away(true);
    for node in [Node::silent().await, away] {
        let (status, problem) = send(&node, "POST", to, wanted()).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::SERVICE_UNAVAILABLE, &json!("TL-COMMAND-006"))
        );
    }
}

#[tokio::test]
async fn the_largest_payload_is_an_event() {
    let node = Node::new().await;
    let wanted = json!({"name": "set", "payload": "a".repeat(65_534)});
    let (status, _) = send(&node, "POST", "/v1/things/t1/commands", Some(wanted)).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    assert_eq!(node.broker.take()[0].payload.len(), 65_536);
    let payload = &node.events("sent").await[0]["payload"];
    assert_eq!(payload.as_str().unwrap().len(), 65_534);
}

#[tokio::test]
async fn the_routes_describe_themselves() {
    let node = Node::new().await;
    let (_, document) = trunkline_command::routes(Arc::clone(&node.commands)).split_for_parts();
    let document = serde_json::to_value(document).unwrap();
    for (path, methods) in [
        ("/v1/things/{thing}/commands", &["get", "post"][..]),
        ("/v1/commands", &["get"]),
        ("/v1/commands/{id}", &["delete", "get"]),
    ] {
        for method in methods {
            assert!(
                document["paths"][path][method].is_object(),
                "{method} {path}"
            );
        }
    }
    let schemas = &document["components"]["schemas"];
    for name in [
        "NewCommand",
        "Command",
        "CommandSummary",
        "CommandPage",
        "CommandStatus",
    ] {
        assert!(schemas[name].is_object(), "{name}");
    }
    let status = &schemas["CommandStatus"]["enum"];
    assert_eq!(
        status,
        &json!(["sent", "succeeded", "failed", "timed_out", "cancelled"])
    );
}
