//! What a crash leaves behind, and what outlives a restart.

use axum::http::StatusCode;

use crate::support::{Node, content, path};

#[tokio::test]
async fn what_a_crash_left_goes_away_at_the_next_start() {
    let mut node = Node::new().await;
    let known = node.add("pump@1", b"abc").await["sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    let unknown = "0".repeat(64);
    for name in ["01JDFXV3W8N6B1QK5T9C7M2R4A.part", &unknown, "notes.txt"] {
        std::fs::write(node.folder().join(name), "left").unwrap();
    }
    node.restart().await;
    // Content may be of a table that is put back later. What somebody else put there is none of our business.
    let mut left = [known.as_str(), "notes.txt", unknown.as_str()];
    left.sort_unstable();
    assert_eq!(node.files(), left);
    node.make_old(&unknown);
    node.restart().await;
    assert_eq!(node.files(), [known.as_str(), "notes.txt"]);
    assert_eq!(node.get(&content("pump@1")).await.body, b"abc");
}

#[tokio::test]
async fn a_file_without_its_row_is_an_orphan() {
    let mut node = Node::new().await;
    node.run("create trigger fail before insert on artifact begin select raise(abort, 'no'); end")
        .await;
    assert_eq!(
        node.put("pump@1", "abc").await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    assert_eq!(
        node.get(&path("pump@1")).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(node.events("added").await.is_empty());
    let left = node.files();
    assert_eq!(left.len(), 1);
    node.run("drop trigger fail").await;
    node.make_old(&left[0]);
    node.restart().await;
    assert!(node.files().is_empty());
    node.add("pump@1", b"abc").await;
}

#[tokio::test]
async fn an_orphan_becomes_the_file_of_who_comes_next() {
    let node = Node::new().await;
    node.run("create trigger fail before insert on outbox begin select raise(abort, 'no'); end")
        .await;
    assert_eq!(
        node.put("pump@1", "abc").await.status,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    node.run("drop trigger fail").await;
    node.add("pump@1", b"abc").await;
    assert_eq!(
        (node.files().len(), node.events("added").await.len()),
        (1, 1)
    );
}

#[tokio::test]
async fn artifacts_and_their_key_outlive_a_restart() {
    let mut node = Node::new().await;
    let before = node.add("pump@1", b"abc").await;
    let chain = node.artifacts.signer_chain().to_owned();
    let link = node.get("/v1/artifact-signer").await;
    assert_eq!(link.body, chain.as_bytes());
    node.restart().await;
    assert_eq!(node.get(&path("pump@1")).await.json(), before);
    assert_eq!(node.get(&content("pump@1")).await.body, b"abc");
    assert_eq!(node.artifacts.signer_chain(), chain);
    assert_eq!(node.add("pump@2", b"abd").await["key"], before["key"]);
}

#[tokio::test]
async fn lost_content_is_told_and_comes_back_by_the_same_upload() {
    let mut node = Node::new().await;
    let sha256 = node.add("pump@1", b"abc").await["sha256"]
        .as_str()
        .unwrap()
        .to_owned();
    for broken in [None, Some("ab")] {
        let file = node.folder().join(&sha256);
        std::fs::remove_file(&file).unwrap();
        if let Some(rest) = broken {
            std::fs::write(&file, rest).unwrap();
        } else {
            let lost = node.get(&content("pump@1")).await;
            assert_eq!(lost.refused(), (500, "TL-ARTIFACT-012".into()));
        }
        node.restart().await;
        assert_eq!(node.put("pump@1", "abc").await.status, StatusCode::OK);
        assert_eq!(node.get(&content("pump@1")).await.body, b"abc");
    }
    assert_eq!(node.events("added").await.len(), 1);
}
