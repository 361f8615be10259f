//! Who may do what.

use axum::body::Body;
use axum::http::StatusCode;
use serde_json::json;
use trunkline_model::Role;

use crate::support::{Node, content, path, request, send};

#[tokio::test]
async fn viewers_look_and_operators_change() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    for (method, path, status) in [
        ("GET", "/v1/artifacts".to_owned(), 200),
        ("GET", "/v1/artifact-signer".to_owned(), 200),
        ("GET", path("pump@1"), 200),
        ("GET", content("pump@1"), 200),
        ("HEAD", content("pump@1"), 200),
        ("PUT", path("pump@2"), 403),
        ("DELETE", path("pump@1"), 403),
    ] {
        let asked = request(method, &path, &[], Body::from("abd"));
        let answer = send(node.router(Role::Viewer), asked).await;
        assert_eq!(answer.status.as_u16(), status, "{method} {path}");
    }
}

#[tokio::test]
async fn what_somebody_may_not_see_is_left_out() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    let body = Body::from("abd");
    let wanted = trunkline_artifact::NewArtifact::new("secret", "1").unwrap();
    node.artifacts.put(wanted, body, "acc_1").await.unwrap();
    let page = node.get("/v1/artifacts").await.json();
    assert_eq!(page["artifacts"].as_array().unwrap().len(), 1);
    assert_eq!(page["artifacts"][0]["name"], json!("pump"));
    // Whether it is there or not.
    for subject in ["secret@1", "secret@2"] {
        for (method, path) in [
            ("GET", path(subject)),
            ("GET", content(subject)),
            ("PUT", path(subject)),
            ("DELETE", path(subject)),
        ] {
            let answer = node.ask(method, &path, &[]).await;
            assert_eq!(
                answer.refused(),
                (403, "TL-ACCESS-003".into()),
                "{method} {path}"
            );
        }
    }
}

#[tokio::test]
async fn only_links_ask_for_no_credential() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    let (bare, _) =
        trunkline_artifact::routes(std::sync::Arc::clone(&node.artifacts)).split_for_parts();
    for path in [
        "/v1/artifacts",
        "/v1/artifact-signer",
        &path("pump@1"),
        &content("pump@1"),
    ] {
        let answer = send(bare.clone(), request("GET", path, &[], Body::empty())).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn content_is_described_as_bytes() {
    let node = Node::new().await;
    let (_, described) =
        trunkline_artifact::routes(std::sync::Arc::clone(&node.artifacts)).split_for_parts();
    let described = serde_json::to_value(described).unwrap();
    let paths = &described["paths"];
    let put = &paths["/v1/artifacts/{name}/{version}"]["put"]["requestBody"]["content"];
    let get =
        &paths["/v1/artifacts/{name}/{version}/content"]["get"]["responses"]["200"]["content"];
    for content in [put, get] {
        let schema = &content["application/octet-stream"]["schema"];
        assert_eq!(schema["$ref"], "#/components/schemas/ArtifactContent");
    }
    let bytes = &described["components"]["schemas"]["ArtifactContent"];
    assert_eq!(bytes, &json!({"type": "string", "format": "binary"}));
}
