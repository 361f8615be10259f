//! The routes of jobs, groups and types.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use tower::ServiceExt as _;
use trunkline_model::{Principal, PrincipalKind, Scope};
use trunkline_web::{Authorize, Caller, ClientAddress, Decision, Question};

use crate::support::{Node, topics};

/// Lets everything be done but what is about `t9`.
#[derive(Debug)]
struct AllButOne;

impl Authorize for AllButOne {
    fn judge(&self, question: &Question<'_>) -> Decision {
        if question.resource == "t9" {
            return Decision::Deny("not this one".into());
        }
        Decision::Allow
    }

    fn teams(&self) -> Vec<String> {
        Vec::new()
    }
}

async fn send(node: &Node, method: &str, path: &str, body: Option<Value>) -> (StatusCode, Value) {
    let (fleet, heard) = (Arc::clone(&node.fleet), Arc::clone(&node.heard));
    let (router, _) = trunkline_fleet::routes(fleet, heard).split_for_parts();
    let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
    let principal = Principal::new(PrincipalKind::Token, "tok_1", "ci", vec![Scope::Owner]);
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

#[tokio::test]
async fn a_job_lives_over_http() {
    let node = Node::with(2).await;
    let job = json!({"jobId": "ota", "targets": ["t1", "t2"], "document": {"a": 1}});
    let (status, made) = send(&node, "POST", "/v1/jobs", Some(job.clone())).await;
    assert_eq!(
        (status, &made["status"]),
        (StatusCode::CREATED, &json!("IN_PROGRESS"))
    );
    let (status, problem) = send(&node, "POST", "/v1/jobs", Some(job)).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("TL-FLEET-013"))
    );
    node.run(2).await;
    let (_, list) = send(&node, "GET", "/v1/jobs?status=IN_PROGRESS&limit=1", None).await;
    assert_eq!(
        (&list["jobs"][0]["jobId"], &list["next"]),
        (&json!("ota"), &Value::Null)
    );
    let (_, shown) = send(&node, "GET", "/v1/jobs/ota", None).await;
    assert_eq!(shown["progress"]["executions"]["queued"], 2);
    node.heard.take();
    let version = json!({"expectedVersion": 7});
    let (status, problem) = send(
        &node,
        "POST",
        "/v1/things/t1/jobs/ota/cancel",
        Some(version),
    )
    .await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::CONFLICT, &json!("TL-FLEET-015"))
    );
    let details = json!({"statusDetails": {"why": "so"}});
    let (status, _) = send(
        &node,
        "POST",
        "/v1/things/t1/jobs/ota/cancel",
        Some(details),
    )
    .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(topics(&node.heard.take()), ["notify", "notify-next"]);
    let (_, of_thing) = send(&node, "GET", "/v1/things/t1/jobs", None).await;
    assert_eq!(
        of_thing["executions"][0]["statusDetails"],
        json!({"why": "so"})
    );
    let (status, _) = send(&node, "DELETE", "/v1/jobs/ota", None).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let cancel = json!({"reasonCode": "BAD_IMAGE"});
    let (_, off) = send(&node, "POST", "/v1/jobs/ota/cancel", Some(cancel)).await;
    assert_eq!(
        (&off["status"], &off["reasonCode"]),
        (&json!("CANCELED"), &json!("BAD_IMAGE"))
    );
    let (_, all) = send(
        &node,
        "GET",
        "/v1/jobs/ota/executions?status=CANCELED",
        None,
    )
    .await;
    assert_eq!(all["executions"].as_array().unwrap().len(), 2);
    let (status, _) = send(&node, "DELETE", "/v1/jobs/ota?force=false", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = send(&node, "GET", "/v1/jobs/ota", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_may_not_change_a_thing_makes_no_job_for_it() {
    let node = Node::with(9).await;
    let job = |target: &str| json!({"jobId": "ota", "targets": ["t1", target], "document": {}});
    let (status, problem) = send(&node, "POST", "/v1/jobs", Some(job("t9"))).await;
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::FORBIDDEN, &json!("TL-ACCESS-003"))
    );
    let (status, _) = send(&node, "PUT", "/v1/thing-groups/g/things/t9", None).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = send(&node, "PATCH", "/v1/things/t9", Some(json!({"kind": "x"}))).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = send(&node, "POST", "/v1/jobs", Some(job("t8"))).await;
    assert_eq!(status, StatusCode::CREATED);
}

