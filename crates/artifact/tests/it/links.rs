//! Links for devices.

use axum::http::StatusCode;
use trunkline_artifact::Link;
use trunkline_model::Clock as _;

use crate::support::{Answer, BASE, Node, path, request, send};

fn link(node: &Node, thing: &str, name: &str, version: &str) -> Link {
    node.artifacts
        .link(thing, name, version, node.clock.now())
        .unwrap()
}

/// What a device without any credential gets.
async fn follow(node: &Node, url: &str) -> Answer {
    let url = url.strip_prefix(BASE).unwrap();
    send(
        node.open_router(),
        request("GET", url, &[], axum::body::Body::empty()),
    )
    .await
}

async fn refused(node: &Node, url: &str) {
    let answer = follow(node, url).await;
    assert_eq!(answer.refused(), (403, "TL-ARTIFACT-008".into()), "{url}");
}

#[tokio::test]
async fn a_link_is_all_that_a_device_needs() {
    let node = Node::new().await;
    let made = node.add("pump@1.0+b", b"abc").await;
    let link = link(&node, "pump:7", "pump", "1.0+b");
    assert_eq!(made["sha256"], link.sha256);
    assert_eq!(
        (&made["signature"], link.bytes),
        (&link.signature.clone().into(), 3)
    );
    assert!(
        link.url
            .starts_with("https://trunkline.example/ota/pump/1.0+b?thing=pump%3A7&expires=")
    );
    let whole = follow(&node, &link.url).await;
    assert_eq!(
        (whole.status, &whole.body[..]),
        (StatusCode::OK, &b"abc"[..])
    );
    let part = request(
        "GET",
        link.url.strip_prefix(BASE).unwrap(),
        &[("range", "bytes=1-1")],
        axum::body::Body::empty(),
    );
    let part = send(node.open_router(), part).await;
    assert_eq!(
        (part.status, &part.body[..]),
        (StatusCode::PARTIAL_CONTENT, &b"b"[..])
    );
    assert_eq!(
        node.artifacts.link("pump:7", "pump", "2", node.clock.now()),
        None
    );
}

#[tokio::test]
async fn a_link_is_good_for_a_while() {
    let mut node = Node::new().await;
    node.add("pump@1", b"abc").await;
    let link = link(&node, "pump-7", "pump", "1");
    assert_eq!(link.expires, node.clock.now().plus_micros(3_600_000_000));
    node.wait(3_599);
    node.restart().await;
    assert_eq!(follow(&node, &link.url).await.status, StatusCode::OK);
    node.wait(1);
    let ended = follow(&node, &link.url).await;
    assert_eq!(ended.refused(), (403, "TL-ARTIFACT-008".into()));
    let detail = ended.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("2026-05-28T21:26:40"), "{detail}");
}

#[tokio::test]
async fn a_link_that_was_changed_is_refused() {
    let node = Node::new().await;
    for subject in ["pump@1", "pump@2", "valve@1"] {
        node.add(subject, b"abc").await;
    }
    let link = link(&node, "pump-7", "pump", "1");
    let expires = (link.expires.as_micros() / 1_000_000).to_string();
    let later = (link.expires.as_micros() / 1_000_000 + 1).to_string();
    let seal = link.url.rsplit_once('=').unwrap().1;
    let mut other = seal.to_owned();
    other.replace_range(5..6, if &seal[5..6] == "A" { "B" } else { "A" });
    for (from, to) in [
        ("/ota/pump/1", "/ota/pump/2"),
        ("/ota/pump/1", "/ota/valve/1"),
        ("/ota/pump/1", "/ota/nothing/1"),
        ("thing=pump-7", "thing=pump-8"),
        ("thing=pump-7", "thing="),
        (expires.as_str(), later.as_str()),
        (expires.as_str(), "9223372036854775807"),
        (expires.as_str(), "-1"),
        (seal, other.as_str()),
        (seal, ""),
        (seal, "AAAA"),
        (seal, "%00"),
    ] {
        assert!(link.url.contains(from));
        refused(&node, &link.url.replace(from, to)).await;
    }
    let bare = follow(&node, &format!("{BASE}/ota/pump/1")).await;
    assert_eq!(bare.refused(), (400, "TL-WEB-006".into()));
    assert_eq!(follow(&node, &link.url).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_link_of_another_platform_is_refused() {
    let (node, mut other) = (Node::new().await, Node::new().await);
    for one in [&node, &other] {
        one.add("pump@1", b"abc").await;
    }
    // The same seed made the same key.
    let url = link(&other, "pump-7", "pump", "1").url;
    assert_eq!(follow(&node, &url).await.status, StatusCode::OK);
    other
        .run("update artifact_signer set link_key = x'00'")
        .await;
    other.restart().await;
    refused(&node, &link(&other, "pump-7", "pump", "1").url).await;
}

#[tokio::test]
async fn a_link_never_leads_to_what_came_later_under_the_same_version() {
    let node = Node::new().await;
    node.add("pump@1", b"abc").await;
    let link = link(&node, "pump-7", "pump", "1");
    let gone = node.ask("DELETE", &path("pump@1"), &[]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    refused(&node, &link.url).await;
    node.add("pump@1", b"abd").await;
    refused(&node, &link.url).await;
}
