//! Downloading, rule by rule.

use axum::http::StatusCode;

use crate::support::{Answer, Node, content};

const IMAGE: &[u8] = b"0123456789";
const SHA256: &str = "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882";

async fn node() -> Node {
    let node = Node::new().await;
    node.add("pump@1", IMAGE).await;
    node
}

async fn ask(node: &Node, method: &str, headers: &[(&str, &str)]) -> Answer {
    node.ask(method, &content("pump@1"), headers).await
}

fn is_whole(answer: &Answer) {
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, IMAGE));
    assert_eq!(
        (
            answer.header("content-length"),
            answer.header("content-range")
        ),
        ("10", "")
    );
}

#[tokio::test]
async fn the_whole_comes_with_its_tag_and_its_digest() {
    let node = node().await;
    let whole = ask(&node, "GET", &[]).await;
    is_whole(&whole);
    assert_eq!(whole.header("etag"), format!("\"{SHA256}\""));
    assert_eq!(
        whole.header("repr-digest"),
        "sha-256=:hNiYd/DUBB77a/kaFvAkjy/Vc+avBcGflr7bn4gveII=:"
    );
    for (name, value) in [
        ("accept-ranges", "bytes"),
        ("content-type", "application/octet-stream"),
        ("content-disposition", "attachment; filename=\"pump-1\""),
        ("cache-control", "private, no-cache"),
    ] {
        assert_eq!(whole.header(name), value, "{name}");
    }
}

#[tokio::test]
async fn a_look_says_what_there_is() {
    let node = node().await;
    let (look, whole) = (ask(&node, "HEAD", &[]).await, ask(&node, "GET", &[]).await);
    assert_eq!((look.status, look.body.len()), (StatusCode::OK, 0));
    assert_eq!(look.headers, whole.headers);
    let part = ask(&node, "HEAD", &[("range", "bytes=2-4")]).await;
    assert_eq!(
        (part.status, part.header("content-length")),
        (StatusCode::OK, "10")
    );
}

#[tokio::test]
async fn one_range_is_a_part() {
    let node = node().await;
    for (range, part, of) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=7-99", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=-99", "0123456789", "bytes 0-9/10"),
        ("bytes=0-0", "0", "bytes 0-0/10"),
    ] {
        let answer = ask(&node, "GET", &[("range", range)]).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(answer.body, part.as_bytes(), "{range}");
        assert_eq!(answer.header("content-range"), of);
        assert_eq!(answer.header("content-length"), part.len().to_string());
        assert_eq!(answer.header("etag"), format!("\"{SHA256}\""));
    }
}

#[tokio::test]
async fn a_range_behind_the_end_is_refused_with_the_length() {
    let node = node().await;
    for range in ["bytes=10-", "bytes=10-12", "bytes=-0"] {
        let answer = ask(&node, "GET", &[("range", range)]).await;
        assert_eq!(answer.refused(), (416, "TL-ARTIFACT-009".into()), "{range}");
        assert_eq!(answer.header("content-range"), "bytes */10");
        assert_eq!(answer.header("accept-ranges"), "bytes");
    }
}

#[tokio::test]
async fn several_ranges_and_what_is_none_are_answered_with_the_whole() {
    let node = node().await;
    for range in ["bytes=0-1,4-5", "bytes=4-2", "lines=1-2", "bytes=x"] {
        is_whole(&ask(&node, "GET", &[("range", range)]).await);
    }
}

#[tokio::test]
async fn a_range_of_other_content_is_answered_with_the_whole() {
    let node = node().await;
    let tag = format!("\"{SHA256}\"");
    let same = ask(&node, "GET", &[("range", "bytes=2-4"), ("if-range", &tag)]).await;
    assert_eq!(
        (same.status, &same.body[..]),
        (StatusCode::PARTIAL_CONTENT, &b"234"[..])
    );
    for other in [
        "\"old\"",
        &format!("W/{tag}"),
        "Thu, 26 Nov 2026 08:00:00 GMT",
    ] {
        is_whole(&ask(&node, "GET", &[("range", "bytes=2-4"), ("if-range", other)]).await);
    }
}

#[tokio::test]
async fn who_has_the_content_gets_none() {
    let node = node().await;
    let tag = format!("\"{SHA256}\"");
    for had in [tag.as_str(), &format!("\"old\", W/{tag}"), "*"] {
        for method in ["GET", "HEAD"] {
            let answer = ask(
                &node,
                method,
                &[("if-none-match", had), ("range", "bytes=99-")],
            )
            .await;
            assert_eq!(
                (answer.status, answer.body.len()),
                (StatusCode::NOT_MODIFIED, 0),
                "{had}"
            );
            assert_eq!(answer.header("etag"), tag);
        }
    }
    is_whole(&ask(&node, "GET", &[("if-none-match", "\"old\"")]).await);
}

#[tokio::test]
async fn who_expects_other_content_gets_none() {
    let node = node().await;
    let other = ask(
        &node,
        "GET",
        &[("if-match", "\"old\""), ("range", "bytes=2-4")],
    )
    .await;
    assert_eq!(other.refused(), (412, "TL-ARTIFACT-011".into()));
    let tag = format!("\"{SHA256}\"");
    let same = ask(&node, "GET", &[("if-match", &tag), ("range", "bytes=2-4")]).await;
    assert_eq!(same.status, StatusCode::PARTIAL_CONTENT);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_downloaded() {
    let node = node().await;
    for subject in ["pump@2", "valve@1"] {
        let answer = node.get(&content(subject)).await;
        assert_eq!(answer.refused(), (404, "TL-ARTIFACT-001".into()));
    }
}
