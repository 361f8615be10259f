//! Removing.

use axum::http::StatusCode;
use serde_json::json;

use crate::support::{Node, content, path};

async fn remove(node: &Node, subject: &str) -> (u16, String) {
    node.ask("DELETE", &path(subject), &[]).await.refused()
}

#[tokio::test]
async fn what_is_removed_is_gone_and_told() {
    let mut node = Node::new().await;
    let made = node.add("pump@1", b"abc").await;
    assert_eq!(remove(&node, "pump@1").await.0, 204);
    assert!(node.files().is_empty());
    let told = json!({"name": "pump", "version": "1", "sha256": made["sha256"], "by": "tok_1"});
    assert_eq!(node.events("removed").await, [(json!("pump@1"), told)]);
    assert_eq!(
        remove(&node, "pump@1").await,
        (404, "TL-ARTIFACT-001".into())
    );
    node.restart().await;
    assert_eq!(
        node.get(&path("pump@1")).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(node.events("removed").await.len(), 1);
}

#[tokio::test]
async fn content_stays_for_as_long_as_one_artifact_has_it() {
    let mut node = Node::new().await;
    node.add("pump@1", b"abc").await;
    node.add("valve@1", b"abc").await;
    assert_eq!(node.files().len(), 1);
    assert_eq!(remove(&node, "pump@1").await.0, 204);
    node.restart().await;
    assert_eq!(node.get(&content("valve@1")).await.body, b"abc");
    assert_eq!(remove(&node, "valve@1").await.0, 204);
    assert!(node.files().is_empty());
}

#[tokio::test]
async fn what_a_job_uses_stays() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    node.add("pump@2", b"abd").await;
    node.jobs.uses("pump", "1");
    assert_eq!(
        remove(&node, "pump@1").await,
        (409, "TL-ARTIFACT-007".into())
    );
    assert_eq!(node.get(&content("pump@1")).await.body, b"abc");
    assert_eq!(remove(&node, "pump@2").await.0, 204);
    node.jobs.set_broken();
    assert_eq!(remove(&node, "pump@1").await, (500, "TL-WEB-007".into()));
    node.jobs.clear();
    assert_eq!(remove(&node, "pump@1").await.0, 204);
}

#[tokio::test]
async fn a_removal_that_is_not_kept_never_was() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    node.run("create trigger fail before insert on outbox begin select raise(abort, 'no'); end")
        .await;
    assert_eq!(remove(&node, "pump@1").await.0, 500);
    node.run("drop trigger fail").await;
    assert_eq!(node.get(&content("pump@1")).await.body, b"abc");
    assert_eq!(remove(&node, "pump@1").await.0, 204);
}
