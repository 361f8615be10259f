//! Placeholders in the documents of jobs.

use axum::http::StatusCode;
use serde_json::{Value, json};
use trunkline_artifact::ArtifactError;
use trunkline_model::Clock as _;

use crate::support::{BASE, Node, path};

#[tokio::test]
async fn placeholders_become_links_for_the_device() {
    let node = Node::new().await;
    let made = node.add("pump@1", b"abc").await;
    let document = json!({
        "operation": "update",
        "image": "${trunkline:artifact:pump@1}",
        "more": [1, null, {"same": "${trunkline:artifact:pump@1}", "${aws:x}": "plain"}],
    });
    node.artifacts.check(&document).unwrap();
    let filled = node
        .artifacts
        .fill(&document, "pump-7", node.clock.now())
        .unwrap();
    let image = &filled["image"];
    let members: Vec<_> = image
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(members.len(), 4, "{members:?}");
    assert_eq!(
        (&image["bytes"], &image["sha256"], &image["signature"]),
        (&json!(3), &made["sha256"], &made["signature"])
    );
    assert_eq!(
        filled["more"],
        json!([1, null, {"same": image, "${aws:x}": "plain"}])
    );
    assert_eq!(filled["operation"], "update");
    let url = image["url"].as_str().unwrap().strip_prefix(BASE).unwrap();
    assert_eq!(node.get(url).await.body, b"abc");
    let other = node
        .artifacts
        .fill(&document, "pump-8", node.clock.now())
        .unwrap();
    assert_ne!(other["image"]["url"], image["url"]);
}

#[tokio::test]
async fn a_document_without_placeholders_stays_as_it_is() {
    let node = Node::new().await;
    for document in [
        json!({"a": [1.5, "x", {"b": null}]}),
        json!({}),
        Value::Null,
    ] {
        assert_eq!(
            node.artifacts
                .fill(&document, "t", node.clock.now())
                .unwrap(),
            document
        );
    }
}

#[tokio::test]
async fn a_document_with_what_cannot_be_filled_is_refused() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    let now = node.clock.now();
    let unknown = json!({"a": ["${trunkline:artifact:pump@2}"]});
    assert!(
        matches!(node.artifacts.check(&unknown), Err(ArtifactError::Unknown(name)) if name == "pump@2")
    );
    assert!(matches!(
        node.artifacts.fill(&unknown, "t", now),
        Err(ArtifactError::Unknown(_))
    ));
    for wrong in [
        json!({"a": "get ${trunkline:artifact:pump@1}"}),
        json!({"a": "${trunkline:artifact:pump}"}),
        json!({"${trunkline:artifact:pump@1}": "a"}),
    ] {
        assert!(
            matches!(node.artifacts.check(&wrong), Err(ArtifactError::Invalid(_))),
            "{wrong}"
        );
        assert!(
            matches!(
                node.artifacts.fill(&wrong, "t", now),
                Err(ArtifactError::Invalid(_))
            ),
            "{wrong}"
        );
    }
    let gone = node.ask("DELETE", &path("pump@1"), &[]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(
        node.artifacts
            .check(&json!(["${trunkline:artifact:pump@1}"]))
            .is_err()
    );
}
