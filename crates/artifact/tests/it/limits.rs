//! Limits of size, of all together, and of how much is under way.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use futures::stream;
use tower::ServiceExt as _;
use trunkline_artifact::{ArtifactConfig, NewArtifact};
use trunkline_model::Role;

use crate::support::{Node, content, image, path, request};

async fn small() -> Node {
    Node::with(ArtifactConfig {
        max_bytes: 10,
        max_total_bytes: 25,
        ..ArtifactConfig::default()
    })
    .await
}

#[tokio::test]
async fn an_artifact_has_at_most_so_many_bytes() {
    let node = small().await;
    assert_eq!(
        node.put("pump@1", vec![0; 10]).await.status,
        StatusCode::CREATED
    );
    let pieces = (0..11).map(|_| Ok::<_, std::io::Error>(Bytes::from_static(b"x")));
    let streamed = node
        .put("pump@2", Body::from_stream(stream::iter(pieces)))
        .await;
    assert_eq!(streamed.refused(), (413, "TL-ARTIFACT-004".into()));
    // What is announced is refused before any of it comes.
    let silent = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let announced = node
        .put_with("pump@2", &[("content-length", "11")], silent)
        .await;
    assert_eq!(announced.refused(), (413, "TL-ARTIFACT-004".into()));
    assert_eq!(node.files().len(), 1);
}

#[tokio::test]
async fn all_together_have_at_most_so_many_bytes() {
    let mut node = small().await;
    node.add("a@1", &[1; 10]).await;
    node.add("b@1", &[2; 10]).await;
    assert_eq!(
        node.put("c@1", vec![3; 6]).await.refused(),
        (507, "TL-ARTIFACT-005".into())
    );
    node.restart().await;
    assert_eq!(
        node.put("c@1", vec![3; 6]).await.status,
        StatusCode::INSUFFICIENT_STORAGE
    );
    // Content that is there already counts once, and what is refused or removed does not count.
    assert_eq!(
        node.put("b@1", vec![4; 5]).await.status,
        StatusCode::CONFLICT
    );
    node.add("c@1", &[3; 5]).await;
    assert_eq!(
        node.ask("DELETE", &path("a@1"), &[]).await.status,
        StatusCode::NO_CONTENT
    );
    node.add("d@1", &[2; 10]).await;
    node.add("e@1", &[5; 10]).await;
    assert_eq!(
        node.put("f@1", "x").await.status,
        StatusCode::INSUFFICIENT_STORAGE
    );
}

#[tokio::test]
async fn there_are_so_many_uploads_at_once() {
    let node = Node::with(ArtifactConfig {
        max_uploads: 1,
        ..ArtifactConfig::default()
    })
    .await;
    let silent = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let wanted = NewArtifact::new("pump", "1").unwrap();
    let mut first = Box::pin(node.artifacts.put(wanted, silent, "acc_1"));
    assert!(futures::poll!(&mut first).is_pending());
    let second = node.put("pump@2", "abc").await;
    assert_eq!(second.refused(), (503, "TL-ARTIFACT-010".into()));
    assert_eq!(second.header("retry-after"), "10");
    drop(first);
    node.add("pump@2", b"abc").await;
}

/// With room for one download, which begins and of which nothing is taken.
async fn one_download(stall_seconds: u32) -> (Node, axum::response::Response) {
    let config = ArtifactConfig {
        max_downloads: 1,
        stall_seconds,
        ..ArtifactConfig::default()
    };
    let node = Node::with(config).await;
    node.add("pump@1", &image(1_000_000)).await;
    let first = request("GET", &content("pump@1"), &[], Body::empty());
    let first = node.router(Role::Operator).oneshot(first).await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    (node, first)
}

/// Asks until there is room.
async fn wait_for_room(node: &Node) {
    for _ in 0..6_000 {
        match node.get(&content("pump@1")).await.status {
            StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(Duration::from_millis(10)).await,
            status => return assert_eq!(status, StatusCode::OK),
        }
    }
    panic!("there is never room");
}

#[tokio::test]
async fn there_are_so_many_downloads_at_once() {
    let (node, first) = one_download(300).await;
    let second = node.get(&content("pump@1")).await;
    assert_eq!(second.refused(), (503, "TL-ARTIFACT-010".into()));
    assert_eq!(second.header("retry-after"), "10");
    // A look at what there is takes no place.
    assert_eq!(
        node.ask("HEAD", &content("pump@1"), &[]).await.status,
        StatusCode::OK
    );
    drop(first);
    wait_for_room(&node).await;
}

#[tokio::test]
async fn a_download_whose_client_takes_nothing_gives_its_place_back() {
    let (node, first) = one_download(1).await;
    wait_for_room(&node).await;
    // What it would have got ends early, and says so.
    let got = axum::body::to_bytes(first.into_body(), usize::MAX).await;
    assert!(got.is_err());
}

#[tokio::test]
async fn content_is_read_in_small_pieces() {
    let node = Node::new().await;
    let image = image(200_000);
    node.add("pump@1", &image).await;
    let whole = request("GET", &content("pump@1"), &[], Body::empty());
    let response = node.router(Role::Operator).oneshot(whole).await.unwrap();
    let pieces: Vec<_> = futures::StreamExt::collect(response.into_body().into_data_stream()).await;
    let pieces: Vec<Bytes> = pieces.into_iter().map(Result::unwrap).collect();
    assert!(pieces.len() > 3 && pieces.iter().all(|piece| piece.len() <= 64 * 1024));
    assert_eq!(pieces.concat(), image);
}