#[tokio::test]
async fn broken_requests_are_refused_with_a_code() {
    let node = Node::with(1).await;
    for (method, path, body, code) in [
        (
            "POST",
            "/v1/jobs",
            Some(json!({"jobId": "x"})),
            "TL-WEB-003",
        ),
        (
            "POST",
            "/v1/jobs",
            Some(json!({"jobId": "x", "targets": ["t1"], "document": []})),
            "TL-WEB-003",
        ),
        ("GET", "/v1/jobs?status=DONE", None, "TL-WEB-006"),
        ("GET", "/v1/jobs?after=x", None, "TL-WEB-006"),
        ("GET", "/v1/jobs/x/executions", None, "TL-FLEET-012"),
        ("GET", "/v1/things/nobody/jobs", None, "TL-FLEET-001"),
        (
            "POST",
            "/v1/jobs/x/cancel",
            Some(json!({"reasonCode": "no"})),
            "TL-FLEET-012",
        ),
        ("GET", "/v1/thing-groups/x", None, "TL-FLEET-016"),
        ("GET", "/v1/thing-types/x", None, "TL-FLEET-020"),
        (
            "PUT",
            "/v1/thing-types/x",
            Some(json!({"reported": 7})),
            "TL-FLEET-021",
        ),
    ] {
        let (_, problem) = send(&node, method, path, body).await;
        assert_eq!(problem["code"], code, "{method} {path}");
    }
}

#[tokio::test]
async fn groups_types_and_things_change_over_http() {
    let node = Node::with(2).await;
    let (status, group) = send(
        &node,
        "POST",
        "/v1/thing-groups",
        Some(json!({"name": "g"})),
    )
    .await;
    assert_eq!((status, &group["name"]), (StatusCode::CREATED, &json!("g")));
    let (status, _) = send(&node, "PUT", "/v1/thing-groups/g/things/t1", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, things) = send(&node, "GET", "/v1/thing-groups/g/things", None).await;
    assert_eq!(things, json!({"things": ["t1"]}));
    let (_, groups) = send(&node, "GET", "/v1/things/t1/groups", None).await;
    assert_eq!(groups, json!({"groups": ["g"]}));
    let change = json!({"description": "all"});
    let (_, changed) = send(&node, "PATCH", "/v1/thing-groups/g", Some(change)).await;
    assert_eq!(changed["description"], "all");
    let (status, _) = send(&node, "DELETE", "/v1/thing-groups/g/things/t1", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (status, _) = send(&node, "DELETE", "/v1/thing-groups/g", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let (_, list) = send(&node, "GET", "/v1/thing-groups", None).await;
    assert_eq!(list, json!({"groups": []}));
    let kind = json!({"attributes": {"required": ["site"]}});
    let (status, _) = send(&node, "PUT", "/v1/thing-types/pump", Some(kind)).await;
    assert_eq!(status, StatusCode::OK);
    let (_, problem) = send(
        &node,
        "PATCH",
        "/v1/things/t1",
        Some(json!({"kind": "pump"})),
    )
    .await;
    assert_eq!(problem["code"], "TL-FLEET-022");
    let fitting = json!({"kind": "pump", "attributes": {"site": "oslo"}});
    let (_, thing) = send(&node, "PATCH", "/v1/things/t1", Some(fitting)).await;
    assert_eq!(thing["kind"], "pump");
    let (_, types) = send(&node, "GET", "/v1/thing-types", None).await;
    assert_eq!(types["types"][0]["name"], "pump");
    let (status, _) = send(&node, "DELETE", "/v1/thing-types/pump", None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn the_routes_describe_themselves() {
    let node = Node::new().await;
    let heard = Arc::clone(&node.heard);
    let (_, document) = trunkline_fleet::routes(Arc::clone(&node.fleet), heard).split_for_parts();
    let document = serde_json::to_value(document).unwrap();
    for path in [
        "/v1/jobs",
        "/v1/jobs/{job}",
        "/v1/jobs/{job}/cancel",
        "/v1/jobs/{job}/executions",
        "/v1/things/{thing}/jobs",
        "/v1/things/{thing}/jobs/{job}/cancel",
        "/v1/thing-groups/{group}/things/{thing}",
        "/v1/thing-types/{type}",
    ] {
        assert!(document["paths"][path].is_object(), "{path}");
    }
    let schemas = &document["components"]["schemas"];
    assert!(schemas["NewJob"]["properties"]["jobExecutionsRolloutConfig"].is_object());
    assert!(schemas["MadeCertificate"]["properties"]["private_key"].is_object());
    assert!(schemas["Made"]["properties"]["secret"].is_object());
}
