//! Uploading.

use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use trunkline_artifact::NewArtifact;

use crate::support::{Node, content, image, path};

/// The SHA-256 of `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

fn digest_of(hex: &str) -> String {
    let bytes: Vec<u8> = (0..64)
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect();
    format!("sha-256=:{}:", STANDARD.encode(bytes))
}

#[tokio::test]
async fn an_upload_is_measured_signed_kept_and_told() {
    let node = Node::new().await;
    let made = node
        .put_with("pump@1.4.0", &[("content-type", "application/zip")], "abc")
        .await;
    assert_eq!(made.status, StatusCode::CREATED);
    let shown = node.get(&path("pump@1.4.0")).await.json();
    assert_eq!(made.json(), shown);
    for (field, value) in [
        ("name", json!("pump")),
        ("version", json!("1.4.0")),
        ("bytes", json!(3)),
        ("sha256", json!(ABC)),
        ("content_type", json!("application/zip")),
        ("created", json!("2026-05-28T20:26:40.000000Z")),
        ("by", json!("tok_1")),
    ] {
        assert_eq!(shown[field], value, "{field}");
    }
    assert_eq!(shown["key"].as_str().unwrap().len(), 64);
    assert_eq!(node.files(), [ABC]);
    assert_eq!(std::fs::read(node.folder().join(ABC)).unwrap(), b"abc");
    let told = json!({
        "name": "pump", "version": "1.4.0", "bytes": 3, "sha256": ABC, "key": shown["key"], "by": "tok_1",
    });
    assert_eq!(node.events("added").await, [(json!("pump@1.4.0"), told)]);
}

#[tokio::test]
async fn content_that_comes_in_pieces_is_the_same_content() {
    let node = Node::new().await;
    let image = image(300_000);
    let pieces: Vec<_> = image
        .chunks(7_777)
        .map(Bytes::copy_from_slice)
        .map(Ok::<_, std::io::Error>)
        .collect();
    let body = Body::from_stream(stream::iter(pieces));
    assert_eq!(node.put("pump@1", body).await.status, StatusCode::CREATED);
    assert_eq!(node.get(&content("pump@1")).await.body, image);
}

#[tokio::test]
async fn the_same_content_again_changes_nothing() {
    let node = Node::new().await;
    let first = node.add("pump@1", b"abc").await;
    node.wait(5);
    let again = node.put("pump@1", "abc").await;
    assert_eq!((again.status, again.json()), (StatusCode::OK, first));
    assert_eq!(node.events("added").await.len(), 1);
    assert_eq!(node.files(), [ABC]);
}

#[tokio::test]
async fn other_content_under_the_same_version_is_refused() {
    let node = Node::new().await;
    let first = node.add("pump@1", b"abc").await;
    let other = node.put("pump@1", "abd").await;
    assert_eq!(other.refused(), (409, "TL-ARTIFACT-003".into()));
    assert_eq!(node.get(&path("pump@1")).await.json(), first);
    assert_eq!(node.files(), [ABC]);
    assert_eq!(node.put("pump@2", "abd").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn of_two_uploads_at_once_one_is_kept() {
    let node = Node::new().await;
    let (one, two) = tokio::join!(node.put("pump@1", "abc"), node.put("pump@1", "abd"));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    assert_eq!(
        (node.files().len(), node.events("added").await.len()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_digest_is_checked_where_it_is_given() {
    let node = Node::new().await;
    let good = digest_of(ABC);
    let wrong = node
        .put_with("pump@1", &[("content-digest", &good)], "abd")
        .await;
    assert_eq!(wrong.refused(), (400, "TL-ARTIFACT-006".into()));
    let odd = node
        .put_with("pump@1", &[("content-digest", "sha-256=abc")], "abc")
        .await;
    assert_eq!(odd.refused(), (422, "TL-ARTIFACT-002".into()));
    assert!(node.files().is_empty() && node.events("added").await.is_empty());
    let right = node
        .put_with("pump@1", &[("content-digest", &good)], "abc")
        .await;
    assert_eq!(right.status, StatusCode::CREATED);
}

#[tokio::test]
async fn what_cannot_be_an_artifact_is_refused() {
    let node = Node::new().await;
    let invalid = (422, "TL-ARTIFACT-002".to_owned());
    assert_eq!(node.put("pump@1", "").await.refused(), invalid);
    for bad in ["-pump@1", "pump@.", "pu%20mp@1", "pump+@1", "pump@1%2F2"] {
        assert_eq!(node.put(bad, "abc").await.refused(), invalid, "{bad}");
    }
    let part = node
        .put_with("pump@1", &[("content-range", "bytes 0-2/9")], "abc")
        .await;
    assert_eq!(part.refused(), (400, "TL-WEB-003".into()));
    let packed = node
        .put_with("pump@1", &[("content-encoding", "gzip")], "abc")
        .await;
    assert_eq!(packed.refused(), (415, "TL-WEB-005".into()));
    assert!(node.files().is_empty());
}

#[tokio::test]
async fn an_upload_that_breaks_off_leaves_nothing() {
    let node = Node::new().await;
    let pieces = [
        Ok(Bytes::from("abc")),
        Err(std::io::Error::other("the cable")),
    ];
    let broken = node
        .put("pump@1", Body::from_stream(stream::iter(pieces)))
        .await;
    assert_eq!(broken.refused(), (400, "TL-WEB-003".into()));
    // Whoever sent it goes away in the middle.
    let endless = stream::once(async { Ok::<_, std::io::Error>(Bytes::from("abc")) })
        .chain(stream::pending());
    let wanted = NewArtifact::new("pump", "1").unwrap();
    let mut upload = Box::pin(
        node.artifacts
            .put(wanted, Body::from_stream(endless), "acc_1"),
    );
    while node.files().is_empty() {
        assert!(futures::poll!(&mut upload).is_pending());
        tokio::task::yield_now().await;
    }
    drop(upload);
    assert!(node.files().is_empty() && node.events("added").await.is_empty());
    assert_eq!(
        node.get(&path("pump@1")).await.refused(),
        (404, "TL-ARTIFACT-001".into())
    );
}

#[tokio::test]
async fn artifacts_are_listed_in_pages() {
    let node = Node::new().await;
    for subject in ["pump@2", "pump@1", "valve@1", "pump-b@1"] {
        node.add(subject, subject.as_bytes()).await;
    }
    let page = |query: &str| {
        let path = format!("/v1/artifacts{query}");
        let node = &node;
        async move {
            let page = node.get(&path).await.json();
            let name = |one: &Value| {
                format!(
                    "{}@{}",
                    one["name"].as_str().unwrap(),
                    one["version"].as_str().unwrap()
                )
            };
            let names: Vec<_> = page["artifacts"]
                .as_array()
                .unwrap()
                .iter()
                .map(name)
                .collect();
            (names.join(" "), page["next"].clone())
        }
    };
    assert_eq!(
        page("").await,
        ("pump-b@1 pump@1 pump@2 valve@1".into(), Value::Null)
    );
    assert_eq!(
        page("?limit=2").await,
        ("pump-b@1 pump@1".into(), json!("pump@1"))
    );
    assert_eq!(
        page("?limit=2&after=pump@1").await,
        ("pump@2 valve@1".into(), Value::Null)
    );
    assert_eq!(
        page("?name=pump&limit=1").await,
        ("pump@1".into(), json!("pump@1"))
    );
    assert_eq!(
        page("?name=pump&after=pump@1").await,
        ("pump@2".into(), Value::Null)
    );
    assert_eq!(page("?name=pum").await, (String::new(), Value::Null));
}
